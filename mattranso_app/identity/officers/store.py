"""Queries on administrators, lent roles and transfers; no rules. Every list is bounded and paged by key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.access import ROLE_ACTIONS, Action
from mattranso_app.core.clock import VN
from mattranso_app.core.sql import sql
from mattranso_app.identity.store import HeldGrant

MANAGING = [role.value for role, actions in ROLE_ACTIONS.items() if Action.STAFF_MANAGE in actions]
"""Roles that manage staff."""

PAGE = 50


@dataclass(frozen=True, slots=True)
class Delegation:
    """A role lent for a time, with what a screen shows of it.

    Attributes:
        role: the role lent.
        unit_name: the unit it is held on.
        unit_path: its path.
        home_path: path of the home unit of who lends it.
        valid_from: from this moment on.
        valid_to: until this moment.
    """

    id: int
    grant_id: int
    role: str
    organisation: str
    unit_name: str
    unit_path: str
    delegator_id: UUID
    delegator_name: str
    home_path: str
    person_id: UUID
    person_name: str
    valid_from: datetime
    valid_to: datetime


async def lock_administrators(session: AsyncSession, organisation: str) -> None:
    """Have whoever else takes an administrator's role of this organisation wait until the transaction ends."""
    await session.execute(
        sql("SELECT pg_advisory_xact_lock(hashtext('administrators'), hashtext(:organisation))"), {"organisation": organisation}
    )


async def has_other_administrator(session: AsyncSession, grant: HeldGrant, but: Sequence[int], now: datetime) -> bool:
    """Return whether somebody else administers the unit of `grant`, at it or above it, by a role of his own.

    Args:
        session: the open transaction.
        grant: the role whose unit and organisation are asked about.
        but: roles that do not count, and neither does the holder of `grant`.
        now: the moment.
    """
    found = await session.execute(
        sql(
            "SELECT EXISTS (SELECT FROM role_grant g JOIN unit u ON u.id = g.unit_id JOIN person p ON p.id = g.person_id "
            "WHERE g.role = 'administrator' AND g.organisation = :organisation AND g.id <> ALL(:but) AND g.person_id <> :person "
            "AND g.valid_from <= :now AND g.valid_to IS NULL AND p.disabled_at IS NULL AND starts_with(:path, u.path) "
            "AND (u.valid_to IS NULL OR u.valid_to > :today))"
        ),
        {
            "organisation": grant.organisation, "but": list(but), "person": grant.person_id, "path": grant.unit_path, "now": now,
            "today": now.astimezone(VN).date(),
        },
    )
    return bool(found.scalar_one())


async def lock_grants(session: AsyncSession, person_id: UUID, grant_ids: Sequence[int], now: datetime) -> list[HeldGrant]:
    """Return those of a person's own roles that are held now, locked against change."""
    rows = await session.execute(
        sql(
            "SELECT g.id, g.person_id, g.role, g.organisation, g.unit_id, u.path, u.name FROM role_grant g "
            "JOIN unit u ON u.id = g.unit_id WHERE g.person_id = :person AND g.id = ANY(:ids) AND g.valid_from <= :now "
            "AND (g.valid_to IS NULL OR g.valid_to > :now) ORDER BY g.id FOR NO KEY UPDATE OF g"
        ),
        {"person": person_id, "ids": list(grant_ids), "now": now},
    )
    return [HeldGrant(*row) for row in rows]


async def fetch_colleague(session: AsyncSession, user_name: str) -> Row[Any] | None:
    """Return id, unit_id, organisation, disabled and display_name of an officer, or None; the row is locked."""
    rows = await session.execute(
        sql(
            "SELECT p.id, p.unit_id, p.organisation, p.disabled_at IS NOT NULL AS disabled, p.display_name FROM person p "
            "JOIN credential c ON c.person_id = p.id WHERE c.user_name = :name FOR SHARE OF p"
        ),
        {"name": user_name},
    )
    return rows.one_or_none()


async def fetch_colleagues(session: AsyncSession, person_id: UUID) -> list[tuple[str, str]]:
    """Return user name and name of the people of the same unit and organisation, at most PAGE, by user name."""
    rows = await session.execute(
        sql(
            "SELECT c.user_name, p.display_name FROM person me "
            "JOIN person p ON p.unit_id = me.unit_id AND p.organisation = me.organisation JOIN credential c ON c.person_id = p.id "
            "WHERE me.id = :me AND p.id <> me.id AND p.kind = 'officer' AND p.disabled_at IS NULL "
            "ORDER BY c.user_name LIMIT :limit"
        ),
        {"me": person_id, "limit": PAGE},
    )
    return [(row.user_name, row.display_name) for row in rows]


async def save_delegation(
    session: AsyncSession, grant: HeldGrant, person_id: UUID, since: datetime, until: datetime, given_by: UUID | None, now: datetime
) -> int | None:
    """Lend a locked role; return the number, or None where this colleague has it for some of that time already."""
    made = await session.execute(
        sql(
            "INSERT INTO role_delegation (grant_id, delegator_id, person_id, valid_from, valid_to, given_by, created_at) "
            "SELECT :grant, :delegator, :person, :since, :until, :by, :now WHERE NOT EXISTS (SELECT FROM role_delegation "
            "WHERE grant_id = :grant AND person_id = :person AND valid_from < :until AND valid_to > :since AND valid_to > valid_from) "
            "RETURNING id"
        ),
        {
            "grant": grant.id, "delegator": grant.person_id, "person": person_id, "since": since, "until": until, "by": given_by,
            "now": now,
        },
    )
    number: int | None = made.scalar_one_or_none()
    return number


_DELEGATION = """
SELECT d.id, d.grant_id, g.role, g.organisation, u.name, u.path, d.delegator_id, lender.display_name, home.path,
       d.person_id, p.display_name, d.valid_from, least(d.valid_to, g.valid_to)
  FROM role_delegation d
  JOIN role_grant g ON g.id = d.grant_id
  JOIN unit u ON u.id = g.unit_id
  JOIN person lender ON lender.id = d.delegator_id
  JOIN unit home ON home.id = lender.unit_id
  JOIN person p ON p.id = d.person_id
"""


async def fetch_delegation(session: AsyncSession, delegation_id: int, now: datetime) -> Delegation | None:
    """Return a lent role that has not ended, locked."""
    rows = await session.execute(
        sql(
            f"{_DELEGATION} WHERE d.id = :id AND d.valid_to > d.valid_from AND least(d.valid_to, g.valid_to) > :now "
            "FOR NO KEY UPDATE OF d"
        ),
        {"id": delegation_id, "now": now},
    )
    row = rows.one_or_none()
    return Delegation(*row) if row else None


async def fetch_delegations(session: AsyncSession, person_ids: Sequence[UUID], now: datetime) -> list[Delegation]:
    """Return what these people lend or are lent, now or later, by its beginning, at most PAGE for each."""
    if not person_ids:
        return []
    rows = await session.execute(
        sql(
            f"{_DELEGATION} WHERE (d.delegator_id = ANY(:people) OR d.person_id = ANY(:people)) AND d.valid_to > :now "
            "AND d.valid_to > d.valid_from AND (g.valid_to IS NULL OR g.valid_to > :now) ORDER BY d.valid_from, d.id LIMIT :limit"
        ),
        {"people": list(person_ids), "now": now, "limit": PAGE * len(person_ids)},
    )
    return [Delegation(*row) for row in rows]


async def end_delegations(
    session: AsyncSession, now: datetime, by: UUID | None, *, delegation_id: int | None = None, person_id: UUID | None = None
) -> list[int]:
    """End a lent role, or all a person lends or is lent; return their numbers.

    Args:
        session: the open transaction.
        now: the moment of the end; what had not begun never begins.
        by: who ends it.
        delegation_id: only this one.
        person_id: only those this person lends or is lent.
    """
    rows = await session.execute(
        sql(
            "UPDATE role_delegation SET valid_to = greatest(:now, valid_from), ended_by = CAST(:by AS uuid), ended_at = :now "
            "WHERE valid_to > :now AND valid_to > valid_from AND (id = CAST(:id AS bigint) OR person_id = CAST(:person AS uuid) "
            "OR delegator_id = CAST(:person AS uuid)) RETURNING id"
        ),
        {"now": now, "by": by, "id": delegation_id, "person": person_id},
    )
    return sorted(rows.scalars())


@dataclass(frozen=True, slots=True)
class Transfer:
    """An officer on the way from one unit to another, not decided yet."""

    id: int
    person_id: UUID
    user_name: str
    name: str
    organisation: str
    from_id: int
    from_name: str
    from_path: str
    to_id: int
    to_name: str
    to_path: str
    proposed_at: datetime
    proposed_by: UUID | None


_TRANSFER = """
SELECT t.id, t.person_id, c.user_name, p.display_name, p.organisation, t.from_unit_id, old.name, old.path, t.to_unit_id, new.name,
       new.path, t.proposed_at, t.proposed_by
  FROM staff_transfer t
  JOIN person p ON p.id = t.person_id
  JOIN credential c ON c.person_id = p.id
  JOIN unit old ON old.id = t.from_unit_id
  JOIN unit new ON new.id = t.to_unit_id
 WHERE t.decision IS NULL
"""


async def save_transfer(
    session: AsyncSession, person_id: UUID, from_id: int, to_id: int, by: UUID | None, now: datetime
) -> int | None:
    """Propose a transfer; return its number, or None where one is open already."""
    made = await session.execute(
        sql(
            "INSERT INTO staff_transfer (person_id, from_unit_id, to_unit_id, proposed_by, proposed_at) "
            "VALUES (:person, :from, :to, :by, :now) ON CONFLICT (person_id) WHERE decision IS NULL DO NOTHING RETURNING id"
        ),
        {"person": person_id, "from": from_id, "to": to_id, "by": by, "now": now},
    )
    number: int | None = made.scalar_one_or_none()
    return number


async def fetch_transfer(session: AsyncSession, transfer_id: int) -> Transfer | None:
    """Return an undecided transfer, locked; None when there is none."""
    rows = await session.execute(sql(f"{_TRANSFER} AND t.id = :id FOR NO KEY UPDATE OF t"), {"id": transfer_id})
    row = rows.one_or_none()
    return Transfer(*row) if row else None


async def fetch_transfers(session: AsyncSession, scopes: Sequence[str], organisation: str, after: int) -> list[Transfer]:
    """Return undecided transfers out of or into the units below `scopes`, oldest first, at most PAGE, after number `after`."""
    rows = await session.execute(
        sql(
            f"{_TRANSFER} AND p.organisation = :organisation AND t.id > :after AND EXISTS (SELECT FROM unnest(CAST(:scopes AS text[])) "
            "AS scope WHERE starts_with(old.path, scope) OR starts_with(new.path, scope)) ORDER BY t.id LIMIT :limit"
        ),
        {"scopes": list(scopes), "organisation": organisation, "after": after, "limit": PAGE},
    )
    return [Transfer(*row) for row in rows]


async def fetch_managed_paths(session: AsyncSession, person_id: UUID, organisation: str, now: datetime) -> tuple[str, ...]:
    """Return the paths of the units whose staff somebody may manage now, by roles of his own or lent to him."""
    rows = await session.execute(
        sql(
            "SELECT u.path FROM held_role h JOIN unit u ON u.id = h.unit_id JOIN person p ON p.id = h.person_id "
            "WHERE h.person_id = :person AND h.role = ANY(:roles) AND h.organisation = :organisation AND p.disabled_at IS NULL "
            "AND h.valid_from <= :now AND (h.valid_to IS NULL OR h.valid_to > :now) AND (u.valid_to IS NULL OR u.valid_to > :today)"
        ),
        {
            "person": person_id, "roles": MANAGING, "organisation": organisation, "now": now, "today": now.astimezone(VN).date(),
        },
    )
    return tuple(rows.scalars())


async def end_transfers_of_merged(
    session: AsyncSession, unit_ids: Sequence[int], heir_ids: Sequence[int], now: datetime
) -> list[Row[Any]]:
    """End open transfers out of units that go into another, and those into a unit that goes into the officer's own.

    Returns:
        id, person_id, proposed_by and the officer's name of each.
    """
    rows = await session.execute(
        sql(
            "UPDATE staff_transfer t SET decision = 'withdrawn', decided_at = :now "
            "FROM unnest(CAST(:units AS integer[]), CAST(:heirs AS integer[])) AS m (unit, heir), person p "
            "WHERE t.decision IS NULL AND p.id = t.person_id "
            "AND (t.from_unit_id = m.unit OR (t.to_unit_id = m.unit AND t.from_unit_id = m.heir)) "
            "RETURNING t.id, t.person_id, t.proposed_by, p.display_name AS name"
        ),
        {"units": list(unit_ids), "heirs": list(heir_ids), "now": now},
    )
    return list(rows)


async def lead_transfers_to_heirs(session: AsyncSession, unit_ids: Sequence[int], heir_ids: Sequence[int]) -> list[Row[Any]]:
    """Lead open transfers into units that go into another to the heir of each; return id, person_id and to_unit_id."""
    rows = await session.execute(
        sql(
            "UPDATE staff_transfer t SET to_unit_id = m.heir "
            "FROM unnest(CAST(:units AS integer[]), CAST(:heirs AS integer[])) AS m (unit, heir) "
            "WHERE t.decision IS NULL AND t.to_unit_id = m.unit RETURNING t.id, t.person_id, t.to_unit_id"
        ),
        {"units": list(unit_ids), "heirs": list(heir_ids)},
    )
    return list(rows)


async def save_transfer_decision(session: AsyncSession, transfer_id: int, decision: str, by: UUID | None, now: datetime) -> None:
    """Close a locked transfer.

    Args:
        session: the open transaction.
        transfer_id: which.
        decision: "accepted", "declined" or "withdrawn".
        by: who decides.
        now: when.
    """
    await session.execute(
        sql("UPDATE staff_transfer SET decision = :decision, decided_by = :by, decided_at = :now WHERE id = :id"),
        {"id": transfer_id, "decision": decision, "by": by, "now": now},
    )


async def count_grants_since(session: AsyncSession, person_id: UUID, since: datetime, now: datetime) -> int:
    """Return how many roles held now a person was given after `since`."""
    found = await session.execute(
        sql(
            "SELECT count(*) FROM role_grant WHERE person_id = :person AND valid_from > :since AND (valid_to IS NULL OR valid_to > :now)"
        ),
        {"person": person_id, "since": since, "now": now},
    )
    return int(found.scalar_one())


async def save_home(session: AsyncSession, person_id: UUID, unit_id: int) -> None:
    """Make a unit an officer's home."""
    await session.execute(sql("UPDATE person SET unit_id = :unit WHERE id = :id"), {"id": person_id, "unit": unit_id})


async def fetch_units_by_code(
    session: AsyncSession, codes: Sequence[str], own_id: int | None, today: date
) -> dict[str, tuple[int, str]]:
    """Return id and path of today's units by code, and under the empty code those of the unit `own_id`."""
    rows = await session.execute(
        sql(
            "SELECT code, id, path FROM unit WHERE (code = ANY(:codes) OR id = :own) AND level <> 'group' "
            "AND (valid_to IS NULL OR valid_to > :today)"
        ),
        {"codes": list(codes), "own": own_id, "today": today},
    )
    found: dict[str, tuple[int, str]] = {}
    for row in rows:
        found[row.code] = (row.id, row.path)
        if row.id == own_id:
            found[""] = (row.id, row.path)
    return found
