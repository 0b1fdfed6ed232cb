"""The head of a residential group fills in the small form behind the commune's link, on a phone without a script."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mattranso_app.core import clock, db
from mattranso_app.core.sql import sql
from mattranso_app.registry.service import make_links
from mattranso_app.units.kinds import Kind
from mattranso_app.units.service import add_group, get_unit_by_code
from tests.core.reporting.factories import SYSTEM, enterer, make_form
from tests.lite.factories import Visitor
from tests.lite.test_reading import assert_plain


@pytest.fixture
async def link(visitor: Visitor):
    """A link of a group for the quarter, with its code."""
    clock.freeze(datetime(2026, 10, 2, 3, tzinfo=UTC))
    await make_form("thon", levels=["group"], organisations=["mttq"], lock_days=10, title="Phiếu <b>quý</b>")
    async with db.reading() as session:
        row = (await session.execute(sql("SELECT code, path FROM unit WHERE level = 'commune' AND path LIKE 'vn/01/%' LIMIT 1"))).one()
    unit = await get_unit_by_code(row.code)
    await add_group(SYSTEM, unit.id, Kind.TO_DAN_PHO, "Số 1")
    _, (made,) = await make_links(await enterer(row.path), "thon", "2026-Q3", "mttq", row.code)
    yield made
    clock.freeze(None)


async def test_a_form_is_filled_in_corrected_and_sent(visitor: Visitor, link) -> None:
    address = f"/toi-gian/bao-cao/{link.token}"
    page = await visitor.get(address)
    assert_plain(page)
    assert page.status == 200 and "Phiếu &lt;b&gt;quý&lt;/b&gt;" in page.html and "no-store" in page.headers["cache-control"]
    assert 'name="o:hoi_vien/nam"' in page.html and 'name="o:hoi_vien"' not in page.html, "what is computed is not asked"
    page = await visitor.post(address, {"o:hoi_vien/nam": "1x", "o:cuoc": "4", "code": link.code})
    assert page.status == 422 and "không phải số" in page.html and 'value="1x"' in page.html and 'value="4"' in page.html
    page = await visitor.post(address, {"o:hoi_vien/nam": "1.200", "o:cuoc": "4", "code": link.code})
    assert page.status == 422 and 'name="thieu:hoi_vien/nu"' in page.html
    page = await visitor.post(
        address, {"o:hoi_vien/nam": "1.200", "o:cuoc": "4", "thieu:hoi_vien/nu": "Đang đếm", "code": link.code}
    )
    assert page.status == 200 and "Đã gửi phiếu" in page.html
    page = await visitor.post(address, {"o:cuoc": "5", "code": "x"})
    assert page.status == 422 and "Mã không đúng" in page.html and "1.200" not in page.html
    page = await visitor.post(address, {"o:cuoc": "5", "code": link.code})
    assert page.status == 422 and 'name="reason"' in page.html
    page = await visitor.post(address, {"o:cuoc": "5", "code": link.code, "reason": "Đếm thiếu"})
    assert page.status == 200
    async with db.reading() as session:
        cells = (await session.execute(sql("SELECT cells FROM reporting_report"))).scalar_one()
    assert cells["cuoc"] == "5" and cells["hoi_vien/nam"] == "1200"


async def test_an_unknown_link_is_a_page_that_says_whom_to_ask(visitor: Visitor, link) -> None:
    for page in (await visitor.get("/toi-gian/bao-cao/abc"), await visitor.post("/toi-gian/bao-cao/abc", {"code": "1"})):
        assert_plain(page)
        assert page.status == 404 and "Hãy hỏi lại cán bộ" in page.html
