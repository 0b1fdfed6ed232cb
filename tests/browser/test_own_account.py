"""What is a citizen's own: earlier receipts, data seen and taken away, keys for programs, an erasure asked for and answered by Central."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from mattranso_app.bench.running import Platform
from tests.browser import citizen
from tests.browser.officers import sign_in
from tests.browser.test_axe import ASK, AXE, LOOKS, TAGS, check

PHONE = "0903 111 222"


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A citizen's browser that lets axe in."""
    opened = browser.new_context(
        viewport={"width": 360, "height": 740}, bypass_csp=True, reduced_motion="reduce", locale="vi-VN", service_workers="block"
    )
    yield opened
    opened.close()


def plain(page: Page, state: str, shots: Path) -> list[str]:
    """Return what axe finds in a plain page, in all four looks, and what is wider than the window; keep pictures for the eye."""
    page.evaluate(AXE)
    found = []
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found += [f"{state}, {width} px, {scheme}: {words}" for words in page.evaluate(ASK, TAGS)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{state}: wider than {width} px")
        page.screenshot(path=shots / f"own-{state}-{width}-{scheme}.png", full_page=True)
    assert page.locator("h1").count() == 1 and page.title().startswith(page.locator("h1").inner_text())
    page.set_viewport_size({"width": 360, "height": 740})
    return found


def press(page: Page, name: str) -> None:
    """Go to a button or link by the Tab key alone, from where the focus is, and press Enter."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("(document.activeElement.getAttribute('aria-labelledby') ?? '').split(' ').map(id => "
                         "document.getElementById(id)?.textContent).join(' ').trim() || document.activeElement.textContent.trim()") == name:
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"the Tab key does not reach “{name}”")


def test_from_an_earlier_receipt_to_an_erasure(
    platform: Platform, context: BrowserContext, desk: BrowserContext, accounts: dict[str, str],
    sign_in_citizen: Callable[[Page, str], None], shots: Path,
) -> None:
    page = context.new_page()
    number, receipt = citizen.send(page, platform)
    sign_in_citizen(page, PHONE)
    expect(page).to_have_url(re.compile("/phan-anh/cua-toi"), timeout=citizen.ALIVE)  # what this device has sent is offered at once
    offer = page.locator("li", has_text=number)
    expect(offer).to_be_visible(timeout=citizen.ALIVE)
    found = check(page, "mine")
    page.screenshot(path=shots / "own-mine-1280-dark.png", full_page=True)
    page.set_viewport_size({"width": 360, "height": 740})
    offer.get_by_role("button", name="Nhận về").click()
    expect(page.get_by_text(f"Đã nhận về phản ánh {number}.")).to_be_visible(timeout=citizen.ALIVE)
    expect(page.locator(f"a.card[href='/phan-anh/{number}']")).to_be_visible()
    expect(offer).to_be_hidden()
    page.locator("input[name=number]").fill(number)
    page.locator("input[name=receipt]").fill(receipt)
    page.keyboard.press("Enter")
    expect(page.get_by_text("đã có trong danh sách của bà con", exact=False)).to_be_visible(timeout=citizen.ALIVE)

    page.goto(f"{platform.origin}/tai-khoan")
    page.get_by_role("link", name="Dữ liệu của tôi", exact=False).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dữ liệu của tôi")
    page.locator("summary", has_text="Phản ánh đã gửi").press("Enter")
    expect(page.get_by_text(number).first).to_be_visible()
    found += plain(page, "data", shots)
    press(page, "Chuẩn bị bản tải về")
    expect(page.get_by_text("Đang chuẩn bị bản tải về", exact=False).first).to_be_visible()
    link = page.get_by_role("link", name=re.compile("^Tải về"))
    for _ in range(60):  # a worker makes it
        page.goto(f"{platform.origin}/tai-khoan/du-lieu")
        if link.count():
            break
        page.wait_for_timeout(500)
    with page.expect_download() as download:
        link.click()
    packed = zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert [row["number"] for row in json.loads(packed.read("du-lieu.json"))["petitions"]] == [number]
    archive = context.new_page()
    archive.set_content(packed.read("du-lieu.html").decode())
    found += plain(archive, "archive", shots)
    archive.close()

    page.locator("input[name='chac-chan']").press("Space")
    page.get_by_role("button", name="Yêu cầu xoá").press("Enter")
    expect(page.get_by_text("Hạn thực hiện:", exact=False)).to_be_visible()
    found += plain(page, "asked", shots)

    page.goto(f"{platform.origin}/tai-khoan/khoa-truy-cap")
    page.locator("input[name=ten]").fill("Bảng tính ở nhà")
    page.get_by_label("Đọc những gì của mình", exact=False).press("Space")
    found += plain(page, "tokens", shots)
    page.get_by_role("button", name="Tạo khoá mới").press("Enter")
    token = page.locator("#khoa").input_value()
    found += plain(page, "token-made", shots)
    mine = context.request.get(f"{platform.origin}/api/v1/me/petitions", headers={"authorization": f"Bearer {token}", "cookie": ""})
    assert [item["number"] for item in mine.json()["items"]] == [number]
    page.get_by_role("link", name="Tôi đã chép khoá", exact=False).press("Enter")
    found += plain(page, "tokens-one", shots)
    press(page, "Thu hồi Bảng tính ở nhà")
    expect(page.get_by_text("Chưa có khoá nào.")).to_be_visible()
    assert context.request.get(f"{platform.origin}/api/v1/me", headers={"authorization": f"Bearer {token}"}).status == 401

    central = sign_in(desk, platform, accounts, "trunguong.quantri", "/tai-khoan")
    central.get_by_role("link", name="Yêu cầu về dữ liệu cá nhân").click()
    request = central.locator("section", has_text="090••• •••22")
    expect(request.get_by_text("Không còn phản ánh đang xử lý", exact=False)).to_be_visible()  # a claimed one need not be finished
    expect(request.get_by_role("button", name=re.compile("^Xoá dữ liệu"))).to_have_count(0)
    axed = context.browser.new_context(bypass_csp=True, storage_state=desk.storage_state()) if context.browser else context
    looking = axed.new_page()
    looking.goto(f"{platform.origin}/tai-khoan/yeu-cau-du-lieu")
    found += plain(looking, "requests", shots)
    looking.get_by_role("link", name="Xem trước việc xoá", exact=False).press("Enter")
    expect(looking.get_by_text("Tài khoản không có tên.")).to_be_visible()
    expect(looking.get_by_role("button", name="Xoá dữ liệu")).to_be_visible()
    found += plain(looking, "foresight", shots)
    axed.close()
    request.locator("textarea").fill("Phản ánh chưa xử lý xong, mời bà con gửi lại sau.")
    request.get_by_role("button", name="Từ chối", exact=False).press("Enter")
    expect(central.get_by_text("Đã từ chối; người dân thấy lý do.")).to_be_visible()
    page.goto(f"{platform.origin}/tai-khoan/du-lieu")
    expect(page.get_by_text("Phản ánh chưa xử lý xong, mời bà con gửi lại sau.", exact=False).last).to_be_visible()
    assert found == []
