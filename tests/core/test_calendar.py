"""The Vietnamese working calendar: lunar dates, announced and computed years, deadlines in working days."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mattranso_app.core.calendar import (
    OutsideLunarCalendar,
    WorkingCalendar,
    load_holidays,
    lunar_date,
    lunar_new_year,
    working_calendar,
)
from mattranso_app.core.clock import VN

CALENDAR = working_calendar()
DAYS = st.dates(date(2018, 1, 1), date(2040, 12, 31))
MOMENTS = st.datetimes(datetime(2018, 1, 1), datetime(2040, 12, 31), timezones=st.sampled_from([UTC, VN]))


def at(text: str) -> datetime:
    """A Vietnamese moment from "2026-02-13 16:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=VN)


# --- lunar calendar -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "tet", "hung_kings"),
    [
        (2024, "02-10", "04-18"), (2025, "01-29", "04-07"), (2026, "02-17", "04-26"), (2027, "02-06", "04-16"),
        (2028, "01-26", "04-04"), (2029, "02-13", "04-23"), (2030, "02-02", "04-12"), (2031, "01-23", "04-01"),
        (2032, "02-11", "04-19"), (2033, "01-31", "04-09"), (2034, "02-19", "04-28"), (2035, "02-08", "04-17"),
        # Years in which Vietnam and China differ, or a leap month is near.
        (1965, "02-01", "04-11"), (1985, "01-21", "04-29"), (2007, "02-17", "04-26"), (2009, "01-26", "04-04"),
        (1901, "02-19", "04-28"), (2053, "02-18", "04-28"), (2099, "01-21", "04-29"),
    ],
)  # fmt: skip
def test_tet_and_hung_kings(year: int, tet: str, hung_kings: str) -> None:
    assert lunar_new_year(year) == date.fromisoformat(f"{year}-{tet}")
    assert lunar_date(year, 3, 10) == date.fromisoformat(f"{year}-{hung_kings}")


def test_lunar_months_have_29_or_30_days_and_years_are_whole() -> None:
    for year in range(1901, 2100):
        starts = [lunar_date(year, month, 1) for month in range(1, 11)]
        # 58 to 60 days where a leap month stands between.
        assert {(later - earlier).days for earlier, later in zip(starts, starts[1:], strict=False)} <= {29, 30, 58, 59, 60}
        assert date(year, 1, 20) < starts[0] < date(year, 2, 22)


def test_beyond_the_lunar_calendar_is_said() -> None:
    for year in (1900, 2100):
        with pytest.raises(OutsideLunarCalendar, match="1901–2099"):
            lunar_new_year(year)
        with pytest.raises(OutsideLunarCalendar, match="1901–2099"):
            CALENDAR.is_working_day(date(year, 5, 5))
    with pytest.raises(ValueError, match="no lunar date"):
        lunar_date(2026, 11, 1)


# --- the data -----------------------------------------------------------------------------------------------------


def test_announced_years_and_what_is_computed_beyond() -> None:
    assert [year for year in range(2020, 2031) if CALENDAR.is_announced(year)] == [2024, 2025, 2026]
    assert all(off.announced is False for off in CALENDAR.days_off(2027))
    unconfirmed = [off for year in (2024, 2025, 2026) for off in CALENDAR.days_off(year) if not off.announced]
    assert [str(off.day) for off in unconfirmed] == ["2026-11-24"]


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_the_computation_gives_what_was_announced(year: int) -> None:
    """Apart from exchanged days, which nobody can compute."""
    computed = {off.day for off in load_holidays().compute(year)}
    assert computed >= {off.day for off in CALENDAR.days_off(year) if off.kind != "exchanged"}
    assert {day for day in computed if day.weekday() < 5} == {
        off.day for off in CALENDAR.days_off(year) if off.kind != "exchanged" and off.day.weekday() < 5
    }


@pytest.mark.parametrize(
    ("year", "off"),
    [
        # Announced then, not in our data: the rule must give them.
        (2018, "01-01 02-14 02-15 02-16 02-19 02-20 04-25 04-30 05-01 09-03"),
        (2019, "01-01 02-04 02-05 02-06 02-07 02-08 04-15 04-30 05-01 09-02"),
        (2021, "01-01 02-10 02-11 02-12 02-15 02-16 04-21 04-30 05-03 09-02 09-03"),
        (2022, "01-03 01-31 02-01 02-02 02-03 02-04 04-11 05-02 05-03 09-01 09-02"),
        (2023, "01-02 01-20 01-23 01-24 01-25 01-26 05-01 05-02 05-03 09-01 09-04"),
        # Not announced yet.
        (2027, "01-01 02-04 02-05 02-08 02-09 02-10 04-16 04-30 05-03 09-02 09-03 11-24"),
        (2029, "01-01 02-12 02-13 02-14 02-15 02-16 04-23 04-30 05-01 09-03 09-04 11-26"),
    ],
)
def test_computed_years(year: int, off: str) -> None:
    weekdays = [f"{each.day:%m-%d}" for each in load_holidays().compute(year) if each.day.weekday() < 5]
    assert weekdays == off.split()


def test_every_day_off_has_a_name_and_a_basis() -> None:
    for year in range(2024, 2036):
        for off in CALENDAR.days_off(year):
            assert off.name and off.basis
            assert CALENDAR.day_off(off.day) == off
    assert CALENDAR.day_off(date(2026, 3, 2)) is None


def test_exchanged_days() -> None:
    assert not CALENDAR.is_working_day(date(2026, 1, 2)) and CALENDAR.is_working_day(date(2026, 1, 10))
    assert not CALENDAR.is_working_day(date(2026, 8, 31)) and CALENDAR.is_working_day(date(2026, 8, 22))
    assert [made.instead_of for made in CALENDAR.make_up_days(2026)] == [date(2026, 1, 2), date(2026, 8, 31)]
    assert CALENDAR.make_up_days(2027) == ()


def test_an_operators_file_replaces_a_year(tmp_path: Path) -> None:
    path = tmp_path / "2027.json"
    exchanged = {"day": "2027-02-04", "name": "Nghỉ hoán đổi", "kind": "exchanged", "basis": "TB"}
    days = [{"day": "2027-02-05", "name": "Tết", "basis": "TB"}, exchanged]
    made = [{"day": "2027-02-20", "instead_of": "2027-02-04", "basis": "TB"}]
    path.write_text(json.dumps({"years": {"2027": {"days_off": days, "make_up_days": made}}}), encoding="utf-8")
    calendar = WorkingCalendar(load_holidays(path))
    assert calendar.is_announced(2027) and calendar.is_announced(2026)
    assert not calendar.is_working_day(date(2027, 2, 5)) and calendar.is_working_day(date(2027, 2, 8))
    assert calendar.is_working_day(date(2027, 2, 20))
    assert not CALENDAR.is_announced(2027)


@pytest.mark.parametrize(
    "year",
    [
        {"days_off": [{"day": "2028-02-05", "name": "Tết"}]},
        {"days_off": [{"day": "2027-02-05", "name": "Tết", "kind": "exchanged"}]},
        {"days_off": [], "make_up_days": [{"day": "2027-02-06", "instead_of": "2027-02-05", "basis": ""}]},
        {"days_off": [{"day": "2027-02-05", "name": "Tết", "kind": "exchanged"}],
         "make_up_days": [{"day": "2027-02-08", "instead_of": "2027-02-05", "basis": ""}]},
        {"days_off": [{"day": "mùng một", "name": "Tết"}]},
        {"days_off": [], "holidays": []},
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused(tmp_path: Path, year: dict[str, object]) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps({"years": {"2027": year}}), encoding="utf-8")
    with pytest.raises(ValidationError):
        load_holidays(path)


# --- deadlines ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "days", "deadline"),
    [
        ("2026-03-02 09:00", 1, "2026-03-03"),  # Monday; the day of the event is not counted
        ("2026-03-02 00:00", 1, "2026-03-03"),
        ("2026-03-02 23:59", 1, "2026-03-03"),  # the hour does not matter
        ("2026-03-06 16:59", 1, "2026-03-09"),  # over a weekend
        ("2026-03-07 10:00", 1, "2026-03-09"),  # an event on a Saturday
        ("2026-03-02 09:00", 5, "2026-03-09"),
        ("2026-03-02 09:00", 10, "2026-03-16"),
        ("2026-02-13 16:00", 5, "2026-02-27"),  # over Tết
        ("2026-08-21 09:00", 1, "2026-08-22"),  # a make-up Saturday counts
        ("2026-08-28 09:00", 1, "2026-09-03"),  # over the National Day with its exchanged Monday
        ("2026-11-23 09:00", 1, "2026-11-25"),
        ("2026-12-31 09:00", 1, "2027-01-04"),
        ("2026-12-31 09:00", 2, "2027-01-05"),
        ("2025-12-30 09:00", 3, "2026-01-06"),
    ],
)
def test_deadlines(event: str, days: int, deadline: str) -> None:
    assert CALENDAR.add_working_days(at(event), days) == at(f"{deadline} 17:00")
    assert CALENDAR.add_working_days(at(event).astimezone(UTC), days) == at(f"{deadline} 17:00")


def test_the_vietnamese_date_counts() -> None:
    """20:00 UTC on Sunday is already Monday in Viet Nam."""
    assert CALENDAR.add_working_days(datetime(2026, 3, 1, 20, tzinfo=UTC), 1) == at("2026-03-03 17:00")


def test_wrong_arguments() -> None:
    with pytest.raises(ValueError, match="at least one"):
        CALENDAR.add_working_days(at("2026-03-02 09:00"), 0)
    with pytest.raises(ValueError, match="time zone"):
        CALENDAR.add_working_days(datetime(2026, 3, 2), 1)
    with pytest.raises(ValueError, match="before they end"):
        WorkingCalendar(load_holidays(), opens=time(17), closes=time(8))


@given(MOMENTS, st.integers(1, 700))
def test_a_deadline_is_a_working_day_and_counts_back(moment: datetime, days: int) -> None:
    deadline = CALENDAR.add_working_days(moment, days)
    assert CALENDAR.is_working_day(deadline.date()) and deadline.time() == time(17) and deadline > moment
    assert CALENDAR.working_days_between(moment.astimezone(VN).date(), deadline.date()) == days


@given(MOMENTS, MOMENTS, st.integers(1, 60), st.integers(1, 60))
def test_later_events_and_longer_periods_never_end_earlier(one: datetime, two: datetime, fewer: int, more: int) -> None:
    one, two = sorted((one, two))
    assert CALENDAR.add_working_days(one, fewer) <= CALENDAR.add_working_days(two, fewer)
    fewer, more = sorted((fewer, more))
    assert CALENDAR.add_working_days(one, fewer) <= CALENDAR.add_working_days(one, more)
    chained = CALENDAR.add_working_days(CALENDAR.add_working_days(one, fewer), more)
    assert chained == CALENDAR.add_working_days(one, fewer + more)


@given(DAYS, DAYS, DAYS)
def test_counting_is_by_single_days_and_adds_up(one: date, two: date, three: date) -> None:
    between = CALENDAR.working_days_between
    assert between(one, two) + between(two, three) == between(one, three)
    assert between(one, two) == -between(two, one)
    start, end = sorted((one, two))
    end = min(end, start + timedelta(days=400))
    days = (start + timedelta(days=number) for number in range(1, (end - start).days + 1))
    assert between(start, end) == sum(CALENDAR.is_working_day(day) for day in days)


@given(DAYS)
def test_a_day_off_is_never_worked_and_a_make_up_day_always(day: date) -> None:
    if CALENDAR.day_off(day):
        assert not CALENDAR.is_working_day(day)
    elif day.weekday() < 5:
        assert CALENDAR.is_working_day(day)
    else:
        assert CALENDAR.is_working_day(day) == (day in {made.day for made in CALENDAR.make_up_days(day.year)})


# --- office hours -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "following"),
    [
        ("2026-03-02 09:00", "2026-03-02 09:00"),
        ("2026-03-02 07:29", "2026-03-02 07:30"),
        ("2026-03-02 12:00", "2026-03-02 12:00"),
        ("2026-03-02 17:00", "2026-03-03 07:30"),
        ("2026-03-06 18:00", "2026-03-09 07:30"),
        ("2026-02-14 00:00", "2026-02-23 07:30"),
        ("2026-08-22 03:00", "2026-08-22 07:30"),
    ],
)
def test_next_office_moment(moment: str, following: str) -> None:
    assert CALENDAR.next_office_moment(at(moment)) == at(following)
    assert CALENDAR.is_office_hours(at(moment)) == (moment == following)


@given(MOMENTS)
def test_the_next_office_moment_is_one(moment: datetime) -> None:
    following = CALENDAR.next_office_moment(moment)
    assert CALENDAR.is_office_hours(following) and following >= moment
    assert CALENDAR.next_office_moment(following) == following


def test_other_office_hours() -> None:
    calendar = WorkingCalendar(load_holidays(), opens=time(8), closes=time(16, 30))
    assert calendar.add_working_days(at("2026-03-02 09:00"), 1) == at("2026-03-03 16:30")
    assert calendar.next_office_moment(at("2026-03-02 16:30")) == at("2026-03-03 08:00")
