"""A form laid out as people know it from paper: tables of indicators by breakdown. As JSON for the sheet in the browser.

Indicators that follow one another with the same breakdown share a table: a row each, the last category's options across,
the options of categories before it as rows of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, product
from typing import Any

from mattranso_app.core.clock import VN
from mattranso_app.core.reporting.forms import Cell, FormDefinition, Indicator, Section
from mattranso_app.core.reporting.models import State
from mattranso_app.registry.service import CellNotes, Filling
from mattranso_app.registry.text import entry as text


def tables(form: FormDefinition, section: Section) -> Iterator[dict[str, Any]]:
    """Return the tables of a section: `columns` (labels; one empty label for no breakdown) and `rows`.

    A row has `name`, `note` (unit of measure), `help`, `level` (1 for a part of the row above) and `cells`, keys or None.
    """
    for codes, group in groupby(section.indicators, key=lambda indicator: indicator.categories):
        if not codes:
            yield {"columns": [""], "rows": [_row(indicator, [indicator.code]) for indicator in group]}
            continue
        *before, across = [next(each for each in form.categories if each.code == code) for code in codes]
        rows = []
        for indicator in group:
            parts = [_part(indicator, (), option.code) for option in across.options]
            if not before:
                rows.append(_row(indicator, [indicator.code, *parts]))
                continue
            rows.append(_row(indicator, [indicator.code, *[None] * len(across.options)]))
            for down in product(*(category.options for category in before)):
                keys = [_part(indicator, [option.code for option in down], option.code) for option in across.options]
                rows.append({"name": ", ".join(option.name for option in down), "note": "", "help": "", "level": 1, "cells": [None, *keys]})
        yield {"columns": [text.WHOLE, *(option.name for option in across.options)], "rows": rows}


def _part(indicator: Indicator, down: Sequence[str], across: str) -> str:
    return f"{indicator.code}/{'.'.join([*down, across])}"


def _row(indicator: Indicator, cells: Sequence[str | None]) -> dict[str, Any]:
    return {"name": indicator.name, "note": indicator.measure, "help": indicator.help, "level": 0, "cells": list(cells)}


def cell_as_json(cell: Cell) -> dict[str, Any]:
    """Return what the browser must know of a cell: name, kind, whether it is computed or compulsory, its choices."""
    kind = cell.indicator.type
    found: dict[str, Any] = {"name": cell.name, "type": kind}
    if cell.is_computed:
        found["computed"] = True
    if cell.is_required:
        found["required"] = True
    if kind == "choice":
        found["options"] = [[option.code, option.name] for option in cell.indicator.options]
    return found


def as_json(filling: Filling, person: str) -> dict[str, Any]:
    """Return what the sheet in the browser works with.

    Args:
        filling: from `service.open_report`.
        person: id of who reads, under which the browser keeps what is not sent yet.
    """
    asked, report = filling.asked, filling.report
    form = asked.definition
    decision = filling.decision
    return {
        "person": person,
        "title": form.title, "purpose": form.purpose, "basis": form.basis,
        "period": asked.period.label, "last_period": asked.period.previous.label,
        "organisation": filling.organisation_name, "unit": filling.unit.name,
        "due": f"{asked.due_at.astimezone(VN):%d/%m/%Y}",
        **state_as_json(report["state"] if report else "none"),
        "revision": report["revision"] if report else 0,
        "locked": filling.is_locked, "opens": f"{filling.opens_on:%d/%m/%Y}" if filling.opens_on else "",
        "may_enter": filling.may_enter,
        "decision": None if decision is None else {
            "act": decision["act"], "reason": decision["reason"], "name": decision["person_name"],
            "day": f"{decision['at'].astimezone(VN):%d/%m/%Y}",
        },
        "sections": [
            {"title": section.title, "note": section.note, "tables": list(tables(form, section))} for section in form.sections
        ],
        "cells": {key: cell_as_json(cell) for key, cell in form.cells.items()},
        "values": {key: value for key, value in (report["cells"] if report else {}).items() if key in form.cells},
        "last": {key: value for key, value in filling.last_cells.items() if key in form.cells},
        "judge": filling.judge, "others": filling.others,
        "gaps": report["gaps"] if report else {}, "explanations": report["explanations"] if report else {},
        "comments": filling.comments,
    }  # fmt: skip


def state_as_json(state: str) -> dict[str, Any]:
    """Return where a report stands: `state` (`none` before anything was entered), its words and kind, whether a change amends it."""
    return {"state": state, "state_words": text.STATES[state], "is_amending": state == State.SUBMITTED}


def notes_as_json(found: CellNotes) -> dict[str, Any]:
    """Return the history and the comments of one cell in words."""
    return {
        "changes": [
            {
                "when": f"{row['at'].astimezone(VN):%H:%M %d/%m/%Y}", "who": row["person_name"],
                "before": row["before"], "after": row["after"],
                "how": f"{text.ACTS[row['act']]} {text.SOURCES[row['source']]}", "reason": row["reason"],
            }
            for row in found.changes
        ],
        "comments": [
            {"when": f"{row['at'].astimezone(VN):%H:%M %d/%m/%Y}", "who": row["person_name"], "body": row["body"]} for row in found.comments
        ],
    }  # fmt: skip
