"""One topic as this process holds it: the current value, the last few events encoded, and who is looking."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from mattranso_app.core import clock, db
from mattranso_app.core.errors import DomainError, Gone, NotFound, Unavailable
from mattranso_app.core.live.cursor import Cursor
from mattranso_app.core.live.patch import difference, encode, merge, normal
from mattranso_app.core.live.topics import Params, Topic
from mattranso_app.core.live.viewer import Viewer

KEPT_EVENTS = 128
"""Events kept for those who come back or fall behind."""
KEPT_BYTES = 256 * 1024
WAITING_LIMIT = 1_000
"""Changes put aside while the topic is being read."""
SNAPSHOT_LIMIT = 512 * 1024
"""Bytes a topic's value may have. It goes to every phone that opens the page."""
PACE = 0.1
"""Seconds between two recomputations of one topic."""
RETRY = 1.0
"""Seconds until a failed reading of a topic that people look at is tried again."""
LOAD_TIMEOUT = 10.0
"""Seconds a topic's snapshot may take."""

log = logging.getLogger(__name__)
_CURSOR = text("SELECT pg_current_snapshot()::text")


@dataclass(frozen=True, slots=True)
class Change:
    """A committed row of `live_change`."""

    transaction: int
    patch: str


@dataclass(frozen=True, slots=True)
class Event:
    """An encoded event and the cursor a client stands at when it has it."""

    number: int
    cursor: Cursor
    data: bytes


def event(kind: str, data: bytes, cursor: Cursor | None = None) -> bytes:
    """Return one Server-Sent Event."""
    head = f"id: {cursor}\nevent: {kind}\n" if cursor is not None else f"event: {kind}\n"
    return head.encode() + b"data: " + data + b"\n\n"


def server_time() -> str:
    """Return the server's time as it goes into events: UTC, milliseconds."""
    return clock.now().isoformat(timespec="milliseconds")


class Pulse:
    """The hub's heartbeat, shared by its channels.

    Attributes:
        number: counts the beats.
        event: the last one, encoded.
        stale: whether the hub has lost the database, so that what is shown may be old.
    """

    def __init__(self) -> None:
        self.number = 0
        self.stale = False
        self.event = self.event_now()

    def event_now(self) -> bytes:
        """Return a heartbeat of this moment: the server's time, and whether what is shown may be old."""
        return event("beat", encode({"server_time": server_time(), "stale": self.stale}))

    def advance(self) -> None:
        """Make the next beat; the viewers get it when they are woken."""
        self.number += 1
        self.event = self.event_now()


class Channel:
    """A topic with its value, its recent events and its viewers. Lives in one event loop; needs no lock.

    Attributes:
        name: the topic's name.
        viewers: the open streams.
        used: monotonic time somebody last asked for it.
        asked: requests that wait for it to be read.
        gone: whether what it was about no longer exists.
        number: number of the last event.
    """

    def __init__(self, name: str, topic: Topic, params: Params, pulse: Pulse, loads: asyncio.Semaphore) -> None:
        self.name = name
        self.topic = topic
        self.params = params
        self.viewers: set[Viewer] = set()
        self.used = 0.0
        self.asked = 0
        self.gone = False
        self.number = 0
        self.value: dict[str, Any] = {}
        self.cursor: Cursor | None = None
        self._pulse = pulse
        self._loads = loads
        self._events: deque[Event] = deque()
        self._kept = 0
        self._floor: Cursor | None = None
        self._loading = False
        self._waiting: list[Change] = []
        self._newest: Cursor | None = None
        self._reading: asyncio.Task[None] | None = None
        self._again = False
        self._encoded: tuple[str, bytes] | None = None
        self._snapshot: bytes | None = None
        self._joined: tuple[int, int, bytes] | None = None

    # ---- value

    async def ready(self) -> None:
        """Wait until the topic has been read once.

        Raises:
            NotFound: there is no such thing.
            Unavailable: the database cannot be reached, or the reading took too long.
        """
        if self.cursor is None:
            if self._reading is None:
                self._reading = asyncio.get_running_loop().create_task(self._first())
                # Those who waited may be gone by the time it fails.
                self._reading.add_done_callback(lambda task: task.cancelled() or task.exception())
            await asyncio.shield(self._reading)

    async def _first(self) -> None:
        try:
            await self._read()
        except TimeoutError as error:
            raise Unavailable() from error
        finally:
            self._reading = None
        if self._again:
            self.refresh()

    async def _read(self) -> None:
        """Read the topic afresh and tell the viewers what differs."""
        async with self._loads, asyncio.timeout(LOAD_TIMEOUT):
            self._loading = True
            self._waiting = []
            try:
                async with db.reading() as session:
                    # Value and cursor are of one snapshot of the database: a change is in the one or comes after the other.
                    cursor = Cursor.parse((await session.execute(_CURSOR)).scalar_one())
                    value = normal(await self.topic.snapshot(session, self.params))
            finally:
                self._loading = False
        self.take_value(value, cursor)
        waiting, self._waiting = self._waiting, []
        if waiting and self._newest is not None:
            self.take_changes(waiting, self._newest)

    def take_value(self, value: dict[str, Any], cursor: Cursor) -> None:
        """Put a freshly read `value` in place of the present one.

        Raises:
            ValueError: it is larger than `SNAPSHOT_LIMIT`.
        """
        body = encode(value)
        if len(body) > SNAPSHOT_LIMIT:
            raise ValueError(f"the live topic {self.name!r} has {len(body)} bytes, at most {SNAPSHOT_LIMIT} are allowed")
        if self.cursor is None or not cursor.covers(self.cursor):
            # The first reading; or one older than what we have, so the database is another one (restored, failed over).
            self.value, self.cursor, self._floor = value, cursor, cursor
            self.number += 1
            self._events.clear()
            self._kept = 0
            self._forget_encoded()
            self.wake()
            return
        self._advance(value, difference(self.value, value), cursor)

    def take_changes(self, changes: Iterable[Change], cursor: Cursor) -> None:
        """Apply committed `changes`, in the order of their rows; `cursor` is the snapshot that sees them all."""
        if self.topic.recompute:
            self.refresh()
            return
        if self.cursor is None or self._loading:
            # Not before the reading is there. If it cannot keep up, it is simply done again.
            self._newest = cursor
            self._waiting.extend(changes)
            if len(self._waiting) > WAITING_LIMIT:
                self._waiting.clear()
                self._again = True
            return
        value: Any = self.value
        for change in changes:
            if not self.cursor.sees(change.transaction):
                value = merge(value, json.loads(change.patch))
        self._advance(value, difference(self.value, value), cursor)

    def _advance(self, value: dict[str, Any], patch: dict[str, Any], cursor: Cursor) -> None:
        assert self.cursor is not None
        if cursor.covers(self.cursor):
            self.cursor = cursor
        if not patch:
            return
        self.value = value
        self.number += 1
        self._forget_encoded()
        data = event("delta", encode({"patch": patch, "server_time": server_time()}), self.cursor)
        self._events.append(Event(self.number, self.cursor, data))
        self._kept += len(data)
        while len(self._events) > KEPT_EVENTS or (self._kept > KEPT_BYTES and len(self._events) > 1):
            dropped = self._events.popleft()
            self._kept -= len(dropped.data)
            self._floor = dropped.cursor
        self.wake()

    def _forget_encoded(self) -> None:
        self._encoded = self._snapshot = self._joined = None

    def _encode(self) -> tuple[str, bytes]:
        if self._encoded is None:
            body = encode(self.value)
            self._encoded = hashlib.blake2b(body, digest_size=12).hexdigest(), body
        return self._encoded

    def tag(self) -> str:
        """Return the entity tag of the value: the same in every process that holds the same value."""
        return f'W/"{self._encode()[0]}{"-stale" if self._pulse.stale else ""}"'

    # ---- reading afresh

    def refresh(self) -> None:
        """Read the topic again: now if it has been quiet, else as soon as the pace allows."""
        self._again = True
        if self._reading is None and self.cursor is not None:
            self._reading = asyncio.get_running_loop().create_task(self._refresh())

    async def _refresh(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._again:
                self._again = False
                started = loop.time()
                pause = PACE
                try:
                    await self._read()
                except (NotFound, Gone):
                    self.gone = True
                    self.end("gone")
                    return
                except (DomainError, TimeoutError):
                    self._again, pause = True, RETRY
                except Exception:
                    log.exception("live: reading %s failed", self.name)
                    self._again, pause = True, RETRY * 5
                if self._again and pause > PACE and not (self.viewers or self.asked):
                    # Nobody looks: whoever comes next has it read anew.
                    self.gone = True
                    return
                await asyncio.sleep(max(0.0, started + pause - loop.time()))
        finally:
            self._reading = None

    @property
    def is_reading(self) -> bool:
        """Whether a reading is under way or due."""
        return self._reading is not None

    # ---- viewers

    def next_for(self, viewer: Viewer) -> bytes | None:
        """Return what `viewer` should be sent now, as one piece of bytes that many share; None when it has everything."""
        if viewer.position != self.number:
            missed, viewer.position = viewer.position, self.number
            return self._since(missed)
        if viewer.beat != self._pulse.number:
            viewer.beat = self._pulse.number
            return self._pulse.event
        return None

    def start_for(self, viewer: Viewer, after: Cursor | None) -> bytes:
        """Return what `viewer`, who stands at `after` (None: nowhere), must be sent to be current."""
        viewer.position, viewer.beat = self.number, self._pulse.number
        # The beat behind it carries the time and whether we hear from the database.
        return self._missed(after) + self._pulse.event_now()

    def _missed(self, after: Cursor | None) -> bytes:
        assert self.cursor is not None and self._floor is not None
        # A position ahead of ours is another process's, or that of a database since restored: no use guessing.
        if after is None or not after.covers(self._floor) or after.xmax > self.cursor.xmax:
            return self.snapshot_event()
        missed = [item for item in self._events if not after.covers(item.cursor)]
        return self._since(missed[0].number - 1) if missed else b""

    def _since(self, number: int) -> bytes:
        if self._joined is not None and self._joined[:2] == (number, self.number):
            return self._joined[2]
        if not self._events or self._events[0].number > number + 1:
            return self.snapshot_event()
        data = b"".join(item.data for item in self._events if item.number > number)
        snapshot = self.snapshot_event() if number + 1 < self.number else data
        data = data if len(data) <= len(snapshot) else snapshot
        self._joined = (number, self.number, data)
        return data

    def snapshot_event(self) -> bytes:
        """Return the whole value as an event; encoded once per version."""
        if self._snapshot is None:
            self._snapshot = event("snapshot", self.body(), self.cursor)
        return self._snapshot

    def body(self) -> bytes:
        """Return the whole value as the JSON document of `/live/{topic}.json`."""
        head = {"topic": self.name, "version": str(self.cursor), "server_time": server_time(), "stale": self._pulse.stale}
        return encode(head)[:-1] + b',"data":' + self._encode()[1] + b"}"

    def wake(self) -> None:
        """Have every viewer look for something new."""
        for viewer in self.viewers:
            viewer.wake()

    def end(self, reason: str) -> None:
        """Close every stream of this topic; the component stops for `gone` and `refused`, and comes back for others."""
        goodbye = event("end", encode({"reason": reason}))
        for viewer in tuple(self.viewers):
            viewer.close(goodbye)

    async def close(self) -> None:
        """Stop reading; the streams have been ended before."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
