"""Taking files in and finding them again.

Two steps, because decoding a picture must not hold a database connection: `prepare` checks, encodes and keeps the bytes;
`attach` writes the row in the transaction of what the file belongs to. `store_upload` does both for a single file.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.access import Actor
from mattranso_app.core.clock import now
from mattranso_app.core.errors import InvalidInput, Unsupported
from mattranso_app.core.files import clamav, pdf, pictures, text
from mattranso_app.core.files.blobs import blob_store, incoming_path, plain_disk_words
from mattranso_app.core.files.incoming import ReceivedFile, receive
from mattranso_app.core.files.kinds import MediaType, Purpose, clean_name, is_heic, shown_name, sniff
from mattranso_app.core.sql import sql
from mattranso_app.settings import settings

Source = AsyncIterator[bytes] | bytes | ReceivedFile
Visibility = Literal["private", "public"]
MOST_LISTED = 2_000
"""Most rows one call of `list_files` returns."""


@dataclass(frozen=True, slots=True)
class PreparedFile:
    """Bytes that are checked, encoded and kept, waiting for their row. Without one they are swept after a day.

    Attributes:
        sent_sha256: of the bytes as they were sent, to recognise the same file sent again.
        sha256: of the bytes as they are kept.
        size: bytes kept.
        media_type: of what is kept.
        name: the cleaned name.
        width: pixels, None for a document.
        height: pixels, None for a document.
        thumbnail_sha256: of the small picture, None for a document.
        thumbnail_size: its bytes.
    """

    sent_sha256: bytes
    sha256: bytes
    size: int
    media_type: MediaType
    name: str
    width: int | None = None
    height: int | None = None
    thumbnail_sha256: bytes | None = None
    thumbnail_size: int | None = None


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file with its row: it belongs to `owner_ref` (e.g. the id of a petition) of the kind `owner_kind`."""

    id: UUID
    sha256: bytes
    size: int
    media_type: str
    name: str
    width: int | None
    height: int | None
    thumbnail_sha256: bytes | None
    thumbnail_size: int | None
    owner_kind: str
    owner_ref: str
    visibility: Visibility
    created_at: datetime

    @property
    def path(self) -> str:
        """The address at which it is served, after checking who asks."""
        return f"/tep/{self.id}"

    @property
    def thumbnail_path(self) -> str | None:
        """The address of its small picture; None for a document."""
        return f"/tep/{self.id}?nho=1" if self.thumbnail_sha256 else None


_COLUMNS = (
    "id, sha256, size, media_type, name, width, height, thumbnail_sha256, thumbnail_size, owner_kind, owner_ref, "
    "visibility, created_at"
)


async def prepare(source: Source, filename: str, purpose: Purpose) -> PreparedFile:
    """Check what was sent and keep its bytes; no database is touched.

    Args:
        source: the bytes, a stream of them, or a file of a form (`read_form`), which is removed.
        filename: what the sender calls it.
        purpose: what it is for; it decides which types are taken.

    Returns:
        What `attach` needs.

    Raises:
        InvalidInput: empty.
        TooLarge: more than the setting `upload_limit`, or too many pixels.
        Unsupported: a type that is not taken, broken, or with something active or infected in it.
        Unavailable: disk full, scanner silent, too many at once.
    """
    received = source if isinstance(source, ReceivedFile) else await receive(source, filename, settings().upload_limit)
    try:
        return await _keep(received, filename, purpose)
    finally:
        await received.discard()


async def _keep(received: ReceivedFile, filename: str, purpose: Purpose) -> PreparedFile:
    shown = shown_name(filename) or text.UNNAMED
    if received.size == 0:
        raise InvalidInput(text.EMPTY.format(name=shown))
    media_type = sniff(received.head)
    if media_type is None or media_type not in purpose.accepts:
        if is_heic(received.head):
            raise Unsupported(text.HEIC.format(name=shown))
        raise Unsupported((text.NOT_A_PICTURE if purpose is Purpose.PHOTO else text.NOT_TAKEN).format(name=shown))
    await clamav.scan(received.path, shown)
    if media_type is MediaType.PDF:
        await pdf.check(received.path, shown)
        await blob_store().put(received.path, received.sha256)
        name = clean_name(filename, media_type)
        return PreparedFile(received.sha256, received.sha256, received.size, media_type, name)
    picture = await pictures.reencode(received.path, media_type, shown)
    sha256 = await _keep_bytes(picture.data)
    thumbnail_sha256 = await _keep_bytes(picture.thumbnail)
    return PreparedFile(
        sent_sha256=received.sha256,
        sha256=sha256,
        size=len(picture.data),
        media_type=MediaType.JPEG,
        name=text.PHOTO_NAME if purpose is Purpose.PHOTO else clean_name(filename, MediaType.JPEG),
        width=picture.width,
        height=picture.height,
        thumbnail_sha256=thumbnail_sha256,
        thumbnail_size=len(picture.thumbnail),
    )


async def _keep_bytes(data: bytes) -> bytes:
    path = incoming_path()
    sha256 = hashlib.sha256(data).digest()
    try:
        with plain_disk_words():
            await asyncio.to_thread(path.write_bytes, data)
        await blob_store().put(path, sha256)
    finally:
        await asyncio.to_thread(Path.unlink, path, missing_ok=True)
    return sha256


async def attach(
    session: AsyncSession,
    actor: Actor,
    prepared: PreparedFile,
    owner_kind: str,
    owner_ref: str,
    visibility: Visibility = "private",
) -> StoredFile:
    """Write the row of a prepared file in the caller's transaction.

    Args:
        session: the transaction of what the file belongs to.
        actor: who sent it.
        prepared: from `prepare`.
        owner_kind: a kind with a registered reader, e.g. "petition_photo".
        owner_ref: what it belongs to.
        visibility: "public" lets everyone read it; "private" asks the reader of its kind.

    Returns:
        The file with its id.
    """
    file = StoredFile(
        id=uuid4(),
        sha256=prepared.sha256,
        size=prepared.size,
        media_type=str(prepared.media_type),
        name=prepared.name,
        width=prepared.width,
        height=prepared.height,
        thumbnail_sha256=prepared.thumbnail_sha256,
        thumbnail_size=prepared.thumbnail_size,
        owner_kind=owner_kind,
        owner_ref=owner_ref,
        visibility=visibility,
        created_at=now(),
    )
    values: dict[str, Any] = {name: getattr(file, name) for name in _COLUMNS.split(", ")}
    places = ", ".join(f":{name}" for name in values)
    await session.execute(
        sql(f"INSERT INTO stored_file ({_COLUMNS}, uploaded_by) VALUES ({places}, :person)"),  # noqa: S608 - our own names
        {**values, "person": actor.person_id},
    )
    return file


async def store_upload(
    session: AsyncSession,
    actor: Actor,
    source: Source,
    filename: str,
    purpose: Purpose,
    *,
    owner_kind: str,
    owner_ref: str,
    visibility: Visibility = "private",
) -> StoredFile:
    """`prepare` and `attach` in one, for a single small file; arguments and errors as theirs."""
    prepared = await prepare(source, filename, purpose)
    return await attach(session, actor, prepared, owner_kind, owner_ref, visibility)


async def fetch_file(session: AsyncSession, file_id: UUID) -> StoredFile | None:
    """Return the file with `file_id`, None when there is none. Who may read it is for `may_read` to say."""
    row = (
        await session.execute(sql(f"SELECT {_COLUMNS} FROM stored_file WHERE id = :id"), {"id": file_id})  # noqa: S608
    ).one_or_none()
    return StoredFile(*row) if row else None


async def list_files(session: AsyncSession, owner_kind: str, owner_refs: Sequence[str]) -> dict[str, list[StoredFile]]:
    """Return the files of each of `owner_refs` in the order they were attached, with one statement.

    Args:
        session: where to read.
        owner_kind: their kind.
        owner_refs: e.g. the petitions of one page.
    """
    found: dict[str, list[StoredFile]] = {ref: [] for ref in owner_refs}
    rows = await session.execute(
        sql(
            f"SELECT {_COLUMNS} FROM stored_file WHERE owner_kind = :kind AND owner_ref = ANY(:refs) "  # noqa: S608
            "ORDER BY ordinal LIMIT :most"
        ),
        {"kind": owner_kind, "refs": list(found), "most": MOST_LISTED},
    )
    for row in rows:
        file = StoredFile(*row)
        found[file.owner_ref].append(file)
    return found


async def set_visibility(
    session: AsyncSession, owner_kind: str, owner_ref: str, visibility: Visibility, only: Sequence[UUID] | None = None
) -> int:
    """Make files of one owner public or private, in the caller's transaction; return how many.

    Args:
        session: the transaction.
        owner_kind: their kind.
        owner_ref: whose.
        visibility: what they become.
        only: these of the owner's files; all of them when None.
    """
    chosen = "" if only is None else "AND id = ANY(:only)"
    values: dict[str, Any] = {"visibility": visibility, "kind": owner_kind, "ref": owner_ref}
    done = await session.execute(
        sql(f"UPDATE stored_file SET visibility = :visibility WHERE owner_kind = :kind AND owner_ref = :ref {chosen} RETURNING 1"),  # noqa: S608
        values if only is None else {**values, "only": list(only)},
    )
    return len(done.all())


async def remove_files(session: AsyncSession, file_ids: Sequence[UUID]) -> int:
    """Remove the rows of `file_ids` in the caller's transaction; their bytes are swept later. Return how many there were."""
    done = await session.execute(sql("DELETE FROM stored_file WHERE id = ANY(:ids) RETURNING 1"), {"ids": list(file_ids)})
    return len(done.all())
