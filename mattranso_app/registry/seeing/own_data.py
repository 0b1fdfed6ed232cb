"""What dashboards hold of a person: their names shown as his own data, and gone when his account is erased."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import personal_data
from mattranso_app.core.personal_data import Identifiers, Section
from mattranso_app.registry.service import dashboards
from mattranso_app.registry.text import seeing as text


async def _collect(session: AsyncSession, person_id: UUID, most: int, _is_whole: bool) -> list[Section]:
    names = await dashboards.fetch_names(session, person_id, most)
    return [Section("dashboards", text.OWN_DASHBOARDS, text.OWN_DASHBOARD_LABELS, [{"name": name} for name in names])]


async def _erase(session: AsyncSession, person_id: UUID, _identifiers: Identifiers) -> int:
    return await dashboards.forget(session, person_id)


personal_data.register_holder(personal_data.Holder("dashboards", collect=_collect, erase=_erase))
