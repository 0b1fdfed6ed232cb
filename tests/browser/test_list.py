"""The public list: search as people type, filters and pages with addresses, the way back."""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext, expect

from mattranso_app.bench.running import Platform
from tests.browser import citizen


def test_search_filters_and_the_way_back(platform: Platform, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto(f"{platform.origin}/phan-anh")
    cards, search = page.locator("a.card"), page.get_by_role("searchbox")
    expect(cards).to_have_count(20, timeout=citizen.ALIVE)
    every = page.locator("p[role=status]").first.inner_text()
    search.fill("den duong")  # without tone marks
    search.press("Enter")
    expect(page).to_have_url(re.compile(r"/phan-anh\?q=den\+duong$"))  # nothing that was left empty
    expect(page.get_by_text("Bỏ lọc: “den duong”")).to_be_visible(timeout=citizen.ALIVE)
    expect(cards.first).to_contain_text(re.compile("đèn đường", re.IGNORECASE), timeout=citizen.ALIVE)
    page.get_by_role("link", name="Đã trả lời").click()
    expect(page).to_have_url(re.compile(r"q=den\+duong&trang-thai=da-tra-loi$"))
    expect(page.get_by_role("link", name="Đã trả lời")).to_have_attribute("aria-current", "true", timeout=citizen.ALIVE)
    cards.first.click()
    expect(page.get_by_role("heading", name="Trả lời")).to_be_visible(timeout=citizen.ALIVE)
    page.go_back()
    expect(search).to_have_value("den duong", timeout=citizen.ALIVE)
    expect(page.get_by_role("link", name="Đã trả lời")).to_have_attribute("aria-current", "true", timeout=citizen.ALIVE)
    page.go_back()
    page.go_back()
    expect(search).to_have_value("", timeout=citizen.ALIVE)
    expect(page.locator("p[role=status]").first).to_have_text(every, timeout=citizen.ALIVE)

    page.get_by_text("Lọc theo loại, nơi tiếp nhận").click()
    page.get_by_label("Loại").select_option("cau_hoi")
    citizen.pick_unit(page, "thanh hoa")
    page.get_by_role("button", name="Lọc", exact=True).click()
    expect(page).to_have_url(re.compile(r"\?loai=cau_hoi&noi=\d+$"))
    address = page.url
    page.goto(address)  # as someone it was sent to
    expect(page.get_by_text("Bỏ lọc: Câu hỏi")).to_be_visible(timeout=citizen.ALIVE)
    expect(page.get_by_text("Bỏ lọc: Tỉnh Thanh Hóa")).to_be_visible()
    expect(page.get_by_label("Loại")).to_have_value("cau_hoi")
    page.get_by_text("Bỏ lọc: Câu hỏi").click()
    expect(page).to_have_url(re.compile(r"\?noi=\d+$"))


def test_nothing_found_says_what_to_do(platform: Platform, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto(f"{platform.origin}/phan-anh?q=zzzz&utm_source=zalo")  # what messengers add does no harm
    empty = page.locator(".empty")
    expect(empty).to_contain_text("thử viết ngắn hơn", timeout=citizen.ALIVE)
    expect(empty.get_by_role("link", name="Gửi phản ánh, kiến nghị")).to_be_visible()
    empty.get_by_role("link", name="Xem tất cả").click()
    expect(page.locator("a.card")).to_have_count(20, timeout=citizen.ALIVE)
    page.goto(f"{platform.origin}/phan-anh?tiep=khong-phai-cua-ta")
    problem = page.get_by_role("alert").filter(has_text="Vị trí trang không hợp lệ")
    expect(problem).to_contain_text("mở lại danh sách từ đầu", timeout=citizen.ALIVE)


def test_pages_by_cursor(platform: Platform, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto(f"{platform.origin}/phan-anh")
    cards = page.locator("a.card")
    expect(cards).to_have_count(20, timeout=citizen.ALIVE)
    first = [card.get_attribute("href") for card in cards.all()]
    page.get_by_role("link", name="Trang sau").click()
    expect(cards.first).not_to_have_attribute("href", str(first[0]), timeout=citizen.ALIVE)
    second = [card.get_attribute("href") for card in cards.all()]
    assert len(second) == 20 and not set(first) & set(second)
    page.go_back()
    expect(cards.first).to_have_attribute("href", str(first[0]), timeout=citizen.ALIVE)


def test_the_plain_version_is_a_page_of_its_own(platform: Platform, phone: BrowserContext) -> None:
    """The browser itself follows the link; the app's router has no such page."""
    page = phone.new_page()
    page.goto(f"{platform.origin}/phan-anh")
    expect(page.locator("a.card")).to_have_count(20, timeout=citizen.ALIVE)
    page.get_by_role("link", name="Bản tối giản").click()
    expect(page).to_have_url(f"{platform.origin}/toi-gian")
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Không có trang này")
    assert page.locator("script").count() == 0
