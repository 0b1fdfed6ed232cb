"""Checks: read, refused, judged; alike in Python and in the browser."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mattranso_app.core.errors import DomainError
from mattranso_app.core.reporting.checks import Check, for_browser, judge, needed, parse_check, parse_checks
from mattranso_app.core.reporting.expressions import Cell, compute, parse, with_computed
from tests.core.reporting.browser import as_sent, in_browser
from tests.core.reporting.generated import ELSEWHERE, KEYS, held, numbers, references, truths

WOMEN = {
    "name": "women", "severity": "hard", "message": "Nữ nhiều hơn tổng số.",
    "expression": {"<=": [{"cell": "women"}, {"cell": "total"}]},
}  # fmt: skip


def found(check: dict[str, Any], **values: Any) -> bool:
    """Whether a check is found not to hold, in both evaluators."""
    parsed = parse_check(check)
    held = {key.replace("__", "@").replace("_ago_", ":"): value for key, value in values.items()}
    report = {"form": for_browser([parsed], {}), "cells": {}, "others": held}
    in_python = judge([parsed], lambda reference: held.get(reference.address))
    assert len(in_browser(reports=[report])["reports"][0]["findings"]) == len(in_python)
    return bool(in_python)


def history(**members: Any) -> dict[str, Any]:
    return {"name": "odd", "severity": "soft", "history": {"cell": "a", "last": 4, "times": 3} | members}


def change(**members: Any) -> dict[str, Any]:
    return {"name": "jump", "severity": "soft", "change": {"cell": "a", "percent": 50} | members}


def test_a_finding_carries_its_check_and_both_sides() -> None:
    [finding] = judge(parse_checks([WOMEN]), {Cell("women"): 12, Cell("total"): Decimal(10)}.get)
    assert finding.sides == (12, 10)
    assert finding.check == Check("women", parse(WOMEN["expression"]), "hard", "Nữ nhiều hơn tổng số.", "", ("women", "total"))


def test_what_holds_and_what_cannot_be_judged_is_no_finding() -> None:
    assert not found(WOMEN, women=10, total=10)
    assert not found(WOMEN, women=10)
    assert found(WOMEN, women=11, total=10)


def test_far_from_the_mean_of_the_last_periods_is_found() -> None:
    past = {"a__previous": 10, "a__previous_ago_2": 20, "a__previous_ago_4": 30}  # one period is missing: the mean is 20
    assert not found(history(), a=60, **past)
    assert found(history(), a=61, **past)
    assert not found(history(), a="6.67", **past)
    assert found(history(), a=6, **past)
    assert found(history(), a=0, **past)
    assert not found(history(last=1), a=30, **past)
    assert not found(history(least=41), a=61, **past)
    assert found(history(least=40), a=61, **past)
    assert not found(history(), **past)
    assert not found(history(), a=1000)
    assert not found(history(), a=1000, a__previous=0)
    assert "3 lần" in parse_check(history()).message and "4 kỳ trước" in parse_check(history()).message
    assert parse_check(history()).cells == ("a",)


def test_far_from_an_earlier_period_is_found() -> None:
    assert not found(change(), a=15, a__previous=10)
    assert found(change(), a=16, a__previous=10)
    assert found(change(), a=4, a__previous=10)
    assert not found(change(least=6), a=16, a__previous=10)
    assert found(change(), a=-16, a__previous=-10)
    assert not found(change(), a=-14, a__previous=-10)
    assert not found(change(), a=16, a__previous=0)
    assert not found(change(), a=16)
    assert not found(change(since="last_year"), a=16, a__previous=10)
    assert found(change(since="last_year"), a=16, a__last_year=10)
    assert "50 % so với cùng kỳ năm trước" in parse_check(change(since="last_year")).message


@pytest.mark.parametrize(("check", "words"), [
    ([], "chưa đủ"),
    ({}, "chưa đủ"),
    (WOMEN | change(), "chưa đủ"),
    (WOMEN | {"name": "Nữ"}, "Mã phép kiểm tra"),
    (WOMEN | {"severity": "deadly"}, "bắt buộc sửa"),
    (WOMEN | {"message": " \u200b"}, "Hãy viết lời nhắc"),
    (WOMEN | {"message": 5}, "cần chữ"),
    (WOMEN | {"basis": "x" * 501}, "vượt giới hạn"),
    (WOMEN | {"cells": "women"}, "Danh sách ô"),
    (WOMEN | {"colour": "red"}, "thuộc tính “colour”"),
    (WOMEN | {"expression": {"+": [1, 2]}}, "không phải một số"),
    (WOMEN | {"expression": {"<=": [{"cell": "women"}]}}, "cần đúng 2 phần"),
    (history(last=0), "“last” phải là số nguyên từ 1 đến 24"),
    (history(last=2.5), "“last” phải là số nguyên"),
    (history(times=1), "“times” phải là số từ 1,0001 đến 1.000"),
    (history(times="3"), "“times” phải là số"),
    (history(least=-1), "“least” phải là số từ 0"),
    (history(cell="a b"), "Mã “a b” chưa đúng"),
    (history(cell=None), "Mã “None” chưa đúng"),
    (history(form="weekly"), "thuộc tính “form”"),
    (history() | {"history": 3}, "chưa đủ"),
    (change(percent=0), "“percent” phải là số"),
    (change(percent=33.33333), "quá 4 chữ số thập phân"),
    (change(since="ever"), "Chọn kỳ để so"),
])  # fmt: skip
def test_what_is_no_check_is_refused(check: Any, words: str) -> None:
    with pytest.raises(DomainError) as refused:
        parse_check(check)
    assert words in refused.value.text


def test_two_checks_of_one_name_are_refused() -> None:
    with pytest.raises(DomainError, match="cùng mã “women”"):
        parse_checks([WOMEN, WOMEN])


def test_what_must_be_fetched_leaves_computed_cells_out() -> None:
    checks = parse_checks([WOMEN, change(since="last_year")])
    formulas = {"total": parse({"sum": [{"cell": "women"}, {"cell": "men"}, {"known": "rest"}]})}
    assert [each.address for each in needed(checks, formulas)] == ["women", "men", "?rest", "a@last_year", "a"]
    assert for_browser(checks, formulas)["others"] == ["?rest", "a@last_year"]


def test_a_check_may_hold_a_computed_cell_against_its_past() -> None:
    check = parse_check(change(cell="total"))
    formulas = {"total": parse({"sum": [{"cell": "women"}, {"cell": "men"}]})}
    known = {"women": 10, "men": 20, "total@previous": 10, "total": 10}
    values = compute(formulas, lambda reference: known.get(reference.address))
    assert values == {"total": 30}
    assert judge([check], with_computed(values, lambda reference: known.get(reference.address)))
    report = {"form": for_browser([check], formulas), "cells": {"women": 10, "men": 20, "total": 10}, "others": {"total@previous": 10}}
    [browser] = in_browser(reports=[report])["reports"]
    assert browser["values"] == {"total": "30"} and [each["name"] for each in browser["findings"]] == ["jump"]


def test_the_browser_is_given_a_long_chain_in_order() -> None:
    chain: dict[str, Any] = {f"c{number}": {"+": [{"cell": f"c{number - 1}"}, 1]} for number in range(1, 600)}
    form = for_browser([], {key: parse(chain[key]) for key in reversed(chain)})
    assert list(form["formulas"]) == list(chain)
    assert in_browser(reports=[{"form": form, "cells": {"c0": 0}, "others": {}}])["reports"][0]["values"]["c599"] == "599"


def test_the_browser_survives_what_the_server_does_not_let_pass() -> None:
    circle = {"formulas": {"a": {"+": [{"cell": "b"}, 1]}, "b": {"cell": "a"}, "c": {"modulo": [5, 3]}, "d": {"cell": "constructor"}}}
    checks = {"checks": [{"name": "x", "expression": {"newer": []}}, {"name": "y", "expression": {"filled": [{"cell": "toString"}]}}]}
    [browser] = in_browser(reports=[{"form": circle | checks, "cells": {"a": 1}, "others": {}}])["reports"]
    assert browser["values"] == dict.fromkeys("abcd")
    assert [each["name"] for each in browser["findings"]] == ["y"]


COMPUTED = ("x", "y", "z")
# The outer cells of a form rest on the inner ones only, so that there is no circle: z on y, y on x.
FORMULAS = st.fixed_dictionaries({
    key: numbers(2, st.one_of(references, st.sampled_from(COMPUTED[:place] or ("a",)).map(lambda key: {"cell": key})))
    for place, key in enumerate(COMPUTED)
})  # fmt: skip
CONDITIONS = st.lists(truths(2, st.sampled_from(KEYS + COMPUTED).map(lambda key: {"cell": key})), min_size=1, max_size=5)


def test_both_judge_random_reports_alike() -> None:
    reports: list[dict[str, Any]] = []
    expected: list[dict[str, Any]] = []

    @settings(max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(
        FORMULAS,
        CONDITIONS,
        st.fixed_dictionaries(dict.fromkeys(KEYS + ("y",), held)),
        st.fixed_dictionaries(dict.fromkeys(ELSEWHERE, held)),
    )
    def gather(formulas: dict[str, Any], conditions: list[Any], cells: dict[str, Any], others: dict[str, Any]) -> None:
        checks = parse_checks(
            {"name": f"check_{number}", "severity": "hard", "message": "Kiểm tra lại.", "expression": condition}
            for number, condition in enumerate(conditions)
        )
        parsed = {key: parse(formula) for key, formula in formulas.items()}
        known = others | cells
        values = compute(parsed, lambda reference: known.get(reference.address))
        findings = judge(checks, with_computed(values, lambda reference: known.get(reference.address)))
        reports.append({"form": json.loads(json.dumps(for_browser(checks, parsed))), "cells": cells, "others": others})
        expected.append({
            "values": {key: as_sent(value) for key, value in values.items()},
            "findings": [(each.check.name, each.sides and [as_sent(side) for side in each.sides]) for each in findings],
        })  # fmt: skip

    gather()
    for report, python, browser in zip(reports, expected, in_browser(reports=reports)["reports"], strict=True):
        names = [(each["name"], each.get("sides")) for each in browser["findings"]]
        assert (browser["values"], names) == (python["values"], python["findings"]), report
    assert any(each["findings"] for each in expected) and any(value is not None for each in expected for value in each["values"].values())
