"""Cells computed from cells: which form a circle, and what the others come to, in the order they rest on one another."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter

from mattranso_app.core.reporting.expressions import text
from mattranso_app.core.reporting.expressions.evaluation import Resolve, evaluate
from mattranso_app.core.reporting.expressions.numbers import Raw
from mattranso_app.core.reporting.expressions.parsing import references
from mattranso_app.core.reporting.expressions.tree import Cell, Expression, ExpressionError, Reference


def find_cycle(definitions: Mapping[Cell, Expression]) -> list[Cell] | None:
    """Return cells that rest on one another in a circle, the first again at the end; None when there is no circle.

    Only the same period counts: a cell may rest on its own value of the period before.

    Args:
        definitions: the formula of each computed cell, `Cell(key, form)`; a reference without a form is to the form of the cell.
    """
    try:
        _order(definitions)
    except CycleError as error:
        circle: list[Cell] = error.args[1]
        return circle[::-1]  # graphlib goes from what is needed to what needs it
    return None


def refuse_cycle(definitions: Mapping[Cell, Expression], names: Mapping[str, str]) -> None:
    """Refuse formulas that rest on one another in a circle.

    Args:
        definitions: see `find_cycle`.
        names: what people call a cell, by its address.

    Raises:
        ExpressionError: names the circle.
    """
    if circle := find_cycle(definitions):
        raise ExpressionError(text.CIRCLE.format(names=" → ".join(f"“{names.get(cell.address, cell.key)}”" for cell in circle)))


def _order(definitions: Mapping[Cell, Expression]) -> list[Cell]:
    """Return the computed cells so that each comes after those it rests on. Raises CycleError."""
    needs: dict[Cell, list[Cell]] = {}
    for cell, expression in definitions.items():
        seen = [each.seen_from(cell.form) for each in references(expression) if isinstance(each, Cell)]
        needs[cell] = [each for each in seen if each in definitions]  # one of another period is in no definition
    return list(TopologicalSorter(needs).static_order())


def in_order(formulas: Mapping[str, Expression]) -> list[str]:
    """Return the keys of one report's computed cells so that each comes after those it rests on.

    Raises:
        ValueError: they go in a circle.
    """
    return [cell.key for cell in _order({Cell(key): formula for key, formula in formulas.items()})]


def compute(formulas: Mapping[str, Expression], resolve: Resolve) -> dict[str, Decimal | None]:
    """Return what the computed cells of one report come to. What was entered in a computed cell does not count.

    Args:
        formulas: the formula of each computed cell, by its key; without a circle.
        resolve: gives what every other reference holds.

    Raises:
        ValueError: a formula gives a truth, or they go in a circle (`find_cycle` tells which).
    """
    results: dict[str, Decimal | None] = {}
    resolve_all = with_computed(results, resolve)
    for key in in_order(formulas):
        result = evaluate(formulas[key], resolve_all)
        if isinstance(result, bool):
            raise ValueError(f"the formula of {key} gives no number")
        results[key] = result
    return results


def with_computed(results: Mapping[str, Decimal | None], resolve: Resolve) -> Resolve:
    """Return a resolver that gives computed cells of the report what they come to, and asks `resolve` for all else."""

    def resolve_all(reference: Reference) -> Raw:
        if isinstance(reference, Cell) and reference.is_own and reference.key in results:
            return results[reference.key]
        return resolve(reference)

    return resolve_all
