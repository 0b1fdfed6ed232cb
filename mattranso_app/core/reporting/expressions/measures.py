"""Units of measure: memberships (lượt) and people (người) are never added up, nor compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from mattranso_app.core.reporting.expressions import text
from mattranso_app.core.reporting.expressions.tree import Cell, Expression, ExpressionError, Known

Measure = tuple[tuple[str, int], ...] | None
"""Measures with their powers, `(("người", 1),)`; `()` for a pure ratio; None for what goes with any: a constant."""

_PERCENT: Measure = (("%", 1),)


def check_measures(expression: Expression, measures: Mapping[str, str]) -> str:
    """Refuse sums, differences and comparisons of different units of measure; return that of the result.

    Constants go with anything; products and quotients have measures of their own (người / tổ), and a quotient of two like
    measures is a pure ratio.

    Args:
        expression: parsed.
        measures: the unit of measure of each cell (`cell`, `form#cell`) and known figure (`?name`), whatever the period;
            one that is not there goes with anything, as a constant does.

    Raises:
        ExpressionError: names both measures, with the place.
    """
    return _words(_measure(expression, measures))


def _measure(expression: Expression, measures: Mapping[str, str]) -> Measure:
    match expression.reference:
        case Cell(key, form):
            return _named(measures.get(Cell(key, form).address))
        case Known() as known:
            return _named(measures.get(known.address))
    operator, arguments = expression.operator, expression.arguments
    found = [_measure(argument, measures) for argument in arguments]
    match operator:
        case "*":
            return _product(found[0], *found[1:])
        case "/":
            return _product(found[0], *[_inverse(each) for each in found[1:]])
        case "percent":
            _common(arguments, found)
            return _PERCENT
        case "share":
            if found[0] not in (None, _PERCENT):
                raise ExpressionError(text.PERCENT_NEEDED.format(found=_words(found[0])), arguments[0].place)
            return found[1]
        case "if":
            return _common(arguments[1:], found[1:])
        case "abs" | "round":
            return found[0]
        case "" | "and" | "or" | "not" | "filled":
            return None
    common = _common(arguments, found)
    return None if expression.is_truth else common


def _named(measure: str | None) -> Measure:
    return ((measure, 1),) if measure else None


def _common(arguments: tuple[Expression, ...], found: list[Measure]) -> Measure:
    """Return the one measure of several parts, or refuse."""
    common: Measure = None
    for argument, measure in zip(arguments, found, strict=True):
        if measure is not None and common is not None and measure != common:
            raise ExpressionError(text.DIFFERENT_MEASURES.format(first=_words(common), second=_words(measure)), argument.place)
        common = measure if common is None else common
    return common


def _product(*measures: Measure) -> Measure:
    powers: Counter[str] = Counter()
    for measure in measures:
        for name, power in measure or ():
            powers[name] += power
    return None if all(measure is None for measure in measures) else tuple(sorted((n, p) for n, p in powers.items() if p))


def _inverse(measure: Measure) -> Measure:
    return None if measure is None else tuple((name, -power) for name, power in measure)


def _words(measure: Measure) -> str:
    """Return a measure as people read it: `người`, `người/tổ`, `tỷ số`; "" for what has none."""
    if measure is None:
        return ""
    above = "·".join(name for name, power in measure for _ in range(power))
    below = "/".join(name for name, power in measure for _ in range(-power))
    return f"{above or '1'}/{below}" if below else above or text.PURE
