"""Pivots: the figures of a view laid out by two or three of what they can be told apart by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from mattranso_app.core.access import Actor
from mattranso_app.core.clock import now
from mattranso_app.core.db import reading
from mattranso_app.core.errors import InvalidInput
from mattranso_app.core.reporting.coverage import Coverage
from mattranso_app.core.reporting.forms import Cell
from mattranso_app.registry.service.seeing import View, Wish, find_view, question, value_of
from mattranso_app.registry.service.totals import Apart, Row, get_totals
from mattranso_app.registry.text import seeing as text

Side = Literal["place", "period", "organisation", "level", "cell", "part"]
"""What rows and columns can be: units, periods, organisations, levels, indicators, the parts of one indicator."""
MOST_CELLS = 25_000
MOST_COLUMNS = 400


@dataclass(frozen=True, slots=True)
class Heading:
    """One row or column: what it is of, and for units how much of what was expected stands behind it."""

    side: Side
    key: str
    name: str
    coverage: Coverage | None = None


@dataclass(frozen=True, slots=True)
class Pivot:
    """A table of figures.

    Attributes:
        sides: of the rows, then of the columns from the outermost in.
        rows: its rows.
        columns: its columns, each with a heading per side.
        cells: by row and column.
        sums: the whole of each column, of all rows; None where rows do not add up to anything.
        whole: the coverage of the view.
        measures: what the figures count.
    """

    view: View
    at: datetime
    sides: tuple[Side, ...]
    rows: tuple[Heading, ...]
    columns: tuple[tuple[Heading, ...], ...]
    cells: tuple[tuple[Decimal | None, ...], ...]
    sums: tuple[Decimal | None, ...] | None
    whole: Row
    measures: tuple[str, ...]


async def see_pivot(actor: Actor, wish: Wish, sides: Sequence[Side]) -> Pivot | None:
    """Return a pivot; None when there is no form he may see.

    Args:
        actor: who looks.
        wish: the figures; its cell counts unless cells are told apart.
        sides: of the rows, then one or two of the columns, all different.

    Raises:
        As `find_view`; InvalidInput: sides that cannot stand together, or too many cells.
    """
    sides = tuple(sides)
    if not 2 <= len(sides) <= 3 or len(set(sides)) != len(sides) or {"cell", "part"} <= set(sides):
        raise InvalidInput(text.SIDES_BAD)
    async with reading() as session:
        view = await find_view(session, actor, wish)
    if view is None:
        return None
    cells = _cells(view, sides)
    needs_all = any(not cell.indicator.sums_over_units for cell in cells)  # a formula rests on other cells
    keys = () if needs_all else tuple(cell.key for cell in cells)
    apart: tuple[Apart, ...] = tuple(side for side in sides if side not in ("cell", "part"))  # type: ignore[misc]
    found = await get_totals(actor, question(view, keys, apart, with_year_before=False))
    (whole,) = await get_totals(actor, question(view, (view.cell.key,), with_year_before=False))
    headings = [_headings(view, side, found, cells) for side in sides]
    rows = headings[0]
    columns = [(outer,) for outer in headings[1]]
    if len(sides) == 3:
        columns = [(outer, inner) for outer in headings[1] for inner in headings[2]]  # type: ignore[misc]
    if len(columns) > MOST_COLUMNS or len(rows) * len(columns) > MOST_CELLS:
        raise InvalidInput(text.PIVOT_TOO_LARGE.format(cells=len(rows) * len(columns)))
    table = _table(view, sides, found, cells)
    body = tuple(tuple(table.get((row.key, *(each.key for each in column))) for column in columns) for row in rows)
    measures = tuple(dict.fromkeys(cell.indicator.measure for cell in cells))
    sums = None
    if _adds_up(view, sides, cells):
        if sides[0] == "part":  # the parts come to the whole they share out
            cells = [view.definition.cells[view.cell.indicator.code]]
            keys = (cells[0].key,)
        rest = tuple(each for each in apart if each != sides[0])
        foot = _table(view, sides[1:], await get_totals(actor, question(view, keys, rest, with_year_before=False)), cells)
        sums = tuple(foot.get(tuple(each.key for each in column)) for column in columns)
    return Pivot(view, now(), sides, tuple(rows), tuple(columns), body, sums, whole, measures)


def _cells(view: View, sides: Sequence[Side]) -> list[Cell]:
    if "cell" in sides:
        return [cell for cell in view.number_cells if not cell.options]
    if "part" in sides:
        parts = [cell for cell in view.number_cells if cell.options and cell.indicator.code == view.cell.indicator.code]
        if not parts:
            raise InvalidInput(text.NO_PARTS.format(indicator=view.cell.indicator.name))
        return parts
    return [view.cell]


def _headings(view: View, side: Side, found: Sequence[Row], cells: Sequence[Cell]) -> list[Heading]:
    if side == "place":
        last: dict[str, tuple[str, Coverage]] = {}
        seen = set()
        for row in found:
            if row.is_divided and (row.place, row.period) not in seen or row.place not in last:
                last[row.place] = (row.name, row.last)
            seen.add((row.place, row.period))
        alone = len({(row.organisation, row.level) for row in found}) <= 1
        return [Heading(side, place, name, coverage if alone else None) for place, (name, coverage) in last.items()]
    if side == "period":
        return [Heading(side, period.key, period.label) for period in view.periods]
    if side == "organisation":
        return [Heading(side, code, view.names.get(code, code)) for code in view.organisations]
    if side == "level":
        return [Heading(side, level, text.LEVELS[level]) for level in view.levels]
    return [Heading(side, cell.key, cell.label if side == "part" else cell.indicator.name) for cell in cells]


def _table(
    view: View, sides: Sequence[Side], found: Sequence[Row], cells: Sequence[Cell]
) -> Mapping[tuple[str, ...], Decimal | None]:
    table: dict[tuple[str, ...], Decimal | None] = {}
    for row in found:
        member = {"place": row.place, "period": row.period, "organisation": row.organisation, "level": row.level}
        for cell in cells:
            key = tuple(cell.key if side in ("cell", "part") else member[side] or "" for side in sides)
            value = value_of(view.definition, row, cell.key)
            # What nobody has divided yet counts with the place it lies in.
            table[key] = value if table.get(key) is None else table[key] + value if value is not None else table[key]  # type: ignore[operator]
    return table


def _adds_up(view: View, sides: Sequence[Side], cells: Sequence[Cell]) -> bool:
    """Return whether all rows together mean something: never two indicators, what stands at several times, or groups that overlap."""
    if sides[0] == "cell":
        return False
    if sides[0] == "period":
        return all(cell.indicator.over_time == "flow" for cell in cells)
    if sides[0] == "part":
        whole = view.definition.cells[view.cell.indicator.code]
        return bool(view.definition.parts_of(whole))
    return True
