"""Queries of forms and reports. Who may see or change what is asked by the tool whose forms they are."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.access import Actor
from mattranso_app.core.db import Reader
from mattranso_app.core.reporting.forms import FormDefinition
from mattranso_app.core.reporting.models import Act, Source
from mattranso_app.core.reporting.periods import Period, parse_period
from mattranso_app.core.sql import sql


@dataclass(frozen=True, slots=True)
class FormVersion:
    """A published version of a form with the slots of the form's cells."""

    form_id: int
    code: str
    owner_path: str
    version: int
    from_period: str
    definition: FormDefinition
    slots: Mapping[str, int]
    closed_from: str | None = None
    """The first period the form is not asked for any more."""

    def is_asked_for(self, period: Period) -> bool:
        """Return whether the form was not retired before a period of its kind."""
        return self.closed_from is None or period.start < parse_period(self.closed_from).start


_VERSION = """
SELECT f.id, f.code, f.owner_path, f.closed_from, v.version, v.from_period, v.definition,
       (SELECT jsonb_object_agg(s.key, s.slot) FROM reporting_slot s WHERE s.form_id = f.id) AS slots
FROM reporting_form f JOIN reporting_form_version v ON v.form_id = f.id
"""

_NEWEST_OF_TOOL = (
    "WHERE f.tool = :tool AND v.version = (SELECT max(version) FROM reporting_form_version w WHERE w.form_id = f.id) "
    "ORDER BY array_position(ARRAY['week', 'month', 'quarter', 'half', 'year', 'term'], v.definition->>'period_kind'), f.code LIMIT 500"
)

_parsed: dict[tuple[int, int, str], FormDefinition] = {}
"""Definitions that were read: they never change, and checking 600 cells costs more than a query."""


def _version(row: RowMapping) -> FormVersion:
    key = (row["id"], row["version"], json.dumps(row["definition"], sort_keys=True, ensure_ascii=False))
    if key not in _parsed:
        if len(_parsed) > 500:
            _parsed.clear()
        _parsed[key] = FormDefinition.model_validate(row["definition"])
    return FormVersion(
        row["id"], row["code"], row["owner_path"], row["version"], row["from_period"], _parsed[key], row["slots"] or {},
        row["closed_from"],
    )


async def fetch_version(session: Reader, form_id: int, period_start: date) -> FormVersion | None:
    """Return the version of a form that holds for a period beginning on `period_start`; None before its first."""
    statement = _VERSION + "WHERE f.id = :form AND v.from_day <= :day ORDER BY v.from_day DESC LIMIT 1"
    row = (await session.execute(sql(statement), {"form": form_id, "day": period_start})).mappings().first()
    return _version(row) if row else None


async def fetch_versions(session: Reader, form_id: int) -> list[FormVersion]:
    """Return all versions of a form, oldest first (at most 100)."""
    rows = await session.execute(sql(_VERSION + "WHERE f.id = :form ORDER BY v.version LIMIT 100"), {"form": form_id})
    return [_version(row) for row in rows.mappings()]


async def fetch_newest_versions(session: Reader, tool: str) -> list[FormVersion]:
    """Return the newest version of every form of a tool, what is asked most often first, then by code (at most 500)."""
    rows = await session.execute(sql(_VERSION + _NEWEST_OF_TOOL), {"tool": tool})
    return [_version(row) for row in rows.mappings()]


async def fetch_open_versions(session: Reader, tool: str, day: date) -> list[FormVersion]:
    """Return every version of a tool's forms, newest first in each form, begun by `day` (at most 1,000).

    Those of retired forms are among them: the periods before that are still to be reported (`FormVersion.is_asked_for`).

    Args:
        session: where to read.
        tool: whose forms.
        day: versions that hold only for periods beginning later are left out.
    """
    asked = "WHERE f.tool = :tool AND v.from_day <= :day ORDER BY f.code, v.from_day DESC LIMIT 1000"
    rows = await session.execute(sql(_VERSION + asked), {"tool": tool, "day": day})
    return [_version(row) for row in rows.mappings()]


async def fetch_form_id(session: Reader, tool: str, code: str) -> int | None:
    """Return the id of a tool's form by its code."""
    statement = sql("SELECT id FROM reporting_form WHERE tool = :tool AND code = :code")
    found: int | None = (await session.execute(statement, {"tool": tool, "code": code})).scalar_one_or_none()
    return found


async def fetch_closed_from(session: Reader, form_id: int) -> str | None:
    """Return the first period a form is not asked for any more, None while it goes on."""
    found: str | None = (await session.execute(sql("SELECT closed_from FROM reporting_form WHERE id = :form"), {"form": form_id})).scalar()
    return found


_REPORT = (
    "SELECT id, form_id, version, organisation, period, period_end, unit_id, unit_path, reported_path, group_path, level, state, "
    "revision, cells, gaps, explanations, due_at, lock_at, submitted_at, submitted_by, is_late, amendments, decided_at, decided_by, "
    "updated_at FROM reporting_report "
)


async def fetch_report(session: Reader, report_id: int) -> RowMapping | None:
    """Return a report by its id."""
    return (await session.execute(sql(_REPORT + "WHERE id = :id"), {"id": report_id})).mappings().first()


async def fetch_report_of(session: Reader, form_id: int, period: str, organisation: str, unit_id: int) -> RowMapping | None:
    """Return the report of a unit, None when it has not begun one."""
    statement = _REPORT + "WHERE form_id = :form AND period = :period AND organisation = :organisation AND unit_id = :unit"
    values = {"form": form_id, "period": period, "organisation": organisation, "unit": unit_id}
    return (await session.execute(sql(statement), values)).mappings().first()


async def fetch_reports_of(
    session: Reader, form_id: int, periods: Sequence[str], organisation: str, unit_ids: Sequence[int]
) -> list[RowMapping]:
    """Return the reports of some units (at most 5,000) in some periods, by unit and period."""
    statement = _REPORT + (
        "WHERE form_id = :form AND period = ANY(:periods) AND organisation = :organisation AND unit_id = ANY(:units) "
        "ORDER BY unit_id, period_end LIMIT 20000"
    )
    values = {"form": form_id, "periods": list(periods), "organisation": organisation, "units": list(unit_ids)[:5000]}
    return list((await session.execute(sql(statement), values)).mappings())


async def fetch_reports_of_units(session: Reader, form_ids: Sequence[int], unit_ids: Sequence[int], since: date) -> list[RowMapping]:
    """Return the reports of some units by some forms about periods ending on `since` or later, and all that were given back."""
    statement = _REPORT + (
        "WHERE unit_id = ANY(:units) AND form_id = ANY(:forms) AND (period_end >= :since OR state = 'returned') "
        "ORDER BY period_end DESC LIMIT 2000"
    )
    values = {"units": list(unit_ids), "forms": list(form_ids), "since": since}
    return list((await session.execute(sql(statement), values)).mappings())


async def lock_reports(
    session: AsyncSession, form_id: int, period: str, organisation: str, unit_ids: Sequence[int]
) -> dict[int, RowMapping]:
    """Return the begun reports of some units, locked until the transaction ends, by unit; always in the same order of units."""
    statement = _REPORT + (
        "WHERE form_id = :form AND period = :period AND organisation = :organisation AND unit_id = ANY(:units) "
        "ORDER BY unit_id FOR UPDATE"
    )
    values = {"form": form_id, "period": period, "organisation": organisation, "units": list(unit_ids)}
    return {row["unit_id"]: row for row in (await session.execute(sql(statement), values)).mappings()}


@dataclass(frozen=True, slots=True)
class NewReport:
    """What a report is about, before it has an id."""

    unit_id: int
    unit_path: str
    level: str
    due_at: datetime
    lock_at: datetime | None


async def begin_reports(
    session: AsyncSession, version: FormVersion, period: str, period_end: date, organisation: str, reports: Sequence[NewReport],
    at: datetime,
) -> None:
    """Write empty reports; those that exist already stay as they are."""
    if not reports:
        return
    statement = (
        "INSERT INTO reporting_report (form_id, version, organisation, period, period_end, unit_id, unit_path, reported_path, level, "
        "due_at, lock_at, updated_at) SELECT :form, :version, :organisation, :period, :end, u.* , :at FROM (SELECT unit_id, path, path, "
        "level, due_at, lock_at FROM unnest(CAST(:units AS int[]), CAST(:paths AS text[]), CAST(:levels AS text[]), "
        "CAST(:dues AS timestamptz[]), CAST(:locks AS timestamptz[])) AS n (unit_id, path, level, due_at, lock_at)) u "
        "ON CONFLICT (form_id, period, organisation, unit_id) DO NOTHING"
    )
    ordered = sorted(reports, key=lambda report: report.unit_id)
    await session.execute(
        sql(statement),
        {
            "form": version.form_id, "version": version.version, "organisation": organisation, "period": period, "end": period_end,
            "at": at, "units": [r.unit_id for r in ordered], "paths": [r.unit_path for r in ordered],
            "levels": [r.level for r in ordered], "dues": [r.due_at for r in ordered], "locks": [r.lock_at for r in ordered],
        },
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one report, and the revision that tells of it. `numbers` None: it does not count."""

    report_id: int
    revision: int
    act: Act
    state: str
    cells: Mapping[str, str]
    numbers: Sequence[Decimal | None] | None
    changes: Mapping[str, tuple[str | None, str | None]]
    gaps: Mapping[str, str]
    explanations: Mapping[str, str]
    reason: str = ""
    is_late: bool = False


_APPLY = """
UPDATE reporting_report r SET revision = c.revision, state = c.state, cells = c.cells,
  numbers = CASE WHEN c.numbers IS NULL THEN NULL
            ELSE ARRAY(SELECT CAST(n AS numeric) FROM jsonb_array_elements_text(c.numbers) WITH ORDINALITY AS e (n, at) ORDER BY at) END,
  gaps = c.gaps, explanations = c.explanations, updated_at = :at,
  submitted_at = CASE WHEN c.act IN ('submit') THEN coalesce(r.submitted_at, :at) ELSE r.submitted_at END,
  submitted_by = CASE WHEN c.act IN ('submit') THEN :person ELSE r.submitted_by END,
  is_late = CASE WHEN c.act = 'submit' AND r.submitted_at IS NULL THEN :at > r.due_at ELSE r.is_late END,
  amendments = r.amendments + CASE WHEN c.act = 'amend' OR (c.act = 'submit' AND r.submitted_at IS NOT NULL) THEN 1 ELSE 0 END,
  lock_at = CASE WHEN c.act = 'reopen' THEN NULL ELSE r.lock_at END,
  decided_at = CASE WHEN c.act IN ('return', 'approve', 'reopen') THEN :at WHEN c.act = 'submit' THEN NULL ELSE r.decided_at END,
  decided_by = CASE WHEN c.act IN ('return', 'approve', 'reopen') THEN :person WHEN c.act = 'submit' THEN NULL ELSE r.decided_by END
FROM jsonb_to_recordset(CAST(:changes AS jsonb)) AS c (id bigint, revision int, act text, state text, cells jsonb, numbers jsonb,
  changes jsonb, gaps jsonb, explanations jsonb, reason text)
WHERE r.id = c.id
"""
_TELL = """
INSERT INTO reporting_revision (report_id, revision, at, act, source, person_id, person_name, changes, reason)
SELECT c.id, c.revision, :at, c.act, :source, :person, :name, c.changes, c.reason
FROM jsonb_to_recordset(CAST(:changes AS jsonb)) AS c (id bigint, revision int, act text, changes jsonb, reason text)
"""
_STALE = """
INSERT INTO reporting_stale (form_id, period, organisation, group_path)
SELECT DISTINCT form_id, period, organisation, group_path FROM reporting_report WHERE id = ANY(:ids)
"""


async def apply_changes(session: AsyncSession, actor: Actor, source: Source, at: datetime, changes: Sequence[Change]) -> None:
    """Write what becomes of locked reports, their revisions, and which totals that makes stale: three statements for any number."""
    if not changes:
        return
    rows = json.dumps([_row(change) for change in changes], ensure_ascii=False)
    person: UUID | None = actor.person_id
    await session.execute(sql(_APPLY), {"changes": rows, "at": at, "person": person})
    await session.execute(
        sql(_TELL), {"changes": rows, "at": at, "person": person, "name": actor.name[:200], "source": source.value}
    )
    counted = [change.report_id for change in changes if change.act is not Act.SAVE]
    if counted:
        await session.execute(sql(_STALE), {"ids": counted})


def _row(change: Change) -> dict[str, Any]:
    return {
        "id": change.report_id, "revision": change.revision, "act": change.act.value, "state": change.state,
        "cells": dict(change.cells),
        "numbers": None if change.numbers is None else [None if number is None else str(number) for number in change.numbers],
        "changes": {key: list(pair) for key, pair in change.changes.items()}, "gaps": dict(change.gaps),
        "explanations": dict(change.explanations), "reason": change.reason,
    }  # fmt: skip


async def fetch_revisions(session: Reader, report_id: int, before: int | None = None, limit: int = 50) -> list[RowMapping]:
    """Return the revisions of a report, newest first, one page of at most 200 ending before revision `before`."""
    statement = sql(
        "SELECT revision, at, act, source, person_id, person_name, changes, reason FROM reporting_revision WHERE report_id = :id "
        "AND revision < :before ORDER BY revision DESC LIMIT :limit"
    )
    values = {"id": report_id, "before": before or 2**31 - 1, "limit": max(1, min(limit, 200))}
    return list((await session.execute(statement, values)).mappings())


async def fetch_changed_since(session: Reader, report_id: int, revision: int) -> dict[str, str | None]:
    """Return what was written into cells of a report after `revision`: the latest value of each."""
    statement = sql("SELECT changes FROM reporting_revision WHERE report_id = :id AND revision > :revision ORDER BY revision")
    found: dict[str, str | None] = {}
    for row in await session.execute(statement, {"id": report_id, "revision": revision}):
        found.update({key: pair[1] for key, pair in row.changes.items()})
    return found


async def fetch_changed_after(session: Reader, seen: Mapping[int, int]) -> dict[int, dict[str, tuple[str | None, str | None]]]:
    """Return what was written into reports after the revisions somebody saw, in one statement.

    Args:
        session: where to read.
        seen: by id of the report (at most 5,000), the revision.

    Returns:
        By id of the report and key of the cell, what it held at that revision and what was written last.
    """
    if not seen:
        return {}
    statement = sql(
        "SELECT r.report_id, r.changes FROM unnest(CAST(:ids AS bigint[]), CAST(:revisions AS int[])) AS s (id, revision) "
        "JOIN reporting_revision r ON r.report_id = s.id AND r.revision > s.revision ORDER BY r.report_id, r.revision"
    )
    found: dict[int, dict[str, tuple[str | None, str | None]]] = {}
    for row in await session.execute(statement, {"ids": list(seen), "revisions": list(seen.values())}):
        cells = found.setdefault(row.report_id, {})
        for key, (before, after) in row.changes.items():
            cells[key] = (cells[key][0] if key in cells else before, after)
    return found
