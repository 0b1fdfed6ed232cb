"""Queries of the online database that know of units; those of forms and reports are in `core.reporting.store`."""

from __future__ import annotations

from collections.abc import Sequence

from mattranso_app.core.db import Reader
from mattranso_app.core.sql import sql

KNOWN_FIGURES = ("communes", "groups")
"""What formulas and checks of this tool may ask of a unit."""

_KNOWN = """
SELECT p.unit_id, count(c.id) FILTER (WHERE c.level = 'commune') AS communes, count(c.id) FILTER (WHERE c.level = 'group') AS groups
FROM unnest(CAST(:units AS int[])) AS p (unit_id) LEFT JOIN unit c ON c.parent_id = p.unit_id AND c.valid_to IS NULL GROUP BY p.unit_id
"""


async def fetch_known_figures(session: Reader, unit_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Return what formulas may ask of units: how many communes and residential groups stand right below each today."""
    rows = await session.execute(sql(_KNOWN), {"units": list(unit_ids)})
    return {row.unit_id: {"communes": row.communes, "groups": row.groups} for row in rows}


_NAMES = "SELECT DISTINCT ON (path) path, name FROM unit_version WHERE path = ANY(:paths) ORDER BY path, valid_from DESC"


async def fetch_place_names(session: Reader, paths: Sequence[str]) -> dict[str, str]:
    """Return what the units at these paths (at most 5,000) are called, or were called last."""
    return {row.path: row.name for row in await session.execute(sql(_NAMES), {"paths": list(paths)[:5000]})}
