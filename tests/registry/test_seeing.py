"""Totals as they are seen: against a plain recount, with coverage, within rights, in a bounded number of statements."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from mattranso_app.core import clock, db
from mattranso_app.core.access import ANONYMOUS
from mattranso_app.core.errors import Forbidden, InvalidInput, NotFound, SignInRequired
from mattranso_app.core.reporting import folding
from mattranso_app.core.reporting.coverage import Coverage
from mattranso_app.core.reporting.models import Source
from mattranso_app.core.sql import sql
from mattranso_app.registry.seeing import pages, sources
from mattranso_app.registry.service import approve_reports, save_reports, seeing, submit_report
from mattranso_app.registry.service.seeing import Wish
from mattranso_app.registry.text import seeing as text
from tests.core.reporting.factories import enterer, make_form

QUARTER = "2026-Q3"


@pytest.fixture
async def reported(units_db):
    """Figures of six communes in two provinces for three quarters and a year before: one amended, one late, one approved."""
    form_id = await make_form(organisations=["mttq", "phu_nu"])
    async with db.reading() as session:
        found = await session.execute(sql(
            "SELECT code, path FROM (SELECT code, path, row_number() OVER (PARTITION BY split_part(path, '/', 2) ORDER BY code) AS n "
            "FROM unit WHERE level = 'commune' AND (path LIKE 'vn/01/%' OR path LIKE 'vn/46/%')) u WHERE n <= 3 ORDER BY path"
        ))  # fmt: skip
        communes = [(row.code, row.path) for row in found]
    chance = random.Random(7)
    typed = {}
    for period, moment in (("2025-Q3", datetime(2025, 10, 2, tzinfo=UTC)), ("2026-Q1", datetime(2026, 4, 2, tzinfo=UTC)),
                           ("2026-Q2", datetime(2026, 7, 2, tzinfo=UTC)), (QUARTER, datetime(2026, 10, 2, tzinfo=UTC))):  # fmt: skip
        clock.freeze(moment)
        for code, path in communes if period != QUARTER else communes[:5]:
            values = {"hoi_vien/nam": chance.randint(100, 900), "hoi_vien/nu": chance.randint(100, 900), "cuoc": chance.randint(0, 9)}
            actor = await enterer(path)
            await save_reports(actor, "thu", period, "mttq", {code: values}, Source.FORM)
            await submit_report(actor, "thu", period, "mttq", code, Source.FORM)
            typed[period, code] = values
    await approve_reports(await enterer("vn/01/", "mttq", "approver"), "thu", QUARTER, "mttq", [communes[0][0]])
    amended = {communes[1][0]: {"cuoc": 100}}
    await save_reports(await enterer(communes[1][1]), "thu", QUARTER, "mttq", amended, Source.FORM, reason="Đếm thiếu")
    typed[QUARTER, communes[1][0]]["cuoc"] = 100
    return form_id, communes, typed


async def central():
    return await enterer("vn/", "mttq", "reader")


def recount(typed, communes, periods, key):
    return sum(typed[period, code][key] for period in periods for code, _ in communes if (period, code) in typed)


@pytest.mark.parametrize("is_folded", [False, True])
async def test_a_range_against_a_plain_recount(reported, is_folded):
    _, communes, typed = reported
    if is_folded:
        await folding.fold_once()
    seen = await seeing.see_totals(await central(), Wish("thu", "2026-Q1", QUARTER))
    quarters = ["2026-Q1", "2026-Q2", QUARTER]
    men, women = (recount(typed, communes, [QUARTER], f"hoi_vien/{sex}") for sex in ("nam", "nu"))

    def value(row, key, is_before=False):
        return seeing.value_of(seen.view.definition, row, key, is_before)

    assert value(seen.whole, "hoi_vien/nam") == men  # what stands: the last quarter's
    assert value(seen.whole, "cuoc") == recount(typed, communes, quarters, "cuoc")  # what happened: all three
    assert value(seen.whole, "ty_le") == round(Decimal(women) * 100 / (men + women), 4)  # computed anew, not added up
    assert value(seen.whole, "hoi_vien/nam", True) == recount(typed, communes, ["2025-Q3"], "hoi_vien/nam")
    assert seen.whole.figures["cuoc"].filled == 17 and seen.whole.figures["hoi_vien"].filled == 5
    assert seen.whole.last == Coverage(3321, 5, 0, 1, 1)
    assert [(row.period, row.last.reports) for row in seen.by_period] == [(QUARTER, 5), ("2026-Q2", 6), ("2026-Q1", 6)]
    seen = await seeing.see_totals(await central(), Wish("thu", "2026-Q1", QUARTER, cell="cuoc"))
    hanoi = next(row for row in seen.lines if row.place == "vn/01/")
    assert value(hanoi, "cuoc") == recount(typed, communes[:3], quarters, "cuoc") and len(seen.lines) == 34
    assert sum(row.last.expected for row in seen.lines) == 3321
    rates = await seeing.see_totals(await central(), Wish("thu", QUARTER, QUARTER, cell="ty_le"))
    men, women = (recount(typed, communes[:3], [QUARTER], f"hoi_vien/{sex}") for sex in ("nam", "nu"))
    assert value(next(row for row in rates.lines if row.place == "vn/01/"), "ty_le") == round(Decimal(women) * 100 / (men + women), 4)


async def test_drilling_down_to_the_very_cells(reported):
    _, communes, typed = reported
    actor = await central()
    province = await seeing.see_totals(actor, Wish("thu", QUARTER, QUARTER, unit="01", cell="cuoc"))
    by_path = {row.place: row for row in province.lines}
    assert len(by_path) == province.whole.last.expected and province.whole.last.reports == 3
    assert [path for path, _ in province.trail] == ["vn/", "vn/01/"]
    for code, path in communes[:3]:
        assert by_path[path].figures["cuoc"].value == typed[QUARTER, code]["cuoc"]
    commune = await seeing.see_totals(actor, Wish("thu", QUARTER, QUARTER, unit=communes[1][0]))
    (report,) = await seeing.see_reports(actor, commune.view)
    assert report.row["cells"]["cuoc"] == "100" and [each["act"] for each in report.revisions] == ["amend", "submit", "save"]
    drawn = pages.totals_page(commune, [report]).body.decode()
    assert "Đếm thiếu" in drawn and "→ 100" in drawn and text.LATE in drawn
    assert f"don-vi={communes[0][0]}" in pages.totals_page(province, []).body.decode()


async def test_who_is_missing(reported):
    _, communes, _ = reported
    missing = await seeing.see_missing(await central(), Wish("thu", QUARTER, QUARTER, unit="46"))
    codes = [row.code for row in missing.page.items]
    assert communes[5][0] in codes and not {code for code, _ in communes[:5]} & set(codes)
    everyone, cursor = 0, None
    while everyone == 0 or cursor:
        missing = await seeing.see_missing(await central(), Wish("thu", QUARTER, QUARTER), cursor)
        everyone, cursor = everyone + len(missing.page.items), missing.page.next
    assert everyone == missing.page.total == 3321 - 5
    assert "3.316" in pages.missing_page(missing).body.decode()


async def test_only_one_s_own_subtree_and_organisation(reported):
    _, communes, _ = reported
    own = await enterer(communes[0][1])
    seen = await seeing.see_totals(own, Wish("thu"))
    assert seen.view.place.code == communes[0][0] and seen.whole.last.reports == 1 and len(seen.trail) == 1
    for unit in ("vn", "01", communes[1][0]):
        with pytest.raises(Forbidden):
            await seeing.see_totals(own, Wish("thu", unit=unit))
        with pytest.raises(Forbidden):
            await seeing.see_missing(own, Wish("thu", unit=unit))
    women = await enterer("vn/46/", "phu_nu")
    assert (await seeing.see_totals(women, Wish("thu", QUARTER, QUARTER))).whole.last.reports == 0
    with pytest.raises(Forbidden):
        await seeing.see_totals(women, Wish("thu", organisation="mttq", unit="46"))
    assert (await seeing.see_totals(women, Wish("thu", organisation=text.EVERYTHING))).view.organisations == ("phu_nu",)
    with pytest.raises((SignInRequired, Forbidden)):
        await seeing.see_totals(ANONYMOUS, Wish("thu"))


async def test_a_form_of_a_province_is_not_seen_elsewhere(reported):
    await make_form("rieng", owner_path="vn/01/")
    assert {code for code, _ in (await seeing.see_totals(await central(), Wish("rieng"))).view.forms} == {"thu", "rieng"}
    outside = await enterer("vn/46/")
    assert {code for code, _ in (await seeing.see_totals(outside, Wish())).view.forms} == {"thu"}
    with pytest.raises(Forbidden):
        await seeing.see_totals(outside, Wish("rieng"))


async def test_what_cannot_be_seen_is_said(reported):
    for wish, error in (
        (Wish("khong_co"), NotFound), (Wish("thu", "2026-Q3", "2026-Q1"), InvalidInput), (Wish("thu", last="2026-03"), InvalidInput),
        (Wish("thu", level="group"), InvalidInput), (Wish("thu", cell="kho_khan"), InvalidInput), (Wish("thu", unit="99999"), NotFound),
        (Wish("thu", organisation="nong_dan"), InvalidInput), (Wish("thu", last="2031-Q1"), NotFound),
    ):  # fmt: skip
        with pytest.raises(error):
            await seeing.see_totals(await central(), wish)


async def test_statements_do_not_grow_with_units_or_periods(reported):
    actor, counted = await central(), []
    for wish in (
        Wish("thu", QUARTER, QUARTER, unit="46"), Wish("thu", "2025-Q1", QUARTER), Wish("thu", "2025-Q1", QUARTER, text.EVERYTHING),
    ):  # fmt: skip
        statements: list[str] = []
        stop = db.count_statements(statements)
        await seeing.see_totals(actor, wish)
        stop()
        counted.append(len([each for each in statements if not each.startswith(("BEGIN", "COMMIT", "ROLLBACK"))]))
    assert max(counted) <= 25 and len(set(counted)) <= 2, counted


async def test_the_topic_tells_of_what_counts_and_of_nothing_else(reported):
    form_id, communes, _ = reported
    params = {"form": str(form_id), "organisation": "mttq", "period": QUARTER.lower()}
    async with db.reading() as session:
        before = await sources.snapshot(session, params)
    actor = await enterer(communes[5][1])
    await save_reports(actor, "thu", QUARTER, "mttq", {communes[5][0]: {"cuoc": 1}}, Source.FORM)
    async with db.reading() as session:
        assert await sources.snapshot(session, params) == before  # a draft is nobody's business yet
    gaps = {"hoi_vien/nam": "Chưa đếm", "hoi_vien/nu": "Chưa đếm"}
    await submit_report(actor, "thu", QUARTER, "mttq", communes[5][0], Source.FORM, gaps=gaps)
    async with db.reading() as session:
        assert await sources.snapshot(session, params) != before
    assert await sources.may_read(actor, params)
    assert not await sources.may_read(await enterer("vn/46/", "cong_doan"), params)
    assert not await sources.may_read(ANONYMOUS, params)
    assert not await sources.may_read(actor, params | {"form": "x"}) and not await sources.may_read(actor, params | {"form": "999"})
