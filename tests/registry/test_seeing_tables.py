"""Pivots against a plain recount, files that are no formulas, charts that hold every figure; all within rights."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from xml.etree import ElementTree

import docx
import openpyxl
import pytest

from mattranso_app.core.errors import Forbidden, InvalidInput
from mattranso_app.registry.seeing import charts, downloads, pages, tables
from mattranso_app.registry.seeing.charts import Mark
from mattranso_app.registry.seeing.grid import PLACES
from mattranso_app.registry.seeing.tables import Table
from mattranso_app.registry.service import seeing
from mattranso_app.registry.service.pivot import see_pivot
from mattranso_app.registry.service.seeing import Wish
from mattranso_app.registry.text import seeing as text
from tests.core.reporting.factories import enterer
from tests.registry.test_seeing import QUARTER, central, recount, reported  # noqa: F401 - the fixture

RANGE = Wish("thu", "2026-Q1", QUARTER)


async def test_a_pivot_against_a_plain_recount(reported):  # noqa: F811
    _, communes, typed = reported
    pivot = await see_pivot(await central(), RANGE, ("place", "period", "cell"))
    assert len(pivot.rows) == 34 and len(pivot.columns) == 3 * 4
    at = {tuple(each.key for each in column): place for place, column in enumerate(pivot.columns)}
    row = next(place for place, each in enumerate(pivot.rows) if each.key == "vn/46/")
    for quarter in ("2026-Q1", "2026-Q2", QUARTER):
        there = [each for each in communes if each[1].startswith("vn/46/")]
        assert pivot.cells[row][at[quarter, "cuoc"]] == recount(typed, there, [quarter], "cuoc")
        men, women = (recount(typed, communes, [quarter], f"hoi_vien/{sex}") for sex in ("nam", "nu"))
        assert pivot.sums[at[quarter, "hoi_vien"]] == men + women
        assert pivot.sums[at[quarter, "ty_le"]] == round(Decimal(women) * 100 / (men + women), 4)
    assert pivot.rows[row].coverage.reports == 2 and pivot.whole.last.reports == 5
    drawn = pages.pivot_page(pivot).body.decode()
    assert drawn.count("<tr>") == 2 + 34 + 1 and 'colspan="4"' in drawn


async def test_only_what_adds_up_is_added_up(reported):  # noqa: F811
    actor = await central()
    members = Wish("thu", "2026-Q1", QUARTER, cell="hoi_vien")
    assert (await see_pivot(actor, members, ("period", "place"))).sums is None  # members of three quarters are no number
    assert (await see_pivot(actor, RANGE, ("cell", "period"))).sums is None  # members and meetings neither
    overlapping = Wish("thu", QUARTER, QUARTER, cell="uy_vien")
    assert (await see_pivot(actor, overlapping, ("part", "period"))).sums is None
    meetings = await see_pivot(actor, Wish("thu", "2026-Q1", QUARTER, cell="cuoc"), ("period", "level"))
    assert meetings.sums == (sum(row[0] for row in meetings.cells),)
    by_sex = await see_pivot(actor, members, ("part", "period"))
    assert [sum(column) for column in zip(*by_sex.cells, strict=True)] == list(by_sex.sums)
    for sides in (("place",), ("place", "place"), ("cell", "part"), ("place", "period", "cell", "level")):
        with pytest.raises(InvalidInput):
            await see_pivot(actor, RANGE, sides)
    with pytest.raises(InvalidInput):
        await see_pivot(actor, Wish("thu", cell="cuoc"), ("place", "part"))


async def test_nobody_pivots_or_takes_away_a_sibling_s(reported):  # noqa: F811
    _, communes, _ = reported
    own = await enterer(communes[0][1])
    for unit in ("vn", "01", communes[1][0]):
        with pytest.raises(Forbidden):
            await see_pivot(own, Wish("thu", unit=unit), ("place", "cell"))
    pivot = await see_pivot(own, Wish("thu", QUARTER, QUARTER), ("place", "cell"))
    assert {row.key for row in pivot.rows} == {communes[0][1]}


async def test_what_is_taken_away_says_how_much_stands_behind_it(reported):  # noqa: F811
    _, communes, typed = reported
    seen = await seeing.see_totals(await central(), Wish("thu", QUARTER, QUARTER, unit="01", cell="cuoc"))
    table = downloads.units_table(seen)
    by_name = {row[0]: row[1] for row in table.rows}
    assert sorted(value for value in by_name.values() if value is not None) == sorted(
        typed[QUARTER, code]["cuoc"] for code, _ in communes[:3]
    )
    rows = list(csv.reader(io.StringIO(tables.write(table, "csv").decode("utf-8-sig"))))
    assert any(line[0].startswith(text.COVERAGE) and "3/" in line[0] for line in rows if line)
    assert any("Số liệu lúc" in line[0] for line in rows if line)
    sheet = openpyxl.load_workbook(io.BytesIO(tables.write(table, "xlsx"))).active
    total = sum(value for value in by_name.values() if value is not None)
    assert sum(row[1] for row in sheet.iter_rows(min_row=8, values_only=True) if isinstance(row[1], int)) == total
    document = docx.Document(io.BytesIO(tables.write(table, "docx")))
    assert len(document.tables[0].rows) == len(table.rows) + 1 and any(text.COVERAGE in each.text for each in document.paragraphs)
    chart = downloads.draw(seen, "theo-don-vi")
    assert f">{typed[QUARTER, communes[1][0]]['cuoc']}<" in chart and text.COVERAGE in chart


@pytest.mark.parametrize("name", ["=1+1", "+84", "-2", "@SUM(A1)", "=HYPERLINK(\"http://x\")"])
def test_no_name_becomes_a_formula(name):
    table = Table(name, (name,), (name, "Số"), ((name, Decimal("12.5")), (name, None)))
    for line in csv.reader(io.StringIO(tables.write(table, "csv").decode("utf-8-sig"))):
        assert not line or not line[0].startswith(("=", "+", "-", "@"))
    sheet = openpyxl.load_workbook(io.BytesIO(tables.write(table, "xlsx"))).active
    found = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in found} == {"s", "n"} and not any(cell.hyperlink for cell in found)
    assert [cell.value for cell in found if cell.data_type == "n"] == [12.5]


def test_charts_are_well_formed_and_hold_every_figure_whatever_the_names():
    marks = [Mark('Xã <b>"A" & B', Decimal(-3), Decimal(4), "01"), Mark("Xã C", Decimal("1234.5"), None, "46"), Mark("Xã D", None)]
    for drawn in (charts.bars("<t>", "&", marks), charts.lines("t", "n", marks), charts.country("t", "n", marks)):
        tree = ElementTree.fromstring(charts.as_file(drawn))
        words = "".join(tree.itertext())
        assert "1.234,5" in words and tree.get("role") == "img"
        assert [each.tag.rpartition("}")[2] for each in tree][:2] == ["title", "desc"]
    assert len(PLACES) == 34 == len(set(PLACES.values()))
    assert ElementTree.fromstring(charts.as_file(charts.lines("t", "n", [Mark("a", None), Mark("b", None)]))) is not None
