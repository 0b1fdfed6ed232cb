"""Officers follow their unit when it goes into another: the account and its home go along, the roles there end.

A role was given by somebody who answered for the old unit; nobody of the heir has decided on it. So it ends with the unit,
stays in the history, and the heir's administrator, who finds the officer in his list, gives roles anew.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit
from mattranso_app.core.access import SYSTEM
from mattranso_app.core.clock import now
from mattranso_app.identity import store
from mattranso_app.units.followers import PathMove, on_path_change


@on_path_change
async def follow_units(session: AsyncSession, moves: Sequence[PathMove]) -> None:
    """Lead officers of merged units to the heirs without their roles; those of moved units keep all, roles name the unit itself."""
    merged = {move.unit_id: move.to_id for move in moves if move.is_merged}
    if not merged:
        return
    ended = await store.end_roles_on(session, list(merged), now())
    moved = await store.move_homes(session, list(merged), list(merged.values()))
    for person_id in sorted(ended.keys() | moved.keys()):
        detail: dict[str, object] = {"roles": ended.get(person_id, [])}
        if person_id in moved:
            detail["unit"] = moved[person_id]
        await audit.record(session, SYSTEM, "staff.unit_merged", f"person:{person_id}", detail)
