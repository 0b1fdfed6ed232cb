"""Writing and sending where the network comes and goes, and where the server does."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect

from mattranso_app.bench import running
from mattranso_app.bench.running import Platform
from mattranso_app.chromium import find_chromium
from tests.browser import citizen


def shell_kept(page: Page) -> None:
    """Wait until the service worker has the form's shell, whole, and answers for the page."""
    citizen.until(
        page,
        """async () => {
            if (!navigator.serviceWorker.controller) return false;
            for (const name of await caches.keys())
                if (name.startsWith("shell-") && await (await caches.open(name)).match("/sw-done")) return true;
            return false;
        }""",
        patience=2 * citizen.ALIVE,
    )


def test_written_and_sent_without_network(platform: Platform, phone: BrowserContext) -> None:
    page = phone.new_page()
    citizen.open_form(page, platform)
    before = citizen.count_received(page, platform)
    citizen.fill_form(page)
    citizen.draft_saved(page)
    shell_kept(page)
    phone.set_offline(True)
    page.reload()
    citizen.alive(page)
    expect(page.locator("textarea[name=body]")).to_have_value(citizen.BODY, timeout=citizen.ALIVE)
    expect(page.get_by_text("Máy đang không có mạng")).to_be_visible()
    citizen.press_send(page)
    expect(page.get_by_text("Đã giữ trên máy này, chờ gửi")).to_be_visible(timeout=citizen.ALIVE)
    expect(page.get_by_text("Có mạng là tự gửi")).to_be_visible()
    elsewhere = phone.new_page()
    elsewhere.goto(f"{platform.origin}/phan-anh")
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Máy đang không có mạng")
    elsewhere.close()
    page.close()

    phone.set_offline(False)
    page = phone.new_page()
    page.goto(platform.origin)  # any page of ours will do
    citizen.until(page, "localStorage.getItem('mts.waiting') === null", patience=2 * citizen.ALIVE)
    page.goto(f"{platform.origin}/phan-anh/gui")
    number, receipt = citizen.sent(page)
    assert citizen.kept(page, "queue") == [] and len(citizen.kept(page, "sent")) == 1
    assert citizen.count_received(page, platform) == before + 1
    page.goto(f"{platform.origin}/phan-anh/theo-doi")
    expect(page.get_by_text(receipt)).to_be_visible(timeout=citizen.ALIVE)
    page.goto(f"{platform.origin}/phan-anh/{number}")
    expect(page.get_by_text("Nội dung sẽ được công khai")).to_be_visible(timeout=citizen.ALIVE)


def test_a_draft_outlives_the_browser(platform: Platform, browser: Browser, tmp_path: Path) -> None:
    def open_browser() -> BrowserContext:
        return browser.browser_type.launch_persistent_context(
            tmp_path, executable_path=find_chromium(), args=["--no-sandbox"], viewport={"width": 360, "height": 740}
        )

    context = open_browser()
    page = context.new_page()
    citizen.open_form(page, platform)
    citizen.fill_form(page)
    citizen.draft_saved(page)
    context.close()
    context = open_browser()
    page = context.new_page()
    page.goto(f"{platform.origin}/phan-anh/gui")
    expect(page.locator("textarea[name=body]")).to_have_value(citizen.BODY, timeout=citizen.ALIVE)
    expect(page.locator(".picked")).to_contain_text("Phường Phú Xuân")
    page.get_by_role("button", name="Xóa nháp").click()
    page.reload()
    citizen.alive(page)
    expect(page.locator("textarea[name=body]")).to_have_value("")
    context.close()


def test_the_server_stops_and_comes_back(platform: Platform, phone: BrowserContext) -> None:
    """What is sent meanwhile waits; pages with live figures go on by themselves, with no reload."""
    home = phone.new_page()
    home.goto(platform.origin)
    expect(home.locator(".dot-live")).to_be_visible(timeout=citizen.ALIVE)
    home.evaluate("window.same = true")
    page = phone.new_page()
    citizen.open_form(page, platform)
    before = citizen.count_received(page, platform)
    citizen.fill_form(page)
    platform.stop()
    citizen.press_send(page)
    expect(page.get_by_text("Đã giữ trên máy này, chờ gửi")).to_be_visible(timeout=citizen.ALIVE)
    expect(home.get_by_text("mất kết nối")).to_be_visible(timeout=2 * citizen.ALIVE)
    platform.process = running.start(platform.data_dir, platform.port).process
    page.get_by_role("button", name="Gửi lại ngay").click()
    citizen.sent(page)
    assert citizen.count_received(page, platform) == before + 1
    expect(home.locator(".dot-live")).to_be_visible(timeout=60_000)
    expect(home.locator(".stat dd").first).to_have_text(str(before + 1), timeout=citizen.ALIVE)
    assert home.evaluate("window.same")
