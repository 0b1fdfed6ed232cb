"""Sending on with named gaps, what comes after it, the level above; reminders by a clock that stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mattranso_app.core import clock, db
from mattranso_app.core.clock import VN
from mattranso_app.core.errors import Conflict, Forbidden, InvalidInput
from mattranso_app.core.reporting.models import Source
from mattranso_app.core.sql import sql
from mattranso_app.registry import reminding
from mattranso_app.registry.service import decide_forward, forward_reports, save_reports, submit_report, view_forward
from tests.core.reporting.factories import enterer, make_form
from tests.identity.factories import make_officer

WHAT = ("thu", "2026-Q3", "mttq")
FULL = {"hoi_vien/nam": "1.200", "hoi_vien/nu": "800", "cuoc": "4"}


@pytest.fixture
async def communes(filled_database):
    """Two communes of a province: (id, code, officer)."""
    clock.freeze(datetime(2026, 10, 2, 3, tzinfo=UTC))
    await make_form(organisations=["mttq"])
    async with db.reading() as session:
        found = sql("SELECT id, code, path FROM unit WHERE level = 'commune' AND path LIKE 'vn/01/%' ORDER BY path LIMIT 2")
        rows = (await session.execute(found)).all()
    yield [(row.id, row.code, await enterer(row.path)) for row in rows]
    clock.freeze(None)


async def handed(actor, code):
    await save_reports(actor, *WHAT, {code: FULL}, Source.FORM)
    await submit_report(actor, *WHAT, code, Source.FORM)


async def test_a_silent_commune_is_named_and_blocks_nobody(communes):
    (_, one, first), (_, two, second) = communes
    above, central = await enterer("vn/01/", "mttq", "approver"), await enterer("vn/", "mttq", "approver")
    with pytest.raises(InvalidInput, match="Chưa có báo cáo nào"):
        await forward_reports(above, *WHAT, "01", {}, "Chưa gửi")
    await handed(first, one)
    with pytest.raises(InvalidInput) as refused:
        await forward_reports(above, *WHAT, "01", {two: "Cán bộ nghỉ thai sản"})
    assert two not in refused.value.fields and one not in refused.value.fields and len(refused.value.fields) > 50
    for stranger in (first, await enterer("vn/04/", "mttq", "approver"), await enterer("vn/01/", "phu_nu", "approver")):
        with pytest.raises(Forbidden):
            await forward_reports(stranger, *WHAT, "01", {}, "Chưa gửi")
    missing = await forward_reports(above, *WHAT, "01", {two: "Cán bộ nghỉ thai sản"}, "Đã nhắc, chưa gửi")
    sent = await view_forward(central, *WHAT, "01")
    assert sent.row["reports"] == 1 and sent.row["expected"] == missing + 1 and list(sent.since) == []
    assert {each["reason"] for each in sent.row["missing"] if each["code"] == two} == {"Cán bộ nghỉ thai sản"}
    with pytest.raises(Conflict):
        await forward_reports(above, *WHAT, "01", {}, "Lại")
    clock.freeze(clock.now() + timedelta(hours=1))
    await handed(second, two)
    await save_reports(first, *WHAT, {one: {"cuoc": "5"}}, Source.FORM, reason="Đếm thiếu")
    later = {row["code"]: row["is_new"] for row in (await view_forward(central, *WHAT, "01")).since}
    assert later == {one: False, two: True}
    with pytest.raises(Forbidden):
        await decide_forward(above, *WHAT, "01", is_accepted=True)
    with pytest.raises(InvalidInput):
        await decide_forward(central, *WHAT, "01", is_accepted=False)
    await decide_forward(central, *WHAT, "01", is_accepted=False, reason="Đôn đốc thêm")
    assert await forward_reports(above, *WHAT, "01", {}, "Đã nhắc") == missing - 1
    await decide_forward(central, *WHAT, "01", is_accepted=True)
    with pytest.raises(Conflict):
        await decide_forward(central, *WHAT, "01", is_accepted=True)


@pytest.mark.parametrize(
    ("day", "hour", "step"),
    [(2, 9, None), (5, 9, "before"), (7, 9, "before"), (7, 18, None), (8, 9, "after"), (13, 9, "after"), (14, 9, "again"), (30, 9, None)],
)
def test_steps_go_by_working_days(day: int, hour: int, step: str | None) -> None:
    due = datetime(2026, 10, 7, 17, tzinfo=VN)
    assert reminding.step_of(due, datetime(2026, 10, day, hour, tzinfo=VN)) == step


async def test_each_silent_unit_is_reminded_once_a_step_in_office_hours(communes):
    (first_id, one, first), (second_id, two, _) = communes
    clock.freeze(datetime(2026, 9, 1, 3, tzinfo=UTC))
    for number, unit_id in enumerate((first_id, second_id)):
        await make_officer(f"nhap{number}", unit_id, "handler")
        await make_officer(f"xem{number}", unit_id, "reader")
    clock.freeze(datetime(2026, 10, 6, 3, tzinfo=UTC))
    await handed(first, one)

    async def reminded():
        async with db.reading() as session:
            rows = await session.execute(sql("SELECT unit_id, step FROM reporting_reminder WHERE period = '2026-Q3' ORDER BY step"))
            return [tuple(row) for row in rows]

    clock.freeze(datetime(2026, 10, 6, 14, tzinfo=UTC))
    await reminding.remind()
    assert await reminded() == [], "nobody is disturbed at nine in the evening"
    clock.freeze(datetime(2026, 10, 6, 3, tzinfo=UTC))
    await reminding.remind()
    await reminding.remind()
    assert await reminded() == [(second_id, "before")]
    clock.freeze(datetime(2026, 10, 8, 3, tzinfo=UTC))
    await reminding.remind()
    assert await reminded() == [(second_id, "after"), (second_id, "before")]
