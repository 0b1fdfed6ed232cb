"""Expressions once they are parsed: an immutable tree, what it refers to, and how a mistake in it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Literal, NamedTuple

from mattranso_app.core.errors import DomainError
from mattranso_app.core.reporting.expressions import text

Period = Literal["same", "previous", "last_year"]

MAX_DEPTH = 12
"""Operators inside one another."""
MAX_PARTS = 1_000
"""Operators, constants and references together."""
MAX_REFERENCES = 600
"""References, each as often as it occurs."""
MAX_BACK = 24
"""Periods a reference may look back."""


class ExpressionError(DomainError):
    """An expression that says nothing that can be computed.

    Args:
        problem: what is wrong and what to do, in Vietnamese.
        place: where, as a JSON pointer (`/>=/1/+/0`); "" for the whole.

    Attributes:
        text: the problem with its place in words.
    """

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "invalid_expression"

    def __init__(self, problem: str, place: str = "") -> None:
        self.problem = problem
        self.place = place
        where = text.place_words(place)
        super().__init__(f"{where}: {problem}" if where else problem)


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """A reference to a cell.

    Attributes:
        key: the cell.
        form: the form it belongs to; "" for the form the expression belongs to.
        period: which period of the same unit and organisation.
        back: periods ago when `period` is `previous`, else 0.
    """

    key: str
    form: str = ""
    period: Period = "same"
    back: int = 0

    @property
    def address(self) -> str:
        """The reference as one word: `cell`, `form#cell`, `cell@last_year`, `cell@previous`, `cell@previous:3`."""
        when = "" if self.period == "same" else f"@{self.period}"
        return (f"{self.form}#" if self.form else "") + self.key + when + (f":{self.back}" if self.back > 1 else "")

    @property
    def is_own(self) -> bool:
        """Whether it is a cell of the very report the expression belongs to."""
        return not self.form and self.period == "same"

    def seen_from(self, form: str) -> Cell:
        """Return the reference in `form`'s words turned into everybody's: with the name of the form."""
        return self if self.form else Cell(self.key, form, self.period, self.back)


@dataclass(frozen=True, slots=True, order=True)
class Known:
    """A reference to a figure the platform knows of a unit, such as how many communes it has."""

    name: str

    @property
    def address(self) -> str:
        """The reference as one word: `?communes`."""
        return f"?{self.name}"


Reference = Cell | Known


@dataclass(frozen=True, slots=True)
class Expression:
    """One part of a parsed expression with all below it.

    Attributes:
        operator: its JSON name; "" for a constant or a reference.
        arguments: the parts it works on.
        constant: a truth, or a number in multiples of 0.0001.
        reference: the cell or known figure.
        place: where it stands in the whole, as a JSON pointer.
    """

    operator: str = ""
    arguments: tuple[Expression, ...] = ()
    constant: bool | int | None = None
    reference: Reference | None = None
    place: str = field(default="", compare=False)

    @property
    def is_truth(self) -> bool:
        """Whether it is true or false rather than a number."""
        if self.operator == "if":
            return self.arguments[1].is_truth
        return OPERATORS[self.operator].gives_truth if self.operator else isinstance(self.constant, bool)


class Operator(NamedTuple):
    """What an operator takes and gives; `if` is a matter of its own."""

    fewest: int
    most: int
    takes_truth: bool = False
    gives_truth: bool = False


COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
_TWO, _SEVERAL, _ANY = Operator(2, 2), Operator(2, 20), Operator(1, MAX_REFERENCES)
OPERATORS = {
    "+": _SEVERAL, "-": _TWO, "*": _SEVERAL, "/": _TWO, "sum": _ANY, "min": _ANY, "max": _ANY, "mean": _ANY,
    "percent": _TWO, "share": _TWO, "abs": Operator(1, 1), "round": _TWO,
    **dict.fromkeys(COMPARISONS, Operator(2, 2, gives_truth=True)),
    **dict.fromkeys(("and", "or"), Operator(2, 50, takes_truth=True, gives_truth=True)),
    "not": Operator(1, 1, takes_truth=True, gives_truth=True), "filled": Operator(1, 1, gives_truth=True), "if": Operator(2, 3),
}  # fmt: skip
