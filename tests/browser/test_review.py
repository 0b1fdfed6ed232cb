"""The review by keyboard: a list, one report returned with a reason; axe and the eye."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from mattranso_app.bench.running import Platform
from mattranso_app.core.clock import today
from mattranso_app.core.reporting.periods import PeriodKind, period_on
from tests.browser.officers import sign_in
from tests.browser.test_axe import check, context  # noqa: F401 - the fixture


def test_a_report_is_returned_from_the_keyboard(
    platform: Platform, accounts: dict[str, str], context: BrowserContext, shots: Path  # noqa: F811
) -> None:
    last_month = period_on(PeriodKind.MONTH, today()).previous.key
    page = sign_in(context, platform, accounts, "hue.duyet", f"/csdl/duyet?bieu=thang&ky={last_month}&muc=tat-ca")
    expect(page.locator(".desk-list a").first).to_be_visible()
    found = check(page, "units below")
    page.set_viewport_size({"width": 1280, "height": 860})
    page.screenshot(path=shots / "review-list.png")
    page.locator(".desk-side a", has_text="Chờ duyệt").press("Enter")
    page.wait_for_url("**muc=cho-duyet**")
    page.locator(".desk-list a.pick", has_text="Chờ duyệt").first.press("Enter")
    expect(page.locator("table")).to_be_visible()
    found += check(page, "a report")
    page.screenshot(path=shots / "review-report.png")
    page.set_viewport_size({"width": 360, "height": 740})
    page.screenshot(path=shots / "review-report-phone.png", full_page=True)
    page.get_by_role("button", name=re.compile("^Trả lại để sửa")).first.press("Enter")
    page.locator("dialog[open] textarea[name=reason]").fill("Xem lại số cuộc")
    page.locator("dialog[open] button[type=submit]").press("Enter")
    expect(page.locator(".notice.ok")).to_contain_text("Đã trả lại")
    page.goto(f"{platform.origin}/csdl/duyet?bieu=thang&ky={last_month}&muc=cho-duyet")
    expect(page.locator(".desk-list a.pick").first).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 860})
    page.keyboard.press("n")
    expect(page.locator("dialog[open]")).to_be_visible()
    found += check(page, "many at once")
    page.screenshot(path=shots / "review-many.png")
    page.locator("dialog[open] input[type=checkbox]").first.press("Space")
    page.locator("dialog[open] button[type=submit]").press("Enter")
    expect(page.locator(".notice.ok")).to_contain_text("Đã duyệt")
    page.goto(f"{platform.origin}/csdl/duyet?bieu=thang&ky={last_month}&muc=chua-gui")
    expect(page.locator(".desk-list a.pick").first).to_be_visible()
    page.get_by_role("button", name="Gửi lên cấp trên").first.click()
    page.get_by_label("Lý do chung cho các đơn vị chưa gửi").fill("Đang thay cán bộ phụ trách")
    found += check(page, "sending on")
    page.screenshot(path=shots / "review-forward.png")
    page.locator("dialog[open] button[type=submit]").click()
    expect(page.locator(".notice.ok")).to_contain_text("Đã gửi lên, nêu tên")
    central = sign_in(context.browser.new_context(locale="vi-VN"), platform, accounts, "trunguong.duyet",
                      f"/csdl/duyet?bieu=thang&ky={last_month}")
    central.get_by_text("Đơn vị cấp dưới đã gửi lên").click()
    central.get_by_role("link", name="Thành phố Huế", exact=True).click()
    central.get_by_role("button", name="Tiếp nhận").click()
    expect(central.locator(".notice.ok")).to_contain_text("Đã tiếp nhận")
    central.context.close()
    assert found == []
