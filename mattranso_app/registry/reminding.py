"""Reminders to units whose report has not come: before it is due, the day after, and once more; each step once.

Sent in office hours to who enters at the unit itself. Residential groups have no officers: their commune sees them in its
list. A run is bounded; the next one, half an hour later, goes on where it stopped.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import db, jobs
from mattranso_app.core.access import Role
from mattranso_app.core.calendar import working_calendar
from mattranso_app.core.clock import VN, now, today
from mattranso_app.core.reporting import store
from mattranso_app.core.reporting.periods import parse_period
from mattranso_app.core.reporting.reports import Asked
from mattranso_app.core.sql import sql
from mattranso_app.identity.service import notices
from mattranso_app.registry.service.entering import TOOL
from mattranso_app.registry.service.reviewing import open_periods
from mattranso_app.registry.service.telling import MOST_TOLD, entry_address
from mattranso_app.registry.text import upward as text

BATCH = 200
"""Units of one transaction."""
MOST_A_RUN = 2_000
"""Units of one run."""
PERIODS = 3
"""Periods of a form that are looked at: one that opens, one that is due, one that is late."""

_SILENT = """
INSERT INTO reporting_reminder (form_id, period, organisation, unit_id, step, at, told)
SELECT :form, :period, :organisation, u.id, :step, :at, 0 FROM unit u
LEFT JOIN reporting_report r ON r.unit_id = u.id AND r.form_id = :form AND r.period = :period AND r.organisation = :organisation
WHERE u.valid_to IS NULL AND u.level = ANY(:levels) AND starts_with(u.path, :owner) AND (r.id IS NULL OR r.state IN ('draft', 'returned'))
  AND NOT EXISTS (SELECT FROM reporting_reminder m WHERE m.form_id = :form AND m.period = :period AND m.organisation = :organisation
                   AND m.unit_id = u.id AND m.step = :step)
  AND EXISTS (SELECT FROM held_role h WHERE h.unit_id = u.id AND h.organisation = :organisation AND h.role = 'handler'
               AND h.valid_from <= :at AND (h.valid_to IS NULL OR h.valid_to > :at))
ORDER BY u.id LIMIT :limit
ON CONFLICT DO NOTHING RETURNING unit_id
"""


def step_of(due_at: datetime, at: datetime) -> str | None:
    """Return which reminder is to be sent at the moment `at` for what is due at `due_at`, None for none.

    `before`: on the day it is due or one of the two working days before; `after`: up to four working days late; `again`: up
    to ten. Whoever has not reported then is not reached by one more notice.
    """
    left = working_calendar().working_days_between(at.astimezone(VN).date(), due_at.astimezone(VN).date())
    if 0 <= left <= 2:
        return "before" if at <= due_at else None
    if -4 <= left < 0:
        return "after"
    return "again" if -10 <= left < -4 else None


@jobs.periodic("registry.remind", "*/30 * * * *")
async def remind() -> None:
    """Remind the silent, in office hours only."""
    if working_calendar().is_office_hours(now()):
        await remind_once()


async def remind_once(most: int = MOST_A_RUN) -> int:
    """Send what reminders are to be sent now, to at most `most` units; return to how many."""
    reminded = 0
    for asked, step in await _wanted():
        while reminded < most:
            count = await _remind_some(asked, step, min(BATCH, most - reminded))
            reminded += count
            if count == 0:
                break
    return reminded


async def _wanted() -> list[tuple[Asked, str]]:
    async with db.reading() as session:
        versions = await store.fetch_open_versions(session, TOOL, today())
        firsts = {each.form_id: parse_period(each.from_period) for each in versions}  # the oldest comes last
        newest = {each.form_id: each for each in reversed(versions)}
        found = []
        for version in newest.values():
            form = version.definition
            for period in open_periods(form.period_kind, firsts[version.form_id], form.opens_days, today(), PERIODS):
                held = await store.fetch_version(session, version.form_id, period.start)
                if held is None:
                    continue
                for organisation in held.definition.organisations:
                    asked = Asked(TOOL, held, period, organisation)
                    step = step_of(asked.due_at, now())
                    if step is not None:
                        found.append((asked, step))
    return found


async def _remind_some(asked: Asked, step: str, limit: int) -> int:
    """Remind some units in one transaction: that they were, and the notices, stand or fall together."""
    async with db.transaction() as session:
        values: dict[str, Any] = {
            "form": asked.version.form_id, "period": asked.period.key, "organisation": asked.organisation, "step": step, "at": now(),
            "levels": [level for level in asked.definition.levels if level != "group"], "owner": asked.version.owner_path, "limit": limit,
        }
        units = list((await session.execute(sql(_SILENT), values)).scalars())
        if units:
            await _tell(session, asked, step, units)
    return len(units)


async def _tell(session: AsyncSession, asked: Asked, step: str, units: list[int]) -> None:
    found = await session.execute(sql("SELECT id, code, name FROM unit WHERE id = ANY(:units)"), {"units": units})
    named = {row.id: row for row in found}
    subject, words = text.REMINDERS[step]
    due = f"{asked.due_at.astimezone(VN):%d/%m/%Y}"
    told: dict[int, int] = {}
    holders = await notices.fetch_role_holders(session, units, asked.organisation, [Role.HANDLER], len(units) * MOST_TOLD)
    for unit_id, person in holders:
        if told.get(unit_id, 0) == MOST_TOLD:
            continue
        unit = named[unit_id]
        said = words.format(
            form=asked.definition.title, period=asked.period.label, unit=unit.name, due=due, link=entry_address(asked, unit.code)
        )
        key = f"registry.remind:{asked.version.form_id}:{asked.period.key}:{asked.organisation}:{unit_id}:{step}:{person}"
        told[unit_id] = told.get(unit_id, 0) + await notices.tell(session, person, subject, said, f"registry.remind_{step}", key)
