"""Notices to officers about reports, in the transaction that causes them. No figure travels in a notice."""

from __future__ import annotations

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.access import Role
from mattranso_app.core.reporting.models import Act
from mattranso_app.core.reporting.reports import Asked
from mattranso_app.identity.service import notices
from mattranso_app.registry.service.scope import FRONT, above_of
from mattranso_app.registry.text import upward as text
from mattranso_app.settings import settings
from mattranso_app.units.service import glimpse_unit
from mattranso_app.units.views import UnitView

MOST_TOLD = 20
"""Officers of one unit who are told of one thing."""


async def tell_decision(session: AsyncSession, asked: Asked, unit: UnitView, act: Act, report: RowMapping) -> None:
    """Tell who enters at the unit that its report came back or was opened again."""
    subject, words = text.TOLD_RETURNED if act is Act.RETURN else text.TOLD_REOPENED
    said = words.format(form=asked.definition.title, period=asked.period.label, whose=unit.name, link=entry_address(asked, unit.code))
    for _, person in await notices.fetch_role_holders(session, [unit.id], asked.organisation, [Role.HANDLER], MOST_TOLD):
        key = f"registry.{act.value}:{report['id']}:{report['revision']}:{person}"
        await notices.tell(session, person, subject, said, f"registry.{act.value}", key)


async def tell_asked_to_reopen(session: AsyncSession, asked: Asked, unit: UnitView, report: RowMapping) -> None:
    """Tell who approves at the level above that the unit asks for its report to be opened again; once for each revision."""
    above = await glimpse_unit(above_of(unit.path).rstrip("/").rpartition("/")[2])
    subject, words = text.TOLD_ASKED
    link = review_address(asked, unit.code)
    said = words.format(unit=unit.name, form=asked.definition.title, period=asked.period.label, whose=unit.name, link=link)
    organisations = sorted({FRONT, asked.organisation})
    told = [
        person for each in organisations
        for _, person in await notices.fetch_role_holders(session, [above.id], each, [Role.APPROVER], MOST_TOLD)
    ]  # fmt: skip
    for person in dict.fromkeys(told):
        key = f"registry.ask_reopen:{report['id']}:{report['revision']}:{person}"
        await notices.tell(session, person, subject, said, "registry.ask_reopen", key)


def entry_address(asked: Asked, unit: str) -> str:
    """Return the whole address at which a unit enters what is asked."""
    return f"{settings().origins()[0]}/csdl/nhap/{asked.version.code}/{asked.period.key}/{asked.organisation}/{unit}"


def review_address(asked: Asked, unit: str = "") -> str:
    """Return the whole address at which the level above looks at what is asked, with a unit's report open if one is named."""
    opened = f"&mo={unit}" if unit else ""
    return (
        f"{settings().origins()[0]}/csdl/duyet?bieu={asked.version.code}&ky={asked.period.key}&to-chuc={asked.organisation}"
        f"&muc=tat-ca{opened}"
    )
