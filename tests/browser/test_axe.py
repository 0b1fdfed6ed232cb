"""axe-core on every state of every page a citizen sees, at 360 and 1280 px, light and dark: no violation of WCAG 2.2 AA."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from mattranso_app.bench.running import Platform
from tests.browser import citizen

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ASK = """tags => axe.run(document, {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]}).then((result) =>
    result.violations.map((one) => `${one.id}: ${one.nodes.map((node) => `${node.target} ${node.failureSummary}`).join(" | ")}`))"""
LOOKS = [(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")]


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A window whose content security policy lets axe in; nothing moves in it, since a colour half-way is no colour of ours."""
    opened = browser.new_context(bypass_csp=True, reduced_motion="reduce", service_workers="block", locale="vi-VN")
    yield opened
    opened.close()


def check(page: Page, state: str, is_plain: bool = False) -> list[str]:
    """Return what axe finds in the page as it stands, in all four looks, and what is wider than the window.

    A plain page follows the system by CSS alone; one that has a script says so by `is_plain`.
    """
    page.evaluate(AXE)
    found = []
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        is_dark = f"document.documentElement.classList.contains('dark') === {str(scheme == 'dark').lower()}"
        page.wait_for_function(f"{str(is_plain).lower()} || document.scripts.length === 0 || {is_dark}")
        found += [f"{state}, {width} px, {scheme}: {words}" for words in page.evaluate(ASK, TAGS)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{state}: wider than {width} px")
    if page.locator("h1").count() != 1:
        found.append(f"{state}: {page.locator('h1').count()} h1")
    elif not page.title().startswith(page.locator("h1").inner_text().replace("\n", " ")):
        found.append(f"{state}: the title “{page.title()}” does not start with “{page.locator('h1').inner_text()}”")
    return found


def test_home(platform: Platform, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(platform.origin)
    expect(page.locator("a.card").first).to_be_visible(timeout=citizen.ALIVE)
    found = check(page, "home")
    page.evaluate("document.documentElement.classList.add('large-text')")
    found += check(page, "home, large text")
    page.route("**/live/**", lambda route: route.abort())
    page.goto(platform.origin)
    expect(page.locator(".skeleton")).to_be_visible()
    found += check(page, "home before its figures")
    page.goto(f"{platform.origin}/khong-co-trang-nay")
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=citizen.ALIVE)
    found += check(page, "no such page")
    assert not found, "\n".join(found)


def test_list_and_item(platform: Platform, context: BrowserContext) -> None:
    page = context.new_page()
    items = page.request.get(f"{platform.origin}/api/v1/petitions?limit=100").json()["items"]
    answered = next(item["number"] for item in items if item["answered_at"])
    handled = next(item["number"] for item in items if not item["answered_at"])
    cards = page.locator("a.card").first
    found = []
    for state, address, there in (
        ("list", "/phan-anh", cards),
        ("list, filtered", "/phan-anh?q=duong&loai=kien_nghi&noi=46&trang-thai=da-tra-loi", page.get_by_text("Bỏ lọc").first),
        ("list, nothing found", "/phan-anh?q=zzzz", page.get_by_text("Không có phản ánh nào như vậy")),
        ("list, wrong filter", "/phan-anh?loai=khong-co", page.get_by_role("alert").filter(has_text="Giá trị không hợp lệ")),
        ("item, answered", f"/phan-anh/{answered}", page.get_by_role("heading", name="Trả lời")),
        ("item, being handled", f"/phan-anh/{handled}", page.get_by_text("Hạn trả lời")),
        ("item, no such number", "/phan-anh/PA-0000-00", page.get_by_text("Không tìm thấy phản ánh này")),
    ):
        page.goto(platform.origin + address)
        expect(there).to_be_visible(timeout=citizen.ALIVE)
        if address == "/phan-anh":
            page.locator("details.more > summary").first.click()
        found += check(page, state)
    assert not found, "\n".join(found)


def test_form_and_following(platform: Platform, context: BrowserContext) -> None:
    page = context.new_page()
    citizen.open_form(page, platform)
    page.locator("details.more > summary").first.click()
    found = check(page, "form")
    citizen.press_send(page)
    expect(page.locator(".summary")).to_be_visible()
    found += check(page, "form with errors")
    page.locator("input[role=combobox]").fill("phu xuan")
    expect(page.locator("[role=option]").first).to_be_visible(timeout=citizen.ALIVE)
    found += check(page, "form, units found")
    citizen.fill_form(page)
    found += check(page, "form, unit chosen")
    context.set_offline(True)
    citizen.press_send(page)
    expect(page.get_by_text("chờ gửi")).to_be_visible(timeout=citizen.ALIVE)
    found += check(page, "form, waiting for a network")
    context.set_offline(False)
    number, receipt = citizen.sent(page)
    found += check(page, "sent")
    page.goto(f"{platform.origin}/phan-anh/{number}")
    expect(page.get_by_text("Nội dung sẽ được công khai")).to_be_visible(timeout=citizen.ALIVE)
    found += check(page, "item, not public yet")
    page.goto(f"{platform.origin}/phan-anh/theo-doi")
    expect(page.get_by_text(receipt)).to_be_visible(timeout=citizen.ALIVE)
    found += check(page, "following, with what this device sent")
    page.get_by_role("textbox").fill("0000-0000-0000-0000")
    page.get_by_role("button", name="Xem", exact=True).click()
    expect(page.get_by_text("Không có phản ánh nào với mã biên nhận này")).to_be_visible(timeout=citizen.ALIVE)
    found += check(page, "following, wrong receipt")
    page.get_by_role("button", name="Theo dõi", exact=True).click()
    expect(page.get_by_role("heading", name="Phản ánh của bà con")).to_be_visible(timeout=citizen.ALIVE)
    found += check(page, "following, found")
    assert not found, "\n".join(found)


def test_sign_in_and_account(platform: Platform, context: BrowserContext, sign_in_citizen: Callable[[Page, str], None]) -> None:
    page = context.new_page()
    page.goto(f"{platform.origin}/dang-nhap?loi=sai#ba-con-sai")
    expect(page.get_by_role("alert")).to_be_visible(timeout=citizen.ALIVE)
    found = check(page, "sign-in with a fault")
    for state, address in (("code", "/dang-nhap/ma"), ("first sign-in", "/dang-nhap/lan-dau")):
        page.goto(platform.origin + address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        found += check(page, state)
    sign_in_citizen(page, "axe@vidu.vn")
    page.goto(f"{platform.origin}/tai-khoan")
    expect(page.get_by_text("phiên này")).to_be_visible(timeout=citizen.ALIVE)
    found += check(page, "account")
    page.goto(f"{platform.origin}/phan-anh/cua-toi")
    expect(page.get_by_text("Chưa có phản ánh nào")).to_be_visible(timeout=citizen.ALIVE)
    found += check(page, "own petitions, none")
    page.goto(f"{platform.origin}/trinh-dien/tin-nhan")
    expect(page.get_by_text("axe@vidu.vn").first).to_be_visible(timeout=citizen.ALIVE)
    found += check(page, "messages")
    assert not found, "\n".join(found)


def test_page_without_network(platform: Platform, context: BrowserContext) -> None:
    """The one page that stands alone: its own style, no script, so it follows the device's colours by itself."""
    page = context.new_page()
    page.goto(f"{platform.origin}/offline.html")
    page.evaluate(AXE)
    found = []
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found += page.evaluate(ASK, TAGS)
    assert found == [] and page.title().startswith(page.locator("h1").inner_text())
