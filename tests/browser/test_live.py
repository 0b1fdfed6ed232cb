"""Pages that change while they are open: by stream, by asking where no stream comes through, and what they say of it."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from mattranso_app.bench.running import Platform
from tests.browser import citizen

CLOCK = re.compile(r"\d\d:\d\d:\d\d")


def test_home_and_item_change_with_no_reload(
    platform: Platform, phone: BrowserContext, desk: BrowserContext, publish: Callable[[str], None]
) -> None:
    home = desk.new_page()
    home.goto(platform.origin)
    expect(home.get_by_text(re.compile(r"trực tiếp · \d\d:\d\d:\d\d"))).to_be_visible(timeout=citizen.ALIVE)
    before = int(home.locator(".stat dd").first.inner_text().replace(".", ""))
    number, _ = citizen.send(phone.new_page(), platform)
    expect(home.locator(".stat dd").first).to_have_text(str(before + 1), timeout=citizen.ALIVE)
    item = phone.new_page()
    item.goto(f"{platform.origin}/phan-anh/{number}")
    heading = item.get_by_role("heading", level=1)
    expect(heading).to_have_text(f"Phản ánh {number}", timeout=citizen.ALIVE)
    assert item.title().startswith(f"Phản ánh {number}")
    item.evaluate("window.same = true")
    publish(number)
    expect(heading).to_contain_text("Nắp cống trước cổng trường", timeout=citizen.ALIVE)
    expect(item.get_by_text("Công khai nội dung")).to_be_visible()
    expect(item).to_have_title(re.compile("^Nắp cống trước cổng trường"))
    assert item.evaluate("window.same")


def test_without_a_stream_the_page_asks(platform: Platform, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.route("**/live/*/stream*", lambda route: route.abort())
    page.goto(platform.origin)
    said = page.get_by_text(re.compile(r"số liệu lúc \d\d:\d\d:\d\d"))
    expect(said).to_be_visible(timeout=citizen.ALIVE)
    before = int(page.locator(".stat dd").first.inner_text().replace(".", ""))
    citizen.send(phone.new_page(), platform)
    expect(page.locator(".stat dd").first).to_have_text(str(before + 1), timeout=2 * citizen.ALIVE)
    phone.set_offline(True)
    expect(page.get_by_text("mất kết nối, số liệu lúc")).to_be_visible(timeout=2 * citizen.ALIVE)
    assert CLOCK.search(page.locator("main").inner_text())
    phone.set_offline(False)
    expect(page.get_by_text("mất kết nối")).to_be_hidden(timeout=2 * citizen.ALIVE)
