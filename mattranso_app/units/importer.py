"""Taking over a new list of units: first the difference, then, on a person's word, the change itself in one transaction.

Ids never change. Every unit that becomes something else gets a new version from the day of effect; the one before ends
there. Residential groups follow their commune, also into the one it is merged with.
"""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path

from sqlalchemy import text as sql_text
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit
from mattranso_app.core.access import SYSTEM, Action, Actor, require
from mattranso_app.core.clock import now, today
from mattranso_app.core.db import after_commit, reading, transaction
from mattranso_app.core.errors import Conflict, InvalidInput
from mattranso_app.units import importing, store, text
from mattranso_app.units.kinds import CENTRAL_CODE, Level
from mattranso_app.units.lookup import forget_index
from mattranso_app.units.plan import ImportPlan, compare
from mattranso_app.units.release import Release, read_release

_LOCK = 726_175
"""Advisory lock held while the tree is filled or changed."""


async def plan_import(release: Release, effective: date) -> ImportPlan:
    """Return what `release` would change from `effective` on; writes nothing.

    Raises:
        InvalidInput: the list does not fit today's units at all.
    """
    async with reading() as session:
        revision = await _revision(session)
        current = [unit for unit in await store.fetch_open_units(session) if unit.level is not Level.CENTRAL]
    return await asyncio.to_thread(compare, current, release, effective, revision)


async def apply_import(actor: Actor, plan: ImportPlan, basis: str) -> int:
    """Write `plan`.

    Args:
        actor: a Central administrator, or the platform itself.
        plan: of `plan_import`, seen and found right.
        basis: the resolution or decision it rests on.

    Returns:
        The number of units changed.

    Raises:
        Forbidden: not the actor's to do.
        InvalidInput: no basis, a day not yet come, units that end without successor, or changes already recorded later.
        Conflict: the units have changed since the plan was made.
    """
    require(actor, Action.UNIT_IMPORT, f"{CENTRAL_CODE}/")
    basis = " ".join(basis.split())[:200]
    if not basis:
        raise InvalidInput(text.PLAN_NO_BASIS)
    if plan.effective > today():
        raise InvalidInput(text.PLAN_IN_FUTURE.format(day=f"{plan.effective:%d/%m/%Y}"))
    if plan.unexplained:
        raise InvalidInput(text.PLAN_BLOCKED.format(count=len(plan.unexplained)))
    if not plan.changes:
        return 0
    async with transaction() as session:
        await session.execute(sql_text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        if await _revision(session) != plan.revision:
            raise Conflict(text.PLAN_STALE)
        await importing.carry_out(session, plan, basis)
        await session.execute(
            sql_text(
                "INSERT INTO unit_release (source, effective, basis, changes, applied_at) "
                "VALUES (:source, :effective, :basis, :changes, :at)"
            ),
            {"source": plan.source, "effective": plan.effective, "basis": basis, "changes": len(plan.changes), "at": now()},
        )
        await _record(session, actor, plan, basis)
        after_commit(session, forget_index)
    return len(plan.changes)


async def import_units(path: Path, effective: date, dry_run: bool, basis: str = "") -> ImportPlan:
    """Compare the list in the file `path` with the units and, unless `dry_run`, write it as the platform's own act.

    Raises:
        InvalidInput, Conflict: as `read_release`, `plan_import` and `apply_import`.
    """
    release = await asyncio.to_thread(lambda: read_release(path.read_bytes(), path.name))
    plan = await plan_import(release, effective)
    if not dry_run:
        await apply_import(SYSTEM, plan, basis)
    return plan


async def _revision(session: AsyncSession) -> int:
    return int((await session.execute(sql_text("SELECT coalesce(max(id), 0) FROM unit_release"))).scalar_one())


async def _record(session: AsyncSession, actor: Actor, plan: ImportPlan, basis: str) -> None:
    """Write one audit row for the import and one for each unit, so that a unit's own history can be read."""
    for change in plan.changes:
        code = change.before.code if change.before else change.after.code if change.after else ""
        detail: dict[str, object] = {"acts": list(change.acts), "effective": plan.effective.isoformat(), "basis": basis}
        if change.before:
            detail["before"] = change.before.name
        if change.after:
            detail["after"] = change.after.name
        await audit.record(session, actor, "unit.change", f"unit:{code}", detail)
    summary = {"source": plan.source, "effective": plan.effective.isoformat(), "basis": basis, "changes": len(plan.changes)}
    await audit.record(session, actor, "units.import", "units", dict(summary))
