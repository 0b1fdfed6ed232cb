"""Signing out on the real server: its websockets can be closed from our side, and no tab goes on showing the desk."""

from __future__ import annotations

from playwright.sync_api import BrowserContext

from mattranso_app.bench.running import Platform
from tests.browser.test_journey import sign_in


def test_signing_out_in_one_tab_leads_the_others_away(platform: Platform, accounts: dict[str, str], desk: BrowserContext) -> None:
    left = sign_in(desk, platform, "phuxuan.duyet2", accounts["phuxuan.duyet2"])
    other = desk.new_page()
    other.goto(f"{platform.origin}/tai-khoan")
    left.wait_for_function("document.querySelector('h1') !== null")
    request = "{method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{}'}"
    assert other.evaluate(f"fetch('/dang-xuat', {request}).then(answer => answer.status)") == 200
    left.wait_for_url(lambda address: "/dang-nhap" in address, timeout=5_000)
