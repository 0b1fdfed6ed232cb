"""Checks of a report: what must hold between its cells, other forms and its own history, and what was found not to.

A check in JSON: `{"name", "severity", "message", "basis", "cells"}` and one of

| member | holds when |
|---|---|
| `"expression": …` | the expression is true (the language: `core/reporting/expressions`) |
| `"history": {"cell", "last", "times", "least"}` | the cell is near the mean of its last periods (`history_expression`) |
| `"change": {"cell", "percent", "since", "least"}` | the cell is near its value of one earlier period (`change_expression`) |

`severity`: `hard` must be corrected before the report goes up; `soft` must be corrected or explained. What cannot be judged,
because a cell is still empty or there is no history, is no finding.

Judging a report: `values = compute(formulas, resolve)`, then `judge(checks, with_computed(values, resolve))`, where `resolve`
is the `get` of a dict filled in one query with what `needed(checks, formulas)` lists. The browser does the same
(assets/reporting/expressions.js) with what `for_browser` gives it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from mattranso_app.core.errors import InvalidInput
from mattranso_app.core.reporting.checks import text
from mattranso_app.core.reporting.checks.history import change_expression, history_expression
from mattranso_app.core.reporting.expressions import (
    COMPARISONS,
    Cell,
    Expression,
    ExpressionError,
    Reference,
    Resolve,
    as_json,
    evaluate,
    in_order,
    parse,
    references,
)
from mattranso_app.core.text import TextTooLong, clean_text

Severity = Literal["hard", "soft"]

MOST_WORDS = 500
"""Characters of a message or basis."""
MOST_CELLS = 100
"""Cells a check may name as concerned."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_MEMBERS = frozenset({"name", "severity", "message", "basis", "cells", "expression", "history", "change"})
_WRITTEN_OUT = {"history": history_expression, "change": change_expression}


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        name: its code, unique in the form; explanations are kept by it.
        expression: holds when true.
        severity: `hard` or `soft`.
        message: what is wrong and what to do, in Vietnamese, for who fills in the form.
        basis: the document it rests on; may be empty.
        cells: keys of the cells of the form it concerns, the first is where it is shown.
    """

    name: str
    expression: Expression
    severity: Severity
    message: str
    basis: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """A check that does not hold.

    Attributes:
        check: which.
        sides: what its two sides come to, when it is a comparison.
    """

    check: Check
    sides: tuple[Decimal, Decimal] | None


def parse_check(data: Any) -> Check:
    """Return the check that JSON data stand for.

    Raises:
        InvalidInput: malformed; `fields` names the member.
        ExpressionError: its expression says nothing, with the place.
    """
    if not isinstance(data, Mapping):
        raise InvalidInput(text.NOT_A_CHECK)
    if extra := next((name for name in data if name not in _MEMBERS), None):
        raise InvalidInput(text.UNKNOWN_MEMBER.format(name=str(extra)[:40]))
    kinds = [kind for kind in ("expression", "history", "change") if kind in data]
    if len(kinds) != 1:
        raise InvalidInput(text.NOT_A_CHECK)
    name, severity = data.get("name"), data.get("severity")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InvalidInput(text.BAD_NAME, fields={"name": text.BAD_NAME})
    if severity not in ("hard", "soft"):
        raise InvalidInput(text.BAD_SEVERITY, fields={"severity": text.BAD_SEVERITY})
    given, default = _WRITTEN_OUT[kinds[0]](data[kinds[0]]) if kinds[0] in _WRITTEN_OUT else (data["expression"], "")
    expression = parse(given)
    if not expression.is_truth:
        raise ExpressionError(text.NOT_A_CONDITION)
    message = _words(data, "message") or default
    if not message:
        raise InvalidInput(text.NO_MESSAGE, fields={"message": text.NO_MESSAGE})
    return Check(name, expression, severity, message, _words(data, "basis"), _cells(data, expression))


def _words(data: Mapping[str, Any], member: str) -> str:
    given = data.get(member, "")
    if not isinstance(given, str):
        raise InvalidInput(text.BAD_WORDS, fields={member: text.BAD_WORDS})
    try:
        return clean_text(given, MOST_WORDS)
    except TextTooLong as error:
        raise InvalidInput(str(error), fields={member: str(error)}) from None


def _cells(data: Mapping[str, Any], expression: Expression) -> tuple[str, ...]:
    """Return the cells a check concerns: as it says, else the cells of the report it refers to, in the order they are read."""
    given = data.get("cells")
    if given is None:
        return tuple(each.key for each in references(expression) if isinstance(each, Cell) and each.is_own)[:MOST_CELLS]
    if not isinstance(given, list | tuple) or len(given) > MOST_CELLS or not all(isinstance(key, str) for key in given):
        raise InvalidInput(text.BAD_CELLS, fields={"cells": text.BAD_CELLS})
    return tuple(dict.fromkeys(given))


def parse_checks(data: Iterable[Any]) -> tuple[Check, ...]:
    """Return the checks of one form.

    Raises:
        InvalidInput, ExpressionError: as `parse_check`; also when two have one name.
    """
    checks = tuple(parse_check(each) for each in data)
    seen: set[str] = set()
    for check in checks:
        if check.name in seen:
            raise InvalidInput(text.NAME_TWICE.format(name=check.name))
        seen.add(check.name)
    return checks


def needed(checks: Iterable[Check], formulas: Mapping[str, Expression]) -> tuple[Reference, ...]:
    """Return what must be known to compute and judge a report, computed cells of its own left out, each once.

    Args:
        checks: the form's.
        formulas: of its computed cells, by key.
    """
    expressions = [*formulas.values(), *(check.expression for check in checks)]
    every = dict.fromkeys(reference for expression in expressions for reference in references(expression))
    return tuple(each for each in every if not (isinstance(each, Cell) and each.is_own and each.key in formulas))


def judge(checks: Iterable[Check], resolve: Resolve) -> list[Finding]:
    """Return the checks that do not hold, in their order.

    Args:
        checks: the form's.
        resolve: gives what each reference holds, computed cells included (`with_computed`).
    """
    return [Finding(check, _sides(check.expression, resolve)) for check in checks if evaluate(check.expression, resolve) is False]


def _sides(expression: Expression, resolve: Resolve) -> tuple[Decimal, Decimal] | None:
    if expression.operator not in COMPARISONS:
        return None
    first, second = (evaluate(argument, resolve) for argument in expression.arguments)
    assert isinstance(first, Decimal) and isinstance(second, Decimal)  # or it could not have been judged
    return first, second


def for_browser(checks: Iterable[Check], formulas: Mapping[str, Expression]) -> dict[str, Any]:
    """Return the JSON data `judge` of assets/reporting/expressions.js works with.

    `others` lists the addresses of what the browser must be given beside the report's own cells. Formulas come in the order they
    rest on one another, so a long chain of them is no deep recursion.

    Raises:
        ValueError: formulas go in a circle.
    """
    checks = tuple(checks)
    return {
        "formulas": {key: as_json(formulas[key]) for key in in_order(formulas)},
        "checks": [
            {
                "name": check.name, "expression": as_json(check.expression), "severity": check.severity, "message": check.message,
                "basis": check.basis, "cells": list(check.cells),
            }
            for check in checks
        ],
        "others": [each.address for each in needed(checks, formulas) if not (isinstance(each, Cell) and each.is_own)],
    }  # fmt: skip
