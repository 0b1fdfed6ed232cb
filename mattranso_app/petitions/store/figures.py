"""Counts for everyone, from counters that the database keeps in the transactions they count."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.sql import sql
from mattranso_app.petitions.shapes import COUNT_CAP

WINDOW_DAYS = 30
"""Days the share of timely answers looks back."""


async def fetch_national(session: AsyncSession, today: date, now: datetime) -> RowMapping:
    """Return the country's figures.

    Returns:
        A row of `received_today`, `open` (not answered yet), `answered`, `answered_on_time` (both in the last
        `WINDOW_DAYS` days, today included) and `overdue` (not answered and late; counted up to `COUNT_CAP`).
    """
    statement = sql(
        "SELECT coalesce(sum(received) FILTER (WHERE day = :today), 0)::bigint AS received_today, "
        "(SELECT coalesce(sum(open), 0)::bigint FROM petition_open) AS open, "
        "coalesce(sum(answered), 0)::bigint AS answered, coalesce(sum(answered_on_time), 0)::bigint AS answered_on_time, "
        "(SELECT count(*) FROM (SELECT 1 FROM petition WHERE answered_at IS NULL AND due_at < :now LIMIT :cap) AS late) AS overdue "
        "FROM petition_total WHERE day > CAST(:today AS date) - CAST(:days AS integer) AND day <= :today"
    )
    values = {"today": today, "now": now, "days": WINDOW_DAYS, "cap": COUNT_CAP}
    return (await session.execute(statement, values)).mappings().one()


async def fetch_unit(session: AsyncSession, unit_id: int, since: date) -> RowMapping:
    """Return one unit's sums since `since` (`received`, `answered`, `answered_on_time`) and what is `open` now."""
    statement = sql(
        "SELECT coalesce(sum(received), 0)::bigint AS received, coalesce(sum(answered), 0)::bigint AS answered, "
        "coalesce(sum(answered_on_time), 0)::bigint AS answered_on_time, "
        "coalesce((SELECT open FROM petition_open WHERE unit_id = :unit), 0) AS open "
        "FROM petition_stat WHERE unit_id = :unit AND day >= :since"
    )
    return (await session.execute(statement, {"unit": unit_id, "since": since})).mappings().one()
