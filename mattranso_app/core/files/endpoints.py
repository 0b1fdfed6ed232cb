"""`GET /tep/{id}`: one file (or with `?nho=1` its small picture) for who may read it. Unknown and forbidden look the same."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from urllib.parse import quote
from uuid import UUID

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from mattranso_app.core import db
from mattranso_app.core.access import current_actor, public
from mattranso_app.core.errors import NotFound
from mattranso_app.core.files.blobs import blob_store
from mattranso_app.core.files.kinds import MediaType
from mattranso_app.core.files.reading import link_is_good, may_read
from mattranso_app.core.files.store import StoredFile, fetch_file
from mattranso_app.core.http import query, route

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
_PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"


class FileQuery(BaseModel):
    """`nho=1` asks for the small picture; `ve` is the ticket of a signed link."""

    nho: str = ""
    ve: str = ""


@route("/tep/{id}")
@public
async def serve_file(request: Request) -> Response:
    """Answer with the file, a part of it, or 304."""
    wanted = query(request, FileQuery)
    file = await _readable(request.path_params["id"], wanted.ve)
    small = wanted.nho == "1" and file.thumbnail_sha256 is not None
    sha256 = file.thumbnail_sha256 if small and file.thumbnail_sha256 else file.sha256
    size = file.thumbnail_size if small and file.thumbnail_size else file.size
    media_type = MediaType.WEBP if small else file.media_type
    etag = f'"{sha256.hex()[:32]}"'
    headers = {
        "ETag": etag,
        # Asked again each time, because what is public today may be withdrawn tomorrow. A private one stays on no machine:
        # offices share theirs.
        "Cache-Control": "public, no-cache" if file.visibility == "public" else "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Accept-Ranges": "bytes",
        "Content-Disposition": _disposition(file, str(media_type)),
        "X-Robots-Tag": "noindex",
    }
    if str(media_type).startswith("image/"):
        headers["Content-Security-Policy"] = _PICTURE_POLICY
    if _matches(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    start, length, status = _part(request, size, etag)
    if status == 416:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    if status == 206:
        headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{size}"
    headers["Content-Length"] = str(length)
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=str(media_type))
    body = blob_store().read(sha256, start, length)
    return StreamingResponse(await _begun(body), status, headers, media_type=str(media_type))


async def _readable(typed_id: str, ticket: str) -> StoredFile:
    try:
        file_id = UUID(typed_id)
    except ValueError as error:
        raise NotFound() from error
    async with db.reading() as session:
        file = await fetch_file(session, file_id)
        if file is None or not (
            (ticket and link_is_good(file_id, ticket)) or await may_read(session, current_actor(), file)
        ):
            raise NotFound()
    return file


async def _begun(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Read the first piece now, so that missing bytes become an error and not half an answer."""
    try:
        first = await anext(body)
    except StopAsyncIteration:
        first = b""

    async def rest() -> AsyncIterator[bytes]:
        yield first
        async for chunk in body:
            yield chunk

    return rest()


def _disposition(file: StoredFile, media_type: str) -> str:
    safe = media_type.startswith("image/") or media_type == MediaType.PDF
    plain = re.sub(r'[^A-Za-z0-9 ._()\-]', "_", file.name)
    return f"{'inline' if safe else 'attachment'}; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name, safe='')}"


def _matches(header: str, etag: str) -> bool:
    tags = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return etag in tags or "*" in tags


def _part(request: Request, size: int, etag: str) -> tuple[int, int, int]:
    """Return start, length and status of what is asked: one range is served, several are answered with the whole."""
    found = _RANGE.fullmatch(request.headers.get("range", "").strip())
    if not found or found[0] == "bytes=-" or request.headers.get("if-range", etag) != etag:
        return 0, size, 200
    if not found[1]:
        length = min(int(found[2]), size)
        return size - length, length, 206 if length else 416
    start = int(found[1])
    end = min(int(found[2]), size - 1) if found[2] else size - 1
    if start >= size:
        return 0, 0, 416
    if end < start:
        return 0, size, 200
    return start, end - start + 1, 206
