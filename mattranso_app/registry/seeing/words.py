"""Figures put into words for a screen or a file. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from mattranso_app.core.clock import VN, now
from mattranso_app.core.reporting.coverage import Coverage
from mattranso_app.core.reporting.expressions.numbers import show_number
from mattranso_app.core.reporting.forms import Cell
from mattranso_app.core.reporting.periods import Period
from mattranso_app.core.reporting.summing import Figure
from mattranso_app.registry.service.seeing import View
from mattranso_app.registry.text import seeing as text


def number(value: Decimal | int | None) -> str:
    """Return a figure the Vietnamese way, "1.284,5"; a dash for none."""
    return text.NOTHING if value is None else show_number(Decimal(value))


def figure(found: Figure, value: Decimal | None) -> str:
    """Return a total in words: `value`, or for what does not add up the least, most and middle one."""
    if value is None and found.spread is not None:
        spread = found.spread
        return text.SPREAD.format(least=show_number(spread.least), most=show_number(spread.most), median=show_number(spread.median))
    return number(value)


def change(value: Decimal | None, before: Decimal | None) -> str:
    """Return by how much a figure has changed, "+120 (+3,4 %)"; a dash when either is missing."""
    if value is None or before is None:
        return text.NOTHING
    step = value - before
    sign = "+" if step > 0 else "−" if step < 0 else ""
    said = f"{sign}{show_number(abs(step))}"
    return f"{said} ({sign}{show_number(round(abs(step) * 100 / abs(before), 1))} %)" if before and step else said


def moment(at: datetime) -> str:
    """Return a moment in Viet Nam: its time, with the day when that is not today."""
    local = at.astimezone(VN)
    return f"{local:%H:%M:%S}" if local.date() == now().astimezone(VN).date() else f"{local:%H:%M %d/%m/%Y}"


def full_moment(at: datetime) -> str:
    """Return a moment in Viet Nam with its day, for what leaves the platform."""
    return f"{at.astimezone(VN):%H:%M:%S %d/%m/%Y}"


def covered(coverage: Coverage, bodies: int = 1) -> str:
    """Return how many have reported of how many, "3.290/3.321 đơn vị".

    Args:
        coverage: the counts.
        bodies: organisations that are added up; with several, reports are counted.
    """
    reports, expected = number(coverage.reports), number(coverage.expected)
    if coverage.reports > coverage.expected:
        return text.COVERED_OTHERWISE.format(reports=reports, expected=expected)
    return (text.COVERED if bodies == 1 else text.COVERED_BODIES).format(reports=reports, expected=expected)


def share(coverage: Coverage) -> int:
    """Return how much of what was expected has come, in whole percent."""
    return min(100, 100 * coverage.reports // coverage.expected) if coverage.expected else 0


def missing(coverage: Coverage) -> int:
    """Return how many reports are still to come."""
    return max(0, coverage.expected - coverage.reports)


def period_words(periods: Sequence[Period]) -> str:
    """Return a range as people say it."""
    return periods[0].label if len(periods) == 1 else f"{periods[0].label} – {periods[-1].label}"


def measure(view: View, cell: Cell) -> str:
    """Return what a cell counts; people added up over organisations are turns, not people."""
    said = cell.indicator.measure
    return text.TURNS.format(measure=said) if len(view.organisations) > 1 and said == "người" else said


def organisation_words(view: View) -> str:
    """Return whose figures a view shows."""
    if len(view.organisations) == 1:
        return view.names.get(view.organisations[0], view.organisations[0])
    return text.ALL_ORGANISATIONS


def level_words(view: View) -> str:
    """Return who reported what a view shows."""
    return text.LEVELS[view.levels[0]] if len(view.levels) == 1 else text.ALL_LEVELS
