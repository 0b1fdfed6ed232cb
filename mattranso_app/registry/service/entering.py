"""Entering figures: saved as they are typed, submitted when a person says the report is complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mattranso_app.core import audit, live
from mattranso_app.core.access import Actor
from mattranso_app.core.db import transaction
from mattranso_app.core.errors import InvalidInput, NotFound
from mattranso_app.core.reporting import reports
from mattranso_app.core.reporting.models import Source
from mattranso_app.core.reporting.reports import Asked, Entry, Place, Submission, Written
from mattranso_app.core.reporting.values import BadValue, parse_value
from mattranso_app.registry.service import scope
from mattranso_app.registry.store import fetch_known_figures
from mattranso_app.units.service import glimpse_unit

TOOL = "registry"
"""Whose forms these are."""


async def save_reports(
    actor: Actor,
    form: str,
    period: str,
    organisation: str,
    entries: Mapping[str, Mapping[str, object]],
    source: Source,
    seen: Mapping[str, int] | None = None,
    reason: str = "",
) -> dict[str, Written]:
    """Write what was typed, pasted or read from a sheet into the reports of one or many units; all or none.

    Args:
        actor: enters for each of the units.
        form: code of the form.
        period: key of the period.
        organisation: whose figures.
        entries: by code of the unit, values by key of the cell, as people write them; empty text or None empties a cell.
        source: by which door they came.
        seen: by code of the unit, the revision the writer was looking at; see `reports.Entry`.
        reason: why, when a submitted report is amended.

    Returns:
        By code of the unit, what became of its report.

    Raises:
        Forbidden: not the actor's units.
        NotFound, Gone: no such form, unit, or period of the form.
        InvalidInput: values cells cannot take; `fields` has `unit/cell` for several units, `cell` for one.
        Conflict: see `reports.save`.
    """
    units = {code: await glimpse_unit(code) for code in entries}
    for unit in units.values():
        scope.require_enter(actor, unit.path, organisation)
    async with transaction() as session:
        asked = await reports.find_asked(session, TOOL, form, period, organisation)
        wanted = [
            Entry(Place(unit.id, unit.path, unit.level.value), _parsed(asked, code, entries[code], len(units) == 1), (seen or {}).get(code))
            for code, unit in units.items()
        ]
        known = await fetch_known_figures(session, [entry.place.unit_id for entry in wanted])
        written = await reports.save(session, actor, asked, source, wanted, known, reason)
        by_code = {code: written[unit.id] for code, unit in units.items()}
        amended = {code: each.changed for code, each in by_code.items() if each.state != "draft" and each.changed}
        await live.mark(session, topic(asked))
        detail: dict[str, object] = {"units": len(by_code), "cells": sum(each.changed for each in by_code.values()), "source": source.value}
        if amended:
            detail["amended"] = sorted(amended)[:200]
        await audit.record(session, actor, "registry.save", subject(asked, list(units)), detail)
    return by_code


async def submit_report(
    actor: Actor,
    form: str,
    period: str,
    organisation: str,
    unit: str,
    source: Source,
    gaps: Mapping[str, str] | None = None,
    explanations: Mapping[str, str] | None = None,
    seen: int | None = None,
) -> Written:
    """Say that a unit's report is complete and hand it up, with the reason of each empty compulsory cell.

    Raises:
        Forbidden, NotFound, Gone: as `save_reports`.
        InvalidInput: gaps without a reason, or what the form's checks forbid; `fields` by cell or `check:<code>`.
        Conflict: locked, already submitted, or changed since it was seen.
    """
    whose = await glimpse_unit(unit)
    scope.require_enter(actor, whose.path, organisation)
    async with transaction() as session:
        asked = await reports.find_asked(session, TOOL, form, period, organisation)
        place = Place(whose.id, whose.path, whose.level.value)
        known = await fetch_known_figures(session, [whose.id])
        handed = Submission(place, seen, gaps or {}, explanations or {})
        written = (await reports.submit(session, actor, asked, source, [handed], known))[whose.id]
        await live.mark(session, topic(asked))
        await audit.record(session, actor, "registry.submit", subject(asked, [unit]), {"gaps": len(gaps or {}), "source": source.value})
    return written


def _parsed(asked: Asked, unit: str, values: Mapping[str, object], is_alone: bool) -> dict[str, str | None]:
    """Return values in their plain form.

    Raises:
        NotFound: a cell the form does not have in this period.
        InvalidInput: what cells cannot take.
    """
    parsed: dict[str, str | None] = {}
    wrong: dict[str, str] = {}
    for key, value in values.items():
        cell = asked.definition.cells.get(key)
        if cell is None:
            raise NotFound("Biểu của kỳ này không có ô đã gửi. Hãy tải lại biểu rồi nhập tiếp.")
        try:
            parsed[key] = parse_value(cell, value)
        except BadValue as error:
            wrong[key if is_alone else f"{unit}/{key}"] = str(error)
    if wrong:
        raise InvalidInput(fields=wrong)
    return parsed


def subject(asked: Asked, units: Sequence[str]) -> str:
    """Return what an audit row is about: one unit's report, or the form's period for several."""
    whose = units[0] if len(units) == 1 else f"{len(units)} units"
    return f"registry:{asked.version.code}/{asked.period.key}/{asked.organisation}/{whose}"


def topic(asked: Asked) -> str:
    """Return the live topic of a form's period: its totals and coverage."""
    return f"registry/{asked.version.form_id}/{asked.organisation}/{asked.period.key.lower()}"
