"""Expressions: both evaluators on the shared vectors and on random cases; what is refused, and where."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mattranso_app.core.reporting.expressions import (
    Cell,
    ExpressionError,
    Known,
    as_json,
    check_references,
    evaluate,
    parse,
    references,
)
from tests.core.reporting.browser import as_sent, in_browser
from tests.core.reporting.generated import ELSEWHERE, KEYS, held, numbers, truths

VECTORS = json.loads((Path(__file__).parent / "expression_vectors.json").read_text(encoding="utf-8"))
EVALUATED = [pytest.param(each["expression"], each["held"], each["gives"], id=each["says"]) for each in VECTORS["evaluated"]]
REFUSED = [pytest.param(each["expression"], each["place"], each["words"], id=each["says"]) for each in VECTORS["refused"]]


def in_python(expression: Any, held: dict[str, Any]) -> str | bool | None:
    return as_sent(evaluate(parse(expression), lambda reference: held.get(reference.address)))


@pytest.mark.parametrize(("expression", "held", "gives"), EVALUATED)
def test_python_gives_what_the_vectors_say(expression: Any, held: dict[str, Any], gives: Any) -> None:
    assert in_python(expression, held) == gives
    assert type(in_python(expression, held)) is type(gives)


def test_the_browser_gives_what_the_vectors_say() -> None:
    found = in_browser(expressions=VECTORS["evaluated"])["expressions"]
    wrong = [(each["says"], each["gives"], got) for each, got in zip(VECTORS["evaluated"], found, strict=True) if got != each["gives"]]
    assert not wrong


def test_numbers_of_the_browsers_own_kind_are_read_too() -> None:
    given = {0.1 + 0.2: "0.3", 1e-7: "0", -1e-9: "0", 0.00005: "0.0001", 12: "12", 2.5: "2.5", 1e21: None, 1e300: None, -3: "-3"}
    cases = [{"expression": {"cell": "a"}, "held": {"a": number}} for number in given]
    assert in_browser(expressions=cases)["expressions"] == list(given.values())


def test_both_evaluators_agree_on_random_expressions_and_cells() -> None:
    cases: list[dict[str, Any]] = []

    @settings(max_examples=400, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.one_of(numbers(), truths()), st.fixed_dictionaries(dict.fromkeys(KEYS + ELSEWHERE, held)))
    def gather(expression: Any, values: dict[str, Any]) -> None:
        cases.append({"expression": expression, "held": values, "gives": in_python(expression, values)})

    gather()
    found = in_browser(expressions=cases)["expressions"]
    assert len(cases) >= 300
    assert not [(case, got) for case, got in zip(cases, found, strict=True) if got != case["gives"]]
    assert {type(got) for got in found} == {str, bool, type(None)}


@pytest.mark.parametrize(("expression", "place", "words"), REFUSED)
def test_what_says_nothing_is_refused_with_its_place(expression: Any, place: str, words: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse(expression)
    assert refused.value.place == place
    assert words in refused.value.text


def nested(levels: int) -> Any:
    expression: Any = 1
    for _ in range(levels):
        expression = {"abs": [expression]}
    return expression


def test_depth_length_and_references_are_bounded() -> None:
    assert parse(nested(12)).operator == "abs"
    for levels in (13, 5_000):
        with pytest.raises(ExpressionError, match="lồng quá 12 lớp"):
            parse(nested(levels))
    cells = [{"cell": f"c{number}"} for number in range(600)]
    assert len(references(parse({"sum": cells}))) == 600
    with pytest.raises(ExpressionError, match="quá 600 ô"):
        parse({"+": [{"sum": cells}, {"cell": "one_more"}]})
    with pytest.raises(ExpressionError, match="quá 1000 thành phần"):
        parse({"+": [{"sum": [1] * 499}, {"sum": [1] * 499}]})


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(numbers(), truths()))
def test_an_expression_is_written_as_it_was_read(expression: Any) -> None:
    parsed = parse(expression)
    written = json.loads(json.dumps(as_json(parsed)))
    assert parse(written) == parsed
    assert as_json(parse(written)) == written


def test_numbers_read_from_a_database_are_constants_too() -> None:
    assert parse(Decimal("0.5000")) == parse(0.5)
    assert parse(Decimal("1E+2")) == parse(100) == parse(100.0)
    for wrong in (Decimal("NaN"), float("inf"), float("nan"), Decimal("0.00005")):
        with pytest.raises(ExpressionError, match="Số này lớn quá"):
            parse(wrong)


def test_a_float_in_a_cell_is_a_fault_of_ours() -> None:
    for wrong in (0.1, True):
        with pytest.raises(TypeError):
            in_python({"cell": "a"}, {"a": wrong})


def test_references_are_listed_once_in_order() -> None:
    history = {"cell": "a", "form": "f", "period": "previous"}
    expression = parse({">=": [{"cell": "b"}, {"sum": [{"cell": "a"}, {"cell": "b"}, history, {"known": "n"}]}]})
    assert references(expression) == (Cell("b"), Cell("a"), Cell("a", "f", "previous", 1), Known("n"))
    assert [each.address for each in references(expression)] == ["b", "a", "f#a@previous", "?n"]


def test_references_to_what_is_not_there_are_refused() -> None:
    there, known = {Cell("a"), Cell("x", "weekly")}, {"communes"}
    sides = [{"cell": "a", "period": "last_year"}, {"cell": "x", "form": "weekly", "period": "previous"}, {"known": "communes"}]
    check_references(parse({"sum": sides}), there, known, "yearly")
    for reference, words in [
        ({"cell": "x"}, "Phần 2 của phép “=”: Không có ô “x” trong biểu mẫu này"),
        ({"cell": "a", "form": "weekly"}, "Không có ô “a” trong biểu mẫu “weekly”"),
        ({"known": "villages"}, "Không có số liệu đã biết tên “villages”"),
        ({"cell": "a", "form": "yearly"}, "không ghi tên biểu mẫu “yearly”"),
    ]:
        with pytest.raises(ExpressionError) as refused:
            check_references(parse({"=": [1, reference]}), there, known, "yearly")
        assert words in refused.value.text
        assert refused.value.place == "/=/1"
