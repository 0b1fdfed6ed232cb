"""What a citizen does in a browser, in the words of the tests."""

from __future__ import annotations

import re
import time
from typing import Any

from playwright.sync_api import Page, expect

from mattranso_app.bench.running import Platform

BODY = "Nắp cống trước cổng trường tiểu học bị vỡ từ tuần trước, trẻ em đi qua rất nguy hiểm."
ALIVE = 15_000
"""Milliseconds a loaded machine may take for what normally takes one second."""


def open_form(page: Page, platform: Platform) -> None:
    """Open the form and wait until its script is there."""
    page.goto(f"{platform.origin}/phan-anh/gui")
    alive(page)


def alive(page: Page) -> None:
    """Wait until the form has taken over from the browser (it then says itself what is wrong)."""
    expect(page.locator("form[action='/toi-gian/gui']")).to_have_js_property("noValidate", True, timeout=ALIVE)


def until(page: Page, script: str, patience: int = ALIVE) -> None:
    """Wait until `script` gives something true. (Playwright's own way of waiting needs eval, which our pages forbid.)"""
    ends = time.monotonic() + patience / 1000
    while not page.evaluate(script):
        assert time.monotonic() < ends, f"still not: {script}"
        page.wait_for_timeout(50)


def pick_unit(page: Page, words: str = "phu xuan hue") -> None:
    """Choose the first unit found for `words`."""
    page.locator("input[role=combobox]").fill(words)
    page.locator("[role=option]").first.click(timeout=ALIVE)
    expect(page.locator(".picked")).to_be_visible()


def fill_form(page: Page, body: str = BODY) -> None:
    """Write what is needed and choose the unit."""
    page.locator("textarea[name=body]").fill(body)
    pick_unit(page)


def press_send(page: Page) -> None:
    """Press the form's button."""
    page.get_by_role("button", name="Gửi", exact=True).click()


def sent(page: Page) -> tuple[str, str]:
    """Wait for the receipt; return (number, receipt)."""
    expect(page.locator(".sent")).to_be_visible(timeout=ALIVE)
    number, receipt = (shown.inner_text() for shown in page.locator(".sent .receipt").all())
    assert re.fullmatch(r"PA-[0-9A-Z]{4}-[0-9A-Z]{2}", number) and len(receipt) >= 19
    return number, receipt


def send(page: Page, platform: Platform, body: str = BODY) -> tuple[str, str]:
    """Send a petition; return (number, receipt)."""
    open_form(page, platform)
    fill_form(page, body)
    press_send(page)
    return sent(page)


def sign_in(page: Page, platform: Platform, target: str) -> None:
    """Sign in by the code that is sent to a telephone or an e-mail address."""
    page.goto(f"{platform.origin}/dang-nhap")
    page.locator("input[name=target]").fill(target)
    page.get_by_role("button", name="Gửi mã cho tôi").click()
    expect(page.locator("input[name=code]")).to_be_visible(timeout=ALIVE)
    page.locator("input[name=code]").fill(newest_code(page, platform))
    page.locator("form[action='/dang-nhap/xac-nhan'] button").click()
    page.wait_for_url(lambda address: "/dang-nhap" not in address)


def newest_code(page: Page, platform: Platform) -> str:
    """Return the code in the newest message of the demonstration."""
    messages = page.context.new_page()
    messages.goto(f"{platform.origin}/trinh-dien/tin-nhan")
    line = messages.get_by_text("la ma dang nhap").first
    expect(line).to_be_visible(timeout=ALIVE)
    code = line.inner_text().split()[0]
    messages.close()
    return code


def draft_saved(page: Page) -> None:
    """Wait until the form says that the draft is kept."""
    expect(page.get_by_text("Đã lưu nháp", exact=False)).to_be_visible(timeout=ALIVE)


def kept(page: Page, store: str) -> list[dict[str, Any]]:
    """Return what the device keeps in one of its stores: drafts, queue, sent."""
    found: list[dict[str, Any]] = page.evaluate(
        """store => new Promise((resolve, reject) => {
            const request = indexedDB.open("mattranso", 1);
            request.onerror = () => reject(request.error);
            request.onsuccess = () => {
                const all = request.result.transaction([store]).objectStore(store).getAll();
                all.onsuccess = () => {
                    request.result.close();
                    resolve(all.result.map((item) => ({ ...item, photos: item.photos?.map(({ blob, name }) => `${blob.size} ${name}`) })));
                };
            };
        })""",
        store,
    )
    return found


def count_received(page: Page, platform: Platform) -> int:
    """Return how many petitions the platform has received today, once the live figure (a moment behind) stands still."""
    seen = -1
    while True:
        answer = page.request.get(f"{platform.origin}/live/portal.json").json()
        found = int(answer["data"]["received_today"].replace(".", ""))
        if found == seen:
            return found
        seen = found
        page.wait_for_timeout(500)
