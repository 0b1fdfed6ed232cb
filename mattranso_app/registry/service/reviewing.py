"""What the level above looks at before it decides: reports of the units below by state, and one of them with all there is to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import RowMapping

from mattranso_app.core.access import Action, Actor, scopes
from mattranso_app.core.clock import today
from mattranso_app.core.db import Reader, reading
from mattranso_app.core.errors import InvalidInput, NotFound
from mattranso_app.core.reporting import store
from mattranso_app.core.reporting.computing import checks
from mattranso_app.core.reporting.periods import Period, PeriodKind, parse_period, period_on
from mattranso_app.core.reporting.reports import Asked, find_asked
from mattranso_app.core.reporting.store import FormVersion
from mattranso_app.registry import upward_store as rows
from mattranso_app.registry.service import scope
from mattranso_app.registry.service.entering import TOOL
from mattranso_app.registry.text import upward as text
from mattranso_app.registry.upward_store import Below
from mattranso_app.units.service import get_organisations, glimpse_unit
from mattranso_app.units.views import UnitView

PERIODS_SHOWN = 12
"""Periods of a form to choose from, the newest first."""

_ORDER = ("central", "province", "commune", "group")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to review; empty is chosen for him.

    Attributes:
        form: code.
        period: key.
        organisation: code.
        unit: code of the unit whose units below are looked at; the actor's own when empty.
        tab: one of `upward_store.TABS`.
        after: path after which the page begins.
    """

    form: str = ""
    period: str = ""
    organisation: str = ""
    unit: str = ""
    tab: str = "cho-duyet"
    after: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """The units below one, by a form, for a period and an organisation.

    Attributes:
        unit: whose units below these are.
        asked: what they report; None when no form asks any of them.
        forms: (code, title) to choose from.
        periods: (key, label) to choose from.
        organisations: (code, name) to choose from.
        counts: units in each tab.
        rows: one page, see `upward_store.fetch_below`.
        next: path to go on after, empty at the end.
        sent: what the units right below have sent on, see `upward_store.fetch_forwards_below`.
    """

    unit: UnitView
    asked: Asked | None
    forms: list[tuple[str, str]]
    periods: list[tuple[str, str]]
    organisations: list[tuple[str, str]]
    counts: dict[str, int]
    rows: Sequence[RowMapping]
    next: str
    sent: Sequence[RowMapping] = ()


@dataclass(frozen=True, slots=True)
class ReviewedReport:
    """One report as the level above sees it.

    Attributes:
        unit: whose.
        asked: what is reported.
        row: the unit with the report's state, see `upward_store.fetch_below`.
        report: the report, None when it has not begun.
        before: values of the period before, by cell.
        changed: what cells held when the level above last decided (or when it was first submitted), of those that changed since.
        comments: about cells, oldest first.
        history: revisions, newest first.
        may_decide: whether the actor decides on it.
        is_own: the actor has submitted it himself.
        explained: (what the check says, the explanation) each.
    """

    unit: UnitView
    asked: Asked
    row: RowMapping
    report: RowMapping | None
    before: Mapping[str, str]
    changed: Mapping[str, str | None]
    comments: Sequence[RowMapping]
    history: Sequence[RowMapping]
    may_decide: bool
    is_own: bool
    explained: list[tuple[str, str]]


async def list_review(actor: Actor, wish: Wish) -> Review:
    """Return one page of what units below report.

    Raises:
        Forbidden, SignInRequired: not the actor's to see.
        NotFound, Gone, InvalidInput: no such unit, form, period or tab.
    """
    unit = await glimpse_unit(wish.unit or actor.unit_id or 0)
    if wish.tab not in rows.TABS:
        raise InvalidInput(text.EMPTY["tat-ca"])
    names = {each.code: each.name for each in await get_organisations()}
    visible = [code for code in names if any(unit.path.startswith(prefix) for prefix in scope.readable(actor, code))]
    if not visible:
        scope.require_read(actor, unit.path, wish.organisation or scope.FRONT)
    async with reading() as session:
        versions = [each for each in await store.fetch_newest_versions(session, TOOL) if _concerns(each, unit, visible)]
        forms = [(each.code, each.definition.title) for each in versions]
        if not versions:
            return Review(unit, None, [], [], [], dict.fromkeys(rows.TABS, 0), [], "")
        chosen = next((each for each in versions if each.code == wish.form), None)
        if chosen is None:
            if wish.form:
                raise NotFound(text.NOT_BELOW)
            chosen = versions[0]
        organisations = [code for code in chosen.definition.organisations if code in visible]
        organisation = wish.organisation or organisations[0]
        scope.require_read(actor, unit.path, organisation)
        periods = await _periods(session, chosen)
        asked = await find_asked(session, TOOL, chosen.code, wish.period or periods[0].key, organisation)
        below = below_of(asked, unit)
        found = await rows.fetch_below(session, below, wish.tab, wish.after)
        counts = await rows.count_below(session, below)
        sent = await rows.fetch_forwards_below(session, asked, unit.path)
    shown = found[: rows.PAGE]
    return Review(
        unit, asked, forms, [(each.key, each.label) for each in periods], [(code, names[code]) for code in organisations], counts, shown,
        shown[-1]["path"] if len(found) > rows.PAGE else "", sent,
    )


async def open_review(actor: Actor, form: str, period: str, organisation: str, code: str) -> ReviewedReport:
    """Return a unit's report with what the level above needs to decide. Raises as `list_review`."""
    unit = await glimpse_unit(code)
    scope.require_read(actor, unit.path, organisation)
    async with reading() as session:
        asked = await find_asked(session, TOOL, form, period, organisation)
        row = await rows.fetch_unit_below(session, Below(asked, "vn/" if unit.path != "vn/" else "", asked.definition.levels), unit.id)
        if row is None:
            raise NotFound(text.NOT_BELOW)
        key = asked.version.form_id, organisation, unit.id
        earlier = await store.fetch_report_of(session, key[0], asked.period.previous.key, key[1], key[2])
        report = await store.fetch_report(session, row["report_id"]) if row["report_id"] else None
        history = await store.fetch_revisions(session, report["id"], limit=200) if report else []
        comments = await rows.fetch_comments_of(session, report["id"]) if report else []
    said = {check.name: check.message for check in checks(asked.definition)}
    explained = [(said.get(name, name), words) for name, words in (report["explanations"] if report else {}).items()]
    is_own = report is not None and actor.person_id is not None and report["submitted_by"] == actor.person_id
    return ReviewedReport(
        unit, asked, row, report, earlier["cells"] if earlier else {}, changes_since_looked_at(history), comments, history,
        scope.may_decide(actor, unit.path, organisation), is_own, explained,
    )


def changes_since_looked_at(history: Sequence[RowMapping]) -> dict[str, str | None]:
    """Return what cells held when the level above last had the report before it, of those that changed since.

    Args:
        history: revisions, newest first.
    """
    decided = next((row["revision"] for row in history if row["act"] in ("return", "approve", "reopen")), None)
    submitted = [row["revision"] for row in history if row["act"] == "submit"]
    base = decided if decided is not None else submitted[-1] if submitted else None
    held: dict[str, str | None] = {}
    if base is not None:
        for row in history:  # towards the oldest: the earliest change after the base says what it held there
            if row["revision"] > base:
                held.update({key: pair[0] for key, pair in row["changes"].items()})
    return held


def below_of(asked: Asked, unit: UnitView) -> Below:
    """Return the units below `unit` that report by the form."""
    return Below(asked, unit.path, tuple(_levels_below(asked.version, unit)))


def may_review(actor: Actor) -> bool:
    """Return whether the actor approves anywhere, for any organisation."""
    return any(scopes(actor, Action.REGISTRY_APPROVE, grant.organisation) for grant in actor.grants)


def _levels_below(version: FormVersion, unit: UnitView) -> list[str]:
    return [level for level in version.definition.levels if _ORDER.index(level) > _ORDER.index(unit.level.value)]


def _concerns(version: FormVersion, unit: UnitView, organisations: Sequence[str]) -> bool:
    """Whether units below `unit` report by the form for one of the organisations."""
    is_near = unit.path.startswith(version.owner_path) or version.owner_path.startswith(unit.path)
    return is_near and bool(_levels_below(version, unit)) and any(code in organisations for code in version.definition.organisations)


async def _periods(session: Reader, newest: FormVersion) -> list[Period]:
    """Return the periods of a form that are open or were, the newest first."""
    first = parse_period((await store.fetch_versions(session, newest.form_id))[0].from_period)
    return open_periods(newest.definition.period_kind, first, newest.definition.opens_days, today())


def open_periods(kind: PeriodKind, first: Period, opens_days: int, day: date, most: int = PERIODS_SHOWN) -> list[Period]:
    """Return the periods from `first` on that have opened by `day`, the newest first (at least the first one).

    Args:
        kind: of the periods.
        first: the first the form asks for.
        opens_days: days before its end from which a period can be filled.
        day: today.
        most: how many at most.
    """
    current = first
    if kind is PeriodKind.TERM:
        while current.following.start <= day:
            current = current.following
    else:
        current = max(first, period_on(kind, day), key=lambda each: each.start)
        while (current.end - day).days > opens_days and current.start > first.start:
            current = current.previous
    found = [current]
    while len(found) < most and found[-1].start > first.start:
        found.append(found[-1].previous)
    return found
