"""Queries of people's own data: what accounts hold of a person, archives, requests, and what an erasure changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.sql import sql

PAGE = 30
_CODES = 1_000
"""One-time codes looked through at once for one contact."""


@dataclass(frozen=True, slots=True)
class Export:
    """An archive of one's own data: waiting, ready to be fetched until `expires_at`, failed or gone."""

    id: UUID
    state: str
    asked_at: datetime
    expires_at: datetime
    size: int | None
    file_id: UUID | None


@dataclass(frozen=True, slots=True)
class Request:
    """A request with its legal clock."""

    id: int
    person_id: UUID
    kind: str
    state: str
    asked_at: datetime
    due_at: datetime
    basis: str
    decided_at: datetime | None
    reason: str


_REQUEST = "SELECT id, person_id, kind, state, asked_at, due_at, basis, decided_at, reason FROM data_request"
_PERSON = "SELECT kind, display_name, phone_cipher, email_cipher, created_at, named_at FROM person WHERE id = :id AND erased_at IS NULL"
_EXPORT = "SELECT id, state, asked_at, expires_at, size, file_id FROM data_export"


async def fetch_person(session: AsyncSession, person_id: UUID, lock: bool = False) -> Row[Any] | None:
    """Return kind, display_name, phone_cipher, email_cipher, created_at, named_at of a person not erased; with `lock` for changing it."""
    rows = await session.execute(sql(f"{_PERSON} {'FOR UPDATE' if lock else ''}"), {"id": person_id})
    return rows.one_or_none()


async def fetch_rows(session: AsyncSession, kind: str, person_id: UUID, now: datetime, most: int) -> Sequence[Row[Any]]:
    """Return the newest rows of one kind that name a person: sessions, tokens, factors, applications or requests."""
    return (await session.execute(sql(_KINDS[kind]), {"person": person_id, "now": now, "most": most})).all()


_KINDS = {
    "sessions": "SELECT created_at, last_seen_at, address, agent, ended_at IS NULL AND idle_expires_at > :now AS is_open "
    "FROM sign_in_session WHERE person_id = :person ORDER BY created_at DESC LIMIT :most",
    "tokens": "SELECT name, scopes, created_at, expires_at, revoked_at IS NULL AND expires_at > :now AS is_open "
    "FROM access_token WHERE person_id = :person ORDER BY created_at DESC LIMIT :most",
    "factors": "SELECT name, created_at, last_used_at FROM second_factor WHERE person_id = :person AND removed_at IS NULL "
    "AND confirmed_at IS NOT NULL AND CAST(:now AS timestamptz) IS NOT NULL ORDER BY created_at DESC LIMIT :most",
    "applications": "SELECT c.name, o.scope, o.granted_at, o.withdrawn_at FROM oauth_consent o JOIN oauth_client c USING (client_id) "
    "WHERE o.person_id = :person AND CAST(:now AS timestamptz) IS NOT NULL ORDER BY o.id DESC LIMIT :most",
    "links": "SELECT provider, created_at, last_used_at, removed_at FROM outside_link WHERE person_id = :person "
    "AND CAST(:now AS timestamptz) IS NOT NULL ORDER BY created_at DESC LIMIT :most",
    "lookups": "SELECT l.at, l.purpose, l.outcome, l.asked_by = l.person_id AS by_self FROM population_lookup l "
    "WHERE l.person_id = :person AND CAST(:now AS timestamptz) IS NOT NULL ORDER BY l.at DESC LIMIT :most",
    "requests": f"{_REQUEST} WHERE person_id = :person AND CAST(:now AS timestamptz) IS NOT NULL ORDER BY id DESC LIMIT :most",
}


async def save_name(session: AsyncSession, person_id: UUID, name: str, now: datetime) -> bool:
    """Change the name an account shows, and note since when; False when the account was erased meanwhile."""
    done = await session.execute(
        sql(
            "UPDATE person SET named_at = CASE WHEN display_name = :name THEN named_at ELSE :now END, display_name = :name "
            "WHERE id = :id AND erased_at IS NULL RETURNING 1"
        ),
        {"name": name, "id": person_id, "now": now},
    )
    return done.one_or_none() is not None


async def save_contact(session: AsyncSession, person_id: UUID, kind: str, sealed: bytes, hashed: bytes) -> None:
    """Change an account's telephone or e-mail."""
    column = {"phone": "phone", "email": "email"}[kind]
    await session.execute(
        sql(f"UPDATE person SET {column}_cipher = :sealed, {column}_hash = :hash WHERE id = :id"),  # noqa: S608 - two names of ours
        {"sealed": sealed, "hash": hashed, "id": person_id},
    )


async def take_guess(session: AsyncSession, challenge: UUID, person_id: UUID, most: int, now: datetime) -> Row[Any] | None:
    """Count one guess at a code for a new contact; return id, code_hash, contact_cipher, None when it can be guessed no more."""
    rows = await session.execute(
        sql(
            "UPDATE one_time_code SET attempts = attempts + 1 WHERE id = :id AND purpose = 'contact' AND person_id = :person "
            "AND used_at IS NULL AND attempts < :most AND expires_at > :now RETURNING id, code_hash, contact_cipher"
        ),
        {"id": challenge, "person": person_id, "most": most, "now": now},
    )
    return rows.one_or_none()


async def use_code(session: AsyncSession, challenge: UUID, now: datetime) -> bool:
    """Use a code up; of two who use it at once only one succeeds."""
    done = await session.execute(
        sql("UPDATE one_time_code SET used_at = :now WHERE id = :id AND used_at IS NULL RETURNING id"), {"id": challenge, "now": now}
    )
    return done.one_or_none() is not None


async def fetch_exports(session: AsyncSession, person_id: UUID, now: datetime) -> list[Export]:
    """Return a person's archives that wait, failed or can be fetched, newest first, a few."""
    rows = await session.execute(
        sql(f"{_EXPORT} WHERE person_id = :person AND state <> 'gone' AND expires_at > :now ORDER BY asked_at DESC LIMIT 5"),
        {"person": person_id, "now": now},
    )
    return [Export(*row) for row in rows]


async def lock_waiting_export(session: AsyncSession, export_id: UUID) -> bool:
    """Return whether an archive still waits; it does so until the transaction ends: an erasure of its owner stands behind."""
    found = await session.execute(sql("SELECT 1 FROM data_export WHERE id = :id AND state = 'waiting' FOR UPDATE"), {"id": export_id})
    return found.one_or_none() is not None


async def fetch_export(session: AsyncSession, export_id: UUID) -> tuple[UUID, Export] | None:
    """Return whose an archive is, and the archive."""
    row = (
        await session.execute(sql(f"{_EXPORT.replace('SELECT', 'SELECT person_id,')} WHERE id = :id"), {"id": export_id})
    ).one_or_none()
    return (row[0], Export(*row[1:])) if row else None


async def save_export(session: AsyncSession, export_id: UUID, person_id: UUID, now: datetime, expires: datetime) -> bool:
    """Insert an archive that is to be made; False when the account was erased meanwhile."""
    done = await session.execute(
        sql(
            "INSERT INTO data_export (id, person_id, asked_at, expires_at) SELECT :id, p.id, :now, :expires FROM person p "
            "WHERE p.id = :person AND p.erased_at IS NULL FOR KEY SHARE OF p RETURNING 1"
        ),
        {"id": export_id, "person": person_id, "now": now, "expires": expires},
    )
    return done.one_or_none() is not None


async def save_export_state(
    session: AsyncSession, export_id: UUID, state: str, file_id: UUID | None = None, size: int | None = None
) -> None:
    """Note what became of an archive."""
    await session.execute(
        sql("UPDATE data_export SET state = :state, file_id = :file, size = :size WHERE id = :id"),
        {"id": export_id, "state": state, "file": file_id, "size": size},
    )


async def save_fetched(session: AsyncSession, export_id: UUID, now: datetime) -> None:
    """Note when an archive was fetched last."""
    await session.execute(sql("UPDATE data_export SET fetched_at = :now WHERE id = :id"), {"id": export_id, "now": now})


async def fail_exports(session: AsyncSession, asked_before: datetime) -> None:
    """Say of archives that have waited since before then that they failed."""
    await session.execute(
        sql("UPDATE data_export SET state = 'failed' WHERE state = 'waiting' AND asked_at < :before"), {"before": asked_before}
    )


async def end_exports(session: AsyncSession, now: datetime, person_id: UUID | None = None) -> list[UUID]:
    """End archives whose time is over, or all of one person; return the files they leave."""
    rows = await session.execute(
        sql(
            "UPDATE data_export e SET state = 'gone', file_id = NULL FROM data_export before WHERE before.id = e.id "
            "AND e.state <> 'gone' AND (CAST(:person AS uuid) IS NULL AND e.expires_at <= :now OR e.person_id = CAST(:person AS uuid)) "
            "RETURNING before.file_id"
        ),
        {"now": now, "person": person_id},
    )
    return [file_id for file_id in rows.scalars() if file_id is not None]


async def save_request(session: AsyncSession, person_id: UUID, kind: str, now: datetime, due: datetime, basis: str) -> int | None:
    """Insert a request; None when one of this kind is open already."""
    rows = await session.execute(
        sql(
            "INSERT INTO data_request (person_id, kind, asked_at, due_at, basis) VALUES (:person, :kind, :now, :due, :basis) "
            "ON CONFLICT (person_id, kind) WHERE state = 'open' DO NOTHING RETURNING id"
        ),
        {"person": person_id, "kind": kind, "now": now, "due": due, "basis": basis},
    )
    found = rows.scalar()
    return int(found) if found is not None else None


async def lock_request(session: AsyncSession, request_id: int) -> Request | None:
    """Return an open request, locked until the transaction ends."""
    row = (
        await session.execute(sql(f"{_REQUEST} WHERE id = :id AND state = 'open' FOR UPDATE"), {"id": request_id})
    ).one_or_none()
    return Request(*row) if row else None


async def fetch_open_request(session: AsyncSession, request_id: int) -> Request | None:
    """Return an open request."""
    row = (await session.execute(sql(f"{_REQUEST} WHERE id = :id AND state = 'open'"), {"id": request_id})).one_or_none()
    return Request(*row) if row else None


async def fetch_own_requests(session: AsyncSession, person_id: UUID) -> list[Request]:
    """Return a person's latest requests, newest first."""
    rows = await session.execute(sql(f"{_REQUEST} WHERE person_id = :person ORDER BY id DESC LIMIT 5"), {"person": person_id})
    return [Request(*row) for row in rows]


async def fetch_open_requests(session: AsyncSession, after: tuple[datetime, int] | None) -> list[tuple[Request, Row[Any]]]:
    """Return a page of open requests, the nearest deadline first, at most PAGE + 1, each with phone_cipher and email_cipher."""
    where = "AND (due_at, id) > (:at, :id)" if after else ""
    values: dict[str, Any] = {"at": after[0], "id": after[1]} if after else {}
    rows = await session.execute(
        sql(
            f"SELECT r.*, p.phone_cipher, p.email_cipher FROM ({_REQUEST} "  # noqa: S608 - words of ours
            f"WHERE state = 'open' {where} ORDER BY due_at, id LIMIT :limit) r JOIN person p ON p.id = r.person_id ORDER BY r.due_at, r.id"
        ),
        {**values, "limit": PAGE + 1},
    )
    return [(Request(*row[:-2]), row) for row in rows]


async def save_decision(
    session: AsyncSession, request_id: int, state: str, now: datetime, decided_by: UUID | None, reason: str = ""
) -> None:
    """Close an open request."""
    await session.execute(
        sql("UPDATE data_request SET state = :state, decided_at = :now, decided_by = :by, reason = :reason WHERE id = :id"),
        {"id": request_id, "state": state, "now": now, "by": decided_by, "reason": reason},
    )


async def fetch_codes_sent(session: AsyncSession, after: UUID | None) -> Sequence[Row[Any]]:
    """Return id and contact_cipher of one-time codes that were sent to a contact, by id, some at a time."""
    rows = await session.execute(
        sql(
            "SELECT id, contact_cipher FROM one_time_code WHERE contact_cipher IS NOT NULL "
            "AND (CAST(:after AS uuid) IS NULL OR id > :after) ORDER BY id LIMIT :most"
        ),
        {"after": after, "most": _CODES},
    )
    return rows.all()


async def empty_account(
    session: AsyncSession, person_id: UUID, now: datetime, nobodys: bytes, sealed: bytes, gone_codes: list[UUID]
) -> int:
    """Take everything that names a person out of the tables of accounts; return in how many rows.

    Args:
        session: the transaction.
        person_id: whose.
        now: the moment.
        nobodys: a random hash that stands where the contact's stood: an account has one, and nobody may sign in with this.
        sealed: nothing, sealed.
        gone_codes: one-time codes that were sent to the person.
    """
    values = {"person": person_id, "now": now, "hash": nobodys, "sealed": sealed, "gone": "đã xoá", "codes": gone_codes}
    changed = 0
    for statement in _EMPTYING:
        done = await session.execute(sql(f"{statement} RETURNING 1"), {name: values[name] for name in values if f":{name}" in statement})
        changed += len(done.all())
    return changed


_EMPTYING = (
    "UPDATE person SET display_name = '', phone_cipher = :sealed, phone_hash = :hash, email_cipher = NULL, email_hash = NULL, "
    "disabled_at = :now, erased_at = :now WHERE id = :person",
    "UPDATE sign_in_session SET address = '', agent = '' WHERE person_id = :person",
    "UPDATE second_factor SET name = :gone, removed_at = coalesce(removed_at, :now) WHERE person_id = :person",
    "UPDATE second_factor SET credential_id = uuid_send(id), public_key = '' WHERE person_id = :person AND kind = 'passkey'",
    "UPDATE recovery_code SET used_at = :now WHERE person_id = :person AND used_at IS NULL",
    "UPDATE access_token SET name = :gone, revoked_at = coalesce(revoked_at, :now) WHERE person_id = :person",
    "UPDATE oauth_consent SET withdrawn_at = coalesce(withdrawn_at, :now) WHERE person_id = :person",
    "UPDATE oauth_token SET revoked_at = :now WHERE person_id = :person AND revoked_at IS NULL",
    "DELETE FROM oauth_code WHERE person_id = :person",
    "UPDATE outside_link SET subject_hash = :hash, number_hash = NULL, number_cipher = NULL, removed_at = coalesce(removed_at, :now) "
    "WHERE person_id = :person",
    "DELETE FROM outside_session o USING sign_in_session s WHERE s.id = o.session_id AND s.person_id = :person",
    "UPDATE population_lookup SET name_hash = :hash WHERE person_id = :person AND name_hash IS NOT NULL",
    "DELETE FROM sign_in_challenge WHERE person_id = :person",
    "DELETE FROM one_time_code WHERE person_id = :person OR id = ANY(:codes)",
)
