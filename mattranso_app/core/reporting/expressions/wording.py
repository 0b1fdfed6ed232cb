"""Expressions in plain Vietnamese words, for people who design forms and for those who fill them in."""

from __future__ import annotations

from collections.abc import Mapping

from mattranso_app.core.reporting.expressions import text
from mattranso_app.core.reporting.expressions.numbers import ONE, show_number, write
from mattranso_app.core.reporting.expressions.tree import Cell, Expression, Reference

_STRENGTH = {"or": 1, "and": 2, **dict.fromkeys(("=", "!=", "<", "<=", ">", ">="), 4), "+": 5, "-": 5, "*": 6, "/": 6}
_WORDY = {"if": 0, "not": 3, "filled": 3, "round": 6, "abs": 6, "share": 6, "percent": 6, "sum": 6, "min": 6, "max": 6, "mean": 6}
_ATOM = 9


def describe(expression: Expression, names: Mapping[str, str]) -> str:
    """Return an expression in words: "Tổng số hội viên ≥ Nữ + Dân tộc thiểu số".

    Args:
        expression: parsed.
        names: what people call each cell (`cell`, `form#cell`) and known figure (`?name`), whatever the period; one that
            is not there is called by its key.
    """
    words = _say(expression, names)
    first = len(words) - len(words.lstrip("("))
    return words[:first] + words[first : first + 1].upper() + words[first + 1 :]


def _say(expression: Expression, names: Mapping[str, str]) -> str:
    if expression.reference is not None:
        return _name(expression.reference, names)
    operator, arguments = expression.operator, expression.arguments
    if not operator:
        constant = expression.constant
        return (text.TRUE if constant else text.FALSE) if isinstance(constant, bool) else show_number(write(constant or 0))
    if operator in text.LISTS:
        return f"{text.LISTS[operator]} ({'; '.join(_say(each, names) for each in arguments)})"
    if operator in _STRENGTH:
        return _between(expression, names)
    if operator == "if":
        return _choice(arguments, names)
    said = [_inside(each, _ATOM, names) for each in arguments]
    if operator == "abs" and arguments[0].operator == "-":
        first, second = (_inside(each, _ATOM, names) for each in arguments[0].arguments)
        return text.DIFFERENCE.format(first=first, second=second)
    match operator:
        case "abs":
            return text.ABS.format(number=said[0])
        case "percent":
            return text.PERCENT.format(part=said[0], whole=said[1])
        case "share":
            return text.SHARE.format(percent=said[0], whole=said[1])
        case "filled":
            return text.FILLED.format(cell=said[0])
        case "round":
            digits = (arguments[1].constant or 0) // ONE
            return (text.ROUND if digits else text.ROUND_WHOLE).format(number=said[0], digits=digits)
    return text.NOT.format(truth=said[0])


def _choice(arguments: tuple[Expression, ...], names: Mapping[str, str]) -> str:
    condition, then = _say(arguments[0], names), _inside(arguments[1], 1, names)
    if len(arguments) < 3:
        return text.IF.format(condition=condition, then=then)
    return text.IF_ELSE.format(condition=condition, then=then, otherwise=_inside(arguments[2], 1, names))


def _between(expression: Expression, names: Mapping[str, str]) -> str:
    """Say a sign between its parts; what binds less, and a like part on the right of − and /, stands in brackets."""
    operator, strength = expression.operator, _STRENGTH[expression.operator]
    first, *others = expression.arguments
    on_right = strength if operator in ("+", "and", "or") else strength + 1
    parts = [_inside(first, strength + (strength == 4), names), *(_inside(each, on_right, names) for each in others)]
    return f" {text.SIGNS[operator]} ".join(parts)


def _inside(expression: Expression, strength: int, names: Mapping[str, str]) -> str:
    """Say a part, in brackets when it binds less than what stands around it."""
    own = (_STRENGTH | _WORDY).get(expression.operator, _ATOM)
    if expression.operator in text.LISTS:
        own = _ATOM
    said = _say(expression, names)
    return said if own >= strength else f"({said})"


def _name(reference: Reference, names: Mapping[str, str]) -> str:
    if not isinstance(reference, Cell):
        return names.get(reference.address, reference.name)
    address = Cell(reference.key, reference.form).address
    name = names.get(address, address)
    match reference.period:
        case "same":
            return name
        case "last_year":
            return f"{name} ({text.LAST_YEAR})"
    return f"{name} ({text.PREVIOUS if reference.back == 1 else text.PERIODS_AGO.format(back=reference.back)})"
