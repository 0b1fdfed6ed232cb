"""The one clock of the house: code asks it for the time, so that a test can hold it still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

VN = ZoneInfo("Asia/Ho_Chi_Minh")
"""The time zone in which people read times; storage is UTC with its offset."""

_frozen: datetime | None = None


def now() -> datetime:
    """Return the current moment as an aware UTC datetime."""
    return _frozen or datetime.now(UTC)


def today() -> date:
    """Return today's date as people in Viet Nam see it on a calendar."""
    return now().astimezone(VN).date()


def freeze(moment: datetime | None) -> None:
    """Hold the clock at `moment` (aware), or let it run again with None. For tests only."""
    global _frozen
    _frozen = moment


@contextmanager
def held_at(moment: datetime) -> Iterator[None]:
    """Hold the clock at `moment` for a while. For tests, and for the invented history of a demonstration (a process of its own)."""
    before = _frozen
    freeze(moment)
    try:
        yield
    finally:
        freeze(before)
