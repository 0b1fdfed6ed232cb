"""Figures for programs people run themselves, by personal access token: forms, reports, saving and handing up.

Numbers are JSON numbers or plain decimals ("1234.5"); people's own notation (1.234,5) is for people and refused here, so
that what was read can be sent back as it is. Writing is by the verbs of the form.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mattranso_app.core.access import Action, current_actor, needs
from mattranso_app.core.errors import InvalidInput
from mattranso_app.core.http import json_body, query, route
from mattranso_app.core.reporting.forms import FormDefinition
from mattranso_app.core.reporting.models import Source
from mattranso_app.core.reporting.reports import Written
from mattranso_app.core.reporting.values import plain_number
from mattranso_app.registry import service
from mattranso_app.registry.service import reading, totals
from mattranso_app.units.service import glimpse_unit

PAGE_LIMIT = 500
_NUMBER = re.compile(r"-?\d{1,20}(\.\d{1,10})?")
_APART = "(place|period|organisation|level)"
_ADDRESS = "/api/v1/registry/reports/{form}/{period}/{organisation}/{unit}"
NOT_PLAIN = "Số ở đây viết kiểu máy: 1234.5 (dấu chấm trước phần lẻ, không chấm nghìn)."


class Nothing(BaseModel):
    """No parameters."""


class FormsQuery(BaseModel):
    """Parameters of the list of forms."""

    limit: int = Field(default=100, ge=1, le=PAGE_LIMIT)
    cursor: str = Field(default="", max_length=40)


class FormQuery(BaseModel):
    """Parameters of one form: the period whose version is meant, the newest without."""

    period: str = Field(default="", max_length=20)


class ReportsQuery(BaseModel):
    """Parameters of the list of reports."""

    form: str = Field(max_length=40)
    period: str = Field(max_length=20)
    organisation: str = Field(default="mttq", max_length=20)
    unit: str = Field(default="", max_length=20)
    state: str = Field(default="", pattern="^(draft|submitted|returned|approved|)$")
    limit: int = Field(default=100, ge=1, le=PAGE_LIMIT)
    cursor: str = Field(default="", pattern=r"^\d{0,18}$")


class TotalsQuery(BaseModel):
    """Parameters of totals; several values are parted by commas."""

    form: str = Field(max_length=40)
    first: str = Field(max_length=20)
    last: str = Field(default="", max_length=20)
    organisation: str = Field(default="mttq", max_length=120)
    unit: str = Field(default="vn", max_length=20)
    cells: str = Field(default="", max_length=4_000)
    by: str = Field(default="", pattern=f"^({_APART}(,{_APART}){{0,3}})?$")
    map: str = Field(default="reported", pattern="^(reported|today)$")


class Values(BaseModel):
    """What a PUT writes: cells not named stay, null empties one."""

    model_config = ConfigDict(extra="forbid")
    values: dict[str, int | float | str | None] = Field(max_length=600)
    revision: int | None = Field(default=None, ge=0)
    reason: str = Field(default="", max_length=500)


class Handing(BaseModel):
    """What comes with handing a report up."""

    model_config = ConfigDict(extra="forbid")
    gaps: dict[str, str] = Field(default_factory=dict, max_length=600)
    explanations: dict[str, str] = Field(default_factory=dict, max_length=100)
    revision: int | None = Field(default=None, ge=0)


@route("/api/v1/registry/forms")
@needs(Action.REGISTRY_READ)
async def list_forms(request: Request) -> Response:
    """Return a page of the forms whose figures the person may see, by code."""
    wanted = query(request, FormsQuery)
    forms, following = await reading.list_forms(current_actor(), wanted.cursor, wanted.limit)
    return _private({"items": [_form(each.code, each.version, each.from_period, each.definition) for each in forms], "next": following})


@route("/api/v1/registry/forms/{form}")
@needs(Action.REGISTRY_READ)
async def get_form(request: Request) -> Response:
    """Return one version of a form with its cells and its definition."""
    wanted = query(request, FormQuery)
    found = await reading.get_form(current_actor(), request.path_params["form"], wanted.period)
    cells = [
        {
            "key": cell.key, "name": cell.name, "type": cell.indicator.type, "measure": cell.indicator.measure or None,
            "computed": cell.is_computed, "required": cell.is_required,
        }
        for cell in found.definition.cells.values()
    ]  # fmt: skip
    body = _form(found.code, found.version, found.from_period, found.definition)
    return _private({**body, "cells": cells, "definition": found.definition.model_dump(mode="json")})


@route("/api/v1/registry/reports")
@needs(Action.REGISTRY_READ)
async def list_reports(request: Request) -> Response:
    """Return a page of reports inside the person's scope, with their values."""
    wanted = query(request, ReportsQuery)
    rows, following = await reading.list_reports(
        current_actor(), wanted.form, wanted.period, wanted.organisation, wanted.unit, wanted.state, int(wanted.cursor or 0), wanted.limit
    )
    return _private({"items": [_report(row) for row in rows], "next": following})


@route(_ADDRESS)
@needs(Action.REGISTRY_READ)
async def get_report(request: Request) -> Response:
    """Return one unit's report; an empty one of revision 0 when it has not begun."""
    query(request, Nothing)
    return _private(_report(await reading.get_report(current_actor(), *_which(request))))


@route(_ADDRESS, methods=["PUT"])
@needs(Action.REGISTRY_ENTER)
async def save(request: Request) -> Response:
    """Write values; sent again it changes nothing more.

    Raises:
        InvalidInput, Conflict, Forbidden, NotFound: as `service.save_reports`.
    """
    query(request, Nothing)
    sent = await json_body(request, Values)
    form, period, organisation, unit = _which(request)
    found = await reading.get_form(current_actor(), form, period)
    seen = None if sent.revision is None else {unit: sent.revision}
    values = _machine_values(found.definition, sent.values)
    written = await service.save_reports(current_actor(), form, period, organisation, {unit: values}, Source.API, seen, sent.reason)
    return _private(_written(written[unit]))


@route(f"{_ADDRESS}/submit", methods=["POST"])
@needs(Action.REGISTRY_ENTER)
async def submit(request: Request) -> Response:
    """Hand a report up. Raises as `service.submit_report`."""
    query(request, Nothing)
    sent = await json_body(request, Handing)
    form, period, organisation, unit = _which(request)
    written = await service.submit_report(
        current_actor(), form, period, organisation, unit, Source.API, sent.gaps, sent.explanations, sent.revision
    )
    return _private(_written(written))


@route("/api/v1/registry/totals")
@needs(Action.REGISTRY_READ)
async def list_totals(request: Request) -> Response:
    """Return totals of a form over a range of periods, each with its coverage.

    Raises:
        Forbidden, NotFound, Gone, InvalidInput: as `totals.get_totals`.
    """
    wanted = query(request, TotalsQuery)
    area = await glimpse_unit(wanted.unit)
    asked = totals.Question(
        wanted.form, wanted.first, wanted.last or wanted.first, tuple(dict.fromkeys(wanted.organisation.split(","))), area.path,
        tuple(dict.fromkeys(filter(None, wanted.cells.split(",")))), on_today=wanted.map == "today",
        by=cast("tuple[totals.Apart, ...]", tuple(dict.fromkeys(filter(None, wanted.by.split(","))))),
    )  # fmt: skip
    return _private({"items": [_total(row) for row in await totals.get_totals(current_actor(), asked)]})


def _which(request: Request) -> tuple[str, str, str, str]:
    named = request.path_params
    return named["form"][:40], named["period"][:20], named["organisation"][:20], named["unit"][:20]


def _machine_values(form: FormDefinition, values: dict[str, int | float | str | None]) -> dict[str, object]:
    """Return numbers as such.

    Raises:
        InvalidInput: a number in people's notation.
    """
    found: dict[str, object] = {}
    wrong: dict[str, str] = {}
    for key, value in values.items():
        cell = form.cells.get(key)
        if cell is not None and cell.is_number and isinstance(value, str) and value:
            if _NUMBER.fullmatch(value) and value.isascii():
                found[key] = Decimal(value)
            else:
                wrong[key] = NOT_PLAIN
        else:
            found[key] = value
    if wrong:
        raise InvalidInput(fields=wrong)
    return found


def _form(code: str, version: int, from_period: str, definition: FormDefinition) -> dict[str, object]:
    return {
        "code": code, "title": definition.title, "version": version, "from_period": from_period,
        "period_kind": definition.period_kind.value, "levels": list(definition.levels), "organisations": list(definition.organisations),
    }  # fmt: skip


def _report(row: Any) -> dict[str, object]:
    moment = row["submitted_at"]
    return {
        "form": row["form"], "period": row["period"], "organisation": row["organisation"], "unit": row["unit"], "state": row["state"],
        "revision": row["revision"], "values": row["cells"], "gaps": row["gaps"], "late": row["is_late"], "amendments": row["amendments"],
        "submitted_at": moment.isoformat() if moment else None,
    }  # fmt: skip


def _total(row: totals.Row) -> dict[str, object]:
    def number(value: Decimal | None) -> str | None:
        return None if value is None else plain_number(value)

    return {
        "unit": row.place.rstrip("/").rpartition("/")[2], "name": row.name, "period": row.period, "organisation": row.organisation,
        "level": row.level, "divided": row.is_divided,
        "coverage": {
            "expected": row.coverage.expected, "reports": row.coverage.reports, "late": row.coverage.late,
            "amended": row.coverage.amended, "approved": row.coverage.approved,
        },
        "values": {
            key: {
                "value": number(each.value), "filled": each.filled, "period": each.period, "year_before": number(each.year_before),
            }
            for key, each in row.figures.items()
        },
    }  # fmt: skip


def _written(written: Written) -> dict[str, object]:
    return {"revision": written.revision, "state": written.state.value, "changed": written.changed, "values": dict(written.cells)}


def _private(body: dict[str, object]) -> Response:
    return JSONResponse(body, headers={"Cache-Control": "no-store"})
