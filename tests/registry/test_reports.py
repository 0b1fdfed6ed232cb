"""The life of a report through the tool's verbs: values, wholes, gaps, amendments, decisions, conflicts, rights, totals."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mattranso_app.core import clock, db
from mattranso_app.core.errors import Conflict, Forbidden, InvalidInput
from mattranso_app.core.reporting import folding, store
from mattranso_app.core.reporting.models import Source
from mattranso_app.core.sql import sql
from mattranso_app.registry.service import approve_reports, reopen_report, return_report, save_reports, submit_report
from tests.core.reporting.factories import enterer, make_form

WHAT = ("thu", "2026-Q3", "mttq")
FULL = {"hoi_vien/nam": "1.200", "hoi_vien/nu": "800", "cuoc": "4"}


@pytest.fixture
async def two(filled_database):
    """Two communes of one province, their officers, and the form."""
    clock.freeze(datetime(2026, 10, 2, 3, tzinfo=UTC))
    form_id = await make_form()
    async with db.reading() as session:
        communes = sql("SELECT code, path FROM unit WHERE level = 'commune' AND path LIKE 'vn/01/%' ORDER BY code LIMIT 2")
        rows = (await session.execute(communes)).all()
    return form_id, [(row.code, row.path, await enterer(row.path)) for row in rows]


async def totals(form_id):
    async with db.glance() as connection:
        return await folding.fetch_totals(connection, form_id, ["2026-Q3"], ["mttq"])


async def test_from_typing_to_a_total(two):
    form_id, [(code, path, actor), (other, _, colleague)] = two
    written = (await save_reports(actor, *WHAT, {code: FULL}, Source.FORM))[code]
    assert written.cells == {"hoi_vien/nam": "1200", "hoi_vien/nu": "800", "cuoc": "4", "hoi_vien": "2000", "ty_le": "40"}
    assert await totals(form_id) == []  # a draft does not count
    await submit_report(actor, *WHAT, code, Source.FORM)
    await save_reports(colleague, *WHAT, {other: FULL | {"cuoc": "6"}}, Source.FORM)
    await submit_report(colleague, *WHAT, other, Source.FORM)
    async with db.reading() as session:
        slots = (await store.fetch_versions(session, form_id))[0].slots

    async def seen():
        total = (await totals(form_id))[0]
        return total.group_path, total.reports, total.amended, total.sums[slots["hoi_vien"] - 1], total.sums[slots["cuoc"] - 1]

    assert await seen() == ("vn/01/", 2, 0, 4000, 10)
    assert await folding.fold_once() == 2 and await folding.fold_once() == 0
    assert await seen() == ("vn/01/", 2, 0, 4000, 10)
    with pytest.raises(InvalidInput) as refused:
        await save_reports(actor, *WHAT, {code: {"cuoc": "5"}}, Source.FORM)
    assert set(refused.value.fields) == {"reason"}
    await save_reports(actor, *WHAT, {code: {"cuoc": "5"}}, Source.FORM, reason="Cộng thiếu một cuộc")
    assert await seen() == ("vn/01/", 2, 1, 4000, 11)
    await folding.fold_once()
    above = await enterer("vn/01/", "mttq", "approver")
    await return_report(above, *WHAT, other, "Xem lại số cuộc")
    assert await seen() == ("vn/01/", 1, 1, 2000, 5)
    await approve_reports(above, *WHAT, [code])
    with pytest.raises(Conflict):
        await save_reports(actor, *WHAT, {code: {"cuoc": "7"}}, Source.FORM, reason="Sửa")
    await reopen_report(above, *WHAT, code, "Đơn vị xin sửa")
    assert await totals(form_id) == []
    await folding.fold_once()
    assert await totals(form_id) == []


async def test_gaps_are_named(two):
    _, [(code, _, actor), _] = two
    await save_reports(actor, *WHAT, {code: {"hoi_vien/nam": "1"}}, Source.FORM)
    with pytest.raises(InvalidInput) as refused:
        await submit_report(actor, *WHAT, code, Source.FORM)
    assert set(refused.value.fields) == {"hoi_vien/nu", "cuoc"}
    await submit_report(actor, *WHAT, code, Source.FORM, gaps={"hoi_vien/nu": "Đang đếm lại", "cuoc": "Chưa có sổ"})


async def test_what_others_wrote_meanwhile_is_not_overwritten(two):
    _, [(code, _, actor), _] = two
    first = (await save_reports(actor, *WHAT, {code: {"cuoc": "4"}}, Source.FORM))[code]
    await save_reports(actor, *WHAT, {code: {"cuoc": "5", "kho_khan": "Thiếu người"}}, Source.FORM)
    with pytest.raises(Conflict) as refused:
        await save_reports(actor, *WHAT, {code: {"cuoc": "6"}}, Source.OFFLINE, seen={code: first.revision})
    assert list(refused.value.fields) == ["cuoc"]
    later = await save_reports(actor, *WHAT, {code: {"hoi_vien/nam": "9"}}, Source.OFFLINE, seen={code: first.revision})
    assert later[code].cells["cuoc"] == "5" and later[code].cells["hoi_vien/nam"] == "9"


async def test_bad_values_write_nothing(two):
    form_id, [(code, _, actor), _] = two
    with pytest.raises(InvalidInput) as refused:
        await save_reports(actor, *WHAT, {code: {"cuoc": "=1+1", "hoi_vien/nam": "1,5", "hoi_vien/nu": "5"}}, Source.EXCEL)
    assert set(refused.value.fields) == {"cuoc", "hoi_vien/nam"}
    async with db.reading() as session:
        assert (await session.execute(sql("SELECT count(*) FROM reporting_report"))).scalar_one() == 0


async def test_nobody_enters_for_a_sibling_or_decides_for_himself(two):
    _, [(code, path, actor), (other, _, _)] = two
    with pytest.raises(Forbidden):
        await save_reports(actor, *WHAT, {other: FULL}, Source.FORM)
    with pytest.raises(Forbidden):
        await save_reports(await enterer(path, "pn"), *WHAT, {code: FULL}, Source.FORM)
    await save_reports(actor, *WHAT, {code: FULL}, Source.FORM)
    await submit_report(actor, *WHAT, code, Source.FORM)
    with pytest.raises(Forbidden):
        await approve_reports(await enterer(path, "mttq", "approver"), *WHAT, [code])


async def test_checks_forbid_or_ask_for_an_explanation(two):
    _, [(code, _, actor), _] = two
    checks = [
        {"name": "khong_vuot", "severity": "hard", "message": "Uỷ viên không nhiều hơn hội viên.",
         "expression": {"<=": [{"cell": "uy_vien"}, {"cell": "hoi_vien"}]}},
        {"name": "nhieu_cuoc", "severity": "soft", "message": "Nhiều cuộc hơn kỳ trước gấp đôi.",
         "expression": {"<=": [{"cell": "cuoc"}, {"*": [2, {"cell": "cuoc", "period": "previous"}]}]}},
    ]  # fmt: skip
    await make_form("co_kiem_tra", checks=checks)
    before, what = ("co_kiem_tra", "2026-Q2", "mttq"), ("co_kiem_tra", "2026-Q3", "mttq")
    await save_reports(actor, *before, {code: FULL}, Source.FORM)
    await save_reports(actor, *what, {code: FULL | {"cuoc": "9", "uy_vien": "2001"}}, Source.FORM)
    with pytest.raises(InvalidInput) as refused:
        await submit_report(actor, *what, code, Source.FORM, explanations={"khong_vuot": "Cứ gửi"})
    assert set(refused.value.fields) == {"check:khong_vuot", "check:nhieu_cuoc"}
    await save_reports(actor, *what, {code: {"uy_vien": "30"}}, Source.FORM)
    await submit_report(actor, *what, code, Source.FORM, explanations={"nhieu_cuoc": "Có bầu cử"})
    async with db.reading() as session:
        kept = (await session.execute(sql("SELECT explanations FROM reporting_report WHERE period = '2026-Q3'"))).scalar_one()
    assert kept == {"nhieu_cuoc": "Có bầu cử"}
