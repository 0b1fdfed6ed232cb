"""What the level above decides: approve, return with a reason, reopen what is locked."""

from __future__ import annotations

from collections.abc import Sequence

from mattranso_app.core import audit, live
from mattranso_app.core.access import Actor
from mattranso_app.core.db import transaction
from mattranso_app.core.reporting import reports
from mattranso_app.core.reporting.models import Act
from mattranso_app.registry.service import scope
from mattranso_app.registry.service.entering import TOOL, subject, topic
from mattranso_app.units.service import glimpse_unit

MOST_AT_ONCE = 200
"""Reports approved in one act."""


async def approve_reports(
    actor: Actor, form: str, period: str, organisation: str, units: Sequence[str], seen: int | None = None
) -> int:
    """Approve submitted reports, which locks them.

    Args:
        actor: approves for the level above each of the units.
        form: code of the form.
        period: key of the period.
        organisation: whose figures.
        units: codes, at most 200.
        seen: the revision that was looked at, when it is one report.

    Returns:
        How many were approved.

    Raises:
        Forbidden: not the actor's to decide, or submitted by himself.
        NotFound, Gone, Conflict: see `reports.decide`; then none is approved.
    """
    return await _decide(actor, form, period, organisation, units, Act.APPROVE, "", seen)


async def return_report(
    actor: Actor, form: str, period: str, organisation: str, unit: str, reason: str, seen: int | None = None
) -> None:
    """Give a submitted report back with what has to change; it does not count until it comes again.

    Raises:
        As `approve_reports`; InvalidInput: no reason.
    """
    await _decide(actor, form, period, organisation, [unit], Act.RETURN, reason, seen)


async def reopen_report(actor: Actor, form: str, period: str, organisation: str, unit: str, reason: str) -> None:
    """Let a unit change what is approved, or enter what it missed before the day of locking. Raises as `return_report`."""
    await _decide(actor, form, period, organisation, [unit], Act.REOPEN, reason, None)


async def _decide(
    actor: Actor, form: str, period: str, organisation: str, codes: Sequence[str], act: Act, reason: str, seen: int | None
) -> int:
    units = [await glimpse_unit(code) for code in dict.fromkeys(codes[:MOST_AT_ONCE])]
    for unit in units:
        scope.require_decide(actor, unit.path, organisation)
    async with transaction() as session:
        asked = await reports.find_asked(session, TOOL, form, period, organisation)
        rows = await reports.decide(session, actor, asked, act, [unit.id for unit in units], reason, seen)
        if act is Act.APPROVE:
            for row in rows:
                scope.require_other_person(actor, row["submitted_by"])
        await live.mark(session, topic(asked))
        named = [unit.code for unit in units]
        await audit.record(session, actor, f"registry.{act.value}", subject(asked, named), {"units": named, "reason": reason[:200]})
    return len(rows)
