"""The life of reports: begun, saved, submitted with named gaps, amended, returned, approved, reopened.

These are the one way to write (form, offline queue, Excel, API all come here), for one unit or for all communes of a
province in the same few statements. The tool whose forms they are asks about rights and writes the audit row, in the
transaction it passes in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.access import Actor
from mattranso_app.core.calendar import working_calendar
from mattranso_app.core.clock import VN, now
from mattranso_app.core.errors import Conflict, InvalidInput, NotFound
from mattranso_app.core.reporting import computing, store, text
from mattranso_app.core.reporting.expressions import Resolve
from mattranso_app.core.reporting.forms import FormDefinition
from mattranso_app.core.reporting.models import TRANSITIONS, Act, Source, State
from mattranso_app.core.reporting.neighbours import KnownFigures, Neighbours
from mattranso_app.core.reporting.periods import Period, parse_period
from mattranso_app.core.reporting.store import Change, FormVersion, NewReport
from mattranso_app.core.text import TextTooLong, clean_text

REASON_LIMIT = 500
"""Characters of a reason, of a gap's or an explanation's words."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is reported: by which version of which form, about which period, for which organisation."""

    tool: str
    version: FormVersion
    period: Period
    organisation: str

    @property
    def definition(self) -> FormDefinition:
        """The form as it holds for the period."""
        return self.version.definition

    @property
    def opens_on(self) -> date:
        """The first day on which it can be filled."""
        return self.period.end - timedelta(days=self.definition.opens_days)

    @property
    def due_at(self) -> datetime:
        """When it is due: the end of a working day."""
        end = datetime.combine(self.period.end, time(23, 59), VN)
        if self.definition.due_days == 0:
            return end
        return working_calendar().add_working_days(end, self.definition.due_days)

    @property
    def lock_at(self) -> datetime | None:
        """When changes end; None when only approval ends them."""
        return None if self.definition.lock_days is None else self.due_at + timedelta(days=self.definition.lock_days)


@dataclass(frozen=True, slots=True)
class Place:
    """The unit a report is of, as it is today."""

    unit_id: int
    path: str
    level: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What is written into the report of one unit.

    Attributes:
        place: whose report.
        values: plain values by key of the cell, None empties it; cells not named stay.
        seen: the revision the writer was looking at; what others wrote since is not overwritten. None: overwrite.
    """

    place: Place
    values: Mapping[str, str | None]
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """A unit's word that its report is complete.

    Attributes:
        place: whose report.
        seen: the revision the person was looking at.
        gaps: why compulsory cells are empty, by key.
        explanations: why what a soft check doubts is right, by the check's code.
    """

    place: Place
    seen: int | None = None
    gaps: Mapping[str, str] = field(default_factory=dict)
    explanations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one unit's report: its revision now, how many typed cells changed, all its values, computed ones too."""

    report_id: int
    revision: int
    state: State
    changed: int
    cells: Mapping[str, str]


async def find_asked(session: AsyncSession, tool: str, form_code: str, period_key: str, organisation: str) -> Asked:
    """Return what a form asks an organisation for a period.

    Raises:
        NotFound: no such form, or it did not exist in that period.
        InvalidInput: no period of the form's kind, or not an organisation that reports by it.
    """
    form_id = await store.fetch_form_id(session, tool, form_code)
    if form_id is None:
        raise NotFound(text.FORM_UNKNOWN)
    period = parse_period(period_key)
    version = await store.fetch_version(session, form_id, period.start)
    if version is None:
        raise NotFound(text.FORM_NOT_YET.format(period=period.label))
    parse_period(period_key, version.definition.period_kind)
    if not version.is_asked_for(period):
        raise NotFound(text.FORM_RETIRED.format(period=period.label))
    if organisation not in version.definition.organisations:
        raise InvalidInput(text.ORGANISATION_NOT_ASKED)
    return Asked(tool, version, period, organisation)


def check_asked_of(asked: Asked, place: Place) -> None:
    """Raise unless the unit reports by this form.

    Raises:
        InvalidInput: another level, or below another unit than the form's owner.
    """
    if place.level not in asked.definition.levels or not place.path.startswith(asked.version.owner_path):
        raise InvalidInput(text.UNIT_NOT_ASKED)


async def save(
    session: AsyncSession, actor: Actor, asked: Asked, source: Source, entries: Sequence[Entry], known: KnownFigures, reason: str = ""
) -> dict[int, Written]:
    """Write values of one or many units; all or none.

    What is submitted already is amended: that needs a reason, counts at once and shows as an amendment.

    Args:
        session: the open transaction; the tool has asked whether `actor` may.
        actor: who writes.
        asked: what is reported.
        source: by which door.
        entries: one per unit.
        known: figures formulas may ask for.
        reason: why, for amendments.

    Returns:
        By unit, what became of its report.

    Raises:
        InvalidInput: not open yet, a unit that is not asked, an amendment without a reason or against a hard check.
        Conflict: locked, approved, or somebody else changed the same cells meanwhile; `fields` names them.
    """
    _check_open(asked)
    at, reason = now(), clean_words("reason", reason)
    rows = await _locked(session, asked, [entry.place for entry in entries], at)
    outside = await _neighbours(session, asked, list(rows), known)
    changes, written = [], {}
    for entry in entries:
        row = rows[entry.place.unit_id]
        act = Act.AMEND if row["state"] == State.SUBMITTED else Act.SAVE
        state = _next(row, act)
        _check_unlocked(row, at)
        values = await _without_conflict(session, row, entry)
        cells = computing.complete(asked.definition, _merged(row["cells"], values), outside.of(row["unit_id"]))
        told = {key: (row["cells"].get(key), value) for key, value in values.items() if row["cells"].get(key) != value}
        if act is Act.AMEND and told and not reason:
            raise InvalidInput(fields={"reason": text.AMEND_REASON})
        explanations = row["explanations"]
        if act is Act.AMEND and told:
            # Its reason answers what soft checks doubt now and did not before.
            answers = {check.name: reason for check in computing.checks(asked.definition)} | explanations
            explanations = _explanations(asked.definition, cells, outside.of(row["unit_id"]), answers)
        revision = row["revision"] + bool(told)
        if told:
            counted = computing.numbers(asked.version, cells) if act is Act.AMEND else None
            gaps = {key: words for key, words in row["gaps"].items() if key not in cells}
            changes.append(Change(row["id"], revision, act, state, cells, counted, told, gaps, explanations, reason))
        written[row["unit_id"]] = Written(row["id"], revision, state, len(told), cells)
    await store.apply_changes(session, actor, source, at, changes)
    return written


async def submit(
    session: AsyncSession, actor: Actor, asked: Asked, source: Source, submissions: Sequence[Submission], known: KnownFigures
) -> dict[int, Written]:
    """Hand reports up: complete, or with each empty compulsory cell named with its reason. From now on they count.

    Args:
        session: the open transaction; the tool has asked whether `actor` may.
        actor: who answers for it.
        asked: what is reported.
        source: by which door.
        submissions: one per unit.
        known: figures formulas and checks may ask for.

    Raises:
        InvalidInput: not open yet; gaps without a reason (`fields` by cell), hard checks that do not hold, soft ones not explained
            (`fields` by `check:<name>`).
        Conflict: locked, already submitted, or changed since it was seen.
    """
    _check_open(asked)
    at = now()
    rows = await _locked(session, asked, [submission.place for submission in submissions], at)
    outside = await _neighbours(session, asked, list(rows), known)
    changes, written = [], {}
    for submission in submissions:
        row = rows[submission.place.unit_id]
        state = _next(row, Act.SUBMIT)
        _check_unlocked(row, at)
        if submission.seen is not None and submission.seen != row["revision"]:
            raise Conflict(text.CHANGED_MEANWHILE)
        resolve = outside.of(row["unit_id"])
        cells = computing.complete(asked.definition, row["cells"], resolve)
        gaps = _gaps(asked.definition, cells, submission.gaps)
        explanations = _explanations(asked.definition, cells, resolve, submission.explanations)
        counted = computing.numbers(asked.version, cells)
        changes.append(Change(row["id"], row["revision"] + 1, Act.SUBMIT, state, cells, counted, {}, gaps, explanations))
        written[row["unit_id"]] = Written(row["id"], row["revision"] + 1, state, 0, cells)
    await store.apply_changes(session, actor, source, at, changes)
    return written


async def decide(
    session: AsyncSession, actor: Actor, asked: Asked, act: Act, unit_ids: Sequence[int], reason: str = "", seen: int | None = None
) -> list[RowMapping]:
    """Return, approve or reopen the reports of some units; all or none.

    Args:
        session: the open transaction; the tool has asked whether `actor` may decide about these units.
        actor: the level above.
        asked: what was reported.
        act: RETURN, APPROVE or REOPEN.
        unit_ids: whose reports.
        reason: what has to change; needed to return and to reopen.
        seen: the revision the decision is about, when it is about one report.

    Returns:
        The reports as they were before.

    Raises:
        InvalidInput: no reason.
        NotFound: a unit has not begun its report.
        Conflict: a report is not where it can be decided so, or changed since it was seen.
    """
    reason = clean_words("reason", reason)
    if act in (Act.RETURN, Act.REOPEN) and not reason:
        raise InvalidInput(fields={"reason": text.REASON_MISSING})
    at = now()
    rows = await store.lock_reports(session, asked.version.form_id, asked.period.key, asked.organisation, unit_ids)
    if len(rows) != len(set(unit_ids)):
        raise NotFound(text.NOT_BEGUN)
    changes = []
    for row in rows.values():
        state = _next(row, act)
        if seen is not None and seen != row["revision"]:
            raise Conflict(text.CHANGED_MEANWHILE)
        counted = computing.numbers(asked.version, row["cells"]) if state is State.APPROVED else None
        changes.append(
            Change(row["id"], row["revision"] + 1, act, state, row["cells"], counted, {}, row["gaps"], row["explanations"], reason)
        )
    await store.apply_changes(session, actor, Source.FORM, at, changes)
    return list(rows.values())


async def _locked(session: AsyncSession, asked: Asked, places: Sequence[Place], at: datetime) -> dict[int, RowMapping]:
    """Return the reports of some units, begun where they were not, locked until the transaction ends."""
    for place in places:
        check_asked_of(asked, place)
    due, lock = asked.due_at, asked.lock_at
    version, key, organisation = asked.version, asked.period.key, asked.organisation
    ids = [place.unit_id for place in places]
    rows = await store.lock_reports(session, version.form_id, key, organisation, ids)
    new = [NewReport(place.unit_id, place.path, place.level, due, lock) for place in places if place.unit_id not in rows]
    if new:
        await store.begin_reports(session, version, key, asked.period.end, organisation, new, at)
        rows = await store.lock_reports(session, version.form_id, key, organisation, ids)
    return rows


async def _neighbours(session: AsyncSession, asked: Asked, unit_ids: list[int], known: KnownFigures) -> Neighbours:
    wanted = computing.asked_outside(asked.definition)
    return await Neighbours(asked.version.code, asked.period, known).fetch(session, asked.tool, asked.organisation, unit_ids, wanted)


def _check_open(asked: Asked) -> None:
    if now().astimezone(VN).date() < asked.opens_on:
        raise InvalidInput(text.NOT_OPEN_YET.format(day=f"{asked.opens_on:%d/%m/%Y}"))


def _check_unlocked(row: RowMapping, at: datetime) -> None:
    if row["lock_at"] is not None and at > row["lock_at"] and row["state"] != State.RETURNED:
        raise Conflict(text.LOCKED)


def _next(row: RowMapping, act: Act) -> State:
    state = TRANSITIONS.get((State(row["state"]), act))
    if state is None:
        raise Conflict(text.NOT_NOW[State(row["state"])])
    return state


async def _without_conflict(session: AsyncSession, row: RowMapping, entry: Entry) -> Mapping[str, str | None]:
    if entry.seen is None or entry.seen >= row["revision"]:
        return entry.values
    since = await store.fetch_changed_since(session, row["id"], entry.seen)
    clashes = {key: since[key] for key, value in entry.values.items() if key in since and since[key] != value}
    if clashes:
        raise Conflict(
            text.CELLS_CHANGED, fields={key: text.CELL_CHANGED.format(value=value or "trống") for key, value in clashes.items()}
        )
    return entry.values


def _merged(cells: Mapping[str, str], values: Mapping[str, str | None]) -> dict[str, str]:
    merged: dict[str, Any] = {**cells, **values}
    return {key: value for key, value in merged.items() if value is not None}


def _gaps(form: FormDefinition, cells: Mapping[str, str], named: Mapping[str, str]) -> dict[str, str]:
    empty = [key for key, cell in form.cells.items() if cell.is_required and key not in cells]
    gaps = {key: clean_words(key, named.get(key, "")) for key in empty}
    missing = {key: text.GAP_UNNAMED for key, words in gaps.items() if not words}
    if missing:
        raise InvalidInput(text.GAPS_UNNAMED.format(count=len(missing)), fields=missing)
    return gaps


def _explanations(form: FormDefinition, cells: Mapping[str, str], outside: Resolve, given: Mapping[str, str]) -> dict[str, str]:
    """Return the explanation of each soft check that does not hold."""
    kept, wrong = {}, {}
    for finding in computing.findings(form, cells, outside):
        name = finding.check.name
        kept[name] = clean_words(f"check:{name}", given.get(name, ""))
        if finding.check.severity == "hard" or not kept[name]:
            wrong[f"check:{name}"] = finding.check.message
    if wrong:
        raise InvalidInput(text.CHECKS_FAIL.format(count=len(wrong)), fields=wrong)
    return kept


def clean_words(name: str, words: str) -> str:
    """Return a reason as it is kept.

    Raises:
        InvalidInput: too long; `fields` has `name`.
    """
    try:
        return clean_text(words, max_length=REASON_LIMIT, multiline=True)
    except TextTooLong as error:
        raise InvalidInput(fields={name: text.WORDS_LONG.format(limit=REASON_LIMIT)}) from error
