"""Queries of invitations and of officers' work contacts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.clock import VN
from mattranso_app.core.sql import sql
from mattranso_app.identity.officers.store import MANAGING

PAGE = 50
KEPT = timedelta(days=30)
"""How long an invitation nobody answered is kept after it has run out, for sending it again."""

_OPEN = "i.used_at IS NULL AND i.withdrawn_at IS NULL"
_HOLDS = (
    f"{_OPEN} AND i.expires_at > :now "
    "AND EXISTS (SELECT FROM unit u WHERE u.id = i.unit_id AND (u.valid_to IS NULL OR u.valid_to > :today))"
)
_SELECT = """
SELECT i.id, i.person_id, i.display_name, i.channel, i.contact_cipher, i.contact_hash, i.unit_id, u.name AS unit_name,
       u.path AS unit_path, (u.valid_to IS NULL OR u.valid_to > :today) AS unit_stands, i.organisation, i.roles, i.days,
       i.invited_by, i.expires_at
  FROM invitation i JOIN unit u ON u.id = i.unit_id
"""


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation nobody has used or withdrawn."""

    id: int
    person_id: UUID
    display_name: str
    channel: str
    contact_cipher: bytes
    contact_hash: bytes
    unit_id: int
    unit_name: str
    unit_path: str
    unit_stands: bool
    organisation: str
    roles: list[str]
    days: int
    invited_by: UUID | None
    expires_at: datetime


async def save_invitation(session: AsyncSession, values: dict[str, Any]) -> int:
    """Keep a new invitation; `values` has the columns by name. Return its number."""
    made = await session.execute(
        sql(
            "INSERT INTO invitation (token_hash, person_id, display_name, channel, contact_cipher, contact_hash, unit_id, "
            "organisation, roles, days, invited_by, created_at, expires_at) VALUES (:token_hash, :person_id, :display_name, "
            ":channel, :contact_cipher, :contact_hash, :unit_id, :organisation, :roles, :days, :invited_by, :now, :expires_at) "
            "RETURNING id"
        ),
        values,
    )
    return int(made.scalar_one())


async def fetch_by_token(
    session: AsyncSession, tokens: Sequence[bytes], moment: datetime, lock: bool = False
) -> Invitation | None:
    """Return the open invitation a link names, run out or not; with `lock` nobody else uses it meanwhile."""
    rows = await session.execute(
        sql(f"{_SELECT} WHERE i.token_hash = ANY(:tokens) AND {_OPEN} {'FOR UPDATE OF i' if lock else ''}"),
        {"tokens": list(tokens), "today": moment.astimezone(VN).date()},
    )
    return _invitation(rows.one_or_none())


async def fetch_by_id(session: AsyncSession, number: int, moment: datetime) -> Invitation | None:
    """Return an open invitation, run out or not, locked until the transaction ends."""
    rows = await session.execute(
        sql(f"{_SELECT} WHERE i.id = :id AND {_OPEN} FOR UPDATE OF i"), {"id": number, "today": moment.astimezone(VN).date()}
    )
    return _invitation(rows.one_or_none())


async def fetch_open(
    session: AsyncSession, scopes: Sequence[str], organisation: str, moment: datetime, after: int = 0
) -> list[Invitation]:
    """Return open invitations to units in one of `scopes`, the newest first, at most PAGE.

    Args:
        session: the open transaction.
        scopes: unit-path prefixes.
        organisation: whose.
        moment: now.
        after: number of the last one of the page before; 0 for the first page.
    """
    rows = await session.execute(
        sql(
            f"{_SELECT} WHERE i.organisation = :organisation AND {_OPEN} AND (:after = 0 OR i.id < :after) "
            "AND EXISTS (SELECT 1 FROM unnest(CAST(:scopes AS text[])) AS scope WHERE starts_with(u.path, scope)) "
            "ORDER BY i.id DESC LIMIT :limit"
        ),
        {
            "organisation": organisation, "scopes": list(scopes), "after": after, "limit": PAGE,
            "today": moment.astimezone(VN).date(),
        },
    )
    return [Invitation(*row) for row in rows]


async def fetch_waiting_at(session: AsyncSession, unit_ids: Sequence[int], moment: datetime) -> list[Invitation]:
    """Return the invitations to these units that wait and have not run out, oldest first."""
    rows = await session.execute(
        sql(f"{_SELECT} WHERE i.unit_id = ANY(:units) AND {_OPEN} AND i.expires_at > :now ORDER BY i.id"),
        {"units": list(unit_ids), "now": moment, "today": moment.astimezone(VN).date()},
    )
    return [Invitation(*row) for row in rows]


async def save_sent_again(
    session: AsyncSession, number: int, token_hash: bytes, by: UUID | None, expires_at: datetime
) -> None:
    """Give an invitation a new link; the one sent before is void."""
    await session.execute(
        sql("UPDATE invitation SET token_hash = :token, invited_by = :by, expires_at = :expires WHERE id = :id"),
        {"token": token_hash, "by": by, "expires": expires_at, "id": number},
    )


async def save_used(session: AsyncSession, number: int, moment: datetime) -> None:
    """Note that an invitation was accepted."""
    await session.execute(
        sql("UPDATE invitation SET used_at = :now, contact_cipher = NULL WHERE id = :id"), {"now": moment, "id": number}
    )


async def save_withdrawn(session: AsyncSession, number: int, by: UUID | None, moment: datetime) -> None:
    """Note that an invitation was withdrawn."""
    await session.execute(
        sql("UPDATE invitation SET withdrawn_at = :now, withdrawn_by = :by, contact_cipher = NULL WHERE id = :id"),
        {"now": moment, "by": by, "id": number},
    )


async def may_still_invite(
    session: AsyncSession, inviter: UUID, unit_path: str, organisation: str, moment: datetime, lock: bool = False
) -> bool:
    """Return whether somebody holds, by a role of his own, the right to manage the staff of this unit now; with `lock` nobody
    takes it away before the transaction ends.
    """
    found = await session.execute(
        sql(
            "SELECT g.id FROM role_grant g JOIN unit u ON u.id = g.unit_id JOIN person p ON p.id = g.person_id "
            "WHERE g.person_id = :inviter AND g.role = ANY(:roles) AND g.organisation = :organisation AND p.disabled_at IS NULL "
            "AND g.valid_from <= :now AND (g.valid_to IS NULL OR g.valid_to > :now) "
            f"AND (u.valid_to IS NULL OR u.valid_to > :today) AND starts_with(:path, u.path) {'FOR SHARE OF g, p' if lock else ''}"
        ),
        {
            "inviter": inviter, "roles": MANAGING, "organisation": organisation, "path": unit_path, "now": moment,
            "today": moment.astimezone(VN).date(),
        },
    )
    return found.first() is not None


async def is_invited(session: AsyncSession, hashes: Sequence[bytes], moment: datetime) -> bool:
    """Return whether an invitation to this contact waits and holds; one to a unit that has gone into another does not."""
    found = await session.execute(
        sql(f"SELECT EXISTS (SELECT FROM invitation i WHERE i.contact_hash = ANY(:hashes) AND {_HOLDS})"),
        {"hashes": list(hashes), "now": moment, "today": moment.astimezone(VN).date()},
    )
    return bool(found.scalar_one())


async def fetch_taken(session: AsyncSession, hashes: Sequence[bytes], moment: datetime) -> set[bytes]:
    """Return those of these contacts that an officer has or that an invitation waits at and holds."""
    rows = await session.execute(
        sql(
            "SELECT contact_hash FROM work_contact WHERE contact_hash = ANY(:hashes) UNION "
            f"SELECT i.contact_hash FROM invitation i WHERE i.contact_hash = ANY(:hashes) AND {_HOLDS}"
        ),
        {"hashes": list(hashes), "now": moment, "today": moment.astimezone(VN).date()},
    )
    return {bytes(found) for found in rows.scalars()}


async def fetch_contact_owner(session: AsyncSession, hashes: Sequence[bytes]) -> UUID | None:
    """Return the officer whose work contact this is."""
    found = await session.execute(
        sql("SELECT person_id FROM work_contact WHERE contact_hash = ANY(:hashes)"), {"hashes": list(hashes)}
    )
    owner: UUID | None = found.scalar()
    return owner


async def save_work_contact(
    session: AsyncSession, person_id: UUID, channel: str, sealed: bytes, contact_hash: bytes, moment: datetime
) -> None:
    """Keep where an officer is told what happens to the account."""
    await session.execute(
        sql(
            "INSERT INTO work_contact (person_id, channel, contact_cipher, contact_hash, created_at) "
            "VALUES (:person, :channel, :sealed, :hash, :now)"
        ),
        {"person": person_id, "channel": channel, "sealed": sealed, "hash": contact_hash, "now": moment},
    )


async def is_name_taken(session: AsyncSession, user_name: str) -> bool:
    """Return whether an account has this user name."""
    found = await session.execute(sql("SELECT EXISTS (SELECT FROM credential WHERE user_name = :name)"), {"name": user_name})
    return bool(found.scalar_one())


async def sweep(session: AsyncSession, moment: datetime) -> None:
    """Forget invitations nobody answered long after they ran out."""
    await session.execute(
        sql("DELETE FROM invitation WHERE used_at IS NULL AND withdrawn_at IS NULL AND expires_at < :before"),
        {"before": moment - KEPT},
    )


def _invitation(row: Row[Any] | None) -> Invitation | None:
    return Invitation(*tuple(row)) if row is not None else None
