"""Queries of what goes upward: reports of the units below by state, their figures, forwards. Callers have asked for rights."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.access import Actor
from mattranso_app.core.db import Reader
from mattranso_app.core.reporting.reports import Asked
from mattranso_app.core.sql import sql

PAGE = 50
"""Units of one page of a list."""

TABS: dict[str, str] = {
    "cho-duyet": "r.state = 'submitted'",
    "tra-lai": "r.state = 'returned'",
    "da-duyet": "r.state = 'approved'",
    "chua-gui": "(r.id IS NULL OR r.state IN ('draft', 'returned'))",
    "tat-ca": "true",
}
"""The lists of the review and what stands in each."""

_UNITS = """
FROM unit u JOIN unit p ON p.id = u.parent_id
LEFT JOIN reporting_report r ON r.unit_id = u.id AND r.form_id = :form AND r.period = :period AND r.organisation = :organisation
WHERE u.valid_to IS NULL AND u.level = ANY(:levels) AND u.path LIKE :below AND starts_with(u.path, :owner)
"""
_ROW = """
SELECT u.id AS unit_id, u.code, u.name, u.path, p.name AS parent_name, r.id AS report_id, r.state, r.revision, r.is_late, r.amendments,
  r.submitted_at, r.submitted_by, r.decided_at, r.updated_at, r.due_at, r.lock_at,
  (SELECT count(*) FROM jsonb_object_keys(r.gaps)) AS gaps, (SELECT count(*) FROM jsonb_object_keys(r.explanations)) AS explanations
"""


@dataclass(frozen=True, slots=True)
class Below:
    """Units below one that report by a form: `path` is that unit's, `levels` those that are looked at."""

    asked: Asked
    path: str
    levels: tuple[str, ...]

    def values(self) -> dict[str, Any]:
        """Return the parameters of a query."""
        version = self.asked.version
        return {
            "form": version.form_id, "period": self.asked.period.key, "organisation": self.asked.organisation,
            "levels": list(self.levels), "below": f"{self.path}_%", "owner": version.owner_path,
        }  # fmt: skip


async def fetch_below(session: Reader, below: Below, tab: str, after: str = "", limit: int = PAGE) -> list[RowMapping]:
    """Return one page of the units of a tab with their reports, in the order of their paths, one more than `limit` if there is."""
    statement = sql(_ROW + _UNITS + f"AND {TABS[tab]} AND u.path > :after ORDER BY u.path LIMIT :limit")
    rows = await session.execute(statement, {**below.values(), "after": after, "limit": limit + 1})
    return list(rows.mappings())


async def fetch_unit_below(session: Reader, below: Below, unit_id: int) -> RowMapping | None:
    """Return one unit with its report, None when it is not asked there."""
    statement = sql(_ROW + _UNITS + "AND u.id = :unit")
    return (await session.execute(statement, {**below.values(), "unit": unit_id})).mappings().first()


async def count_below(session: Reader, below: Below) -> dict[str, int]:
    """Return how many units stand in each tab, and `late`: submitted late."""
    counts = ", ".join(f"count(*) FILTER (WHERE {where}) AS \"{tab}\"" for tab, where in TABS.items())
    statement = sql(f"SELECT {counts}, count(*) FILTER (WHERE r.is_late) AS late {_UNITS}")
    return dict((await session.execute(statement, below.values())).mappings().one())


async def fetch_comments_of(session: Reader, report_id: int) -> list[RowMapping]:
    """Return the newest 200 comments about cells of a report, oldest first."""
    statement = sql(
        "SELECT * FROM (SELECT id, key, at, person_name, body FROM reporting_comment WHERE report_id = :report "
        "ORDER BY id DESC LIMIT 200) c ORDER BY id"
    )
    return list((await session.execute(statement, {"report": report_id})).mappings())


async def insert_comments(session: AsyncSession, actor: Actor, report_id: int, comments: Mapping[str, str], at: datetime) -> None:
    """Write what the level above says about single cells."""
    if not comments:
        return
    statement = (
        "INSERT INTO reporting_comment (report_id, key, at, person_id, person_name, body) "
        "SELECT :report, e.key, :at, :person, :name, e.value FROM jsonb_each_text(CAST(:comments AS jsonb)) e"
    )
    values = {
        "report": report_id, "at": at, "person": actor.person_id, "name": actor.name[:200],
        "comments": json.dumps(dict(comments), ensure_ascii=False),
    }
    await session.execute(sql(statement), values)


_FORWARDS = """
SELECT f.id, f.unit_id, f.unit_path, u.code, u.name, f.at, f.person_id, f.person_name, f.expected, f.reports, f.missing, f.note, f.state,
  f.decided_at, f.decided_by, f.reason FROM reporting_forward f JOIN unit u ON u.id = f.unit_id
WHERE f.form_id = :form AND f.period = :period AND f.organisation = :organisation
"""


async def fetch_forward(session: Reader, asked: Asked, unit_id: int, *, locked: bool = False) -> RowMapping | None:
    """Return the newest forward of a unit."""
    statement = _FORWARDS + "AND f.unit_id = :unit ORDER BY f.id DESC LIMIT 1" + (" FOR UPDATE OF f" if locked else "")
    return (await session.execute(sql(statement), {**_about(asked), "unit": unit_id})).mappings().first()


async def lock_forwards(session: AsyncSession, asked: Asked, unit_id: int) -> None:
    """Have others who send on for the same unit wait until the transaction ends."""
    await session.execute(
        sql("SELECT pg_advisory_xact_lock(hashtextextended(:about, 26))"),
        {"about": f"{asked.version.form_id}/{asked.period.key}/{asked.organisation}/{unit_id}"},
    )


async def fetch_forwards_below(session: Reader, asked: Asked, path: str) -> list[RowMapping]:
    """Return the newest forward of each unit right below the one at `path` (at most 500), by path."""
    statement = (
        "WITH sent AS (" + _FORWARDS + "AND f.unit_path LIKE :below AND f.unit_path NOT LIKE :deeper) "  # noqa: S608 - our own words
        "SELECT * FROM (SELECT DISTINCT ON (unit_id) * FROM sent ORDER BY unit_id, id DESC) newest ORDER BY unit_path LIMIT 500"
    )
    values = {**_about(asked), "below": f"{path}_%", "deeper": f"{path}_%/_%"}
    return list((await session.execute(sql(statement), values)).mappings())


def _about(asked: Asked) -> dict[str, Any]:
    return {"form": asked.version.form_id, "period": asked.period.key, "organisation": asked.organisation}


async def insert_forward(
    session: AsyncSession, actor: Actor, asked: Asked, unit_id: int, path: str, at: datetime, *, expected: int, reports: int,
    missing: Sequence[Mapping[str, str]], note: str,
) -> int:
    """Write a forward; return its number."""
    statement = (
        "INSERT INTO reporting_forward (form_id, period, organisation, unit_id, unit_path, at, person_id, person_name, expected, reports, "
        "missing, note) VALUES (:form, :period, :organisation, :unit, :path, :at, :person, :name, :expected, :reports, "
        "CAST(:missing AS jsonb), :note) RETURNING id"
    )
    values = {
        **_about(asked), "unit": unit_id, "path": path, "at": at, "person": actor.person_id, "name": actor.name[:200],
        "expected": expected, "reports": reports, "missing": json.dumps(list(missing), ensure_ascii=False), "note": note,
    }
    made: int = (await session.execute(sql(statement), values)).scalar_one()
    return made


async def decide_forward(session: AsyncSession, actor: Actor, forward_id: int, state: str, reason: str, at: datetime) -> None:
    """Write what the level above decided about a forward."""
    statement = sql("UPDATE reporting_forward SET state = :state, decided_at = :at, decided_by = :person, reason = :reason WHERE id = :id")
    await session.execute(statement, {"id": forward_id, "state": state, "reason": reason, "at": at, "person": actor.person_id})


async def fetch_since(session: Reader, below: Below, at: datetime) -> list[RowMapping]:
    """Return what came or changed below after `at` (the first 500): unit, when, and whether it came only then (`is_new`).

    A report that counted at `at` had been submitted by then; whatever it counts as now, a change of what counts is told.
    """
    statement = sql(
        "SELECT u.code, u.name, max(v.at) AS at, bool_and(r.submitted_at > :at) AS is_new, "
        "(array_agg(v.act ORDER BY v.revision DESC))[1] AS act "
        + _UNITS.replace("WHERE", "JOIN reporting_revision v ON v.report_id = r.id AND v.at > :at AND v.act <> 'save' WHERE", 1)
        + "AND (v.act <> 'approve') GROUP BY u.code, u.name, u.path ORDER BY u.path LIMIT 500"
    )
    return list((await session.execute(statement, {**below.values(), "at": at})).mappings())
