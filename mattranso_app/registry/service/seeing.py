"""Totals as they are seen: what is asked for, made whole; sums with their coverage, down to the cells of one report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import RowMapping

from mattranso_app.core.access import Actor
from mattranso_app.core.clock import now, today
from mattranso_app.core.db import Reader, reading
from mattranso_app.core.errors import Forbidden, InvalidInput, NotFound
from mattranso_app.core.reporting import store
from mattranso_app.core.reporting.computing import formulas
from mattranso_app.core.reporting.expressions import Cell as CellReference
from mattranso_app.core.reporting.expressions import compute, references
from mattranso_app.core.reporting.forms import Cell, FormDefinition
from mattranso_app.core.reporting.periods import Period, PeriodKind, parse_period, period_on, periods_between
from mattranso_app.core.reporting.store import FormVersion
from mattranso_app.registry.seeing import store as seen
from mattranso_app.registry.service import scope
from mattranso_app.registry.service.entering import TOOL
from mattranso_app.registry.service.totals import Apart, MissingPage, Question, Row, get_totals, list_missing
from mattranso_app.registry.store import fetch_place_names
from mattranso_app.registry.text import seeing as text
from mattranso_app.units.service import glimpse_unit
from mattranso_app.units.views import UnitView

MOST_PERIODS = 60
"""Periods of one range: a year of weeks, five years of months."""
_LEVELS = ("central", "province", "commune", "group")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks to see, as it stands in an address; what is empty is chosen for him.

    Attributes:
        form: code of the form.
        first, last: keys of the first and the last period.
        organisation: a code, or `text.EVERYTHING`.
        level: who reported, or `text.EVERYTHING`.
        unit: code of the unit at and below which is looked.
        cell: key of the cell that is shown unit by unit.
        map: `text.TODAY` for today's map, else as reported.
    """

    form: str = ""
    first: str = ""
    last: str = ""
    organisation: str = ""
    level: str = ""
    unit: str = ""
    cell: str = ""
    map: str = ""


@dataclass(frozen=True)
class View:
    """A wish made whole, and its rights asked: nobody makes one without `find_view`.

    Attributes:
        version: the form as it is in the last period.
        forms: code and title of the forms he may choose from.
        choices: periods he may choose from, newest first.
        periods: the range, oldest first.
        organisations: codes that are added up.
        allowed: codes he may choose from.
        names: organisations by code.
        level_choices: levels that report at or below the place.
        levels: whose reports are added up.
        place: the unit at and below which is looked.
        cell: the cell that is shown unit by unit.
        on_today: figures of ended and divided units count in today's units.
    """

    version: FormVersion
    forms: tuple[tuple[str, str], ...]
    choices: tuple[Period, ...]
    periods: tuple[Period, ...]
    organisations: tuple[str, ...]
    allowed: tuple[str, ...]
    names: Mapping[str, str]
    level_choices: tuple[str, ...]
    levels: tuple[str, ...]
    place: UnitView
    cell: Cell
    on_today: bool

    @property
    def definition(self) -> FormDefinition:
        """What the form asks."""
        return self.version.definition

    @property
    def number_cells(self) -> list[Cell]:
        """The cells that hold numbers, in the order of the form."""
        return [cell for cell in self.definition.cells.values() if cell.is_number]

    @property
    def topics(self) -> list[str]:
        """The live topics that tell of a change."""
        last = self.periods[-1].key.lower()
        return [f"registry/{self.version.form_id}/{organisation}/{last}" for organisation in self.organisations]


@dataclass(frozen=True, slots=True)
class Seen:
    """A view with its figures at one moment.

    Attributes:
        whole: the place itself with all below it; coverage over the range and in its last period.
        lines: the units right below the place, and the place's own reports when it reports too.
        by_period: coverage of each period, newest first; empty for one period.
        trail: path and name of the units from the widest he may see down to the place.
    """

    view: View
    at: datetime
    whole: Row
    lines: tuple[Row, ...]
    by_period: tuple[Row, ...]
    trail: tuple[tuple[str, str], ...]


async def find_view(session: Reader, actor: Actor, wish: Wish) -> View | None:
    """Return the view somebody wishes for, whole; None when there is no form he may see.

    Raises:
        NotFound: no such form or unit, or it has not begun yet.
        Forbidden, SignInRequired, SecondFactorRequired: not his to see.
        InvalidInput: no such period, range, level, organisation or cell in the form.
    """
    versions = await store.fetch_newest_versions(session, TOOL)
    mine = [version for version in versions if any(_reaches(actor, version, code) for code in version.definition.organisations)]
    version = next((each for each in versions if each.code == wish.form), None) if wish.form else next(iter(mine), None)
    if version is None:
        if wish.form:
            raise NotFound(text.FORM_UNKNOWN)
        return None
    if version not in mine:
        raise Forbidden()
    names = await seen.fetch_organisations(session)
    allowed = tuple(code for code in version.definition.organisations if _reaches(actor, version, code))
    organisations = allowed if wish.organisation == text.EVERYTHING else (wish.organisation or allowed[0],)
    if not set(organisations) <= set(version.definition.organisations):
        raise InvalidInput(text.OUTSIDE_FORM)
    place = await glimpse_unit(wish.unit or _widest(actor, organisations))
    for organisation in organisations:
        scope.require_read(actor, place.path, organisation)
    if not (place.path.startswith(version.owner_path) or version.owner_path.startswith(place.path)):
        raise InvalidInput(text.OUTSIDE_FORM)
    versions_of = await store.fetch_versions(session, version.form_id)
    choices = _choices(versions_of)
    newest = await seen.fetch_newest_period(session, version.form_id, organisations, [place.path]) if not wish.last else wish.last
    periods = _range(wish, choices, newest, version.definition.period_kind)
    version = next(each for each in reversed(versions_of) if parse_period(each.from_period).start <= periods[-1].start)
    reporting = tuple(
        level for level in _LEVELS if level in version.definition.levels and _LEVELS.index(level) >= _LEVELS.index(place.level.value)
    )
    if not reporting or (wish.level not in ("", text.EVERYTHING) and wish.level not in reporting):
        raise InvalidInput(text.LEVEL_NOT_ASKED)
    levels = reporting if wish.level == text.EVERYTHING else (wish.level or _usual_level(reporting),)
    numbers = {key: cell for key, cell in version.definition.cells.items() if cell.is_number}
    if wish.cell and wish.cell not in numbers:
        raise InvalidInput(text.INDICATOR_UNKNOWN)
    return View(
        version, tuple((each.code, each.definition.title) for each in mine), choices, periods, organisations, allowed, names, reporting,
        levels, place, numbers[wish.cell] if wish.cell else next(iter(numbers.values())), wish.map == text.TODAY,
    )  # fmt: skip


async def see_totals(actor: Actor, wish: Wish) -> Seen | None:
    """Return totals with their coverage, unit by unit; None when there is no form he may see. Raises as `find_view`."""
    async with reading() as session:
        view = await find_view(session, actor, wish)
        trail = await fetch_place_names(session, _above(actor, view)) if view else {}
    if view is None:
        return None
    (whole,) = await get_totals(actor, question(view))
    lines = await get_totals(actor, question(view, keys=(view.cell.key,), by=("place",)))
    is_range = len(view.periods) > 1
    by_period = await get_totals(actor, question(view, keys=(view.cell.key,), by=("period",))) if is_range else []
    if view.cell.indicator.formula is None:
        shown = lines
    else:  # what a formula makes of a place is made of the other cells there
        shown = await get_totals(actor, question(view, by=("place",)))
    path = view.place.path
    below = tuple(row for row in shown if row.place != path or view.place.level.value in view.levels)
    return Seen(view, now(), whole, below, tuple(reversed(by_period)), tuple(sorted(trail.items())))


def question(view: View, keys: tuple[str, ...] = (), by: tuple[Apart, ...] = (), with_year_before: bool = True) -> Question:
    """Return what the engine of totals is asked for a view.

    Args:
        view: its form, range, organisations, place, levels and map.
        keys: which cells; all with numbers when empty.
        by: what is told apart.
        with_year_before: whether the figures of a year earlier come along.
    """
    return Question(
        view.version.code, view.periods[0].key, view.periods[-1].key, view.organisations, view.place.path, keys, view.levels,
        view.on_today, by, with_year_before,
    )  # fmt: skip


def value_of(definition: FormDefinition, row: Row, key: str, is_before: bool = False) -> Decimal | None:
    """Return the number of a cell in a total: its sum; for what does not add up what its formula makes of the sums, or the
    one figure there is.

    Args:
        definition: the form.
        row: a total with all cells the formula needs.
        key: the cell.
        is_before: a year earlier.
    """
    figure = row.figures.get(key)
    if figure is None or definition.cells[key].indicator.sums_over_units:
        return None if figure is None else figure.year_before if is_before else figure.value
    formula = formulas(definition).get(key)
    if formula is not None and all(isinstance(each, CellReference) and each.is_own for each in references(formula)):
        values = {each.key: each.year_before if is_before else each.value for each in row.figures.values()}
        return compute({key: formula}, lambda asked: values.get(asked.key) if isinstance(asked, CellReference) else None)[key]
    if figure.spread is not None and figure.spread.count == 1 and not is_before:
        return figure.spread.median
    return None


@dataclass(frozen=True, slots=True)
class MissingView:
    """Who of one organisation has not reported in the last period of a view: one page."""

    view: View
    page: MissingPage


async def see_missing(actor: Actor, wish: Wish, cursor: str | None = None) -> MissingView | None:
    """Return the units below the place that do not count in the last period, of the first organisation chosen.

    Raises:
        As `find_view`.
    """
    async with reading() as session:
        view = await find_view(session, actor, wish)
    if view is None:
        return None
    last, organisation = view.periods[-1].key, view.organisations[0]
    return MissingView(view, await list_missing(actor, view.version.code, last, organisation, view.place.path, view.levels, cursor=cursor))


@dataclass(frozen=True, slots=True)
class Report:
    """One unit's report of the last period with its revisions, newest first; None when it has not begun one."""

    organisation: str
    row: RowMapping | None
    revisions: tuple[RowMapping, ...]


async def see_reports(actor: Actor, view: View) -> list[Report]:
    """Return the place's own reports of the last period, one per organisation; none when its level does not report.

    Raises:
        As `scope.require_read`.
    """
    if view.place.level.value not in view.levels:
        return []
    found = []
    async with reading() as session:
        for organisation in view.organisations:
            scope.require_read(actor, view.place.path, organisation)
            row = await store.fetch_report_of(session, view.version.form_id, view.periods[-1].key, organisation, view.place.id)
            revisions = await store.fetch_revisions(session, row["id"]) if row else []
            found.append(Report(organisation, row, tuple(revisions)))
    return found


def _reaches(actor: Actor, version: FormVersion, organisation: str) -> bool:
    """Return whether somebody may see numbers of an organisation where the form is asked."""
    if not any(cell.is_number for cell in version.definition.cells.values()):
        return False
    owner = version.owner_path
    return any(path.startswith(owner) or owner.startswith(path) for path in scope.readable(actor, organisation))


def _widest(actor: Actor, organisations: Sequence[str]) -> str:
    paths = [path for organisation in organisations for path in scope.readable(actor, organisation)]
    if not paths:
        raise Forbidden()
    return min(paths, key=lambda path: (path.count("/"), path)).rstrip("/").rpartition("/")[2]


def _choices(versions: Sequence[FormVersion]) -> tuple[Period, ...]:
    """Return the periods of a form that have begun, newest first (at most 200)."""
    first = parse_period(versions[0].from_period)
    if versions[0].definition.period_kind is PeriodKind.TERM:
        return tuple(parse_period(version.from_period) for version in reversed(versions))
    found: list[Period] = []
    period = period_on(versions[0].definition.period_kind, today())
    while period.start >= first.start and len(found) < 200:
        found.append(period)
        period = period.previous
    if not found:
        found.append(first)
    return tuple(found)


def _range(wish: Wish, choices: Sequence[Period], newest: str | None, kind: PeriodKind) -> tuple[Period, ...]:
    last = parse_period(newest, kind) if newest else next((each for each in choices if each.end < today()), choices[0])
    first = parse_period(wish.first, kind) if wish.first else last
    if last.start < choices[-1].start or last.start > choices[0].start:
        raise NotFound(text.NO_PERIOD)
    return tuple(periods_between(first, last, MOST_PERIODS))


def _usual_level(levels: Sequence[str]) -> str:
    return "commune" if "commune" in levels else levels[0]


def _above(actor: Actor, view: View) -> list[str]:
    """Return the paths from the widest unit he may see down to the view's place, all of them his to see."""
    parts = view.place.path.rstrip("/").split("/")
    paths = ["/".join(parts[: count + 1]) + "/" for count in range(len(parts))]
    return [
        path for path in paths
        if all(any(path.startswith(prefix) for prefix in scope.readable(actor, each)) for each in view.organisations)
    ]  # fmt: skip
