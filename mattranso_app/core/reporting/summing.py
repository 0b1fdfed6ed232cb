"""The arithmetic of totals: over time, against the year before, and what is never added up. Pure; exact decimals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from mattranso_app.core.errors import InvalidInput
from mattranso_app.core.reporting import text
from mattranso_app.core.reporting.forms import Cell


@dataclass(frozen=True, slots=True)
class Tally:
    """The sum of a cell over some reports and how many of them gave a number; no number, no sum."""

    total: Decimal | None = None
    filled: int = 0

    def plus(self, other: Tally) -> Tally:
        """Return both together."""
        if other.total is None:
            return self
        if self.total is None:
            return other
        return Tally(self.total + other.total, self.filled + other.filled)


NOTHING = Tally()
"""The tally of no report."""


@dataclass(frozen=True, slots=True)
class Spread:
    """What can be said of figures that do not add up over units, such as rates: how many, least, most, the middle one."""

    count: int
    least: Decimal
    most: Decimal
    median: Decimal


@dataclass(frozen=True, slots=True)
class Figure:
    """One cell of a total.

    Attributes:
        key: which cell.
        value: the total; None where nobody gave a number, or where figures do not add up (then see `spread`).
        filled: how many reports gave a number to it.
        period: of a stock, the period of the range whose state it is; None for what was added up over the range.
        spread: only for figures that do not add up over units.
        year_before: the same a year earlier.
    """

    key: str
    value: Decimal | None
    filled: int
    period: str | None = None
    spread: Spread | None = None
    year_before: Decimal | None = None

    @property
    def difference(self) -> Decimal | None:
        """How much more than a year before."""
        return None if self.value is None or self.year_before is None else self.value - self.year_before

    @property
    def percent(self) -> Decimal | None:
        """The difference in percent of the year before, one decimal; None when that was nothing."""
        if self.difference is None or not self.year_before:
            return None
        return (100 * self.difference / self.year_before).quantize(Decimal("0.1"), ROUND_HALF_UP)


def is_stock(cell: Cell) -> bool:
    """Whether a cell tells a state, of which the last period of a range holds."""
    return cell.indicator.over_time == "stock"


def over_time(cell: Cell, periods: Sequence[str], tallies: Sequence[Tally]) -> tuple[Tally, str | None]:
    """Return a cell's tally over a range of periods, and for a stock the period it is of.

    Args:
        cell: says whether it is a stock or a flow.
        periods: keys of the range in the order of time, at least one.
        tallies: the cell's, one for each of the periods.
    """
    if is_stock(cell):
        return tallies[-1], periods[-1]
    whole = NOTHING
    for tally in tallies:
        whole = whole.plus(tally)
    return whole, None


def add_cells(cells: Iterable[Cell], figures: Mapping[str, Figure]) -> Decimal | None:
    """Return the sum of several cells' figures; None when none has a number.

    Raises:
        InvalidInput: they count different things (lượt and người), a state and what happened, overlapping groups, or what
            never adds up.
    """
    wanted = list(cells)
    kinds = {(cell.indicator.measure, cell.indicator.over_time) for cell in wanted}
    if len(kinds) > 1:
        raise InvalidInput(text.MEASURES_MIXED.format(measures=", ".join(sorted({measure for measure, _ in kinds}))))
    if not all(cell.is_number and cell.indicator.sums_over_units for cell in wanted):
        raise InvalidInput(text.NEVER_ADDED)
    found = [figure.value for cell in wanted if (figure := figures.get(cell.key)) and figure.value is not None]
    return sum(found, Decimal(0)) if found else None
