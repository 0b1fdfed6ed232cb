"""What is needed to fill in a report: the form with its values, last period's, checks, comments, the history of a cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import RowMapping

from mattranso_app.core import audit
from mattranso_app.core.access import Action, Actor, may
from mattranso_app.core.clock import now, today
from mattranso_app.core.db import reading, transaction
from mattranso_app.core.errors import InvalidInput, NotFound
from mattranso_app.core.reporting import computing, notes, reports, store
from mattranso_app.core.reporting.models import State
from mattranso_app.core.reporting.neighbours import Neighbours
from mattranso_app.core.reporting.reports import Asked, Place
from mattranso_app.core.text import TextTooLong, clean_text
from mattranso_app.registry.service import scope
from mattranso_app.registry.service.entering import TOOL, subject
from mattranso_app.registry.store import fetch_known_figures
from mattranso_app.registry.text import entry as text
from mattranso_app.units.service import glimpse_unit
from mattranso_app.units.store import fetch_organisations
from mattranso_app.units.views import UnitView

COMMENT_LIMIT = 1_000
"""Characters of a comment."""


@dataclass(frozen=True, slots=True)
class Filling:
    """A report as the person who fills it in needs it.

    Attributes:
        asked: the form, the period, whose.
        unit: the unit.
        organisation_name: as people say it.
        report: its row; None when it has not been begun.
        last_cells: what the unit reported for the period before.
        judge: formulas and checks as the browser takes them (`for_browser`), wholes among the formulas.
        others: by address, what those ask for beyond the report.
        decision: the last time it was given back or reopened, while it has not come again.
        comments: how many each cell has.
        may_enter: whether the reader also enters here.
    """

    asked: Asked
    unit: UnitView
    organisation_name: str
    report: RowMapping | None
    last_cells: Mapping[str, str]
    judge: Mapping[str, object]
    others: Mapping[str, str | None]
    decision: RowMapping | None
    comments: Mapping[str, int]
    may_enter: bool

    @property
    def is_locked(self) -> bool:
        """Whether the day of locking has passed and nobody has reopened it."""
        if self.report is not None:
            lock_at, is_returned = self.report["lock_at"], self.report["state"] == State.RETURNED
            return lock_at is not None and now() > lock_at and not is_returned
        return self.asked.lock_at is not None and now() > self.asked.lock_at

    @property
    def opens_on(self) -> date | None:
        """The first day it can be filled in; None when that has come."""
        return self.asked.opens_on if today() < self.asked.opens_on else None


@dataclass(frozen=True, slots=True)
class CellNotes:
    """What is known about one cell, newest first: changes (`notes.fetch_cell_history`) and comments."""

    changes: tuple[RowMapping, ...]
    comments: tuple[RowMapping, ...]


async def open_report(actor: Actor, form: str, period: str, organisation: str, unit: str) -> Filling:
    """Return a unit's report with all that is needed to fill it in.

    Raises:
        Forbidden: the actor does not see this organisation's figures there.
        NotFound, Gone, InvalidInput: no such form, period, unit; or the unit does not report by it.
    """
    whose = await glimpse_unit(unit)
    scope.require_read(actor, whose.path, organisation)
    async with reading() as session:
        asked = await reports.find_asked(session, TOOL, form, period, organisation)
        reports.check_asked_of(asked, Place(whose.id, whose.path, whose.level.value))
        keys = [asked.period.key, asked.period.previous.key]
        rows = await store.fetch_reports_of(session, asked.version.form_id, keys, organisation, [whose.id])
        by_period = {row["period"]: row for row in rows}
        report = by_period.get(asked.period.key)
        known = await fetch_known_figures(session, [whose.id])
        wanted = computing.asked_outside(asked.definition)
        around = Neighbours(asked.version.code, asked.period, known)
        resolve = (await around.fetch(session, TOOL, organisation, [whose.id], wanted)).of(whose.id)
        decision = None
        comments: dict[str, int] = {}
        if report is not None:
            comments = await notes.count_comments(session, report["id"])
            if report["state"] == State.RETURNED:
                decision = (await notes.fetch_last_decisions(session, [report["id"]])).get(report["id"])
        names = {each.code: each.name for each in await fetch_organisations(session)}
    last = by_period.get(asked.period.previous.key)
    return Filling(
        asked, whose, names.get(organisation, organisation), report, last["cells"] if last else {}, computing.for_browser(asked.definition),
        {each.address: _plain(resolve(each)) for each in wanted}, decision, comments,
        may(actor, Action.REGISTRY_ENTER, whose.path, organisation),
    )  # fmt: skip


def _plain(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


async def read_cell(actor: Actor, form: str, period: str, organisation: str, unit: str, key: str) -> CellNotes:
    """Return the history and the comments of one cell; empty when the report has not been begun. Raises as `open_report`."""
    whose = await glimpse_unit(unit)
    scope.require_read(actor, whose.path, organisation)
    async with reading() as session:
        asked = await reports.find_asked(session, TOOL, form, period, organisation)
        _check_key(asked, key)
        report = await store.fetch_report_of(session, asked.version.form_id, asked.period.key, organisation, whose.id)
        if report is None:
            return CellNotes((), ())
        changes = await notes.fetch_cell_history(session, report["id"], key)
        comments = await notes.fetch_comments(session, report["id"], key)
    return CellNotes(tuple(changes), tuple(comments))


async def comment_cell(actor: Actor, form: str, period: str, organisation: str, unit: str, key: str, body: str) -> None:
    """Say something about one cell, for whoever enters it or decides on it.

    Raises:
        As `open_report`; InvalidInput: nothing said, or too much; NotFound: no such cell, or no report yet.
    """
    whose = await glimpse_unit(unit)
    scope.require_read(actor, whose.path, organisation)
    try:
        said = clean_text(body, COMMENT_LIMIT, multiline=True)
    except TextTooLong as error:
        raise InvalidInput(fields={"body": text.COMMENT_LONG.format(limit=COMMENT_LIMIT)}) from error
    if not said:
        raise InvalidInput(fields={"body": text.NO_COMMENT})
    async with transaction() as session:
        asked = await reports.find_asked(session, TOOL, form, period, organisation)
        _check_key(asked, key)
        report = await store.fetch_report_of(session, asked.version.form_id, asked.period.key, organisation, whose.id)
        if report is None:
            raise NotFound(text.COMMENT_EARLY)
        await notes.add_comment(session, actor, report["id"], key, said, now())
        await audit.record(session, actor, "registry.comment", subject(asked, [unit]), {"cell": key})


def _check_key(asked: Asked, key: str) -> None:
    if key not in asked.definition.cells:
        raise NotFound(text.CELL_UNKNOWN)
