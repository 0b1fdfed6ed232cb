"""An administrator's screens: staff of the unit, and residential groups one by one and by Excel."""

from __future__ import annotations

import io

from openpyxl import Workbook, load_workbook
from playwright.sync_api import Browser, BrowserContext, expect

from mattranso_app.bench.running import Platform
from tests.browser.officers import sign_in

STAFF, GROUPS = "/tai-khoan/can-bo", "/don-vi/to-dan-pho"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def sheet(*rows: tuple[str, str]) -> dict[str, object]:
    """Return a filled sheet as the browser would choose it."""
    book = Workbook()
    assert book.active is not None
    for row in (("Loại", "Tên"), *rows):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return {"name": "to.xlsx", "mimeType": EXCEL, "buffer": stream.getvalue()}


def test_staff_from_first_code_to_a_disabled_account(
    platform: Platform, accounts: dict[str, str], desk: BrowserContext, browser: Browser
) -> None:
    page = sign_in(desk, platform, accounts, "phuxuan.quantri", STAFF)
    mine = page.locator(".list > li", has_text="phuxuan.quantri")
    expect(mine.get_by_text("Đây là tài khoản của anh chị", exact=False)).to_be_visible()
    expect(mine.get_by_role("button")).to_have_count(0)

    page.get_by_role("button", name="Thêm cán bộ").click()
    dialog = page.locator("#them-can-bo")
    dialog.locator("input[name=name]").fill("Trần Thị Mai")
    dialog.locator("input[name=user_name]").fill("mai.phuxuan")
    dialog.locator("select[name=role]").select_option("reader")
    dialog.get_by_role("button", name="Thêm và lấy mã").click()
    code = page.locator(".receipt").inner_text()
    assert len(code) == 11

    context = browser.new_context(locale="vi-VN")
    first = context.new_page()
    first.goto(f"{platform.origin}/dang-nhap/lan-dau")
    for name, value in (("user_name", "mai.phuxuan"), ("code", code), ("new_password", "nuoc chay da mon 88")):
        first.locator(f"input[name={name}]").fill(value)
    first.get_by_role("button", name="Lưu và đăng nhập").click()
    first.wait_for_url(lambda address: "/dang-nhap" not in address)
    first.goto(f"{platform.origin}/phan-anh/ban-lam-viec")
    expect(first.locator("[data-pick]").first).to_be_visible()

    page.reload()
    line = page.locator(".list > li", has_text="mai.phuxuan")
    line.get_by_text("Quản lý").click()
    line.locator("select[name=role]").select_option("handler")
    line.get_by_role("button", name="Giao vai trò").click()
    expect(line.get_by_text("Người xử lý ·", exact=False).first).to_be_visible()
    line.get_by_role("button", name="Thôi Người xem", exact=False).click()
    expect(line.get_by_text("Người xem ·", exact=False)).to_have_count(0)
    line.get_by_role("button", name="Khoá tài khoản").click()
    expect(page.get_by_text("Đã khoá tài khoản", exact=False).first).to_be_visible()
    assert first.request.get(f"{platform.origin}/api/v1/me").json()["kind"] == "anonymous"  # at once
    first.wait_for_url(lambda address: "/dang-nhap" in address)  # the open socket is cut, the page is led out
    context.close()


def test_groups_one_by_one_and_by_excel_with_a_dry_run(
    platform: Platform, accounts: dict[str, str], phone: BrowserContext
) -> None:
    page = sign_in(phone, platform, accounts, "phuxuan.quantri", GROUPS)
    expect(page.get_by_role("heading", level=1)).to_have_text("Thôn, bản, tổ dân phố")
    page.get_by_role("button", name="Thêm", exact=True).click()
    dialog = page.locator("#them")
    dialog.locator("select[name=kind]").select_option("to_dan_pho")
    dialog.locator("input[name=name]").fill("12")
    dialog.get_by_role("button", name="Thêm", exact=True).click()
    expect(page.get_by_text("Đã thêm Tổ dân phố 12.")).to_be_visible()

    page.locator("#tep-excel").set_input_files(sheet(("Tổ dân phố", "13"), ("Tổ dân phố", ""), ("Huyện", "Mười bốn")))
    expect(page.get_by_text("Còn 2 dòng chưa đúng", exact=False)).to_be_visible()
    expect(page.get_by_text("Chưa có tên thôn, bản, tổ dân phố.")).to_be_visible()
    expect(page.get_by_role("button", name="Ghi", exact=False)).to_have_count(0)
    page.locator("#tep-excel").set_input_files({"name": "khong.xlsx", "mimeType": EXCEL, "buffer": b"khong phai"})
    expect(page.get_by_text("Tệp này không phải bảng Excel", exact=False)).to_be_visible()

    page.locator("#tep-excel").set_input_files(sheet(("Tổ dân phố", "12"), ("Tổ dân phố", "13"), ("", "Khu phố 5")))
    page.get_by_role("button", name="Ghi 2 dòng mới").click()
    expect(page.get_by_text("Đã ghi 2 dòng mới.")).to_be_visible()
    expect(page.locator("summary", has_text="Khu phố 5")).to_be_visible()

    line = page.locator("details.more", has_text="Tổ dân phố 13")
    line.locator("summary").click()
    line.locator("input[name=name]").fill("Tổ dân phố Đông")
    line.get_by_role("button", name="Đổi tên", exact=False).click()
    expect(page.get_by_text("Đã đổi tên thành Tổ dân phố Đông.")).to_be_visible()
    line = page.locator("details.more", has_text="Tổ dân phố Đông")
    line.get_by_role("button", name="Thôi hoạt động", exact=False).click()
    expect(page.locator("summary", has_text="Tổ dân phố Đông")).to_have_count(0)

    code = page.locator("a", has_text="Tải mẫu Excel").get_attribute("href")
    answer = page.request.get(f"{platform.origin}{code}")
    assert answer.ok
    names = [row[1].value for row in load_workbook(io.BytesIO(answer.body())).worksheets[0].iter_rows(min_row=2)]
    assert names == ["Khu phố 5", "Tổ dân phố 12"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
