"""Roles lent for an absence by keyboard alone, the screen of rights, a transfer by both sides; axe on each screen."""

from __future__ import annotations

import io
from datetime import timedelta

from openpyxl import Workbook
from playwright.sync_api import Browser, BrowserContext, FilePayload, expect

from mattranso_app.bench.running import Platform
from mattranso_app.core.clock import today
from tests.browser.officers import DESK, sign_in
from tests.browser.test_axe import check, context  # noqa: F401 - the fixture
from tests.browser.test_keyboard import tab_to

LENDING, MOVING, RIGHTS, STAFF = "/tai-khoan/uy-quyen", "/tai-khoan/chuyen-don-vi", "/tai-khoan/quyen", "/tai-khoan/can-bo"


def test_a_leader_lends_her_role_for_a_week(platform: Platform, accounts: dict[str, str], context: BrowserContext) -> None:  # noqa: F811
    page = sign_in(context, platform, accounts, "phuxuan.duyet", LENDING)
    expect(page.get_by_text("Chưa có uỷ quyền nào")).to_be_visible()
    found = check(page, "lending")
    tab_to(page, "Người duyệt")
    page.keyboard.press("Space")
    tab_to(page, "Tên đăng nhập của đồng nghiệp")
    page.keyboard.type("phuxuan.xuly2")
    tab_to(page, "Từ ngày")
    for _ in range(4):  # day, month, year and the calendar's button, which shows the focus itself
        page.keyboard.press("Tab")
    expect(page.locator("#last")).to_be_focused()
    page.locator("#last").fill((today() - timedelta(days=1)).isoformat())
    for _ in range(4):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Uỷ quyền", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Ngày kết thúc không trước ngày bắt đầu", exact=False)).to_be_visible()
    found += check(page, "a loan that cannot be")
    page.locator("#last").fill((today() + timedelta(days=6)).isoformat())
    page.locator("#last").press("Enter")
    expect(page.get_by_text("Đã uỷ quyền.", exact=False)).to_be_visible()
    line = page.locator(".list > li", has_text="uỷ quyền cho Người xử lý thứ hai")
    expect(line).to_have_count(1)
    found += check(page, "a loan")

    context.clear_cookies()
    chief = sign_in(context, platform, accounts, "phuxuan.quantri", f"{RIGHTS}?viec=petition.approve")
    expect(chief.get_by_text("Ở Phường Phú Xuân", exact=False)).to_be_visible()
    borrower = chief.locator(".list > li", has_text="phuxuan.xuly2")
    expect(borrower).to_contain_text("uỷ quyền đến hết")
    expect(chief.locator(".list > li", has_text="hue.duyet")).to_contain_text("Người duyệt của")
    expect(chief.locator(".list > li", has_text="phuxuan.xem")).to_have_count(0)
    found += check(chief, "rights of one act")
    chief.locator("#action").select_option("")
    chief.locator("#query").fill("phuxuan.xem")
    chief.locator("#query").press("Enter")
    expect(chief.locator(".list > li", has_text="phuxuan.xem")).to_contain_text("Xem phản ánh")
    chief.goto(f"{platform.origin}{STAFF}")
    expect(chief.locator(".list > li", has_text="phuxuan.xuly2").get_by_text("uỷ quyền cho", exact=False)).to_be_visible()
    found += check(chief, "staff with a loan")
    line = chief.locator(".list > li", has_text="phuxuan.duyet ·")
    line.get_by_text("Quản lý").click()
    line.get_by_role("link", name="Uỷ quyền khi nghỉ").click()
    expect(chief.get_by_role("heading", name="Vai trò của Người duyệt Phuxuan")).to_be_visible()
    chief.get_by_role("button", name="Kết thúc sớm", exact=False).click()
    expect(chief.get_by_text("Đã kết thúc uỷ quyền.")).to_be_visible()
    expect(chief.get_by_text("Chưa có uỷ quyền nào")).to_be_visible()
    assert found == []


def test_people_are_invited_by_excel(platform: Platform, accounts: dict[str, str], context: BrowserContext) -> None:  # noqa: F811
    page = sign_in(context, platform, accounts, "phuxuan.quantri", STAFF)
    rows = [("Họ và tên", "Thư điện tử", "Vai trò", "Mã đơn vị"), ("Đỗ Mười Một", "muoimot@vidu.vn", "Người xem", "")]
    page.locator("#tep-excel").set_input_files(sheet(*rows, ("Sai", "khong phai", "Vua", "99999")))
    expect(page.get_by_text("Còn 1 dòng chưa đúng", exact=False)).to_be_visible()
    expect(page.get_by_role("button", name="Gửi", exact=False)).to_have_count(0)
    assert check(page, "an import with a fault") == []
    page.locator("#tep-excel").set_input_files(sheet(*rows))
    page.get_by_role("button", name="Gửi 1 lời mời").click()
    expect(page.get_by_text("Đã gửi 1 lời mời.")).to_be_visible()
    answer = page.request.get(f"{platform.origin}{page.locator('a', has_text='Tải mẫu Excel').get_attribute('href')}")
    assert answer.ok and answer.body()[:2] == b"PK"


def sheet(*rows: tuple[str, ...]) -> FilePayload:
    """Return a filled sheet as the browser would choose it."""
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return {"name": "can-bo.xlsx", "mimeType": "application/zip", "buffer": stream.getvalue()}


def test_an_officer_goes_to_another_ward_with_his_desk_open(
    platform: Platform, accounts: dict[str, str], context: BrowserContext, browser: Browser  # noqa: F811
) -> None:
    page = sign_in(context, platform, accounts, "hue.quantri", f"{STAFF}?tim=thuanhoa")
    line = page.locator(".list > li", has_text="thuanhoa.xuly")
    line.get_by_text("Quản lý").click()
    own = browser.new_context(locale="vi-VN")
    moved = sign_in(own, platform, accounts, "thuanhoa.xuly")
    expect(moved.locator(".desk-list")).to_be_visible()

    for ward in ("phu xuan hue", "thuan hoa hue"):  # there and back: other tests know him where he was
        page.goto(f"{platform.origin}{STAFF}?tim=thuanhoa")
        line.get_by_text("Quản lý").click()
        line.get_by_role("link", name="Chuyển đơn vị", exact=False).click()
        expect(page.get_by_role("heading", name="Chuyển Người xử lý Thuanhoa")).to_be_visible()
        page.get_by_role("combobox", name="Đơn vị mới").fill(ward)
        page.locator("[role=option]").first.click()
        page.get_by_role("button", name="Đề nghị chuyển").click()
        expect(page.get_by_text("Đã đề nghị.", exact=False)).to_be_visible()
        waiting = page.locator(".list > li", has_text="thuanhoa.xuly")
        waiting.get_by_text("Tiếp nhận", exact=True).first.click()
        assert check(page, f"transfer to {ward}") == []
        waiting.locator("label", has_text="Người xử lý").click()
        waiting.locator("button[type=submit]").click()
        expect(page.get_by_text("Đã tiếp nhận", exact=False)).to_be_visible()
        expect(page.get_by_text("Không có ai đang chờ chuyển")).to_be_visible()
        moved.goto(f"{platform.origin}{DESK}")
        name = "Phú Xuân" if "phu" in ward else "Thuận H"
        expect(moved.get_by_text(name, exact=False).first).to_be_visible()
    own.close()
