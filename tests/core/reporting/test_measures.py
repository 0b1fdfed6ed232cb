"""Units of measure: what may be added up and compared."""

from __future__ import annotations

from typing import Any

import pytest

from mattranso_app.core.reporting.expressions import ExpressionError, check_measures, parse

MEASURES = {
    "members": "người", "women": "người", "memberships": "lượt", "groups": "tổ", "rate": "%", "weekly#members": "người", 
    "weekly#fund": "đồng", "?communes": "đơn vị",
}  # fmt: skip
members, women, memberships, groups, rate = ({"cell": key} for key in ("members", "women", "memberships", "groups", "rate"))
communes = {"known": "communes"}


@pytest.mark.parametrize(("expression", "measure"), [
    ({"+": [members, women]}, "người"),
    ({"+": [members, 5]}, "người"),
    ({"-": [members, {"cell": "members", "form": "weekly", "period": "last_year"}]}, "người"),
    ({"*": [members, 2]}, "người"),
    ({"*": [2, 3]}, ""),
    ({"/": [members, groups]}, "người/tổ"),
    ({"/": [1, groups]}, "1/tổ"),
    ({"/": [members, women]}, "tỷ số"),
    ({"*": [{"/": [members, groups]}, groups]}, "người"),
    ({"*": [members, members]}, "người·người"),
    ({"percent": [women, members]}, "%"),
    ({"share": [50, members]}, "người"),
    ({"share": [rate, members]}, "người"),
    ({"<=": [{"percent": [women, members]}, rate]}, ""),
    ({"if": [{">=": [communes, 156]}, members, 120]}, "người"),
    ({"round": [{"mean": [members, women]}, 0]}, "người"),
    ({"and": [{">": [members, 0]}, {">": [memberships, 0]}]}, ""),
    ({"+": [members, {"cell": "unmeasured"}]}, "người"),
])  # fmt: skip
def test_like_goes_with_like(expression: Any, measure: str) -> None:
    assert check_measures(parse(expression), MEASURES) == measure


@pytest.mark.parametrize(("expression", "place", "words"), [
    ({"+": [members, memberships]}, "/+/1", "“người” với “lượt”"),
    ({"sum": [5, women, memberships]}, "/sum/2", "“người” với “lượt”"),
    ({">=": [memberships, {"+": [members, 1]}]}, "/>=/1", "“lượt” với “người”"),
    ({"max": [members, {"cell": "fund", "form": "weekly"}]}, "/max/1", "“người” với “đồng”"),
    ({"=": [members, {"/": [members, groups]}]}, "/=/1", "“người” với “người/tổ”"),
    ({"=": [members, {"/": [members, women]}]}, "/=/1", "“người” với “tỷ số”"),
    ({"percent": [women, memberships]}, "/percent/1", "“người” với “lượt”"),
    ({"share": [members, women]}, "/share/0", "không phải “người”"),
    ({"if": [True, members, memberships]}, "/if/2", "“người” với “lượt”"),
    ({"not": [{"<": [members, {"abs": [communes]}]}]}, "/not/0/</1", "“người” với “đơn vị”"),
])  # fmt: skip
def test_memberships_and_people_are_never_mixed(expression: Any, place: str, words: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        check_measures(parse(expression), MEASURES)
    assert refused.value.place == place
    assert words in refused.value.text
