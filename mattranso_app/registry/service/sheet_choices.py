"""What an officer can fill by Excel: forms, periods, organisations, and for which units there is a template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mattranso_app.core.access import Action, Actor, scopes
from mattranso_app.core.clock import now, today
from mattranso_app.core.db import reading
from mattranso_app.core.reporting import store
from mattranso_app.core.reporting.periods import Period, PeriodKind, parse_period, period_on
from mattranso_app.core.reporting.reports import Asked
from mattranso_app.core.reporting.store import FormVersion
from mattranso_app.registry.service.entering import TOOL
from mattranso_app.units.kinds import Level
from mattranso_app.units.service import get_organisations, glimpse_unit

PERIODS = 8
"""Periods offered, newest first."""
PLACES = 5
"""Units of the officer's roles that are offered."""
_ORDER = [level.value for level in (Level.CENTRAL, Level.PROVINCE, Level.COMMUNE, Level.GROUP)]


@dataclass(frozen=True, slots=True)
class TemplateChoice:
    """A template that can be made: of the unit itself, or of all below it that report by the form."""

    unit: str
    name: str
    level: str
    below: bool


@dataclass(frozen=True, slots=True)
class SheetChoices:
    """What can be chosen, each as (value, words), and what is chosen; empty strings when there is nothing to fill."""

    forms: Sequence[tuple[str, str]]
    periods: Sequence[tuple[str, str]]
    organisations: Sequence[tuple[str, str]]
    form: str
    period: str
    organisation: str
    templates: Sequence[TemplateChoice]


async def sheet_choices(actor: Actor, form: str = "", period: str = "", organisation: str = "") -> SheetChoices:
    """Return what `actor` can fill by Excel; what is asked for is kept where it is among the choices."""
    names = {each.code: each.name for each in await get_organisations()}
    mine = {code: scopes(actor, Action.REGISTRY_ENTER, code) for code in names}
    async with reading() as session:
        versions = await store.fetch_newest_versions(session, TOOL)
    offered = [version for version in versions if any(mine.get(code) for code in version.definition.organisations)]
    if not offered:
        return SheetChoices((), (), (), "", "", "", ())
    chosen = next((version for version in offered if version.code == form), offered[0])
    periods = _periods(chosen)
    organisations = [code for code in chosen.definition.organisations if mine.get(code)]
    whose = organisation if organisation in organisations else organisations[0]
    key = period if period in {each.key for each in periods} else (periods[0].key if periods else "")
    return SheetChoices(
        [(version.code, version.definition.title) for version in offered], [(each.key, each.label) for each in periods],
        [(code, names[code]) for code in organisations], chosen.code, key, whose, await _templates(chosen, mine[whose]),
    )  # fmt: skip


def _periods(version: FormVersion) -> list[Period]:
    """Return the open periods of a form, newest first."""
    first = parse_period(version.from_period)
    kind = version.definition.period_kind
    each = first if kind is PeriodKind.TERM else period_on(kind, today())
    found: list[Period] = []
    while kind is PeriodKind.TERM and each.following.start <= today():
        each = each.following
    while len(found) < PERIODS and each.start >= first.start:
        if Asked(TOOL, version, each, "").opens_on <= now().date():
            found.append(each)
        each = each.previous
    return found


async def _templates(version: FormVersion, prefixes: Sequence[str]) -> list[TemplateChoice]:
    found = []
    for prefix in prefixes[:PLACES]:
        unit = await glimpse_unit(prefix.rstrip("/").rpartition("/")[2])
        if not (unit.path.startswith(version.owner_path) or version.owner_path.startswith(unit.path)):
            continue
        if unit.level.value in version.definition.levels and unit.path.startswith(version.owner_path):
            found.append(TemplateChoice(unit.code, unit.name, unit.level.value, below=False))
        deeper = [level for level in _ORDER[_ORDER.index(unit.level.value) + 1 :] if level in version.definition.levels]
        if deeper:
            found.append(TemplateChoice(unit.code, unit.name, deeper[0], below=True))
    return found
