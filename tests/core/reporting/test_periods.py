"""Periods: keys, neighbours, the same period last year; every day belongs to exactly one of each kind."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mattranso_app.core.errors import InvalidInput
from mattranso_app.core.reporting.periods import PeriodKind, parse_period, period_on, periods_between

KINDS = st.sampled_from([kind for kind in PeriodKind if kind is not PeriodKind.TERM])
DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))


@given(KINDS, DAYS)
def test_periods_follow_without_gap(kind, day):
    period = period_on(kind, day)
    assert period.start <= day <= period.end
    assert parse_period(period.key) == period == parse_period(period.key, kind)
    assert period.following.start == period.end + timedelta(days=1) and period.following.previous == period
    assert period.previous.key < period.key < period.following.key


@given(KINDS, DAYS)
def test_last_year_is_a_year_earlier(kind, day):
    period = period_on(kind, day)
    assert 350 <= (period.start - period.last_year.start).days <= 372 and period.last_year.kind is kind


@pytest.mark.parametrize(
    ("key", "start", "end", "label"),
    [
        ("2026-W01", date(2025, 12, 29), date(2026, 1, 4), "Tuần 1 năm 2026 (29/12–04/01)"),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 3), "Tuần 53 năm 2026 (28/12–03/01)"),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "Tháng 2/2024"),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31), "Quý IV/2026"),
        ("2026-H2", date(2026, 7, 1), date(2026, 12, 31), "6 tháng cuối năm 2026"),
        ("2026", date(2026, 1, 1), date(2026, 12, 31), "Năm 2026"),
        ("2024-2029", date(2024, 1, 1), date(2029, 12, 31), "Nhiệm kỳ 2024–2029"),
    ],
)
def test_known_periods(key, start, end, label):
    period = parse_period(key)
    assert (period.start, period.end, period.label) == (start, end, label)


def test_a_term_follows_the_one_before():
    assert parse_period("2024-2029").following.key == "2029-2034" and parse_period("2024-2029").last_year.key == "2019-2024"


@pytest.mark.parametrize(
    "key",
    ["", "2026-W54", "2025-W53", "2026-13", "2026-00", "2026-Q5", "2026-H3", "26", "2029-2024", "2024-2040", "２０２６", "1800", "2026-W1"],
)
def test_what_is_no_period(key):
    with pytest.raises(InvalidInput):
        parse_period(key)


def test_one_kind_only_will_do():
    with pytest.raises(InvalidInput):
        parse_period("2026-Q1", PeriodKind.MONTH)


def test_ranges_are_bounded():
    quarters = periods_between(parse_period("2025-Q3"), parse_period("2026-Q2"))
    assert [period.key for period in quarters] == ["2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2"]
    for first, last in (("2026-Q2", "2026-Q1"), ("2026-Q1", "2026-03"), ("1990-W01", "2026-W01")):
        with pytest.raises(InvalidInput):
            periods_between(parse_period(first), parse_period(last))
