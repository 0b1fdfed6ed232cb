"""Versions of units: kept beside the current state, in the transaction that changes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import text as sql_text
from sqlalchemy.ext.asyncio import AsyncSession

_SAME = "level, code, kind, name, short_name, parent_id, path, sort_key, folded"


async def write(session: AsyncSession, unit_ids: Sequence[int], day: date, basis: str) -> None:
    """Record what the units are from `day` on: their row in `unit` must say it already.

    The version before ends on that day. A version that began on the very day is corrected instead: within one day there
    is one truth.

    Args:
        session: the open transaction.
        unit_ids: units that were made or changed.
        day: from which they are what they are now.
        basis: the resolution or decision.
    """
    if not unit_ids:
        return
    values = {"ids": list(unit_ids), "day": day, "basis": basis}
    await session.execute(
        sql_text("UPDATE unit_version SET valid_to = :day WHERE unit_id = ANY(:ids) AND valid_to IS NULL AND valid_from < :day"),
        values,
    )
    await session.execute(
        sql_text(
            f"INSERT INTO unit_version (unit_id, valid_from, basis, {_SAME}) "  # noqa: S608 - column names of ours
            f"SELECT id, :day, :basis, {_SAME} FROM unit WHERE id = ANY(:ids) AND valid_to IS NULL "
            "ON CONFLICT (unit_id, valid_from) DO UPDATE SET basis = excluded.basis, level = excluded.level, "
            "code = excluded.code, kind = excluded.kind, name = excluded.name, short_name = excluded.short_name, "
            "parent_id = excluded.parent_id, path = excluded.path, sort_key = excluded.sort_key, folded = excluded.folded"
        ),
        values,
    )


async def close(session: AsyncSession, unit_ids: Sequence[int], day: date) -> None:
    """End the units: from `day` on they are no more."""
    if not unit_ids:
        return
    values = {"ids": list(unit_ids), "day": day}
    await session.execute(sql_text("UPDATE unit SET valid_to = :day WHERE id = ANY(:ids) AND valid_to IS NULL"), values)
    await session.execute(
        sql_text("UPDATE unit_version SET valid_to = :day WHERE unit_id = ANY(:ids) AND valid_to IS NULL"), values
    )
