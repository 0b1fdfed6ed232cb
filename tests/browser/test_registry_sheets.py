"""The Excel screen as an officer meets it: a template is fetched, a wrong one is given back marked, the mended one is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from openpyxl import load_workbook
from playwright.sync_api import BrowserContext, Page, expect

from mattranso_app.bench.running import Platform
from tests.browser.officers import sign_in

pytestmark = pytest.mark.browser

FIRST = "input#tep-so-lieu"


def fill(source: Path, target: Path, value: object) -> None:
    """Write the template with `value` in its first cell for a number."""
    book = load_workbook(source)
    sheet = book["Số liệu"]
    row = next(cell.row for cell in sheet["D"] if not cell.protection.locked and cell.number_format == "#,##0")
    sheet.cell(row, 4).value = value
    book.save(target)


def check_accessible(page: Page) -> None:
    """No fault by axe's rules."""
    found = Axe().run(page).response["violations"]
    assert found == [], [(each["id"], each["nodes"][0]["html"]) for each in found]


def test_a_template_goes_out_and_comes_back(
    desk: BrowserContext, platform: Platform, accounts: dict[str, str], tmp_path: Path, shots: Path
) -> None:
    page = sign_in(desk, platform, accounts, "phuxuan.xuly", "/csdl/excel?bieu=tuan")
    link = page.get_by_role("link", name="Mẫu của Phường Phú Xuân")
    expect(link).to_be_visible()
    with page.expect_download() as waiting:
        link.click()
    template = tmp_path / "mau.xlsx"
    waiting.value.save_as(template)
    fill(template, tmp_path / "sai.xlsx", "bốn")
    page.set_input_files(FIRST, tmp_path / "sai.xlsx")
    expect(page.get_by_role("alert").filter(has_text="Còn 1 chỗ cần sửa")).to_be_visible()
    expect(page.get_by_role("cell", name="không phải số")).to_be_visible()
    check_accessible(page)
    page.screenshot(path=shots / "excel-wrong.png", full_page=True)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="đánh dấu lỗi").click()
    marked = tmp_path / "danh-dau.xlsx"
    waiting.value.save_as(marked)
    assert "Lỗi cần sửa" in load_workbook(marked).sheetnames
    fill(marked, tmp_path / "dung.xlsx", 987654)
    page.set_input_files(FIRST, tmp_path / "dung.xlsx")
    expect(page.get_by_role("button", name="Ghi 1 ô")).to_be_visible()
    expect(page.get_by_role("cell", name="987.654")).to_be_visible()
    check_accessible(page)
    page.set_viewport_size({"width": 360, "height": 780})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.screenshot(path=shots / "excel-ready-phone.png", full_page=True)
    if page.get_by_label("Lý do sửa").count():
        page.get_by_label("Lý do sửa").fill("Đếm lại")
    page.get_by_role("button", name="Ghi 1 ô").click()
    expect(page.get_by_role("status").filter(has_text="Đã ghi 1 ô")).to_be_visible()
    page.set_input_files(FIRST, tmp_path / "dung.xlsx")
    expect(page.get_by_role("status").filter(has_text="Không có ô nào khác")).to_be_visible()
