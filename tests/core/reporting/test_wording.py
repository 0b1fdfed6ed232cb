"""Expressions in words."""

from __future__ import annotations

import operator
import re
from fractions import Fraction
from functools import reduce
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mattranso_app.core.reporting.expressions import describe, parse

NAMES = {
    "total": "Tổng số hội viên", "women": "Nữ", "minority": "Dân tộc thiểu số", "?communes": "Số xã, phường", "weekly#fund": "Quỹ tuần",
    "members": "Ủy viên", "chairs": "Chủ tịch cấp dưới",
}  # fmt: skip
total, women, minority = {"cell": "total"}, {"cell": "women"}, {"cell": "minority"}
communes = {"known": "communes"}

SAID: list[tuple[Any, str]] = [
    ({">=": [total, {"+": [women, minority]}]}, "Tổng số hội viên ≥ Nữ + Dân tộc thiểu số"),
    ({"*": [{"+": [women, minority]}, 2.5]}, "(Nữ + Dân tộc thiểu số) × 2,5"),
    ({"-": [total, {"-": [women, minority]}]}, "Tổng số hội viên − (Nữ − Dân tộc thiểu số)"),
    ({"-": [{"-": [total, women]}, minority]}, "Tổng số hội viên − Nữ − Dân tộc thiểu số"),
    ({"/": [total, {"*": [women, 1000]}]}, "Tổng số hội viên / (Nữ × 1.000)"),
    ({"<=": [{"sum": [women, minority]}, 120]}, "Tổng của (Nữ; Dân tộc thiểu số) ≤ 120"),
    ({">=": [{"cell": "chairs"}, {"share": [50, communes]}]}, "Chủ tịch cấp dưới ≥ 50 % của Số xã, phường"),
    (
        {"<=": [{"cell": "members"}, {"if": [{">=": [communes, 156]}, {"share": [130, 120]}, 120]}]},
        "Ủy viên ≤ (nếu Số xã, phường ≥ 156 thì 130 % của 120, nếu không thì 120)",
    ),
    ({"=": [{"round": [{"percent": [women, total]}, 2]}, 36.49]},
     "(Tỷ lệ % của Nữ trên Tổng số hội viên) làm tròn đến 2 chữ số thập phân = 36,49"),
    ({"round": [women, 0]}, "Nữ làm tròn đến số nguyên"),
    ({"<=": [{"abs": [{"-": [total, total | {"period": "previous"}]}]}, 10]},
     "Chênh lệch giữa Tổng số hội viên và Tổng số hội viên (kỳ trước) ≤ 10"),
    ({"abs": [women]}, "Độ lớn của Nữ"),
    ({"mean": [total | {"period": "previous", "back": 3}, total | {"period": "last_year"}]},
     "Trung bình của (Tổng số hội viên (3 kỳ trước); Tổng số hội viên (cùng kỳ năm trước))"),
    ({"+": [{"cell": "fund", "form": "weekly"}, {"cell": "unnamed"}]}, "Quỹ tuần + unnamed"),
    ({"and": [{"filled": [total]}, {"or": [{"filled": [women]}, {"not": [{"filled": [minority]}]}]}]},
     "Tổng số hội viên đã điền và (Nữ đã điền hoặc không phải (Dân tộc thiểu số đã điền))"),
    ({"or": [{"and": [{"=": [1, -2]}, True]}, False]}, "1 = −2 và đúng hoặc sai"),
    ({"if": [{">": [total, 0]}, {"min": [women, minority]}]}, "Nếu Tổng số hội viên > 0 thì số nhỏ nhất trong (Nữ; Dân tộc thiểu số)"),
    (1234567.5, "1.234.567,5"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "words"), SAID)
def test_an_expression_is_said_in_words(expression: Any, words: str) -> None:
    assert describe(parse(expression), NAMES) == words


def exactly(expression: Any, values: dict[str, Fraction]) -> Fraction:
    if isinstance(expression, int):
        return Fraction(expression)
    if "cell" in expression:
        return values[expression["cell"]]
    ((sign, parts),) = expression.items()
    return reduce(getattr(operator, {"+": "add", "-": "sub", "*": "mul", "/": "truediv"}[sign]), [exactly(part, values) for part in parts])


ARITHMETIC = st.recursive(
    st.one_of(st.integers(0, 9), st.sampled_from("abc").map(lambda key: {"cell": key})),
    lambda part: st.one_of(
        *(st.tuples(part, part).map(lambda parts, sign=sign: {sign: list(parts)}) for sign in "-/"),
        *(st.lists(part, min_size=2, max_size=3).map(lambda parts, sign=sign: {sign: parts}) for sign in "+*"),
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(ARITHMETIC)
def test_brackets_stand_where_reading_aloud_needs_them(expression: Any) -> None:
    """Who works out the words as one learns at school comes to what the expression comes to."""
    values = {"a": Fraction(2, 7), "b": Fraction(-11, 3), "c": Fraction(5, 13)}
    try:
        wanted: Fraction | None = exactly(expression, values)
    except ZeroDivisionError:
        wanted = None
    said = describe(parse(expression), {key: key for key in values}).lower().replace("×", "*").replace("−", "-")
    said = re.sub(r"[0-9]+", lambda digits: f"Fraction({digits[0]})", said)
    try:
        assert eval(said, {"Fraction": Fraction} | values) == wanted
    except ZeroDivisionError:
        assert wanted is None
