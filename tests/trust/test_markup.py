"""Hostile text in every field people fill: it comes out as text wherever it is shown, and nothing of it acts."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from mattranso_app.core import files
from mattranso_app.petitions import service
from tests.identity.browser import ORIGIN
from tests.trust import petitions
from tests.trust.conftest import House
from tests.trust.talk import ask
from tests.trust.test_socket import DESK, desk_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOSTILE = {
    "script": "</title></script><script>document.documentElement.dataset.hacked='1'</script>",
    "picture": "<img src=x onerror=\"document.documentElement.dataset.hacked='1'\">",
    "svg": "<svg/onload=\"document.documentElement.dataset.hacked='1'\"><a xlink:href='javascript:alert(1)'>",
    "attribute": "\" autofocus onfocus=\"document.documentElement.dataset.hacked='1'\" x=\"",
    "template": "{{7*7}} ${7*7} <%= 7*7 %> #{7*7} {% debug %}",
    "comment": "<!--><script>1</script>--> ]]> <![CDATA[<script>1</script>]]>",
    "markdown": "[bấm vào đây](javascript:alert(1)) ![](https://xau.example/x.png) <b>đậm</b>",
    "bidi": "an toàn \u202egnp.exe\u202c \u2066ẩn\u2069",
    "zero width": "s\u200bc\u200dr\ufeffi\u2060pt",
    "marks": "a" + "\u0301" * 2_000,
    "right to left": "مرحبا بالعالم שלום עולם",
    "control": "một\x07hai\x1b[31mba\x00bốn\x85năm\u2028sáu",
    "separator": "x\u2028y</script>\u2029",
}
BEFORE = "Kính gửi Mặt trận phường, xin xem giúp việc này: "


@pytest.fixture(scope="module")
def shown() -> dict[str, str]:
    """Numbers of the petitions these tests have published, by the kind of their text."""
    return {}


async def published(house: House, shown: dict[str, str], kind: str) -> str:
    """Return the number of a published and answered petition full of this kind of text; of harmless text for any other word."""
    if kind not in shown:
        words = HOSTILE.get(kind, "ba chữ thường")
        sent = await petitions.send(
            BEFORE + words, title=("Việc " + words)[:140], place=words[:180], photos=1, file_name=f"{words[:80]}.png"
        )
        await petitions.publish(house.cast, sent.number, f"Đơn vị đã xem xét và trả lời như sau: {words}")
        shown[kind] = sent.number
    return shown[kind]


class Tags(HTMLParser):
    """Collects what a browser would act on: tags, handlers, script addresses, text of scripts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.handlers: list[str] = []
        self.scripts: list[dict[str, str | None]] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        acting = [name for name, value in attrs if name.startswith("on") or (value or "").strip().lower().startswith("javascript:")]
        self.handlers += acting
        if tag == "script":
            self.scripts.append(dict(attrs))


@pytest.mark.parametrize("kind", HOSTILE)
async def test_in_the_head_of_its_page(house: House, shown: dict[str, str], kind: str) -> None:
    number = await published(house, shown, kind)
    harmless = await published(house, shown, "harmless")
    plain = await house.browser().get(f"/phan-anh/{harmless}", page=True)
    answer = await house.browser().get(f"/phan-anh/{number}", page=True)
    assert answer.status_code == 200
    expected, found = Tags(), Tags()
    expected.feed(plain.text)
    found.feed(answer.text)
    assert found.handlers == expected.handlers and found.tags == expected.tags, "the text has made tags of its own"
    assert "<" not in HOSTILE[kind] or HOSTILE[kind] not in answer.text, "the text stands there as it came"
    data = re.search(r'<script type="application/ld\+json">(.*?)</script>', answer.text, re.S)
    assert data and json.loads(data[1])["@type"] == "Question" and "<" not in data[1]


@pytest.mark.parametrize("kind", HOSTILE)
async def test_as_data_and_live(house: House, shown: dict[str, str], kind: str) -> None:
    number = await published(house, shown, kind)
    for address in (f"/api/v1/petitions/{number}", "/api/v1/petitions", f"/live/petitions/{number}.json", "/live/portal.json"):
        answer = await house.browser().get(address)
        assert answer.status_code == 200 and answer.headers["content-type"] == "application/json"
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", answer.text), "control signs in an answer"
        assert not re.search(r"[\u202a-\u202e\u2066-\u2069]", json.dumps(answer.json(), ensure_ascii=False)), "signs that turn the writing"


@pytest.mark.parametrize("kind", HOSTILE)
async def test_as_it_is_kept(house: House, shown: dict[str, str], kind: str) -> None:
    """Kept as text, letters whole, without control signs, and no letter carries a tower of marks."""
    number = await published(house, shown, kind)
    seen = await service.get_for_officer(await house.cast.actor("own handler"), number)
    for words in (seen.title, seen.body, seen.place):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]", words), kind
        assert not re.search(r"[\u0300-\u036f]{9,}", words), kind
    if kind in ("script", "picture", "svg", "template", "markdown"):
        assert HOSTILE[kind] in seen.body, "text is shown as it was written"


async def test_on_the_desk(house: House, shown: dict[str, str]) -> None:
    """The desk gets values, never markup; what draws them is React, which escapes."""
    number = await published(house, shown, "script")
    async with house.browser("own handler").socket() as socket:
        reaction = await ask(socket, f"{DESK}.load", path=desk_of(number))
    assert any(HOSTILE["script"] in value for value in reaction.values.values() if isinstance(value, str))


def test_no_view_draws_raw_markup() -> None:
    """`dangerouslySetInnerHTML`, `rx.html`, `rx.markdown` and innerHTML stand nowhere in our sources."""
    from mattranso_app.settings import ROOT

    for path in (*ROOT.glob("mattranso_app/**/*.py"), *ROOT.glob("mattranso_app/**/*.js"), *ROOT.glob("assets/**/*.js")):
        source = path.read_text()
        for word in RAW:
            assert word not in source, f"{word} in {path.relative_to(ROOT)}"


RAW = (
    "dangerouslySetInnerHTML", "dangerously_set_inner_html", "rx.html(", "rx.markdown(", "innerHTML", "insertAdjacentHTML",
    "document.write", "eval(", "new Function",
)


NAMES = {
    "path": "../../../etc/passwd.png", "windows": "C:\\a\\..\\b.png", "reserved": "con.png", "bidi": "anh\u202egnp.exe",
    "script": "<script>alert(1)</script>.png", "quote": 'a"; filename="x.exe', "lines": "a\r\nSet-Cookie: x=1.png", "zero": "a\x00.png.exe",
    "long": "à" * 900 + ".png", "empty": "", "dots": "....png", "formula": "=cmd|'/c calc'!A1.png",
}


@pytest.mark.parametrize("kind", NAMES)
async def test_names_of_files(house: House, kind: str) -> None:
    handler = await house.cast.actor("own handler")
    number = (await petitions.send("Mặt đường lún sâu trước cổng trường học.")).number
    await service.take_up(handler, number, await petitions.version(number))
    prepared = await files.prepare(petitions.picture(), NAMES[kind], files.Purpose.ATTACHMENT)
    file_id = await service.attach_evidence(handler, number, prepared)
    answer = await house.browser("own handler").get(f"/tep/{file_id}")
    named = answer.headers["content-disposition"]
    assert answer.status_code == 200 and answer.headers["content-type"] == "image/jpeg" and "set-cookie" not in answer.headers
    assert named.count("filename=") == 1 and not re.search(r"[\r\n\x00<>/\\]", named) and len(named) < 1500
    assert not re.search(r"%E2%80%AE|\.exe", named.replace("_", "")) or named.endswith(".jpg"), named
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(("name", "body"), [
    ("anh.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"), ("anh.png", b"<html><script>alert(1)</script>"),
    ("anh.jpg", b"GIF89a<script>alert(1)</script>"), ("anh.png", b"\x89PNG\r\n\x1a\n<script>alert(1)</script>"),
    ("anh.png", b"MZ" + b"\x00" * 200), ("anh.png", b""), ("a.xlsm", b"PK\x03\x04" + b"\x00" * 100),
])
async def test_photos_that_are_none_are_refused_in_words(house: House, name: str, body: bytes) -> None:
    transport = httpx.ASGITransport(house.app)
    payload = {"kind": "phan_anh", "body": "Đèn hỏng ở đầu ngõ, xin sửa giúp.", "unit": "19774"}
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        answer: Any = await client.post(
            "/phan-anh/gui", data={"payload": json.dumps(payload)}, files={"photo": (name, body, "image/png")},
            headers={"origin": ORIGIN, "idempotency-key": "k" * 22 + str(abs(hash((name, body))))},
        )
    assert answer.status_code == 422 and "photo" in answer.json()["fields"]
