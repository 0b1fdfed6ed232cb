"""Reporting periods: a week, month, quarter, half-year, year or term, each named by a key that sorts in its kind by time.

Keys: `2026-W07` (ISO 8601 week), `2026-03`, `2026-Q1`, `2026-H1`, `2026`, `2024-2029` (term, both years whole).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from mattranso_app.core.errors import InvalidInput

BAD_PERIOD = "Kỳ báo cáo “{key}” không đúng. Ví dụ: 2026-W07 (tuần), 2026-03 (tháng), 2026-Q1 (quý), 2026-H1 (sáu tháng), 2026 (năm)."
_FIRST_YEAR, _LAST_YEAR = 1930, 2200


class PeriodKind(StrEnum):
    """How long a period is."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"
    TERM = "term"


KIND_NAMES = {
    PeriodKind.WEEK: "Tuần",
    PeriodKind.MONTH: "Tháng",
    PeriodKind.QUARTER: "Quý",
    PeriodKind.HALF: "Sáu tháng",
    PeriodKind.YEAR: "Năm",
    PeriodKind.TERM: "Nhiệm kỳ",
}
_MONTHS = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.HALF: 6, PeriodKind.YEAR: 12}
_ROMAN = ("I", "II", "III", "IV")


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time that is reported as one; `start` and `end` both belong to it."""

    kind: PeriodKind
    key: str
    start: date
    end: date

    @property
    def label(self) -> str:
        """The period as people say it."""
        year = self.start.year
        match self.kind:
            case PeriodKind.WEEK:
                week = self.start.isocalendar()
                return f"Tuần {week.week} năm {week.year} ({self.start:%d/%m}–{self.end:%d/%m})"
            case PeriodKind.MONTH:
                return f"Tháng {self.start.month}/{year}"
            case PeriodKind.QUARTER:
                return f"Quý {_ROMAN[self.start.month // 3]}/{year}"
            case PeriodKind.HALF:
                return f"6 tháng {'đầu' if self.start.month == 1 else 'cuối'} năm {year}"
            case PeriodKind.YEAR:
                return f"Năm {year}"
            case PeriodKind.TERM:
                return f"Nhiệm kỳ {year}–{self.end.year}"

    @property
    def previous(self) -> Period:
        """The period of the same kind just before."""
        if self.kind is PeriodKind.TERM:
            length = self.end.year - self.start.year
            return _term(self.start.year - length, self.start.year)
        return period_on(self.kind, self.start - timedelta(days=1))

    @property
    def following(self) -> Period:
        """The period of the same kind just after."""
        if self.kind is PeriodKind.TERM:
            length = self.end.year - self.start.year
            return _term(self.end.year, self.end.year + length)
        return period_on(self.kind, self.end + timedelta(days=1))

    @property
    def last_year(self) -> Period:
        """The same period a year earlier: the week of the same number (52 for a 53rd), the term before for a term."""
        if self.kind is PeriodKind.TERM:
            return self.previous
        if self.kind is PeriodKind.WEEK:
            week = self.start.isocalendar()
            return _week(week.year - 1, min(week.week, date(week.year - 1, 12, 28).isocalendar().week))
        return period_on(self.kind, self.start.replace(year=self.start.year - 1))


def _week(year: int, number: int) -> Period:
    start = date.fromisocalendar(year, number, 1)
    return Period(PeriodKind.WEEK, f"{year}-W{number:02}", start, start + timedelta(days=6))


def _months(kind: PeriodKind, year: int, month: int) -> Period:
    length = _MONTHS[kind]
    first = (month - 1) // length * length + 1
    after = date(year + (first + length > 12), (first + length - 1) % 12 + 1, 1)
    number = (first - 1) // length + 1
    key = {PeriodKind.MONTH: f"{year}-{first:02}", PeriodKind.QUARTER: f"{year}-Q{number}", PeriodKind.HALF: f"{year}-H{number}"}
    return Period(kind, key.get(kind, f"{year}"), date(year, first, 1), after - timedelta(days=1))


def _term(first: int, last: int) -> Period:
    return Period(PeriodKind.TERM, f"{first}-{last}", date(first, 1, 1), date(last, 12, 31))


def period_on(kind: PeriodKind, day: date) -> Period:
    """Return the period of `kind` that `day` belongs to.

    Raises:
        ValueError: a term, whose years no calendar tells.
    """
    if kind is PeriodKind.TERM:
        raise ValueError("the calendar does not tell when a term begins")
    if kind is PeriodKind.WEEK:
        week = day.isocalendar()
        return _week(week.year, week.week)
    return _months(kind, day.year, day.month)


_PATTERNS = {
    PeriodKind.WEEK: re.compile(r"(\d{4})-W(\d{2})"),
    PeriodKind.MONTH: re.compile(r"(\d{4})-(\d{2})"),
    PeriodKind.QUARTER: re.compile(r"(\d{4})-Q([1-4])"),
    PeriodKind.HALF: re.compile(r"(\d{4})-H([12])"),
    PeriodKind.YEAR: re.compile(r"(\d{4})"),
    PeriodKind.TERM: re.compile(r"(\d{4})-(\d{4})"),
}


def parse_period(key: str, kind: PeriodKind | None = None) -> Period:
    """Return the period with this key.

    Args:
        key: as the module says.
        kind: the only kind that will do; any when None.

    Raises:
        InvalidInput: no such period, or one of another kind.
    """
    for each, pattern in _PATTERNS.items():
        found = pattern.fullmatch(key) if key.isascii() and kind in (None, each) else None
        if found is None:
            continue
        numbers = [int(group) for group in found.groups()]
        if not _FIRST_YEAR <= numbers[0] <= _LAST_YEAR:
            break
        try:
            if each is PeriodKind.WEEK:
                return _week(*numbers)
            if each is PeriodKind.TERM:
                if not 1 <= numbers[1] - numbers[0] <= 10:
                    break
                return _term(*numbers)
            month = 1 if each is PeriodKind.YEAR else (numbers[1] - 1) * _MONTHS[each] + 1
            return _months(each, numbers[0], month) if month <= 12 else _refuse(key)
        except ValueError:
            break
    return _refuse(key)


def _refuse(key: str) -> Period:
    raise InvalidInput(BAD_PERIOD.format(key=key[:20]))


def periods_between(first: Period, last: Period, most: int = 200) -> list[Period]:
    """Return the periods from `first` to `last`, both included.

    Raises:
        InvalidInput: they are of two kinds, in the wrong order, or more than `most`.
    """
    if first.kind is not last.kind or first.start > last.start:
        raise InvalidInput("Chọn kỳ đầu trước kỳ cuối, cùng một loại kỳ.")
    found = [first]
    while found[-1].start < last.start:
        if len(found) == most:
            raise InvalidInput(f"Mỗi lần xem nhiều nhất {most} kỳ. Hãy chọn khoảng ngắn hơn.")
        found.append(found[-1].following)
    return found
