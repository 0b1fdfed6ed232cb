"""Figures as officers see them: coverage opened down to the cells, a change that comes by itself, axe and the eye."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from mattranso_app.bench.running import Platform
from tests.browser.officers import sign_in
from tests.browser.test_axe import check, context  # noqa: F401 - the fixture

TOTALS = "/csdl/tong-hop"


def test_axe_on_the_pages_of_figures(
    platform: Platform, accounts: dict[str, str], context: BrowserContext, shots: Path  # noqa: F811
) -> None:
    page = sign_in(context, platform, accounts, "hue.xuly", f"{TOTALS}?bieu=thang")
    name = f"{page.viewport_size['width']}"  # type: ignore[index]
    expect(page.locator("[data-figure=coverage]")).to_be_visible()
    found = check(page, "totals of a province")
    page.screenshot(path=shots / f"seeing-totals-{name}.png", full_page=True)
    page.get_by_role("link", name=re.compile("đơn vị chưa có số liệu")).click()
    expect(page.locator("#con-thieu")).to_be_focused()
    found += check(page, "who is missing")
    page.screenshot(path=shots / f"seeing-missing-{name}.png", full_page=True)
    assert found == []
