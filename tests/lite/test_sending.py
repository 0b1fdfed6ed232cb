from __future__ import annotations

import asyncio
import logging
import re
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from mattranso_app.core import clock, files
from mattranso_app.core.db import count_statements
from mattranso_app.settings import settings
from tests.lite.factories import (
    ANSWER,
    BODY,
    PHU_XUAN,
    Page,
    Visitor,
    answer,
    bomb,
    count_petitions,
    picture,
    publish,
    value,
)
from tests.lite.test_reading import BUDGET, HOSTILE, assert_plain

SEND, FOLLOW = "/toi-gian/gui", "/toi-gian/theo-doi"
NUMBER, RECEIPT = r"PA-\w{4}-\w\w", r"\w{4}-\w{4}-\w{4}-\w{4}"


def read(pattern: str, page: Page) -> str:
    """Return what the page says in that form."""
    found = re.search(pattern, page.text)
    assert found, page.text
    return found[0]


def assert_sent(page: Page) -> tuple[str, str]:
    """Return number and receipt of a page that says it was sent."""
    assert page.status == 200 and "<h1>Đã gửi</h1>" in page.html, page.text
    assert_plain(page)
    assert page.headers["cache-control"] == "no-store"
    return read(NUMBER, page), read(RECEIPT, page)


async def test_the_whole_way_from_choosing_to_the_answer(visitor: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    found = await visitor.get(SEND, tim="phu xuan hue")
    link = re.search(r'href="(/toi-gian/gui\?noi=\w+)"><b>Phường Phú Xuân', found.html)
    page = await visitor.get(link[1])
    assert "Gửi tới Ủy ban MTTQ Việt Nam Phường Phú Xuân, vì bà con chọn nơi xảy ra ở Phường Phú Xuân" in page.text
    assert not re.search('name="consent"[^>]*checked', page.html)
    form = {**page.form(SEND), "body": BODY, "place": "Thôn 5", "phone": "0912 345 678", "consent": "1"}
    number, receipt = assert_sent(await visitor.post(SEND, form, [("a.jpg", picture("red")), ("b.png", picture("blue", kind="PNG"))]))
    assert await value("SELECT channel FROM petition") == "lite"

    page = await visitor.post(FOLLOW, {"receipt": receipt.lower().replace("-", " ")})
    assert_plain(page)
    assert page.headers["cache-control"] == "no-store" and BODY in page.text and "Báo kết quả tới: 091••• •••78" in page.text
    photos = re.findall(r'href="(/tep/[^"]+)"', page.html)
    assert len(photos) == 2
    opened = await visitor.get(photos[0].replace("&amp;", "&"))
    assert (opened.status, opened.headers["content-type"]) == (200, "image/jpeg")
    assert (await visitor.get(photos[0].split("?")[0])).status == 404  # private to who holds the receipt

    await publish(number, "Đường vào thôn 5 sạt lở")
    await answer(number, attachment=picture("green"))
    public = await visitor.get(f"/toi-gian/phan-anh/{number}")
    assert ANSWER in public.text and "0912" not in public.text
    for step in ("Đã gửi", "Tiếp nhận, bắt đầu xử lý", "Công khai nội dung", "Trả lời"):
        assert step in public.text
    files = re.findall(r'href="(/tep/[^"]+)"', public.html)
    assert len(files) == 3 and "Biên bản" in public.text
    assert [(await visitor.get(file)).status for file in files] == [200, 200, 200]

    statements: list[str] = []
    stop = count_statements(statements)
    page = await visitor.post(FOLLOW, page.form(FOLLOW))
    stop()
    assert ANSWER in page.text and BODY in page.text and len(re.findall('href="/tep/', page.html)) == 3
    assert len(statements) <= 9  # five to read, four to count the tries of this network address
    assert number in (await visitor.get("/toi-gian")).html
    assert receipt not in caplog.text and receipt.replace("-", "") not in caplog.text


async def test_a_form_sent_fifty_times_is_one_petition(visitor: Visitor) -> None:
    form = {**(await visitor.get(SEND, noi=PHU_XUAN)).form(SEND), "body": BODY}
    photo = [("a.jpg", picture())]
    pages = await asyncio.gather(*[visitor.post(SEND, form, photo) for _ in range(10)])
    pages += [await visitor.post(SEND, form, photo) for _ in range(40)]
    assert len({assert_sent(page) for page in pages}) == 1
    assert len({page.html for page in pages}) == 1
    assert await count_petitions() == 1
    assert await value("SELECT count(*) FROM stored_file") == 1


async def test_the_rich_form_without_its_script_loses_nothing(visitor: Visitor) -> None:
    # What its fields send by themselves: no key, no unit but what was typed, phone and e-mail apart.
    typed = {
        "website": "", "kind": "kien_nghi", "body": BODY, "place": "Thôn 5", "unit_text": "phú xuân", "unit": "", "unit_path": "",
        "phone": "", "email": "ba.tu@vidu.vn", "consent": "on",
    }
    page = await visitor.post(SEND, typed, [("a.jpg", picture())])
    assert page.status == 200 and await count_petitions() == 0
    assert_plain(page)
    form = page.form(SEND)
    assert "unit" not in form and "Thành phố Huế" in page.text  # several are called so: one has to be chosen
    unchosen = await visitor.post(SEND, form, [])
    assert unchosen.status == 422 and "Bà con chọn một nơi trong danh sách" in unchosen.text
    form = unchosen.form(SEND)
    page = await visitor.post(SEND, {**form, "unit": PHU_XUAN}, [])
    assert "Gửi tới Ủy ban MTTQ Việt Nam Phường Phú Xuân, vì" in page.text and await count_petitions() == 0
    number, receipt = assert_sent(await visitor.post(SEND, page.form(SEND), []))
    found = await visitor.post(FOLLOW, {"receipt": receipt})
    assert "Kiến nghị" in found.text and BODY in found.text and "Thôn 5" in found.text and "b•••@vidu.vn" in found.text
    assert await value("SELECT count(*) FROM stored_file") == 1
    assert await count_petitions() == 1


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("phường phú xuân huế", "Ủy ban MTTQ Việt Nam Phường Phú Xuân"),
        ("phuong truc bach quan ba dinh", "Ủy ban MTTQ Việt Nam Phường Ba Đình"),
        ("hải châu", "trước là"),
    ],
)
async def test_a_unit_is_found_by_what_people_call_it(visitor: Visitor, typed: str, words: str) -> None:
    page = await visitor.post(SEND, {"kind": "cau_hoi", "body": BODY, "unit_text": typed}, [])
    assert page.status == 200 and words in page.text and page.form(SEND)["body"] == BODY


async def test_another_unit_can_be_chosen_with_everything_kept(visitor: Visitor) -> None:
    form = {**(await visitor.get(SEND, noi=PHU_XUAN)).form(SEND), "body": BODY, "email": "ba.tu@vidu.vn", "tim": "hải châu"}
    page = await visitor.post(SEND, form, [("a.jpg", picture())])
    kept = page.form(SEND)
    assert page.status == 200 and (kept["body"], kept["email"], kept["key"]) == (BODY, "ba.tu@vidu.vn", form["key"])
    assert "consent" not in page.text and await count_petitions() == 0  # no word yet about what is missing
    code = re.search(r'value="(\d{5})"[^>]*> <span><b>Phường Hải Châu', page.html)[1]
    page = await visitor.post(SEND, {**kept, "unit": code, "consent": "1"}, [])
    assert "Gửi tới Ủy ban MTTQ Việt Nam Phường Hải Châu, vì" in page.text and await count_petitions() == 0
    assert_sent(await visitor.post(SEND, page.form(SEND), []))
    assert await value("SELECT unit_path FROM petition") == f"vn/48/{code}/"
    assert await value("SELECT count(*) FROM stored_file") == 1


@pytest.mark.parametrize(
    ("changes", "name", "words"),
    [
        ({"body": ""}, "body", "Bà con ghi nội dung muốn gửi"),
        ({"body": "hỏng"}, "body", "Nội dung ngắn quá"),
        ({"body": "\x00\x1b\u202e \u200b"}, "body", "Bà con ghi nội dung muốn gửi"),
        ({"body": "đường hỏng " * 1000}, "body", "vượt giới hạn 5.000 ký tự"),
        ({"body": "a" * 60_000}, "body", "tối đa 5.000 ký tự"),
        ({"kind": "to_cao"}, "kind", "Tố cáo được giải quyết theo Luật Tố cáo"),
        ({"kind": "gop_y"}, "kind", "Bà con chọn: phản ánh, kiến nghị hoặc câu hỏi"),
        ({"phone": "12345"}, "phone", "Số điện thoại chưa đúng"),
        ({"email": "a@b"}, "email", "Địa chỉ thư điện tử chưa đúng"),
        ({"phone": "0912345678"}, "consent", "Bà con đánh dấu đồng ý"),
        ({"place": "x" * 300}, "place", "vượt giới hạn 200 ký tự"),
        ({"website": "http://x"}, "body", "Có ô ẩn đã bị điền"),
        ({"unit": "99999"}, "tim", "Không có đơn vị mang mã “99999”"),
        ({"unit": "'; --"}, "tim", "Không có đơn vị mang mã"),
        ({"unit": ""}, "tim", "Bà con chọn nơi gửi tới"),
        ({"unit": "", "unit_text": "xyzxyz"}, "tim", "Không thấy nơi nào tên “xyzxyz”"),
    ],
)
async def test_a_wrong_field_is_named_and_everything_typed_stays(visitor: Visitor, changes: dict[str, str], name: str, words: str) -> None:
    typed = {"body": f"{BODY} {HOSTILE}", "place": HOSTILE, **changes}
    page = await visitor.send(typed, [("IMG_1.jpg", picture())])
    assert page.status == 422 and words in page.text, page.text
    assert f'<li><a href="#{name}">' in page.html  # the summary on top links to the field …
    assert any(at.get("id") == name for _, at in page.tags())
    if name != "body" or "website" not in changes:  # … which is marked and says it too
        assert any(at.get("id") == name and at.get("aria-invalid") == "true" for _, at in page.tags()) or name == "kind"
    assert f'id="{name}-loi"' in page.html
    kept = page.form(SEND)
    assert kept["place"] == typed["place"]
    assert kept["body"] == re.sub(r"[\x00\x1b]", "", typed["body"]).replace("\r\n", "\n")
    assert await count_petitions() == 0
    if len(typed["body"]) <= 5_000:
        assert_plain(page)
    if "website" in changes:
        return  # a program's pictures are not even looked at
    assert "IMG_1.jpg" in page.text
    mended = {"body": BODY, "place": "", "kind": "phan_anh", "phone": "", "email": "", "unit": PHU_XUAN, "website": ""}
    page = await visitor.post(SEND, {**kept, **mended}, [])
    if "<h1>Đã gửi</h1>" not in page.html:  # where it goes had not been shown yet
        page = await visitor.post(SEND, page.form(SEND), [])
    assert_sent(page)
    assert (await count_petitions(), await value("SELECT count(*) FROM stored_file")) == (1, 1)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("thu.jpg", b"<svg onload=alert(1)>", "Ảnh thứ 2: Tệp “thu.jpg” không phải ảnh"),
        ("rong.jpg", b"", "Ảnh thứ 2: Tệp “rong.jpg” không có nội dung"),
        ("hong.jpg", picture()[:300], "Ảnh thứ 2: Ảnh “hong.jpg” bị hỏng"),
        ("bom.png", bomb(), "Ảnh thứ 2: Ảnh “bom.png” có quá nhiều điểm ảnh"),
    ],
)
async def test_a_photo_that_is_none_is_named_and_the_good_ones_stay(visitor: Visitor, name: str, data: bytes, words: str) -> None:
    page = await visitor.send(photos=[("tốt.jpg", picture()), (name, data)])
    assert page.status == 422 and words in page.text and "tốt.jpg" in page.text
    assert await count_petitions() == 0
    assert_sent(await visitor.post(SEND, page.form(SEND), []))
    assert await value("SELECT count(*) FROM stored_file") == 1


async def test_more_photos_than_allowed(visitor: Visitor) -> None:
    shades = ("red", "green", "blue", "white", "black", "orange", "purple")
    page = await visitor.send(photos=[(f"{shade}.jpg", picture(shade)) for shade in shades])
    assert page.status == 422 and "tối đa 5 ảnh: đã giữ 5 ảnh đầu" in page.text
    form = page.form(SEND)
    assert len(form["anh"]) == 5 and "orange.jpg" not in page.text
    drop = re.search(r'red\.jpg\s*<label[^>]*><input type="checkbox" name="bo" value="(\w+)"> <span>Bỏ ảnh 1<', page.html)[1]
    page = await visitor.post(SEND, {**form, "bo": drop, "body": ""}, [("purple.jpg", picture("purple")), ("green.jpg", picture("green"))])
    assert "red.jpg" not in page.text and page.text.count("green.jpg") == 1 and "purple.jpg" in page.text
    assert_sent(await visitor.post(SEND, {**page.form(SEND), "body": BODY}, []))
    assert await value("SELECT count(*) FROM stored_file") == 5
    too_many = await visitor.send(photos=[("x.jpg", picture())] * 20)
    assert too_many.status == 413 and "Bấm nút quay lại" in too_many.text
    assert_plain(too_many)


async def test_a_kept_photo_cannot_be_made_up(visitor: Visitor) -> None:
    page = await visitor.send({"body": ""}, [("a.jpg", picture())])
    sealed = page.form(SEND)["anh"]
    for wrong in ("x", sealed[:-8] + "AAAAAAA=", "é", ""):
        again = await visitor.post(SEND, {**page.form(SEND), "body": BODY, "anh": wrong}, [])
        assert again.status == 422 and "Bà con chọn lại ảnh đó" in again.text
    assert await count_petitions() == 0


async def test_a_photo_kept_too_long_has_to_be_chosen_again(visitor: Visitor) -> None:
    page = await visitor.send({"body": ""}, [("a.jpg", picture())])
    form = {**page.form(SEND), "body": BODY}
    sent = await visitor.post(SEND, form, [])
    assert_sent(sent)
    other = await visitor.send({"body": ""}, [("b.jpg", picture("blue"))])
    clock.freeze(clock.now() + timedelta(days=2))
    await files.sweep_orphans(older_than=-1)
    assert (await visitor.post(SEND, form, [])).html == sent.html  # a tab that is opened again days later
    late = await visitor.post(SEND, {**other.form(SEND), "body": BODY}, [])
    assert late.status == 422 and "Bà con chọn lại ảnh đó" in late.text
    assert await count_petitions() == 1


async def test_going_back_and_changing_the_text_makes_something_new_only_on_purpose(visitor: Visitor) -> None:
    form = {**(await visitor.get(SEND, noi=PHU_XUAN)).form(SEND), "body": BODY}
    number, _ = assert_sent(await visitor.post(SEND, form, []))
    page = await visitor.post(SEND, {**form, "body": f"{BODY} Thêm nữa."}, [])
    assert page.status == 409 and number in page.text and await count_petitions() == 1
    again = page.form(SEND)
    assert again["body"] == f"{BODY} Thêm nữa." and again["key"] != form["key"]
    assert assert_sent(await visitor.post(SEND, again, []))[0] != number
    assert await count_petitions() == 2


async def test_too_many_from_one_network(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "submissions_per_address", 1)
    assert_sent(await visitor.send())
    page = await visitor.send({"body": f"{BODY} Việc thứ hai."}, [("a.jpg", picture())])
    assert page.status == 429 and int(page.headers["retry-after"]) > 0 and "Bà con chờ ít phút" in page.text
    assert page.form(SEND)["body"] == f"{BODY} Việc thứ hai." and "a.jpg" in page.text
    for _ in range(2):
        page = await visitor.send({"body": ""}, [("b.jpg", picture("blue"))])
    assert "vừa gửi lên quá nhiều ảnh" in page.text
    assert await count_petitions() == 1


async def test_a_unit_that_is_no_more(visitor: Visitor, units_db: str) -> None:
    form = {**(await visitor.get(SEND, noi=PHU_XUAN)).form(SEND), "body": BODY}
    before = {**(await visitor.get(SEND, noi=PHU_XUAN)).form(SEND), "body": BODY}
    sent = await visitor.post(SEND, before, [])
    with psycopg.connect(units_db) as connection:
        for table in ("unit", "unit_version"):
            connection.execute(f"UPDATE {table} SET valid_to = '2026-01-01' WHERE code = '{PHU_XUAN}'")
    page = await visitor.post(SEND, form, [])
    assert page.status == 422 and "Phường Phú Xuân không còn từ ngày 01/01/2026" in page.text
    assert page.form(SEND)["body"] == BODY and await count_petitions() == 1
    assert (await visitor.post(SEND, before, [])).html == sent.html  # what was acknowledged once is acknowledged again
    assert "Phường Phú Xuân không còn từ ngày 01/01/2026" in (await visitor.get(SEND, noi=PHU_XUAN)).text


async def test_broken_forms(visitor: Visitor) -> None:
    url_encoded = "application/x-www-form-urlencoded"
    for body, kind in ((b"x", "text/plain"), (b"--x\r\nbroken", "multipart/form-data; boundary=x"), (b"a=%ff", url_encoded)):
        visitor.headers["content-type"] = kind
        page = await visitor._ask("POST", SEND, content=body)
        assert 400 <= page.status < 500 and "Bấm nút quay lại" in page.text
        assert_plain(page)
    del visitor.headers["content-type"]
    huge = await visitor.send({"body": "a" * 70_000})
    assert huge.status == 413 and "quá dài" in huge.text
    assert await count_petitions() == 0


async def test_the_longest_texts_fit_the_budget(visitor: Visitor) -> None:
    body, reply = ("Đường vào thôn năm bị sạt lở. " * 200)[:5000], ("Ủy ban đã kiểm tra và xử lý. " * 1000)[:20_000]
    number, receipt = assert_sent(await visitor.send({"body": body}))
    await publish(number, "Đường vào thôn 5 sạt lở", body)
    await answer(number, reply)
    for page in (await visitor.get(f"/toi-gian/phan-anh/{number}"), await visitor.post(FOLLOW, {"receipt": receipt})):
        assert reply.strip() in page.text and page.size <= BUDGET


@pytest.mark.parametrize("typed", ["", "0000-0000-0000-0000", "x" * 1000, "\x00'\"<b>", "0000-0000-0000-000é"])
async def test_a_wrong_receipt(visitor: Visitor, typed: str) -> None:
    page = await visitor.post(FOLLOW, {"receipt": typed})
    assert page.status == 404 and "Không có phản ánh nào với mã biên nhận này" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert_plain(page)


async def test_receipts_cannot_be_guessed_at_leisure(visitor: Visitor) -> None:
    statuses = [(await visitor.post(FOLLOW, {"receipt": "0000-0000-0000-0000"})).status for _ in range(61)]
    assert statuses == [404] * 60 + [429]
    assert (await Visitor(visitor.app, address="10.9.9.9").post(FOLLOW, {"receipt": "0"})).status == 404
    assert (await visitor.get(FOLLOW, receipt="0000-0000-0000-0000")).status == 200  # an address is never read as a receipt


async def test_no_door_answers_a_foreign_page(visitor: Visitor) -> None:
    stranger: Any = Visitor(visitor.app, origin="https://nguoi-khac.example")
    for address in (SEND, FOLLOW):
        page = await stranger.post(address, {"receipt": "0"})
        assert page.status == 403
        assert_plain(page)
    assert await count_petitions() == 0
