"""Filling in a report: by keyboard, by a block from Excel, without network; handed up with gaps, returned, corrected, amended."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from mattranso_app.bench.running import Platform
from mattranso_app.core.clock import today
from mattranso_app.core.reporting.periods import PeriodKind, period_on
from tests.browser import citizen
from tests.browser.officers import sign_in
from tests.browser.registry_forms import give_back, publish_form, wide_form
from tests.browser.test_axe import check, context  # noqa: F401 - the fixture
from tests.browser.test_offline import shell_kept

UNIT = "19753"
PASTE = """(field, words) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", words);
    field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""


@pytest.fixture(scope="module")
def week(platform: Platform) -> str:
    """The week that is being reported, by a form published for these journeys."""
    publish_form(platform, "bieu_rong", wide_form())
    return period_on(PeriodKind.WEEK, today() - timedelta(days=7)).key


def cell(page: Page, name: str) -> Locator:
    return page.get_by_label(name, exact=True)


def saved(page: Page) -> None:
    expect(page.locator(".sheet-bar")).to_contain_text("Đã lưu lúc", timeout=15_000)


def test_from_the_keyboard_to_an_amended_report(
    platform: Platform, accounts: dict[str, str], context: BrowserContext, week: str, shots: Path  # noqa: F811
) -> None:
    page = sign_in(context, platform, accounts, "phuxuan.xuly", "/csdl")
    page.set_viewport_size({"width": 1280, "height": 860})
    card = page.locator(".card", has=page.locator(f"a[href='/csdl/nhap/bieu_rong/{week}/mttq/{UNIT}']"))
    expect(card).to_contain_text("0/3 ô bắt buộc đã có số")
    card.get_by_role("link").click()
    expect(cell(page, "Số người được mời")).to_be_visible()

    # Keys: Enter and arrows move, figures are shown as people write them, what follows from them is there at once.
    cell(page, "Số người được mời").focus()
    page.keyboard.type("1000")
    page.keyboard.press("Enter")
    expect(cell(page, "Số người dự")).to_be_focused()
    expect(cell(page, "Số người được mời")).to_have_value("1.000")
    page.keyboard.type("1250")
    expect(cell(page, "Tỷ lệ dự")).to_have_text("125")
    expect(page.get_by_text("Số người dự không quá số được mời.")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(cell(page, "Số tiền ủng hộ")).to_be_focused()
    page.keyboard.type("1.250,5")
    page.keyboard.press("ArrowUp")
    expect(cell(page, "Số người dự")).to_be_focused()
    page.keyboard.press("Control+End")
    expect(cell(page, "Việc số 25 — Nhóm ngoai")).to_be_focused()
    page.keyboard.press("Home")
    expect(cell(page, "Việc số 25 — Nhóm nam")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(cell(page, "Việc số 25 — Nhóm nu")).to_be_focused()
    saved(page)

    # 200 cells in one paste: two that are no numbers stay to be seen, one that is too many is named, all of it is undone at once.
    block = [[f"{1000 + 8 * row + column}" for column in range(8)] for row in range(25)]
    block[0][1], block[1][0], block[24][7] = "1.234", "mười hai", "1,5"
    block[3].append("999")
    cell(page, "Việc số 1 — Nhóm nam").evaluate(PASTE, "\r\n".join("\t".join(row) for row in block) + "\r\n")
    expect(page.get_by_text("Đã dán 200 ô.")).to_be_visible()
    expect(page.get_by_text("2 ô chưa đúng, đã đánh dấu: Việc số 2 — Nhóm nam; Việc số 25 — Nhóm ngoai.")).to_be_visible()
    expect(page.get_by_text("1 giá trị thừa ra ngoài biểu, chưa dán: 999.")).to_be_visible()
    expect(cell(page, "Việc số 2 — Nhóm nam")).to_have_value("mười hai")
    expect(cell(page, "Việc số 1")).to_have_text(f"{sum(range(1000, 1008)) - 1001 + 1234:,}".replace(",", "."))
    saved(page)
    page.get_by_role("button", name="Hoàn tác dán").click()
    expect(cell(page, "Việc số 2 — Nhóm nam")).to_have_value("")
    saved(page)
    cell(page, "Việc số 1 — Nhóm nam").evaluate(PASTE, "\r\n".join("\t".join(row[:8]) for row in block))
    saved(page)
    page.reload()
    expect(cell(page, "Việc số 25 — Nhóm nam")).to_have_value("1.192")
    expect(cell(page, "Việc số 2 — Nhóm nam")).to_have_value("mười hai")  # on this device only
    expect(cell(page, "Số tiền ủng hộ")).to_have_value("1.250,5")
    page.screenshot(path=shots / "entry-desk.png", full_page=True)

    # A word about a cell, and its history.
    cell(page, "Số người dự").focus()
    page.get_by_role("button", name="Ý kiến, lịch sử").click()
    dialog = page.get_by_role("dialog", name="Số người dự")
    dialog.get_by_label("Ghi ý kiến về ô này").fill("Tính cả khách mời?")
    dialog.get_by_role("button", name="Gửi ý kiến").click()
    expect(dialog.get_by_text("Tính cả khách mời?")).to_be_visible()
    expect(dialog.get_by_text("trống → 1.250")).to_be_visible()
    page.keyboard.press("Escape")

    # Handing up: what is wrong stops it, what is missing and doubted gets its reason.
    cell(page, "Số người được mời").fill("")
    page.get_by_role("button", name="Gửi báo cáo").click()
    panel = page.locator(".sheet-hand")
    expect(panel.get_by_role("heading", name="Gửi báo cáo")).to_be_focused()
    expect(panel.get_by_text("Còn 1 ô bắt buộc chưa có số")).to_be_visible()
    expect(panel.get_by_role("button", name="Gửi lên cấp trên")).to_be_disabled()
    found = check(page, "handing up what is wrong, doubted and missing")
    for name in ("Việc số 2 — Nhóm nam", "Việc số 25 — Nhóm ngoai"):
        panel.get_by_role("button", name=f"Tới ô: {name}").click()
        expect(cell(page, name)).to_be_focused()
        page.keyboard.type("12")
    panel.get_by_role("button", name="Gửi lên cấp trên").click()
    expect(panel.get_by_label("Lý do chưa có số: Số người được mời")).to_be_focused()
    panel.get_by_label("Lý do chưa có số: Số người được mời").fill("Chưa gom đủ giấy mời")
    panel.get_by_label("Số tiền lớn hơn thường lệ.", exact=False).fill("Đợt quyên góp sau bão")
    panel.get_by_role("button", name="Gửi lên cấp trên").click()
    expect(page.get_by_text("Đã gửi báo cáo.", exact=True)).to_be_visible(timeout=15_000)

    # Back with a reason, corrected, handed up again, amended with a reason.
    give_back(platform, "bieu_rong", week, UNIT, "Bổ sung số người được mời")
    page.goto(f"{platform.origin}/csdl")
    expect(page.get_by_text("Bổ sung số người được mời")).to_be_visible()
    found += check(page, "home with a returned report")
    page.get_by_role("link", name="Xem lý do và sửa", exact=False).first.click()
    expect(page.get_by_text("Báo cáo bị trả lại")).to_be_visible()
    cell(page, "Số người được mời").fill("1300")
    saved(page)
    page.get_by_role("button", name="Gửi báo cáo").click()
    page.get_by_role("button", name="Gửi lên cấp trên").click()
    expect(page.get_by_text("Đã gửi báo cáo.", exact=True)).to_be_visible(timeout=15_000)
    cell(page, "Số người dự").fill("1240")
    page.get_by_role("button", name="Lưu sửa đổi").click()
    expect(page.get_by_text("Hãy ghi lý do.")).to_be_visible()
    page.get_by_label("Lý do sửa").fill("Đếm lại danh sách")
    page.get_by_role("button", name="Lưu sửa đổi").click()
    expect(page.get_by_text("Đã lưu sửa đổi.")).to_be_visible(timeout=15_000)
    page.reload()
    expect(cell(page, "Số người dự")).to_have_value("1.240")
    assert found == []


DOORS = "**/csdl/so-lieu/**"


def no_saving(route: Route) -> None:
    """Let nothing be saved: while Chromium swaps pages its emulation of a lost network has a hole of a moment."""
    if route.request.method == "POST":
        route.abort("internetdisconnected")
    else:
        route.fallback()


def test_an_offline_day_on_a_phone(platform: Platform, accounts: dict[str, str], phone: BrowserContext, week: str, shots: Path) -> None:
    page = sign_in(phone, platform, accounts, "thuanhoa.xuly", "/csdl")
    page.get_by_role("link", name=f"Biểu rộng, {period_on(PeriodKind.WEEK, today()).label}", exact=False).first.click()
    expect(cell(page, "Số người được mời")).to_be_visible()
    address = page.url
    assert cell(page, "Số người được mời").get_attribute("inputmode") == "numeric"
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    cell(page, "Số người được mời").fill("50")
    saved(page)
    shell_kept(page)
    phone.set_offline(True)
    phone.route(DOORS, no_saving)
    cell(page, "Số người dự").fill("40")
    expect(page.locator(".sheet-bar")).to_contain_text("1 ô giữ trên máy này", timeout=15_000)
    page.screenshot(path=shots / "entry-phone.png")
    page.goto("about:blank")  # closing the page would lift the emulation a moment before the page is gone

    page.goto(address)
    expect(cell(page, "Số người dự")).to_have_value("40", timeout=citizen.ALIVE)
    expect(cell(page, "Số người được mời")).to_have_value("50")
    cell(page, "Số tiền ủng hộ").fill("2,5")
    expect(cell(page, "Tỷ lệ dự")).to_have_text("80")
    page.reload()
    expect(cell(page, "Số tiền ủng hộ")).to_have_value("2,5", timeout=citizen.ALIVE)
    page.get_by_role("button", name="Gửi báo cáo").click()
    page.get_by_role("button", name="Gửi lên cấp trên").click()
    expect(page.get_by_text("Đang không có mạng nên chưa gửi được.", exact=False)).to_be_visible(timeout=15_000)

    # A colleague writes into one of the same cells meanwhile: both values stay, the person chooses.
    door = address.replace("/csdl/nhap/", "/csdl/so-lieu/")
    held = page.context.browser.new_context()
    colleague = sign_in(held, platform, accounts, "thuanhoa.xuly", "/csdl")
    answer = colleague.request.post(door, data={"values": {"du": "45"}, "seen": 1}, headers={"Origin": platform.origin})
    assert answer.ok, answer.text()
    held.close()
    page.goto("about:blank")

    # Back: whichever page is opened first sends what can be sent; the sheet itself asks about the cell both wrote into.
    phone.unroute(DOORS, no_saving)
    phone.set_offline(False)
    page.goto(platform.origin)
    citizen.until(page, f"fetch('{door}').then((a) => a.json()).then(({{ values }}) => values.tien === '2.5')")
    page.goto(f"{platform.origin}/csdl")
    expect(page.get_by_text("Trên máy này còn số chưa lưu lên máy chủ")).to_be_visible(timeout=citizen.ALIVE)
    page.get_by_role("link", name=": 1 ô", exact=False).click()
    expect(page.get_by_text("Người khác vừa sửa thành 45. Anh chị nhập 40.")).to_be_visible(timeout=citizen.ALIVE)
    page.screenshot(path=shots / "entry-conflict.png")
    page.get_by_role("button", name="Giữ số của tôi").click()
    citizen.until(page, f"fetch('{door}').then((a) => a.json()).then(({{ values }}) => values.du === '40')")
    history = phone.request.get(f"{door}/o?key=tien").json()["changes"]
    assert [(change["after"], change["how"]) for change in history] == [("2.5", "nhập lúc không có mạng")]
