"""What the level above decides: approve, return with a reason, reopen what is locked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import RowMapping

from mattranso_app.core import audit, live
from mattranso_app.core.access import Actor
from mattranso_app.core.clock import now
from mattranso_app.core.db import transaction
from mattranso_app.core.errors import Conflict, NotFound
from mattranso_app.core.reporting import reports
from mattranso_app.core.reporting.models import Act
from mattranso_app.registry.service import scope
from mattranso_app.registry.service.entering import TOOL, subject, topic
from mattranso_app.registry.service.telling import tell_decision
from mattranso_app.registry.text import upward as text
from mattranso_app.registry.upward_store import insert_comments
from mattranso_app.units.service import glimpse_unit
from mattranso_app.units.views import UnitView

MOST_AT_ONCE = 200
"""Reports approved in one act."""


async def approve_reports(
    actor: Actor, form: str, period: str, organisation: str, units: Sequence[str], seen: Mapping[str, int] | int | None = None
) -> int:
    """Approve submitted reports, which locks them.

    Args:
        actor: approves for the level above each of the units.
        form: code of the form.
        period: key of the period.
        organisation: whose figures.
        units: codes, at most 200.
        seen: the revision that was looked at; by code of the unit, when it is more than one report.

    Returns:
        How many were approved.

    Raises:
        Forbidden: not the actor's to decide, or submitted by himself.
        NotFound, Gone, Conflict: see `reports.decide`; then none is approved.
    """
    return await _decide(actor, form, period, organisation, units, Act.APPROVE, "", seen, {})


async def return_report(
    actor: Actor, form: str, period: str, organisation: str, unit: str, reason: str, seen: int | None = None,
    cells: Mapping[str, str] | None = None,
) -> None:
    """Give a submitted report back with what has to change; it does not count until it comes again.

    Args:
        actor: as `approve_reports`; so are the next ones.
        form: code of the form.
        period: key of the period.
        organisation: whose figures.
        unit: code.
        reason: what has to change; when it is empty and cells have reasons, their number is said.
        seen: the revision that was looked at.
        cells: by key of the cell, what is wrong with it; becomes a comment on the cell.

    Raises:
        As `approve_reports`; InvalidInput: no reason at all; NotFound: the form has no such cell.
    """
    said = {key: words for key, words in (cells or {}).items() if words.strip()}
    if said and not reason.strip():
        reason = text.RETURNED_FOR_CELLS.format(count=len(said))
    await _decide(actor, form, period, organisation, [unit], Act.RETURN, reason, seen, said)


async def reopen_report(actor: Actor, form: str, period: str, organisation: str, unit: str, reason: str) -> None:
    """Let a unit change what is approved, or enter what it missed before the day of locking. Raises as `return_report`."""
    await _decide(actor, form, period, organisation, [unit], Act.REOPEN, reason, None, {})


async def _decide(
    actor: Actor, form: str, period: str, organisation: str, codes: Sequence[str], act: Act, reason: str,
    seen: Mapping[str, int] | int | None, cells: Mapping[str, str],
) -> int:
    units = [await glimpse_unit(code) for code in dict.fromkeys(codes[:MOST_AT_ONCE])]
    for unit in units:
        scope.require_decide(actor, unit.path, organisation)
    async with transaction() as session:
        asked = await reports.find_asked(session, TOOL, form, period, organisation)
        looked_at = seen if isinstance(seen, int) else None
        rows = await reports.decide(session, actor, asked, act, [unit.id for unit in units], reason, looked_at)
        if act is Act.APPROVE:
            for row in rows:
                scope.require_other_person(actor, row["submitted_by"])
        if isinstance(seen, Mapping):
            _require_unchanged(units, rows, seen)
        comments = {key: reports.clean_words(key, words) for key, words in cells.items()}
        if unknown := set(comments) - set(asked.definition.cells):
            raise NotFound(text.CELL_UNKNOWN.format(cell=min(unknown)[:60]))
        await insert_comments(session, actor, rows[0]["id"], comments, now())
        if act is not Act.APPROVE:
            await tell_decision(session, asked, units[0], act, rows[0])
        await live.mark(session, topic(asked))
        named = [unit.code for unit in units]
        await audit.record(session, actor, f"registry.{act.value}", subject(asked, named), {"units": named, "reason": reason[:200]})
    return len(rows)


def _require_unchanged(units: Sequence[UnitView], rows: Sequence[RowMapping], seen: Mapping[str, int]) -> None:
    """Raise Conflict with the names of units whose reports changed since they were looked at."""
    revisions = {row["unit_id"]: row["revision"] for row in rows}
    changed = [unit.name for unit in units if seen.get(unit.code, -1) != revisions[unit.id]]
    if changed:
        raise Conflict(text.CHANGED_SINCE.format(units=", ".join(changed[:5])))
