"""Public holidays as data: what the law says of every year, and what the State announced for single years.

`core/data/holidays.json` holds both, each with its basis. A year that is not announced yet is computed: the recurring
holidays of Labour Code 2019 article 112, and for each that falls on a weekly day off the next working day (article
111.3). The way Tết (two days before, three after) and the second day of the National Day are placed is the way the
State has placed them each year from 2018 on; the announcement may still differ, and may exchange days.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from mattranso_app.core.calendar.lunar import FIRST_YEAR, LAST_YEAR, OutsideLunarCalendar, lunar_date

DATA = Path(__file__).resolve().parent.parent / "data" / "holidays.json"

_DAY = timedelta(days=1)
_IN_LIEU = "Bộ luật Lao động 2019, khoản 3 Điều 111"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DayOff(_Strict):
    """A day nobody has to work.

    Attributes:
        kind: `holiday`; `in_lieu`: for a holiday that fell on a weekly day off; `exchanged`: worked on another day.
        basis: the text it rests on.
        announced: False when computed, or when its basis is not a notice of the State.
    """

    day: date
    name: str
    kind: Literal["holiday", "in_lieu", "exchanged"] = "holiday"
    basis: str = ""
    announced: bool = True


class MakeUpDay(_Strict):
    """A Saturday or Sunday that is worked instead of an exchanged day off."""

    day: date
    instead_of: date
    basis: str

    @field_validator("day")
    @classmethod
    def _on_a_weekend(cls, day: date) -> date:
        if day.weekday() < 5:
            raise ValueError(f"{day} is no weekly day off, so it cannot be a make-up day")
        return day


class RecurringHoliday(_Strict):
    """A holiday of every year.

    Attributes:
        offsets: days off around the date, 0 being the date itself.
        offsets_by_weekday: the same when it depends on the weekday of the date; seven lists, Monday first.
        first_year: from which year on.
        last_year: until which year, or None.
    """

    name: str
    calendar: Literal["solar", "lunar"] = "solar"
    month: int = Field(ge=1, le=12)
    day: int = Field(ge=1, le=31)
    offsets: tuple[int, ...] = (0,)
    offsets_by_weekday: tuple[tuple[int, ...], ...] | None = Field(default=None, min_length=7, max_length=7)
    first_year: int = FIRST_YEAR
    last_year: int | None = None
    basis: str

    def days(self, year: int) -> list[date]:
        """Return its days off in `year`, weekly days off among them."""
        if year < self.first_year or (self.last_year is not None and year > self.last_year):
            return []
        centre = lunar_date(year, self.month, self.day) if self.calendar == "lunar" else date(year, self.month, self.day)
        offsets = self.offsets_by_weekday[centre.weekday()] if self.offsets_by_weekday else self.offsets
        return [centre + offset * _DAY for offset in offsets]


class AnnouncedYear(_Strict):
    """What the State announced for one year: all its days off, and the make-up days they were exchanged for."""

    days_off: tuple[DayOff, ...]
    make_up_days: tuple[MakeUpDay, ...] = ()

    @model_validator(mode="after")
    def _exchanges_match(self) -> AnnouncedYear:
        exchanged = {off.day for off in self.days_off if off.kind == "exchanged"}
        if exchanged != {made.instead_of for made in self.make_up_days}:
            raise ValueError("every exchanged day off needs its make-up day, and the other way round")
        return self


class HolidayData(_Strict):
    """The whole of a holiday file."""

    about: str = ""
    recurring: tuple[RecurringHoliday, ...] = ()
    years: dict[int, AnnouncedYear] = {}

    @field_validator("years")
    @classmethod
    def _in_their_year(cls, years: dict[int, AnnouncedYear], _info: ValidationInfo) -> dict[int, AnnouncedYear]:
        for year, announced in years.items():
            if strays := [off.day for off in announced.days_off if off.day.year != year]:
                raise ValueError(f"days off of another year under {year}: {strays}")
        return years

    def compute(self, year: int) -> tuple[DayOff, ...]:
        """Return the days off the recurring holidays give for `year`, those in lieu included, all marked as computed.

        Raises:
            OutsideLunarCalendar: the year is before 1901 or after 2099.
        """
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise OutsideLunarCalendar(f"no working calendar for {year}, only for {FIRST_YEAR}–{LAST_YEAR}")
        found: dict[date, DayOff] = {}
        for holiday in self.recurring:
            for day in holiday.days(year):
                found.setdefault(day, DayOff(day=day, name=holiday.name, basis=holiday.basis, announced=False))
        for off in sorted(found.values(), key=lambda each: each.day):
            if off.day.weekday() >= 5:
                instead = off.day
                while instead.weekday() >= 5 or instead in found:
                    instead += _DAY
                name = f"Nghỉ bù {off.name}"
                found[instead] = DayOff(day=instead, name=name, kind="in_lieu", basis=_IN_LIEU, announced=False)
        return tuple(sorted(found.values(), key=lambda each: each.day))


@lru_cache
def load_holidays(*additions: Path) -> HolidayData:
    """Return the holidays that come with the software, completed or corrected by files of the operator.

    Args:
        additions: JSON files of the same form. A year in them replaces that whole year; recurring holidays, if any are
            given, replace all recurring ones. The last file wins.

    Raises:
        pydantic.ValidationError: a file is not of that form; the message says where.
        OSError: a file cannot be read.
    """
    data = HolidayData.model_validate_json(DATA.read_text(encoding="utf-8"))
    for path in additions:
        more = HolidayData.model_validate_json(path.read_text(encoding="utf-8"))
        recurring = more.recurring or data.recurring
        data = HolidayData(about=data.about, recurring=recurring, years={**data.years, **more.years})
    return data
