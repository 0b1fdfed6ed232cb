"""What is out of line: found against a plain computation, within rights, doubts judged as the form's checks say."""

from __future__ import annotations

from datetime import UTC, datetime
from statistics import median

import pytest

from mattranso_app.core import clock, db
from mattranso_app.core.errors import Forbidden
from mattranso_app.core.reporting.models import Source
from mattranso_app.core.sql import sql
from mattranso_app.registry.seeing import pages
from mattranso_app.registry.service import outliers, save_reports, submit_report
from mattranso_app.registry.service.outliers import see_outliers
from mattranso_app.registry.service.seeing import Wish
from tests.core.reporting.factories import enterer, make_form
from tests.registry.test_seeing import central

FIRST, SECOND = "2026-Q2", "2026-Q3"
MEETINGS = {FIRST: [3, 4, 3, 5, 4, 3, 4, 5, 4, 3], SECOND: [4, 4, 4, 6, 4, 4, 5, 5, 4, 60]}
CHECK = {
    "name": "nhieu", "severity": "soft", "message": "Số cuộc giám sát quá nhiều.", "expression": {"<=": [{"cell": "cuoc"}, 50]},
}  # fmt: skip


@pytest.fixture
async def ten(units_db):
    """Ten communes of a province with their meetings in two quarters; the last of them is far out and says why."""
    await make_form(checks=[CHECK])
    async with db.reading() as session:
        asked = sql("SELECT code, path FROM unit WHERE level = 'commune' AND path LIKE 'vn/46/%' ORDER BY code LIMIT 10")
        communes = [(row.code, row.path) for row in await session.execute(asked)]
    for period, moment in ((FIRST, datetime(2026, 7, 2, tzinfo=UTC)), (SECOND, datetime(2026, 10, 2, tzinfo=UTC))):
        clock.freeze(moment)
        for (code, path), meetings in zip(communes, MEETINGS[period], strict=True):
            actor = await enterer(path)
            await save_reports(actor, "thu", period, "mttq", {code: {"hoi_vien/nam": 5, "hoi_vien/nu": 5, "cuoc": meetings}}, Source.FORM)
            said = {"nhieu": "Đợt giám sát cao điểm."} if meetings > 50 else {}
            await submit_report(actor, "thu", period, "mttq", code, Source.FORM, explanations=said)
    return communes


def robust(values):
    middle = median(values)
    distances = [abs(value - middle) for value in values]
    spread = median(distances) / 0.6745 or 1.253314 * sum(distances) / len(distances)
    return [(value - middle) / spread for value in values]


async def test_what_is_far_from_its_past_and_from_its_like(ten):
    found = await see_outliers(await central(), Wish("thu", SECOND, SECOND))
    steps = robust([b - a for a, b in zip(MEETINGS[FIRST], MEETINGS[SECOND], strict=True)])
    sizes = robust(MEETINGS[SECOND])
    expected = {("step", code): z for (code, _), z in zip(ten, steps, strict=True) if abs(z) >= outliers.FAR}
    expected |= {("size", code): z for (code, _), z in zip(ten, sizes, strict=True) if abs(z) >= outliers.FAR}
    assert {(each.kind, each.code): pytest.approx(each.z) for each in found.far if each.key == "cuoc"} == expected
    assert ("step", ten[9][0]) in expected and {each.key for each in found.far} == {"cuoc"}  # where all are alike nobody is far
    (doubt,) = found.doubts
    assert (doubt.code, doubt.key, doubt.explanation) == (ten[9][0], "cuoc", "Đợt giám sát cao điểm.")
    drawn = pages.outliers_page(found, is_first=True).body.decode()
    assert "#o-cuoc" in drawn and f"don-vi={ten[9][0]}" in drawn and CHECK["message"] in drawn


async def test_few_units_say_nothing_and_a_sibling_s_are_not_seen(ten):
    own = await enterer(ten[9][1])
    found = await see_outliers(own, Wish("thu", SECOND, SECOND))
    assert found.far == () and len(found.doubts) == 1
    assert (await see_outliers(await enterer(ten[0][1]), Wish("thu", SECOND, SECOND))).doubts == ()
    for unit in ("vn", "46", ten[0][0]):
        with pytest.raises(Forbidden):
            await see_outliers(own, Wish("thu", SECOND, SECOND, unit=unit))


async def test_doubts_come_in_pages(ten, monkeypatch):
    monkeypatch.setattr(outliers, "_PAGE", 6)
    first = await see_outliers(await central(), Wish("thu", SECOND, SECOND))
    assert first.doubts == () and first.next
    last = await see_outliers(await central(), Wish("thu", SECOND, SECOND), first.next)
    assert len(last.doubts) == 1 and last.next is None and last.far == ()
