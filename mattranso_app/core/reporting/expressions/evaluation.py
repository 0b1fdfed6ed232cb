"""The Python evaluator; assets/reporting/expressions.js is its twin, and the tests hold them together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from mattranso_app.core.reporting.expressions.numbers import ONE, PLACES, Raw, bounded, divide, is_filled, read, write
from mattranso_app.core.reporting.expressions.tree import Expression, Reference

Resolve = Callable[[Reference], Raw]
"""What a reference holds; `None` when empty. Fetch `references(…)` in one query, then pass the dict's `get`."""

_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "=": int.__eq__, "!=": int.__ne__, "<": int.__lt__, "<=": int.__le__, ">": int.__gt__, ">=": int.__ge__,
}  # fmt: skip
_OVER_SEVERAL: dict[str, Callable[[list[int]], int]] = {
    "sum": sum, "min": min, "max": max, "mean": lambda numbers: divide(sum(numbers), len(numbers)),
}  # fmt: skip


def evaluate(expression: Expression, resolve: Resolve) -> Decimal | bool | None:
    """Return what an expression comes to: a number, true, false, or None for empty and for what cannot be judged.

    Args:
        expression: parsed.
        resolve: gives what each reference holds.
    """
    result = _value(expression, resolve)
    return result if result is None or isinstance(result, bool) else write(result)


def _value(expression: Expression, resolve: Resolve) -> int | bool | None:
    """Return a truth, a number in multiples of 0.0001, or nothing."""
    if expression.reference is not None:
        return read(resolve(expression.reference))
    if not expression.operator:
        return expression.constant
    operator, arguments = expression.operator, expression.arguments
    if operator == "filled":
        reference = arguments[0].reference
        return reference is not None and is_filled(resolve(reference))
    if operator == "if":
        return _choose(arguments, resolve)
    values = [_value(argument, resolve) for argument in arguments]
    if operator in ("and", "or", "not"):
        return _logic(operator, values)
    numbers = [value for value in values if value is not None]
    if operator in _OVER_SEVERAL:
        return bounded(_OVER_SEVERAL[operator](numbers)) if numbers else None
    if len(numbers) < len(values):
        return None
    if operator in _COMPARE:
        return _COMPARE[operator](numbers[0], numbers[1])
    return bounded(_calculate(operator, numbers))


def _choose(arguments: Sequence[Expression], resolve: Resolve) -> int | bool | None:
    condition = _value(arguments[0], resolve)
    if condition is None or (not condition and len(arguments) < 3):
        return None
    return _value(arguments[1] if condition else arguments[2], resolve)


def _logic(operator: str, values: list[int | bool | None]) -> bool | None:
    """Three-valued: what decides by itself decides, else unknown stays unknown."""
    if operator == "not":
        return None if values[0] is None else not values[0]
    decides = operator == "or"
    if decides in values:
        return decides
    return None if None in values else not decides


def _calculate(operator: str, numbers: list[int]) -> int | None:
    """Return the result of an operator that needs all its parts, in multiples of 0.0001; None when divided by zero."""
    first, second = numbers[0], numbers[-1]
    match operator:
        case "+":
            return sum(numbers)
        case "-":
            return first - second
        case "*":
            product = first
            for factor in numbers[1:]:
                product = divide(product * factor, ONE)
            return product
        case "/":
            return divide(first * ONE, second) if second else None
        case "percent":
            return divide(first * 100 * ONE, second) if second else None
        case "share":
            return divide(first * second, 100 * ONE)
        case "abs":
            return abs(first)
        case "round":
            step = 10 ** (PLACES - second // ONE)
            return divide(first, step) * step
    raise AssertionError(operator)
