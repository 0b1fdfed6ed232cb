"""The look-up index of this process: loaded on first use, renewed when the units have changed anywhere."""

from __future__ import annotations

import asyncio
import time
from datetime import date

from sqlalchemy import text as sql_text

from mattranso_app.core.clock import today
from mattranso_app.core.db import database_url, reading
from mattranso_app.units import store
from mattranso_app.units.index import UnitIndex
from mattranso_app.units.kinds import Level
from mattranso_app.units.views import UnitMatch

SECONDS_TRUSTED = 5.0
"""How long an index is used before the database is asked whether the units have changed."""

MOST_MATCHES = 20
"""Answers of one look-up."""


class _Held:
    """The index in use, of which database it is, and until when it is trusted."""

    index: UnitIndex | None = None
    of: str = ""
    until: float = 0.0
    lock: asyncio.Lock | None = None
    loop: asyncio.AbstractEventLoop | None = None


def forget_index() -> None:
    """Make the next look-up ask the database whether the units have changed; for use after a commit."""
    _Held.until = 0.0


async def lookup(
    query: str, day: date | None = None, level: Level | None = None, below: str = "", limit: int = MOST_MATCHES
) -> list[UnitMatch]:
    """Return the provinces and communes that answer `query` as people type it, best first.

    Args:
        query: without marks, with either tone placement, abbreviated, by a former name, with or without where it lies.
        day: on which the units must exist; today when None.
        level: only provinces or only communes.
        below: only units under this path.
        limit: 1–20.
    """
    index = await current_index()
    return index.search(query, day or today(), level, below, max(1, min(limit, MOST_MATCHES)))


async def current_index() -> UnitIndex:
    """Return the index of the units as the database has them now (at most a few seconds ago).

    Raises:
        Unavailable: the database cannot be reached.
    """
    here = database_url()
    if _Held.index is not None and _Held.of == here and time.monotonic() < _Held.until:
        return _Held.index
    async with _lock():
        if _Held.index is not None and _Held.of == here and time.monotonic() < _Held.until:
            return _Held.index
        async with reading() as session:
            revision = (await session.execute(sql_text("SELECT coalesce(max(id), 0) FROM unit_release"))).scalar_one()
            if _Held.index is None or _Held.of != here or _Held.index.revision != revision:
                versions = await store.fetch_all_versions(session)
                former = await store.fetch_former_names(session)
                successions = await store.fetch_successions(session)
                _Held.index = await asyncio.to_thread(UnitIndex.build, revision, versions, former, successions)
        _Held.of, _Held.until = here, time.monotonic() + SECONDS_TRUSTED
        return _Held.index


def _lock() -> asyncio.Lock:
    """Return the lock of the running loop: one load at a time, and tests with a loop each do not meet a foreign lock."""
    loop = asyncio.get_running_loop()
    if _Held.lock is None or _Held.loop is not loop:
        _Held.lock, _Held.loop = asyncio.Lock(), loop
    return _Held.lock
