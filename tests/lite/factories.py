"""A visitor whose browser runs no script: it opens addresses, reads forms out of pages and sends them as they stand there."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import httpx
from PIL import Image
from sqlalchemy import text
from starlette.types import ASGIApp

from mattranso_app.core import db, files
from mattranso_app.core.access import Actor, Grant, Role
from mattranso_app.petitions import service

ORIGIN = "http://localhost:8000"
PHU_XUAN, PHU_XUAN_PATH = "19753", "vn/46/19753/"
BODY = "Đường vào thôn 5 sạt lở từ sáng thứ Hai, xe máy không đi được. Gọi tôi số 0912 345 678."
ANSWER = "Ủy ban đã kiểm tra ngày 20/11/2026 và bắt đầu gia cố taluy, dự kiến xong trong tháng 12."

Upload = tuple[str, bytes]


@dataclass
class Page:
    """A page as it came: its status, headers, text and forms."""

    status: int
    headers: httpx.Headers
    html: str
    size: int

    def form(self, action: str, method: str = "post") -> dict[str, str | list[str]]:
        """Return what the form for `action` would send as it stands."""
        reader = _Forms()
        reader.feed(self.html)
        return next(fields for (where, how), fields in reader.forms if (where, how) == (action, method))

    def tags(self) -> list[tuple[str, dict[str, str | None]]]:
        """Return every element's name and attributes, as a browser reads them."""
        reader = _Tags()
        reader.feed(self.html)
        return reader.found

    @property
    def text(self) -> str:
        """What a person reads."""
        reader = _Words()
        reader.feed(self.html)
        return " ".join(" ".join(reader.words).split())


@dataclass
class Visitor:
    """One browser without script."""

    app: ASGIApp
    address: str = "10.0.0.1"
    origin: str | None = ORIGIN
    headers: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, method: str = "GET", **parameters: str) -> Page:
        """Open an address."""
        return await self._ask(method, path, params=parameters or None)

    async def post(self, path: str, fields: dict[str, Any], photos: list[Upload] | None = None) -> Page:
        """Send a form; with files as a browser sends them, else URL-encoded."""
        if photos is None:
            return await self._ask("POST", path, data=fields)
        parts: list[tuple[str, Any]] = [("photo", (name, data, "image/jpeg")) for name, data in photos]
        parts = parts or [("photo", ("", b"", "application/octet-stream"))]
        return await self._ask("POST", path, data=fields, files=parts)

    async def send(self, fields: dict[str, Any] | None = None, photos: list[Upload] | None = None, unit: str = PHU_XUAN) -> Page:
        """Fill in the form of `unit` and press "Gửi"."""
        form = (await self.get("/toi-gian/gui", noi=unit)).form("/toi-gian/gui")
        return await self.post("/toi-gian/gui", {**form, "body": BODY, **(fields or {})}, photos or [])

    async def _ask(self, method: str, path: str, **more: Any) -> Page:
        headers = {"accept": "text/html", "accept-encoding": "identity", **self.headers}
        if method == "POST" and self.origin is not None:
            headers["origin"] = self.origin
        transport = httpx.ASGITransport(self.app, client=(self.address, 40000))
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            answer = await client.request(method, path, headers=headers, **more)
        return Page(answer.status_code, answer.headers, answer.text, int(answer.headers.get("content-length", len(answer.content))))


class _Forms(HTMLParser):
    """Collects forms with what they hold: text, hidden and ticked values. Buttons and file boxes send nothing of themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[tuple[str, str], dict[str, Any]]] = []
        self._area = ""
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = dict(attrs)
        name = at.get("name") or ""
        if tag == "form":
            self.forms.append(((at.get("action") or "", at.get("method") or "get"), {}))
        elif tag == "textarea":
            self._area = name
            self._put(name, "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in at or self._select not in self.forms[-1][1]):
            self.forms[-1][1][self._select] = at.get("value") or ""
        elif tag == "input" and name and at.get("type") != "file" and (at.get("type") not in ("radio", "checkbox") or "checked" in at):
            self._put(name, at.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            held = self.forms[-1][1][self._area] + data
            self.forms[-1][1][self._area] = held.removeprefix("\n") if held == data else held

    def _put(self, name: str, value: str) -> None:
        held = self.forms[-1][1]
        if name not in held:
            held[name] = value
        else:
            held[name] = [*(held[name] if isinstance(held[name], list) else [held[name]]), value]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden = tag in ("style", "title")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)


def picture(colour: str = "red", size: tuple[int, int] = (64, 48), kind: str = "JPEG") -> bytes:
    """Return a small picture."""
    stream = io.BytesIO()
    Image.new("RGB", size, colour).save(stream, kind)
    return stream.getvalue()


def bomb() -> bytes:
    """Return a small file that would become 64 million pixels."""
    stream = io.BytesIO()
    Image.new("1", (8000, 8000)).save(stream, "PNG")
    return stream.getvalue()


async def officer(name: str, role: Role) -> Actor:
    """Return an officer of Phường Phú Xuân."""
    async with db.reading() as session:
        unit = (await session.execute(text("SELECT id FROM unit WHERE code = :code"), {"code": PHU_XUAN})).scalar_one()
    return Actor(
        kind="officer", person_id=uuid4(), name=name, session_id=uuid4(), unit_id=unit, unit_path=PHU_XUAN_PATH,
        grants=(Grant(role, "mttq", PHU_XUAN_PATH),), address="10.0.0.2",
    )


async def publish(number: str, title: str, body: str = BODY, place: str = "") -> None:
    """Take a petition up and publish its question."""
    handler = await officer("Chị Hà", Role.HANDLER)
    await service.take_up(handler, number, await version(number))
    await service.publish_question(handler, number, await version(number), title, body, place)


async def answer(number: str, words: str = ANSWER, attachment: bytes | None = None) -> None:
    """Answer a published petition, approved by somebody else."""
    handler, approver = await officer("Chị Hà", Role.HANDLER), await officer("Anh Phúc", Role.APPROVER)
    attached = []
    if attachment is not None:
        prepared = await files.prepare(attachment, "Biên bản.jpg", files.Purpose.ATTACHMENT)
        attached.append(await service.attach_evidence(handler, number, prepared))
    await service.submit_answer(handler, number, await version(number), "solved", words, attached)
    await service.approve_answer(approver, number, await version(number))


async def version(number: str) -> int:
    """Return the petition's version now."""
    return int(await value("SELECT version FROM petition WHERE number = :number", number=number))


async def count_petitions() -> int:
    """Return how many petitions there are."""
    return int(await value("SELECT count(*) FROM petition"))


async def value(statement: str, **values: Any) -> Any:
    """Return the one value a query finds."""
    async with db.reading() as session:
        return (await session.execute(text(statement), values)).scalar_one()
