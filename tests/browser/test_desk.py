"""An officer's day at the desk: by keyboard alone, on a phone, two at once, through reload and restart."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from mattranso_app.bench.running import Platform
from tests.browser.officers import ANSWER, open_petition, picture, send_petition, sign_in, take_up_and_publish

BODY = "Đèn đường đầu ngõ 12 hỏng hai tuần nay, tối rất nguy hiểm. Xin gọi ông Nguyễn Văn Hùng, số 0912 345 678."
SAVED = re.compile("Đã lưu nháp")


@pytest.fixture
def other(browser: Browser) -> Iterator[BrowserContext]:
    """A second officer's window."""
    context = browser.new_context(viewport={"width": 1280, "height": 860}, locale="vi-VN")
    yield context
    context.close()


def focused(page: Page) -> str:
    """Return the words of what has the focus."""
    return str(page.evaluate("document.activeElement.innerText"))


def test_keys_alone_carry_a_petition_to_its_published_answer(
    platform: Platform, accounts: dict[str, str], desk: BrowserContext, other: BrowserContext
) -> None:
    number = send_petition(platform, BODY, photos=1)
    page = sign_in(desk, platform, accounts, "phuxuan.xuly")
    expect(page.locator("[data-pick]").first).to_be_visible()
    for _ in range(40):
        page.keyboard.press("j")
        if page.evaluate("document.activeElement.dataset.pick") == number:
            break
    expect(page.locator(".desk-detail")).to_contain_text(number)
    assert f"mo={number}" in page.url
    page.keyboard.press("Enter")
    expect(page.locator(".desk-title")).to_be_focused()
    marks = page.locator("mark.masked")
    expect(marks.filter(has_text="0912 345 678")).to_be_visible()

    page.keyboard.press("t")
    expect(page.get_by_text("Đã tiếp nhận.", exact=True)).to_be_visible()
    expect(page.get_by_text("1 ảnh bà con gửi cũng hiện ra", exact=False)).to_be_visible()
    assert "[số điện thoại đã che]" in page.locator("#ban-cong-khai textarea[name=body]").input_value()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Đã công khai nội dung.", exact=True)).to_be_visible()

    expect(page.locator("#tra-loi")).to_be_visible()
    page.keyboard.press("s")
    expect(page.locator("#tra-loi textarea[name=body]")).to_be_focused()
    page.keyboard.type(f"{ANSWER} Cần hỏi thêm gọi 0987 654 321.")
    expect(page.get_by_text("1 số điện thoại sẽ được che")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Xin điền mục “Kết quả”.")).to_be_visible()
    page.keyboard.press("Space")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Đã trình lãnh đạo duyệt.", exact=True)).to_be_visible()
    expect(page.locator("#tra-loi")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator(".desk-title")).to_have_count(0)
    assert "mo=" not in page.url

    leader = sign_in(other, platform, accounts, "phuxuan.duyet")
    open_petition(leader, platform, number, "cho-duyet")
    expect(leader.get_by_text("Câu trả lời trên hiện ngay ở trang phản ánh", exact=False)).to_be_visible()
    expect(leader.locator("mark.masked", has_text="[số điện thoại đã che]")).to_be_visible()
    leader.keyboard.press("d")
    expect(leader.get_by_text("Đã duyệt câu trả lời.", exact=True)).to_be_visible()
    leader.goto(f"{platform.origin}/phan-anh/{number}")
    expect(leader.get_by_text("đã thay ba bóng đèn")).to_be_visible()
    assert "0987 654 321" not in leader.content()


def test_on_a_phone_one_pane_at_a_time_with_a_way_back(platform: Platform, accounts: dict[str, str], phone: BrowserContext) -> None:
    number = send_petition(platform, BODY, photos=2)
    page = sign_in(phone, platform, accounts, "phuxuan.xuly")
    line = page.locator(f"[data-pick='{number}']")
    expect(line).to_be_visible()
    line.click()
    expect(page.locator(".desk-title")).to_be_focused()
    expect(line).to_be_hidden()
    page.locator(".photos button").nth(1).click()
    expect(page.get_by_text("Ảnh 2/2").first).to_be_visible()
    page.get_by_role("button", name="Đóng").last.click()
    page.get_by_role("link", name="Về danh sách").click()
    expect(line).to_be_focused()
    page.go_back()
    expect(page.locator(".desk-detail")).to_contain_text(number)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_second_of_two_officers_keeps_his_words_and_hears_why(
    platform: Platform, accounts: dict[str, str], desk: BrowserContext, other: BrowserContext
) -> None:
    number = send_petition(platform, BODY)
    first, second = sign_in(desk, platform, accounts, "phuxuan.xuly"), sign_in(other, platform, accounts, "phuxuan.xuly2")
    take_up_and_publish(first, platform, number)
    open_petition(second, platform, number, "dang-xu-ly")
    for page, words in ((first, ANSWER), (second, f"{ANSWER} Bản của người thứ hai.")):
        page.locator("label", has_text="Đã giải quyết").click()
        page.locator("#tra-loi textarea[name=body]").fill(words)
        expect(page.get_by_text(SAVED)).to_be_visible()
    first.keyboard.press("Control+Enter")
    expect(first.get_by_text("Đã trình lãnh đạo duyệt.", exact=True)).to_be_visible()
    expect(second.get_by_text("Phản ánh này vừa được người khác cập nhật").first).to_be_visible()
    assert second.locator("#tra-loi textarea[name=body]").input_value().endswith("Bản của người thứ hai.")
    second.locator("#tra-loi textarea[name=body]").focus()
    second.keyboard.press("Control+Enter")
    expect(second.get_by_text("Phần anh chị đang soạn đã được lưu", exact=False)).to_be_visible()
    expect(second.get_by_text("Bản anh chị đang soạn vẫn được giữ")).to_be_visible()
    expect(second.get_by_text("Bản của người thứ hai.", exact=False)).to_be_visible()


def test_a_draft_lives_through_reload_another_device_and_a_session_that_ended(
    platform: Platform, accounts: dict[str, str], desk: BrowserContext, phone: BrowserContext
) -> None:
    number = send_petition(platform, BODY)
    page = sign_in(desk, platform, accounts, "phuxuan.xuly")
    take_up_and_publish(page, platform, number)
    field = page.locator("#tra-loi textarea[name=body]")
    field.fill("Bản nháp thứ nhất, còn thiếu căn cứ.")
    expect(page.get_by_text(SAVED)).to_be_visible()
    page.reload()
    expect(field).to_have_value("Bản nháp thứ nhất, còn thiếu căn cứ.")

    elsewhere = sign_in(phone, platform, accounts, "phuxuan.xuly")
    open_petition(elsewhere, platform, number, "dang-xu-ly")
    expect(elsewhere.locator("#tra-loi textarea[name=body]")).to_have_value("Bản nháp thứ nhất, còn thiếu căn cứ.")

    block = desk.new_cdp_session(page)  # in the browser itself: no handler of the test waits on a page that is going away
    block.send("Network.enable")
    block.send("Network.setBlockedURLs", {"urls": ["*/ban-lam-viec/nhap"]})
    field.fill("Bản nháp thứ hai, viết khi mạng đứt.")
    expect(page.get_by_text("Chưa lưu được lên máy chủ", exact=False)).to_be_visible()
    assert page.request.post(f"{platform.origin}/dang-xuat", headers={"Origin": platform.origin}).ok
    expect(page).to_have_url(re.compile("/dang-nhap"))  # the socket is cut and the page led out
    again = sign_in(desk, platform, accounts, "phuxuan.xuly")
    open_petition(again, platform, number, "dang-xu-ly")
    expect(again.locator("#tra-loi textarea[name=body]")).to_have_value("Bản nháp thứ hai, viết khi mạng đứt.")
    expect(again.get_by_text(SAVED)).to_be_visible()


def test_files_are_shown_refused_with_words_left_out_and_removed(
    platform: Platform, accounts: dict[str, str], desk: BrowserContext, other: BrowserContext
) -> None:
    number = send_petition(platform, BODY)
    page = sign_in(desk, platform, accounts, "phuxuan.xuly")
    take_up_and_publish(page, platform, number)
    page.locator("#tep").set_input_files([
        {"name": "bien-ban.jpg", "mimeType": "image/jpeg", "buffer": picture()},
        {"name": "thua.jpg", "mimeType": "image/jpeg", "buffer": picture("#804020")},
        {"name": "hong.pdf", "mimeType": "application/pdf", "buffer": b"khong phai PDF"},
    ])
    expect(page.get_by_text("Tệp “hong.pdf” thuộc loại chưa được nhận", exact=False)).to_be_visible()
    expect(page.get_by_label("bien-ban.jpg")).to_be_checked()
    page.get_by_role("button", name="Xoá thua.jpg").click()
    expect(page.get_by_label("thua.jpg")).to_have_count(0)
    page.locator("label", has_text="Đã giải quyết").click()
    page.locator("#tra-loi textarea[name=body]").fill(ANSWER)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Đã trình lãnh đạo duyệt.", exact=True)).to_be_visible()

    leader = sign_in(other, platform, accounts, "phuxuan.duyet")
    open_petition(leader, platform, number, "cho-duyet")
    expect(leader.get_by_text("1 tệp kèm theo cũng công khai.")).to_be_visible()
    leader.keyboard.press("r")
    leader.locator("textarea[name=return_reason]").fill("Bỏ biên bản, ảnh chưa rõ.")
    leader.get_by_role("button", name="Trả lại", exact=True).click()
    expect(leader.get_by_text("Đã trả lại để sửa.", exact=True)).to_be_visible()

    open_petition(page, platform, number, "dang-xu-ly")
    expect(page.get_by_text("Bỏ biên bản, ảnh chưa rõ.").first).to_be_visible()
    expect(page.locator("#tra-loi textarea[name=body]")).to_have_value(ANSWER)
    expect(page.get_by_role("button", name="Xoá bien-ban.jpg")).to_have_count(0)  # part of what was handed in
    page.get_by_label("bien-ban.jpg").uncheck(force=True)
    page.locator("#tra-loi textarea[name=body]").focus()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Đã trình lãnh đạo duyệt.", exact=True)).to_be_visible()
    open_petition(leader, platform, number, "cho-duyet")
    expect(leader.get_by_text("tệp kèm theo cũng công khai")).to_have_count(0)


def test_contact_is_shown_only_after_a_reason_and_a_reader_is_offered_no_act(
    platform: Platform, accounts: dict[str, str], desk: BrowserContext, other: BrowserContext
) -> None:
    number = send_petition(platform, BODY, phone="0905 111 222")
    page = sign_in(desk, platform, accounts, "phuxuan.xuly")
    open_petition(page, platform, number)
    assert "905111222" not in page.content().replace(" ", "")
    page.keyboard.press("l")
    page.locator("input[name=contact_reason]").fill("Hẹn giờ khảo sát tại chỗ")
    page.keyboard.press("Enter")
    expect(page.get_by_text("+84905111222")).to_be_visible()

    reader = sign_in(other, platform, accounts, "phuxuan.xem")
    open_petition(reader, platform, number)
    expect(reader.get_by_text("được xem, không được xử lý", exact=False)).to_be_visible()
    for name in ("Tiếp nhận", "Hiện đầy đủ (ghi nhật ký)", "Công khai nội dung"):
        expect(reader.get_by_role("button", name=name)).to_have_count(0)
    answer = reader.request.post(
        f"{platform.origin}/phan-anh/ban-lam-viec/nhap", data={"number": number, "version": 1, "body": "x"},
        headers={"Origin": platform.origin},
    )
    assert answer.status == 403


def test_another_units_desk_for_who_works_above_it(platform: Platform, accounts: dict[str, str], desk: BrowserContext) -> None:
    number = send_petition(platform, BODY)
    page = sign_in(desk, platform, accounts, "hue.xuly")
    expect(page.get_by_role("button", name="Xem đơn vị khác")).to_be_visible()
    page.get_by_role("button", name="Xem đơn vị khác").click()
    page.locator("#don-vi-khac input[role=combobox]").fill("phu xuan hue")
    page.locator("#don-vi-khac [role=option]").first.click()
    page.get_by_role("button", name="Mở bàn làm việc").click()
    expect(page.locator(f"[data-pick='{number}']")).to_be_visible()
    assert "don-vi=" in page.url
    page.goto(f"{platform.origin}/phan-anh/ban-lam-viec?don-vi=01")
    expect(page.get_by_text("Đơn vị này ngoài phạm vi của anh chị", exact=False).first).to_be_visible()


def test_the_queue_refreshes_by_itself_and_leaves_what_is_typed_and_chosen(
    platform: Platform, accounts: dict[str, str], desk: BrowserContext
) -> None:
    number = send_petition(platform, BODY)
    page = sign_in(desk, platform, accounts, "phuxuan.xuly")
    take_up_and_publish(page, platform, number)
    page.locator("#tra-loi textarea[name=body]").fill("Đang soạn dở câu")
    page.locator("#tra-loi textarea[name=body]").focus()
    fresh = send_petition(platform, "Ống nước vỡ ở khu 3 từ sáng nay, nước tràn ra đường.")
    expect(page.locator(f"[data-pick='{fresh}']")).to_be_visible()
    expect(page.locator("#tra-loi textarea[name=body]")).to_be_focused()
    assert page.locator("#tra-loi textarea[name=body]").input_value() == "Đang soạn dở câu"
    expect(page.locator(".desk-detail")).to_contain_text(number)
