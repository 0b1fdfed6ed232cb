"""Queries of the form designer: forms with their drafts, the catalogue of indicators."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.clock import now
from mattranso_app.core.db import Reader
from mattranso_app.core.sql import sql

PAGE = 50
"""Forms of one page of the list."""

_FORM = """
SELECT f.id, f.code, f.owner_path, f.draft, f.draft_revision, f.closed_from, v.version, v.from_period, v.published_at, v.definition
FROM reporting_form f LEFT JOIN LATERAL
  (SELECT * FROM reporting_form_version w WHERE w.form_id = f.id ORDER BY w.version DESC LIMIT 1) v ON true
"""


async def fetch_codes(session: Reader, tool: str) -> set[str]:
    """Return the codes of all forms of a tool, drafts included."""
    rows = await session.execute(sql("SELECT code FROM reporting_form WHERE tool = :tool"), {"tool": tool})
    return {row.code for row in rows}


async def fetch_designs(session: Reader, tool: str, owners: Sequence[str], after: str = "") -> list[RowMapping]:
    """Return a page of forms with their newest version, those asked by a unit below one of `owners`, by code.

    Args:
        session: reads.
        tool: whose forms.
        owners: path prefixes.
        after: the code the page before ended with.
    """
    statement = _FORM + (
        "WHERE f.tool = :tool AND f.code > :after AND f.owner_path LIKE ANY(:owners) ORDER BY f.code LIMIT :limit"
    )
    values = {"tool": tool, "after": after, "owners": [f"{owner}%" for owner in owners], "limit": PAGE}
    return list((await session.execute(sql(statement), values)).mappings())


async def fetch_design(session: Reader, tool: str, code: str) -> RowMapping | None:
    """Return a form with its draft and its newest version."""
    found = await session.execute(sql(_FORM + "WHERE f.tool = :tool AND f.code = :code"), {"tool": tool, "code": code})
    return found.mappings().first()


async def lock_design(session: AsyncSession, tool: str, code: str) -> RowMapping | None:
    """Return a form as `fetch_design`, locked until the transaction ends."""
    found = await session.execute(
        sql(_FORM + "WHERE f.tool = :tool AND f.code = :code FOR UPDATE OF f"), {"tool": tool, "code": code}
    )
    return found.mappings().first()


async def fetch_history(session: Reader, form_id: int) -> list[RowMapping]:
    """Return the published versions of a form, newest first (at most 100)."""
    statement = sql(
        "SELECT version, from_period, published_at FROM reporting_form_version WHERE form_id = :form ORDER BY version DESC LIMIT 100"
    )
    return list((await session.execute(statement, {"form": form_id})).mappings())


async def insert_form(
    session: AsyncSession, tool: str, code: str, owner_path: str, draft: Mapping[str, Any], by: UUID | None
) -> bool:
    """Write a form that has only a draft; return whether the code was free."""
    statement = sql(
        "INSERT INTO reporting_form (tool, code, owner_path, draft, draft_revision, created_at, created_by) "
        "VALUES (:tool, :code, :owner, CAST(:draft AS jsonb), 1, :at, :by) ON CONFLICT (tool, code) DO NOTHING RETURNING id"
    )
    values = {
        "tool": tool, "code": code, "owner": owner_path, "draft": json.dumps(draft, ensure_ascii=False), "at": now(), "by": by,
    }  # fmt: skip
    return (await session.execute(statement, values)).first() is not None


async def save_draft(session: AsyncSession, form_id: int, draft: Mapping[str, Any] | None) -> int:
    """Write the draft of a form's next version, None to have none; return its revision."""
    statement = sql(
        "UPDATE reporting_form SET draft = CAST(:draft AS jsonb), draft_revision = draft_revision + 1 WHERE id = :form "
        "RETURNING draft_revision"
    )
    written = None if draft is None else json.dumps(draft, ensure_ascii=False)
    revision: int = (await session.execute(statement, {"form": form_id, "draft": written})).scalar_one()
    return revision


async def close_form(session: AsyncSession, form_id: int, from_period: str | None) -> None:
    """Stop asking for a form from a period on; None asks for it again."""
    await session.execute(
        sql("UPDATE reporting_form SET closed_from = :period WHERE id = :form"), {"form": form_id, "period": from_period}
    )


async def count_reports_since(session: Reader, form_id: int, from_day: date) -> int:
    """Return how many reports of a form there are for periods that end on `from_day` or later."""
    statement = sql("SELECT count(*) FROM reporting_report WHERE form_id = :form AND period_end >= :day")
    found: int = (await session.execute(statement, {"form": form_id, "day": from_day})).scalar_one()
    return found


async def count_units(session: Reader, owner_path: str, levels: Sequence[str]) -> int:
    """Return how many units of some levels there are today below a unit, itself included."""
    statement = sql("SELECT count(*) FROM unit WHERE valid_to IS NULL AND level = ANY(:levels) AND path LIKE :below")
    found: int = (await session.execute(statement, {"levels": list(levels), "below": f"{owner_path}%"})).scalar_one()
    return found


async def fetch_catalogue(session: Reader, owners: Sequence[str]) -> list[RowMapping]:
    """Return what designers pick from: indicators of `owners` (whole paths), by code (at most 500)."""
    statement = sql("SELECT code, definition FROM reporting_indicator WHERE owner_path = ANY(:owners) ORDER BY code LIMIT 500")
    return list((await session.execute(statement, {"owners": list(owners)})).mappings())


async def add_indicators(session: AsyncSession, indicators: Mapping[str, Mapping[str, Any]], owner_path: str) -> None:
    """Add indicators to the catalogue; one whose code is there already stays as it is.

    Args:
        session: writes.
        indicators: by code, `{"indicator": …, "categories": […]}`.
        owner_path: the unit whose designers keep them.
    """
    statement = sql(
        "INSERT INTO reporting_indicator (code, definition, owner_path) "
        "SELECT code, definition, :owner FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (code text, definition jsonb) "
        "ON CONFLICT (code) DO NOTHING"
    )
    rows = [{"code": code, "definition": definition} for code, definition in indicators.items()]
    await session.execute(statement, {"rows": json.dumps(rows, ensure_ascii=False), "owner": owner_path})
