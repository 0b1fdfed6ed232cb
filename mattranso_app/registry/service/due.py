"""What an officer's own unit has to report: what is open, what is late, what came back, what has gone up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import RowMapping

from mattranso_app.core.access import Action, Actor, carries
from mattranso_app.core.clock import now, today
from mattranso_app.core.db import reading
from mattranso_app.core.errors import DomainError
from mattranso_app.core.reporting import notes, store
from mattranso_app.core.reporting.models import State
from mattranso_app.core.reporting.periods import Period, PeriodKind, parse_period, period_on
from mattranso_app.core.reporting.reports import Asked
from mattranso_app.core.reporting.store import FormVersion
from mattranso_app.registry.service.entering import TOOL
from mattranso_app.units.service import glimpse_unit
from mattranso_app.units.store import fetch_organisations
from mattranso_app.units.views import UnitView

PERIODS_BACK = {PeriodKind.WEEK: 3, PeriodKind.MONTH: 2}
"""Past periods of a kind that are still called due when nothing came; one of any other kind."""
MOST_PLACES = 20
"""Units and organisations of one officer that are looked at."""


@dataclass(frozen=True, slots=True)
class DueReport:
    """One report of an officer's unit.

    Attributes:
        asked: form, period, organisation.
        unit: whose.
        organisation_name: as people say it.
        report: its row, None when nothing was entered.
        filled: compulsory cells with a value; all cells with one when none is compulsory.
        needed: compulsory cells.
        reason: why it was given back, while it is.
        may_enter: whether the officer enters it.
    """

    asked: Asked
    unit: UnitView
    organisation_name: str
    report: RowMapping | None
    filled: int
    needed: int
    reason: str
    may_enter: bool

    @property
    def state(self) -> str:
        """The report's state, or `none`."""
        return "none" if self.report is None else str(self.report["state"])

    @property
    def due_at(self) -> datetime:
        """When it is due."""
        due: datetime = self.asked.due_at if self.report is None else self.report["due_at"]
        return due


async def list_due(actor: Actor) -> list[DueReport]:
    """Return the reports of the units the actor's roles are at: returned ones, those still in time by the day they are due, late ones.

    What was never begun and is locked now is left out: nobody can fill it in any more.
    """
    places = await _places(actor)
    if not places:
        return []
    day = today()
    units = {unit.id: unit for _, unit, _ in places}
    async with reading() as session:
        versions = await store.fetch_open_versions(session, TOOL, day + timedelta(days=400))
        names = {each.code: each.name for each in await fetch_organisations(session)}
        wanted = {
            (version.form_id, period.key, organisation, unit.id): (Asked(TOOL, version, period, organisation), unit, enters)
            for organisation, unit, enters in places
            for form in _forms(versions)
            for version, period in _open_periods(form, day)
            if _is_asked(version, organisation, unit)
        }
        forms = sorted({form[0].form_id for form in _forms(versions)})
        since = min((asked.period.end for asked, _, _ in wanted.values()), default=day)
        rows = await store.fetch_reports_of_units(session, forms, list(units), since)
        found = {(row["form_id"], row["period"], row["organisation"], row["unit_id"]): row for row in rows}
        for key, row in found.items():
            if row["state"] == State.RETURNED and key not in wanted:
                place = next((each for each in places if each[0] == row["organisation"] and each[1].id == row["unit_id"]), None)
                version = _holding(versions, row["form_id"], parse_period(row["period"]).start)
                if place is not None and version is not None:
                    wanted[key] = (Asked(TOOL, version, parse_period(row["period"]), place[0]), place[1], place[2])
        returned = [found[key]["id"] for key in wanted if key in found and found[key]["state"] == State.RETURNED]
        reasons = await notes.fetch_last_decisions(session, returned)
    due = [
        _due(asked, unit, names.get(asked.organisation, asked.organisation), found.get(key), reasons, enters)
        for key, (asked, unit, enters) in wanted.items()
    ]
    at = now()
    lasting = [each for each in due if each.report is not None or each.asked.lock_at is None or at <= each.asked.lock_at]
    return sorted(
        lasting, key=lambda each: (each.state != State.RETURNED, each.due_at < at, abs(each.due_at - at), each.asked.version.code)
    )


async def _places(actor: Actor) -> list[tuple[str, UnitView, bool]]:
    """Return (organisation, unit, whether he enters there) of the actor's roles."""
    found: dict[tuple[str, str], bool] = {}
    for grant in actor.grants:
        if carries(grant.role, grant.unit_path, Action.REGISTRY_READ):
            key = (grant.organisation, grant.unit_path)
            enters = carries(grant.role, grant.unit_path, Action.REGISTRY_ENTER)
            found[key] = found.get(key, False) or enters
    places = []
    for (organisation, path), enters in list(found.items())[:MOST_PLACES]:
        try:
            places.append((organisation, await glimpse_unit(path.rstrip("/").rpartition("/")[2]), enters))
        except DomainError:
            continue  # the unit has ended; what it had to report is its heir's
    return places


def _forms(versions: list[FormVersion]) -> list[list[FormVersion]]:
    by_form: dict[int, list[FormVersion]] = {}
    for version in versions:
        by_form.setdefault(version.form_id, []).append(version)
    return list(by_form.values())


def _holding(versions: list[FormVersion], form_id: int, start: date) -> FormVersion | None:
    """Return the version of a form that holds for a period beginning on `start`; `versions` are newest first."""
    own = (version for version in versions if version.form_id == form_id)
    return next((version for version in own if parse_period(version.from_period).start <= start), None)


def _open_periods(form: list[FormVersion], day: date) -> Iterator[tuple[FormVersion, Period]]:
    """Return the periods of a form that can be filled in on `day`, the newest first, with the version that holds for each."""
    kind = form[0].definition.period_kind
    first = parse_period(form[-1].from_period)
    period = first if kind is PeriodKind.TERM else period_on(kind, day)
    while kind is PeriodKind.TERM and period.end < day:
        period = period.following
    left = 1 + PERIODS_BACK.get(kind, 1)
    while left and period.start >= first.start:
        version = _holding(form, form[0].form_id, period.start)
        if version is not None and day >= period.end - timedelta(days=version.definition.opens_days):
            if version.is_asked_for(period):
                yield version, period
            left -= 1
        elif period.end < day:
            return
        period = period.previous


def _is_asked(version: FormVersion, organisation: str, unit: UnitView) -> bool:
    form = version.definition
    return organisation in form.organisations and unit.level.value in form.levels and unit.path.startswith(version.owner_path)


def _due(
    asked: Asked, unit: UnitView, organisation_name: str, report: RowMapping | None, reasons: dict[int, RowMapping], may_enter: bool
) -> DueReport:
    cells = report["cells"] if report is not None else {}
    required = [key for key, cell in asked.definition.cells.items() if cell.is_required]
    filled = sum(key in cells for key in required) if required else len(cells)
    reason = reasons[report["id"]]["reason"] if report is not None and report["id"] in reasons else ""
    return DueReport(asked, unit, organisation_name, report, filled, len(required), reason, may_enter)
