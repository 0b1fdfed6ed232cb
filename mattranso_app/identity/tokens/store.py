"""Queries of personal access tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import db
from mattranso_app.core.clock import VN
from mattranso_app.core.sql import sql
from mattranso_app.identity.store import WHO

MOST = 20
"""Tokens one person may hold at once."""


@dataclass(frozen=True, slots=True)
class OwnToken:
    """A token that still opens something, as its owner sees it: all but the token."""

    id: UUID
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


async def fetch_tokens(session: AsyncSession, person_id: UUID, now: datetime) -> list[OwnToken]:
    """Return a person's living tokens, newest first, at most MOST."""
    rows = await session.execute(
        sql(
            "SELECT id, name, scopes, created_at, expires_at, last_used_at FROM access_token WHERE person_id = :person "
            "AND revoked_at IS NULL AND expires_at > :now ORDER BY created_at DESC, id LIMIT :limit"
        ),
        {"person": person_id, "now": now, "limit": MOST},
    )
    return [OwnToken(*row) for row in rows]


async def save_token(session: AsyncSession, row: dict[str, Any]) -> bool:
    """Insert a token with the proofs of the session it is made in; False when that session has ended meanwhile."""
    made = await session.execute(
        sql(
            "INSERT INTO access_token (id, person_id, name, token_hash, scopes, methods, created_at, expires_at) "
            "SELECT :id, :person_id, :name, :token_hash, CAST(:scopes AS text[]), s.methods, :now, :expires_at "
            "FROM sign_in_session s WHERE s.id = :session_id AND s.person_id = :person_id AND s.ended_at IS NULL RETURNING id"
        ),
        row,
    )
    return made.one_or_none() is not None


async def save_revoked(session: AsyncSession, person_id: UUID, now: datetime, token_id: UUID | None = None) -> list[UUID]:
    """Revoke a person's living tokens, or only `token_id`; return which."""
    rows = await session.execute(
        sql(
            "UPDATE access_token SET revoked_at = :now WHERE person_id = :person AND revoked_at IS NULL "
            "AND (CAST(:id AS uuid) IS NULL OR id = :id) RETURNING id"
        ),
        {"person": person_id, "now": now, "id": token_id},
    )
    return list(rows.scalars())


_LIVE = sql(
    f"SELECT t.id, t.scopes, t.methods, t.expires_at, t.last_used_at, {WHO} FROM access_token t JOIN person p ON p.id = t.person_id "  # noqa: S608
    "LEFT JOIN unit u ON u.id = p.unit_id WHERE t.token_hash = ANY(:hashes) AND t.revoked_at IS NULL AND t.expires_at > :now "
    "AND p.disabled_at IS NULL"
)


async def fetch_live(hashes: Sequence[bytes], now: datetime) -> Row[Any] | None:
    """Return the living token with one of these hashes, with its person and the roles held now. One statement."""
    async with db.glance() as connection:
        rows = await connection.execute(_LIVE, {"hashes": list(hashes), "now": now, "today": now.astimezone(VN).date()})
        return rows.one_or_none()


async def save_used(session: AsyncSession, token_id: UUID, now: datetime) -> None:
    """Note when a token was used last."""
    await session.execute(sql("UPDATE access_token SET last_used_at = :now WHERE id = :id"), {"now": now, "id": token_id})
