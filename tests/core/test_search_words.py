"""What people type finds what they mean: marks or none, both tone placements, keys of a keyboard that was off."""

from __future__ import annotations

import random
import string
import unicodedata
from datetime import UTC, datetime

import pytest
import tantivy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mattranso_app.core import search
from mattranso_app.core.search import place
from mattranso_app.core.search.index import entry, schema
from mattranso_app.core.text import fold
from mattranso_app.petitions.samples import make_sample
from tests.core.search_fixtures import shelf  # noqa: F401
from tests.core.search_shelf import find, follow, put

pytestmark = pytest.mark.usefixtures("shelf")


@pytest.mark.parametrize(
    "typed",
    [
        "nước sạch",
        "nuoc sach",
        "NƯỚC SẠCH",
        unicodedata.normalize("NFD", "nước sạch"),
        "nuoc, sach!",
        "nuowcs sachj",
        "nu7o71c sa5ch",
        "hoà bình",
        "hòa bình",
        "hoa binh",
        unicodedata.normalize("NFD", "hoà bình"),
        "thuỷ lợi",
        "thủy lợi",
        "đường",
        "duong",
        "dduwowngf",
        "ĐƯỜNG",
        "Ea H’leo",
        "ea hleo",
        "nuoc sach o dau day",
    ],
)
async def test_every_way_of_typing_finds_it(typed: str) -> None:
    await put("Thuỷ lợi xã Hòa Bình: đường ống nước sạch, buôn Ea H'leo", "Chuyện khác hẳn", "Rác thải")
    await follow()
    assert (await find(typed))[:1] == [1]


async def test_texts_in_any_form_are_found() -> None:
    await put(unicodedata.normalize("NFD", "Đường vào chợ"), "DUONG VAO CHO", "đ­ường vào chợ", "Chợ đêm")
    await follow()
    assert set(await find("đường vào")) == set(await find("duong vao")) == {1, 2, 3}


async def test_the_marked_match_comes_first_where_words_differ() -> None:
    await put("Nam giới họp nhóm", "Năm học mới bắt đầu", "Nấm rơm mùa mưa")
    await follow()
    assert (await find("năm"))[0] == 2
    assert (await find("nấm"))[0] == 3
    assert set(await find("nam")) == {1, 2, 3}


async def test_marks_on_one_tone_placement_match_the_other_before_the_unmarked() -> None:
    await put("Khu hoa kiểng", "Khu hoà giải", "Khu hỏa hoạn")
    await follow()
    assert (await find("hòa"))[0] == (await find("hoà"))[0] == 2


async def test_quotes_ask_for_neighbours() -> None:
    await put("Nước máy sạch", "Máy bơm nước sạch", "Sạch nước")
    await follow()
    assert await find('"nước sạch"') == await find("“nuoc sach”") == [2]
    assert set(await find("nước sạch")) == {1, 2, 3}
    assert set(await find('"máy" nước')) == {1, 2}


async def test_the_more_telling_words_the_better() -> None:
    await put("Đèn đường hỏng", "Đèn đường ở chợ cũ hỏng", "Đường vào chợ")
    await follow()
    assert (await find("đèn đường chợ cũ"))[0] == 2


async def test_half_of_the_telling_words_must_occur() -> None:
    await put("Mất nước ở thôn Đoài", "Rác ở thôn Đoài", *(f"Thôn số {number}" for number in range(20)))
    await follow()
    assert await find("nước mùi tanh đoài") == [1]


async def test_frequent_words_alone_still_find() -> None:
    await put(*(f"Không có đường {number}" for number in range(50)), "Không sáng đèn")
    await follow()
    page = await search.query("shelf", "không", limit=20)
    assert page.total == 51 and len(page.hits) == 20
    assert await find("không sáng") == [51]


async def test_newer_ones_come_first_among_equals() -> None:
    index = place.new("shelf")
    writer = tantivy.Index(schema(), path=str(index)).writer(num_threads=1)
    for ref, year in enumerate((2024, 2026, 2025)):
        writer.add_document(entry(search.Document(str(ref), "Đèn đường hỏng", "", {}, datetime(year, 5, 1, tzinfo=UTC))))
    writer.commit()
    place.make_current("shelf", index)
    assert await find("đèn đường") == [1, 2, 0]


async def test_any_words_of_a_text_in_quotes_find_it() -> None:
    chance = random.Random(11)
    samples = [make_sample(chance) for _ in range(80)]
    await put(*(f"{sample.title}\n{sample.body}" for sample in samples))
    await follow()
    for number, sample in enumerate(samples, 1):
        words = sample.body.replace(".", " ").split()
        start = chance.randrange(len(words) - 2)
        typed = " ".join(words[start : start + 3])
        shape = chance.choice((str, str.upper, fold, lambda each: unicodedata.normalize("NFD", each)))
        assert number in await find(f'"{shape(typed)}"', limit=100), typed


UGLY = (
    "", " ", "\0", "\x07\x1b[31m", '"', '""', '"""', "“", "(", ")))", "a AND", "NOT", "OR OR", "title:", "+ - ! ^ ~ * ? : \\ /", "[a TO",
    "{", "facet:unit=1", "\\", "*", "?*", "a~99", "^^", "\ud800", "\udfff nước", "ế" * 10_000, "a " * 5_000, '"' * 10_000, "\u202e\u200b",
    "💧🚰", "'; DROP TABLE petition; --", "<script>", "%00", "ﷺ" * 50, "e" + "\u0301" * 500, "1e309", "-1", "\t\n\r",
)  # fmt: skip


@pytest.mark.parametrize("typed", UGLY, ids=range(len(UGLY)))
async def test_garbage_finds_something_or_nothing(typed: str) -> None:
    await put("Nước sạch", "Đường ống")
    await follow()
    page = await search.query("shelf", typed)
    assert page.total == len(page.hits) <= 2 and not page.total_capped


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(max_size=60), st.text(alphabet=string.punctuation + "nước đường ", max_size=40)))
async def test_whatever_is_typed_is_answered(typed: str) -> None:
    if place.current("shelf") is None:
        await put("Nước sạch", "Đường ống")
        await follow()
    assert (await search.query("shelf", typed)).total <= 2


async def test_the_page_asked_for() -> None:
    await put(*(f"Nước số {number}" for number in range(45)))
    await follow()
    pages = [await search.query("shelf", "nước", limit=20, offset=offset) for offset in (0, 20, 40, 10**9)]
    assert [len(page.hits) for page in pages] == [20, 20, 5, 0]
    assert len({hit.ref for page in pages for hit in page.hits}) == 45
    assert {page.total for page in pages} == {45}


async def test_counted_up_to_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mattranso_app.core.search.index.COUNT_CAP", 10)
    await put(*(f"Nước số {number}" for number in range(12)))
    await follow()
    page = await search.query("shelf", "nước")
    assert (page.total, page.total_capped) == (10, True)


async def test_filters_hold_inside_the_query() -> None:
    await put(*(f"Nước {number}" for number in range(60)), room="a")
    await put(*(f"Nước {number} ở cuối đường rất dài và xa" for number in range(5)), room="b", first=100)
    await follow()
    page = await search.query("shelf", "nước", facets={"room": "b"}, limit=20)
    assert page.total == 5 and {int(hit.ref) for hit in page.hits} == set(range(100, 105))
    assert await find("nước", facets={"room": "c"}) == []
    assert await find("nước", facets={"room": 'b" OR facet:"room=a'}) == []
