"""Forms with files, read as a stream: counts and sizes are bounded, files go to disk, memory stays small.

    async with read_form(request, FormLimits(files=5)) as form:
        body = form.field("body")
        photos = [await files.prepare(file, file.name, Purpose.PHOTO) for file in form.files_of("photos")]

What is left of the files is removed when the block ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from mattranso_app.core.errors import BadRequest, TooLarge, Unsupported
from mattranso_app.core.files import text
from mattranso_app.core.files.incoming import ReceivedFile, Receiver
from mattranso_app.settings import settings

IDLE_SECONDS = 60.0
"""How long the sender may be silent."""
SLOWEST = 512
"""Bytes a second that must come on average after the first `IDLE_SECONDS`; the poorest mobile network gives ten times this."""
_NAME_LIMIT = 100


@dataclass(frozen=True, slots=True)
class FormLimits:
    """What a form may hold.

    Attributes:
        fields: most plain fields.
        field_bytes: most bytes of one plain field.
        files: most files.
        file_bytes: most bytes of one file; the setting `upload_limit` when 0.
    """

    fields: int = 40
    field_bytes: int = 64 * 1024
    files: int = 5
    file_bytes: int = 0

    @property
    def each(self) -> int:
        """Most bytes of one file."""
        return self.file_bytes or settings().upload_limit

    @property
    def total(self) -> int:
        """Most bytes of the whole body: what the limits add up to, but fields only up to a quarter of a megabyte."""
        return self.files * self.each + min(self.fields * self.field_bytes, 256 * 1024) + 64 * 1024


@dataclass(slots=True)
class Form:
    """A form as it was sent: texts and files by the name of their field, in the order they came."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, list[ReceivedFile]] = field(default_factory=dict)

    def field(self, name: str, default: str = "") -> str:
        """Return the last text sent as `name`."""
        return self.fields.get(name, [default])[-1]

    def values(self, name: str) -> list[str]:
        """Return all texts sent as `name`, e.g. of several ticked boxes."""
        return self.fields.get(name, [])

    def files_of(self, name: str) -> list[ReceivedFile]:
        """Return the files sent as `name`; an empty file box of a browser counts as none."""
        return self.files.get(name, [])


@asynccontextmanager
async def read_form(request: Request, limits: FormLimits | None = None) -> AsyncIterator[Form]:
    """Read a form, multipart or URL-encoded, and remove what is left of its files at the end.

    Args:
        request: the request; its body must not have been read.
        limits: what the form may hold.

    Raises:
        BadRequest: broken, cut off, or silent for too long.
        TooLarge: one of the limits is exceeded; reading stops there.
        Unsupported: another content type.
        Unavailable: the disk is full.
    """
    limits = limits or FormLimits()
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:18]) > limits.total:
        raise TooLarge(text.BODY_TOO_LARGE.format(limit=limits.total // 2**20))
    form = Form()
    try:
        if kind == b"multipart/form-data":
            await _read_multipart(_bounded(request, limits.total), options.get(b"boundary", b""), limits, form)
        elif kind == b"application/x-www-form-urlencoded":
            await _read_urlencoded(_bounded(request, limits.total), limits, form)
        else:
            raise Unsupported(text.FORM_BROKEN)
        yield form
    finally:
        for files in form.files.values():
            for file in files:
                await file.discard()


async def _bounded(request: Request, limit: int) -> AsyncIterator[bytes]:
    """Yield the body's pieces; stop at `limit` bytes, at silence, at a trickle, and when the sender is gone."""
    stream = request.stream()
    clock = asyncio.get_running_loop().time
    started = clock()
    taken = 0
    while True:
        try:
            chunk = await asyncio.wait_for(anext(stream), IDLE_SECONDS)
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            raise BadRequest(text.TOO_SLOW) from error
        except ClientDisconnect as error:
            raise BadRequest(text.FORM_BROKEN) from error
        taken += len(chunk)
        if taken > limit:
            raise TooLarge(text.BODY_TOO_LARGE.format(limit=limit // 2**20))
        if clock() - started > IDLE_SECONDS + taken / SLOWEST:
            raise BadRequest(text.TOO_SLOW)
        yield chunk


async def _read_urlencoded(stream: AsyncIterator[bytes], limits: FormLimits, form: Form) -> None:
    body = b""
    async for chunk in stream:
        body += chunk
        if len(body) > 3 * 256 * 1024:  # each byte of a Vietnamese letter takes three here
            raise TooLarge(text.FIELD_TOO_LONG)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=limits.fields)
    except UnicodeError as error:
        raise BadRequest(text.FORM_BROKEN) from error
    except ValueError as error:
        raise TooLarge(text.TOO_MANY_FIELDS) from error
    for name, value in pairs:
        if len(value.encode()) > limits.field_bytes:
            raise TooLarge(text.FIELD_TOO_LONG)
        form.fields.setdefault(name[:_NAME_LIMIT], []).append(value)


async def _read_multipart(stream: AsyncIterator[bytes], boundary: bytes, limits: FormLimits, form: Form) -> None:
    if not boundary:
        raise BadRequest(text.FORM_BROKEN)
    parts = _Parts(limits)
    try:
        try:
            parser = MultipartParser(boundary, parts.callbacks())  # type: ignore[arg-type]
            async for chunk in stream:
                parser.write(chunk)
                await parts.settle(form)
            parser.finalize()
        except FormParserError as error:
            raise BadRequest(text.FORM_BROKEN) from error
        await parts.settle(form)
        if not parts.ended:
            raise BadRequest(text.FORM_BROKEN)
    finally:
        await parts.discard()


class _Parts:
    """Gathers what the parser finds. Its callbacks cannot wait, so writing to disk is done in `settle`, piece by piece."""

    def __init__(self, limits: FormLimits) -> None:
        self.limits = limits
        self.ended = False
        self._fields = 0
        self._files = 0
        self._field_bytes = 0
        self._header_name = b""
        self._header_value = b""
        self._headers: dict[bytes, bytes] = {}
        self._name = ""
        self._text: bytearray | None = None
        self._receiver: Receiver | None = None
        self._done: list[tuple[str, Receiver | str]] = []

    def callbacks(self) -> dict[str, object]:
        """Return what the parser calls."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._field,
            "on_header_value": self._value,
            "on_header_end": self._header,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._all,
        }

    def _begin(self) -> None:
        self._headers = {}

    def _field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _header(self) -> None:
        self._headers[self._header_name.lower()] = self._header_value
        self._header_name = self._header_value = b""

    def _headers_finished(self) -> None:
        kind, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        if kind != b"form-data" or b"name" not in options:
            raise BadRequest(text.FORM_BROKEN)
        self._name = options[b"name"].decode("utf-8", "replace")[:_NAME_LIMIT]
        if b"filename" in options:
            self._files += 1
            # A file box left empty sends a file without name; a form has few boxes, so they are counted generously.
            if self._files > self.limits.files + 10:
                raise TooLarge(text.TOO_MANY_FILES.format(limit=self.limits.files))
            name = options[b"filename"].decode("utf-8", "replace")
            self._receiver = Receiver(name, self.limits.each)
        else:
            self._fields += 1
            if self._fields > self.limits.fields:
                raise TooLarge(text.TOO_MANY_FIELDS)
            self._text = bytearray()

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._receiver is not None:
            self._receiver.feed(data[start:end])
        elif self._text is not None:
            self._field_bytes += end - start
            self._text += data[start:end]
            if len(self._text) > self.limits.field_bytes or self._field_bytes > 256 * 1024:
                raise TooLarge(text.FIELD_TOO_LONG)

    def _end(self) -> None:
        if self._receiver is not None:
            self._done.append((self._name, self._receiver))
            self._receiver = None
        elif self._text is not None:
            try:
                self._done.append((self._name, bytes(self._text).decode()))
            except UnicodeDecodeError as error:
                raise BadRequest(text.FORM_BROKEN) from error
            self._text = None

    def _all(self) -> None:
        self.ended = True

    async def settle(self, form: Form) -> None:
        """Write to disk what has come, and move finished parts into `form`."""
        if self._receiver is not None:
            await self._receiver.flush()
        while self._done:
            name, part = self._done[0]
            if isinstance(part, str):
                form.fields.setdefault(name, []).append(part)
            elif part.size == 0 and not part.name:
                await part.discard()
            else:
                if sum(map(len, form.files.values())) >= self.limits.files:
                    raise TooLarge(text.TOO_MANY_FILES.format(limit=self.limits.files))
                form.files.setdefault(name, []).append(await part.finish())
            self._done.pop(0)

    async def discard(self) -> None:
        """Remove files that did not get into a form."""
        for part in [self._receiver, *(part for _, part in self._done)]:
            if isinstance(part, Receiver):
                await part.discard()
