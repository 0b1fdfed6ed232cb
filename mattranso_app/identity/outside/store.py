"""Queries on links to outside accounts, on first sign-ins that wait for a decision, and on sessions that came from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.sql import sql

SESSIONS_PAGE = 200
"""Sessions fetched at once; who ends them asks again until none is left."""

# The subject's sessions; where the provider names one of its own, that one, and those of which its name is not known.
_CAME_FROM = (
    "o.provider = :provider AND (cardinality(CAST(:subjects AS bytea[])) = 0 OR o.subject_hash = ANY(:subjects)) "
    "AND (cardinality(CAST(:sids AS bytea[])) = 0 OR o.sid_hash = ANY(:sids) "
    "OR (o.sid_hash IS NULL AND o.subject_hash = ANY(:subjects)))"
)


@dataclass(frozen=True, slots=True)
class Link:
    """A link between an account here and one at a provider, as its owner sees it."""

    provider: str
    level: int
    created_at: datetime
    last_used_at: datetime
    number_cipher: bytes | None


async def fetch_linked(session: AsyncSession, issuer: str, subjects: Sequence[bytes], numbers: Sequence[bytes]) -> list[Row[Any]]:
    """Return id, person_id, kind, disabled, is_subject of the links of an outside person, by subject or by identity number."""
    rows = await session.execute(
        sql(
            "SELECT l.id, l.person_id, p.kind, p.disabled_at IS NOT NULL AS disabled, l.subject_hash = ANY(:subjects) AS is_subject "
            "FROM outside_link l JOIN person p ON p.id = l.person_id WHERE l.issuer = :issuer AND l.removed_at IS NULL "
            "AND (l.subject_hash = ANY(:subjects) OR l.number_hash = ANY(:numbers)) ORDER BY is_subject DESC LIMIT 2"
        ),
        {"issuer": issuer, "subjects": list(subjects), "numbers": list(numbers)},
    )
    return list(rows)


async def save_link(session: AsyncSession, row: dict[str, Any]) -> None:
    """Write a link (`row`: its columns)."""
    await session.execute(
        sql(
            "INSERT INTO outside_link (id, person_id, provider, issuer, subject_hash, number_hash, number_cipher, level, created_at, "
            "last_used_at) VALUES (:id, :person_id, :provider, :issuer, :subject_hash, :number_hash, :number_cipher, :level, :now, :now)"
        ),
        row,
    )


async def save_use(session: AsyncSession, link_id: UUID, row: dict[str, Any]) -> None:
    """Note that a link was used, with what the provider says now."""
    await session.execute(
        sql(
            "UPDATE outside_link SET last_used_at = :now, subject_hash = :subject_hash, level = :level, "
            "number_hash = coalesce(:number_hash, number_hash), number_cipher = coalesce(:number_cipher, number_cipher) WHERE id = :id"
        ),
        {**row, "id": link_id},
    )


async def fetch_links(session: AsyncSession, person_id: UUID) -> list[Link]:
    """Return a person's links, oldest first; one for each provider at most."""
    rows = await session.execute(
        sql(
            "SELECT provider, level, created_at, last_used_at, number_cipher FROM outside_link WHERE person_id = :person "
            "AND removed_at IS NULL ORDER BY created_at LIMIT 20"
        ),
        {"person": person_id},
    )
    return [Link(*row) for row in rows]


async def remove_links(session: AsyncSession, person_id: UUID, now: datetime, provider: str = "") -> list[str]:
    """End a person's links, or the one to a provider, and forget the identity number with each; return the providers."""
    done = await session.execute(
        sql(
            "UPDATE outside_link SET removed_at = :now, number_hash = NULL, number_cipher = NULL "
            "WHERE person_id = :person AND (:provider = '' OR provider = :provider) AND removed_at IS NULL RETURNING provider"
        ),
        {"now": now, "person": person_id, "provider": provider},
    )
    return sorted(done.scalars())


async def lock_person(session: AsyncSession, person_id: UUID) -> Row[Any]:
    """Return, locked, whether a person has another way in than outside accounts: `has_contact`, `has_password`; and `name`."""
    rows = await session.execute(
        sql(
            "SELECT p.display_name AS name, p.phone_hash IS NOT NULL OR p.email_hash IS NOT NULL AS has_contact, "
            "EXISTS (SELECT FROM credential c WHERE c.person_id = p.id AND c.password_hash IS NOT NULL) AS has_password "
            "FROM person p WHERE p.id = :id FOR UPDATE OF p"
        ),
        {"id": person_id},
    )
    return rows.one()


async def save_citizen(session: AsyncSession, person_id: UUID, name: str, provider: str, now: datetime) -> None:
    """Write a citizen who is known by an outside account alone."""
    await session.execute(
        sql("INSERT INTO person (id, kind, display_name, came_from, created_at) VALUES (:id, 'citizen', :name, :provider, :now)"),
        {"id": person_id, "name": name, "provider": provider, "now": now},
    )


async def save_pending(session: AsyncSession, row: dict[str, Any]) -> None:
    """Keep an outside person who has no link yet (`row`: the columns), until he has decided."""
    await session.execute(
        sql(
            "INSERT INTO outside_pending (token_hash, provider, person_cipher, following, created_at, expires_at) "
            "VALUES (:token_hash, :provider, :person_cipher, :following, :now, :expires)"
        ),
        row,
    )


async def fetch_pending(session: AsyncSession, tokens: Sequence[bytes], now: datetime, lock: bool = False) -> Row[Any] | None:
    """Return provider, person_cipher, following of a first sign-in that waits, or None."""
    rows = await session.execute(
        sql(
            "SELECT provider, person_cipher, following FROM outside_pending WHERE token_hash = ANY(:tokens) AND expires_at > :now "
            + ("FOR UPDATE" if lock else "")
        ),
        {"tokens": list(tokens), "now": now},
    )
    return rows.one_or_none()


async def delete_pending(session: AsyncSession, tokens: Sequence[bytes]) -> bool:
    """Forget a first sign-in, because it is decided; return whether it still waited."""
    done = await session.execute(sql("DELETE FROM outside_pending WHERE token_hash = ANY(:tokens) RETURNING 1"), {"tokens": list(tokens)})
    return done.one_or_none() is not None


async def save_seen(session: AsyncSession, token_hash: bytes, expires: datetime) -> bool:
    """Note that something good for once was used; return whether it was the first time."""
    done = await session.execute(
        sql("INSERT INTO outside_seen (token_hash, expires_at) VALUES (:hash, :expires) ON CONFLICT DO NOTHING RETURNING 1"),
        {"hash": token_hash, "expires": expires},
    )
    return done.one_or_none() is not None


async def save_session(session: AsyncSession, row: dict[str, Any]) -> None:
    """Note which outside session a session here, or a half-open sign-in, comes from (`row`: the columns)."""
    await session.execute(
        sql(
            "INSERT INTO outside_session (session_id, challenge_id, provider, subject_hash, sid_hash, created_at) "
            "VALUES (:session_id, :challenge_id, :provider, :subject_hash, :sid_hash, :now)"
        ),
        row,
    )


async def save_session_opened(session: AsyncSession, challenge_id: UUID, session_id: UUID) -> None:
    """Note that a half-open sign-in that came from outside, if it did, has become a session."""
    await session.execute(
        sql("UPDATE outside_session SET session_id = :session WHERE challenge_id = :challenge"),
        {"session": session_id, "challenge": challenge_id},
    )


async def save_proved_at(session: AsyncSession, session_id: UUID, at: datetime) -> None:
    """Say when the person behind a new session really proved himself, at the provider."""
    await session.execute(sql("UPDATE sign_in_session SET proved_at = :at WHERE id = :id"), {"at": at, "id": session_id})


async def fetch_sessions(session: AsyncSession, provider: str, subjects: Sequence[bytes], sids: Sequence[bytes]) -> list[UUID]:
    """Return live sessions that came from an outside account, or from one of its sessions where `sids` names it; SESSIONS_PAGE
    at most.
    """
    rows = await session.execute(
        sql(
            "SELECT o.session_id FROM outside_session o JOIN sign_in_session s ON s.id = o.session_id "
            f"WHERE {_CAME_FROM} AND s.ended_at IS NULL ORDER BY o.created_at LIMIT :limit"
        ),
        {"provider": provider, "subjects": list(subjects), "sids": list(sids), "limit": SESSIONS_PAGE},
    )
    return list(rows.scalars())


async def void_half_open(session: AsyncSession, provider: str, subjects: Sequence[bytes], sids: Sequence[bytes], now: datetime) -> None:
    """End the sign-ins from an outside account that still wait for their second proof."""
    await session.execute(
        sql(
            "UPDATE sign_in_challenge c SET used_at = :now FROM outside_session o WHERE o.challenge_id = c.id AND c.used_at IS NULL "
            f"AND {_CAME_FROM}"
        ),
        {"provider": provider, "subjects": list(subjects), "sids": list(sids), "now": now},
    )


async def fetch_sessions_of(session: AsyncSession, person_id: UUID, provider: str, but: UUID) -> list[UUID]:
    """Return a person's live sessions that were opened through a provider, all of them but one; whatever the provider called him."""
    rows = await session.execute(
        sql(
            "SELECT o.session_id FROM outside_session o JOIN sign_in_session s ON s.id = o.session_id "
            "WHERE s.person_id = :person AND o.provider = :provider AND s.ended_at IS NULL AND s.id <> :but"
        ),
        {"person": person_id, "provider": provider, "but": but},
    )
    return list(rows.scalars())


async def void_half_open_of(session: AsyncSession, person_id: UUID, provider: str, now: datetime) -> None:
    """End a person's sign-ins through a provider that still wait for their second proof."""
    await session.execute(
        sql(
            "UPDATE sign_in_challenge c SET used_at = :now FROM outside_session o WHERE o.challenge_id = c.id AND c.used_at IS NULL "
            "AND c.person_id = :person AND o.provider = :provider"
        ),
        {"person": person_id, "provider": provider, "now": now},
    )


async def sweep(session: AsyncSession, now: datetime) -> None:
    """Remove what can no longer be used."""
    await session.execute(sql("DELETE FROM outside_pending WHERE expires_at < :now"), {"now": now})
    await session.execute(sql("DELETE FROM outside_seen WHERE expires_at < :now"), {"now": now - timedelta(minutes=10)})
