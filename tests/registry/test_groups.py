"""Residential groups report by link and code: only with both, only for themselves, only until the period's lock, bounded in tries."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from mattranso_app import rooms
from mattranso_app.core import clock, db
from mattranso_app.core.errors import Conflict, Forbidden, InvalidInput, NotFound, TooMany
from mattranso_app.core.sql import sql
from mattranso_app.identity import cookies
from mattranso_app.registry.service import (
    approve_reports,
    list_links,
    look_at_link,
    make_links,
    open_review,
    report_by_link,
    revoke_links,
)
from mattranso_app.units.kinds import Kind
from mattranso_app.units.service import add_group, get_unit_by_code
from tests.core.reporting.factories import SYSTEM, enterer, make_form
from tests.identity.factories import make_officer, sign_in
from tests.petitions.factories import browser

WHAT = ("thon", "2026-Q3", "mttq")
FULL = {"hoi_vien/nam": "12", "hoi_vien/nu": "8", "cuoc": "4"}
NOTHING = {"gaps": {}, "explanations": {}}


@pytest.fixture
async def commune(filled_database):
    """A commune with two residential groups: (code, path, its officer)."""
    clock.freeze(datetime(2026, 10, 2, 3, tzinfo=UTC))
    await make_form("thon", levels=["group"], organisations=["mttq"], lock_days=10)
    async with db.reading() as session:
        row = (await session.execute(sql("SELECT code, path FROM unit WHERE level = 'commune' AND path LIKE 'vn/01/%' LIMIT 1"))).one()
    unit = await get_unit_by_code(row.code)
    for name in ("Số 1", "Số 2"):
        await add_group(SYSTEM, unit.id, Kind.TO_DAN_PHO, name)
    yield row.code, row.path, await enterer(row.path)
    clock.freeze(None)


async def stored() -> str:
    """Return all the database holds of links and audit rows, as text."""
    async with db.reading() as session:
        rows = await session.execute(sql("SELECT CAST(l AS text) FROM reporting_link l UNION ALL SELECT CAST(a AS text) FROM audit_log a"))
        return "\n".join(rows.scalars())


async def test_from_sheet_to_the_communes_approval(commune):
    code, path, officer = commune
    asked, (first, second) = await make_links(officer, *WHAT, code)
    assert first.unit.name < second.unit.name and first.token != second.token and len(first.code) == 6
    kept = await stored()
    assert first.token not in kept and f'"{first.code}"' not in kept
    assert (await look_at_link(first.token)).unit.id == first.unit.id and asked.period.key == "2026-Q3"
    with pytest.raises(InvalidInput) as refused:
        await report_by_link(first.token, first.code, {"cuoc": "4"}, **NOTHING)
    assert set(refused.value.fields) == {"hoi_vien/nam", "hoi_vien/nu"}
    assert await report_by_link(first.token, f" {first.code[:3]} {first.code[3:]}", FULL, **NOTHING) == "submitted"
    with pytest.raises(InvalidInput) as refused:
        await report_by_link(first.token, first.code, {"cuoc": "5"}, **NOTHING)
    assert set(refused.value.fields) == {"reason"}
    assert await report_by_link(first.token, first.code, {"cuoc": "5"}, **NOTHING, reason="Đếm thiếu") == "submitted"
    approver = await enterer(path, "mttq", "approver")
    seen = await open_review(approver, *WHAT, first.unit.code)
    assert {row["source"] for row in seen.history} == {"group"} and seen.report["cells"]["cuoc"] == "5" and seen.may_decide
    assert seen.history[0]["person_id"] is None and first.unit.name in seen.history[0]["person_name"]
    await approve_reports(approver, *WHAT, [first.unit.code])
    with pytest.raises(Conflict):
        await report_by_link(first.token, first.code, {"cuoc": "6"}, **NOTHING, reason="Sửa")
    _, lines = await list_links(officer, *WHAT, code)
    assert [(line["has_link"], line["state"], line["used_at"] is not None) for line in lines] == [
        (True, "approved", True), (True, None, False)
    ]  # fmt: skip


async def test_one_groups_code_does_not_open_another(commune):
    code, _, officer = commune
    _, (first, second) = await make_links(officer, *WHAT, code)
    other = second.code if second.code != first.code else f"{(int(second.code) + 1) % 10**6:06}"
    with pytest.raises(InvalidInput) as refused:
        await report_by_link(first.token, other, FULL, **NOTHING)
    assert set(refused.value.fields) == {"code"}
    async with db.reading() as session:
        assert (await session.execute(sql("SELECT count(*) FROM reporting_report"))).scalar_one() == 0


async def test_guessing_codes_is_bounded_and_the_right_one_waits_too(commune):
    code, _, officer = commune
    _, (first, _) = await make_links(officer, *WHAT, code)
    wrong = "000000" if first.code != "000000" else "111111"
    for _ in range(8):
        with pytest.raises(InvalidInput):
            await report_by_link(first.token, wrong, FULL, **NOTHING, address="10.0.0.9")
    with pytest.raises(TooMany):
        await report_by_link(first.token, first.code, FULL, **NOTHING, address="10.0.0.8")
    clock.freeze(clock.now() + timedelta(minutes=16))
    assert await report_by_link(first.token, first.code, FULL, **NOTHING) == "submitted"


async def test_void_replaced_expired_and_invented_links_look_alike(commune):
    code, path, officer = commune
    _, (first, second) = await make_links(officer, *WHAT, code)
    _, (again,) = await make_links(officer, *WHAT, code, [first.unit.code])
    assert await revoke_links(officer, *WHAT, code, [second.unit.code]) == 1
    words = set()
    for token in (first.token, second.token, "x" * 27, "", "\ud800"):
        with pytest.raises(NotFound) as refused:
            await look_at_link(token)
        words.add(refused.value.text)
        with pytest.raises(NotFound):
            await report_by_link(token, first.code, FULL, **NOTHING)
    assert await report_by_link(again.token, again.code, FULL, **NOTHING) == "submitted"
    clock.freeze(clock.now() + timedelta(days=40))
    with pytest.raises(NotFound) as refused:
        await look_at_link(again.token)
    assert words == {refused.value.text}
    with pytest.raises(InvalidInput):
        await make_links(officer, *WHAT, code)


async def test_only_the_communes_own_officers_make_links(commune):
    code, path, _ = commune
    province = path.rsplit("/", 2)[0] + "/"
    for stranger in (await enterer("vn/04/"), await enterer(path, "phu_nu"), await enterer(path, "mttq", "reader")):
        for verb in (make_links, revoke_links, list_links):
            with pytest.raises(Forbidden):
                await verb(stranger, *WHAT, code)
    assert len((await make_links(await enterer(province), *WHAT, code))[1]) == 2


async def test_the_communes_page_of_links(commune):
    """Looked at, made, shown once with QR and code, made void; a reader and a stranger have no such page."""
    rooms.register()
    code, path, _ = commune
    unit = await get_unit_by_code(code)
    await make_officer("nhap.lieu", unit.id, "handler")
    await make_officer("doc", unit.id, "reader")
    cookie, reader = [f"{cookies.SESSION}={(await sign_in(name))[0]}" for name in ("nhap.lieu", "doc")]
    where = {"bieu": "thon", "ky": "2026-Q3", "to-chuc": "mttq", "xa": code}
    async with browser(cookie=cookie) as client:
        page = (await client.get("/csdl/to-dan-pho")).text
        assert "Tổ dân phố Số 1" in page and "Tổ dân phố Số 2" in page
        sheet = await client.post("/csdl/to-dan-pho", data=where)
        assert sheet.status_code == 200 and sheet.text.count("<svg") >= 2 and "no-store" in sheet.headers["cache-control"]
        links = re.findall(r"/toi-gian/bao-cao/[\w-]+", sheet.text)
        assert len(set(links)) == 2
        gone = await client.post("/csdl/to-dan-pho/thu-hoi", data=where)
        assert gone.status_code == 303
    for refused in (reader, ""):
        async with browser(cookie=refused) as client:
            assert (await client.get("/csdl/to-dan-pho")).status_code in (401, 403)
            assert (await client.post("/csdl/to-dan-pho", data=where)).status_code in (401, 403)
