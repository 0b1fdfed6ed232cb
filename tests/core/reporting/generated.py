"""Random expressions, cells and what they hold, for property tests."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

KEYS = ("a", "b", "c", "d", "e")

amounts = st.one_of(
    st.integers(-20, 20),
    st.integers(-(10**15), 10**15),
    st.decimals(-1000, 1000, places=2),
    st.decimals(-10, 10, places=6),
    st.decimals(-(10**15), 10**15, places=4),
).map(lambda number: number if isinstance(number, int) else format(number, "f"))
words = st.one_of(st.sampled_from(["", " ", "-", "0012", "1.234,5", "-0", "chưa có", "5 "]), st.text(max_size=3))
held = st.one_of(amounts, amounts, amounts, st.none(), words)

decimals = st.integers(-999_999, 999_999).map(lambda number: number / 10_000)
constants = st.one_of(st.integers(-20, 200), st.integers(-(10**11) + 1, 10**11 - 1), decimals)
own_cells = st.sampled_from(KEYS).map(lambda key: {"cell": key})
references: st.SearchStrategy[dict[str, Any]] = st.one_of(
    own_cells,
    own_cells,
    st.sampled_from([
        {"cell": "a", "period": "previous"}, {"cell": "a", "period": "previous", "back": 2}, {"cell": "b", "period": "last_year"},
        {"cell": "a", "form": "other"}, {"cell": "b", "form": "other", "period": "previous"}, {"known": "communes"},
    ]),
)  # fmt: skip
ELSEWHERE = ("a@previous", "a@previous:2", "b@last_year", "other#a", "other#b@previous", "?communes")


def _of(operator: str, *parts: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(*parts).map(lambda given: {operator: list(given)})


def _several(operators: list[str], part: st.SearchStrategy[Any], fewest: int = 2) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(st.sampled_from(operators), st.lists(part, min_size=fewest, max_size=4)).map(lambda given: {given[0]: given[1]})


def numbers(depth: int = 3, cells: st.SearchStrategy[Any] = references) -> st.SearchStrategy[Any]:
    """Expressions that give a number, of at most `depth` operators inside one another."""
    leaf = st.one_of(cells, cells, constants)
    if not depth:
        return leaf
    part, truth = st.deferred(lambda: numbers(depth - 1, cells)), st.deferred(lambda: truths(depth - 1, cells))
    return st.one_of(
        leaf,
        _several(["+", "*"], part),
        _several(["sum", "min", "max", "mean"], part, 1),
        *(_of(operator, part, part) for operator in ("-", "/", "percent", "share")),
        _of("abs", part),
        _of("round", part, st.integers(0, 4)),
        _of("if", truth, part, part),
        _of("if", truth, part),
    )


def truths(depth: int = 3, cells: st.SearchStrategy[Any] = references) -> st.SearchStrategy[Any]:
    """Expressions that are true or false, of at most `depth` operators inside one another."""
    leaf = st.one_of(st.booleans(), _of("filled", cells))
    if not depth:
        return leaf
    part, truth = st.deferred(lambda: numbers(depth - 1, cells)), st.deferred(lambda: truths(depth - 1, cells))
    comparison = st.one_of([_of(operator, part, part) for operator in ("=", "!=", "<", "<=", ">", ">=")])
    chosen = st.one_of(_of("if", truth, truth, truth), _of("if", truth, truth))
    return st.one_of(comparison, comparison, leaf, _several(["and", "or"], truth), _of("not", truth), chosen)


