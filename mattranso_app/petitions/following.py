"""Petitions follow their units: into the commune theirs has gone into, and along when a unit gets another place.

A unit's events keep the unit they happened in; only the petition itself, its counts and its search entry go along.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import live, search
from mattranso_app.petitions import store
from mattranso_app.units.followers import PathMove, on_path_change

BATCH = 10_000
"""Search entries noted at once."""


@on_path_change
async def follow_units(session: AsyncSession, moves: Sequence[PathMove]) -> None:
    """Lead the petitions of merged units to their heirs; those of moved units have followed by their foreign key."""
    merged = [move for move in moves if move.is_merged]
    await store.follow_merges(session, [move.unit_id for move in merged], [move.to_id for move in merged])
    last = 0
    while ids := await store.fetch_published_ids(session, sorted({move.to_id for move in moves}), last, BATCH):
        await search.touch(session, "petitions", *map(str, ids))
        last = ids[-1]
    codes = {path.rstrip("/").rpartition("/")[2] for move in moves for path in (move.old, move.new)}
    await live.mark(session, "portal", "petitions", *(f"desk/{code}" for code in sorted(codes)))
