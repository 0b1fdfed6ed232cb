"""Totals with their coverage through the tool's verbs: places, periods, levels, the year before, what is missing, rights."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from mattranso_app.core import clock, db
from mattranso_app.core.access import SYSTEM
from mattranso_app.core.errors import Forbidden, InvalidInput
from mattranso_app.core.reporting import folding
from mattranso_app.core.reporting.models import Source
from mattranso_app.core.reporting.summing import Spread
from mattranso_app.core.sql import sql
from mattranso_app.registry.service import save_reports, submit_report
from mattranso_app.registry.service.totals import Question, get_totals, list_missing, list_sources
from tests.core.reporting.factories import enterer, make_form


async def report(code: str, period: str, men: int, meetings: int, organisation: str = "mttq", women: int = 0) -> None:
    """A commune's report, submitted."""
    values = {"hoi_vien/nam": str(men), "hoi_vien/nu": str(women), "cuoc": str(meetings)}
    await save_reports(SYSTEM, "thu", period, organisation, {code: values}, Source.FORM)
    await submit_report(SYSTEM, "thu", period, organisation, code, Source.FORM)


@pytest.fixture
async def communes(units_db) -> dict[str, list[str]]:
    """Codes of some communes by province."""
    clock.freeze(datetime(2026, 10, 20, 3, tzinfo=UTC))
    await make_form(organisations=["mttq", "phu_nu"])
    found = {}
    async with db.reading() as session:
        for province in ("01", "04"):
            rows = sql("SELECT code FROM unit WHERE level = 'commune' AND path LIKE :below ORDER BY code LIMIT 3")
            found[province] = list((await session.execute(rows, {"below": f"vn/{province}/%"})).scalars())
    return found


async def test_over_places_periods_and_the_year_before(communes) -> None:
    (one, two, _), (far, *_) = communes["01"], communes["04"]
    for code, period, men, meetings in [
        (one, "2025-Q3", 100, 4), (one, "2026-Q2", 120, 3), (one, "2026-Q3", 130, 5), (two, "2026-Q3", 50, 1), (far, "2026-Q2", 7, 2),
    ]:  # fmt: skip
        await report(code, period, men, meetings, women=men)
    await report(one, "2026-Q3", 40, 9, "phu_nu")
    question = Question("thu", "2026-Q2", "2026-Q3", ("mttq",))
    for _folded in range(2):
        (row,) = await get_totals(SYSTEM, question)
        flow, stock = row.figures["cuoc"], row.figures["hoi_vien"]
        assert (flow.value, flow.filled, flow.period) == (11, 4, None)
        assert (stock.value, stock.filled, stock.period, stock.year_before) == (360, 2, "2026-Q3", 200)
        assert (flow.year_before, flow.difference, flow.percent) == (4, 7, Decimal("175.0"))
        assert (stock.difference, stock.percent) == (160, Decimal("80.0"))
        assert (row.coverage.expected, row.coverage.reports, row.last.expected, row.last.reports) == (6642, 4, 3321, 2)
        rate = row.figures["ty_le"]
        assert (rate.value, rate.spread) == (None, Spread(2, Decimal(50), Decimal(50), Decimal(50)))
        while await folding.fold_once():
            pass
    rows = {row.place: row for row in await get_totals(SYSTEM, Question("thu", "2026-Q2", "2026-Q2", ("mttq",), by=("place",)))}
    assert len(rows) == 34 and rows["vn/01/"].figures["cuoc"].value == 3 and rows["vn/04/"].figures["cuoc"].value == 2
    assert sum(row.coverage.expected for row in rows.values()) == 3321 and rows["vn/01/"].coverage.expected == 126
    assert rows["vn/08/"].figures["cuoc"].value is None and rows["vn/01/"].name == "Thành phố Hà Nội"
    communes_of = await get_totals(SYSTEM, Question("thu", "2026-Q2", "2026-Q3", ("mttq",), "vn/01/", by=("place", "period")))
    assert len(communes_of) == 252 and sum(row.figures["cuoc"].value or 0 for row in communes_of) == 9
    by_organisation = await get_totals(
        SYSTEM, Question("thu", "2026-Q3", "2026-Q3", ("mttq", "phu_nu"), f"vn/01/{one}/", by=("organisation",))
    )
    assert {row.organisation: (row.figures["cuoc"].value, row.coverage.expected) for row in by_organisation} == {
        "mttq": (5, 1), "phu_nu": (9, 1),
    }  # fmt: skip


async def test_down_to_the_missing_and_to_the_cells(communes) -> None:
    one, two, three = communes["01"]
    await report(one, "2026-Q3", 10, 1)
    await report(two, "2026-Q3", 20, 2)
    await save_reports(SYSTEM, "thu", "2026-Q3", "mttq", {three: {"cuoc": "3"}}, Source.FORM)
    page = await list_missing(SYSTEM, "thu", "2026-Q3", "mttq", "vn/01/", limit=100)
    rest = await list_missing(SYSTEM, "thu", "2026-Q3", "mttq", "vn/01/", limit=100, cursor=page.next)
    assert (len(page.items), page.total, len(rest.items), rest.next) == (100, 124, 24, None)
    states = {unit.code: unit.state for unit in page.items + rest.items}
    assert one not in states and states[three] == "draft" and len(states) == 124
    question = Question("thu", "2026-Q3", "2026-Q3", ("mttq",), "vn/01/", keys=("cuoc",))
    first = await list_sources(SYSTEM, question, limit=1)
    second = await list_sources(SYSTEM, question, limit=1, cursor=first.next)
    assert [(source.path, source.number, source.revision) for source in first.items + second.items] == [
        (f"vn/01/{one}/", 1, 2), (f"vn/01/{two}/", 2, 2),
    ]  # fmt: skip
    assert second.next is None
    with pytest.raises(InvalidInput):
        await list_sources(SYSTEM, question, cursor="x'")


async def test_only_what_one_may_see(communes) -> None:
    one, two, _ = communes["01"]
    await report(one, "2026-Q3", 10, 1)
    what = ("thu", "2026-Q3", "2026-Q3")
    own = await enterer(f"vn/01/{one}/")
    assert (await get_totals(own, Question(*what, ("mttq",), f"vn/01/{one}/")))[0].figures["cuoc"].value == 1
    women = await enterer("vn/01/", "phu_nu")
    for actor, organisations, area in [
        (own, ("mttq",), "vn/"), (own, ("mttq",), "vn/01/"), (own, ("mttq",), f"vn/01/{two}/"), (women, ("mttq",), "vn/01/"),
        (women, ("phu_nu", "mttq"), "vn/01/"), (women, ("phu_nu",), "vn/04/"),
    ]:  # fmt: skip
        with pytest.raises(Forbidden):
            await get_totals(actor, Question(*what, organisations, area))
        with pytest.raises(Forbidden):
            await list_sources(actor, Question(*what, organisations, area, keys=("cuoc",)))
        with pytest.raises(Forbidden):
            await list_missing(actor, "thu", "2026-Q3", organisations[-1], area)
    with pytest.raises(InvalidInput):
        await get_totals(SYSTEM, Question(*what, ("mttq",), "vn/01/%/"))
    with pytest.raises(InvalidInput):
        await get_totals(SYSTEM, Question(*what, ("mttq",), keys=("kho_khan",)))
