"""The sheet of a report over HTTP and the tool's home: rights, saving, conflicts, handing up, notes, what is due."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mattranso_app.core import clock
from mattranso_app.core.errors import Forbidden, InvalidInput, NotFound
from mattranso_app.core.http import router
from mattranso_app.core.reporting.models import Source
from mattranso_app.core.reporting.publishing import read_definition
from mattranso_app.identity.web import identified
from mattranso_app.registry import due_words, entry_api, sheet
from mattranso_app.registry.service import comment_cell, list_due, open_report, read_cell, return_report, save_reports, submit_report
from tests.core.reporting.factories import enterer, make_form, small_form
from tests.identity.browser import Browser
from tests.identity.factories import PASSWORD, make_officer
from tests.petitions.factories import make_country

WARD, PATH, OTHER = "19774", "vn/46/19774/", "19789"
WHAT = ("thu", "2026-Q3", "mttq")
DOOR = f"/csdl/so-lieu/thu/2026-Q3/mttq/{WARD}"
FULL = {"hoi_vien/nam": "1.200", "hoi_vien/nu": "800", "cuoc": "4"}
SOFT = {"name": "nhieu", "severity": "soft", "message": "Nhiều cuộc quá.", "expression": {"<=": [{"cell": "cuoc"}, 10]}}
HARD = {"name": "uy_vien", "severity": "hard", "message": "Uỷ viên không quá hội viên.",
        "expression": {"<=": [{"cell": "uy_vien"}, {"cell": "hoi_vien"}]}}  # fmt: skip


@pytest.fixture
async def units(db):
    """A small country in the first days after the third quarter, and the form with two checks."""
    clock.freeze(datetime(2026, 10, 2, 3, tzinfo=UTC))
    made = await make_country()
    await make_form(checks=[SOFT, HARD], opens_days=7)
    return made


async def browser_of(name: str, unit_id: int, role: str = "handler", organisation: str = "mttq") -> Browser:
    """Sign a new officer in; the doors below are the real ones behind the layer that finds out who calls."""
    assert entry_api.ADDRESS
    await make_officer(name, unit_id, role, organisation)
    browser = Browser(identified(router(lambda scope, receive, send: None)))
    assert (await browser.post("/dang-nhap/can-bo", json_body={"user_name": name, "password": PASSWORD})).status_code == 200
    return browser


async def test_typed_saved_handed_up_and_amended(units):
    lan = await browser_of("lan", units[WARD])
    opened = (await lan.get(DOOR)).json()
    assert (opened["state"], opened["revision"], opened["values"], opened["may_enter"]) == ("none", 0, {}, True)
    saved = await lan.post(DOOR, json_body={"values": FULL, "seen": 0})
    assert saved.status_code == 200 and saved.json()["revision"] == 1 and not saved.json()["others_wrote"]
    opened = (await lan.get(DOOR)).json()
    assert opened["values"] == {"hoi_vien/nam": "1200", "hoi_vien/nu": "800", "cuoc": "4", "hoi_vien": "2000", "ty_le": "40"}
    await lan.post(DOOR, json_body={"values": {"cuoc": "40", "uy_vien": "3000", "hoi_vien/nu": ""}, "seen": 1, "source": "offline"})
    refused = await lan.post(f"{DOOR}/gui", json_body={"seen": 2})
    assert refused.status_code == 422 and set(refused.json()["fields"]) == {"hoi_vien/nu"}
    gaps = {"hoi_vien/nu": "Đang đếm lại"}
    refused = await lan.post(f"{DOOR}/gui", json_body={"seen": 2, "gaps": gaps})
    assert refused.status_code == 422 and set(refused.json()["fields"]) == {"check:nhieu", "check:uy_vien"}
    await lan.post(DOOR, json_body={"values": {"uy_vien": "30"}, "seen": 2})
    sent = await lan.post(f"{DOOR}/gui", json_body={"seen": 3, "gaps": gaps, "explanations": {"nhieu": "Đợt cao điểm"}})
    assert sent.status_code == 200, sent.text
    assert sent.json()["state"] == "submitted" and sent.json()["is_amending"]
    assert (sent.json()["gaps"], sent.json()["explanations"]) == (gaps, {"nhieu": "Đợt cao điểm"})
    amended = {"values": {"uy_vien": "5000"}, "seen": 4, "reason": "Nhập nhầm"}
    assert (await lan.post(DOOR, json_body=amended | {"reason": ""})).json()["fields"].keys() == {"reason"}
    assert (await lan.post(DOOR, json_body=amended)).json()["fields"].keys() == {"check:uy_vien"}
    assert (await lan.post(DOOR, json_body=amended | {"values": {"uy_vien": "31"}})).status_code == 200
    cell = (await lan.get(f"{DOOR}/o?key=uy_vien")).json()
    assert [(change["before"], change["after"]) for change in cell["changes"]] == [("30", "31"), ("3000", "30"), (None, "3000")]
    assert cell["changes"][0]["reason"] == "Nhập nhầm" and cell["changes"][2]["how"] == "nhập lúc không có mạng"


async def test_two_at_once_and_bad_input(units):
    lan, minh = await browser_of("lan", units[WARD]), await browser_of("minh", units[WARD])
    await lan.post(DOOR, json_body={"values": {"cuoc": "4"}, "seen": 0})
    clash = await minh.post(DOOR, json_body={"values": {"cuoc": "5", "hoi_vien/nam": "9"}, "seen": 0})
    assert clash.status_code == 409 and clash.json()["fields"] == {"cuoc": "Người khác vừa sửa thành: 4."}
    assert (await minh.get(DOOR)).json()["values"] == {"cuoc": "4"}
    for typed in ("Đông", "Đông"):  # a cell nobody else wrote into; the second time nothing changes
        beside = await minh.post(DOOR, json_body={"values": {"kho_khan": typed}, "seen": 0})
        assert beside.status_code == 200 and beside.json()["others_wrote"]
    assert not (await minh.post(DOOR, json_body={"values": {"kho_khan": ""}, "seen": 2})).json()["others_wrote"]
    bad = await lan.post(DOOR, json_body={"values": {"cuoc": "=1+1", "uy_vien": "7"}, "seen": 3})
    assert bad.status_code == 422 and set(bad.json()["fields"]) == {"cuoc"}
    for body in ({"values": {"khong_co": "1"}, "seen": 1}, {"values": {"ty_le": "1"}, "seen": 1}, {"values": {}, "seen": -1},
                 {"values": {"cuoc": "1"}, "seen": 1, "source": "excel"}, {"values": {"cuoc": ["1"]}, "seen": 1}, {}, []):  # fmt: skip
        assert 400 <= (await lan.post(DOOR, json_body=body)).status_code < 500
    assert (await lan.get(DOOR)).json()["values"] == {"cuoc": "4"}
    for wrong in ("khong/2026-Q3/mttq/19774", "thu/2026-Q9/mttq/19774", "thu/2026-03/mttq/19774", "thu/2026-Q3/khong/19774",
                  "thu/2026-Q3/mttq/00000", "thu/2026-Q3/mttq/46"):  # fmt: skip
        assert (await lan.get(f"/csdl/so-lieu/{wrong}")).status_code in (403, 404, 422)


async def test_nobody_else_sees_or_writes(units):
    await save_reports(await enterer(PATH), *WHAT, {WARD: FULL}, Source.FORM)
    for name, unit, role, organisation, reads in (
        ("ke.lan", OTHER, "handler", "mttq", False),
        ("phu.lan", WARD, "handler", "phu_nu", False),
        ("xem.lan", WARD, "reader", "mttq", True),
        ("tinh.lan", "46", "approver", "mttq", True),
        ("khac.lan", "48", "approver", "mttq", False),
        ("qt.lan", WARD, "administrator", "mttq", False),
    ):
        browser = await browser_of(name, units[unit], role, organisation)
        assert ((await browser.get(DOOR)).status_code == 200) is reads
        assert ((await browser.get(f"{DOOR}/o?key=cuoc")).status_code == 200) is reads
        assert ((await browser.post(f"{DOOR}/y-kien", json_body={"key": "cuoc", "body": "Xem lại"})).status_code == 200) is reads
        assert (await browser.post(DOOR, json_body={"values": {"cuoc": "1"}, "seen": 1})).status_code == 403
        assert (await browser.post(f"{DOOR}/gui", json_body={"seen": 1})).status_code == 403
        if reads:
            assert not (await browser.get(DOOR)).json()["may_enter"]
    nobody = Browser(identified(router(lambda scope, receive, send: None)))
    assert (await nobody.get(DOOR)).status_code == 401
    lan = await browser_of("lan", units[WARD])
    lan.origin = "https://noi-khac.vn"
    assert (await lan.post(DOOR, json_body={"values": {"cuoc": "1"}, "seen": 1})).status_code == 403


async def test_comments_are_kept_by_cell(units):
    actor = await enterer(PATH)
    with pytest.raises(NotFound):
        await comment_cell(actor, *WHAT, WARD, "cuoc", "Chưa có sổ")
    assert (await read_cell(actor, *WHAT, WARD, "cuoc")).changes == ()
    await save_reports(actor, *WHAT, {WARD: FULL}, Source.FORM)
    for key, body, error in (("cuoc", " ", InvalidInput), ("cuoc", "x" * 1_001, InvalidInput), ("khong", "Gì đây", NotFound)):
        with pytest.raises(error):
            await comment_cell(actor, *WHAT, WARD, key, body)
    await comment_cell(actor, *WHAT, WARD, "cuoc", "Gồm cả cuộc phối hợp?")
    await comment_cell(await enterer("vn/46/", "mttq", "approver"), *WHAT, WARD, "cuoc", "Chỉ cuộc tự chủ trì.")
    found = await read_cell(actor, *WHAT, WARD, "cuoc")
    assert [row["body"] for row in found.comments] == ["Chỉ cuộc tự chủ trì.", "Gồm cả cuộc phối hợp?"]
    assert (await open_report(actor, *WHAT, WARD)).comments == {"cuoc": 2}
    with pytest.raises(Forbidden):
        await comment_cell(await enterer("vn/46/19789/"), *WHAT, WARD, "cuoc", "Của tôi đâu?")


async def test_the_browser_is_given_last_period_and_what_checks_refer_to(units):
    before = {"expression": {"<=": [{"cell": "cuoc"}, {"*": [2, {"cell": "cuoc", "period": "previous"}]}]}}
    await make_form("so", checks=[SOFT | before])
    actor = await enterer(PATH)
    await save_reports(actor, "so", "2026-Q2", "mttq", {WARD: FULL}, Source.FORM)
    opened = sheet.as_json(await open_report(actor, "so", "2026-Q3", "mttq", WARD), "lan")
    assert opened["last"]["hoi_vien/nam"] == "1200" and opened["last_period"] == "Quý II/2026"
    assert opened["others"] == {"cuoc@previous": "4"} and set(opened["judge"]["formulas"]) == {"hoi_vien", "ty_le"}


async def test_what_is_due_with_its_words(units):
    await make_form("moi", "2026-Q4", opens_days=7)  # holds for no period that is open
    await make_form("tinh", levels=["province"])
    actor, above = await enterer(PATH), await enterer("vn/46/", "mttq", "approver")
    items = [due_words.due_item(due) for due in await list_due(actor)]
    assert [item["period"] for item in items] == ["Quý III/2026", "Quý II/2026"]
    first = items[0]
    assert first["due"] == "Hạn: hết thứ Tư 07/10/2026, còn 5 ngày" and first["progress"] == "0/3 ô bắt buộc đã có số"
    assert items[-1]["due"] == "Đã quá hạn 87 ngày (hạn 07/07/2026)" and items[-1]["group"] == "open"
    await save_reports(actor, *WHAT, {WARD: FULL}, Source.FORM)
    await submit_report(actor, *WHAT, WARD, Source.FORM)
    sent = next(item for item in map(due_words.due_item, await list_due(actor)) if item["href"] == f"/csdl/nhap/thu/2026-Q3/mttq/{WARD}")
    assert (sent["group"], sent["due"], sent["progress"]) == ("done", "Gửi ngày 02/10/2026", "Đủ 3 ô bắt buộc")
    await return_report(above, *WHAT, WARD, "Xem lại số cuộc")
    back = due_words.due_item((await list_due(actor))[0])
    assert (back["group"], back["reason"], back["act"]) == ("returned", "Xem lại số cuộc", "Xem lý do và sửa")
    clock.freeze(datetime(2027, 8, 2, 3, tzinfo=UTC))
    assert due_words.due_item((await list_due(actor))[0])["period"] == "Quý III/2026"  # however long ago
    assert {due.asked.version.code for due in await list_due(above)} == {"tinh"}


def test_tables_are_laid_out_as_on_paper():
    form = read_definition(small_form())
    first, second = (list(sheet.tables(form, section)) for section in form.sections)
    assert [table["columns"] for table in first] == [["Tổng số", "Nam", "Nữ"], ["Tổng số", "Dân tộc thiểu số", "Có tôn giáo"]]
    assert first[0]["rows"][0]["cells"] == ["hoi_vien", "hoi_vien/nam", "hoi_vien/nu"]
    assert [row["cells"] for row in second[0]["rows"]] == [["cuoc"], ["ty_le"], ["kho_khan"]]


def test_crossed_breakdowns_have_rows_and_columns():
    data = small_form()
    data["categories"].append({"code": "tuoi", "name": "Tuổi", "options": [{"code": "tre", "name": "Trẻ"}, {"code": "gia", "name": "Già"}]})
    data["sections"][0]["indicators"][0]["categories"] = ["gioi", "tuoi"]
    del data["sections"][1]["indicators"][1]
    form = read_definition(data)
    table = next(sheet.tables(form, form.sections[0]))
    assert table["columns"] == ["Tổng số", "Trẻ", "Già"]
    assert [row["cells"] for row in table["rows"]] == [
        ["hoi_vien", None, None], [None, "hoi_vien/nam.tre", "hoi_vien/nam.gia"], [None, "hoi_vien/nu.tre", "hoi_vien/nu.gia"],
    ]  # fmt: skip
    rows = [row for section in form.sections for table in sheet.tables(form, section) for row in table["rows"]]
    shown = [key for row in rows for key in row["cells"] if key]
    assert sorted(shown) == sorted(form.cells)
