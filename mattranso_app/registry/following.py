"""Figures follow their units: where those of ended and divided units count today is kept with the units themselves."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import db, jobs
from mattranso_app.core.reporting.shares import renew_shares
from mattranso_app.units.followers import PathMove, on_path_change


@on_path_change
async def follow_units(session: AsyncSession, _moves: Sequence[PathMove]) -> None:
    """Renew the shares with each new list of units, in its transaction."""
    await renew_shares(session)


@jobs.periodic("registry.shares", "*/10 * * * *")
async def follow_groups() -> None:
    """Renew the shares for residential groups that were closed, which no list of units tells."""
    async with db.transaction() as session:
        await renew_shares(session)
