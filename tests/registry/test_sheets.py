"""Figures by Excel: tried first, written by the verb of the form, exactly what was changed, never twice, never for others."""

from __future__ import annotations

import io
import random
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook

from mattranso_app import rooms
from mattranso_app.core import clock, db
from mattranso_app.core.errors import Conflict, Forbidden, Gone, InvalidInput
from mattranso_app.core.reporting.models import Source
from mattranso_app.core.sql import sql
from mattranso_app.identity import cookies
from mattranso_app.registry.service import approve_reports, save_reports, submit_report
from mattranso_app.registry.service.sheets import SentSheet, marked_sheet, template_sheet, try_sheets, write_sheets
from tests.core.reporting.factories import enterer, make_form
from tests.identity.factories import make_officer, sign_in
from tests.petitions.factories import browser

WHAT = ("thu", "2026-Q3", "mttq")
KEYS = ("hoi_vien/nam", "hoi_vien/nu", "uy_vien", "cuoc")


@pytest.fixture
async def place(units_db):
    """A province with its officer, three communes of it, and the form."""
    clock.freeze(datetime(2026, 10, 2, 3, tzinfo=UTC))
    await make_form(organisations=["mttq", "phu_nu"])
    async with db.reading() as session:
        communes = sql("SELECT id, code, path, name FROM unit WHERE path LIKE 'vn/12/%' AND level = 'commune' ORDER BY code LIMIT 3")
        rows = (await session.execute(communes)).all()
    return await enterer("vn/12/"), rows


async def workbook(actor, unit="12", below=True, what=WHAT):
    return (await template_sheet(actor, *what, unit, below=below))[1]


def change(data, *cells):
    """Return the file with (unit code, key, value) put in."""
    book = load_workbook(io.BytesIO(data))
    sheet = book["Số liệu"]
    keys = {cell.value: cell.column for cell in sheet[6]}
    rows = {row[0].value: row[0].row for row in sheet.iter_rows(min_row=7)}
    for code, key, value in cells:
        if "hoi_vien" in keys:
            sheet.cell(rows[code], keys[key]).value = value
        else:
            sheet.cell(rows[key], 4).value = value
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


async def stored(period="2026-Q3"):
    async with db.reading() as session:
        found = sql("SELECT u.code, r.cells FROM reporting_report r JOIN unit u ON u.id = r.unit_id WHERE r.period = :period")
        rows = await session.execute(found, {"period": period})
        return {row.code: dict(row.cells) for row in rows}


async def revisions():
    async with db.reading() as session:
        return (await session.execute(sql("SELECT count(*) FROM reporting_revision"))).scalar_one()


async def test_a_province_fills_all_its_communes_in_one_workbook(place):
    actor, [one, two, three] = place
    data = await workbook(actor)
    filled = change(data, (one.code, "cuoc", 5), (two.code, "hoi_vien/nam", "1.200"), (two.code, "kho_khan", "Thiếu người"))
    (tried,) = await try_sheets(actor, *WHAT, [SentSheet("tinh.xlsx", filled)])
    assert tried.problems == [] and len(tried.units) > 30 and await stored() == {}
    expected = {(one.name, "", "5"), (two.name, "", "1.200"), (two.name, "", "Thiếu người")}
    assert {(each.unit, each.before, each.after) for each in tried.differences} == expected
    assert await write_sheets(actor, *WHAT, [SentSheet("tinh.xlsx", filled)]) == 3
    assert await stored() == {one.code: {"cuoc": "5"}, two.code: {"hoi_vien/nam": "1200", "hoi_vien": "1200", "kho_khan": "Thiếu người"}}
    before = await revisions()
    assert await write_sheets(actor, *WHAT, [SentSheet("tinh.xlsx", filled)]) == 0  # sent twice
    assert await revisions() == before and three.code not in await stored()


async def test_an_empty_cell_of_an_old_template_keeps_what_others_wrote_and_a_clash_is_named(place):
    actor, [one, two, _] = place
    data = await workbook(actor)
    await save_reports(actor, *WHAT, {one.code: {"cuoc": "7", "uy_vien": "3"}}, Source.FORM)
    (tried,) = await try_sheets(actor, *WHAT, [SentSheet("cu.xlsx", data)])
    assert tried.problems == [] and tried.differences == []
    (tried,) = await try_sheets(actor, *WHAT, [SentSheet("cu.xlsx", change(data, (one.code, "cuoc", 8), (one.code, "hoi_vien/nu", 2)))])
    assert len(tried.problems) == 1 and "“7”" in tried.problems[0].words and tried.problems[0].cell == "Cuộc giám sát"
    with pytest.raises(InvalidInput):
        await write_sheets(actor, *WHAT, [SentSheet("cu.xlsx", change(data, (one.code, "cuoc", 8), (two.code, "cuoc", 2)))])
    assert await stored() == {one.code: {"cuoc": "7", "uy_vien": "3"}}  # nothing half written
    assert await write_sheets(actor, *WHAT, [SentSheet("cu.xlsx", change(data, (one.code, "hoi_vien/nu", 2)))]) == 1
    fresh = await workbook(actor)
    assert await write_sheets(actor, *WHAT, [SentSheet("moi.xlsx", change(fresh, (one.code, "cuoc", None)))]) == 1
    assert "cuoc" not in (await stored())[one.code]


@pytest.mark.parametrize("seed", range(3))
async def test_as_many_changes_as_cells_were_edited(place, seed):
    actor, rows = place
    chance = random.Random(seed)
    begun = {row.code: {key: str(chance.randrange(100)) for key in KEYS if chance.random() < 0.6} for row in rows}
    await save_reports(actor, *WHAT, begun, Source.FORM)
    expected = await stored()
    places = [(row.code, key) for row in rows for key in KEYS]
    edits = {}
    for code, key in chance.sample(places, chance.randrange(1, len(places))):
        edits[code, key] = chance.choice([None, 500 + chance.randrange(100)]) if key in expected.get(code, {}) else 700
    data = change(await workbook(actor), *((code, key, value) for (code, key), value in edits.items()))
    (tried,) = await try_sheets(actor, *WHAT, [SentSheet("a.xlsx", data)])
    assert tried.problems == [] and len(tried.differences) == len(edits)
    assert await write_sheets(actor, *WHAT, [SentSheet("a.xlsx", data)]) == len(edits)
    found = await stored()
    for (code, key), value in edits.items():
        assert found[code].get(key) == (None if value is None else str(value))
    for code, key in set(places) - set(edits):
        assert found.get(code, {}).get(key) == expected.get(code, {}).get(key)


async def test_single_templates_of_many_units_are_written_together_or_not_at_all(place):
    actor, [one, two, _] = place
    first = change(await workbook(actor, one.code, below=False), (one.code, "cuoc", 1))
    second = change(await workbook(actor, two.code, below=False), (two.code, "cuoc", "hai"))
    files = [SentSheet("mot.xlsx", first), SentSheet("hai.xlsx", second)]
    tried = await try_sheets(actor, *WHAT, files)
    assert [len(each.problems) for each in tried] == [0, 1] and tried[1].problems[0].column == "D"
    with pytest.raises(InvalidInput):
        await write_sheets(actor, *WHAT, files)
    assert await stored() == {}
    tried = await try_sheets(actor, *WHAT, [files[0], SentSheet("lai.xlsx", first)])
    assert "mot.xlsx" in tried[1].problems[0].words
    name, marked = await marked_sheet(actor, *WHAT, files[1])
    mended = SentSheet(name, change(marked, (two.code, "cuoc", 2)))
    assert name == "hai - cần sửa.xlsx" and await write_sheets(actor, *WHAT, [files[0], mended]) == 2
    assert await stored() == {one.code: {"cuoc": "1"}, two.code: {"cuoc": "2"}}


async def test_amending_needs_a_reason_and_what_is_approved_is_closed(place):
    actor, [one, two, _] = place
    for row in (one, two):
        await save_reports(actor, *WHAT, {row.code: {"hoi_vien/nam": "1", "hoi_vien/nu": "1", "cuoc": "1"}}, Source.FORM)
        await submit_report(actor, *WHAT, row.code, Source.FORM)
    await approve_reports(await enterer("vn/12/", "mttq", "approver"), *WHAT, [two.code])
    data = await workbook(actor)
    amended = SentSheet("sua.xlsx", change(data, (one.code, "cuoc", 2)))
    (tried,) = await try_sheets(actor, *WHAT, [amended])
    assert tried.problems == [] and len(tried.amended) == 1
    with pytest.raises(InvalidInput) as refused:
        await write_sheets(actor, *WHAT, [amended])
    assert set(refused.value.fields) == {"reason"}
    assert await write_sheets(actor, *WHAT, [amended], "Đếm thiếu") == 1
    (tried,) = await try_sheets(actor, *WHAT, [SentSheet("khoa.xlsx", change(data, (two.code, "cuoc", 2)))])
    assert len(tried.problems) == 1 and "đã được duyệt" in tried.problems[0].words and tried.problems[0].row > 6


async def test_what_is_locked_is_said_before_writing_also_where_nothing_was_begun(place):
    actor, [one, _, _] = place
    await make_form("khoa", organisations=["mttq"], lock_days=5)
    what = ("khoa", "2026-Q3", "mttq")
    sent = SentSheet("a.xlsx", change(await workbook(actor, one.code, below=False, what=what), (one.code, "cuoc", 1)))
    assert (await try_sheets(actor, *what, [sent]))[0].problems == []
    with pytest.raises(InvalidInput, match="mở nhập từ ngày"):
        await try_sheets(actor, "khoa", "2028-Q3", "mttq", [sent])
    clock.freeze(datetime(2026, 10, 30, 3, tzinfo=UTC))
    (tried,) = await try_sheets(actor, *what, [sent])
    assert len(tried.problems) == 1 and "khoá" in tried.problems[0].words and await stored() == {}


async def test_a_template_of_something_else_is_known_by_name(place):
    actor, [one, two, _] = place
    await make_form("khac", title="Biểu khác", organisations=["mttq"])
    stranger = await enterer(two.path)
    cases = [
        (("thu", "2025-Q3", "mttq"), actor, "Quý III/2025"), (("khac", "2026-Q3", "mttq"), actor, "Biểu khác"),
        (("thu", "2026-Q3", "phu_nu"), await enterer(one.path, "phu_nu"), "Phụ nữ"),
    ]
    for what, whose, part in cases:
        (tried,) = await try_sheets(actor, *WHAT, [SentSheet("x.xlsx", await workbook(whose, one.code, below=False, what=what))])
        assert len(tried.problems) == 1 and part in tried.problems[0].words, tried.problems
    own = change(await workbook(actor, one.code, below=False), (one.code, "cuoc", 4))
    (tried,) = await try_sheets(stranger, *WHAT, [SentSheet("x.xlsx", own)])
    assert "không được nhập số" in tried.problems[0].words and (tried.problems[0].row, tried.problems[0].column) == (2, "B")
    with pytest.raises(InvalidInput):
        await write_sheets(stranger, *WHAT, [SentSheet("x.xlsx", own)])
    with pytest.raises(Forbidden):
        await template_sheet(stranger, *WHAT, one.code)
    (tried,) = await try_sheets(stranger, *WHAT, [SentSheet("x.xlsx", await workbook(actor))])
    rows = {problem.row for problem in tried.problems}
    assert len(rows) > 30 and all("Hãy xoá dòng này" in problem.words for problem in tried.problems) and len(tried.units) == 1
    assert await stored() == {}


async def test_a_unit_that_ended_is_named_with_its_heir(place, monkeypatch):
    from mattranso_app.registry.service import sheets as service

    actor, [one, two, _] = place
    data = change(await workbook(actor), (one.code, "cuoc", 1))
    real = service.glimpse_unit

    async def glimpse(code):
        if code == two.code:
            raise Gone("Xã này đã nhập vào Phường Mới (99998).")
        return await real(code)

    monkeypatch.setattr(service, "glimpse_unit", glimpse)
    (tried,) = await try_sheets(actor, *WHAT, [SentSheet("x.xlsx", data)])
    (problem,) = tried.problems
    assert "99998" in problem.words and problem.row == 8 and problem.column == "A"
    with pytest.raises(InvalidInput):
        await write_sheets(actor, *WHAT, [SentSheet("x.xlsx", data)])
    assert await stored() == {}


async def test_two_imports_at_once_write_once(place):
    import asyncio

    actor, [one, _, _] = place
    data = await workbook(actor)
    sent = [SentSheet("a.xlsx", change(data, (one.code, "cuoc", 3))) for _ in range(4)]
    sent.append(SentSheet("b.xlsx", change(data, (one.code, "cuoc", 4))))
    results = await asyncio.gather(*(write_sheets(actor, *WHAT, [each]) for each in sent), return_exceptions=True)
    done = [each for each in results if isinstance(each, int)]
    assert sum(done) == 1 and all(isinstance(each, int | Conflict | InvalidInput) for each in results)
    assert await revisions() == 1


async def test_over_http(place):
    rooms.register()
    actor, [one, two, _] = place
    await make_officer("nhap.lieu", one.id, "handler")
    await make_officer("doc", one.id, "reader")
    cookie, reader = [f"{cookies.SESSION}={(await sign_in(name))[0]}" for name in ("nhap.lieu", "doc")]
    wanted = {"bieu": "thu", "ky": "2026-Q3", "to-chuc": "mttq", "don-vi": one.code}
    fields = {key: wanted[key] for key in ("bieu", "ky", "to-chuc")}
    async with browser() as client:
        assert (await client.get("/csdl/excel/mau.xlsx", params=wanted)).status_code == 401
        assert (await client.post("/csdl/excel", data=fields, files={"file": ("a.xlsx", b"x")})).status_code == 401
    async with browser(cookie=reader) as client:
        assert (await client.get("/csdl/excel/mau.xlsx", params=wanted)).status_code == 403
    async with browser(cookie=cookie) as client:
        assert (await client.get("/csdl/excel/mau.xlsx", params=wanted | {"don-vi": two.code})).status_code == 403
        got = await client.get("/csdl/excel/mau.xlsx", params=wanted)
        assert got.status_code == 200 and "filename*=UTF-8''" in got.headers["content-disposition"]
        data, wrong = change(got.content, (one.code, "cuoc", 3)), change(got.content, (one.code, "cuoc", "ba"))
        seen = (await client.post("/csdl/excel", data=fields, files={"file": ("a.xlsx", data)})).json()["files"][0]
        assert (seen["difference_count"], seen["problem_count"], seen["differences"][0]["after"]) == (1, 0, "3")
        seen = (await client.post("/csdl/excel", data=fields, files={"file": ("a.xlsx", wrong)})).json()["files"][0]
        assert seen["problem_count"] == 1 and seen["problems"][0]["column"] == "D"
        marked = await client.post("/csdl/excel", data=fields | {"viec": "danh-dau"}, files={"file": ("a.xlsx", wrong)})
        assert load_workbook(io.BytesIO(marked.content))["Lỗi cần sửa"]["B2"].value == "D"
        refused = await client.post("/csdl/excel", data=fields | {"viec": "ghi"}, files={"file": ("a.xlsx", wrong)})
        assert refused.status_code == 422 and await stored() == {}
        assert (await client.post("/csdl/excel", data=fields)).status_code == 422
        done = await client.post("/csdl/excel", data=fields | {"viec": "ghi"}, files={"file": ("a.xlsx", data)})
        assert done.json() == {"changed": 1, "files": 1} and await stored() == {one.code: {"cuoc": "3"}}
