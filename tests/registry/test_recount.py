"""Every total is counted anew by another engine, DuckDB, from the raw revisions: after random reports, edits, returns,
approvals, amendments, and after units were merged, divided and moved; at every level, as reported and on today's map."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random

import duckdb
import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mattranso_app.core import clock, db, embedded_postgres, live
from mattranso_app.core.access import SYSTEM
from mattranso_app.core.errors import DomainError
from mattranso_app.core.reporting import folding
from mattranso_app.core.reporting.models import Source
from mattranso_app.core.sql import sql
from mattranso_app.registry import following
from mattranso_app.registry.service import approve_reports, reopen_report, return_report, save_reports, submit_report
from mattranso_app.registry.service.totals import Question, get_totals, list_sources
from mattranso_app.units.importer import apply_import, plan_import
from mattranso_app.units.kinds import Kind
from mattranso_app.units.release import Former
from tests.core.reporting.factories import make_form
from tests.units.factories import current_units, line, release_of

PERIODS = ("2026-Q4", "2027-Q1", "2027-Q2")
REPORTED_ON = (date(2027, 1, 10), date(2027, 4, 10), date(2027, 7, 10))
CHANGED_ON = (date(2027, 2, 15), date(2027, 5, 15))
KEYS = ("hoi_vien", "cuoc")
SHARES = ("0.3", "0.25", "0.875", "0.333333")


def at(day: date) -> None:
    clock.freeze(datetime(day.year, day.month, day.day, 5, tzinfo=UTC))


async def report_something(chance: Random, codes: list[str], periods: tuple[str, ...]) -> None:
    """Random acts on random reports; what a report's state forbids is refused and changes nothing."""
    for _ in range(30):
        code, period, organisation = chance.choice(codes), chance.choice(periods), chance.choice(("mttq", "phu_nu"))
        what = ("thu", period, organisation)
        values = {key: chance.choice([str(chance.randrange(500)), None]) for key in ("hoi_vien/nam", "hoi_vien/nu", "cuoc")}
        gaps = dict.fromkeys(values, "chưa có")
        try:
            match chance.choice(("save", "save", "submit", "submit", "amend", "return", "approve", "reopen", "fold")):
                case "save":
                    await save_reports(SYSTEM, *what, {code: values}, Source.FORM)
                case "submit":
                    await submit_report(SYSTEM, *what, code, Source.FORM, gaps)
                case "amend":
                    await save_reports(SYSTEM, *what, {code: values}, Source.EXCEL, reason="sửa")
                case "return":
                    await return_report(SYSTEM, *what, code, "xem lại")
                case "approve":
                    await approve_reports(SYSTEM, *what, [code])
                case "reopen":
                    await reopen_report(SYSTEM, *what, code, "xin sửa")
                case "fold":
                    await folding.fold_once()
        except DomainError:
            continue


async def change_units(chance: Random, codes: list[str], day: date, may_be_unsure: bool) -> None:
    """Merge, divide and move some of the communes `codes`, each at most once; those that end leave the list."""
    lines = {unit.code: line(unit) for unit in await current_units()}
    former: dict[str, list[Former]] = defaultdict(list)
    chance.shuffle(codes)
    one, heir, two, left, right, giver, taker, mover = codes[:8]
    former[heir].append(Former(one, None))
    share = Decimal(chance.choice(SHARES))
    unsure = may_be_unsure and chance.random() < 0.6
    former[left].append(Former(two, None if unsure else share))
    former[right].append(Former(two, None if unsure else 1 - share))
    former[taker].append(Former(giver, None if may_be_unsure and chance.random() < 0.5 else share))
    units = {unit.code: unit for unit in await current_units()}
    for code, origins in former.items():
        lines[code] = line(units[code], former=tuple(origins))
    away = "04" if units[mover].path.startswith("vn/01/") else "01"
    lines[mover] = line(units[mover], parent=away, name=f"Xã Chuyển {mover}", kind=Kind.XA)
    for code in (one, two):
        del lines[code]
        codes.remove(code)
    await apply_import(SYSTEM, await plan_import(release_of(lines.values()), day), "NQ")


async def raw() -> duckdb.DuckDBPyConnection:
    """Return what was ever written, before anything is computed, in the other engine."""
    other = duckdb.connect()
    other.execute("CREATE TABLE report (id INT, period TEXT, period_end DATE, organisation TEXT, unit INT, path TEXT)")
    other.execute("CREATE TABLE act (report INT, revision INT, act TEXT)")
    other.execute("CREATE TABLE change (report INT, revision INT, key TEXT, value DECIMAL(18, 0))")
    other.execute("CREATE TABLE unit (id INT, path TEXT)")
    other.execute("CREATE TABLE edge (from_unit INT, on_day DATE, to_unit INT, part DECIMAL(18, 12), place TEXT)")
    async with db.reading() as session:
        for table, query in {
            "report": "SELECT id, period, period_end, organisation, unit_id, reported_path FROM reporting_report",
            "act": "SELECT report_id, revision, act FROM reporting_revision",
            "unit": "SELECT id, path FROM unit",
        }.items():
            rows = [tuple(row) for row in await session.execute(sql(query))]
            marks = ", ".join("?" * len(rows[0])) if rows else ""
            if table == "unit":
                other.execute("INSERT INTO unit SELECT unnest(?), unnest(?)", [[row[0] for row in rows], [row[1] for row in rows]])
            elif rows:
                other.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        changes = await session.execute(sql("SELECT report_id, revision, changes FROM reporting_revision"))
        values = [(row[0], row[1], key, pair[1]) for row in changes for key, pair in row.changes.items()]
        if values:
            other.executemany("INSERT INTO change VALUES (?, ?, ?, ?)", values)
        edges = await _edges(session)
        if edges:
            other.executemany("INSERT INTO edge VALUES (?, ?, ?, ?, ?)", edges)
    other.execute(_RECOUNT)
    return other


async def _edges(session) -> list[tuple]:
    """One step from a unit to its heirs of a day; what nobody divided goes to the province they share, or to the country."""
    heirs = defaultdict(list)
    for row in await session.execute(
        sql("SELECT s.from_id, s.to_id, s.on_date, s.share, s.kind, u.path FROM unit_succession s JOIN unit u ON u.id = s.to_id")
    ):
        heirs[row.from_id, row.on_date].append(row)
    own = {row.id: row.path for row in await session.execute(sql("SELECT id, path FROM unit"))}
    edges = []
    for (unit, day), rows in heirs.items():
        known = [(row.to_id, row.share) for row in rows if row.share is not None]
        open_ends = [(row.to_id, row.path) for row in rows if row.share is None]
        if rows[0].kind == "split":
            open_ends.append((unit, own[unit]))
        rest = 1 - sum(share for _, share in known)
        edges += [(unit, day, to, share, None) for to, share in known]
        if len(open_ends) == 1:
            edges.append((unit, day, open_ends[0][0], rest, None))
        elif rest:
            provinces = {path.split("/")[1] for _, path in open_ends}
            edges.append((unit, day, None, rest, f"vn/{provinces.pop()}/" if len(provinces) == 1 else "vn/"))
    return edges


_RECOUNT = """
CREATE TABLE number AS
WITH last AS (SELECT * FROM change QUALIFY row_number() OVER (PARTITION BY report, key ORDER BY revision DESC) = 1),
decisive AS (SELECT * FROM act WHERE act <> 'save' QUALIFY row_number() OVER (PARTITION BY report ORDER BY revision DESC) = 1),
counts AS (SELECT report FROM decisive WHERE act IN ('submit', 'amend', 'approve')),
typed AS (SELECT last.report, key, value FROM last JOIN counts USING (report) WHERE value IS NOT NULL)
SELECT report, key, value FROM typed WHERE key = 'cuoc'
UNION ALL SELECT report, 'hoi_vien', sum(value)::DECIMAL(18, 0) FROM typed WHERE key LIKE 'hoi_vien/%' GROUP BY report;
CREATE TABLE today AS
WITH RECURSIVE flow AS (
  SELECT id AS report, unit, period_end AS day, 1::DECIMAL(18, 12) AS part, NULL::TEXT AS place FROM report
  UNION ALL
  SELECT f.report, e.to_unit, e.on_day, (f.part * e.part)::DECIMAL(18, 12), e.place
  FROM flow f JOIN edge e ON e.from_unit = f.unit
    AND e.on_day = (SELECT min(n.on_day) FROM edge n WHERE n.from_unit = f.unit AND n.on_day > f.day)
  WHERE f.place IS NULL
)
SELECT f.report, f.part, coalesce(f.place, u.path) AS path FROM flow f LEFT JOIN unit u ON u.id = f.unit
WHERE f.place IS NOT NULL OR NOT EXISTS (SELECT 1 FROM edge e WHERE e.from_unit = f.unit AND e.on_day > f.day);
CREATE VIEW reported AS SELECT id AS report, 1::DECIMAL(18, 12) AS part, path FROM report;
"""


def recount(other: duckdb.DuckDBPyConnection, on_today: bool, key: str, periods: tuple[str, ...], organisation: str, area: str) -> tuple:
    """Return the sum of a cell at and below a place, and how many reports gave a number."""
    statement = (
        f"SELECT sum(n.value * w.part), count(DISTINCT n.report) FROM {'today' if on_today else 'reported'} w "
        "JOIN number n USING (report) JOIN report r ON r.id = w.report "
        "WHERE n.key = ? AND list_contains(?, r.period) AND r.organisation = ? AND starts_with(w.path, ?)"
    )
    return other.execute(statement, [key, list(periods), organisation, area]).fetchone()


def recount_places(other: duckdb.DuckDBPyConnection, on_today: bool, key: str, period: str, organisation: str, area: str) -> dict:
    """Return the sum of a cell in each place right below an area, and at the area itself."""
    statement = (
        "SELECT CASE WHEN w.path = $area THEN w.path ELSE $area || split_part(substr(w.path, length($area) + 1), '/', 1) || '/' END, "
        f"sum(n.value * w.part) FROM {'today' if on_today else 'reported'} w JOIN number n USING (report) JOIN report r ON r.id = w.report "
        "WHERE n.key = $key AND r.period = $period AND r.organisation = $organisation AND starts_with(w.path, $area) GROUP BY 1"
    )
    return dict(other.execute(statement, {"area": area, "key": key, "period": period, "organisation": organisation}).fetchall())


async def check(other: duckdb.DuckDBPyConnection, areas: list[str]) -> None:
    """Compare every total at every level, and the sum over its places, with the recount."""
    for on_today in (False, True):
        for organisation in ("mttq", "phu_nu"):
            for area in areas:
                question = Question("thu", PERIODS[0], PERIODS[-1], (organisation,), area, KEYS, on_today=on_today, with_year_before=False)
                (row,) = await get_totals(SYSTEM, question)
                for key, periods in (("cuoc", PERIODS), ("hoi_vien", PERIODS[-1:])):
                    wanted = recount(other, on_today, key, periods, organisation, area)
                    assert (row.figures[key].value, row.figures[key].filled) == wanted, (on_today, organisation, area, key)
                parts = await get_totals(SYSTEM, Question(**{**_fields(question), "by": ("place", "period")}))
                for period in PERIODS:
                    for key in KEYS:
                        found: dict[str, Decimal] = defaultdict(Decimal)
                        for part in parts:
                            if part.period == period and part.figures[key].value is not None:
                                found[part.place] += part.figures[key].value
                        assert found == recount_places(other, on_today, key, period, organisation, area), (on_today, area, key)
                        assert sum(found.values()) == (recount(other, on_today, key, (period,), organisation, area)[0] or 0)
                cells = await list_sources(SYSTEM, Question(**{**_fields(question), "keys": ("cuoc",)}), limit=199)
                assert cells.next is None
                assert sum((cell.number or 0) * cell.share for cell in cells.items) == (row.figures["cuoc"].value or 0)


def _fields(question: Question) -> dict:
    return {name: getattr(question, name) for name in question.__slots__}


@settings(max_examples=2, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), derandomize=True)
@given(seed=st.integers(0, 10**9))
@pytest.mark.timeout(300)
def test_every_total_is_what_another_engine_counts(postgres, seeded_template, seed: int) -> None:
    name = "test_recount"
    with psycopg.connect(postgres.url("postgres", "postgres"), autocommit=True) as connection:
        embedded_postgres.ensure_database(connection, name, seeded_template)

    async def play() -> None:
        chance = Random(seed)
        await db.open_pool(postgres.url(embedded_postgres.APP, name))
        try:
            at(REPORTED_ON[0])
            await make_form(from_period=PERIODS[0], levels=["central", "province", "commune"], organisations=["mttq", "phu_nu"])
            async with db.reading() as session:
                pick = sql("SELECT code, path FROM unit WHERE level = 'commune' AND path LIKE :below ORDER BY code LIMIT 9")
                rows = [row for below in ("vn/01/%", "vn/04/%") for row in await session.execute(pick, {"below": below})]
            codes, areas = [row.code for row in rows], ["vn/", "vn/01/", "vn/04/", "vn/08/", *(row.path for row in rows)]
            for number, day in enumerate(REPORTED_ON):
                at(day)
                await report_something(chance, [*codes, "vn", "01", "04"], PERIODS[: number + 1])
                if number < len(CHANGED_ON):
                    at(CHANGED_ON[number])
                    await change_units(chance, codes, CHANGED_ON[number], may_be_unsure=number == 1)
            async with db.reading() as session:
                now = await session.execute(sql("SELECT path FROM unit WHERE code = ANY(:codes) AND level = 'commune'"), {"codes": codes})
                areas = [*areas[:4], *chance.sample(sorted({*areas[4:], *now.scalars()}), 7)]
            await following.follow_groups()  # by the clock, besides with each import
            await check(await raw(), areas)
            while await folding.fold_once():
                pass
            await check(await raw(), areas[:4])
        finally:
            await live.stop()
            await db.close_pool()

    try:
        asyncio.run(play())
    finally:
        clock.freeze(None)
        with psycopg.connect(postgres.url("postgres", "postgres"), autocommit=True) as connection:
            connection.execute("DROP DATABASE test_recount WITH (FORCE)")
