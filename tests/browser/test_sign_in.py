"""A citizen signs in by code, from the message to the own petitions and out again."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from mattranso_app.bench.running import Platform
from tests.browser import citizen


def test_by_code_to_the_own_petitions(
    platform: Platform, phone: BrowserContext, sign_in_citizen: Callable[[Page, str], None]
) -> None:
    page = phone.new_page()
    page.goto(f"{platform.origin}/tai-khoan")  # asked for by nobody yet
    page.wait_for_url("**/dang-nhap?**", timeout=citizen.ALIVE)
    page.locator("input[name=target]").fill("091")
    page.get_by_role("button", name="Gửi mã cho tôi").click()
    expect(page.get_by_role("alert")).to_contain_text("Số điện thoại hoặc thư điện tử chưa đúng", timeout=citizen.ALIVE)

    sign_in_citizen(page, "0987 654 321")
    way = page.get_by_role("link", name="Tài khoản", exact=True)
    expect(way).to_be_visible(timeout=citizen.ALIVE)
    number, _ = citizen.send(page, platform)
    page.goto(f"{platform.origin}/tai-khoan")
    expect(page.get_by_text("phiên này")).to_be_visible(timeout=citizen.ALIVE)
    page.get_by_role("link", name="Phản ánh của tôi").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Phản ánh của tôi")
    own = page.locator("a.card")
    expect(own).to_have_count(1, timeout=citizen.ALIVE)
    expect(own).to_have_attribute("href", f"/phan-anh/{number}")
    expect(own).to_contain_text("Nắp cống trước cổng trường")

    page.goto(f"{platform.origin}/tai-khoan")
    page.get_by_role("button", name="Đăng xuất").click()
    expect(page.get_by_role("link", name="Đăng nhập", exact=True)).to_be_visible(timeout=citizen.ALIVE)
    page.goto(f"{platform.origin}/phan-anh/cua-toi")
    page.wait_for_url("**/dang-nhap?**", timeout=citizen.ALIVE)


def test_a_wrong_code_and_a_code_used_twice(platform: Platform, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto(f"{platform.origin}/dang-nhap")
    page.locator("input[name=target]").fill("sai@vidu.vn")
    page.get_by_role("button", name="Gửi mã cho tôi").click()
    page.locator("input[name=code]").fill("12")
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("alert")).to_contain_text("Mã chưa đúng hoặc đã hết hạn", timeout=citizen.ALIVE)
    expect(page.get_by_role("link", name="Tin nhắn trình diễn")).to_be_visible()
    with phone.expect_page() as opened:
        page.get_by_role("link", name="Tin nhắn trình diễn").click()
    line = opened.value.locator("li", has_text="sai@vidu.vn").first
    expect(line).to_be_visible(timeout=citizen.ALIVE)
    code = line.locator(".pre").inner_text().split()[0]
    page.locator("input[name=code]").fill(code)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("link", name="Tài khoản", exact=True)).to_be_visible(timeout=citizen.ALIVE)
    page.goto(f"{platform.origin}/dang-nhap/ma")
    page.locator("input[name=code]").fill(code)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("alert")).to_contain_text("Mã chưa đúng hoặc đã hết hạn", timeout=citizen.ALIVE)
