"""From JSON to an expression and back: what is refused is named with its place."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from decimal import Decimal
from typing import Any

from mattranso_app.core.reporting.expressions import text
from mattranso_app.core.reporting.expressions.numbers import ONE, PLACES, read
from mattranso_app.core.reporting.expressions.tree import (
    MAX_BACK,
    MAX_DEPTH,
    MAX_PARTS,
    MAX_REFERENCES,
    OPERATORS,
    Cell,
    Expression,
    ExpressionError,
    Known,
    Reference,
)

_KEY = re.compile(r"[A-Za-z0-9_.:/-]{1,120}")
_CONSTANT = re.compile(r"-?[0-9]{1,11}(\.[0-9]{1,4})?")
_MEMBERS = frozenset({"cell", "form", "period", "back"})


def parse(data: Any) -> Expression:
    """Return the expression that JSON data stand for.

    Args:
        data: what `json.loads` gave; numbers may be int, float or Decimal.

    Raises:
        ExpressionError: unknown operator, wrong number of parts, a truth where a number must stand or the other way round,
            too deep, too long, malformed; with the place.
    """
    parser = _Parser()
    return parser.part(data, "", 0)


class _Parser:
    """One reading of an expression; counts its parts on the way."""

    def __init__(self) -> None:
        self.parts = 0
        self.references = 0

    def part(self, data: Any, place: str, depth: int) -> Expression:
        self.parts += 1
        if self.parts > MAX_PARTS:
            raise ExpressionError(text.TOO_LONG.format(most=MAX_PARTS), place)
        if isinstance(data, bool):
            return Expression(constant=data, place=place)
        if isinstance(data, int | float | Decimal):
            return Expression(constant=_constant(data, place), place=place)
        if not isinstance(data, dict):
            raise ExpressionError(text.NOT_AN_EXPRESSION, place)
        if "cell" in data or "known" in data:
            self.references += 1
            if self.references > MAX_REFERENCES:
                raise ExpressionError(text.TOO_MANY_REFERENCES.format(most=MAX_REFERENCES), place)
            return Expression(reference=_reference(data, place), place=place)
        if len(data) != 1:
            raise ExpressionError(text.NOT_AN_EXPRESSION, place)
        ((operator, given),) = data.items()
        if operator not in OPERATORS:
            names = ", ".join(OPERATORS)
            raise ExpressionError(text.UNKNOWN_OPERATOR.format(name=str(operator)[:40], names=names), place)
        if depth == MAX_DEPTH:
            raise ExpressionError(text.TOO_DEEP.format(most=MAX_DEPTH), place)
        given = given if isinstance(given, list) else [given]
        _check_arity(operator, len(given), place)
        below = f"{place}/{operator.replace('/', '~1')}/"
        parts = (self.part(each, f"{below}{number}", depth + 1) for number, each in enumerate(given))
        expression = Expression(operator, tuple(parts), place=place)
        _check_kinds(expression)
        return expression


def _constant(data: float | Decimal, place: str) -> int:
    """Return a constant in multiples of 0.0001. The shortest decimal that stands for a float is what was written."""
    written = format(data.normalize(), "f") if isinstance(data, Decimal) else repr(data).removesuffix(".0")
    number = read(written) if _CONSTANT.fullmatch(written) else None
    if number is None:
        raise ExpressionError(text.BAD_NUMBER, place)
    return number


def _reference(data: dict[str, Any], place: str) -> Reference:
    if "known" in data:
        if len(data) > 1:
            raise ExpressionError(text.NOT_AN_EXPRESSION, place)
        return Known(_key(data["known"], place))
    if extra := next((name for name in data if name not in _MEMBERS), None):
        raise ExpressionError(text.UNKNOWN_MEMBER.format(name=str(extra)[:40]), place)
    key, form = _key(data["cell"], place), _key(data["form"], place) if "form" in data else ""
    period, back = data.get("period", "same"), data.get("back", 1)
    if period not in ("same", "previous", "last_year") or ("back" in data and period != "previous"):
        raise ExpressionError(text.BAD_PERIOD, place)
    if type(back) is not int or not 1 <= back <= MAX_BACK:
        raise ExpressionError(text.BAD_PERIOD, place)
    return Cell(key, form, period, back if period == "previous" else 0)


def _key(given: Any, place: str) -> str:
    if not isinstance(given, str) or not _KEY.fullmatch(given):
        raise ExpressionError(text.BAD_KEY.format(key=str(given)[:40]), place)
    return given


def _check_arity(operator: str, found: int, place: str) -> None:
    rule = OPERATORS[operator]
    if not rule.fewest <= found <= rule.most:
        words = text.ARITY_EXACT if rule.fewest == rule.most else text.ARITY_RANGE
        raise ExpressionError(words.format(sign=text.SIGNS[operator], fewest=rule.fewest, most=rule.most, found=found), place)


def _check_kinds(expression: Expression) -> None:
    """Refuse truths where numbers must stand, and what only some operators ask."""
    operator, arguments = expression.operator, expression.arguments
    for number, argument in enumerate(arguments):
        wanted = (not number or argument.is_truth) if operator == "if" else OPERATORS[operator].takes_truth
        if argument.is_truth != wanted:
            words = text.NEEDS_TRUTH if wanted else text.NEEDS_NUMBER
            raise ExpressionError(words.format(sign=text.SIGNS[operator]), argument.place)
    if operator == "if" and len(arguments) == 3 and arguments[1].is_truth != arguments[2].is_truth:
        raise ExpressionError(text.BRANCHES_DIFFER, arguments[2].place)
    if operator == "filled" and arguments[0].reference is None:
        raise ExpressionError(text.FILLED_NEEDS_CELL, arguments[0].place)
    if operator == "round" and arguments[1].constant not in range(0, (PLACES + 1) * ONE, ONE):
        raise ExpressionError(text.ROUND_NEEDS_DIGITS, arguments[1].place)


def as_json(expression: Expression) -> Any:
    """Return the JSON data an expression is written with: `parse(as_json(e)) == e`."""
    if isinstance(expression.reference, Known):
        return {"known": expression.reference.name}
    if isinstance(cell := expression.reference, Cell):
        data: dict[str, Any] = {"cell": cell.key}
        data |= {"form": cell.form} if cell.form else {}
        data |= {"period": cell.period} if cell.period != "same" else {}
        return data | ({"back": cell.back} if cell.back > 1 else {})
    if expression.operator:
        return {expression.operator: [as_json(argument) for argument in expression.arguments]}
    constant = expression.constant
    if isinstance(constant, bool) or constant is None:
        return constant
    return constant / ONE if constant % ONE else constant // ONE  # at most 15 digits: the float is read back as it was


def _walk(expression: Expression) -> Iterator[Expression]:
    yield expression
    for argument in expression.arguments:
        yield from _walk(argument)


def references(expression: Expression) -> tuple[Reference, ...]:
    """Return what an expression refers to, each once, in the order it is read: what must be fetched before it is evaluated."""
    return tuple(dict.fromkeys(part.reference for part in _walk(expression) if part.reference is not None))


def check_references(expression: Expression, cells: Container[Cell], known: Container[str], form: str = "") -> None:
    """Refuse references to what is not there.

    Args:
        expression: parsed.
        cells: the cells there are: of the expression's own form as `Cell(key)`, of other forms as `Cell(key, form)`.
        known: names of the known figures there are.
        form: the expression's own form, when it has a name: its cells are referred to without it.

    Raises:
        ExpressionError: names the first that is missing, with its place.
    """
    for part in _walk(expression):
        reference = part.reference
        if isinstance(reference, Known) and reference.name not in known:
            raise ExpressionError(text.UNKNOWN_FIGURE.format(name=reference.name), part.place)
        if isinstance(reference, Cell):
            if reference.form and reference.form == form:
                raise ExpressionError(text.OWN_FORM_NAMED.format(form=form), part.place)
            if Cell(reference.key, reference.form) not in cells:
                words = text.UNKNOWN_FORM_CELL if reference.form else text.UNKNOWN_CELL
                raise ExpressionError(words.format(key=reference.key, form=reference.form), part.place)
