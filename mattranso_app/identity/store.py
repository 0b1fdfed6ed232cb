"""Queries on people, accounts, roles and sessions; no rules. Every list is bounded and paged by key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import db
from mattranso_app.core.access import Actor, Grant, Role
from mattranso_app.core.clock import VN, today
from mattranso_app.core.sql import sql
from mattranso_app.settings import settings

PAGE = 50
NEED_FACTOR = (Role.APPROVER, Role.ADMINISTRATOR)
"""Roles that may not be used without a second factor."""

SESSION_HISTORY = timedelta(days=90)
"""How long an ended session's row is kept; the audit log keeps that it was."""


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that holds now, with the actor it speaks for."""

    id: UUID
    actor: Actor
    last_seen_at: datetime
    idle_expires_at: datetime
    absolute_expires_at: datetime
    unit_name: str = ""


@dataclass(frozen=True, slots=True)
class HeldGrant:
    """A role somebody holds now, with the unit's name for showing."""

    id: int
    person_id: UUID
    role: str
    organisation: str
    unit_id: int
    unit_path: str
    unit_name: str


@dataclass(slots=True)
class Officer:
    """An officer as a list shows him, with the roles held now; a passkey counts as having a password."""

    person_id: UUID
    user_name: str
    display_name: str
    unit_id: int
    unit_path: str
    unit_name: str
    organisation: str
    disabled: bool
    has_password: bool
    grants: list[HeldGrant] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One of a person's live sessions, as its owner sees it."""

    id: UUID
    created_at: datetime
    last_seen_at: datetime
    address: str
    agent: str


WHO = """
       p.id AS person_id, p.kind, p.display_name, p.unit_id, coalesce(u.path, '') AS unit_path, coalesce(u.name, '') AS unit_name,
       (SELECT jsonb_agg(jsonb_build_array(g.role, g.organisation, gu.path, g.delegator_id))
          FROM held_role g JOIN unit gu ON gu.id = g.unit_id
         WHERE g.person_id = p.id AND g.valid_from <= :now AND (g.valid_to IS NULL OR g.valid_to > :now)
           AND (gu.valid_to IS NULL OR gu.valid_to > :today)) AS grants
"""
"""Columns of a person `p` at a unit `u` with the roles held now: whoever is asked for, by session or by token."""

_LIVE = """
SELECT s.id, s.last_seen_at, s.idle_expires_at, s.absolute_expires_at, s.methods, s.proved_at, {who}
  FROM sign_in_session s
  JOIN person p ON p.id = s.person_id
  LEFT JOIN unit u ON u.id = p.unit_id
 WHERE {key} AND s.ended_at IS NULL AND s.idle_expires_at > :now AND s.absolute_expires_at > :now
   AND p.disabled_at IS NULL
"""
_LIVE_BY_TOKEN = sql(_LIVE.format(who=WHO, key="s.token_hash = ANY(:tokens)"))
_LIVE_BY_ID = sql(_LIVE.format(who=WHO, key="s.id = :id"))


async def fetch_session_by_token(tokens: Sequence[bytes], now: datetime, address: str) -> LiveSession | None:
    """Return the live session whose cookie hashes to one of `tokens`. One statement: it runs before everything."""
    return await _fetch_live(_LIVE_BY_TOKEN, {"tokens": list(tokens)}, now, address)


async def fetch_session_by_id(session_id: UUID, now: datetime, address: str) -> LiveSession | None:
    """Return the session if it still lives; as `fetch_session_by_token`."""
    return await _fetch_live(_LIVE_BY_ID, {"id": session_id}, now, address)


async def _fetch_live(statement: Any, key: dict[str, Any], now: datetime, address: str) -> LiveSession | None:
    values = {**key, "now": now, "today": now.astimezone(VN).date()}
    async with db.glance() as connection:
        row = (await connection.execute(statement, values)).one_or_none()
    if row is None:
        return None
    grants, withheld = counting_roles(row.grants, row.methods)
    actor = Actor(
        kind=row.kind, person_id=row.person_id, name=row.display_name, session_id=row.id, unit_id=row.unit_id,
        unit_path=row.unit_path, grants=grants, address=address, withheld=withheld,
        proved_at=row.proved_at,
    )
    return LiveSession(row.id, actor, row.last_seen_at, row.idle_expires_at, row.absolute_expires_at, row.unit_name)


def counting_roles(held: Sequence[Sequence[str]] | None, methods: Sequence[str]) -> tuple[tuple[Grant, ...], tuple[Grant, ...]]:
    """Return the roles that count in a session proved by `methods`, and those withheld: here, for every door at once.

    Who may approve or administer has no lesser rights either without the second factor; his own account stays open to
    him. A role lent by a colleague asks for the factor too, but whoever lends it takes nothing from what the other has.

    Args:
        held: role, organisation, unit path and lender of each role, as the session's query gives them.
        methods: how the session was proved (RFC 8176).
    """
    grants = tuple(
        Grant(Role(role), organisation, path, UUID(lender) if lender else None) for role, organisation, path, lender in held or ()
    )
    if "mfa" in methods or not settings().requires_second_factor:
        return grants, ()
    own_too = any(grant.role in NEED_FACTOR and grant.on_behalf_of is None for grant in grants)
    withheld = tuple(grant for grant in grants if own_too or grant.role in NEED_FACTOR)
    return tuple(grant for grant in grants if grant not in withheld), withheld


async def fetch_still_live(session_ids: Sequence[UUID], now: datetime) -> set[UUID]:
    """Return those of `session_ids` that have neither ended nor expired and whose person is not disabled."""
    async with db.glance() as connection:
        rows = await connection.execute(
            sql(
                "SELECT s.id FROM sign_in_session s JOIN person p ON p.id = s.person_id WHERE s.id = ANY(:ids) "
                "AND s.ended_at IS NULL AND s.idle_expires_at > :now AND s.absolute_expires_at > :now AND p.disabled_at IS NULL"
            ),
            {"ids": list(session_ids), "now": now},
        )
        return set(rows.scalars())


async def save_last_seen(session: AsyncSession, session_id: UUID, now: datetime, idle_until: datetime) -> None:
    """Move the idle deadline of a live session; it never passes the absolute one."""
    await session.execute(
        sql(
            "UPDATE sign_in_session SET last_seen_at = :now, idle_expires_at = least(:until, absolute_expires_at) "
            "WHERE id = :id AND ended_at IS NULL AND idle_expires_at > :now"
        ),
        {"id": session_id, "now": now, "until": idle_until},
    )


async def save_session_end(
    session: AsyncSession, now: datetime, reason: str, *, session_id: UUID | None = None, person_id: UUID | None = None,
    spare: UUID | None = None,
) -> list[UUID]:
    """End sessions and return which.

    Args:
        session: the open transaction.
        now: the moment of the end.
        reason: why, one word.
        session_id: only this one.
        person_id: only those of this person.
        spare: never this one.
    """
    rows = await session.execute(
        sql(
            "UPDATE sign_in_session SET ended_at = :now, end_reason = :reason WHERE ended_at IS NULL "
            "AND (CAST(:id AS uuid) IS NULL OR id = :id) AND (CAST(:person AS uuid) IS NULL OR person_id = :person) "
            "AND (CAST(:id AS uuid) IS NOT NULL OR CAST(:person AS uuid) IS NOT NULL) "
            "AND id IS DISTINCT FROM CAST(:spare AS uuid) RETURNING id"
        ),
        {"now": now, "reason": reason, "id": session_id, "person": person_id, "spare": spare},
    )
    return list(rows.scalars())


async def fetch_sessions(session: AsyncSession, person_id: UUID, now: datetime) -> list[SessionRow]:
    """Return a person's live sessions, newest first, at most PAGE."""
    rows = await session.execute(
        sql(
            "SELECT id, created_at, last_seen_at, address, agent FROM sign_in_session WHERE person_id = :person "
            "AND ended_at IS NULL AND idle_expires_at > :now AND absolute_expires_at > :now ORDER BY created_at DESC LIMIT :limit"
        ),
        {"person": person_id, "now": now, "limit": PAGE},
    )
    return [SessionRow(*row) for row in rows]


async def fetch_credential(session: AsyncSession, user_name: str) -> Row[Any] | None:
    """Return person_id, password_hash, disabled, display_name of an account, or None."""
    rows = await session.execute(
        sql(
            "SELECT c.person_id, c.password_hash, p.disabled_at IS NOT NULL AS disabled, p.display_name "
            "FROM credential c JOIN person p ON p.id = c.person_id WHERE c.user_name = :name"
        ),
        {"name": user_name},
    )
    return rows.one_or_none()


async def fetch_citizen(session: AsyncSession, kind: str, hashes: Sequence[bytes]) -> Row[Any] | None:
    """Return id and disabled of the citizen with this contact.

    Args:
        session: the open transaction.
        kind: "phone" or "email".
        hashes: the contact's keyed hashes.
    """
    column = {"phone": "phone_hash", "email": "email_hash"}[kind]
    rows = await session.execute(
        sql(f"SELECT id, disabled_at IS NOT NULL AS disabled FROM person WHERE {column} = ANY(:hashes)"),  # noqa: S608
        {"hashes": list(hashes)},
    )
    return rows.first()


async def fetch_unit(session: AsyncSession, unit_id: int) -> Row[Any] | None:
    """Return id, path and name of a unit that exists today, or None."""
    rows = await session.execute(
        sql("SELECT id, path, name FROM unit WHERE id = :id AND (valid_to IS NULL OR valid_to > :today)"),
        {"id": unit_id, "today": today()},
    )
    return rows.one_or_none()


_OFFICER = """
SELECT p.id, c.user_name, p.display_name, p.unit_id, u.path, u.name, p.organisation,
       p.disabled_at IS NOT NULL,
       c.password_hash IS NOT NULL
       OR EXISTS (SELECT FROM second_factor f WHERE f.person_id = p.id AND f.kind = 'passkey' AND f.removed_at IS NULL)
  FROM person p JOIN credential c ON c.person_id = p.id JOIN unit u ON u.id = p.unit_id
"""


async def fetch_officer(session: AsyncSession, person_id: UUID, now: datetime, lock: bool = False) -> Officer | None:
    """Return one officer with the roles held now; with `lock` nobody else changes the account meanwhile."""
    rows = await session.execute(
        sql(f"{_OFFICER} WHERE p.id = :id {'FOR NO KEY UPDATE OF p' if lock else ''}"), {"id": person_id}
    )
    row = rows.one_or_none()
    if row is None:
        return None
    officer = Officer(*row)
    officer.grants = await fetch_grants(session, [person_id], now)
    return officer


async def fetch_officers(
    session: AsyncSession, scopes: Sequence[str], organisation: str, now: datetime, after: str = "", query: str = ""
) -> list[Officer]:
    """Return officers whose home unit lies in one of `scopes`, by user name, at most PAGE.

    Args:
        session: the open transaction.
        scopes: unit-path prefixes.
        organisation: the organisation they work for.
        now: the moment roles are looked at.
        after: the last user name of the page before.
        query: start of a user name, or empty.
    """
    rows = await session.execute(
        sql(
            f"{_OFFICER} WHERE p.kind = 'officer' AND p.organisation = :organisation AND c.user_name > :after "  # noqa: S608
            "AND starts_with(c.user_name, :query) "
            "AND EXISTS (SELECT 1 FROM unnest(CAST(:scopes AS text[])) AS scope WHERE starts_with(u.path, scope)) "
            "ORDER BY c.user_name LIMIT :limit"
        ),
        {"scopes": list(scopes), "organisation": organisation, "after": after, "query": query, "limit": PAGE},
    )
    officers = [Officer(*row) for row in rows]
    by_person = {officer.person_id: officer for officer in officers}
    for grant in await fetch_grants(session, list(by_person), now):
        by_person[grant.person_id].grants.append(grant)
    return officers


async def fetch_places_of_roles(session: AsyncSession, person_id: UUID, now: datetime) -> list[tuple[str, str]]:
    """Return path and organisation of every role a person holds or will hold, his own and those lent to him."""
    rows = await session.execute(
        sql(
            "SELECT DISTINCT u.path, h.organisation FROM held_role h JOIN unit u ON u.id = h.unit_id "
            "WHERE h.person_id = :person AND (h.valid_to IS NULL OR h.valid_to > :now)"
        ),
        {"person": person_id, "now": now},
    )
    return [(row.path, row.organisation) for row in rows]


async def fetch_grants(session: AsyncSession, person_ids: Sequence[UUID], now: datetime) -> list[HeldGrant]:
    """Return the roles these people hold now, in the order they were given."""
    if not person_ids:
        return []
    rows = await session.execute(
        sql(
            "SELECT g.id, g.person_id, g.role, g.organisation, g.unit_id, u.path, u.name FROM role_grant g "
            "JOIN unit u ON u.id = g.unit_id WHERE g.person_id = ANY(:people) AND g.valid_from <= :now "
            "AND (g.valid_to IS NULL OR g.valid_to > :now) ORDER BY g.id"
        ),
        {"people": list(person_ids), "now": now},
    )
    return [HeldGrant(*row) for row in rows]


async def fetch_grant(session: AsyncSession, grant_id: int, now: datetime) -> HeldGrant | None:
    """Return a role somebody holds now or will, locked; None when there is none."""
    rows = await session.execute(
        sql(
            "SELECT g.id, g.person_id, g.role, g.organisation, g.unit_id, u.path, u.name FROM role_grant g "
            "JOIN unit u ON u.id = g.unit_id WHERE g.id = :id AND (g.valid_to IS NULL OR g.valid_to > :now) FOR NO KEY UPDATE OF g"
        ),
        {"id": grant_id, "now": now},
    )
    row = rows.one_or_none()
    return HeldGrant(*row) if row else None


async def end_grants(session: AsyncSession, grant_ids: Sequence[int], by: UUID | None, now: datetime) -> None:
    """End these roles; what has not begun never begins.

    Args:
        session: the open transaction.
        grant_ids: which.
        by: who ends them.
        now: when.
    """
    await session.execute(
        sql("UPDATE role_grant SET valid_to = greatest(:now, valid_from), revoked_by = :by WHERE id = ANY(:ids)"),
        {"ids": list(grant_ids), "now": now, "by": by},
    )


async def end_roles_on(session: AsyncSession, unit_ids: Sequence[int], now: datetime) -> dict[UUID, list[str]]:
    """End every role on these units, as nobody's decision; return the ended roles by person."""
    rows = await session.execute(
        sql(
            "UPDATE role_grant SET valid_to = greatest(:now, valid_from) WHERE unit_id = ANY(:units) "
            "AND (valid_to IS NULL OR valid_to > :now) RETURNING person_id, organisation || ':' || role"
        ),
        {"units": list(unit_ids), "now": now},
    )
    ended: dict[UUID, list[str]] = {}
    for person_id, role in rows:
        ended.setdefault(person_id, []).append(role)
    return {person_id: sorted(roles) for person_id, roles in ended.items()}


async def move_homes(session: AsyncSession, unit_ids: Sequence[int], heir_ids: Sequence[int]) -> dict[UUID, int]:
    """Make the heir the home of the officers of each unit; return the new unit by person."""
    rows = await session.execute(
        sql(
            "UPDATE person p SET unit_id = m.heir FROM unnest(CAST(:units AS integer[]), CAST(:heirs AS integer[])) AS m (unit, heir) "
            "WHERE p.unit_id = m.unit AND p.kind = 'officer' RETURNING p.id, p.unit_id"
        ),
        {"units": list(unit_ids), "heirs": list(heir_ids)},
    )
    return {row.id: row.unit_id for row in rows}


async def fetch_merged_away(session: AsyncSession, person_id: UUID) -> Row[Any] | None:
    """Return name and heir of the unit with which a person's roles ended, unless roles were given since; else None."""
    rows = await session.execute(
        sql(
            "SELECT old.name, heir.name AS heir FROM role_grant g JOIN unit old ON old.id = g.unit_id "
            "JOIN unit_succession s ON s.from_id = old.id JOIN unit heir ON heir.id = s.to_id "
            "WHERE g.person_id = :person AND g.revoked_by IS NULL AND g.valid_to IS NOT NULL "
            "AND (g.valid_to AT TIME ZONE 'Asia/Ho_Chi_Minh')::date >= old.valid_to "
            "AND NOT EXISTS (SELECT FROM role_grant later WHERE later.person_id = g.person_id AND later.valid_from >= g.valid_to) "
            "ORDER BY g.valid_to DESC, s.share DESC NULLS LAST LIMIT 1"
        ),
        {"person": person_id},
    )
    return rows.one_or_none()


async def sweep(session: AsyncSession, now: datetime) -> None:
    """Remove codes that can no longer be used and sessions that ended long ago."""
    await session.execute(sql("DELETE FROM one_time_code WHERE expires_at < :before"), {"before": now - timedelta(days=1)})
    await session.execute(sql("DELETE FROM sign_in_challenge WHERE expires_at < :before"), {"before": now - timedelta(days=1)})
    await session.execute(
        sql("DELETE FROM sign_in_session WHERE absolute_expires_at < :before"), {"before": now - SESSION_HISTORY}
    )
