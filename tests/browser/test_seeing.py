"""Figures as officers see them: coverage opened down to the cells, a change that comes by itself, axe and the eye."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
from playwright.sync_api import Browser, BrowserContext, expect

from mattranso_app.bench.running import Platform
from tests.browser.officers import sign_in
from tests.browser.test_axe import check, context  # noqa: F401 - the fixture

TOTALS, PIVOT = "/csdl/tong-hop", "/csdl/tong-hop/bang-xoay"
OUTLIERS = "/csdl/tong-hop/bat-thuong"


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
    page.goto(f"{platform.origin}{OUTLIERS}?bieu=thang")
    expect(page.locator("#khac-thuong")).to_be_visible()
    found += check(page, "what is out of line")
    page.screenshot(path=shots / "seeing-outliers.png", full_page=True)
    for kind in ("total", "chart"):
        page.goto(f"{platform.origin}{TOTALS}?bieu=thang")
        page.get_by_text("Giữ vào bảng theo dõi").click()
        page.get_by_label("Tên bảng").fill("Giao ban tháng")
        page.get_by_label("Giữ dưới dạng").select_option(kind)
        page.get_by_role("button", name="Giữ lại").click()
        expect(page.get_by_role("heading", level=2)).to_have_text("Giao ban tháng")
    found += check(page, "a dashboard")
    page.screenshot(path=shots / "seeing-dashboard.png", full_page=True)
    page.get_by_role("link", name="Bảng theo dõi", exact=True).click()
    expect(page.get_by_role("link", name="Giao ban tháng")).to_be_visible()
    found += check(page, "the dashboards")
    assert found == []


def test_from_the_coverage_to_the_cells_and_a_change_that_comes_by_itself(
    platform: Platform, accounts: dict[str, str], browser: Browser, desk: BrowserContext
) -> None:
    page = sign_in(desk, platform, accounts, "hue.xuly", f"{TOTALS}?bieu=thang")
    coverage = page.locator("[data-figure=coverage]")
    expect(coverage).to_have_text(re.compile(r"^\d+/40 đơn vị"))
    before = int((coverage.text_content() or "").split("/")[0])
    page.get_by_role("link", name=re.compile("đơn vị chưa có số liệu")).click()
    expect(page.get_by_role("link", name="Phường Phú Xuân", exact=True)).to_be_visible()
    page.go_back()
    expect(coverage).to_be_visible()
    period = page.get_by_label("Đến kỳ").input_value()

    commune = browser.new_context(locale="vi-VN")
    officer = sign_in(commune, platform, accounts, "phuxuan.xuly", "/csdl")
    code = httpx.get(f"{platform.origin}/api/v1/units", params={"query": "phu xuan hue", "level": "commune"}).json()["items"][0]["code"]
    sheet = f"{platform.origin}/csdl/so-lieu/thang/{period}/mttq/{code}"
    asks = {"Origin": platform.origin}
    values = {"giam_sat_chu_tri": "77", "y_kien_tiep_nhan": "5", "y_kien_chuyen": "2", "y_kien_tra_loi": "1", "quy_thu": "3"}
    values["quy_chi"] = "1"
    saved = officer.request.post(sheet, data={"values": values, "seen": 0}, headers=asks)
    assert saved.ok, saved.text()
    gaps = dict.fromkeys(("phan_bien", "tiep_xuc"), "Đang đếm")
    said = dict.fromkeys(("chuyen_qua_nhan", "quy_tang_giam"), "Đã kiểm tra lại.")
    handed = officer.request.post(f"{sheet}/gui", data={"seen": saved.json()["revision"], "gaps": gaps, "explanations": said}, headers=asks)
    assert handed.ok, handed.text()
    expect(coverage).to_have_text(f"{before + 1}/40 đơn vị")  # nobody has touched the page

    page.get_by_role("link", name="Phường Phú Xuân", exact=True).click()
    expect(page.get_by_role("heading", name="Báo cáo của Phường Phú Xuân")).to_be_visible()
    expect(page.locator("#o-giam_sat_chu_tri")).to_contain_text("77")
    expect(page.get_by_text("trống → 77")).to_be_visible()
    commune.close()
