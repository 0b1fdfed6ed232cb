"""The plain version in a phone's browser that runs no script: sending, following, reading; and axe-core on its pages."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from mattranso_app.bench.running import Platform
from tests.browser.test_axe import ASK, AXE, LOOKS, TAGS

BODY = "Đường vào thôn 5 sạt lở từ sáng thứ Hai, xe máy không đi được."
RECEIPT = re.compile(r"^\w{4}-\w{4}-\w{4}-\w{4}$")


@pytest.fixture
def plain_phone(browser: Browser) -> Iterator[BrowserContext]:
    """A cheap phone whose browser runs no script."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN", java_script_enabled=False)
    yield context
    context.close()


@pytest.fixture
def reader(browser: Browser) -> Iterator[BrowserContext]:
    """A window that lets axe in."""
    context = browser.new_context(bypass_csp=True, service_workers="block", locale="vi-VN")
    yield context
    context.close()


def photo(colour: str) -> dict[str, object]:
    stream = io.BytesIO()
    Image.new("RGB", (320, 240), colour).save(stream, "JPEG")
    return {"name": f"{colour}.jpg", "mimeType": "image/jpeg", "buffer": stream.getvalue()}


def wide(page: Page) -> bool:
    """Whether something is wider than the window."""
    return any(
        box["x"] + box["width"] > 360.5
        for place in page.locator("main *:visible").all()[:400]
        if (box := place.bounding_box()) and box["width"] > 0
    )


def shoot(page: Page, shots: Path, name: str) -> None:
    page.screenshot(path=shots / f"lite-{name}-360.png", full_page=True)


def test_sending_following_and_reading_without_script(platform: Platform, plain_phone: BrowserContext, shots: Path) -> None:
    page = plain_phone.new_page()
    page.goto(f"{platform.origin}/toi-gian")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bà con cần phản ánh, kiến nghị điều gì?")
    shoot(page, shots, "home")
    page.get_by_role("link", name="Gửi phản ánh, kiến nghị").click()
    page.get_by_label("Tên xã, phường, đặc khu").fill("phu xuan hue")
    page.get_by_label("Tên xã, phường, đặc khu").press("Enter")
    shoot(page, shots, "choose")
    page.get_by_role("link", name="Phường Phú Xuân").first.click()
    expect(page.get_by_text("Gửi tới Ủy ban MTTQ Việt Nam Phường Phú Xuân, vì bà con chọn nơi xảy ra")).to_be_visible()
    shoot(page, shots, "form")
    assert not wide(page)

    page.get_by_label("Nội dung").fill("Hỏng rồi")
    page.get_by_label("Số điện thoại di động").fill("0912 345 678")
    page.locator("input[name=photo]").set_input_files([photo("red"), photo("green")])  # type: ignore[list-item]
    page.get_by_role("button", name="Gửi", exact=True).click()
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("Nội dung ngắn quá")
    shoot(page, shots, "form-errors")
    assert not wide(page)
    summary.get_by_role("link", name=re.compile("Nội dung ngắn quá")).click()
    assert page.url.endswith("#body")
    expect(page.get_by_label("Nội dung")).to_have_value("Hỏng rồi")
    expect(page.get_by_text("red.jpg")).to_be_visible()
    page.get_by_label("Nội dung").fill(BODY)
    page.get_by_label("Tôi đồng ý cho dùng thông tin liên hệ này").check()
    page.get_by_role("button", name="Gửi", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã gửi")
    shoot(page, shots, "sent")
    receipt = page.get_by_text(RECEIPT).inner_text()
    number = page.get_by_text(re.compile(r"^PA-\w{4}-\w\w$")).inner_text()
    page.reload()  # the browser sends the form once more
    expect(page.get_by_text(receipt)).to_be_visible()
    expect(page.get_by_text(number)).to_be_visible()

    page.get_by_role("navigation").get_by_role("link", name="Theo dõi").click()
    page.get_by_label("Mã biên nhận").fill("0000-0000-0000-0000")
    page.get_by_role("button", name="Xem").click()
    expect(page.get_by_role("alert")).to_contain_text("Không có phản ánh nào với mã biên nhận này")
    page.get_by_label("Mã biên nhận").fill(receipt.lower().replace("-", ""))
    page.get_by_role("button", name="Xem").click()
    expect(page.get_by_text(BODY).last).to_be_visible()
    assert receipt not in page.url and page.url.endswith("/toi-gian/theo-doi")
    shoot(page, shots, "yours")
    assert not wide(page)
    answer = page.request.get(platform.origin + str(page.get_by_role("link", name=re.compile("^Ảnh 1")).get_attribute("href")))
    assert (answer.status, answer.headers["content-type"]) == (200, "image/jpeg")

    page.get_by_role("navigation").get_by_role("link", name="Công khai").click()
    page.get_by_label("Tình trạng").select_option("da-tra-loi")
    page.get_by_role("button", name="Tìm").click()
    shoot(page, shots, "list")
    page.get_by_role("link", name="Xem tiếp").click()
    page.locator(".item a").first.click()
    expect(page.get_by_role("heading", name="Trả lời", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="Diễn biến")).to_be_visible()
    shoot(page, shots, "petition")
    assert not wide(page)


def test_the_rich_form_leads_here_when_its_script_does_not_run(platform: Platform, plain_phone: BrowserContext, shots: Path) -> None:
    page = plain_phone.new_page()
    page.goto(f"{platform.origin}/phan-anh/gui")
    page.locator("textarea[name=body]").fill(BODY)
    page.locator("input[name=unit_text]").fill("phú xuân")
    page.locator("input[name=photo]").set_input_files([photo("blue")])  # type: ignore[list-item]
    page.get_by_role("button", name="Gửi", exact=True).click()
    expect(page.get_by_text("Bà con chọn một nơi")).to_be_visible()
    shoot(page, shots, "units")
    page.get_by_role("radio", name=re.compile("Phường Phú Xuân.*Huế")).check()
    page.get_by_role("button", name="Gửi", exact=True).click()
    expect(page.get_by_text("Gửi tới Ủy ban MTTQ Việt Nam Phường Phú Xuân, vì")).to_be_visible()
    shoot(page, shots, "confirm")
    expect(page.get_by_label("Nội dung")).to_have_value(BODY)
    page.get_by_role("button", name="Gửi", exact=True).click()
    page.get_by_role("button", name="Xem việc vừa gửi").click()
    expect(page.get_by_text(BODY).last).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("^Ảnh 1"))).to_be_visible()


def check(page: Page, state: str, shots: Path) -> list[str]:
    """Return what axe finds in all four looks, and whether the keyboard alone gets to what is on the page."""
    page.evaluate(AXE)
    found = []
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found += [f"{state}, {width} px, {scheme}: {words}" for words in page.evaluate(ASK, TAGS)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{state}: wider than {width} px")
        small = page.evaluate(
            "[...document.querySelectorAll('button, select, summary, input:not([type=hidden]):not(.trap *), nav a, .row-link, .act')]"
            ".filter((one) => (one.closest('label.choice') ?? one).getBoundingClientRect().height < 44).map((one) => one.outerHTML)"
        )
        found += [f"{state}: less than 44 px high: {one}" for one in small]
        if state in ("form with errors", "home", "following", "petition"):
            page.screenshot(path=shots / f"lite-{state.replace(' ', '-')}-{width}-{scheme}.png", full_page=True)
    return found


def test_axe(platform: Platform, reader: BrowserContext, shots: Path) -> None:
    page = reader.new_page()
    items = page.request.get(f"{platform.origin}/api/v1/petitions?answered=true&limit=5").json()["items"]
    found = []
    for state, address in (
        ("home", "/toi-gian"), ("list", "/toi-gian/phan-anh?noi=46"), ("list, nothing", "/toi-gian/phan-anh?q=zzzz"),
        ("list, wrong", "/toi-gian/phan-anh?loai=x"), ("petition", f"/toi-gian/phan-anh/{items[0]['number']}"),
        ("nothing there", "/toi-gian/khong-co"), ("choose", "/toi-gian/gui"), ("units found", "/toi-gian/gui?tim=truc+bach"),
        ("communes", "/toi-gian/gui?tinh=46"), ("form", "/toi-gian/gui?noi=19753"),
    ):
        page.goto(platform.origin + address)
        found += check(page, state, shots)
    page.locator("input[name=photo]").set_input_files([photo("red")])  # type: ignore[list-item]
    page.locator("input[name=phone]").fill("12")
    page.locator("textarea").fill("x")
    page.get_by_role("button", name="Gửi", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    found += check(page, "form with errors", shots)
    page.locator("input[name=tim]").fill("phú xuân")
    page.get_by_role("button", name="Tìm nơi gửi").click()
    found += check(page, "form with units", shots)
    page.get_by_role("radio", name=re.compile("Phường Phú Xuân.*Huế")).check()
    page.locator("textarea").fill(BODY)
    page.locator("input[name=phone]").fill("")
    page.get_by_role("button", name="Gửi", exact=True).click()
    found += check(page, "form, look again", shots)
    page.get_by_role("button", name="Gửi", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã gửi")
    found += check(page, "sent", shots)
    page.get_by_role("button", name="Xem việc vừa gửi").click()
    found += check(page, "following", shots)
    page.goto(f"{platform.origin}/toi-gian/theo-doi")
    page.locator("#receipt").fill("0000-0000-0000-0000")
    page.locator("#receipt").press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    found += check(page, "wrong receipt", shots)
    assert not found, "\n".join(found)
