from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

from mattranso_app.core import search
from mattranso_app.core.db import count_statements
from mattranso_app.petitions import load
from tests.lite.factories import ORIGIN, PHU_XUAN, Page, Visitor, answer, publish

BUDGET = 60_000
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}</textarea>'


async def sent_number(visitor: Visitor, **fields: str) -> str:
    page = await visitor.send(fields)
    return re.search(r"PA-\w{4}-\w\w", page.text)[0]


def assert_plain(page: Page) -> None:
    """What holds for every page of ours."""
    assert page.size <= BUDGET
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    tags = page.tags()
    assert not {tag for tag, _ in tags} & {"script", "iframe", "object", "embed", "img", "base"}
    for _, attributes in tags:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        for name in ("href", "src", "action"):
            assert re.match("[/#]|$", attributes.get(name) or "") and not (attributes.get(name) or "").startswith("//")
    assert ("html", {"lang": "vi"}) in tags and [tag for tag, _ in tags].count("h1") == 1
    assert len({at["id"] for _, at in tags if "id" in at}) == len([at for _, at in tags if "id" in at])
    style = re.search("<style>(.*?)</style>", page.html, re.S)[1]
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src" not in policy and "unsafe" not in policy
    assert base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() in policy


async def test_every_page_is_plain_small_and_cheap(visitor: Visitor, units_db: str) -> None:
    await asyncio.to_thread(load.seed_petitions, units_db, 120, seed=1)
    await search.reindex("petitions")
    number = await sent_number(visitor)
    await publish(number, "Đường vào thôn 5 sạt lở")
    await answer(number)
    await visitor.get("/toi-gian/gui", tim="hai chau")  # the index of units is made once for each process
    for address in (
        "/toi-gian", "/toi-gian/phan-anh", "/toi-gian/phan-anh?q=đường", f"/toi-gian/phan-anh?q={number}",
        f"/toi-gian/phan-anh?noi={PHU_XUAN}&loai=phan_anh&trang-thai=da-tra-loi", f"/toi-gian/phan-anh/{number}",
        "/toi-gian/gui", "/toi-gian/gui?tim=phu xuan", "/toi-gian/gui?tinh=01", f"/toi-gian/gui?noi={PHU_XUAN}", "/toi-gian/theo-doi",
    ):
        statements: list[str] = []
        stop = count_statements(statements)
        page = await visitor.get(address)
        stop()
        assert page.status == 200, address
        assert_plain(page)
        assert len(statements) <= 5, (address, statements)
        head = await visitor.get(address, method="HEAD")
        assert (head.status, head.headers["content-type"]) == (200, page.headers["content-type"])


async def test_the_list_comes_in_pages_without_gap_or_repetition(visitor: Visitor, units_db: str) -> None:
    await asyncio.to_thread(load.seed_petitions, units_db, 120, seed=1)
    seen: list[str] = []
    address: str | None = "/toi-gian/phan-anh"
    while address:
        page = await visitor.get(address)
        found = re.findall(r"/toi-gian/phan-anh/(PA-[^\"]+)", page.html)
        assert 0 < len(found) <= 20
        seen += found
        following = re.search(r'href="([^"]*tiep=[^"]*)">Xem tiếp', page.html)
        address = following[1].replace("&amp;", "&") if following else None
    total = json.loads((await visitor.get("/api/v1/petitions")).html)["total"]
    assert len(seen) == len(set(seen)) == total > 40
    answered = await visitor.get("/toi-gian/phan-anh", **{"trang-thai": "da-tra-loi"})
    assert "Đang xử lý" not in re.findall('class="pill[^>]*>([^<]*)', answered.html)


async def test_searching(visitor: Visitor, tmp_path: Path) -> None:
    (tmp_path / "search" / "petitions").mkdir(parents=True)
    number = await sent_number(visitor)
    await publish(number, "Đường vào thôn 5 sạt lở")
    page = await visitor.get("/toi-gian/phan-anh", q="duong sat lo")
    assert page.status == 200 and "Chỉ mục tìm kiếm đang được dựng" in page.text and number in page.html  # no index yet: the list stays
    await search.reindex("petitions")
    page = await visitor.get("/toi-gian/phan-anh", q="duong sat lo")
    assert number in page.html and "1 phản ánh" in page.text and 'value="duong sat lo"' in page.html
    assert number in (await visitor.get("/toi-gian/phan-anh", q=number.lower().replace("-", " "))).html
    assert "Không có phản ánh nào như vậy" in (await visitor.get("/toi-gian/phan-anh", q="trực thăng")).text


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/toi-gian/phan-anh?tiep=xxx", 400, "Bà con mở lại danh sách từ đầu"),
        ("/toi-gian/phan-anh?tiep=" + "A" * 500, 400, "Giá trị không hợp lệ"),
        ("/toi-gian/phan-anh?loai=to_cao", 400, "Giá trị không hợp lệ"),
        ("/toi-gian/phan-anh?noi=99999", 404, "Không có đơn vị mang mã “99999”"),
        ("/toi-gian/phan-anh?q=" + "a" * 300, 400, "Giá trị không hợp lệ"),
        ("/toi-gian/phan-anh?q=%00%1b&fbclid=1", 200, "Chưa có|phản ánh"),
        ("/toi-gian/phan-anh/PA-0000-00", 404, "Không tìm thấy phản ánh này"),
        ("/toi-gian/phan-anh/%00" + "x" * 300, 404, "Không tìm thấy phản ánh này"),
        ("/toi-gian/khong-co", 404, "Không có trang này"),
        ("/toi-gian/gui?noi=99999", 404, "Không có đơn vị mang mã “99999”"),
        ("/toi-gian/gui?noi=%00'--", 404, "Không có đơn vị"),
        ("/toi-gian/gui?tinh=77", 404, "Không có tỉnh, thành phố này"),
        ("/toi-gian/gui?tinh=%00", 400, "Giá trị không hợp lệ"),
        ("/toi-gian/gui?tim=zzzz", 200, "Không thấy nơi nào tên “zzzz”"),
    ],
)
async def test_wrong_addresses_get_a_page_that_says_what_to_do(visitor: Visitor, address: str, status: int, words: str) -> None:
    page = await visitor.get(address)
    assert page.status == status
    assert re.search(words, page.text)
    assert_plain(page)


async def test_errors_of_the_layers_around_are_pages_too(visitor: Visitor) -> None:
    foreign = await Visitor(visitor.app, origin="https://nguoi-khac.example").send()
    assert foreign.status == 403 and "Bấm nút quay lại" in foreign.text
    assert_plain(foreign)
    other = await visitor.get("/toi-gian/gui", method="PUT")
    assert other.status == 405
    assert_plain(other)
    assert (await visitor.get("/toi-gian/gui/")).headers["location"] == f"{ORIGIN}/toi-gian/gui".removeprefix(ORIGIN)
    elsewhere = await Visitor(visitor.app, origin="https://nguoi-khac.example").post("/phan-anh/gui", {})
    assert elsewhere.headers["content-type"] == "application/problem+json"


async def test_hostile_text_is_only_text(visitor: Visitor) -> None:
    number = await sent_number(visitor, body=f"{HOSTILE} đường hỏng nặng", place=HOSTILE)
    await publish(number, HOSTILE, f"{HOSTILE} đường hỏng nặng", HOSTILE)
    await answer(number, f"{HOSTILE} đã xem xét và giải quyết")
    await search.reindex("petitions")
    for address in ("/toi-gian", "/toi-gian/phan-anh", f"/toi-gian/phan-anh/{number}"):
        page = await visitor.get(address)
        assert_plain(page)
        assert "<img" not in page.html and "{{ 7*7 }}" in page.text and "alert(1)" in page.text
    for address, name in (("/toi-gian/phan-anh", "q"), ("/toi-gian/gui", "tim")):
        page = await visitor.get(address, **{name: HOSTILE})
        assert_plain(page)
        assert "<img" not in page.html


async def test_what_is_not_public_is_not_shown(visitor: Visitor) -> None:
    number = await sent_number(visitor)
    page = await visitor.get(f"/toi-gian/phan-anh/{number}")
    assert page.status == 200 and "Nội dung sẽ được công khai sau" in page.text
    assert "thôn 5" not in page.html and "0912" not in page.html
    await publish(number, "Đường vào thôn 5 sạt lở")
    page = await visitor.get(f"/toi-gian/phan-anh/{number}")
    assert "thôn 5" in page.html and "0912" not in page.html


async def test_pages_are_sent_small_to_who_can_unpack_them(visitor: Visitor, units_db: str) -> None:
    await asyncio.to_thread(load.seed_petitions, units_db, 60, seed=1)
    plain = await visitor.get("/toi-gian/phan-anh")
    visitor.headers["accept-encoding"] = "gzip, br"
    packed = await visitor.get("/toi-gian/phan-anh")
    assert packed.html == plain.html and packed.size < plain.size / 2 and packed.headers["vary"] == "Accept-Encoding"
