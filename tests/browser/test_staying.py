"""What an officer has written and where he is signed in: through a restart of the server, before a session ends, elsewhere ended."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from mattranso_app.bench import running
from mattranso_app.bench.running import Platform
from tests.browser import citizen
from tests.browser.officers import DESK, open_petition, send_petition, sign_in, take_up_and_publish

FIELD = "#tra-loi textarea[name=body]"
SETTINGS = {"MTS_SESSION_IDLE_OFFICER": "135", "MTS_SESSION_IDLE_CITIZEN": "165"}
"""Fifteen seconds after an officer's last act the warning of two minutes comes, a citizen's half a minute later."""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform of its own, to be stopped and started, whose sessions soon end."""
    started = running.start(tmp_path_factory.mktemp("staying"), settings=SETTINGS)
    yield started
    started.stop()


def test_two_minutes_before_the_end_one_press_goes_on_and_the_words_stay(
    own: Platform, desk: BrowserContext, phone: BrowserContext
) -> None:
    at_home = phone.new_page()
    citizen.sign_in(at_home, own, "0904 555 666")
    citizen.open_form(at_home, own)
    at_home.locator("textarea[name=body]").fill("Bà con đang viết dở thì có khách.")
    number = send_petition(own, "Đèn đường đầu ngõ 12 hỏng hai tuần nay, tối rất nguy hiểm.")
    page = sign_in(desk, own, own.accounts(), "phuxuan.xuly")
    take_up_and_publish(page, own, number)
    page.locator(FIELD).fill("Đang soạn thì có điện thoại.")
    expect(page.get_by_text(re.compile("Đã lưu nháp"))).to_be_visible()
    warning = page.get_by_role("heading", name="Phiên làm việc sắp hết")
    expect(warning).to_be_visible(timeout=45_000)
    expect(page.get_by_text("điều đang viết vẫn được giữ", exact=False)).to_be_visible()
    page.get_by_role("button", name="Tiếp tục làm việc").click()
    expect(warning).to_be_hidden()
    expect(page.locator(FIELD)).to_have_value("Đang soạn thì có điện thoại.")
    assert page.request.get(f"{own.origin}/api/v1/me").json()["kind"] == "officer"
    warning = at_home.get_by_role("heading", name="Phiên làm việc sắp hết")
    expect(warning).to_be_visible(timeout=60_000)
    at_home.keyboard.press("Enter")  # the one button has the focus
    expect(warning).to_be_hidden()
    expect(at_home.locator("textarea[name=body]")).to_have_value("Bà con đang viết dở thì có khách.")
    assert at_home.request.get(f"{own.origin}/api/v1/me").json()["kind"] == "citizen"


def test_every_other_session_ends_with_one_press_and_its_page_is_led_out(
    own: Platform, desk: BrowserContext, phone: BrowserContext
) -> None:
    elsewhere = sign_in(phone, own, own.accounts(), "phuxuan.duyet")
    expect(elsewhere.locator(".desk-list")).to_be_visible()
    page = sign_in(desk, own, own.accounts(), "phuxuan.duyet", "/tai-khoan")
    page.get_by_role("button", name="Kết thúc mọi phiên khác").click()
    expect(page.get_by_text("Đã kết thúc mọi phiên khác.")).to_be_visible()
    expect(elsewhere).to_have_url(re.compile("/dang-nhap"))
    assert elsewhere.request.get(f"{own.origin}/api/v1/me").json()["kind"] == "anonymous"
    assert page.request.get(f"{own.origin}/api/v1/me").json()["kind"] == "officer"


def test_a_draft_and_what_is_written_meanwhile_live_through_a_restart_of_the_server(own: Platform, desk: BrowserContext) -> None:
    number = send_petition(own, "Nắp cống trước cổng trường vỡ, trẻ đi học dễ ngã.")
    page = sign_in(desk, own, own.accounts(), "phuxuan.xuly")
    take_up_and_publish(page, own, number)
    page.locator(FIELD).fill("Câu thứ nhất, máy chủ đã giữ.")
    expect(page.get_by_text(re.compile("Đã lưu nháp"))).to_be_visible()
    own.stop()
    page.locator(FIELD).fill("Câu thứ hai, viết khi máy chủ dừng.")
    expect(page.get_by_text("Chưa lưu được lên máy chủ", exact=False)).to_be_visible()
    own.process = running.start(own.data_dir, port=own.port, settings=SETTINGS).process
    expect(page.get_by_text(re.compile("Đã lưu nháp"))).to_be_visible(timeout=40_000)  # tried again by itself
    expect(page.locator(FIELD)).to_have_value("Câu thứ hai, viết khi máy chủ dừng.")
    fresh = desk.new_page()
    fresh.goto(f"{own.origin}{DESK}")
    open_petition(fresh, own, number, "dang-xu-ly")
    expect(fresh.locator(FIELD)).to_have_value("Câu thứ hai, viết khi máy chủ dừng.")
