"""Cells computed from cells: circles, and the order of computing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mattranso_app.core.reporting.expressions import Cell, Expression, ExpressionError, compute, find_cycle, parse, references, refuse_cycle


def formulas(**given: Any) -> dict[str, Expression]:
    return {key: parse(expression) for key, expression in given.items()}


def definitions(**given: Any) -> dict[Cell, Expression]:
    return {Cell(key): formula for key, formula in formulas(**given).items()}


def test_cells_are_computed_in_the_order_they_rest_on_one_another() -> None:
    entered = {"a": 1, "b": Decimal("2.5"), "total": 999}
    chain = formulas(
        twice={"*": [{"cell": "total"}, 2]}, total={"sum": [{"cell": "a"}, {"cell": "b"}, {"cell": "c"}]}, nothing={"+": [{"cell": "c"}, 1]}
    )
    assert compute(chain, lambda reference: entered.get(reference.address)) == {"total": Decimal("3.5"), "twice": 7, "nothing": None}


def test_a_running_total_rests_on_its_own_past() -> None:
    running = formulas(total={"sum": [{"cell": "total", "period": "previous"}, {"cell": "new"}]})
    assert find_cycle({Cell("total"): running["total"]}) is None
    assert compute(running, lambda reference: {"total@previous": 100, "new": 5}.get(reference.address)) == {"total": 105}


def test_long_chains_are_computed() -> None:
    chain = {f"c{number}": {"+": [{"cell": f"c{number - 1}"}, 1]} for number in range(1, 600)}
    assert compute(formulas(**chain), lambda reference: 0 if reference.address == "c0" else None)["c599"] == 599


def test_a_formula_that_is_a_truth_computes_no_cell() -> None:
    with pytest.raises(ValueError, match="gives no number"):
        compute(formulas(a=True), lambda _: None)


def test_a_circle_is_found_and_named() -> None:
    circle = definitions(a={"+": [{"cell": "b"}, 1]}, b={"*": [{"cell": "x"}, {"cell": "c"}]}, c={"abs": [{"cell": "a"}]}, d={"cell": "a"})
    found = find_cycle(circle)
    assert found is not None
    assert [cell.key for cell in found] in (["a", "b", "c", "a"], ["b", "c", "a", "b"], ["c", "a", "b", "c"])
    with pytest.raises(ExpressionError) as refused:
        refuse_cycle(circle, {"a": "Tổng", "b": "Nữ"})
    assert "theo nhau thành vòng: " in refused.value.text
    named = refused.value.text.partition(": ")[2].partition(".")[0].split(" → ")
    assert named in (["“Tổng”", "“Nữ”", "“c”", "“Tổng”"], ["“Nữ”", "“c”", "“Tổng”", "“Nữ”"], ["“c”", "“Tổng”", "“Nữ”", "“c”"])
    refuse_cycle(definitions(a={"cell": "b"}), {})


def test_a_cell_that_rests_on_itself_is_a_circle() -> None:
    assert find_cycle(definitions(a={"if": [{"filled": [{"cell": "a"}]}, 1, 2]})) == [Cell("a"), Cell("a")]
    with pytest.raises(ValueError):
        compute(formulas(a={"+": [{"cell": "a"}, 1]}), lambda _: None)


def test_a_circle_through_another_form_is_found() -> None:
    across = {
        Cell("a", "weekly"): parse({"cell": "b", "form": "yearly"}),
        Cell("b", "yearly"): parse({"+": [{"cell": "c"}, 1]}),
        Cell("c", "yearly"): parse({"cell": "a", "form": "weekly"}),
    }
    found = find_cycle(across)
    assert found is not None and len(found) == 4 and set(found) == set(across)
    assert find_cycle(across | {Cell("c", "yearly"): parse({"cell": "a", "form": "weekly", "period": "previous"})}) is None
    assert find_cycle({Cell("a", "weekly"): parse({"cell": "a", "form": "yearly"}), Cell("a", "yearly"): parse(1)}) is None


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(st.integers(0, 7), st.lists(st.integers(0, 9), min_size=1, max_size=3), min_size=1))
def test_a_circle_is_named_exactly_when_there_is_one(arrows: dict[int, list[int]]) -> None:
    graph = definitions(**{f"c{cell}": {"sum": [{"cell": f"c{other}"} for other in others]} for cell, others in arrows.items()})
    reached = {cell: set(others) for cell, others in arrows.items()}
    for _ in arrows:
        for others in reached.values():
            others |= {further for other in list(others) for further in reached.get(other, ())}
    found = find_cycle(graph)
    assert (found is not None) == any(cell in others for cell, others in reached.items())
    if found is not None:
        assert found[0] == found[-1]
        assert all(after in references(graph[before]) for before, after in zip(found, found[1:], strict=False))
