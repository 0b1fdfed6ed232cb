"""The whole of a citizen's way with a keyboard alone; where the focus goes; how the receipt is kept, printed and found again."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect

from mattranso_app.bench.running import Platform
from tests.browser import citizen


def tab_to(page: Page, words: str, most: int = 40) -> None:
    """Press Tab until what has the focus says `words`; everything on the way must be seen to have it."""
    for _ in range(most):
        page.keyboard.press("Tab")
        said, outline = page.evaluate(
            """() => {
                const at = document.activeElement;
                const around = at.closest(".choice, .drop-way") ?? at;
                const name = at.labels?.[0]?.textContent ?? at.getAttribute("aria-label") ?? at.textContent;
                return [name.trim(), getComputedStyle(around).outlineStyle];
            }"""
        )
        assert outline != "none", f"no outline on “{said}”"
        if said.startswith(words):
            return
    raise AssertionError(f"Tab does not come to “{words}”")


def test_from_home_to_the_receipt(platform: Platform, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto(platform.origin)
    expect(page.locator("a.card").first).to_be_visible(timeout=citizen.ALIVE)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Tới nội dung chính")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, "Gửi phản ánh, kiến nghị", 1)  # the skip link has skipped
    page.keyboard.press("Enter")
    heading = page.get_by_role("heading", level=1, name="Gửi phản ánh, kiến nghị")
    expect(heading).to_be_focused(timeout=citizen.ALIVE)  # after a change of page without loading
    citizen.alive(page)
    tab_to(page, "Phản ánh")
    page.keyboard.press("ArrowDown")
    tab_to(page, "Nội dung")
    page.keyboard.type(citizen.BODY)
    tab_to(page, "Gửi tới")
    page.keyboard.type("phu xuan hue")
    expect(page.locator("[role=option]").first).to_be_visible(timeout=citizen.ALIVE)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    tab_to(page, "Gửi")
    page.keyboard.press("Enter")
    number, _ = citizen.sent(page)
    expect(page.locator(".sent").locator("xpath=self::*[@tabindex='-1']")).to_be_focused()
    tab_to(page, "Xem phản ánh")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(number, timeout=citizen.ALIVE)


def test_the_receipt_is_copied_saved_printed_and_found_again(platform: Platform, phone: BrowserContext, tmp_path: Path) -> None:
    phone.grant_permissions(["clipboard-read", "clipboard-write"], origin=platform.origin)
    page = phone.new_page()
    number, receipt = citizen.send(page, platform)
    expect(page.locator(".sent")).to_contain_text("ai có mã thì xem được toàn bộ nội dung đã gửi")
    expect(page.locator(".sent")).to_contain_text("Ủy ban MTTQ Việt Nam Phường Phú Xuân")
    page.get_by_role("button", name="Chép: Mã biên nhận").click()
    expect(page.get_by_role("button", name="Chép: Mã biên nhận")).to_have_text("Đã chép")
    assert page.evaluate("navigator.clipboard.readText()") == receipt
    with page.expect_download() as saving:
        page.get_by_role("button", name="Lưu thành tệp").click()
    saving.value.save_as(tmp_path / "receipt.txt")
    words = (tmp_path / "receipt.txt").read_text(encoding="utf-8-sig")
    assert saving.value.suggested_filename == f"bien-nhan-{number}.txt" and receipt in words and number in words
    page.emulate_media(media="print")
    expect(page.get_by_text(receipt)).to_be_visible()
    for hidden in (page.locator("header"), page.locator("footer"), page.get_by_role("button", name="Chép: Mã biên nhận")):
        expect(hidden).to_be_hidden()
    page.emulate_media(media="screen")

    page.goto(f"{platform.origin}/phan-anh/theo-doi")
    expect(page.get_by_text(receipt)).to_be_visible(timeout=citizen.ALIVE)
    page.get_by_role("button", name="Theo dõi", exact=True).click()
    found = page.locator("section", has=page.get_by_role("heading", name="Phản ánh của bà con"))
    expect(found.get_by_text(citizen.BODY)).to_be_visible(timeout=citizen.ALIVE)
    expect(found.locator(".card").first).to_be_focused()
    assert receipt not in page.url
    page.get_by_role("button", name="Xóa khỏi máy này").click()
    page.get_by_role("alert").get_by_role("button", name="Xóa khỏi máy này").click()
    expect(page.get_by_text("Máy này chưa gửi phản ánh nào")).to_be_visible()
    page.get_by_role("textbox", name="Mã biên nhận").fill(receipt.lower().replace("-", " "))
    page.get_by_role("button", name="Xem", exact=True).click()
    expect(found.get_by_text(citizen.BODY)).to_be_visible(timeout=citizen.ALIVE)


def test_nothing_moves_for_who_asked_for_rest(platform: Platform, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, reduced_motion="reduce")
    page = context.new_page()
    page.route("**/live/**", lambda route: route.abort())
    page.goto(platform.origin)
    expect(page.locator(".skeleton")).to_be_visible()
    assert page.evaluate("document.getAnimations().length") == 0
    context.close()


def test_large_text_and_dark_stay_on_the_device(platform: Platform, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto(platform.origin)
    size = "parseFloat(getComputedStyle(document.body).fontSize)"
    expect(page.locator(".dot-live")).to_be_visible(timeout=citizen.ALIVE)
    normal = page.evaluate(size)
    page.get_by_role("button", name="Chữ lớn").click()
    page.get_by_role("button", name="Tối", exact=True).click()
    page.goto(f"{platform.origin}/phan-anh/gui")
    citizen.alive(page)
    assert normal >= 17 and page.evaluate(size) > normal * 1.2
    expect(page.locator("html.dark.large-text")).to_be_attached()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    lowest = """() => Math.min(...[...document.querySelectorAll("main :is(p, li, label, button, a, small)")]
        .filter((one) => one.textContent.trim() && one.checkVisibility())
        .map((one) => parseFloat(getComputedStyle(one).lineHeight) / parseFloat(getComputedStyle(one).fontSize)))"""
    assert page.evaluate(lowest) >= 1.35  # buttons and labels of one line; running text has 1.6
