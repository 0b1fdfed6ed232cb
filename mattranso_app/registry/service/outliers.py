"""What is out of line in what counts: figures far from the unit's own past or from its like, and doubts nobody has answered.

How far is told by the robust z of Iglewicz and Hoaglin: 0.6745 times the distance from the middle value, in median absolute
deviations; beyond 3.5 a figure is named. Half of the units may be wrong without moving the middle. Where more than half are
just alike, which small counts often are, the mean absolute deviation times 1.2533 stands in for the median one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.access import Actor
from mattranso_app.core.clock import now
from mattranso_app.core.db import reading
from mattranso_app.core.reporting import computing
from mattranso_app.core.reporting.neighbours import Neighbours
from mattranso_app.core.sql import sql
from mattranso_app.registry.service.entering import TOOL
from mattranso_app.registry.service.seeing import View, Wish, find_view
from mattranso_app.registry.store import fetch_known_figures

FAR = 3.5
"""From which robust z on a figure is named."""
FEWEST = 8
"""Units that must stand side by side before anything can be said."""
MOST_FAR = 100
_PAGE = 200
"""Reports whose checks are judged for one page."""


@dataclass(frozen=True, slots=True)
class Far:
    """A figure far from the others.

    Attributes:
        kind: `step`: it changed unlike the others' since the period before; `size`: it is unlike the others' itself.
        before: the unit's figure of the period before; None without.
        middle: the middle of the others': of their changes, or of their figures.
        z: how far, as the module says; its sign is the direction.
    """

    kind: Literal["step", "size"]
    key: str
    code: str
    name: str
    organisation: str
    number: Decimal
    before: Decimal | None
    middle: float
    z: float


_FAR = """
WITH chosen AS MATERIALIZED (
  SELECT r.unit_id, r.organisation, r.level, k.key, r.numbers[k.slot] AS number, b.numbers[k.slot] AS before
  FROM reporting_report r LEFT JOIN reporting_report b ON b.form_id = r.form_id AND b.organisation = r.organisation
    AND b.unit_id = r.unit_id AND b.period = :before AND b.numbers IS NOT NULL,
    unnest(CAST(:slots AS int[]), CAST(:keys AS text[])) AS k (slot, key)
  WHERE r.form_id = :form AND r.organisation = ANY(:organisations) AND r.period = :period AND r.numbers IS NOT NULL
    AND r.level = ANY(:levels) AND r.unit_path COLLATE "C" >= :area AND r.unit_path COLLATE "C" < :below
    AND r.numbers[k.slot] IS NOT NULL
), measured AS (
  SELECT 'step' AS kind, *, (number - before)::double precision AS measure FROM chosen WHERE before IS NOT NULL
  UNION ALL SELECT 'size', *, number::double precision FROM chosen
), middles AS (
  SELECT kind, key, organisation, level, percentile_cont(0.5) WITHIN GROUP (ORDER BY measure) AS middle
  FROM measured GROUP BY 1, 2, 3, 4 HAVING count(*) >= :fewest
), spreads AS (
  SELECT kind, key, organisation, level, middle, coalesce(
    nullif(percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(measure - middle)), 0) / 0.6745, 1.253314 * avg(abs(measure - middle))
  ) AS spread FROM measured JOIN middles USING (kind, key, organisation, level) GROUP BY 1, 2, 3, 4, 5
), far AS (
  SELECT m.kind, m.key, m.unit_id, m.organisation, m.number, m.before, s.middle, (m.measure - s.middle) / s.spread AS z
  FROM measured m JOIN spreads s USING (kind, key, organisation, level) WHERE s.spread > 0
)
SELECT f.kind, f.key, u.code, u.name, f.organisation, f.number, f.before, f.middle, f.z FROM far f JOIN unit u ON u.id = f.unit_id
WHERE abs(f.z) >= :far ORDER BY abs(f.z) DESC, u.path, f.key, f.kind LIMIT :most
"""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A soft check that does not hold in a report that counts; `explanation` is what the unit says to it, empty for nothing."""

    code: str
    name: str
    organisation: str
    message: str
    key: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Outliers:
    """What is out of line in the last period of a view; `next` is the report to go on from for more doubts."""

    view: View
    at: datetime
    far: tuple[Far, ...]
    doubts: tuple[Doubt, ...]
    next: int | None


async def see_outliers(actor: Actor, wish: Wish, after: int = 0) -> Outliers | None:
    """Return what is out of line at and below the place of a view; None when there is no form he may see.

    Args:
        actor: who looks.
        wish: the figures; the last period counts.
        after: `next` of the page before.

    Raises:
        As `seeing.find_view`.
    """
    async with reading() as session:
        view = await find_view(session, actor, wish)
        if view is None:
            return None
        far = await _far(session, view) if not after else ()
        doubts, following = await _doubts(session, view, after)
    return Outliers(view, now(), tuple(far), tuple(doubts), following)


async def _far(session: AsyncSession, view: View) -> Sequence[Far]:
    cells = [cell for cell in view.number_cells if cell.key in view.version.slots]
    values = {
        "form": view.version.form_id, "organisations": list(view.organisations), "period": view.periods[-1].key,
        "before": view.periods[-1].previous.key, "levels": list(view.levels), "area": view.place.path, "below": view.place.path + "~",
        "slots": [view.version.slots[cell.key] for cell in cells], "keys": [cell.key for cell in cells], "fewest": FEWEST, "far": FAR,
        "most": MOST_FAR,
    }  # fmt: skip
    return [Far(*row) for row in await session.execute(sql(_FAR), values)]


_COUNTED = """
SELECT r.id, r.unit_id, r.organisation, r.cells, r.explanations, u.code, u.name FROM reporting_report r JOIN unit u ON u.id = r.unit_id
WHERE r.form_id = :form AND r.organisation = ANY(:organisations) AND r.period = :period AND r.numbers IS NOT NULL AND r.level = ANY(:levels)
  AND r.unit_path COLLATE "C" >= :area AND r.unit_path COLLATE "C" < :below AND r.id > :after ORDER BY r.id LIMIT :limit
"""


async def _doubts(session: AsyncSession, view: View, after: int) -> tuple[list[Doubt], int | None]:
    if not any(check.severity == "soft" for check in computing.checks(view.definition)):
        return [], None
    values = {
        "form": view.version.form_id, "organisations": list(view.organisations), "period": view.periods[-1].key,
        "levels": list(view.levels), "area": view.place.path, "below": view.place.path + "~", "after": after, "limit": _PAGE + 1,
    }  # fmt: skip
    found = (await session.execute(sql(_COUNTED), values)).all()
    page = found[:_PAGE]
    units = [row.unit_id for row in page]
    known = await fetch_known_figures(session, units)
    wanted = computing.asked_outside(view.definition)
    outside = {
        organisation: await Neighbours(view.version.code, view.periods[-1], known).fetch(session, TOOL, organisation, units, wanted)
        for organisation in view.organisations
    }
    doubts = []
    for row in page:
        for finding in computing.findings(view.definition, row.cells, outside[row.organisation].of(row.unit_id)):
            if finding.check.severity != "soft":
                continue
            explanation = row.explanations.get(finding.check.name, "")
            key = finding.check.cells[0] if finding.check.cells else ""
            doubts.append(Doubt(row.code, row.name, row.organisation, finding.check.message, key, explanation))
    doubts.sort(key=lambda doubt: bool(doubt.explanation))  # what nobody has explained comes first
    return doubts, page[-1].id if len(found) > _PAGE else None
