"""Who may read a file: everyone a public one; a private one whom the room it belongs to lets in, or a link of ours."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import secrets
from mattranso_app.core.access import Actor
from mattranso_app.core.clock import now
from mattranso_app.core.files.store import StoredFile

Reader = Callable[[AsyncSession, Actor, str, StoredFile], Awaitable[bool]]
"""(session, actor, owner_ref, file) → whether the actor may read it."""

LINK_SECONDS = 15 * 60

_readers: dict[str, Reader] = {}


def register_reader(owner_kind: str, reader: Reader) -> None:
    """Let `reader` decide who may read private files of `owner_kind`. Called once when the room is imported.

    Raises:
        ValueError: another reader is registered already: two rooms took the same word.
    """
    if _readers.get(owner_kind, reader) is not reader:
        raise ValueError(f"files of kind {owner_kind!r} have a reader already")
    _readers[owner_kind] = reader


async def may_read(session: AsyncSession, actor: Actor, file: StoredFile) -> bool:
    """Return whether `actor` may read `file`; nobody reads a private file of a kind without a reader."""
    if file.visibility == "public" or actor.kind == "system":
        return True
    reader = _readers.get(file.owner_kind)
    return reader is not None and await reader(session, actor, file.owner_ref, file)


def signed_path(file_id: UUID, seconds: int = LINK_SECONDS) -> str:
    """Return an address that lets its bearer read one file for a short while.

    For who has shown a right that his browser cannot repeat with each picture, such as the receipt of a petition
    (which never stands in an address itself). Append `&nho=1` for the small picture.
    """
    until = int((now() + timedelta(seconds=seconds)).timestamp())
    return f"/tep/{file_id}?ve={until}.{_signature(file_id, until)}"


def link_is_good(file_id: UUID, ticket: str) -> bool:
    """Return whether `ticket` (the parameter `ve` of `signed_path`) opens `file_id` now."""
    until, _, signature = ticket[:100].partition(".")
    if not (until.isascii() and until.isdigit() and len(until) <= 12) or int(until) < now().timestamp():
        return False
    return secrets.same(signature, _signature(file_id, int(until)))


def _signature(file_id: UUID, until: int) -> str:
    digest = hmac.digest(secrets.key("file link"), f"{file_id}:{until}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:18]).decode()
