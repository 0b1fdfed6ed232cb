"""Forms and reports as they are stored, for programs: one page at a time, only what the reader may see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mattranso_app.core.access import Actor
from mattranso_app.core.db import reading
from mattranso_app.core.errors import Forbidden, NotFound
from mattranso_app.core.reporting import reports, store
from mattranso_app.core.reporting import text as reporting_text
from mattranso_app.core.reporting.periods import parse_period
from mattranso_app.core.reporting.store import FormVersion
from mattranso_app.registry.service import scope
from mattranso_app.registry.service.entering import TOOL
from mattranso_app.registry.store import fetch_report_page
from mattranso_app.units.service import glimpse_unit

Report = Mapping[str, Any]


def _may_see(actor: Actor, version: FormVersion) -> bool:
    """A form is seen by who sees figures of one of its organisations where it is asked, or above."""
    return any(
        prefix.startswith(version.owner_path) or version.owner_path.startswith(prefix)
        for organisation in version.definition.organisations
        for prefix in scope.readable(actor, organisation)
    )


async def list_forms(actor: Actor, after: str, limit: int) -> tuple[list[FormVersion], str | None]:
    """Return a page of the newest versions of forms by code, after the code `after`, and what to ask for next."""
    async with reading() as session:
        versions = sorted(await store.fetch_newest_versions(session, TOOL), key=lambda version: version.code)
    found = [version for version in versions if version.code > after and _may_see(actor, version)]
    return found[:limit], found[limit - 1].code if len(found) > limit else None


async def get_form(actor: Actor, form: str, period: str = "") -> FormVersion:
    """Return the version of a form that holds for a period, the newest when that is empty.

    Raises:
        NotFound: no such form, not in that period, or not the reader's.
        InvalidInput: no period of its kind.
    """
    async with reading() as session:
        form_id = await store.fetch_form_id(session, TOOL, form)
        versions = await store.fetch_versions(session, form_id) if form_id is not None else []
    if not versions or not _may_see(actor, versions[-1]):
        raise NotFound(reporting_text.FORM_UNKNOWN)
    if not period:
        return versions[-1]
    asked = parse_period(period, versions[-1].definition.period_kind)
    holding = [version for version in versions if parse_period(version.from_period).start <= asked.start]
    if not holding:
        raise NotFound(reporting_text.FORM_NOT_YET.format(period=asked.label))
    return holding[-1]


async def list_reports(
    actor: Actor, form: str, period: str, organisation: str, unit: str, state: str, after: int, limit: int
) -> tuple[list[Report], int | None]:
    """Return a page of the reports of a period inside the reader's scope in the order they were begun.

    Args:
        actor: who reads.
        form, period, organisation: which reports.
        unit: only of this unit and those below it; "" for all.
        state: only in this state; "" for all.
        after: `next` of the page before, 0 for the first.
        limit: rows, at most 500.

    Raises:
        Forbidden: the reader sees nothing of this organisation.
        NotFound, Gone, InvalidInput: no such form, period, organisation or unit.
    """
    prefixes = scope.readable(actor, organisation)
    if not prefixes:
        raise Forbidden()
    below = (await glimpse_unit(unit)).path if unit else ""
    async with reading() as session:
        asked = await reports.find_asked(session, TOOL, form, period, organisation)
        rows = await fetch_report_page(
            session, asked.version.form_id, period, organisation, prefixes, below, state, after, limit + 1
        )
    page: list[Report] = [{**row, "form": form} for row in rows[:limit]]
    return page, rows[limit - 1]["id"] if len(rows) > limit else None


async def get_report(actor: Actor, form: str, period: str, organisation: str, unit: str) -> Report:
    """Return the report of one unit, an empty one when it has not begun.

    Raises:
        Forbidden, NotFound, Gone, InvalidInput: not the reader's, no such form, unit or period, or not asked of the unit.
    """
    whose = await glimpse_unit(unit)
    scope.require_read(actor, whose.path, organisation)
    async with reading() as session:
        asked = await reports.find_asked(session, TOOL, form, period, organisation)
        reports.check_asked_of(asked, reports.Place(whose.id, whose.path, whose.level.value))
        row = await store.fetch_report_of(session, asked.version.form_id, period, organisation, whose.id)
    about = {"form": form, "period": period, "organisation": organisation, "unit": whose.code}
    if row is not None:
        return {**row, **about}
    empty: dict[str, Any] = {"cells": {}, "gaps": {}, "is_late": False, "amendments": 0, "submitted_at": None}
    return {**about, **empty, "state": "draft", "revision": 0}
