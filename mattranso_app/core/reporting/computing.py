"""What is computed in a report: wholes that their parts add up to, formulas, the array of numbers that counts in totals."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from mattranso_app.core.reporting import checks as checking
from mattranso_app.core.reporting.checks import Check, Finding, needed, parse_checks
from mattranso_app.core.reporting.expressions import Cell, Expression, Reference, Resolve, compute, parse
from mattranso_app.core.reporting.forms import FormDefinition
from mattranso_app.core.reporting.store import FormVersion
from mattranso_app.core.reporting.values import plain_number, with_wholes

_parsed: dict[int, tuple[FormDefinition, dict[str, Expression], tuple[Check, ...]]] = {}


def _rules(form: FormDefinition) -> tuple[dict[str, Expression], tuple[Check, ...]]:
    """Return the formulas and checks of a form. Definitions are kept for the life of the process, so each is parsed once."""
    known = _parsed.get(id(form))
    if known is None or known[0] is not form:
        if len(_parsed) > 500:
            _parsed.clear()
        formulas = {cell.key: parse(cell.indicator.formula) for cell in form.cells.values() if cell.indicator.formula is not None}
        known = _parsed[id(form)] = (form, formulas, parse_checks(form.checks))
    return known[1], known[2]


def formulas(form: FormDefinition) -> dict[str, Expression]:
    """Return the formula of each cell that has one."""
    return _rules(form)[0]


def checks(form: FormDefinition) -> tuple[Check, ...]:
    """Return the checks of a form."""
    return _rules(form)[1]


def asked_outside(form: FormDefinition) -> set[Reference]:
    """Return what formulas and checks of a form ask for beyond the report itself: other forms, other periods, known figures."""
    found = needed(checks(form), formulas(form))
    return {reference for reference in found if not (isinstance(reference, Cell) and reference.is_own)}


def for_browser(form: FormDefinition) -> dict[str, Any]:
    """Return what the browser's evaluator computes and judges with; wholes come as the sums of their parts."""
    wholes = {key: parse({"sum": [{"cell": part} for part in parts]}) for key, cell in form.cells.items() if (parts := form.parts_of(cell))}
    return checking.for_browser(checks(form), {**wholes, **formulas(form)})


def findings(form: FormDefinition, values: Mapping[str, str], outside: Resolve) -> list[Finding]:
    """Return the checks that do not hold.

    Args:
        form: the version the report is by.
        values: from `complete`.
        outside: what references beyond the report hold.
    """
    return checking.judge(checks(form), lambda reference: resolve(reference, values, outside))


def complete(form: FormDefinition, typed: Mapping[str, str], outside: Resolve) -> dict[str, str]:
    """Return the typed values with all that is computed from them.

    Args:
        form: the version the report is by.
        typed: values in their plain form; those of computed cells do not count.
        outside: what references beyond the report hold.
    """
    values = with_wholes(form, typed)
    results = compute(formulas(form), lambda reference: resolve(reference, values, outside))
    for key, number in results.items():
        if number is not None:
            values[key] = plain_number(number)
    return values


def resolve(reference: Reference, values: Mapping[str, str], outside: Resolve) -> Any:
    """Return what a reference holds: a cell of the report itself, else what is outside it."""
    if isinstance(reference, Cell) and reference.is_own:
        return values.get(reference.key)
    return outside(reference)


def numbers(version: FormVersion, values: Mapping[str, str]) -> list[Decimal | None]:
    """Return the numbers of a report by slot, slot 1 first."""
    found: list[Decimal | None] = [None] * max(version.slots.values(), default=0)
    for key, slot in version.slots.items():
        cell = version.definition.cells.get(key)
        if cell is not None and cell.is_number and key in values:
            found[slot - 1] = Decimal(values[key])
    return found

