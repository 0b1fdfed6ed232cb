"""Queries of second factors, recovery codes and half-open sign-ins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncSession

MOST = 5
"""Second factors one person may hold at once."""


@dataclass(frozen=True, slots=True)
class Factor:
    """A confirmed factor as its owner sees it."""

    id: UUID
    kind: str
    name: str
    confirmed_at: datetime
    last_used_at: datetime | None
    is_suspect: bool = False


@dataclass(frozen=True, slots=True)
class Ways:
    """What somebody has that gives a second proof, beside recovery codes."""

    has_app: bool
    has_passkey: bool


async def fetch_factors(session: AsyncSession, person_id: UUID) -> list[Factor]:
    """Return a person's factors in the order they were set up, at most MOST."""
    rows = await session.execute(
        sql(
            "SELECT id, kind, name, confirmed_at, last_used_at, suspect_at IS NOT NULL FROM second_factor WHERE person_id = :person "
            "AND confirmed_at IS NOT NULL AND removed_at IS NULL ORDER BY confirmed_at, id LIMIT :limit"
        ),
        {"person": person_id, "limit": MOST},
    )
    return [Factor(*row) for row in rows]


async def has_factor(session: AsyncSession, person_id: UUID) -> bool:
    """Return whether a person has set a second factor up, so that the first proof alone opens no session.

    A citizen's passkey is another way in, not a second lock: in a browser without passkeys (Zalo's) the code must do.
    """
    found = await session.execute(
        sql(
            "SELECT EXISTS (SELECT FROM second_factor f JOIN person p ON p.id = f.person_id WHERE f.person_id = :person "
            "AND f.confirmed_at IS NOT NULL AND f.removed_at IS NULL AND (f.kind = 'totp' OR p.kind = 'officer'))"
        ),
        {"person": person_id},
    )
    return bool(found.scalar_one())


async def fetch_ways(session: AsyncSession, person_id: UUID) -> Ways:
    """Return what a person can prove himself with; a suspect passkey proves nothing."""
    rows = await session.execute(
        sql(
            "SELECT coalesce(bool_or(kind = 'totp'), false), coalesce(bool_or(kind = 'passkey' AND suspect_at IS NULL), false) "
            "FROM second_factor WHERE person_id = :person AND confirmed_at IS NOT NULL AND removed_at IS NULL"
        ),
        {"person": person_id},
    )
    return Ways(*rows.one())


async def fetch_secrets(session: AsyncSession, person_id: UUID) -> Sequence[Row[Any]]:
    """Return id, secret_cipher and last_step of a person's confirmed apps, locked until the transaction ends."""
    rows = await session.execute(
        sql(
            "SELECT id, secret_cipher, last_step FROM second_factor WHERE person_id = :person AND kind = 'totp' "
            "AND confirmed_at IS NOT NULL AND removed_at IS NULL ORDER BY id LIMIT :limit FOR UPDATE"
        ),
        {"person": person_id, "limit": MOST},
    )
    return rows.all()


async def save_step(session: AsyncSession, factor_id: UUID, step: int, moment: datetime) -> None:
    """Note the step whose code was taken."""
    await session.execute(
        sql("UPDATE second_factor SET last_step = :step, last_used_at = :now WHERE id = :id"),
        {"step": step, "now": moment, "id": factor_id},
    )


async def fetch_pending(session: AsyncSession, person_id: UUID, since: datetime) -> Row[Any] | None:
    """Return id, secret_cipher and name of the factor a person is setting up since `since`, locked; None when there is none."""
    rows = await session.execute(
        sql(
            "SELECT id, secret_cipher, name FROM second_factor WHERE person_id = :person AND confirmed_at IS NULL "
            "AND removed_at IS NULL AND created_at > :since FOR UPDATE"
        ),
        {"person": person_id, "since": since},
    )
    return rows.one_or_none()


async def save_confirmed(session: AsyncSession, factor_id: UUID, name: str, step: int, moment: datetime) -> None:
    """Note that an app has shown its first right code."""
    await session.execute(
        sql(
            "UPDATE second_factor SET confirmed_at = :now, name = :name, last_step = :step, last_used_at = :now WHERE id = :id"
        ),
        {"now": moment, "name": name, "step": step, "id": factor_id},
    )


async def save_removed(
    session: AsyncSession, person_id: UUID, moment: datetime, factor_id: UUID | None = None, pending_only: bool = False
) -> list[str]:
    """Remove a person's factors and return their names.

    Args:
        session: the open transaction.
        person_id: whose.
        moment: now.
        factor_id: only this one.
        pending_only: only what is not confirmed yet.
    """
    rows = await session.execute(
        sql(
            "UPDATE second_factor SET removed_at = :now WHERE person_id = :person AND removed_at IS NULL "
            "AND (CAST(:id AS uuid) IS NULL OR id = :id) AND (NOT CAST(:pending AS boolean) OR confirmed_at IS NULL) RETURNING name"
        ),
        {"now": moment, "person": person_id, "id": factor_id, "pending": pending_only},
    )
    return list(rows.scalars())


async def count_recovery_codes(session: AsyncSession, person_id: UUID) -> int:
    """Return how many recovery codes a person has left."""
    found = await session.execute(
        sql("SELECT count(*) FROM recovery_code WHERE person_id = :person AND used_at IS NULL"), {"person": person_id}
    )
    return int(found.scalar_one())


async def use_recovery_code(session: AsyncSession, hashes: Sequence[bytes], moment: datetime) -> bool:
    """Use a recovery code up; of two who use it at once only one succeeds."""
    done = await session.execute(
        sql("UPDATE recovery_code SET used_at = :now WHERE code_hash = ANY(:hashes) AND used_at IS NULL RETURNING id"),
        {"now": moment, "hashes": list(hashes)},
    )
    return done.one_or_none() is not None


async def replace_recovery_codes(session: AsyncSession, person_id: UUID, hashes: Sequence[bytes], moment: datetime) -> None:
    """Void a person's recovery codes and keep new ones (none: just void them)."""
    await session.execute(
        sql("UPDATE recovery_code SET used_at = :now WHERE person_id = :person AND used_at IS NULL"),
        {"now": moment, "person": person_id},
    )
    await session.execute(
        sql(
            "INSERT INTO recovery_code (person_id, code_hash, created_at) SELECT :person, hash, :now "
            "FROM unnest(CAST(:hashes AS bytea[])) AS hash"
        ),
        {"person": person_id, "hashes": list(hashes), "now": moment},
    )


async def fetch_challenge(session: AsyncSession, tokens: Sequence[bytes], moment: datetime) -> Row[Any] | None:
    """Return id, person_id, kind, account_cipher, methods of a sign-in that still waits for its second proof, or None."""
    rows = await session.execute(
        sql(
            "SELECT c.id, c.person_id, c.kind, c.account_cipher, c.methods FROM sign_in_challenge c JOIN person p ON p.id = c.person_id "
            "WHERE c.token_hash = ANY(:tokens) AND c.used_at IS NULL AND c.expires_at > :now AND p.disabled_at IS NULL"
        ),
        {"tokens": list(tokens), "now": moment},
    )
    return rows.one_or_none()


async def take_guess(session: AsyncSession, challenge_id: UUID, most: int, moment: datetime) -> bool:
    """Count one guess at a half-open sign-in; False when it has had `most`."""
    done = await session.execute(
        sql(
            "UPDATE sign_in_challenge SET attempts = attempts + 1 WHERE id = :id AND used_at IS NULL AND attempts < :most "
            "AND expires_at > :now RETURNING id"
        ),
        {"id": challenge_id, "most": most, "now": moment},
    )
    return done.one_or_none() is not None


async def use_challenge(session: AsyncSession, challenge_id: UUID, moment: datetime) -> bool:
    """Use a half-open sign-in up; of two who complete it at once only one succeeds."""
    done = await session.execute(
        sql("UPDATE sign_in_challenge SET used_at = :now WHERE id = :id AND used_at IS NULL RETURNING id"),
        {"now": moment, "id": challenge_id},
    )
    return done.one_or_none() is not None


async def void_challenge(session: AsyncSession, tokens: Sequence[bytes], moment: datetime) -> None:
    """End the half-open sign-in of one browser."""
    await session.execute(
        sql("UPDATE sign_in_challenge SET used_at = :now WHERE token_hash = ANY(:tokens) AND used_at IS NULL"),
        {"now": moment, "tokens": list(tokens)},
    )


async def void_challenges(session: AsyncSession, person_id: UUID, moment: datetime) -> None:
    """End a person's half-open sign-ins: the first proof they rest on counts no longer."""
    await session.execute(
        sql("UPDATE sign_in_challenge SET used_at = :now WHERE person_id = :person AND used_at IS NULL"),
        {"now": moment, "person": person_id},
    )


async def lock_person(session: AsyncSession, person_id: UUID) -> None:
    """Let changes of one person's factors wait for each other until the transaction ends."""
    await session.execute(
        sql("SELECT pg_advisory_xact_lock(:lock)"), {"lock": int.from_bytes(person_id.bytes[:8], "big", signed=True)}
    )


async def fetch_account_name(session: AsyncSession, person_id: UUID) -> str:
    """Return an officer's user name, empty for a citizen."""
    found = await session.execute(sql("SELECT user_name FROM credential WHERE person_id = :person"), {"person": person_id})
    return str(found.scalar() or "")
