"""The hub of one web process: follows the committed changes and hands them to the channels people look at."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from starlette.types import Scope

from mattranso_app.core.access import Actor
from mattranso_app.core.errors import DomainError, NotFound, Unavailable
from mattranso_app.core.live import topics
from mattranso_app.core.live.channel import Change, Channel, Pulse
from mattranso_app.core.live.cursor import Cursor
from mattranso_app.core.live.farewell import Farewell
from mattranso_app.core.live.follower import Follower
from mattranso_app.core.live.memory import raise_file_limit
from mattranso_app.core.live.publish import close_notifier
from mattranso_app.core.live.viewer import Viewer
from mattranso_app.settings import settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds and rhythms of one hub; times in seconds.

    Attributes:
        viewers: open streams of this process.
        viewers_per_address: of one network address.
        channels: topics held at once.
        poll: how often to look without having been woken.
        gap: between two looks that found something; a burst of changes becomes a few larger events.
        beat: between heartbeats; proxies cut silent streams after 30–60.
        recheck: how often readers of topics that are not public are checked again.
        idle: how long a topic nobody looks at is kept.
        stuck: how long one write may take before the viewer is cut.
        stale: how long the database may be away before viewers are told.
        batch: changes read in one go; beyond it the topics are read afresh instead.
        loads: topics read from the database at once.
    """

    viewers: int = 12_000
    viewers_per_address: int = 500
    channels: int = 2_000
    poll: float = 1.0
    gap: float = 0.04
    beat: float = 10.0
    recheck: float = 3.0
    idle: float = 30.0
    stuck: float = 60.0
    stale: float = 1.5
    batch: int = 2_000
    loads: int = 4


Resolver = Callable[[Scope], Awaitable[Actor]]
_resolver: Resolver | None = None


def set_actor_resolver(resolver: Resolver | None) -> None:
    """Say how to find out again who is behind an open stream: `async (scope) -> Actor`, from its session cookie.

    With it a revoked session loses its streams within `Limits.recheck` seconds; with None readers stay who they were.
    """
    global _resolver
    _resolver = resolver


class Hub:
    """Follows `live_change` and serves viewers. Open it in the lifespan, after the database pool."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.pulse = Pulse()
        self._channels: dict[str, Channel] = {}
        self._viewers = 0
        self._addresses: Counter[str] = Counter()
        self._loads = asyncio.Semaphore(self.limits.loads)
        self._tasks: list[asyncio.Task[None]] = []
        self._follower = Follower(self, poll=self.limits.poll, gap=self.limits.gap, batch=self.limits.batch)
        self._closing = False
        self._farewell: Farewell | None = None
        self._empty = asyncio.Event()

    # ---- life

    async def open(self) -> None:
        """Start following. Returns at once; requests wait until the database has been reached."""
        self._farewell = Farewell(self.end)
        self._follower.start()
        create = asyncio.get_running_loop().create_task
        self._tasks = [create(self._tick()), create(self._recheck_for_ever())]

    def end(self) -> None:
        """Say goodbye to all viewers and take no more."""
        self._closing = True
        for channel in self._channels.values():
            channel.end("restart")

    async def close(self) -> None:
        """Say goodbye to all viewers and stop."""
        self.end()
        if self._farewell is not None:
            self._farewell.remove()
        if self._viewers:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._empty.wait(), 2)
        for channel in self._channels.values():
            for viewer in tuple(channel.viewers):
                viewer.cut()
            await channel.close()
        await self._follower.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._channels.clear()

    # ---- topics and viewers

    async def channel(self, name: str, actor: Actor) -> Channel:
        """Return the channel of topic `name`, read and current.

        Raises:
            NotFound: there is no such topic, or nothing behind it.
            SignInRequired, Forbidden: `actor` may not read it.
            Unavailable: too many topics are open, or the database cannot be reached.
        """
        found = topics.find(name)
        if found is None:
            raise NotFound()
        topic, params = found
        await topics.require_reader(topic, params, actor)
        channel = self._channels.get(name)
        if channel is None or channel.gone:
            if len(self._channels) >= self.limits.channels:
                self._drop_idle(everything=True)
            if len(self._channels) >= self.limits.channels:
                raise Unavailable(retry_after=_soon())
            await self._reach()
            channel = self._channels.get(name)
            if channel is None or channel.gone:
                channel = self._channels[name] = Channel(name, topic, params, self.pulse, self._loads)
        channel.asked += 1
        try:
            await channel.ready()
        finally:
            channel.asked -= 1
            channel.used = time.monotonic()
            if channel.cursor is None and not channel.is_reading and self._channels.get(name) is channel:
                del self._channels[name]
        return channel

    async def _reach(self) -> None:
        try:
            await asyncio.wait_for(self._follower.reached(), 3)
        except TimeoutError as error:
            raise Unavailable(retry_after=_soon()) from error

    def admit(self, viewer: Viewer) -> None:
        """Count `viewer` in and let changes reach it.

        Raises:
            Unavailable: too many streams are open here, or from this address; it says when to come back.
        """
        if (
            self._closing
            or self._viewers >= self.limits.viewers
            or self._addresses[viewer.address] >= self.limits.viewers_per_address
        ):
            raise Unavailable(retry_after=_soon())
        self._viewers += 1
        self._empty.clear()
        self._addresses[viewer.address] += 1
        viewer.channel.viewers.add(viewer)

    def dismiss(self, viewer: Viewer) -> None:
        """Count `viewer` out."""
        viewer.leave()
        viewer.channel.viewers.discard(viewer)
        viewer.channel.used = time.monotonic()
        self._viewers -= 1
        if not self._viewers:
            self._empty.set()
        self._addresses[viewer.address] -= 1
        if not self._addresses[viewer.address]:
            del self._addresses[viewer.address]

    def figures(self) -> dict[str, int]:
        """Return what an operator watches: open streams, topics, and 1 while the database is away."""
        return {"viewers": self._viewers, "topics": len(self._channels), "stale": int(self.pulse.stale)}

    # ---- what the follower tells

    def topics(self) -> list[str]:
        """Return the names of the topics somebody looks at."""
        return list(self._channels)

    def take(self, name: str, changes: list[Change], cursor: Cursor) -> None:
        """Hand committed changes of one topic to its channel."""
        channel = self._channels.get(name)
        if channel is None:
            return
        try:
            channel.take_changes(changes, cursor)
        except Exception:
            log.exception("live: the changes of %s do not fit", name)
            channel.refresh()

    def refresh_all(self) -> None:
        """Read every topic afresh that somebody looks at."""
        self._drop_idle(everything=True)
        for channel in self._channels.values():
            channel.refresh()

    def _say_whether_stale(self, now: float) -> None:
        lost = self._follower.lost_since
        stale = lost is not None and now - lost > self.limits.stale
        if stale != self.pulse.stale:
            self.pulse.stale = stale
            self._beat()

    # ---- rhythm

    async def _tick(self) -> None:
        next_beat = time.monotonic()
        while True:
            await asyncio.sleep(0.5)
            now = time.monotonic()
            try:
                self._say_whether_stale(now)
                if now >= next_beat:
                    next_beat = now + self.limits.beat
                    self._beat()
                    self._drop_idle()
                    self._cut_stuck(now)
            except Exception:
                log.exception("live: the hub's rhythm failed")

    def _beat(self) -> None:
        self.pulse.advance()
        for channel in self._channels.values():
            channel.wake()

    def _drop_idle(self, everything: bool = False) -> None:
        horizon = time.monotonic() - (0 if everything else self.limits.idle)
        for name, channel in list(self._channels.items()):
            if not (channel.viewers or channel.asked or channel.is_reading) and channel.used <= horizon:
                del self._channels[name]

    def _cut_stuck(self, now: float) -> None:
        for channel in self._channels.values():
            for viewer in tuple(channel.viewers):
                if viewer.sending_since and now - viewer.sending_since > self.limits.stuck:
                    viewer.cut()

    async def _recheck_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self.limits.recheck)
            try:
                await self._recheck()
            except Exception:
                log.exception("live: checking readers again failed")

    async def _recheck(self) -> None:
        """Close the streams of those who may no longer read: session revoked, right withdrawn."""
        sessions: dict[object, list[Viewer]] = {}
        for channel in self._channels.values():
            if not channel.topic.is_public:
                for viewer in channel.viewers:
                    sessions.setdefault(viewer.identity, []).append(viewer)
        waiting = iter(sessions.values())

        async def check() -> None:
            for viewers in waiting:
                await _refuse_if_gone(viewers)

        await asyncio.gather(*(check() for _ in range(self.limits.loads)))


async def _refuse_if_gone(viewers: list[Viewer]) -> None:
    """Close those of `viewers`, who are of one session, who may no longer read."""
    first = viewers[0]
    try:
        actor = await _resolver(first.scope) if _resolver is not None else first.actor
        allowed = [await viewer.channel.topic.may_read(actor, viewer.channel.params) for viewer in viewers]
    except Unavailable:
        # With the database away nobody can be looked up, but nothing new is shown either.
        return
    except DomainError:
        allowed = [False] * len(viewers)
    except Exception:
        # Whoever is sent off in error comes back through the door.
        log.exception("live: a reader of %s could not be checked", first.channel.name)
        allowed = [False] * len(viewers)
    for viewer, stays in zip(viewers, allowed, strict=True):
        if not stays:
            viewer.refuse()


def _soon() -> int:
    return random.randint(2, 8)  # noqa: S311


_hub: Hub | None = None


async def start(limits: Limits | None = None) -> None:
    """Open the hub of this web process; in the lifespan, after the database pool. Workers only publish and need none."""
    global _hub
    await stop()
    raise_file_limit()
    config = settings()
    _hub = Hub(limits or Limits(viewers=config.live_viewers, viewers_per_address=config.live_viewers_per_address))
    await _hub.open()


async def stop() -> None:
    """Close the hub and this process's NOTIFY connection, before the database pool; safe to call twice."""
    global _hub
    if _hub is not None:
        closing, _hub = _hub, None
        await closing.close()
    await close_notifier()


def hub() -> Hub:
    """Return the open hub.

    Raises:
        Unavailable: it is not open (the process is starting or stopping).
    """
    if _hub is None:
        raise Unavailable(retry_after=_soon())
    return _hub
