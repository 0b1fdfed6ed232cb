"""The level above: its lists, one report with what changed since it was last seen, returning with reasons per cell, asking to reopen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mattranso_app.core import clock, db
from mattranso_app.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from mattranso_app.core.reporting.models import Source
from mattranso_app.core.sql import sql
from mattranso_app.registry.service import (
    approve_reports,
    ask_reopen,
    list_review,
    open_review,
    return_report,
    save_reports,
    submit_report,
)
from mattranso_app.registry.service.reviewing import Wish
from tests.core.reporting.factories import enterer, make_form

WHAT = ("thu", "2026-Q3", "mttq")
FULL = {"hoi_vien/nam": "1.200", "hoi_vien/nu": "800", "cuoc": "4"}


@pytest.fixture
async def three(filled_database):
    """Three communes of one province with who enters there, and the province's approver."""
    clock.freeze(datetime(2026, 10, 2, 3, tzinfo=UTC))
    await make_form(organisations=["mttq", "phu_nu"])
    async with db.reading() as session:
        communes = sql("SELECT code, path FROM unit WHERE level = 'commune' AND path LIKE 'vn/01/%' ORDER BY path LIMIT 3")
        rows = (await session.execute(communes)).all()
    yield [(row.code, await enterer(row.path)) for row in rows], await enterer("vn/01/", "mttq", "approver")
    clock.freeze(None)


async def handed(actor, code, **cells):
    await save_reports(actor, *WHAT, {code: FULL | cells}, Source.FORM)
    await submit_report(actor, *WHAT, code, Source.FORM)


async def test_lists_by_state_and_pages(three):
    [(one, first), (two, second), _], above = three
    await handed(first, one)
    await save_reports(second, *WHAT, {two: FULL}, Source.FORM)
    found = await list_review(above, Wish(*WHAT, tab="cho-duyet"))
    assert [row["code"] for row in found.rows] == [one]
    assert found.counts["chua-gui"] == found.counts["tat-ca"] - 1 and found.counts["tat-ca"] > 50
    assert ("2026-Q3", "Quý III/2026") in found.periods and found.asked.version.code == "thu"
    codes, after = [], ""
    while True:
        page = await list_review(above, Wish(*WHAT, tab="chua-gui", after=after))
        codes += [row["code"] for row in page.rows]
        after = page.next
        if not after:
            break
    assert len(codes) == len(set(codes)) == found.counts["chua-gui"] and one not in codes
    clock.freeze(datetime(2026, 12, 1, 3, tzinfo=UTC))
    await submit_report(second, *WHAT, two, Source.FORM)
    assert (await list_review(above, Wish(*WHAT))).counts["late"] == 1


async def test_what_changed_since_it_was_returned_is_told(three):
    [(one, first), _, _], above = three
    await handed(first, one)
    with pytest.raises(NotFound):
        await return_report(above, *WHAT, one, "", cells={"khong_co": "x"})
    with pytest.raises(InvalidInput):
        await return_report(above, *WHAT, one, " ", cells={"cuoc": " "})
    await return_report(above, *WHAT, one, "", cells={"cuoc": "Đếm lại số cuộc"})
    with pytest.raises(Conflict):
        await ask_reopen(first, *WHAT, one, "Muốn sửa")
    await save_reports(first, *WHAT, {one: {"cuoc": "6"}}, Source.FORM)
    await save_reports(first, *WHAT, {one: {"cuoc": "7"}}, Source.FORM)
    await submit_report(first, *WHAT, one, Source.FORM)
    seen = await open_review(above, *WHAT, one)
    assert seen.changed == {"cuoc": "4"} and seen.may_decide and not seen.is_own
    assert [(said["key"], said["body"]) for said in seen.comments] == [("cuoc", "Đếm lại số cuộc")]
    assert [row["act"] for row in seen.history] == ["submit", "save", "save", "return", "submit", "save"]
    assert seen.history[3]["reason"] == "Xem lý do ở 1 ô."
    assert not (await open_review(first, *WHAT, one)).may_decide


async def test_many_are_approved_as_they_were_looked_at_or_none(three):
    [(one, first), (two, second), (silent, _)], above = three
    await handed(first, one)
    await handed(second, two)
    seen = {row["code"]: row["revision"] for row in (await list_review(above, Wish(*WHAT))).rows}
    await save_reports(second, *WHAT, {two: {"cuoc": "9"}}, Source.FORM, reason="Đếm sót")
    with pytest.raises(Conflict, match="Vừa có thay đổi"):
        await approve_reports(above, *WHAT, [one, two], seen)
    with pytest.raises(NotFound):
        await approve_reports(above, *WHAT, [one, silent], seen)
    assert (await list_review(above, Wish(*WHAT))).counts["cho-duyet"] == 2
    assert await approve_reports(above, *WHAT, [one], seen) == 1
    with pytest.raises(InvalidInput):
        await ask_reopen(first, *WHAT, one, "")
    clock.freeze(clock.now() + timedelta(days=1))
    await ask_reopen(first, *WHAT, one, "Thiếu một chi hội")
    assert (await open_review(above, *WHAT, one)).comments[-1]["body"] == "Đề nghị mở lại: Thiếu một chi hội"


async def test_nobody_reviews_siblings_or_other_organisations(three):
    [(one, first), (two, _), _], above = three
    await handed(first, one)
    other_province = await enterer("vn/04/", "mttq", "approver")
    women = await enterer("vn/01/", "phu_nu", "approver")
    own = await enterer("vn/01/", "mttq", "reader")
    for stranger in (other_province, women):
        with pytest.raises(Forbidden):
            await open_review(stranger, *WHAT, one)
        with pytest.raises(Forbidden):
            await list_review(stranger, Wish(*WHAT, unit="01"))
    with pytest.raises(Forbidden):
        await open_review(first, *WHAT, two)
    assert (await open_review(own, *WHAT, one)).may_decide is False
    with pytest.raises(Forbidden):
        await approve_reports(own, *WHAT, [one])
    assert (await list_review(women, Wish("thu", "2026-Q3", unit="01"))).organisations == [("phu_nu", "Hội Liên hiệp Phụ nữ Việt Nam")]
