"""Figures for programs people run themselves, by personal access token: forms, reports, saving and handing up.

Numbers are JSON numbers or plain decimals ("1234.5"); people's own notation (1.234,5) is for people and refused here, so
that what was read can be sent back as it is. Writing is by the verbs of the form.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mattranso_app.core.access import Action, current_actor, needs
from mattranso_app.core.errors import InvalidInput
from mattranso_app.core.http import json_body, query, route
from mattranso_app.core.reporting.forms import FormDefinition
from mattranso_app.core.reporting.models import Source
from mattranso_app.core.reporting.reports import Written
from mattranso_app.registry import service
from mattranso_app.registry.service import reading

PAGE_LIMIT = 500
_NUMBER = re.compile(r"-?\d{1,20}(\.\d{1,10})?")
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


def _written(written: Written) -> dict[str, object]:
    return {"revision": written.revision, "state": written.state.value, "changed": written.changed, "values": dict(written.cells)}


def _private(body: dict[str, object]) -> Response:
    return JSONResponse(body, headers={"Cache-Control": "no-store"})
