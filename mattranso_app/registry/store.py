"""Queries of the online database that know of units; those of forms and reports are in `core.reporting.store`."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import RowMapping

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


_PAGE = """
SELECT r.id, u.code AS unit, r.period, r.organisation, r.state, r.revision, r.cells, r.gaps, r.is_late, r.amendments, r.submitted_at
FROM reporting_report r JOIN unit u ON u.id = r.unit_id
WHERE r.form_id = :form AND r.organisation = :organisation AND r.period = :period AND r.id > :after
AND r.unit_path LIKE ANY(:prefixes) AND r.unit_path LIKE :below AND (:state = '' OR r.state = :state) ORDER BY r.id LIMIT :limit
"""


async def fetch_report_page(
    session: Reader, form_id: int, period: str, organisation: str, prefixes: Sequence[str], below: str, state: str, after: int,
    limit: int,
) -> list[RowMapping]:
    """Return a page of reports, in the order they were begun, of units below one of `prefixes` and below `below` ("" for all).

    Args:
        session: where to read.
        form_id, period, organisation: which reports.
        prefixes: paths the reader may see.
        below: path of a unit.
        state: only reports in it; "" for all.
        after: id of the last report of the page before.
        limit: rows, at most 501.
    """
    values = {
        "form": form_id, "period": period, "organisation": organisation, "prefixes": [f"{prefix}%" for prefix in prefixes],
        "below": f"{below}%", "state": state, "after": after, "limit": min(limit, 501),
    }  # fmt: skip
    return list((await session.execute(sql(_PAGE), values)).mappings())
