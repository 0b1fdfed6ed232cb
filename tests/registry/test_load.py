"""What the loader of invented figures writes is what the verbs would write, totals included."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg

from mattranso_app.core import clock, db
from mattranso_app.core.access import SYSTEM
from mattranso_app.core.reporting import folding
from mattranso_app.core.reporting.models import Source
from mattranso_app.core.reporting.periods import PeriodKind
from mattranso_app.core.sql import sql
from mattranso_app.registry.load import seed_registry
from mattranso_app.registry.service import save_reports, submit_report

_REPORTS = sql(
    "SELECT r.form_id, version, organisation, period, period_end, u.code, unit_path, reported_path, r.level, state, revision, "
    "cells, numbers, gaps, explanations, due_at, lock_at, submitted_at, submitted_by, is_late, amendments, "
    "decided_at, decided_by, updated_at "
    "FROM reporting_report r JOIN unit u ON u.id = r.unit_id ORDER BY r.form_id, period, unit_id"
)
_REVISIONS = sql(
    "SELECT form_id, period, unit_id, v.revision, at, act, source, person_id, person_name, changes, reason "
    "FROM reporting_revision v JOIN reporting_report r ON r.id = report_id ORDER BY 1, 2, 3, 4"
)
_TOTALS = sql("SELECT * FROM reporting_total ORDER BY form_id, organisation, period, group_path, level")


async def everything() -> list[list]:
    async with db.reading() as session:
        return [[tuple(row) for row in await session.execute(query)] for query in (_REPORTS, _REVISIONS, _TOTALS)]


async def test_as_by_the_verbs(units_db) -> None:
    clock.freeze(datetime(2026, 11, 24, 3, tzinfo=UTC))
    back = {PeriodKind.WEEK: 2, PeriodKind.QUARTER: 1, PeriodKind.YEAR: 1}
    count = await seed_registry(units_db, back=back, below="vn/11/")
    loaded = await everything()
    assert len(loaded[0]) > 200 and count == sum(len(row.cells) for row in await _rows())
    assert await seed_registry(units_db) == 0
    forms, typed = await _typed()
    with psycopg.connect(units_db, autocommit=True) as owner:
        # The same database again, empty of what the loader wrote.
        owner.execute("TRUNCATE reporting_report, reporting_revision, reporting_comment, reporting_total, reporting_stale")
    some = [row for number, row in enumerate(loaded[0]) if number % 9 == 0]
    for row in some:
        form, period, code, at = forms[row[0]], row[3], row[5], row[17]
        clock.freeze(at)
        values = typed[row[0], period, code]
        await save_reports(SYSTEM, form, period, "mttq", {code: values}, Source.SEED)
        await submit_report(SYSTEM, form, period, "mttq", code, Source.SEED)
    written = await everything()
    assert written[0] == some
    kept = {(row[0], row[3], row[5]) for row in some}
    assert any(row[19] for row in loaded[0]) and not all(row[19] for row in loaded[0])
    ids = await _codes()
    assert written[1] == [row for row in loaded[1] if (row[0], row[1], ids[row[2]]) in kept]
    while await folding.fold_once():
        pass
    again = await everything()
    assert {row[:5] for row in again[2]} <= {row[:5] for row in loaded[2]}


async def test_totals_of_the_loader_are_those_of_its_reports(units_db) -> None:
    clock.freeze(datetime(2026, 11, 24, 3, tzinfo=UTC))
    await seed_registry(units_db, back={PeriodKind.WEEK: 1, PeriodKind.QUARTER: 1, PeriodKind.YEAR: 1}, below="vn/11/")
    kept = (await everything())[2]
    async with db.transaction() as session:
        await session.execute(sql("INSERT INTO reporting_stale (form_id, period, organisation, group_path) "
                                  "SELECT DISTINCT form_id, period, organisation, group_path FROM reporting_report"))  # fmt: skip
    while await folding.fold_once():
        pass
    assert (await everything())[2] == kept != []


async def _rows():
    async with db.reading() as session:
        return list(await session.execute(sql("SELECT cells FROM reporting_report")))


async def _codes() -> dict[int, str]:
    async with db.reading() as session:
        return {row.id: row.code for row in await session.execute(sql("SELECT id, code FROM unit"))}


async def _typed() -> tuple[dict[int, str], dict]:
    async with db.reading() as session:
        forms = {row.id: row.code for row in await session.execute(sql("SELECT id, code FROM reporting_form"))}
        rows = await session.execute(sql(
            "SELECT r.form_id, r.period, u.code, v.changes FROM reporting_report r JOIN unit u ON u.id = r.unit_id "
            "JOIN reporting_revision v ON v.report_id = r.id AND v.revision = 1"
        ))  # fmt: skip
        return forms, {(row[0], row[1], row[2]): {key: pair[1] for key, pair in row[3].items()} for row in rows}
