"""A PDF is taken when it only shows something; what could act, is locked or cannot be read is refused."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    TextStringObject,
)

from mattranso_app.core import files
from mattranso_app.core.errors import Unavailable, Unsupported
from mattranso_app.core.files import pdf
from mattranso_app.core.files.kinds import MediaType
from tests.core.files.conftest import kept_files
from tests.core.files.pictures import packed_zeros


def written(change: Callable[[PdfWriter], object] = lambda writer: None) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    change(writer)
    data = io.BytesIO()
    writer.write(data)
    return data.getvalue()


def raw(*objects: bytes, trailer: bytes = b"/Root 1 0 R", listed: int | None = None) -> bytes:
    """A PDF of these objects, numbered from 1; only the first `listed` stand in its table."""
    data = b"%PDF-1.7\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(data)
    places = places[: listed or len(places)]
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    return data + b"trailer\n<< /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, trailer, table)


PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"


def with_open_action(action: bytes, *more: bytes) -> bytes:
    return raw(b"<< /Type /Catalog /Pages 2 0 R /OpenAction %s >>" % action, PAGES, PAGE, *more)


def packed_objects(content: bytes) -> bytes:
    """A PDF whose catalogue's action lies in a packed object stream."""
    inner = b"5 0 " + content
    packed = zlib.compress(inner)
    head = b"%PDF-1.7\n"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /OpenAction 5 0 R >>", PAGES, PAGE,
        b"<< /Type /ObjStm /N 1 /First 4 /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed),
    ]  # fmt: skip
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(head))
        head += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    rows = [b"\0\0\0\0\xff", *(b"\x01" + place.to_bytes(3, "big") + b"\0" for place in places), b"\x02\0\0\x04\0"]
    at = len(head)
    rows.append(b"\x01" + at.to_bytes(3, "big") + b"\0")
    table = b"".join(rows)
    head += b"6 0 obj\n<< /Type /XRef /Size 7 /W [1 3 1] /Root 1 0 R /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (len(table), table)
    return head + b"startxref\n%d\n%%%%EOF\n" % at


def in_annotation(subtype: str) -> Callable[[PdfWriter], None]:
    def change(writer: PdfWriter) -> None:
        note = DictionaryObject({NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject(subtype)})
        writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(note)])

    return change


def with_form(writer: PdfWriter) -> None:
    form = DictionaryObject({NameObject("/XFA"): TextStringObject("<xdp/>")})
    writer._root_object[NameObject("/AcroForm")] = form


ACTIVE: dict[str, bytes] = {
    "script": with_open_action(b"<< /S /JavaScript /JS (app.alert) >>"),
    "attachment": written(lambda writer: writer.add_attachment("x.exe", b"MZ")),
    "rich media": written(in_annotation("/RichMedia")),
    "attached by a note": written(in_annotation("/FileAttachment")),
    "dynamic form": written(with_form),
    "launch": with_open_action(b"<< /S /Launch /F (cmd.exe) >>"),
    "name in hexadecimal": with_open_action(b"<< /S /#4Aava#53cript /#4AS (x) >>"),
    "kind of action elsewhere": with_open_action(b"<< /S 4 0 R /F (cmd.exe) >>", b"/Launch"),
    "kind of thing elsewhere": with_open_action(b"[3 0 R /Fit]", b"/EmbeddedFile", b"<< /Type 4 0 R /Length 0 >>\nstream\n\nendstream"),
    "chained": with_open_action(b"<< /S /GoTo /D [3 0 R /Fit] /Next << /S /SubmitForm /F (http://x) >> >>"),
    "packed": packed_objects(b"<< /S /JavaScript /JS (x) >>"),
    "not in the table": raw(
        b"<< /Type /Catalog /Pages 2 0 R /OpenAction 4 0 R >>", PAGES, PAGE, b"<< /S /JavaScript /JS (x) >>", listed=3
    ),
}

BROKEN: dict[str, bytes] = {
    "head only": b"%PDF-1.7\n",
    "deep": with_open_action(b"<< /A " * 60 + b"<< /S /Movie >>" + b" >>" * 60),
    "cut": written()[:200],
    "noise": b"%PDF-1.7\n" + bytes(range(256)) * 20,
    "no page": raw(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>"),
    "ring of pages": raw(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"),
    "table points at itself": b"%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 1 /Prev 9 >>\nstartxref\n9\n%%EOF",
}


async def take(data: bytes) -> files.PreparedFile:
    return await files.prepare(data, "Văn bản.pdf", files.Purpose.ATTACHMENT)


@pytest.mark.parametrize("data", [written(), with_open_action(b"[3 0 R /Fit]"), packed_objects(b"[3 0 R /Fit]")])
async def test_a_plain_pdf_is_kept_as_it_is(data: bytes, store_root: Path) -> None:
    prepared = await take(data)
    assert (prepared.media_type, prepared.name, prepared.size) == (MediaType.PDF, "Văn bản.pdf", len(data))
    assert [path.read_bytes() for path in kept_files(store_root)] == [data]


@pytest.mark.parametrize("kind", ACTIVE)
async def test_what_could_act_is_refused(kind: str, store_root: Path) -> None:
    with pytest.raises(Unsupported, match="mã chạy"):
        await take(ACTIVE[kind])
    assert kept_files(store_root) == []


@pytest.mark.parametrize("kind", BROKEN)
async def test_what_cannot_be_read_is_refused(kind: str, store_root: Path) -> None:
    with pytest.raises(Unsupported, match="bị hỏng"):
        await take(BROKEN[kind])
    assert kept_files(store_root) == []


async def test_a_locked_pdf_is_refused(store_root: Path) -> None:
    for reading in ("geheim", ""):
        with pytest.raises(Unsupported, match="mật khẩu"):
            await take(written(lambda writer, word=reading: writer.encrypt(word, "owner", algorithm="RC4-128")))  # type: ignore[misc]
    assert kept_files(store_root) == []


async def test_one_that_keeps_the_reader_busy_is_stopped(store_root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    busy = tmp_path / "busy.py"
    busy.write_text("while True: pass")
    monkeypatch.setattr(pdf, "_PROGRAM", busy)
    monkeypatch.setattr(pdf, "PATIENCE", 0.3)
    with pytest.raises(Unsupported, match="quá phức tạp"):
        await take(written())
    monkeypatch.setattr(pdf, "MAX_WAITING", 0)
    with pytest.raises(Unavailable):
        await take(written())
    assert kept_files(store_root) == []


async def test_one_that_unpacks_to_gigabytes_is_stopped(store_root: Path) -> None:
    packed = packed_zeros(2_000 << 20)
    stream = b"<< /Type /ObjStm /N 1 /First 4 /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed)
    head = b"%PDF-1.7\n"
    places = []
    for number, body in enumerate([b"<< /Type /Catalog /Pages 2 0 R /OpenAction 5 0 R >>", PAGES, PAGE, stream], 1):
        places.append(len(head))
        head += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    rows = [b"\0\0\0\0\0\xff", *(b"\x01" + place.to_bytes(4, "big") + b"\0" for place in places), b"\x02\0\0\0\x04\0"]
    at = len(head)
    rows.append(b"\x01" + at.to_bytes(4, "big") + b"\0")
    table = b"".join(rows)
    head += b"6 0 obj\n<< /Type /XRef /Size 7 /W [1 4 1] /Root 1 0 R /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (len(table), table)
    with pytest.raises(Unsupported):
        await take(head + b"startxref\n%d\n%%%%EOF\n" % at)
    assert kept_files(store_root) == []
