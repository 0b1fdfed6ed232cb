"""The way in: a change is a row written in the transaction that causes it; hubs are woken once it has committed.

NOTIFY is kept out of the writers' transactions, since PostgreSQL commits those that carry one strictly one after the
other. It goes out afterwards, at most one at a time, over a connection of its own. If this process dies in between,
nothing is lost: every hub also looks once a second by itself.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Any

import psycopg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import db
from mattranso_app.core.live import topics, wake
from mattranso_app.core.live.patch import encode, normal

CHANNEL = "mattranso_live"
"""Name of the NOTIFY channel."""
CHANGE_LIMIT = 64 * 1024
"""Bytes one change may have; larger ones belong in a topic that is recomputed."""
_PRUNE_BATCH = 5_000
_MARKED = "mts_live_marked"

log = logging.getLogger(__name__)

_INSERT = text("INSERT INTO live_change (topic, change) VALUES (:topic, CAST(:change AS jsonb))")
_MARK = text("INSERT INTO live_change (topic, change) SELECT unnest(CAST(:topics AS text[])), '{}'")
_PRUNE = text(
    "DELETE FROM live_change WHERE id IN (SELECT id FROM live_change WHERE created_at < now() - CAST(:age AS interval) "
    "ORDER BY created_at LIMIT :batch) RETURNING 1"
)


async def mark(session: AsyncSession, *names: str) -> None:
    """Tell that recomputed topics have changed, as part of the transaction of `session`; once per transaction is enough.

    Args:
        session: the transaction the change belongs to; the rows themselves are written already.
        names: topics, e.g. `portal`.

    Raises:
        ValueError: one is no name of a topic.
    """
    for name in names:
        if not topics.is_name(name):
            raise ValueError(f"{name!r} is no name of a live topic")
    marked = _marked(session)
    new = [name for name in dict.fromkeys(names) if name not in marked]
    if not new:
        return
    await session.execute(_MARK, {"topics": new})
    if not session.in_nested_transaction():
        marked.update(new)
    db.after_commit(session, wake_hubs)


async def publish(session: AsyncSession, topic: str, change: dict[str, Any]) -> None:
    """Tell how `topic` has changed, as part of the transaction of `session`.

    Call it after the row itself was written in this transaction: the row's lock then orders the changes of two writers
    as it orders the writes.

    Args:
        session: the transaction the change belongs to.
        topic: name of the topic, e.g. `petitions/2026-000123`.
        change: a JSON Merge Patch of the topic's snapshot, absolute values.

    Raises:
        ValueError: the name is not that of a topic, or the change is larger than `CHANGE_LIMIT`.
    """
    if not topics.is_name(topic):
        raise ValueError(f"{topic!r} is no name of a live topic")
    # In the change itself null means "remove this key", so only the values below are brought into plain form.
    body = encode(_plain(change)).decode()
    if len(body) > CHANGE_LIMIT:
        raise ValueError(f"a change of {topic!r} has {len(body)} bytes, at most {CHANGE_LIMIT} are allowed")
    await session.execute(_INSERT, {"topic": topic, "change": body})
    db.after_commit(session, wake_hubs)


def _marked(session: AsyncSession) -> set[str]:
    # The mark "recompute this" need be written once per transaction. (One written in a savepoint may be undone with it,
    # hence it does not count.)
    transaction = session.sync_session.get_transaction()
    known = session.sync_session.info.get(_MARKED)
    if known is None or known[0] is not transaction:
        known = session.sync_session.info[_MARKED] = (transaction, set())
    marked: set[str] = known[1]
    return marked


def _plain(change: dict[str, Any]) -> dict[str, Any]:
    return {
        key: None if value is None else _plain(value) if isinstance(value, dict) else normal(value)
        for key, value in change.items()
    }


async def prune(older_than: timedelta = timedelta(hours=1)) -> int:
    """Delete changes older than `older_than`; a job runs it every few minutes.

    Hubs keep what they have seen in memory and read afresh after a longer absence, so the rows are needed for minutes only.

    Returns:
        How many rows were deleted.

    Raises:
        ValueError: `older_than` is under five minutes, which a hub may need to come back.
    """
    if older_than < timedelta(minutes=5):
        raise ValueError("changes are kept for at least five minutes")
    deleted = 0
    while True:
        async with db.transaction() as session:
            batch = len((await session.execute(_PRUNE, {"age": older_than, "batch": _PRUNE_BATCH})).all())
        deleted += batch
        if batch < _PRUNE_BATCH:
            return deleted


class _Notifier:
    """Sends NOTIFY for this process: one at a time; what comes meanwhile is covered by the next."""

    def __init__(self) -> None:
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._task: asyncio.Task[None] | None = None
        self._again = False

    def send(self) -> None:
        self._leave_closed_loop()
        self._again = True
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        while self._again:
            self._again = False
            try:
                if self._connection is None or self._connection.closed:
                    # Nothing is written, so there is nothing to flush to disk before the answer.
                    self._connection = await psycopg.AsyncConnection.connect(
                        db.database_url(),
                        autocommit=True,
                        connect_timeout=5,
                        application_name="mattranso live notify",
                        options="-c synchronous_commit=off -c statement_timeout=5000",
                    )
                # The payload says whose hub already knows.
                await self._connection.execute("SELECT pg_notify(%s, %s)", [CHANNEL, wake.PROCESS])
            except (psycopg.Error, OSError, RuntimeError) as error:
                log.warning("live: could not notify (%s); hubs will see the change within a second", error)
                await self._drop()
                return

    def _leave_closed_loop(self) -> None:
        """Forget what an earlier loop of this process left behind: it can neither be awaited nor closed in this one."""
        if self._task is not None and self._task.get_loop().is_closed():
            self._task = self._connection = None

    async def close(self) -> None:
        self._leave_closed_loop()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await self._drop()

    async def _drop(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None


_notifier = _Notifier()


def wake_hubs() -> None:
    """Wake the hub of this process at once and those of the others by NOTIFY."""
    wake.here()
    _notifier.send()


async def close_notifier() -> None:
    """Close this process's NOTIFY connection."""
    await _notifier.close()
