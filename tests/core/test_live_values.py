"""Cursors and patches: pure parts of the live core."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from mattranso_app.core.live.cursor import Cursor
from mattranso_app.core.live.patch import difference, encode, merge, normal

calmly = examples(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # machines differ
scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 1.0, 1e300, "", "đ", "1", "true"])
keys = st.sampled_from(["a", "b", "c", "đ"])
trees = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=12)
values = st.dictionaries(keys, trees, max_size=4)


def as_json(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


@calmly
@given(values, values)
def test_the_difference_turns_the_old_value_into_the_new(old: dict[str, Any], new: dict[str, Any]) -> None:
    before, after = normal(old), normal(new)
    patch = difference(before, after)
    once = merge(before, patch)
    assert as_json(once) == as_json(after)
    assert as_json(merge(once, patch)) == as_json(after)
    assert (patch == {}) == (as_json(before) == as_json(after)) or as_json(once) == as_json(before)


@calmly
@given(values)
def test_no_difference_with_oneself(value: dict[str, Any]) -> None:
    assert difference(normal(value), normal(value)) == {}


def test_merging_leaves_the_old_value_alone() -> None:
    old = {"rows": {"01": {"n": 1}}}
    assert merge(old, {"rows": {"01": {"n": 2}, "79": {"n": 5}}}) == {"rows": {"01": {"n": 2}, "79": {"n": 5}}}
    assert old == {"rows": {"01": {"n": 1}}}


def test_true_is_not_one() -> None:
    assert difference({"a": 1, "b": [1]}, {"a": True, "b": [True]}) == {"a": True, "b": [True]}


@pytest.mark.parametrize("text", ["", "1:2", "1:2:x", "-1:2:", "1:2:3,", "1:2:٣", "1:2:" + "3," * 4000 + "3", "1:2:\n"])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a cursor"):
        Cursor.parse(text)


def test_normal_gives_plain_json() -> None:
    moment = datetime(2026, 11, 24, 2, 7, tzinfo=UTC)
    assert normal({"at": moment, "n": Decimal("3"), "share": Decimal("0.5"), "none": None, "rows": ({"x": None},)}) == {
        "at": "2026-11-24T02:07:00+00:00",
        "n": 3,
        "share": 0.5,
        "rows": [{}],
    }
    with pytest.raises(TypeError):
        normal({"x": object()})
    with pytest.raises(ValueError, match="finite"):
        normal({"x": float("nan")})
    assert encode({"tên": "Đà Nẵng"}) == '{"tên":"Đà Nẵng"}'.encode()


cursors = st.builds(
    lambda xmin, ages: Cursor(xmin, xmin + len(ages), frozenset(xmin + i for i, alive in enumerate(ages) if alive)),
    st.integers(3, 12),
    st.lists(st.booleans(), max_size=8),
)


@calmly
@given(cursors)
def test_a_cursor_survives_being_written(cursor: Cursor) -> None:
    assert Cursor.parse(str(cursor)) == cursor


@calmly
@given(cursors, cursors)
def test_covers_means_seeing_all_the_other_sees(one: Cursor, other: Cursor) -> None:
    sees_all = all(one.sees(xact) for xact in range(30) if other.sees(xact))
    if one.covers(other):
        assert sees_all
    elif sees_all:
        # covers() may be stricter only about transactions that have not begun for either.
        assert other.xmax > one.xmax and all(x in other.running for x in range(one.xmax, other.xmax))
