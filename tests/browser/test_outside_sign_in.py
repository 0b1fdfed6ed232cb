"""A newcomer signs in with the simulated VNeID, links nothing, has her data confirmed, and signs in again; axe on every page."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from mattranso_app.bench.pages import CLS_BAR, OBSERVE
from mattranso_app.bench.running import Platform
from tests.browser import citizen
from tests.browser.test_axe import ASK, AXE, LOOKS, TAGS


def look(page: Page, shots: Path, name: str) -> None:
    """Take pictures of a plain page and see that axe finds nothing in any look, and nothing is wider than the window."""
    page.evaluate(AXE)
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.screenshot(path=shots / f"outside-{name}-{width}-{scheme}.png", full_page=True)
        assert page.evaluate(ASK, TAGS) == [], f"{name}, {width} px, {scheme}"
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), f"{name}: wider than {width} px"


def test_with_the_simulated_vneid(platform: Platform, browser: Browser, shots: Path) -> None:
    context = browser.new_context(bypass_csp=True, reduced_motion="reduce", service_workers="block", locale="vi-VN")
    page = context.new_page()
    page.set_viewport_size({"width": 360, "height": 800})
    page.add_init_script(OBSERVE)
    page.goto(f"{platform.origin}/dang-nhap?tiep=/tai-khoan")
    way = page.get_by_role("link", name="Đăng nhập bằng VNeID (mô phỏng)")
    expect(way).to_be_visible(timeout=citizen.ALIVE)
    page.screenshot(path=shots / "outside-sign-in.png", full_page=True)
    assert page.evaluate("window.__cls") <= CLS_BAR, "which providers there are comes late and moves nothing"
    way.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Đây không phải VNeID thật")).to_be_visible(timeout=citizen.ALIVE)
    look(page, shots, "simulator")
    page.get_by_role("button", name="Không đồng ý").click()
    expect(page.get_by_role("alert")).to_contain_text("Bà con đã dừng ở trang VNeID")
    look(page, shots, "problem")

    page.get_by_role("link", name="Thử lại").click()
    page.get_by_role("button", name="Nguyễn Thị Minh").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lần đầu đăng nhập bằng VNeID (mô phỏng)")
    look(page, shots, "first")
    page.get_by_role("button", name="Tạo tài khoản mới và đăng nhập").click()
    page.wait_for_url("**/tai-khoan")
    expect(page.get_by_text("Nguyễn Thị Minh")).to_be_visible(timeout=citizen.ALIVE)

    page.get_by_role("link", name="Tài khoản liên kết").click()
    expect(page.get_by_text("số định danh •••• •••• 0001")).to_be_visible()
    look(page, shots, "links")
    page.get_by_role("button", name="Gỡ liên kết").click()
    expect(page.get_by_role("alert")).to_contain_text("cách đăng nhập duy nhất")

    page.goto(f"{platform.origin}/tai-khoan")
    page.get_by_role("link", name="Xác nhận thông tin cá nhân").click(timeout=citizen.ALIVE)
    expect(page.get_by_text("chưa được xác nhận")).to_be_visible()
    look(page, shots, "confirm")
    page.get_by_label("Năm sinh", exact=True).fill("1991")
    page.get_by_label("Tôi đồng ý").check()
    page.get_by_role("button", name="Gửi để xác nhận").click()
    expect(page.get_by_role("alert")).to_contain_text("Thông tin chưa khớp")
    look(page, shots, "differs")
    page.get_by_label("Năm sinh", exact=True).fill("1990")
    page.get_by_label("Tôi đồng ý").check()
    page.get_by_role("button", name="Gửi để xác nhận").click()
    expect(page.get_by_role("status")).to_contain_text("đã xác nhận ngày")

    other = browser.new_context(locale="vi-VN")
    again = other.new_page()
    again.goto(f"{platform.origin}/dang-nhap/vneid?tiep=/tai-khoan")
    again.get_by_role("button", name="Nguyễn Thị Minh").click()
    again.wait_for_url("**/tai-khoan")
    expect(again.get_by_role("link", name="Họ tên và năm sinh đã xác nhận")).to_be_visible(timeout=citizen.ALIVE)
    other.close()
    context.close()
