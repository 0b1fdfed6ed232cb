"""Checks of a cell against its own history, written out as expressions, so that both evaluators judge them as any other."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from mattranso_app.core.errors import InvalidInput
from mattranso_app.core.reporting.checks import text
from mattranso_app.core.reporting.expressions import MAX_BACK, show_number

Number = int | float | Decimal


def history_expression(data: Mapping[str, Any]) -> tuple[Any, str]:
    """Return the expression and the words of: not far from the mean of the last periods.

    It holds when the value is at most `times` the mean and at least the mean divided by `times`, or within `least` of it.
    The mean is that of the periods that have a value; without any, or with a mean of 0 or less, nothing can be judged.

    Args:
        data: `cell`; `last`, periods (1–24); `times` (above 1, at most 1,000); `least`, the distance from the mean, in the
            cell's unit of measure, up to which small numbers may vary (0 when left out).

    Raises:
        InvalidInput: says which of them is wrong.
    """
    _refuse_others(data, "cell", "last", "times", "least")
    last, times = _whole(data, "last", 1, MAX_BACK), _number(data, "times", 1.0001, 1_000)
    value = {"cell": data.get("cell")}
    mean = {"mean": [value | {"period": "previous", "back": back} for back in range(1, last + 1)]}
    near = {"and": [{"<=": [value, {"*": [times, mean]}]}, {">=": [{"*": [times, value]}, mean]}]}
    holds = {"if": [{">": [mean, 0]}, _or_within(near, data, value, mean)]}
    return holds, text.HISTORY.format(times=show_number(times), last=last)


def change_expression(data: Mapping[str, Any]) -> tuple[Any, str]:
    """Return the expression and the words of: not far from one earlier period.

    It holds when the value differs by at most `percent` per cent of the earlier one, or by at most `least`. Without the
    earlier one, or when that is 0, nothing can be judged.

    Args:
        data: `cell`; `percent` (above 0, at most 100,000); `since`: `previous` (when left out) or `last_year`; `least` as in
            `history_expression`.

    Raises:
        InvalidInput: says which of them is wrong.
    """
    _refuse_others(data, "cell", "percent", "since", "least")
    percent, since = _number(data, "percent", 0.0001, 100_000), data.get("since", "previous")
    if since not in ("previous", "last_year"):
        raise InvalidInput(text.BAD_SINCE, fields={"since": text.BAD_SINCE})
    value = {"cell": data.get("cell")}
    before = value | {"period": since}
    near = {"<=": [{"abs": [{"-": [value, before]}]}, {"share": [percent, {"abs": [before]}]}]}
    holds = {"if": [{"!=": [before, 0]}, _or_within(near, data, value, before)]}
    return holds, text.CHANGE.format(percent=show_number(percent), since=text.SINCE[since])


def _or_within(near: Any, data: Mapping[str, Any], value: Any, middle: Any) -> Any:
    least = _number({"least": 0, **data}, "least", 0, 10_000_000_000)
    return {"or": [near, {"<=": [{"abs": [{"-": [value, middle]}]}, least]}]} if least else near


def _refuse_others(data: Any, *members: str) -> None:
    if not isinstance(data, Mapping):
        raise InvalidInput(text.NOT_A_CHECK)
    if extra := next((name for name in data if name not in members), None):
        raise InvalidInput(text.UNKNOWN_MEMBER.format(name=str(extra)[:40]))


def _number(data: Mapping[str, Any], name: str, fewest: float, most: int) -> Number:
    number = data.get(name)
    if isinstance(number, bool) or not isinstance(number, int | float | Decimal) or not fewest <= number <= most:
        words = text.BAD_HISTORY_NUMBER.format(name=name, fewest=show_number(fewest), most=show_number(most))
        raise InvalidInput(words, fields={name: words})
    return number


def _whole(data: Mapping[str, Any], name: str, fewest: int, most: int) -> int:
    number = data.get(name)
    if type(number) is not int or not fewest <= number <= most:
        words = text.BAD_HISTORY_WHOLE.format(name=name, fewest=fewest, most=most)
        raise InvalidInput(words, fields={name: words})
    return number
