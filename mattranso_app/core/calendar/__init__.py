"""The Vietnamese working calendar: public holidays, days off in lieu, make-up days, deadlines in working days."""

from mattranso_app.core.calendar.holidays import DayOff, HolidayData, MakeUpDay, load_holidays
from mattranso_app.core.calendar.lunar import OutsideLunarCalendar, lunar_date, lunar_new_year
from mattranso_app.core.calendar.working import WorkingCalendar, working_calendar

__all__ = [
    "DayOff",
    "HolidayData",
    "MakeUpDay",
    "OutsideLunarCalendar",
    "WorkingCalendar",
    "load_holidays",
    "lunar_date",
    "lunar_new_year",
    "working_calendar",
]
