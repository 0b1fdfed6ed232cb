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
from typing import Any

import psycopg
from starlette.types import Scope

from mattranso_app.core import db
from mattranso_app.core.access import Actor
from mattranso_app.core.errors import DomainError, NotFound, Unavailable
from mattranso_app.core.live import topics, wake
from mattranso_app.core.live.channel import Change, Channel, Pulse
from mattranso_app.core.live.cursor import Cursor
from mattranso_app.core.live.memory import raise_file_limit
from mattranso_app.core.live.publish import CHANNEL, close_notifier
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


_NOW = "SELECT pg_current_snapshot()::text"
# One statement, hence one snapshot: the rows and the cursor belong together. What the last cursor did not see is what
# was running then or began since; both are found by index, so one long transaction does not make this slow.
# By id: of two writers of the same row the one that waited for the other's lock took its id later.
_NEW = """
SELECT pg_current_snapshot()::text, c.xact::text, c.topic, c.change::text
FROM (VALUES (1)) AS always
LEFT JOIN (
  SELECT id, xact, topic, change FROM live_change
  WHERE (xact = ANY (%(running)s::text[]::xid8[]) OR xact >= %(xmax)s::text::xid8) AND topic = ANY (%(topics)s)
  ORDER BY id LIMIT %(limit)s
) AS c ON true
ORDER BY c.id
"""

Resolver = Callable[[Scope], Awaitable[Actor]]
_resolver: Resolver | None = None


def set_actor_resolver(resolver: Resolver) -> None:
    """Say how to find out again who is behind an open stream: `async (scope) -> Actor`, from its session cookie.

    With it a revoked session loses its streams within `Limits.recheck` seconds.
    """
    global _resolver
    _resolver = resolver


class Hub:
    """Follows `live_change` and serves viewers. Open it in the lifespan, after the database pool."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.pulse = Pulse()
        self.cursor: Cursor | None = None
        self._channels: dict[str, Channel] = {}
        self._viewers = 0
        self._addresses: Counter[str] = Counter()
        self._wake = asyncio.Event()
        self._loads = asyncio.Semaphore(self.limits.loads)
        self._tasks: list[asyncio.Task[None]] = []
        self._connected = asyncio.Event()
        self._lost: float | None = None
        self._last_look = 0.0
        self._fruitful = 0.0
        self._closing = False
        self._empty = asyncio.Event()

    # ---- life

    async def open(self) -> None:
        """Start following. Returns at once; requests wait until the database has been reached."""
        wake.register(self._wake)
        create = asyncio.get_running_loop().create_task
        self._lost = time.monotonic()
        self._tasks = [create(self._follow()), create(self._listen()), create(self._tick())]

    async def close(self) -> None:
        """Say goodbye to all viewers and stop."""
        self._closing = True
        wake.unregister(self._wake)
        for channel in self._channels.values():
            channel.end("restart")
        if self._viewers:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._empty.wait(), 2)
        for channel in self._channels.values():
            for viewer in tuple(channel.viewers):
                viewer.cut()
            await channel.close()
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
            if self.cursor is None:
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
            await asyncio.wait_for(self._connected.wait(), 3)
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

    # ---- following

    async def _follow(self) -> None:
        """Read new changes whenever woken, and once a second anyway; reconnect for ever."""
        delay = 0.05
        while True:
            try:
                async with await self._connect("live") as connection:
                    await self._start(connection)
                    delay = 0.05
                    while True:
                        await self._look(connection)
                        await self._pause()
            except (psycopg.Error, OSError) as error:
                self._lost = self._lost or time.monotonic()
                log.warning("live: lost the database (%s)", error)
            except Exception:
                self._lost = self._lost or time.monotonic()
                log.exception("live: following failed")
            # Not all processes at once when the database is back.
            await asyncio.sleep(delay * random.uniform(0.5, 1.5))  # noqa: S311
            delay = min(2.0, delay * 2)

    async def _pause(self) -> None:
        if not self._wake.is_set():
            try:
                async with asyncio.timeout(self.limits.poll):
                    await self._wake.wait()
            except TimeoutError:
                return
        if (early := self._fruitful + self.limits.gap - time.monotonic()) > 0:
            await asyncio.sleep(early)
        self._wake.clear()

    async def _connect(self, name: str) -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(
            db.database_url(),
            autocommit=True,
            connect_timeout=5,
            application_name=f"mattranso {name}",
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=3,
            options="-c statement_timeout=5000",
        )

    async def _start(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """Stand at this moment, and read every topic afresh: whatever happened while we were away is in it."""
        row = await (await connection.execute(_NOW)).fetchone()
        assert row is not None
        self.cursor = Cursor.parse(row[0])
        self._found()
        self._refresh_all()

    def _found(self) -> None:
        self._last_look = time.time()
        self._lost = None
        self._connected.set()
        if self.pulse.stale:
            self.pulse.stale = False
            self._beat()

    async def _look(self, connection: psycopg.AsyncConnection[Any]) -> None:
        assert self.cursor is not None
        names = list(self._channels)
        asked = {
            "running": list(map(str, self.cursor.running)),
            "xmax": str(self.cursor.xmax),
            "topics": names,
            "limit": self.limits.batch + 1,
        }
        slept = time.time() - self._last_look > 120
        async with asyncio.timeout(6):
            rows = await (await connection.execute(_NEW, asked)).fetchall()
        self.cursor = Cursor.parse(rows[0][0])
        self._last_look = time.time()
        if len(rows) > self.limits.batch or slept:
            # So much at once (an import), or the machine slept and rows may have been pruned meanwhile.
            self._refresh_all()
            return
        if rows[0][2] is not None:
            self._fruitful = time.monotonic()
        by_topic: dict[str, list[Change]] = {}
        for _, transaction, name, change in rows:
            if name is not None:
                by_topic.setdefault(name, []).append(Change(int(transaction), change))
        for name, changes in by_topic.items():
            channel = self._channels.get(name)
            if channel is not None:
                try:
                    channel.take_changes(changes, self.cursor)
                except Exception:
                    log.exception("live: the changes of %s do not fit", name)
                    channel.refresh()

    def _refresh_all(self) -> None:
        self._drop_idle(everything=True)
        for channel in self._channels.values():
            channel.refresh()

    async def _listen(self) -> None:
        """Be woken by other processes. Without this connection changes still arrive, within a second."""
        while True:
            try:
                async with await self._connect("live listen") as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self._wake.set()
                    async for notice in connection.notifies():
                        if notice.payload != wake.PROCESS:
                            self._wake.set()
            except (psycopg.Error, OSError) as error:
                log.info("live: not listening (%s)", error)
            await asyncio.sleep(random.uniform(0.5, 1.5))  # noqa: S311

    # ---- rhythm

    async def _tick(self) -> None:
        next_beat = next_check = time.monotonic()
        while True:
            await asyncio.sleep(0.5)
            now = time.monotonic()
            try:
                if self._lost is not None and not self.pulse.stale and now - self._lost > self.limits.stale:
                    self.pulse.stale = True
                    self._connected.clear()
                    next_beat = now
                if now >= next_beat:
                    next_beat = now + self.limits.beat
                    self._beat()
                    self._drop_idle()
                    self._cut_stuck(now)
                if now >= next_check:
                    next_check = now + self.limits.recheck
                    await self._recheck()
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

    async def _recheck(self) -> None:
        """Close the streams of those who may no longer read: session revoked, right withdrawn."""
        for channel in list(self._channels.values()):
            if channel.topic.is_public or not channel.viewers:
                continue
            verdicts: dict[object, bool] = {}
            for viewer in tuple(channel.viewers):
                key = viewer.identity
                if key not in verdicts:
                    verdicts[key] = await self._still_reads(viewer)
                if not verdicts[key]:
                    viewer.refuse()

    async def _still_reads(self, viewer: Viewer) -> bool:
        try:
            actor = await _resolver(viewer.scope) if _resolver is not None else viewer.actor
            return await viewer.channel.topic.may_read(actor, viewer.channel.params)
        except DomainError as error:
            # The database being away is no reason to send people off; being unknown is.
            return isinstance(error, Unavailable)


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
