"""The content security policy as Chromium sees it: no page of ours breaks it, and what people wrote stays text."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable
from secrets import token_urlsafe
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from mattranso_app.bench.running import Platform
from mattranso_app.frontend import CLIENT

LISTEN = """
document.addEventListener('securitypolicyviolation', event =>
  window.tellViolation(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber} ${event.sample}`));
"""
HOSTILE = (
    "Cây đổ chắn lối <img src=x onerror=\"document.documentElement.dataset.hacked='1'\">"
    "<script>document.documentElement.dataset.hacked='1'</script></title></script> {{7*7}} [x](javascript:alert(1)) \u202egnp.exe\u202c"
)
PAGES = sorted({
    "/" + page.relative_to(CLIENT).as_posix().removesuffix(".html").removesuffix("index").rstrip("/")
    for page in CLIENT.glob("**/*.html")
    if page.name not in ("404.html", "__spa-fallback.html") and "[" not in page.name
} | {"/khong-co-trang-nay"})


@pytest.fixture
def watched(browser: Browser) -> Any:
    """Makes contexts whose violations are collected."""
    opened: list[BrowserContext] = []

    def make(violations: list[str], width: int = 1280) -> BrowserContext:
        context = browser.new_context(viewport={"width": width, "height": 860}, locale="vi-VN")
        context.expose_function("tellViolation", lambda text: violations.append(text))
        context.add_init_script(LISTEN)
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()


def look(page: Page, address: str) -> None:
    """Open a page and wait until it has come to life."""
    page.goto(address, wait_until="load")
    expect(page.locator("h1").first).to_be_visible(timeout=15_000)
    page.wait_for_function("document.readyState === 'complete'")


def send(platform: Platform, unit: str) -> str:
    """Send a petition full of markup; return its number."""
    boundary = token_urlsafe(12)
    payload = {"kind": "phan_anh", "title": HOSTILE[:140], "body": f"Xin xem giúp. {HOSTILE}", "place": HOSTILE[:150], "unit": unit}
    part = f'--{boundary}\r\nContent-Disposition: form-data; name="payload"\r\n\r\n{json.dumps(payload)}\r\n--{boundary}--\r\n'
    request = urllib.request.Request(
        f"{platform.origin}/phan-anh/gui", part.encode(),
        {"Content-Type": f"multipart/form-data; boundary={boundary}", "Origin": platform.origin, "Idempotency-Key": token_urlsafe(32)},
    )
    return str(json.loads(urllib.request.urlopen(request).read())["number"])


def nothing_acted(page: Page) -> None:
    """Assert that no text of a person has become markup."""
    assert page.evaluate("document.documentElement.dataset.hacked") is None
    assert page.locator("img[src='x']").count() == 0


def test_no_page_breaks_the_policy(platform: Platform, watched: Callable[..., BrowserContext]) -> None:
    violations: list[str] = []
    page = watched(violations, 390).new_page()
    for address in PAGES:
        look(page, platform.origin + address)
    look(page, f"{platform.origin}/phan-anh?q=đèn")
    assert violations == []


def test_the_policy_is_in_force(platform: Platform, watched: Callable[..., BrowserContext]) -> None:
    """The listening works: an inline script and an evaluated string are refused and told."""
    violations: list[str] = []
    page = watched(violations).new_page()
    look(page, platform.origin)
    page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = \"document.documentElement.dataset.hacked='1'\"; "
        "document.head.append(s); }"
    )
    page.evaluate("() => { try { setTimeout(\"document.documentElement.dataset.hacked='2'\", 0) } catch {} }")
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.dataset.hacked") is None
    assert any(violation.startswith("script-src") for violation in violations)


def test_hostile_text_stays_text_from_desk_to_public_page(
    platform: Platform, accounts: dict[str, str], watched: Callable[..., BrowserContext]
) -> None:
    violations: list[str] = []
    with urllib.request.urlopen(f"{platform.origin}/api/v1/units?query=phu%20xuan%20hue") as answer:
        unit = json.loads(answer.read())["items"][0]["code"]
    number = send(platform, unit)
    page = watched(violations).new_page()
    page.goto(f"{platform.origin}/dang-nhap")
    page.locator("input[name=user_name]").fill("phuxuan.xuly")
    page.locator("input[name=password]").fill(accounts["phuxuan.xuly"])
    page.locator("form[action='/dang-nhap/can-bo'] button[type=submit]").click(no_wait_after=True)
    page.wait_for_url(re.compile(r"/$"))
    look(page, f"{platform.origin}/phan-anh/ban-lam-viec?mo={number}")
    expect(page.get_by_text("{{7*7}}").first).to_be_visible(timeout=15_000)
    for hidden in page.locator("details:not([open]) > summary").all():
        if hidden.is_visible():
            hidden.click()
    nothing_acted(page)
    page.get_by_role("button", name="Tiếp nhận").first.click()
    page.get_by_role("button", name="Công khai nội dung").first.click(timeout=15_000)
    reader = watched(violations, 390).new_page()
    look(reader, f"{platform.origin}/phan-anh/{number}")
    expect(reader.get_by_text("{{7*7}}").first).to_be_visible(timeout=15_000)
    nothing_acted(reader)
    nothing_acted(page)
    look(reader, f"{platform.origin}/phan-anh")
    nothing_acted(reader)
    assert violations == []
