"""The form designer: a small form from its name to its publication, by keyboard and plain questions; seen on phone and desk."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from mattranso_app.bench.running import Platform
from tests.browser.officers import sign_in
from tests.browser.test_axe import check, context  # noqa: F401 - the fixture

LIST = "/csdl/bieu"


def opened(page: Page, identity: str) -> None:
    """Open a part of the page by its title, from the keyboard."""
    part = page.locator(f"#{identity}")
    if part.get_attribute("open") is None:
        part.locator("> summary").press("Enter")


def saved(page: Page) -> None:
    """Wait until a step is kept."""
    expect(page.locator(".notice.ok")).to_be_visible()


def add_number(page: Page, name: str, measure: str, over_time: str, category: str = "") -> None:
    """Add an indicator by its questions."""
    opened(page, "chi-tieu-moi")
    part = page.locator("#chi-tieu-moi")
    part.locator("input[name=moi-name]").fill(name)
    part.locator("input[name=moi-measure]").fill(measure)
    part.locator(f"input[name=moi-over_time][value={over_time}]").press("Space")
    if category:
        part.get_by_label(category, exact=True).press("Space")
    part.get_by_role("button", name="Thêm", exact=True).press("Enter")
    expect(page.locator(".list b", has_text=name)).to_be_visible()


def test_a_form_from_its_name_to_its_publication(
    platform: Platform, accounts: dict[str, str], context: BrowserContext, desk: BrowserContext, shots: Path  # noqa: F811
) -> None:
    page = sign_in(context, platform, accounts, "hue.duyet", LIST)
    expect(page.get_by_role("heading", level=1)).to_have_text("Biểu báo cáo")
    page.locator("input[name=moi-title]").fill("Phiếu thử của tỉnh")
    page.locator("select[name=moi-period_kind]").select_option("month")
    page.locator("#moi-level-commune").press("Space")
    page.locator("#moi-organisation-mttq").press("Space")
    found = check(page, "list of forms")
    page.get_by_role("button", name="Lập biểu").press("Enter")
    page.wait_for_url("**/csdl/bieu/soan?bieu=phieu_thu_cua_tinh")
    expect(page.get_by_role("heading", level=1)).to_have_text("Phiếu thử của tỉnh")
    expect(page.get_by_text("Chưa công bố được", exact=False)).to_be_visible()

    opened(page, "nhom-moi")
    group = page.locator("#nhom-moi")
    group.locator("input[name=nhom-name]").fill("Giới tính")
    group.locator("textarea[name=nhom-options]").fill("Nam\nNữ")
    group.locator("input[name=nhom-overlaps][value=no]").press("Space")
    group.get_by_role("button", name="Thêm", exact=True).press("Enter")
    expect(page.get_by_text("cộng lại bằng tổng số", exact=False)).to_be_visible()
    add_number(page, "Hội viên", "người", "stock", "Giới tính")
    add_number(page, "Buổi gặp mặt", "buổi", "flow")

    opened(page, "so-sanh")
    compare = page.locator("#so-sanh")
    for name, chosen in (("left", "hoi_vien/nu"), ("comparison", "<="), ("right", "buoi_gap_mat"), ("severity", "hard")):
        compare.locator(f"select[name=so-{name}]").select_option(chosen)
    compare.get_by_role("button", name="Thêm", exact=True).press("Enter")
    expect(page.get_by_role("alert").filter(has_text="khác đơn vị tính")).to_be_visible()  # người ≤ buổi
    compare.locator("select[name=so-right]").select_option("hoi_vien")
    compare.get_by_role("button", name="Thêm", exact=True).press("Enter")
    expect(page.locator(".list b", has_text="Hội viên — Nữ ≤ Hội viên")).to_be_visible()

    page.get_by_role("button", name="Lên Buổi gặp mặt").press("Enter")
    expect(page.locator(".list b").first).to_have_text("Buổi gặp mặt")
    opened(page, "xem-truoc")
    expect(page.locator("#xem-truoc").get_by_text("– Nữ")).to_be_visible()
    found += check(page, "a form being made")
    page.screenshot(path=shots / "designer-desk.png", full_page=True)

    page.locator("select[name=cong-bo-period]").select_option(index=1)
    page.get_by_role("button", name="Công bố biểu").press("Enter")
    expect(page.get_by_text("Đã công bố.", exact=False)).to_be_visible()
    expect(page.get_by_text("Bản 1: từ", exact=False)).to_be_visible()
    page.get_by_role("button", name="Soạn bản mới").press("Enter")
    expect(page.get_by_text("Bản này không khác bản đang dùng.")).to_be_visible()
    other = context.new_page()
    other.goto(page.url)
    expect(other.locator("#muc-moi")).to_be_visible()
    opened(other, "muc-moi")
    other.locator("input[name=muc-title]").fill("Của người khác")
    other.locator("#muc-moi").get_by_role("button", name="Thêm").press("Enter")
    saved(other)
    opened(page, "muc-moi")
    page.locator("input[name=muc-title]").fill("Đến sau")
    page.locator("#muc-moi").get_by_role("button", name="Thêm").press("Enter")
    expect(page.get_by_text("Người khác vừa sửa biểu này", exact=False)).to_be_visible()
    expect(page.get_by_role("heading", name="Của người khác")).to_be_visible()  # what he did is shown, what was typed stays
    expect(page.locator("input[name=muc-title]")).to_have_value("Đến sau")
    found += check(page, "a form changed meanwhile")
    page.set_viewport_size({"width": 360, "height": 740})
    page.screenshot(path=shots / "designer-phone.png", full_page=True)
    asked = sign_in(desk, platform, accounts, "phuxuan.xuly", "/csdl")
    expect(asked.get_by_text("Phiếu thử của tỉnh").first).to_be_visible()  # a commune of the province is asked
    page.goto(f"{platform.origin}{LIST}")
    expect(page.get_by_role("link", name="Phiếu thử của tỉnh")).to_be_visible()
    assert found == []
