"""Reading the committed changes in order, without holes, through whatever happens to the database."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable
from typing import Any, Protocol

import psycopg

from mattranso_app.core import db
from mattranso_app.core.live import wake
from mattranso_app.core.live.channel import Change
from mattranso_app.core.live.cursor import Cursor
from mattranso_app.core.live.publish import CHANNEL

SLEPT = 120.0
"""Seconds by the wall clock between two looks after which rows may have been pruned meanwhile (the machine slept)."""

log = logging.getLogger(__name__)

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


class Listener(Protocol):
    """What a follower tells its news to: the hub."""

    def topics(self) -> list[str]:
        """Return the names of the topics to follow."""

    def take(self, name: str, changes: list[Change], cursor: Cursor) -> None:
        """Take committed changes of one topic."""

    def refresh_all(self) -> None:
        """Read every topic afresh: changes may have been missed, or are too many to go one by one."""


class Follower:
    """Follows `live_change` over connections of its own.

    Attributes:
        cursor: everything it sees has been told; None before the database was first reached.
        lost_since: monotonic time since which the database has not answered; None while it does.
    """

    def __init__(self, listener: Listener, *, poll: float, gap: float, batch: int) -> None:
        self.cursor: Cursor | None = None
        self.lost_since: float | None = time.monotonic()
        self._listener = listener
        self._poll = poll
        self._gap = gap
        self._batch = batch
        self._wake = asyncio.Event()
        self._reached = asyncio.Event()
        self._last_look = 0.0
        self._fruitful = 0.0
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to follow; the database may come later."""
        wake.register(self._wake)
        create = asyncio.get_running_loop().create_task
        self._tasks = [create(self._for_ever(self._follow, "live")), create(self._for_ever(self._listen, "live listen"))]

    async def stop(self) -> None:
        """Stop following."""
        wake.unregister(self._wake)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def reached(self) -> None:
        """Wait until the database has been reached once."""
        await self._reached.wait()

    async def _for_ever(self, work: Callable[[psycopg.AsyncConnection[Any]], Any], name: str) -> None:
        """Do `work` on a connection; when that breaks, on a new one."""
        delay = 0.05
        while True:
            started = time.monotonic()
            try:
                async with await self._connect(name) as connection:
                    await work(connection)
            except (psycopg.Error, OSError) as error:
                log.warning("%s: lost the database (%s)", name, error)
            except Exception:
                log.exception("%s failed", name)
            if work == self._follow and self.lost_since is None:
                self.lost_since = time.monotonic()
            delay = 0.05 if time.monotonic() - started > 5 else min(2.0, delay * 2)
            # Not all processes at once when the database is back.
            await asyncio.sleep(delay * random.uniform(0.5, 1.5))  # noqa: S311

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

    async def _follow(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """Read new changes whenever woken, and once a poll anyway."""
        row = await (await connection.execute(_NOW)).fetchone()
        assert row is not None
        # Stand at this moment; whatever happened while we were away is in a fresh reading.
        self.cursor = Cursor.parse(row[0])
        self._last_look = time.time()
        self.lost_since = None
        self._reached.set()
        self._listener.refresh_all()
        while True:
            await self._look(connection)
            await self._pause()

    async def _pause(self) -> None:
        if not self._wake.is_set():
            try:
                async with asyncio.timeout(self._poll):
                    await self._wake.wait()
            except TimeoutError:
                return
        if (early := self._fruitful + self._gap - time.monotonic()) > 0:
            await asyncio.sleep(early)
        self._wake.clear()

    async def _look(self, connection: psycopg.AsyncConnection[Any]) -> None:
        assert self.cursor is not None
        asked = {
            "running": list(map(str, self.cursor.running)),
            "xmax": str(self.cursor.xmax),
            "topics": self._listener.topics(),
            "limit": self._batch + 1,
        }
        slept = time.time() - self._last_look > SLEPT
        # The server's own limit does not help when it is the line that is dead.
        async with asyncio.timeout(6):
            rows = await (await connection.execute(_NEW, asked)).fetchall()
        self.cursor = Cursor.parse(rows[0][0])
        self._last_look = time.time()
        if len(rows) > self._batch or slept:
            self._listener.refresh_all()
            return
        by_topic: dict[str, list[Change]] = {}
        for _, transaction, name, change in rows:
            if name is not None:
                by_topic.setdefault(name, []).append(Change(int(transaction), change))
        if by_topic:
            self._fruitful = time.monotonic()
        for name, changes in by_topic.items():
            self._listener.take(name, changes, self.cursor)

    async def _listen(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """Be woken by other processes. Without this connection changes still arrive, with the next poll."""
        await connection.execute(f"LISTEN {CHANNEL}")
        self._wake.set()
        async for notice in connection.notifies():
            if notice.payload != wake.PROCESS:
                self._wake.set()
