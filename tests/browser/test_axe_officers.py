"""axe-core on every state of the officers' pages, at 360 and 1280 px, light and dark: no violation of WCAG 2.2 AA."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, expect

from mattranso_app.bench.running import Platform
from tests.browser.officers import ANSWER, open_petition, picture, send_petition, sign_in, take_up_and_publish
from tests.browser.test_axe import check, context  # noqa: F401 - the fixture

BODY = "Cống trước nhà văn hoá tắc, nước tràn vào nhà. Xin gọi bà Lê Thị Hoa, số 0912 345 678."


def test_the_desk_in_all_its_states(platform: Platform, accounts: dict[str, str], context: BrowserContext) -> None:  # noqa: F811
    number = send_petition(platform, BODY, phone="0905 111 222", photos=2)
    page = sign_in(context, platform, accounts, "phuxuan.xuly")
    expect(page.locator("[data-pick]").first).to_be_visible()
    found = check(page, "queue")
    page.goto(f"{platform.origin}/phan-anh/ban-lam-viec?hang=qua-han")
    expect(page.get_by_text("Không có việc quá hạn")).to_be_visible()
    found += check(page, "empty queue")
    open_petition(page, platform, number)
    found += check(page, "new petition")
    page.keyboard.press("?")
    found += check(page, "shortcuts")
    page.keyboard.press("Escape")
    page.keyboard.press("l")
    found += check(page, "reason for the contact")
    page.keyboard.press("Escape")
    page.locator(".photos button").first.click()
    found += check(page, "photo")
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    expect(page.locator("#ban-cong-khai")).to_be_visible()
    found += check(page, "public copy")
    page.keyboard.press("Control+Enter")
    page.locator("#tra-loi textarea[name=body]").fill(f"{ANSWER} Gọi 0987 654 321.")
    expect(page.get_by_text("1 số điện thoại sẽ được che")).to_be_visible()
    page.locator("#tep").set_input_files([
        {"name": "bien-ban.jpg", "mimeType": "image/jpeg", "buffer": picture()},
        {"name": "hong.pdf", "mimeType": "application/pdf", "buffer": b"khong phai PDF"},
    ])
    expect(page.get_by_label("bien-ban.jpg")).to_be_visible()
    found += check(page, "answer with files, one refused")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Xin điền mục “Kết quả”.")).to_be_visible()
    found += check(page, "answer without an outcome")
    page.locator("label", has_text="Đã giải quyết").click()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Đã trình lãnh đạo duyệt.", exact=True)).to_be_visible()
    found += check(page, "handed in")
    assert found == []


def test_the_leaders_desk_portal_and_account(platform: Platform, accounts: dict[str, str], context: BrowserContext) -> None:  # noqa: F811
    number = send_petition(platform, BODY)
    handler = sign_in(context, platform, accounts, "phuxuan.xuly")
    take_up_and_publish(handler, platform, number)
    handler.locator("label", has_text="Đã giải thích").click()
    handler.locator("#tra-loi textarea[name=body]").fill(ANSWER)
    handler.keyboard.press("Control+Enter")
    expect(handler.get_by_text("Đã trình lãnh đạo duyệt.", exact=True)).to_be_visible()
    handler.close()
    context.clear_cookies()
    page = sign_in(context, platform, accounts, "phuxuan.duyet")
    open_petition(page, platform, number, "cho-duyet")
    expect(page.get_by_role("button", name="Duyệt và công khai")).to_be_visible()
    found = check(page, "answer to decide on")
    page.keyboard.press("r")
    found += check(page, "return with a reason")
    page.goto(platform.origin)
    expect(page.get_by_text("Việc của đơn vị")).to_be_visible()
    found += check(page, "an officer's portal")
    page.goto(f"{platform.origin}/tai-khoan")
    expect(page.get_by_text("phiên này")).to_be_visible()
    found += check(page, "account")
    assert found == []


def test_the_administrators_screens(platform: Platform, accounts: dict[str, str], context: BrowserContext) -> None:  # noqa: F811
    page = sign_in(context, platform, accounts, "phuxuan.quantri", "/tai-khoan/can-bo")
    expect(page.get_by_text("phuxuan.xuly2")).to_be_visible()
    found = check(page, "staff")
    page.get_by_text("Quản lý", exact=True).first.click()
    found += check(page, "one officer")
    page.get_by_role("button", name="Thêm cán bộ").click()
    found += check(page, "new officer")
    page.goto(f"{platform.origin}/don-vi/to-dan-pho")
    expect(page.get_by_role("button", name="Thêm", exact=True)).to_be_visible()
    found += check(page, "groups")
    page.locator("#tep-excel").set_input_files({"name": "sai.xlsx", "mimeType": "application/zip", "buffer": b"khong phai"})
    expect(page.get_by_text("Tệp này không phải bảng Excel", exact=False)).to_be_visible()
    found += check(page, "a sheet that is none")
    assert found == []
