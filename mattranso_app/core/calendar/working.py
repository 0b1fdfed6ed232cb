"""Working days, office hours and deadlines.

How a deadline is counted (Civil Code 2015, articles 147 and 148): the day of the event is not counted, counting begins
with the day after; a period in working days counts working days only, so it can never end on a day off. Hence an event
on a Friday evening, on a Saturday or on a holiday counts from the same next working day, and the hour of the event does
not matter. By article 148.6 the last day ends at midnight; we let a deadline fall at the end of that day's office hours
(17:00), the last moment at which an office can still act: stricter for the office, never shorter for the citizen's wait.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from mattranso_app.core.calendar.holidays import DayOff, HolidayData, MakeUpDay, load_holidays
from mattranso_app.core.clock import VN

OFFICE_OPENS = time(7, 30)
OFFICE_CLOSES = time(17, 0)

_DAY = timedelta(days=1)


class WorkingCalendar:
    """Which days are worked, and what follows for deadlines. Moments are aware; results are in Asia/Ho_Chi_Minh.

    Years without an announcement are computed and work all the same; `is_announced` tells, so that a screen can say
    "dự kiến". Computed years reach from 1901 to 2099; beyond, every method raises `OutsideLunarCalendar` (a ValueError).

    Args:
        holidays: the data, see `load_holidays`.
        opens: when office hours begin, Vietnamese time.
        closes: when they end, which is when a deadline falls.
    """

    def __init__(self, holidays: HolidayData, opens: time = OFFICE_OPENS, closes: time = OFFICE_CLOSES) -> None:
        if opens >= closes:
            raise ValueError("office hours must begin before they end")
        self._holidays = holidays
        self._opens = opens
        self._closes = closes
        self._make_up = {made.day: made for announced in holidays.years.values() for made in announced.make_up_days}
        self._off: dict[int, dict[date, DayOff]] = {}
        self._worked: dict[int, list[date]] = {}

    def is_announced(self, year: int) -> bool:
        """Whether the State's notice for `year` is in the data; otherwise its days off are computed and may change."""
        return year in self._holidays.years

    def days_off(self, year: int) -> tuple[DayOff, ...]:
        """Return the holidays, days in lieu and exchanged days of `year` in order; plain weekends are not among them."""
        return tuple(self._days_off(year).values())

    def make_up_days(self, year: int) -> tuple[MakeUpDay, ...]:
        """Return the Saturdays and Sundays of `year` that are worked instead of another day, in order."""
        return tuple(self._make_up[day] for day in sorted(self._make_up) if day.year == year)

    def day_off(self, day: date) -> DayOff | None:
        """Return why `day` is off (name, kind, basis), or None: it is worked, or a plain weekend."""
        return self._days_off(day.year).get(day)

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on `day`: Monday to Friday and make-up days, without days off."""
        off = self._days_off(day.year)
        return day in self._make_up or (day.weekday() < 5 and day not in off)

    def add_working_days(self, moment: datetime, days: int) -> datetime:
        """Return the end of office hours on the `days`-th working day after the day of `moment`.

        Args:
            moment: aware time of the event (received, accepted, …); its Vietnamese date counts.
            days: working days, at least 1.

        Raises:
            ValueError: `moment` is naive or `days` < 1.
        """
        if days < 1:
            raise ValueError("a period has at least one working day")
        day = _local(moment).date()
        left = days
        while left:
            worked = self._working_days(day.year)
            passed = bisect_right(worked, day)
            if passed + left <= len(worked):
                return datetime.combine(worked[passed + left - 1], self._closes, VN)
            left -= len(worked) - passed
            day = date(day.year, 12, 31) + _DAY
            if self.is_working_day(day):
                left -= 1
        return datetime.combine(day, self._closes, VN)

    def working_days_between(self, start: date, end: date) -> int:
        """Return how many working days come after `start`, up to and with `end`; negative when `end` is before `start`.

        So `working_days_between(today, deadline)` is what is left, and below 0 by how much it is overdue.
        """
        if end < start:
            return -self.working_days_between(end, start)
        total = bisect_right(self._working_days(end.year), end) - bisect_right(self._working_days(start.year), start)
        return total + sum(len(self._working_days(year)) for year in range(start.year, end.year))

    def is_office_hours(self, moment: datetime) -> bool:
        """Whether offices are open at `moment` (the midday break counts as open)."""
        local = _local(moment)
        return self.is_working_day(local.date()) and self._opens <= local.time() < self._closes

    def next_office_moment(self, moment: datetime) -> datetime:
        """Return `moment` itself in office hours, else the next opening: when a reminder may be sent without disturbing."""
        local = _local(moment)
        if self.is_office_hours(local):
            return local
        day = local.date() if local.time() < self._opens else local.date() + _DAY
        while not self.is_working_day(day):
            day += _DAY
        return datetime.combine(day, self._opens, VN)

    def _days_off(self, year: int) -> dict[date, DayOff]:
        if year not in self._off:
            announced = self._holidays.years.get(year)
            days = announced.days_off if announced else self._holidays.compute(year)
            self._off[year] = {off.day: off for off in sorted(days, key=lambda each: each.day)}
        return self._off[year]

    def _working_days(self, year: int) -> list[date]:
        if year not in self._worked:
            first = date(year, 1, 1)
            days = (first + number * _DAY for number in range((date(year, 12, 31) - first).days + 1))
            self._worked[year] = [day for day in days if self.is_working_day(day)]
        return self._worked[year]


@lru_cache
def working_calendar() -> WorkingCalendar:
    """Return the calendar of the holidays that come with the software, made once per process."""
    return WorkingCalendar(load_holidays())


def _local(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(VN)
