"""Forms are read as streams within their limits; types are told by content; nothing of a refused form stays behind."""

from __future__ import annotations

import asyncio
import errno
import tracemalloc
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import pytest
from PIL import Image
from starlette.requests import Request

from mattranso_app.core import files
from mattranso_app.core.errors import BadRequest, DomainError, InvalidInput, TooLarge, Unavailable, Unsupported
from mattranso_app.core.files import blobs, incoming, multipart
from mattranso_app.core.files.kinds import MediaType, clean_name, shown_name
from mattranso_app.settings import settings
from tests.core.files import pictures
from tests.core.files.conftest import kept_files

BOUNDARY = b"----ranh-gioi"
Chunks = AsyncIterator[bytes]


def part(name: str, data: bytes, filename: str | None = None) -> bytes:
    named = f'; filename="{filename}"'.encode() if filename is not None else b""
    head = b'Content-Disposition: form-data; name="' + name.encode() + b'"' + named
    return b"--" + BOUNDARY + b"\r\n" + head + b"\r\n\r\n" + data + b"\r\n"


END = b"--" + BOUNDARY + b"--\r\n"


def request_of(chunks: Chunks, kind: bytes = b"multipart/form-data; boundary=" + BOUNDARY, length: int | None = None) -> Request:
    """A request whose body is `chunks`, as a server hands it over."""
    headers = [(b"content-type", kind)]
    if length is not None:
        headers.append((b"content-length", str(length).encode()))

    async def receive() -> dict[str, Any]:
        try:
            return {"type": "http.request", "body": await anext(chunks), "more_body": True}
        except StopAsyncIteration:
            return {"type": "http.request", "body": b"", "more_body": False}

    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)


async def pieces(data: bytes, size: int = 64 * 1024) -> Chunks:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def read(data: bytes, limits: files.FormLimits | None = None, size: int = 64 * 1024, **options: Any) -> multipart.Form:
    async with files.read_form(request_of(pieces(data, size), **options), limits) as form:
        for sent in form.files.values():
            assert [len(file.path.read_bytes()) for file in sent] == [file.size for file in sent]
    return form


@pytest.mark.parametrize("size", [1, 7, 4096])
async def test_a_form_is_read_whatever_way_it_is_cut(store_root: Path, size: int) -> None:
    data = (
        part("body", "Đèn đường hỏng\r\n--không phải ranh giới".encode())
        + part("kind", b"a") + part("kind", b"b")
        + part("photos", b"\r\n--" + BOUNDARY[:-1] + b"\r\n", "../../etc/passwd")
        + part("photos", b"", "")
        + part("empty", b"", "rong.jpg")
        + END
    )  # fmt: skip
    form = await read(data, size=size)
    assert form.field("body") == "Đèn đường hỏng\r\n--không phải ranh giới"
    assert form.values("kind") == ["a", "b"]
    assert form.field("none", "x") == "x"
    assert [file.name for file in form.files_of("photos")] == ["../../etc/passwd"]
    assert [file.size for file in form.files_of("empty")] == [0]
    assert kept_files(store_root) == []


async def test_an_endless_file_stops_at_the_limit_with_little_memory_and_leaves_nothing(store_root: Path) -> None:
    sent = 0

    async def endless() -> Chunks:
        nonlocal sent
        yield part("photos", b"", "anh.jpg")[:-2]
        chunk = b"\xff" * 65536
        while True:
            sent += len(chunk)
            assert sent < 64 << 20, "still read long after the limit"
            yield chunk

    tracemalloc.start()
    with pytest.raises(TooLarge, match="lớn hơn 20 MB"):
        async with files.read_form(request_of(endless())):
            pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sent <= (20 << 20) + 2 * 65536
    assert peak < 8 << 20
    assert kept_files(store_root) == []


@pytest.mark.parametrize("name", ["field", "header", "preamble", "parts"])
async def test_endless_other_things_stop_too(store_root: Path, name: str) -> None:
    start = {
        "field": part("body", b"")[:-2],
        "header": b"--" + BOUNDARY + b"\r\nContent-Disposition: form-data; name=",
        "preamble": b"",
        "parts": b"",
    }[name]
    filling = part("x", b"1") * 500 if name == "parts" else b"a" * 65536
    sent = 0

    async def endless() -> Chunks:
        nonlocal sent
        yield start or filling
        while True:
            sent += len(filling)
            assert sent < 4 << 20
            yield filling

    with pytest.raises((TooLarge, BadRequest)) as refused:
        async with files.read_form(request_of(endless())):
            pass
    assert refused.value.text
    assert kept_files(store_root) == []


async def test_a_declared_length_above_the_limit_is_refused_unread() -> None:
    async def untouched() -> Chunks:
        raise AssertionError("the body was read")
        yield b""

    with pytest.raises(TooLarge, match="Tổng dung lượng"):
        async with files.read_form(request_of(untouched(), length=10**10)):
            pass


@pytest.mark.usefixtures("store_root")
@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", BadRequest),
        (part("body", b"x"), BadRequest),
        (part("body", b"x")[:-9], BadRequest),
        (b"no form at all", BadRequest),
        (b"--" + BOUNDARY + b"\r\nContent-Type: text/plain\r\n\r\nx\r\n" + END, BadRequest),
        (part("body", b"\xff\xfe") + END, BadRequest),
        (part("body", b"x" * 70_000) + END, TooLarge),
        (b"".join(part(f"f{n}", b"x") for n in range(41)) + END, TooLarge),
        (b"".join(part("photos", b"x", "a.jpg") for _ in range(6)) + END, TooLarge),
    ],
)
async def test_broken_and_overfull_forms(data: bytes, error: type[DomainError], store_root: Path) -> None:
    with pytest.raises(error) as refused:
        await read(data)
    assert refused.value.text
    assert kept_files(store_root) == []


async def test_other_content_types_and_plain_forms() -> None:
    with pytest.raises(Unsupported):
        await read(b"{}", kind=b"application/json")
    with pytest.raises(BadRequest):
        await read(b"x", kind=b"multipart/form-data")
    urlencoded = b"application/x-www-form-urlencoded"
    form = await read(b"body=%C4%90%C3%A8n+h%E1%BB%8Fng&k=1&k=2", kind=urlencoded)
    assert (form.field("body"), form.values("k")) == ("Đèn hỏng", ["1", "2"])
    too_much = [b"a=" + b"x" * 70_000, b"&".join([b"a=1"] * 50)]
    for data, error in [(data, TooLarge) for data in too_much] + [("a=Đ".encode(), BadRequest), (b"a=%ff", BadRequest)]:
        with pytest.raises(error):
            await read(data, kind=urlencoded)


async def test_a_sender_who_falls_silent_or_trickles_is_let_go(monkeypatch: pytest.MonkeyPatch, store_root: Path) -> None:
    monkeypatch.setattr(multipart, "IDLE_SECONDS", 0.2)

    async def silent() -> Chunks:
        yield part("photos", b"x" * 1000, "anh.jpg")
        await asyncio.sleep(60)

    async def trickling() -> Chunks:
        yield part("photos", b"x", "anh.jpg")[:-2]
        while True:
            await asyncio.sleep(0.02)
            yield b"x"

    for body in (silent, trickling):
        with pytest.raises(BadRequest, match="Đường truyền"):
            async with files.read_form(request_of(body())):
                pass
    assert kept_files(store_root) == []


async def test_a_sender_who_hangs_up(store_root: Path) -> None:
    first = True

    async def receive() -> dict[str, Any]:
        nonlocal first
        if first:
            first = False
            return {"type": "http.request", "body": part("photos", b"x" * 600_000, "a.jpg"), "more_body": True}
        return {"type": "http.disconnect"}

    headers = [(b"content-type", b"multipart/form-data; boundary=" + BOUNDARY)]
    with pytest.raises(BadRequest, match="bị ngắt"):
        async with files.read_form(Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)):
            pass
    assert kept_files(store_root) == []


def word_file(macros: bool = False) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "0" * (50 << 20) if not macros else "<w/>")
        if macros:
            archive.writestr("word/vbaProject.bin", b"\xd0\xcf\x11\xe0")
    return packed.getvalue()


def saved(kind: str) -> bytes:
    data = BytesIO()
    pictures.drawing().save(data, kind)
    return data.getvalue()


REFUSED: dict[str, Callable[[], bytes]] = {
    "program.jpg": lambda: b"MZ\x90\0" + b"\0" * 500,
    "program.png": lambda: b"\x7fELF" + b"\0" * 500,
    "script.jpg": lambda: b"#!/bin/sh\nrm -rf /\n",
    "picture.svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "page.jpg": lambda: b"<!DOCTYPE html><script>alert(1)</script>",
    "letter.docm": lambda: word_file(macros=True),
    "bomb.docx": word_file,
    "moving.gif": lambda: saved("GIF"),
    "scan.tiff": lambda: saved("TIFF"),
    "old.bmp": lambda: saved("BMP"),
    "icon.ico": lambda: saved("ICO"),
    "late.pdf": lambda: b"\n\n%PDF-1.4\n",
    "almost.jpg": lambda: b"\xff\xd8",
    "text.jpg": lambda: "Kính gửi".encode(),
    "wave.webp": lambda: b"RIFF\0\0\0\0WAVEfmt ",
}


@pytest.mark.parametrize("name", REFUSED)
async def test_other_kinds_are_refused_whatever_they_are_called(name: str, store_root: Path) -> None:
    data = REFUSED[name]()
    for purpose in files.Purpose:
        with pytest.raises(Unsupported, match=name) as refused:
            await files.prepare(data, name, purpose)
        assert refused.value.text.endswith(".")
    assert kept_files(store_root) == []


async def test_a_picture_of_some_telephones_is_refused_with_a_way_out(store_root: Path) -> None:
    with pytest.raises(Unsupported, match="HEIC"):
        await files.prepare(b"\0\0\0\x18ftypheic" + b"\0" * 200, "IMG.HEIC", files.Purpose.PHOTO)
    with pytest.raises(InvalidInput, match="không có nội dung"):
        await files.prepare(b"", "rong.jpg", files.Purpose.PHOTO)
    assert kept_files(store_root) == []


@pytest.mark.usefixtures("store_root")
async def test_the_name_a_picture_has_does_not_matter() -> None:
    prepared = await files.prepare(pictures.png(), "../../x.php\0.exe", files.Purpose.ATTACHMENT)
    assert prepared.media_type is MediaType.JPEG
    assert prepared.name == "x.jpg"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Quyết định 12.pdf", "Quyết định 12.pdf"),
        ("C:\\Temp\\bia.PDF", "bia.pdf"),
        ("../../../etc/passwd", "passwd.pdf"),
        ("hóa đơn.pdf.exe", "hóa đơn.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie x=1.pdf"),
        ("\u202efdp.exe", "fdp.pdf"),
        ('"><script>.pdf', "script.pdf"),
        ("...", "tep.pdf"),
        ("", "tep.pdf"),
        ("đ" * 400, "đ" * 58 + ".pdf"),
    ],
)
def test_names_are_cleaned(name: str, kept: str) -> None:
    assert clean_name(name, MediaType.PDF) == kept
    assert len(shown_name(name)) <= 60


class FullDisk:
    """A file on a disk that takes so many bytes and no more, also when it is closed."""

    def __init__(self, file: IO[bytes], room: int) -> None:
        self.file, self.room = file, room

    def write(self, data: bytes) -> int:
        self.room -= len(data)
        if self.room < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return self.file.write(data)

    def close(self) -> None:
        self.file.close()
        if self.room < 0:
            raise OSError(errno.ENOSPC, "No space left on device")


async def test_a_full_disk_is_told_and_leaves_nothing(store_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = await files.prepare(pictures.jpeg(), "a.jpg", files.Purpose.PHOTO)
    before = kept_files(store_root)

    class Full(type(store_root)):  # type: ignore[misc]
        def open(self, *words: Any, **options: Any) -> Any:
            return FullDisk(super().open(*words, **options), 100_000)

    def full_path() -> Path:
        return Full(blobs.incoming_path())

    monkeypatch.setattr(incoming, "incoming_path", full_path)
    body = part("photos", b"\xff\xd8\xff" + b"x" * 900_000, "a.jpg") + END
    with pytest.raises(Unavailable, match="đầy"):
        await read(body)
    with pytest.raises(Unavailable, match="đầy"):
        await files.prepare(pictures.jpeg(Image.effect_noise((400, 400), 90)), "b.jpg", files.Purpose.PHOTO)
    assert kept_files(store_root) == before
    kept = b"".join([piece async for piece in files.blob_store().read(prepared.sha256, 0, prepared.size)])
    assert len(kept) == prepared.size


async def test_a_disk_that_fills_when_the_blob_is_moved_in(store_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(blobs.os, "replace", full)
    with pytest.raises(Unavailable, match="đầy"):
        await files.prepare(pictures.jpeg(), "a.jpg", files.Purpose.PHOTO)
    assert kept_files(store_root) == []


@pytest.fixture
def scanner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], Awaitable[asyncio.Server]]:
    """Starts a daemon that answers every file with the same words, as ClamAV does over its socket."""

    async def listen(verdict: bytes) -> asyncio.Server:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            command = await reader.readuntil(b"\0")
            while command == b"zINSTREAM\0" and (size := int.from_bytes(await reader.readexactly(4), "big")):
                await reader.readexactly(size)
            writer.write(b"PONG\0" if command == b"zPING\0" else verdict)
            writer.close()

        server = await asyncio.start_unix_server(serve, str(tmp_path / "clamd"))
        monkeypatch.setenv("MTS_CLAMD_SOCKET", str(tmp_path / "clamd"))
        settings.cache_clear()
        return server

    return listen


@pytest.mark.parametrize(
    ("verdict", "error"),
    [
        (b"stream: OK\0", None),
        (b"stream: Eicar-Test-Signature FOUND\0", Unsupported),
        (b"INSTREAM size limit ERROR\0", Unavailable),
        (b"", Unavailable),
    ],
)
async def test_what_the_scanner_says_is_heard(
    verdict: bytes, error: type[DomainError] | None, store_root: Path, scanner: Callable[[bytes], Awaitable[asyncio.Server]]
) -> None:
    async with await scanner(verdict):
        assert await files.doctor() == []
        if error is None:
            assert await files.prepare(pictures.jpeg(), "a.jpg", files.Purpose.PHOTO)
            return
        with pytest.raises(error):
            await files.prepare(pictures.jpeg(), "a.jpg", files.Purpose.PHOTO)
    with pytest.raises(Unavailable):
        await files.prepare(pictures.jpeg(), "a.jpg", files.Purpose.PHOTO)
    assert "không trả lời" in (await files.doctor())[0]
    assert kept_files(store_root) == []
