"""Indicators, formulas and checks as designers choose them, without typing any expression; and how they read in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mattranso_app.core.errors import InvalidInput
from mattranso_app.core.reporting import computing
from mattranso_app.core.reporting.expressions import Expression, describe, parse, show_number
from mattranso_app.core.reporting.forms import FormDefinition
from mattranso_app.core.reporting.values import BadValue, parse_number
from mattranso_app.registry.drafting import MEASURE_LIMIT, WORDS_LIMIT, new_code, read_options, words
from mattranso_app.registry.text import designing as text

KNOWN_NAMES = {"?communes": "số xã, phường, đặc khu", "?groups": "số thôn, tổ dân phố"}
"""What people call the figures the platform knows of a unit."""


def indicator_of(answers: Mapping[str, Any], taken: set[str], categories: Sequence[str] = ()) -> dict[str, Any]:
    """Return an indicator as a designer's answers describe it.

    Args:
        answers: `name`, `type`, `measure`, `over_time`, `sums_over_units` ("no": not added up), `options` (one a line),
            `is_required`, `help`, `basis`; for a computed one `formula`, `first`, `second`, `third`.
        taken: codes that are in use.
        categories: codes of what it is broken down by.

    Raises:
        InvalidInput: `fields` names the question.
    """
    name = words("name", answers.get("name"))
    kind = str(answers.get("type", ""))
    if kind not in text.TYPES:
        raise InvalidInput(fields={"type": text.TYPE_BAD})
    made: dict[str, Any] = {
        "code": new_code(name, taken), "name": name, "type": kind, "measure": "", "over_time": None, "sums_over_units": True,
        "categories": [], "options": [], "is_required": bool(answers.get("is_required")), "formula": None,
        "help": words("help", answers.get("help"), WORDS_LIMIT, needed=False),
        "basis": words("basis", answers.get("basis"), WORDS_LIMIT, needed=False),
    }  # fmt: skip
    if kind == "choice":
        made["options"] = read_options(str(answers.get("options", "")).splitlines(), 2)
    if kind not in ("integer", "decimal"):
        return made
    wrong = {}
    if not (measure := words("measure", answers.get("measure"), MEASURE_LIMIT, needed=False)):
        wrong["measure"] = text.MEASURE_MISSING
    if (over_time := answers.get("over_time")) not in text.OVER_TIME:
        wrong["over_time"] = text.OVER_TIME_MISSING
    if wrong:
        raise InvalidInput(fields=wrong)
    made |= {
        "measure": measure, "over_time": over_time, "sums_over_units": answers.get("sums_over_units") != "no",
        "categories": list(categories),
    }  # fmt: skip
    if answers.get("formula"):
        made |= {"formula": formula_of(answers), "is_required": False}
    return made


def formula_of(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the expression of `formula` over the cells `first`, `second` and, for a sum, `third`.

    Raises:
        InvalidInput: a cell or the kind is missing.
    """
    cells = {name: str(answers.get(name, "")) for name in ("first", "second", "third")}
    missing = {name: text.CELL_MISSING for name in ("first", "second") if not cells[name]}
    if missing:
        raise InvalidInput(fields=missing)
    first, second = {"cell": cells["first"]}, {"cell": cells["second"]}
    match answers.get("formula"):
        case "percent":
            return {"percent": [first, second]}
        case "sum":
            return {"sum": [{"cell": key} for key in cells.values() if key]}
        case "difference":
            return {"-": [first, second]}
        case "quotient":
            return {"/": [first, second]}
    raise InvalidInput(fields={"formula": text.FORMULA_BAD})


def check_of(answers: Mapping[str, Any], definition: FormDefinition) -> dict[str, Any]:
    """Return a check without its name.

    Args:
        answers: `severity`, `message` (a sentence of ours when empty), and either `left`, `left_plus`, `comparison`, `right`,
            `right_plus` or `number`, or `cell`, `percent`, `since`.
        definition: the form as it stands.

    Raises:
        InvalidInput: `fields` names the question.
    """
    severity = answers.get("severity")
    if severity not in text.SEVERITIES:
        raise InvalidInput(fields={"severity": text.SEVERITY_BAD})
    message = words("message", answers.get("message"), 500, needed=False)
    if answers.get("cell"):
        return {
            "severity": severity, "message": message,
            "change": {
                "cell": str(answers["cell"]), "percent": _number("percent", answers.get("percent")),
                "since": "last_year" if answers.get("since") == "last_year" else "previous",
            },
        }  # fmt: skip
    comparison = answers.get("comparison")
    if comparison not in text.COMPARISONS:
        raise InvalidInput(fields={"comparison": text.COMPARISON_BAD})
    left = _side(answers, "left")
    if left is None:
        raise InvalidInput(fields={"left": text.CELL_MISSING})
    right: dict[str, Any] | int | float | None = _side(answers, "right")
    if right is None:
        if not str(answers.get("number", "")).strip():
            raise InvalidInput(fields={"right": text.SIDE_MISSING})
        right = _number("number", answers["number"])
    expression = {comparison: [left, right]}
    sentence = describe(parse(expression), names_of(definition))
    return {"severity": severity, "message": message or text.CHECK_MESSAGE.format(sentence=sentence), "expression": expression}


def names_of(definition: FormDefinition) -> dict[str, str]:
    """Return what people call each cell of a form, and what the platform knows of a unit."""
    return {**{key: cell.name for key, cell in definition.cells.items()}, **KNOWN_NAMES}


def sentences_of(definition: FormDefinition) -> dict[str, str]:
    """Return each check in words, by its name."""
    names = names_of(definition)
    written = {check["name"]: check for check in definition.checks}
    return {check.name: _sentence(written[check.name], check.expression, names) for check in computing.checks(definition)}


def formulas_of(definition: FormDefinition) -> dict[str, str]:
    """Return each formula in words, by the code of its indicator."""
    names = names_of(definition)
    return {key: describe(formula, names) for key, formula in computing.formulas(definition).items()}


def _sentence(check: Mapping[str, Any], expression: Expression, names: Mapping[str, str]) -> str:
    """Return a check in words; what compares with earlier periods is said shorter than its expression is."""
    if change := check.get("change"):
        since = text.SINCE[change.get("since", "previous")]
        return text.CHANGE_SENTENCE.format(cell=names[change["cell"]], percent=show_number(change["percent"]), since=since)
    if history := check.get("history"):
        times = show_number(history["times"])
        return text.HISTORY_SENTENCE.format(cell=names[history["cell"]], times=times, last=history["last"])
    return describe(expression, names)


def _side(answers: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    cells = [str(key) for key in (answers.get(name), answers.get(f"{name}_plus")) if key]
    if not cells:
        return None
    return {"cell": cells[0]} if len(cells) == 1 else {"+": [{"cell": key} for key in cells]}


def _number(name: str, value: object) -> int | float:
    try:
        number = parse_number(value)
    except BadValue:
        number = None
    if number is None:
        raise InvalidInput(fields={name: text.NUMBER_BAD})
    return int(number) if number == number.to_integral_value() else float(number)
