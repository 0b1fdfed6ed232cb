"""Queries behind the choices people have when they look at figures."""

from __future__ import annotations

from collections.abc import Sequence

from mattranso_app.core.db import Reader
from mattranso_app.core.sql import sql


async def fetch_newest_period(session: Reader, form_id: int, organisations: Sequence[str], below: Sequence[str]) -> str | None:
    """Return the newest period somebody has handed a report up for, below one of the paths `below`; None when nobody has."""
    statement = (
        "SELECT max(period) FROM reporting_report WHERE form_id = :form AND organisation = ANY(:organisations) AND numbers IS NOT NULL "
        "AND EXISTS (SELECT FROM unnest(CAST(:below AS text[])) b WHERE unit_path LIKE b || '%')"
    )
    values = {"form": form_id, "organisations": list(organisations), "below": list(below)}
    found: str | None = (await session.execute(sql(statement), values)).scalar_one_or_none()
    return found


async def fetch_organisations(session: Reader) -> dict[str, str]:
    """Return the short names of the organisations by code, in their order."""
    return {row.code: row.short_name for row in await session.execute(sql("SELECT code, short_name FROM organisation ORDER BY position"))}
