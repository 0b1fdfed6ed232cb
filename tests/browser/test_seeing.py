"""Figures as officers see them: coverage opened down to the cells, a change that comes by itself, axe and the eye."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from mattranso_app.bench.running import Platform
from tests.browser.officers import sign_in
from tests.browser.test_axe import check, context  # noqa: F401 - the fixture

TOTALS, PIVOT = "/csdl/tong-hop", "/csdl/tong-hop/bang-xoay"


def test_axe_on_the_pages_of_figures(
    platform: Platform, accounts: dict[str, str], context: BrowserContext, shots: Path  # noqa: F811
) -> None:
    page = sign_in(context, platform, accounts, "hue.xuly", f"{TOTALS}?bieu=thang")
    expect(page.locator("[data-figure=coverage]")).to_be_visible()
    found = check(page, "totals of a province")
    page.get_by_role("link", name="Ý kiến, kiến nghị của Nhân dân đã tiếp nhận").click()
    expect(page.get_by_role("heading", name=re.compile("Ý kiến, kiến nghị .* theo đơn vị"))).to_be_focused()
    found += check(page, "another indicator, with its chart")
    page.screenshot(path=shots / "seeing-totals.png", full_page=True)
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme="light")
    page.screenshot(path=shots / "seeing-totals-phone.png", full_page=True)
    page.get_by_role("link", name=re.compile("đơn vị chưa có số liệu")).click()
    expect(page.locator("#con-thieu")).to_be_focused()
    found += check(page, "who is missing")
    page.goto(f"{platform.origin}{PIVOT}?bieu=thang&dong=place&cot=cell")
    expect(page.get_by_role("table")).to_be_visible()
    found += check(page, "a pivot")
    page.screenshot(path=shots / "seeing-pivot-phone.png")
    page.set_viewport_size({"width": 1280, "height": 860})
    page.screenshot(path=shots / "seeing-pivot.png")
    page.get_by_label("Dòng").select_option("place")
    page.get_by_label("Cột", exact=True).select_option("place")
    page.get_by_role("button", name="Xem số liệu").click()
    expect(page.get_by_role("alert").filter(has_text="Dòng và cột phải là các mục khác nhau")).to_be_visible()
    found += check(page, "a pivot that cannot be")
    assert found == []
