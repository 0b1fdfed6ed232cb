"""Figures by Excel: a template goes out, filled ones come in, are first tried, then written by the same verb as the form.

Nothing is kept between trying and writing: the files come again and are tried again. A template carries the revision of
each report it was made from; only cells that differ from what they held then are written, so a file that is sent twice, or
again after an interruption, changes nothing the second time, and never what others wrote meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import RowMapping

from mattranso_app.core.access import Action, Actor, may
from mattranso_app.core.clock import VN, now
from mattranso_app.core.db import reading
from mattranso_app.core.errors import DomainError, Gone, InvalidInput, NotFound
from mattranso_app.core.reporting import reports, sheets, store
from mattranso_app.core.reporting import text as reporting_text
from mattranso_app.core.reporting.forms import Cell, FormDefinition
from mattranso_app.core.reporting.models import Source, State
from mattranso_app.core.reporting.periods import parse_period
from mattranso_app.core.reporting.reports import Asked
from mattranso_app.core.reporting.sheets import Checked, FilledTemplate, Filling, Problem, SheetUnit, Template
from mattranso_app.registry.service import scope
from mattranso_app.registry.service.entering import TOOL, save_reports
from mattranso_app.registry.text import sheets as text
from mattranso_app.units.kinds import Level
from mattranso_app.units.service import get_organisations, glimpse_unit, list_units
from mattranso_app.units.views import UnitView

MOST_FILES = 50
"""Files of one sending."""
MOST_UNITS = 4_000
"""Units in one template."""
MOST_TOGETHER = 5_000
"""Units in all files of one sending, which are written together."""


@dataclass(frozen=True, slots=True)
class SentSheet:
    """A file as it came."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell a file would change, in people's notation."""

    row: int
    column: str
    unit: str
    cell: str
    before: str
    after: str


@dataclass(slots=True)
class TriedSheet:
    """What one file would do.

    Attributes:
        name: of the file.
        units: names of the units in it.
        problems: what is wrong, by row and column; then nothing is written.
        differences: what it would change.
        absent: names of units of the template whose rows are gone.
        amended: units whose report is handed up already: the change needs a reason.
    """

    name: str
    units: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    amended: list[str] = field(default_factory=list)
    entries: dict[str, dict[str, object]] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)


async def template_sheet(
    actor: Actor, form: str, period: str, organisation: str, unit: str, *, below: bool = False
) -> tuple[str, bytes]:
    """Return the name and content of a template with what is stored in it.

    Args:
        actor: enters for the unit, or for all below it.
        form: code of the form.
        period: key of the period.
        organisation: whose figures.
        unit: code of the unit.
        below: one workbook with a row for each unit below it that reports by the form.

    Raises:
        Forbidden, NotFound, Gone: as `save_reports`.
        InvalidInput: the unit does not report by the form, nobody below does, or the workbook would be too large.
    """
    top = await glimpse_unit(unit)
    scope.require_enter(actor, top.path, organisation)
    async with reading() as session:
        asked = await reports.find_asked(session, TOOL, form, period, organisation)
    units = await _units_below(asked, top) if below else [top]
    for each in units:
        reports.check_asked_of(asked, reports.Place(each.id, each.path, each.level.value))
    async with reading() as session:
        periods = [asked.period.key, asked.period.previous.key]
        rows = await store.fetch_reports_of(session, asked.version.form_id, periods, organisation, [each.id for each in units])
    codes = {each.id: each.code for each in units}
    now_rows = {codes[row["unit_id"]]: row for row in rows if row["period"] == asked.period.key}
    before = {codes[row["unit_id"]]: row["cells"] for row in rows if row["period"] != asked.period.key}
    named = tuple(SheetUnit(each.code, each.name, now_rows[each.code]["revision"] if each.code in now_rows else 0) for each in units)
    template = Template(TOOL, form, asked.version.version, period, organisation, "grid" if below else "list", named)
    whose = text.ALL_BELOW.format(level=text.LEVELS[units[0].level.value], unit=top.name) if below else _full_name(top)
    filling = Filling(
        asked.period.label, asked.period.previous.label, await _organisation_name(organisation), whose,
        {code: row["cells"] for code, row in now_rows.items()}, before,
    )  # fmt: skip
    data = await asyncio.to_thread(sheets.write_template, asked.definition, template, filling)
    title = asked.definition.title[:80]
    return text.FILE_NAME.format(form=title, period=asked.period.label.replace("/", "-"), whose=whose).replace("/", "-"), data


async def try_sheets(
    actor: Actor, form: str, period: str, organisation: str, files: Sequence[SentSheet]
) -> list[TriedSheet]:
    """Return what filled templates would change and what is wrong with them; nothing is written.

    Args:
        actor: enters for the units in them.
        form: code of the form they should be of.
        period: key of the period.
        organisation: whose figures.
        files: at most `MOST_FILES`.

    Raises:
        NotFound, InvalidInput: no such form or period, or too many files. What is wrong with a file is told, not raised.
    """
    if len(files) > MOST_FILES:
        raise InvalidInput(text.TOO_MANY_FILES.format(limit=MOST_FILES))
    async with reading() as session:
        asked = await reports.find_asked(session, TOOL, form, period, organisation)
    if now().astimezone(VN).date() < asked.opens_on:
        raise InvalidInput(reporting_text.NOT_OPEN_YET.format(day=f"{asked.opens_on:%d/%m/%Y}"))
    tried = [TriedSheet(file.name) for file in files]
    read = await asyncio.to_thread(_read_all, files)
    whole: list[_Read] = []
    for one, filled in zip(tried, read, strict=True):
        try:
            if isinstance(filled, DomainError):
                raise filled
            await _check_same(asked, filled.template)
        except DomainError as error:
            one.problems.append(Problem(0, "", "", "", error.text))
        else:
            whole.append(_Read(one, filled))
    if sum(len(each.filled.template.units) for each in whole) > MOST_TOGETHER:
        raise InvalidInput(text.TOO_MANY_TOGETHER.format(limit=MOST_TOGETHER))
    await asyncio.to_thread(_check_all, asked.definition, whole)
    owners: dict[str, str] = {}
    for each in whole:
        each.places = await _check_units(actor, asked, each.filled, each.checked)
        for code in each.places:
            if code in owners:
                words = text.UNIT_TWICE.format(file=owners[code])
                each.checked.problems.append(Problem(each.checked.rows[code], "", each.places[code].name, "", words))
            owners.setdefault(code, each.tried.name)
    await _compare(asked, whole)
    for each in whole:
        each.tried.units, each.tried.absent = [unit.name for unit in each.places.values()], each.checked.absent
        each.tried.problems = sorted(each.checked.problems, key=_place)
        each.tried.differences.sort(key=_place)
    return tried


@dataclass(slots=True)
class _Read:
    """A file on its way through."""

    tried: TriedSheet
    filled: FilledTemplate
    checked: Checked = field(default_factory=Checked)
    places: dict[str, UnitView] = field(default_factory=dict)


def _read_all(files: Sequence[SentSheet]) -> list[FilledTemplate | DomainError]:
    found: list[FilledTemplate | DomainError] = []
    for file in files:
        try:
            found.append(sheets.read_template(file.data))
        except DomainError as error:
            found.append(error)
    return found


def _check_all(form: FormDefinition, whole: Sequence[_Read]) -> None:
    for each in whole:
        each.checked = sheets.check(form, each.filled)


def _place(each: Problem | Difference) -> tuple[int, int, str]:
    return each.row, len(each.column), each.column


async def write_sheets(
    actor: Actor, form: str, period: str, organisation: str, files: Sequence[SentSheet], reason: str = ""
) -> int:
    """Write what filled templates change, through `save_reports`: all of the files or nothing. Returns how many cells changed.

    Args:
        actor, form, period, organisation, files: as `try_sheets`.
        reason: why, when reports that are handed up already are amended.

    Raises:
        InvalidInput: something is wrong with a file, or an amendment without a reason.
        Forbidden, NotFound, Gone, Conflict: as `save_reports`.
    """
    tried = await try_sheets(actor, form, period, organisation, files)
    problems = sum(len(each.problems) for each in tried)
    if problems:
        raise InvalidInput(text.HAS_PROBLEMS.format(count=problems))
    entries = {code: values for each in tried for code, values in each.entries.items()}
    if not entries:
        return 0
    seen = {code: each.seen[code] for each in tried for code in each.entries}
    written = await save_reports(actor, form, period, organisation, entries, Source.EXCEL, seen, reason)
    return sum(each.changed for each in written.values())


async def marked_sheet(
    actor: Actor, form: str, period: str, organisation: str, file: SentSheet
) -> tuple[str, bytes]:
    """Return the name and content of a filled template with what is wrong marked in it.

    Raises:
        As `try_sheets`, and TooLarge, Unsupported: no Excel file.
    """
    (tried,) = await try_sheets(actor, form, period, organisation, [file])
    data = await asyncio.to_thread(sheets.mark, file.data, tried.problems)
    return text.MARKED_NAME.format(name=file.name.removesuffix(".xlsx").removesuffix(" - cần sửa")[:150]), data


async def _units_below(asked: Asked, top: UnitView) -> list[UnitView]:
    """Return the units below `top` that report by the form: of the highest of its levels that is below."""
    order = [Level.PROVINCE, Level.COMMUNE, Level.GROUP]
    levels = [level for level in order if level.value in asked.definition.levels and level is not top.level]
    deeper = order[order.index(top.level) + 1 :] if top.level in order else order
    for level in levels:
        if level in deeper:
            page = await list_units(level=level, parent=top.path, limit=MOST_UNITS)
            if page.next is not None:
                raise InvalidInput(text.TOO_MANY_UNITS.format(limit=MOST_UNITS))
            found = [unit for unit in page.items if unit.path.startswith(asked.version.owner_path)]
            if found:
                return found
    raise InvalidInput(text.NOBODY_BELOW.format(unit=top.name))


async def _check_same(asked: Asked, template: Template) -> None:
    """Raise when a file was made for something else than what it is sent for; the words name both.

    Raises:
        InvalidInput: it was.
    """
    if template.tool != TOOL:
        raise InvalidInput(text.OTHER_TOOL)
    if template.form != asked.version.code:
        async with reading() as session:
            titles = {version.code: version.definition.title for version in await store.fetch_newest_versions(session, TOOL)}
        found = titles.get(template.form, template.form)
        raise InvalidInput(text.OTHER_FORM.format(found=found, wanted=asked.definition.title))
    if template.period != asked.period.key:
        found = parse_period(template.period).label
        raise InvalidInput(text.OTHER_PERIOD.format(found=found, wanted=asked.period.label))
    if template.organisation != asked.organisation:
        found = await _organisation_name(template.organisation)
        raise InvalidInput(text.OTHER_ORGANISATION.format(found=found, wanted=await _organisation_name(asked.organisation)))
    if template.version != asked.version.version:
        raise InvalidInput(text.OTHER_VERSION)


async def _check_units(actor: Actor, asked: Asked, filled: FilledTemplate, checked: Checked) -> dict[str, UnitView]:
    """Return the units the actor may write into; the others become faults of their rows."""
    places: dict[str, UnitView] = {}
    names = {unit.code: unit.name for unit in filled.template.units}
    for code, row in checked.rows.items():
        try:
            unit = await glimpse_unit(code)
            reports.check_asked_of(asked, reports.Place(unit.id, unit.path, unit.level.value))
        except (NotFound, Gone, InvalidInput) as error:
            checked.problems.append(Problem(row, _unit_column(filled), names[code], "", error.text))
            continue
        if may(actor, Action.REGISTRY_ENTER, unit.path, asked.organisation):
            places[code] = unit
        else:
            words = text.NOT_YOURS_FILE.format(unit=_full_name(unit)) if filled.template.shape == "list" else text.NOT_YOURS
            checked.problems.append(Problem(row, _unit_column(filled), unit.name, "", words))
    return places


async def _compare(asked: Asked, whole: Sequence[_Read]) -> None:
    """Find what differs from what the cells held when the templates were made, and what others wrote since."""
    by_id = {unit.id: code for each in whole for code, unit in each.places.items()}
    seen = {unit.code: unit.revision for each in whole for unit in each.filled.template.units if unit.code in each.places}
    async with reading() as session:
        rows = await store.fetch_reports_of(session, asked.version.form_id, [asked.period.key], asked.organisation, list(by_id))
        stored = {by_id[row["unit_id"]]: row for row in rows}
        older = {row["id"]: seen[code] for code, row in stored.items() if row["revision"] > seen[code]}
        since = await store.fetch_changed_after(session, older)
    for each in whole:
        _compare_one(asked, each, seen, stored, since)


def _compare_one(
    asked: Asked, read: _Read, seen: Mapping[str, int], stored: Mapping[str, RowMapping],
    since: Mapping[int, Mapping[str, tuple[str | None, str | None]]],
) -> None:
    checked, tried = read.checked, read.tried
    for code, unit in read.places.items():
        row = stored.get(code)
        cells: Mapping[str, str] = row["cells"] if row else {}
        meanwhile: Mapping[str, tuple[str | None, str | None]] = since.get(row["id"], {}) if row else {}
        changed: dict[str, object] = {}
        for key, value in checked.values.get(code, {}).items():
            held = meanwhile[key][0] if key in meanwhile else cells.get(key)
            if value == held:
                continue
            cell, (number, column) = asked.definition.cells[key], checked.places[code, key]
            if key in meanwhile and meanwhile[key][1] != value:
                words = text.CHANGED_SINCE.format(value=sheets.shown(cell, meanwhile[key][1]) or text.EMPTY)
                checked.problems.append(Problem(number, column, unit.name, cell.name, words))
            elif cells.get(key) != value:
                changed[key] = _exact(cell, value)
                before, after = sheets.shown(cell, cells.get(key)), sheets.shown(cell, value)
                tried.differences.append(Difference(number, column, unit.name, cell.name, before, after))
        if changed:
            tried.entries[code], tried.seen[code] = changed, seen[code]
            if (closed := _closed(asked, row)) is not None:
                checked.problems.append(Problem(checked.rows[code], "", unit.name, "", closed))
            elif row is not None and row["state"] == State.SUBMITTED:
                tried.amended.append(unit.name)


def _closed(asked: Asked, row: RowMapping | None) -> str | None:
    """Return why a report, begun or not, takes no change; None when it does."""
    state = State(row["state"]) if row is not None else State.DRAFT
    lock_at = row["lock_at"] if row is not None else asked.lock_at
    if state is State.APPROVED:
        return reporting_text.NOT_NOW[State.APPROVED]
    if lock_at is not None and now() > lock_at and state is not State.RETURNED:
        return reporting_text.LOCKED
    return None


def _exact(cell: Cell, value: str | None) -> object:
    """Return a plain value so that it is not read once more by people's rules: 1.234 is a little more than one here."""
    return Decimal(value) if cell.is_number and value is not None else value


def _unit_column(filled: FilledTemplate) -> str:
    return "B" if filled.template.shape == "list" else "A"


def _full_name(unit: UnitView) -> str:
    return f"{unit.name}, {unit.parent_name}" if unit.parent_name else unit.name


async def _organisation_name(code: str) -> str:
    return next((each.name for each in await get_organisations() if each.code == code), code)
