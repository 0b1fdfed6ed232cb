"""Sending on: a province (a commune for its residential groups) hands up what its units reported, naming who is missing and why.

A silent unit never blocks. What comes or changes after the sending shows beside it as such; totals have it at once anyway.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit, live
from mattranso_app.core.access import Actor
from mattranso_app.core.clock import now
from mattranso_app.core.db import reading, transaction
from mattranso_app.core.errors import Conflict, InvalidInput, NotFound
from mattranso_app.core.reporting import reports
from mattranso_app.registry import upward_store as rows
from mattranso_app.registry.service import scope
from mattranso_app.registry.service.entering import TOOL, subject, topic
from mattranso_app.registry.service.reviewing import below_of
from mattranso_app.registry.text import upward as text
from mattranso_app.units.service import glimpse_unit
from mattranso_app.units.views import UnitView

MOST_MISSING = 2_000
"""Units that can be named as missing: more than any province has."""


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The newest sending of a unit, with what came (`is_new`) or changed below since."""

    row: RowMapping
    since: Sequence[RowMapping]


async def forward_reports(
    actor: Actor, form: str, period: str, organisation: str, unit: str, reasons: Mapping[str, str], common: str = "", note: str = ""
) -> int:
    """Send on what the units below have handed up.

    Args:
        actor: approves at the unit.
        form: code of the form.
        period: key of the period.
        organisation: whose figures.
        unit: code of who sends on.
        reasons: by code of a missing unit, why it is missing.
        common: the reason for every missing unit without one of its own.
        note: for the level above.

    Returns:
        How many units are missing.

    Raises:
        Forbidden: not the actor's unit.
        NotFound, Gone: no such form or unit.
        InvalidInput: nothing to send, Central, or a missing unit without a reason; `fields` names them by code.
        Conflict: sent already and not returned.
    """
    whose = await glimpse_unit(unit)
    scope.require_forward(actor, whose.path, organisation)
    async with transaction() as session:
        asked = await reports.find_asked(session, TOOL, form, period, organisation)
        below = _next_level(below_of(asked, whose))
        if not below.levels or whose.parent_id is None:
            raise InvalidInput(text.NOTHING_TO_FORWARD)
        await rows.lock_forwards(session, asked, whose.id)
        last = await rows.fetch_forward(session, asked, whose.id)
        if last is not None and last["state"] != "returned":
            raise Conflict(text.FORWARDED_ALREADY)
        counts = await rows.count_below(session, below)
        missing = await rows.fetch_below(session, below, "chua-gui", limit=MOST_MISSING)
        handed = counts["tat-ca"] - len(missing)
        if handed == 0:
            raise InvalidInput(text.NOTHING_TO_FORWARD)
        general = reports.clean_words("common", common)
        told = [
            {"code": row["code"], "name": row["name"], "reason": reports.clean_words(row["code"], reasons.get(row["code"], "")) or general}
            for row in missing
        ]
        if unnamed := {each["code"]: text.MISSING_UNNAMED for each in told if not each["reason"]}:
            raise InvalidInput(text.MISSING_COUNT.format(count=len(unnamed)), fields=unnamed)
        await rows.insert_forward(
            session, actor, asked, whose.id, whose.path, now(), expected=counts["tat-ca"], reports=handed, missing=told,
            note=reports.clean_words("note", note),
        )
        await live.mark(session, topic(asked))
        detail: dict[str, object] = {"expected": counts["tat-ca"], "missing": [each["code"] for each in told][:200]}
        await audit.record(session, actor, "registry.forward", subject(asked, [unit]), detail)
    return len(told)


async def decide_forward(
    actor: Actor, form: str, period: str, organisation: str, unit: str, *, is_accepted: bool, reason: str = ""
) -> None:
    """Accept what a unit sent on, or return it with a reason; then it is sent on anew.

    Raises:
        Forbidden: not the level above, or who sent it himself.
        NotFound, Gone: nothing was sent on.
        InvalidInput: returned without a reason.
        Conflict: decided already.
    """
    whose = await glimpse_unit(unit)
    scope.require_decide(actor, whose.path, organisation)
    words = reports.clean_words("reason", reason)
    if not is_accepted and not words:
        raise InvalidInput(fields={"reason": text.FORWARD_REASON})
    async with transaction() as session:
        asked = await reports.find_asked(session, TOOL, form, period, organisation)
        found = await rows.fetch_forward(session, asked, whose.id, locked=True)
        if found is None:
            raise NotFound(text.NOT_FORWARDED)
        scope.require_other_person(actor, found["person_id"])
        if found["state"] != "sent":
            raise Conflict(text.FORWARD_DECIDED)
        await rows.decide_forward(session, actor, found["id"], "accepted" if is_accepted else "returned", words, now())
        await live.mark(session, topic(asked))
        detail: dict[str, object] = {"accepted": is_accepted, "reason": words[:200]}
        await audit.record(session, actor, "registry.decide_forward", subject(asked, [unit]), detail)


async def view_forward(actor: Actor, form: str, period: str, organisation: str, unit: str) -> Forwarded | None:
    """Return the newest sending of a unit with what came or changed since, None when nothing was sent on.

    Raises:
        Forbidden, NotFound, Gone, InvalidInput: as `reviewing.list_review`.
    """
    whose = await glimpse_unit(unit)
    scope.require_read(actor, whose.path, organisation)
    async with reading() as session:
        return await _view(session, form, period, organisation, whose)


async def _view(session: AsyncSession, form: str, period: str, organisation: str, whose: UnitView) -> Forwarded | None:
    asked = await reports.find_asked(session, TOOL, form, period, organisation)
    found = await rows.fetch_forward(session, asked, whose.id)
    if found is None:
        return None
    return Forwarded(found, await rows.fetch_since(session, _next_level(below_of(asked, whose)), found["at"]))


def _next_level(below: rows.Below) -> rows.Below:
    """Return only the nearest of the levels that report: what is further down its own level above has sent on."""
    order = ("province", "commune", "group")
    return replace(below, levels=tuple(sorted(below.levels, key=order.index)[:1]))
