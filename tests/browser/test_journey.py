"""One petition's whole way: from a phone to a published answer, followed live."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect

from mattranso_app.bench.running import Platform

TITLE = "Đèn đường đầu ngõ 12 hỏng hai tuần nay, tối rất nguy hiểm"


def sign_in(context: BrowserContext, platform: Platform, user: str, password: str) -> Page:
    page = context.new_page()
    page.goto(f"{platform.origin}/dang-nhap?tiep=/phan-anh/ban-lam-viec")
    page.locator("input[name=user_name]").fill(user)
    page.locator("input[name=password]").fill(password)
    page.locator("form[action='/dang-nhap/can-bo'] button[type=submit]").click(no_wait_after=True)
    page.wait_for_url(lambda address: address.split("?")[0].endswith("/phan-anh/ban-lam-viec"))
    return page


def test_from_a_phone_to_a_published_answer(
    platform: Platform, accounts: dict[str, str], browser: Browser, phone: BrowserContext, desk: BrowserContext, shots: Path
) -> None:
    page = phone.new_page()
    page.goto(f"{platform.origin}/phan-anh/gui")
    page.locator("textarea[name=body]").fill(f"{TITLE}. Xin liên hệ 0912 345 678.")
    page.locator("input[role=combobox]").fill("phu xuan hue")
    page.locator("[role=option]").first.click()
    page.screenshot(path=shots / "form-360.png", full_page=True)
    page.get_by_role("button", name="Gửi", exact=True).click()
    expect(page.get_by_text("Đã gửi", exact=False).first).to_be_visible(timeout=15_000)
    page.screenshot(path=shots / "sent-360.png", full_page=True)
    number = page.locator("text=/PA-[0-9A-Z]{4}-[0-9A-Z]{2}/").first.inner_text()
    number = number[number.index("PA-"):][:10]

    follower = phone.new_page()
    follower.goto(f"{platform.origin}/phan-anh/{number}")
    expect(follower.get_by_text("Đã tiếp nhận").first).to_be_visible(timeout=15_000)
    assert "0912" not in follower.content()

    officer = sign_in(desk, platform, "phuxuan.xuly", accounts["phuxuan.xuly"])
    officer.locator(f"[data-pick='{number}']").click(timeout=15_000)
    officer.get_by_role("button", name="Tiếp nhận").click()
    expect(officer.get_by_text("Đã tiếp nhận.").first).to_be_visible(timeout=10_000)
    officer.screenshot(path=shots / "desk-1280.png")
    officer.get_by_role("button", name="Công khai nội dung").click()
    expect(officer.get_by_text("Đã công khai nội dung.")).to_be_visible(timeout=10_000)
    expect(follower.get_by_role("heading", level=1)).to_contain_text("Đèn đường", timeout=10_000)
    assert "0912" not in follower.content()

    officer.locator("label", has_text="Đã giải quyết").click()
    officer.locator("textarea[name=body]").last.fill("Kính gửi bà con, Công ty Chiếu sáng đã thay ba bóng đèn ngày 23/11, đèn đã sáng lại.")
    officer.get_by_role("button", name="Trình lãnh đạo duyệt").click()
    expect(officer.get_by_text("Đã trình lãnh đạo duyệt.")).to_be_visible(timeout=10_000)

    other = browser.new_context(viewport={"width": 1280, "height": 860}, locale="vi-VN")
    approver = sign_in(other, platform, "phuxuan.duyet", accounts["phuxuan.duyet"])
    approver.goto(f"{platform.origin}/phan-anh/ban-lam-viec?hang=cho-duyet&mo={number}")
    approver.get_by_role("button", name="Duyệt và công khai").click(timeout=15_000)
    expect(approver.get_by_text("Đã duyệt câu trả lời.")).to_be_visible(timeout=10_000)
    approver.screenshot(path=shots / "approved-1280.png")
    other.close()

    expect(follower.get_by_text("đã thay ba bóng đèn")).to_be_visible(timeout=10_000)
    follower.screenshot(path=shots / "item-360.png", full_page=True)
    home = phone.new_page()
    home.goto(platform.origin)
    expect(home.get_by_text("Đèn đường đầu ngõ 12").first).to_be_visible(timeout=10_000)
    home.screenshot(path=shots / "home-360.png", full_page=True)
