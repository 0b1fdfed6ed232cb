"""The form's promise that nothing typed is lost and nothing is sent twice, in browsers as they are."""

from __future__ import annotations

from urllib.parse import urlparse

from playwright.sync_api import Browser, BrowserContext, Route, expect

from mattranso_app.bench.running import Platform
from tests.browser import citizen


def test_typing_before_the_page_is_alive_is_kept(platform: Platform, phone: BrowserContext) -> None:
    page = phone.new_page()
    held: list[Route] = []
    is_held = True
    page.route("**/assets/*.js", lambda route: held.append(route) if is_held else route.continue_())
    page.goto(f"{platform.origin}/phan-anh/gui", wait_until="commit")
    page.locator("textarea[name=body]").fill(citizen.BODY)
    page.get_by_text("Kiến nghị", exact=True).click()
    page.locator("input[role=combobox]").fill("phu xuan hue")
    is_held = False
    for route in held:
        route.continue_()
    citizen.alive(page)
    assert page.locator("textarea[name=body]").input_value() == citizen.BODY
    assert page.get_by_label("Kiến nghị").is_checked()
    page.locator("[role=option]").first.click(timeout=citizen.ALIVE)  # what was typed is looked up at once
    citizen.draft_saved(page)
    citizen.press_send(page)
    citizen.sent(page)


def test_a_double_click_and_a_lost_answer_make_one_petition(platform: Platform, phone: BrowserContext) -> None:
    page = phone.new_page()
    citizen.open_form(page, platform)
    before = citizen.count_received(page, platform)
    citizen.fill_form(page)
    keys: list[str] = []

    def lose_first_answer(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            route.fetch()  # it arrives
            route.abort()  # its answer does not
        else:
            route.continue_()

    page.route("**/phan-anh/gui", lose_first_answer)
    page.get_by_role("button", name="Gửi", exact=True).dblclick()
    page.get_by_role("button", name="Gửi lại ngay").click(timeout=citizen.ALIVE)
    citizen.sent(page)
    assert len(keys) == 2 and len(set(keys)) == 1
    assert citizen.count_received(page, platform) == before + 1
    assert citizen.kept(page, "queue") == [] and citizen.kept(page, "drafts") == []


def test_what_is_wrong_is_said_on_top_and_led_to(platform: Platform, phone: BrowserContext) -> None:
    page = phone.new_page()
    citizen.open_form(page, platform)
    citizen.press_send(page)
    summary = page.locator(".summary")
    expect(summary).to_be_focused()
    summary.get_by_role("link").first.click()
    body = page.locator("textarea[name=body]")
    expect(body).to_be_focused()
    expect(body).to_have_attribute("aria-invalid", "true")
    body.fill("Hỏng")
    expect(body).not_to_have_attribute("aria-invalid", "true")  # being mended
    citizen.pick_unit(page)
    page.locator("input[name=phone]").fill("12")
    citizen.press_send(page)  # from here on the server's own words
    expect(summary.get_by_text("Nội dung ngắn quá")).to_be_visible(timeout=citizen.ALIVE)
    expect(summary.get_by_text("Số điện thoại chưa đúng")).to_be_visible()
    expect(page.locator("#body-error")).to_contain_text("Nội dung ngắn quá")
    assert body.input_value() == "Hỏng"


def test_an_old_draft_and_a_unit_that_is_gone(platform: Platform, phone: BrowserContext) -> None:
    """A draft of an earlier version of the page: what still has a place comes back, the rest hurts nobody."""
    page = phone.new_page()
    citizen.open_form(page, platform)
    page.evaluate(
        """draft => new Promise((resolve, reject) => {
            const request = indexedDB.open("mattranso", 1);
            request.onsuccess = () => {
                const change = request.result.transaction(["drafts"], "readwrite");
                change.objectStore("drafts").put(draft);
                change.oncomplete = () => { request.result.close(); resolve(); };
                change.onerror = reject;
            };
        })""",
        {
            "form": "petition", "saved_at": 1,
            "fields": {"body": [citizen.BODY], "old_field": ["x"], "unit": ["99999"], "unit_text": ["Xã Cũ"]},
        },
    )
    page.reload()
    expect(page.locator("textarea[name=body]")).to_have_value(citizen.BODY, timeout=citizen.ALIVE)
    expect(page.get_by_text("Đã khôi phục bản nháp")).to_be_visible()
    citizen.press_send(page)
    expect(page.locator("#unit-error")).to_contain_text("đơn vị", timeout=citizen.ALIVE)
    citizen.pick_unit(page)
    citizen.press_send(page)
    citizen.sent(page)


def test_two_tabs_with_one_draft_send_one_petition(platform: Platform, phone: BrowserContext) -> None:
    first = phone.new_page()
    citizen.open_form(first, platform)
    before = citizen.count_received(first, platform)
    citizen.fill_form(first)
    citizen.draft_saved(first)
    second = phone.new_page()
    second.goto(f"{platform.origin}/phan-anh/gui")
    expect(second.locator("textarea[name=body]")).to_have_value(citizen.BODY, timeout=citizen.ALIVE)
    expect(second.locator(".picked")).to_be_visible()
    citizen.press_send(first)
    number, receipt = citizen.sent(first)
    assert citizen.sent(second) == (number, receipt)  # it hears of it, and has nothing left to send
    assert citizen.count_received(first, platform) == before + 1


def test_in_a_messengers_browser_all_happens_in_one_tab(platform: Platform, browser: Browser) -> None:
    """Zalo's browser blocks pop-ups, has cookies of its own, and people are never sent away to anybody else."""
    agent = "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36 Zalo android/24100"
    context = browser.new_context(viewport={"width": 360, "height": 640}, user_agent=agent, locale="vi-VN")
    context.add_init_script("window.open = () => { window.popUps = (window.popUps ?? 0) + 1; return null; };")
    hosts: set[str] = set()
    context.on("request", lambda request: hosts.add(urlparse(request.url).netloc))
    page = context.new_page()
    page.goto(platform.origin)
    page.get_by_role("link", name="Gửi phản ánh, kiến nghị").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gửi phản ánh, kiến nghị")
    citizen.alive(page)
    citizen.fill_form(page)
    citizen.press_send(page)
    number, _ = citizen.sent(page)
    page.get_by_role("link", name="Xem phản ánh").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(number, timeout=citizen.ALIVE)
    assert page.evaluate("window.popUps ?? 0") == 0 and len(context.pages) == 1
    assert {host for host in hosts if host} == {urlparse(platform.origin).netloc}
    context.close()


def test_without_local_storage(platform: Platform, phone: BrowserContext) -> None:
    phone.add_init_script(
        "Object.defineProperty(window, 'localStorage', {configurable: true, get() { throw new DOMException('no', 'SecurityError'); }});"
    )
    page = phone.new_page()
    page.goto(platform.origin)
    expect(page.locator(".dot-live")).to_be_visible(timeout=citizen.ALIVE)
    citizen.send(page, platform)


def test_without_a_database_on_the_device(platform: Platform, phone: BrowserContext) -> None:
    phone.add_init_script("Object.defineProperty(window, 'indexedDB', {get() { return undefined; }});")
    page = phone.new_page()
    citizen.open_form(page, platform)
    expect(page.get_by_text("không cho lưu nháp")).to_be_visible(timeout=citizen.ALIVE)
    citizen.fill_form(page)
    citizen.press_send(page)
    citizen.sent(page)
    expect(page.get_by_text("bà con chép hoặc chụp lại mã")).to_be_visible()
