"""Queries on look-ups in the population register; rows are only ever added."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.sql import sql


async def save_lookup(session: AsyncSession, row: dict[str, Any]) -> None:
    """Write down one question and what came of it (`row`: the columns)."""
    await session.execute(
        sql(
            "INSERT INTO population_lookup (id, person_id, asked_by, purpose, consent, at, outcome, matched, reference, name_hash) "
            "VALUES (:id, :person_id, :asked_by, :purpose, :consent, :at, :outcome, :matched, :reference, :name_hash)"
        ),
        row,
    )


async def fetch_person(session: AsyncSession, person_id: UUID) -> Row[Any]:
    """Return `name`, and `number_cipher` of the newest link that knows the identity number (None without one)."""
    rows = await session.execute(
        sql(
            "SELECT p.display_name AS name, (SELECT l.number_cipher FROM outside_link l WHERE l.person_id = p.id "
            "AND l.removed_at IS NULL AND l.number_cipher IS NOT NULL ORDER BY l.last_used_at DESC LIMIT 1) AS number_cipher "
            "FROM person p WHERE p.id = :id"
        ),
        {"id": person_id},
    )
    return rows.one()


async def fetch_confirmed_at(session: AsyncSession, person_id: UUID, names: Sequence[bytes]) -> datetime | None:
    """Return when a person's name, kept as one of these hashes, was last confirmed; None when it never was."""
    rows = await session.execute(
        sql(
            "SELECT at FROM population_lookup WHERE person_id = :person AND outcome = 'confirmed' AND name_hash = ANY(:names) "
            "ORDER BY at DESC LIMIT 1"
        ),
        {"person": person_id, "names": list(names)},
    )
    return rows.scalar()


async def save_name(session: AsyncSession, person_id: UUID, name: str, now: datetime) -> None:
    """Give a citizen the name that was confirmed, and note since when it is borne."""
    await session.execute(
        sql(
            "UPDATE person SET named_at = CASE WHEN display_name = :name THEN named_at ELSE :now END, display_name = :name "
            "WHERE id = :id AND kind = 'citizen' AND erased_at IS NULL"
        ),
        {"name": name, "id": person_id, "now": now},
    )
