"""Choosing the unit by keyboard alone, by thumb, by former names; and being told why it goes there before sending."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, expect

from mattranso_app.bench.running import Platform
from tests.browser import citizen


def test_by_keyboard_alone(platform: Platform, phone: BrowserContext) -> None:
    page = phone.new_page()
    citizen.open_form(page, platform)
    box = page.locator("input[role=combobox]")
    options = page.locator("[role=option]")
    page.locator("input[name=place]").focus()
    page.keyboard.press("Tab")
    expect(box).to_be_focused()
    expect(box).to_have_attribute("aria-expanded", "false")
    page.keyboard.type("quan 1")  # no tone marks, and a district that is no more
    expect(options.first).to_be_visible(timeout=citizen.ALIVE)
    expect(box).to_have_attribute("aria-expanded", "true")
    assert page.locator(f"[id='{box.get_attribute('aria-controls')}']").get_attribute("role") == "listbox"
    expect(options.first).to_contain_text("Thành phố Hồ Chí Minh")
    expect(options.first).to_contain_text("quận 1")  # why it is found
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    page.keyboard.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(box).to_have_value("quan 1")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_be_visible(timeout=citizen.ALIVE)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    picked = page.locator(".picked")
    expect(picked.locator("b")).to_contain_text("Thành phố Hồ Chí Minh")
    expect(picked.get_by_role("status")).to_contain_text("vì bà con chọn nơi xảy ra ở", timeout=citizen.ALIVE)
    expect(box).to_be_focused()  # Enter chose, and did not send
    expect(page.locator(".summary")).to_have_count(0)
    page.get_by_text("Câu hỏi", exact=True).click()
    expect(picked.get_by_role("status")).to_contain_text("kèm căn cứ", timeout=citizen.ALIVE)


def test_by_thumb_and_by_former_name(platform: Platform, phone: BrowserContext) -> None:
    page = phone.new_page()
    citizen.open_form(page, platform)
    box = page.locator("input[role=combobox]")
    box.fill("tx huong thuy")
    expect(page.locator("[role=option]").first).to_contain_text("thị xã Hương Thủy", timeout=citizen.ALIVE)
    for option in page.locator("[role=option]").all():
        frame = option.bounding_box()
        assert frame is not None and frame["height"] >= 44 and frame["x"] >= 0 and frame["x"] + frame["width"] <= 360
    page.locator("[role=option]").first.click()
    expect(page.locator(".picked b")).to_have_text("Phường Hương Thủy, Thành phố Huế")
    page.get_by_role("button", name="Xóa lựa chọn").click()
    expect(page.locator(".picked")).to_have_count(0)
    box.fill("khong noi nao ten the nay")
    expect(page.get_by_text("Không thấy đơn vị nào như vậy").last).to_be_visible(timeout=citizen.ALIVE)
    citizen.press_send(page)
    expect(page.locator("#unit-error")).to_contain_text("Xin chọn một đơn vị trong danh sách")

    page.get_by_text("Hoặc chọn theo tỉnh, thành phố", exact=True).click()
    page.get_by_label("Tỉnh, thành phố", exact=True).select_option(label="Thành phố Huế", timeout=citizen.ALIVE)
    communes = page.get_by_label("Xã, phường, đặc khu")
    expect(communes).to_be_enabled(timeout=citizen.ALIVE)
    communes.select_option(label="Phường Thuận Hóa")
    expect(page.locator(".picked b")).to_have_text("Phường Thuận Hóa, Thành phố Huế")
