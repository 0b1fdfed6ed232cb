"""Totals of a form as verbs: with their coverage, what is missing, and the very cells they are made of."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.access import Actor
from mattranso_app.core.db import reading
from mattranso_app.core.errors import InvalidInput, NotFound
from mattranso_app.core.reporting import coverage, store, summing, totals
from mattranso_app.core.reporting import text as wording
from mattranso_app.core.reporting.coverage import Asking, Coverage, Missing
from mattranso_app.core.reporting.forms import Cell
from mattranso_app.core.reporting.periods import Period, parse_period, periods_between
from mattranso_app.core.reporting.store import FormVersion
from mattranso_app.core.reporting.summing import NOTHING, Figure, Spread, Tally
from mattranso_app.core.reporting.totals import COUNTRY, Asked, Source, Sum
from mattranso_app.registry.service import scope
from mattranso_app.registry.service.entering import TOOL
from mattranso_app.registry.store import fetch_place_names
from mattranso_app.registry.text import totals as text

Apart = Literal["place", "period", "organisation", "level"]
MOST_ROWS = 20_000
"""Rows of one answer: a province's communes over two years of weeks."""
_Key = tuple[str, str, str, str, bool]
"""Period, organisation, level, place, is divided; "" for what is not told apart."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be added up.

    Attributes:
        form: code of the form.
        first, last: keys of the range's periods, both included (at most 200).
        organisations: codes; added up unless told apart.
        area: path of the place (`vn/`, `vn/01/`, `vn/01/00004/`, a residential group's; also one that has ended).
        keys: which cells; all with numbers when empty.
        levels: only what these levels reported; all when None.
        on_today: on today's map instead of as reported.
        by: what is told apart; "place" means the places right below the area.
        with_year_before: whether each figure also says what it was a year earlier.
    """

    form: str
    first: str
    last: str
    organisations: tuple[str, ...]
    area: str = COUNTRY
    keys: tuple[str, ...] = ()
    levels: tuple[str, ...] | None = None
    on_today: bool = False
    by: tuple[Apart, ...] = ()
    with_year_before: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """One total.

    Attributes:
        place: path; the area itself unless told apart.
        name: of the unit there.
        period, organisation, level: None where not told apart.
        is_divided: False for figures of ended units that lie below `place` while nobody has said in which of its units.
        figures: by key of the cell.
        coverage: over the whole range.
        last: coverage of the range's last period, which is what stocks rest on.
    """

    place: str
    name: str
    period: str | None
    organisation: str | None
    level: str | None
    is_divided: bool
    figures: Mapping[str, Figure]
    coverage: Coverage
    last: Coverage


@dataclass(frozen=True, slots=True)
class _Ground:
    """What a question is about, looked up."""

    version: FormVersion
    asked: Asked
    periods: list[Period]
    asks: list[Asking]
    cells: Mapping[str, Cell]


async def get_totals(actor: Actor, question: Question) -> list[Row]:
    """Return totals with their coverage, in the order of place, organisation, level and period.

    A place that had to report and did not is there with nothing in it. Without `by` there is exactly one row.

    Raises:
        SignInRequired, SecondFactorRequired, OutOfScope, Forbidden: not the actor's to see.
        NotFound: no such form.
        InvalidInput: no such period, place or cell with numbers, or a range too long.
    """
    async with reading() as session:
        ground = await _ground(session, actor, question)
        by_place, with_before = "place" in question.by, question.with_year_before
        added = {key: cell for key, cell in ground.cells.items() if cell.indicator.sums_over_units}
        slots = [ground.version.slots[key] for key in added]
        before = [period.last_year for period in ground.periods] if with_before else []
        reach = tuple(dict.fromkeys(period.key for period in [*before, *ground.periods]))
        sums = await totals.fetch_sums(session, replace(ground.asked, periods=reach), slots, by_place)
        expected = await coverage.fetch_expected(session, ground.asked, ground.asks, by_place)
        spreads = await _spreads(session, ground, question.by)
        rows = _rows(question, ground, sums, expected, list(added), spreads)
        if len(rows) > MOST_ROWS:
            raise InvalidInput(text.TOO_MANY_ROWS)
        names = await fetch_place_names(session, list({row.place for row in rows}))
    return [replace(row, name=names.get(row.place, "")) for row in rows]


@dataclass(frozen=True, slots=True)
class MissingPage:
    """Who has not reported: one page, how many in all, and the cursor of the next page."""

    items: list[Missing]
    total: int
    next: str | None


async def list_missing(
    actor: Actor, form: str, period: str, organisation: str, area: str = COUNTRY, levels: tuple[str, ...] | None = None, limit: int = 100,
    cursor: str | None = None,
) -> MissingPage:
    """Return the units whose report of a period does not count, in dictionary order. Raises as `get_totals`."""
    async with reading() as session:
        ground = await _ground(session, actor, Question(form, period, period, (organisation,), area, levels=levels))
        if not ground.asks:
            return MissingPage([], 0, None)
        found = await coverage.fetch_missing(session, ground.asked, ground.asks[0], limit + 1, _cursor(cursor))
        total = await coverage.count_missing(session, ground.asked, ground.asks[0])
    page = found[:limit]
    return MissingPage(page, total, f"{page[-1].unit_id}.{page[-1].sort_key}" if len(found) > limit else None)


@dataclass(frozen=True, slots=True)
class SourcePage:
    """The reports behind a total: one page and the cursor of the next."""

    items: list[Source]
    next: str | None


async def list_sources(actor: Actor, question: Question, limit: int = 100, cursor: str | None = None) -> SourcePage:
    """Return the reports one cell of a total is made of, with revision, number and the part that counts, by place.

    Args:
        actor: who asks.
        question: with exactly one cell in `keys`; of a stock the last period counts.
        limit: rows of the page, at most 200.
        cursor: `next` of the page before.

    Raises:
        As `get_totals`.
    """
    async with reading() as session:
        ground = await _ground(session, actor, question)
        if len(question.keys) != 1:
            raise InvalidInput(text.ONE_CELL)
        cell = ground.cells[question.keys[0]]
        asked = ground.asked if not summing.is_stock(cell) else replace(ground.asked, periods=ground.asked.periods[-1:])
        after = _cursor(cursor)
        found = await totals.fetch_sources(session, asked, ground.version.slots[cell.key], limit + 1, after)
    page = found[:limit]
    return SourcePage(page, f"{page[-1].report_id}.{page[-1].path}" if len(found) > limit else None)


def _cursor(cursor: str | None) -> tuple[str, int] | None:
    if cursor is None:
        return None
    number, _, key = cursor.partition(".")
    if not number.isascii() or not number.isdecimal() or len(number) > 18 or "\0" in key:
        raise InvalidInput(text.CURSOR_BAD)
    return key, int(number)


async def _ground(session: AsyncSession, actor: Actor, question: Question) -> _Ground:
    area, organisations = question.area, tuple(dict.fromkeys(question.organisations))
    if not re.fullmatch(r"vn/([a-z0-9]{1,20}/){0,3}", area):
        raise InvalidInput(text.AREA_BAD)
    if not organisations:
        raise InvalidInput(text.ORGANISATION_MISSING)
    for organisation in organisations:
        scope.require_read(actor, area, organisation)
    form_id = await store.fetch_form_id(session, TOOL, question.form)
    if form_id is None:
        raise NotFound(wording.FORM_UNKNOWN)
    versions = await store.fetch_versions(session, form_id)
    if not versions:
        raise NotFound(wording.FORM_UNKNOWN)
    kind = versions[-1].definition.period_kind
    periods = periods_between(parse_period(question.first, kind), parse_period(question.last, kind))
    cells = _cells(versions, question.keys)
    asked = Asked(form_id, tuple(period.key for period in periods), organisations, area, question.levels, question.on_today)
    asks = coverage.asking(versions, periods, await store.fetch_closed_from(session, form_id))
    return _Ground(versions[-1], asked, periods, asks, cells)


def _cells(versions: Sequence[FormVersion], keys: Collection[str]) -> dict[str, Cell]:
    """Return the cells with numbers, each as its latest version has it: its meaning is the same in all."""
    known = {key: cell for version in versions for key, cell in version.definition.cells.items() if cell.is_number}
    unknown = [key for key in keys if key not in known]
    if unknown:
        raise InvalidInput(text.CELL_UNKNOWN.format(key=unknown[0][:80]))
    return {key: known[key] for key in keys} if keys else known


async def _spreads(session: AsyncSession, ground: _Ground, by: Collection[str]) -> dict[str, dict[_Key, Spread]]:
    """Return the spreads of cells that do not add up: of stocks in the last period, unless periods are told apart."""
    found: dict[str, dict[_Key, Spread]] = defaultdict(dict)
    apart = [cell for cell in ground.cells.values() if not cell.indicator.sums_over_units]
    for stock in (False, True):
        slots = {ground.version.slots[cell.key]: cell.key for cell in apart if summing.is_stock(cell) is stock}
        if not slots:
            continue
        last_only = stock and "period" not in by
        asked = replace(ground.asked, periods=ground.asked.periods[-1:]) if last_only else ground.asked
        for (period, organisation, level, place, slot), spread in (await totals.fetch_spreads(session, asked, list(slots), by)).items():
            found[slots[slot]][period, organisation, level, place, True] = spread
    return found


def _rows(
    question: Question, ground: _Ground, sums: Iterable[Sum], expected: Iterable[coverage.Expected], keys: list[str],
    spreads: Mapping[str, Mapping[_Key, Spread]],
) -> list[Row]:
    by, organisations = set(question.by), ground.asked.organisations
    tallies: dict[_Key, dict[str, Sequence[Tally]]] = defaultdict(dict)
    covered: dict[_Key, dict[str, Coverage]] = defaultdict(lambda: defaultdict(Coverage))
    present = {period.key for period in ground.periods}
    # A row about a period also has the figures of that period a year before, so periods are told apart only at the end.
    for each in sums:
        is_divided = each.is_divided or "place" not in by
        key = ("", each.organisation * ("organisation" in by), each.level * ("level" in by), each.place, is_divided)
        row = tallies[key].get(each.period)
        tallies[key][each.period] = each.tallies if row is None else [old.plus(new) for old, new in zip(row, each.tallies, strict=True)]
        if each.period in present:
            told = Coverage(0, each.reports, each.late, each.amended, each.approved)
            covered[key][each.period] = covered[key][each.period].plus(told)
    for one in expected:
        for organisation in organisations if "organisation" in by else ("",):
            key = ("", organisation, one.level * ("level" in by), one.place, True)
            count = one.units * (1 if organisation else len(organisations))
            covered[key][one.period] = covered[key][one.period].plus(Coverage(count))
    if not by - {"period"}:
        covered.setdefault(("", "", "", ground.asked.area, True), defaultdict(Coverage))  # one row, also of nothing
    ranges = [[period] for period in ground.periods] if "period" in by else [ground.periods]
    rows = []
    for key in sorted(set(covered) | {key for key in tallies if present & tallies[key].keys()}, key=lambda k: (k[3], not k[4], k[1], k[2])):
        for periods in ranges:
            rows.append(_row(question, ground, key, periods, tallies[key], covered[key], keys, spreads))
    return rows


def _row(
    question: Question, ground: _Ground, key: _Key, periods: Sequence[Period], tallies: Mapping[str, Sequence[Tally]],
    covered: Mapping[str, Coverage], keys: list[str], spreads: Mapping[str, Mapping[_Key, Spread]],
) -> Row:
    now = [period.key for period in periods]
    before = list(dict.fromkeys(period.last_year.key for period in periods)) if question.with_year_before else []
    period = now[0] if "period" in question.by else None
    empty = [NOTHING] * len(keys)
    columns = dict(zip(keys, zip(*(tallies.get(each, empty) for each in now), strict=True), strict=True))
    earlier = dict(zip(keys, zip(*(tallies.get(each, empty) for each in before), strict=True), strict=True)) if before else {}
    figures = {}
    for name, cell in ground.cells.items():
        if name in columns:
            tally, of = summing.over_time(cell, now, columns[name])
            then = summing.over_time(cell, before, earlier[name])[0].total if before else None
            figures[name] = Figure(name, tally.total, tally.filled, of, None, then)
        else:
            spread = spreads.get(name, {}).get((period or "", *key[1:]))
            figures[name] = Figure(name, None, spread.count if spread else 0, now[-1] if summing.is_stock(cell) else None, spread)
    whole = Coverage()
    for each in now:
        whole = whole.plus(covered.get(each, Coverage()))
    return Row(
        key[3], "", period, key[1] or None, key[2] or None, key[4], figures, whole, covered.get(now[-1], Coverage())
    )  # fmt: skip
