"""What another version of a form changes for those who fill it in, in words; and on which days."""

from __future__ import annotations

from collections.abc import Iterable

from mattranso_app.core.clock import VN
from mattranso_app.core.reporting.forms import FormDefinition
from mattranso_app.core.reporting.periods import Period
from mattranso_app.core.reporting.reports import Asked
from mattranso_app.core.reporting.store import FormVersion
from mattranso_app.registry.text import designing as text

MOST_NAMES = 12
"""Cells named in one sentence."""


def differences(before: FormDefinition | None, after: FormDefinition, units: int) -> list[str]:
    """Return what changes, a sentence each.

    Args:
        before: the version that holds; None before the first.
        after: the one to be published.
        units: how many units `after` asks.
    """
    typed = sum(not cell.is_computed for cell in after.cells.values())
    asked = text.ASKED_UNITS.format(units=_figure(units), organisations=len(after.organisations), cells=typed)
    if before is None:
        return [text.FIRST_VERSION.format(units=_figure(units)), asked]
    found = []
    if added := [cell.name for key, cell in after.cells.items() if key not in before.cells]:
        found.append(text.CELLS_ADDED.format(names=_listed(added)))
    if gone := [cell.name for key, cell in before.cells.items() if key not in after.cells]:
        found.append(text.CELLS_GONE.format(names=_listed(gone)))
    renamed = [
        f"“{cell.name}” thành “{after.cells[key].name}”"
        for key, cell in before.cells.items()
        if key in after.cells and after.cells[key].name != cell.name
    ]
    if renamed:
        found.append(text.CELLS_RENAMED.format(names=_listed(renamed)))
    if before.checks != after.checks:
        found.append(text.CHECKS_CHANGED.format(before=len(before.checks), after=len(after.checks)))
    for words, names, was, is_now in (
        (text.LEVELS_CHANGED, text.LEVELS, before.levels, after.levels),
        (text.ORGANISATIONS_CHANGED, text.ORGANISATIONS, before.organisations, after.organisations),
    ):
        if set(was) != set(is_now):
            found.append(words.format(before=_listed(names[each] for each in was), after=_listed(names[each] for each in is_now)))
    if (before.opens_days, before.due_days, before.lock_days) != (after.opens_days, after.due_days, after.lock_days):
        found.append(text.DAYS_CHANGED)
    if not found:
        found.append(text.NOTHING_CHANGED if before == after else text.WORDS_CHANGED)
    return [*found, asked]


def example_days(definition: FormDefinition, period: Period) -> str:
    """Return on which days a period of a form opens, is due and locks, as a sentence."""
    asked = Asked("registry", FormVersion(0, "", "", 0, period.key, definition, {}), period, definition.organisations[0])
    locks = asked.lock_at
    return text.EXAMPLE_DAYS.format(
        period=period.label, opens=f"{asked.opens_on:%d/%m/%Y}", due=f"{asked.due_at.astimezone(VN):%d/%m/%Y}",
        locks=text.NEVER_LOCKS if locks is None else text.LOCKS.format(day=f"{locks.astimezone(VN):%d/%m/%Y}"),
    )  # fmt: skip


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = f" và {len(every) - MOST_NAMES} ô nữa" if len(every) > MOST_NAMES else ""
    return "; ".join(every[:MOST_NAMES]) + more


def _figure(number: int) -> str:
    return f"{number:,}".replace(",", ".")
