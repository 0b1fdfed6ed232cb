"""The live topic of a form's period: it tells that figures have changed, never which; what each may see he asks for himself."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import live
from mattranso_app.core.access import Actor
from mattranso_app.core.db import glance
from mattranso_app.core.errors import NotFound
from mattranso_app.core.sql import sql
from mattranso_app.registry.service import scope
from mattranso_app.registry.service.entering import TOOL

_STEPS = """
SELECT count(*) AS reports, coalesce(sum(revision), 0)::bigint AS steps FROM reporting_report
WHERE form_id = :form AND organisation = :organisation AND period = :period AND numbers IS NOT NULL
"""


async def snapshot(session: AsyncSession, params: live.Params) -> dict[str, Any]:
    """Return how often what counts in a form's period has changed: an open page looks again when it does."""
    if not params["form"].isdecimal():
        raise NotFound()
    values = {"form": int(params["form"][:9]), "organisation": params["organisation"], "period": params["period"].upper()}
    row = (await session.execute(sql(_STEPS), values)).one()
    return {"steps": f"{row.reports}.{row.steps}"}


async def may_read(actor: Actor, params: live.Params) -> bool:
    """Return whether `actor` sees figures of the organisation somewhere the form is asked."""
    below = scope.readable(actor, params["organisation"])
    if not below or not params["form"].isdecimal():
        return False
    async with glance() as connection:
        statement = sql("SELECT owner_path FROM reporting_form WHERE id = :form AND tool = :tool")
        owner = (await connection.execute(statement, {"form": int(params["form"][:9]), "tool": TOOL})).scalar_one_or_none()
    return owner is not None and any(path.startswith(owner) or owner.startswith(path) for path in below)


live.topic("registry/{form}/{organisation}/{period}", readers=may_read, snapshot=snapshot, recompute=True)
