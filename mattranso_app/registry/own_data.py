"""What the online database holds of a person: which changes of reports he made, and their names when he is to be forgotten.

What was done to a report stays, as the organisation's record; who did it goes. Versions of forms keep the bare id of who
published them: they never change, and behind the id there is nobody any more.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import personal_data
from mattranso_app.core.clock import VN
from mattranso_app.core.personal_data import Identifiers, Section
from mattranso_app.core.sql import sql
from mattranso_app.registry.text import upward as text

_DONE = """
SELECT f.code, r.period, u.name, v.act, v.at FROM reporting_revision v JOIN reporting_report r ON r.id = v.report_id
JOIN reporting_form f ON f.id = r.form_id JOIN unit u ON u.id = r.unit_id WHERE v.person_id = :person
ORDER BY v.at DESC, v.report_id DESC, v.revision DESC LIMIT :most
"""
_FORGET = (
    "UPDATE reporting_revision SET person_id = NULL, person_name = '' WHERE person_id = :person",
    "UPDATE reporting_comment SET person_id = NULL, person_name = '' WHERE person_id = :person",
    "UPDATE reporting_forward SET person_id = NULL, person_name = '' WHERE person_id = :person",
    "UPDATE reporting_forward SET decided_by = NULL WHERE decided_by = :person",
    "UPDATE reporting_report SET submitted_by = NULL WHERE submitted_by = :person",
    "UPDATE reporting_report SET decided_by = NULL WHERE decided_by = :person",
    "UPDATE reporting_form SET created_by = NULL WHERE created_by = :person",
    "UPDATE reporting_link SET made_by = NULL WHERE made_by = :person",
    "UPDATE reporting_link SET revoked_by = NULL WHERE revoked_by = :person",
)


async def _collect(session: AsyncSession, person_id: UUID, most: int, _is_whole: bool) -> list[Section]:
    rows = (await session.execute(sql(_DONE), {"person": person_id, "most": most})).all()
    told = [
        {
            "form": row.code, "period": row.period, "unit": row.name, "act": text.ACTS[row.act],
            "at": row.at.astimezone(VN).strftime("%d/%m/%Y, %H:%M"),
        }
        for row in rows
    ]
    return [Section("reports", text.OWN_ACTS, text.OWN_ACT_LABELS, told)]


async def _erase(session: AsyncSession, person_id: UUID, _identifiers: Identifiers) -> int:
    changed = 0
    for statement in _FORGET:
        changed += len((await session.execute(sql(f"{statement} RETURNING 1"), {"person": person_id})).all())
    return changed


personal_data.register_holder(personal_data.Holder("registry", collect=_collect, erase=_erase))
