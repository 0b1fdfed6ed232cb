"""Dates, deadlines and statuses as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mattranso_app.core import clock
from mattranso_app.core.calendar import working_calendar
from mattranso_app.core.clock import VN
from mattranso_app.petitions import text, words
from mattranso_app.petitions.models import Outcome, State, Step
from mattranso_app.petitions.shapes import TimelineStep, UnitRef

DUE = datetime(2026, 12, 8, 17, tzinfo=VN)
MOMENTS = st.datetimes(datetime(2025, 8, 1), datetime(2027, 12, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 11, 24, 9, tzinfo=VN), ("còn 10 ngày làm việc", "go")),
        (datetime(2026, 12, 3, 23, 59, tzinfo=VN), ("còn 3 ngày làm việc", "go")),
        (datetime(2026, 12, 4, 0, tzinfo=VN), ("còn 2 ngày làm việc", "wait")),
        (datetime(2026, 12, 6, 9, tzinfo=VN), ("còn 2 ngày làm việc", "wait")),
        (datetime(2026, 12, 7, 9, tzinfo=VN), ("còn 1 ngày làm việc", "wait")),
        (datetime(2026, 12, 8, 16, 59, tzinfo=VN), (text.DUE_TODAY, "late")),
        (datetime(2026, 12, 8, 17, 0, 1, tzinfo=VN), (text.OVERDUE, "late")),
        (datetime(2026, 12, 20, 9, tzinfo=VN), (text.OVERDUE, "late")),
    ],
)
def test_how_much_time_is_left(at: datetime, expected: tuple[str, str]) -> None:
    clock.freeze(at)
    assert words.due_left(DUE) == expected


def test_answered_in_time_or_late() -> None:
    assert words.due_left(DUE, DUE)[0] == text.ANSWERED_IN_TIME
    assert words.due_left(DUE, DUE + timedelta(seconds=1))[0] == text.ANSWERED_LATE


@given(sent=MOMENTS, later=st.timedeltas(timedelta(0), timedelta(days=40)))
def test_overdue_is_said_exactly_when_it_is(sent: datetime, later: timedelta) -> None:
    due = working_calendar().add_working_days(sent, 10)
    clock.freeze(sent + later)
    try:
        said, _ = words.due_left(due)
        assert (said == text.OVERDUE) is (sent + later > due)
        assert 0 <= words.due_share(sent, due) <= 1
    finally:
        clock.freeze(None)


def test_every_state_and_outcome_has_a_status() -> None:
    for state in set(State) - {State.NEW}:
        said, kind = words.status(state, None)
        assert said and kind in ("wait", "go")
    assert words.status(State.AWAITING_APPROVAL, None) == words.status(State.IN_PROGRESS, None)
    for outcome in Outcome:
        assert words.status(State.ANSWERED, outcome)[0] == text.OUTCOMES[outcome]


def test_figures_and_names() -> None:
    assert (words.number(1_234_567), words.number(7)) == ("1.234.567", "7")
    assert (words.share(96, 100), words.share(1, 3), words.share(0, 0)) == ("96,0 %", "33,3 %", "–")
    assert words.unit_words(UnitRef("19774", "Phường Phú Xuân", "Thành phố Huế")) == "Phường Phú Xuân, Thành phố Huế"
    assert words.unit_words(UnitRef("46", "Thành phố Huế", "")) == "Thành phố Huế"
    assert words.moment(datetime(2026, 11, 18, 13, 14, tzinfo=UTC)) == "18/11/2026, 20:14"
    assert words.day_of(datetime(2026, 11, 27, 10, tzinfo=UTC)) == "thứ Sáu 27/11/2026"


def test_an_open_petitions_course_ends_with_what_is_to_come() -> None:
    step = TimelineStep(Step.SUBMIT, DUE - timedelta(days=10), "Phường Phú Xuân", "")
    drawn = words.timeline([step], True, DUE)
    assert [each["state"] for each in drawn] == ["now", "next"]
    assert "08/12/2026" in drawn[-1]["note"]
    assert [each["state"] for each in words.timeline([step], False, DUE)] == ["done"]
    assert words.timeline([], True, DUE) == []
