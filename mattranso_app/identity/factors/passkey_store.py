"""Queries of passkeys and of the challenges they answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.sql import sql
from mattranso_app.identity.factors.store import MOST


async def save_challenge(
    session: AsyncSession, purpose: str, bindings: Sequence[bytes], challenge: bytes, moment: datetime, life: timedelta
) -> None:
    """Keep a challenge; an earlier one of the same purpose and binding is void.

    Args:
        session: the open transaction.
        purpose: what it is for.
        bindings: hashes of what it is bound to, the current one first.
        challenge: the bytes.
        moment: now.
        life: how long it may be answered.
    """
    await session.execute(
        sql("DELETE FROM passkey_challenge WHERE purpose = :purpose AND binding = ANY(:bindings)"),
        {"purpose": purpose, "bindings": list(bindings)},
    )
    await session.execute(
        sql(
            "INSERT INTO passkey_challenge (challenge, purpose, binding, created_at, expires_at) "
            "VALUES (:challenge, :purpose, :binding, :now, :expires)"
        ),
        {"challenge": challenge, "purpose": purpose, "binding": bindings[0], "now": moment, "expires": moment + life},
    )


async def take_challenge(session: AsyncSession, purpose: str, bindings: Sequence[bytes], challenge: bytes, moment: datetime) -> bool:
    """Use a challenge up; return whether it was there and still held. Of two who take it at once only one succeeds."""
    taken = await session.execute(
        sql(
            "DELETE FROM passkey_challenge WHERE challenge = :challenge AND purpose = :purpose AND binding = ANY(:bindings) "
            "RETURNING expires_at > :now"
        ),
        {"challenge": challenge, "purpose": purpose, "bindings": list(bindings), "now": moment},
    )
    return bool(taken.scalar())


async def sweep(session: AsyncSession, moment: datetime) -> None:
    """Remove challenges nobody can answer any more."""
    await session.execute(sql("DELETE FROM passkey_challenge WHERE expires_at < :now"), {"now": moment})


async def fetch_credential_ids(session: AsyncSession, person_id: UUID, usable_only: bool = True) -> list[bytes]:
    """Return the credential ids of a person's passkeys, at most MOST; with `usable_only` without suspect ones."""
    rows = await session.execute(
        sql(
            "SELECT credential_id FROM second_factor WHERE person_id = :person AND kind = 'passkey' AND removed_at IS NULL "
            "AND (suspect_at IS NULL OR NOT CAST(:usable AS boolean)) ORDER BY confirmed_at, id LIMIT :limit"
        ),
        {"person": person_id, "usable": usable_only, "limit": MOST},
    )
    return [bytes(found) for found in rows.scalars()]


async def fetch_passkey(session: AsyncSession, credential_id: bytes) -> Row[Any] | None:
    """Return a passkey, locked, and whose it is: id, person_id, public_key, sign_count, is_suspect, kind, disabled, user_name,
    contact_cipher; None when it is not held (any more).
    """
    rows = await session.execute(
        sql(
            "SELECT f.id, f.person_id, f.public_key, f.sign_count, f.suspect_at IS NOT NULL AS is_suspect, p.kind, "
            "p.disabled_at IS NOT NULL AS disabled, coalesce(c.user_name, '') AS user_name, "
            "coalesce(p.phone_cipher, p.email_cipher) AS contact_cipher "
            "FROM second_factor f JOIN person p ON p.id = f.person_id LEFT JOIN credential c ON c.person_id = p.id "
            "WHERE f.credential_id = :credential AND f.kind = 'passkey' AND f.removed_at IS NULL FOR UPDATE OF f"
        ),
        {"credential": credential_id},
    )
    return rows.one_or_none()


async def save_use(session: AsyncSession, factor_id: UUID, sign_count: int, is_synced: bool, moment: datetime) -> None:
    """Note that a passkey has signed."""
    await session.execute(
        sql("UPDATE second_factor SET sign_count = :count, is_synced = :synced, last_used_at = :now WHERE id = :id"),
        {"count": sign_count, "synced": is_synced, "now": moment, "id": factor_id},
    )


async def save_suspect(session: AsyncSession, factor_id: UUID, moment: datetime) -> None:
    """Note that a copy of a passkey may exist."""
    await session.execute(
        sql("UPDATE second_factor SET suspect_at = coalesce(suspect_at, :now) WHERE id = :id"), {"now": moment, "id": factor_id}
    )


async def has_password(session: AsyncSession, person_id: UUID) -> bool:
    """Return whether an officer has a password; a citizen, who has a contact for codes, counts as having one."""
    found = await session.execute(
        sql("SELECT NOT EXISTS (SELECT FROM credential WHERE person_id = :person AND password_hash IS NULL)"), {"person": person_id}
    )
    return bool(found.scalar_one())
