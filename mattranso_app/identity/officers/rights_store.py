"""The one question behind the screen of rights: which roles, own and lent, count on a unit. No rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.access import Role
from mattranso_app.core.sql import sql
from mattranso_app.identity.officers.store import PAGE
from mattranso_app.identity.store import NEED_FACTOR


@dataclass(frozen=True, slots=True)
class CountingRole:
    """A role that counts on the unit asked about.

    Attributes:
        role: which.
        unit_path: path of the unit it was given on: that unit or one above it.
        unit_name: its name.
        lender: name of the colleague who has lent it, empty for a role of one's own.
        until: until when it is held, None while nothing ends it.
    """

    role: Role
    unit_path: str
    unit_name: str
    lender: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody with roles that count on the unit.

    Attributes:
        has_factor: a second factor is set up.
        must_have_factor: some role of his own, anywhere, may not be used without one.
    """

    person_id: UUID
    user_name: str
    name: str
    unit_name: str
    has_factor: bool
    must_have_factor: bool
    roles: tuple[CountingRole, ...]


_HOLDERS = """
SELECT p.id, c.user_name, p.display_name, home.name AS unit_name,
       EXISTS (SELECT FROM second_factor f WHERE f.person_id = p.id AND f.confirmed_at IS NOT NULL AND f.removed_at IS NULL)
         AS has_factor,
       EXISTS (SELECT FROM role_grant g JOIN unit gu ON gu.id = g.unit_id WHERE g.person_id = p.id AND g.role = ANY(:need)
                AND g.valid_from <= :now AND (g.valid_to IS NULL OR g.valid_to > :now)
                AND (gu.valid_to IS NULL OR gu.valid_to > :today)) AS must_have_factor,
       held.roles
  FROM (SELECT h.person_id,
               jsonb_agg(jsonb_build_array(h.role, u.path, u.name, coalesce(lender.display_name, ''), h.valid_to)
                         ORDER BY h.delegation_id NULLS FIRST, length(u.path), h.grant_id) AS roles
          FROM unit u
          JOIN held_role h ON h.unit_id = u.id
          LEFT JOIN person lender ON lender.id = h.delegator_id
         WHERE u.path = ANY(:above) AND (u.valid_to IS NULL OR u.valid_to > :today)
           AND h.organisation = :organisation AND h.role = ANY(:roles)
           AND h.valid_from <= :now AND (h.valid_to IS NULL OR h.valid_to > :now)
         GROUP BY h.person_id) AS held
  JOIN person p ON p.id = held.person_id
  JOIN credential c ON c.person_id = p.id
  JOIN unit home ON home.id = p.unit_id
 WHERE p.disabled_at IS NULL AND c.user_name > :after
   AND (starts_with(c.user_name, lower(:query)) OR position(lower(:query) in lower(p.display_name)) > 0)
 ORDER BY c.user_name
 LIMIT :limit
"""


async def fetch_holders(
    session: AsyncSession, above: Sequence[str], organisation: str, roles: Sequence[Role], now: datetime, today: Any, after: str, query: str
) -> list[Holder]:
    """Return who holds one of `roles` on one of the units at `above`, by user name, at most PAGE + 1: one more tells of a next page.

    Args:
        session: the open transaction.
        above: paths of the unit asked about and of those above it.
        organisation: whose roles.
        roles: which.
        now: the moment.
        today: its day in Viet Nam.
        after: the last user name of the page before.
        query: beginning of a user name or part of a name; empty for all.
    """
    rows = await session.execute(
        sql(_HOLDERS),
        {
            "above": list(above), "organisation": organisation, "roles": list(roles), "need": list(NEED_FACTOR), "now": now,
            "today": today, "after": after, "query": query, "limit": PAGE + 1,
        },
    )
    return [_holder(row) for row in rows]


def _holder(row: Row[Any]) -> Holder:
    roles = tuple(
        CountingRole(Role(role), path, name, lender, datetime.fromisoformat(until) if until else None)
        for role, path, name, lender, until in row.roles
    )
    return Holder(row.id, row.user_name, row.display_name, row.unit_name, row.has_factor, row.must_have_factor, roles)
