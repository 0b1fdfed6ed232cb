"""What a report's formulas and checks ask for beyond it: other forms, earlier periods, figures the platform knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from mattranso_app.core.db import Reader
from mattranso_app.core.reporting.expressions import Cell, Known, Raw, Reference, Resolve
from mattranso_app.core.reporting.periods import Period
from mattranso_app.core.sql import sql

KnownFigures = Mapping[int, Mapping[str, Decimal | int]]
"""By unit: figures by name, such as how many communes it has."""

_FETCH = """
SELECT r.unit_id, f.code, r.period, r.cells FROM reporting_report r JOIN reporting_form f ON f.id = r.form_id
WHERE f.tool = :tool AND f.code = ANY(:forms) AND r.period = ANY(:periods) AND r.organisation = :organisation AND r.unit_id = ANY(:units)
"""


def period_of(reference: Cell, period: Period) -> Period:
    """Return the period a reference means in a report about `period`."""
    if reference.period == "last_year":
        return period.last_year
    for _ in range(reference.back if reference.period == "previous" else 0):
        period = period.previous
    return period


class Neighbours:
    """What stands beyond the reports of some units, fetched in one statement."""

    def __init__(self, form: str, period: Period, known: KnownFigures) -> None:
        self._form, self._period, self._known = form, period, known
        self._cells: dict[tuple[int, str, str], Mapping[str, str]] = {}

    async def fetch(
        self, session: Reader, tool: str, organisation: str, unit_ids: Sequence[int], asked: Iterable[Reference]
    ) -> Neighbours:
        """Fetch what `asked` refers to for these units (at most 5,000); returns itself."""
        cells = [reference for reference in asked if isinstance(reference, Cell)]
        if cells and unit_ids:
            values = {
                "tool": tool, "organisation": organisation, "units": list(unit_ids)[:5000],
                "forms": sorted({cell.form or self._form for cell in cells}),
                "periods": sorted({period_of(cell, self._period).key for cell in cells}),
            }  # fmt: skip
            for row in await session.execute(sql(_FETCH), values):
                self._cells[row.unit_id, row.code, row.period] = row.cells
        return self

    def of(self, unit_id: int) -> Resolve:
        """Return what one unit's references hold."""

        def resolve(reference: Reference) -> Raw:
            if isinstance(reference, Known):
                return self._known.get(unit_id, {}).get(reference.name)
            period = period_of(reference, self._period)
            return self._cells.get((unit_id, reference.form or self._form, period.key), {}).get(reference.key)

        return resolve
