"""The sheet of one report over plain HTTP: its form and values, saving what was typed, handing it up, notes about a cell.

None of it needs the page's socket, so that figures typed without network are sent when it is back.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mattranso_app.core.access import Action, current_actor, needs
from mattranso_app.core.clock import VN, now
from mattranso_app.core.http import json_body, query, route
from mattranso_app.core.reporting.forms import MOST_CELLS
from mattranso_app.core.reporting.models import Source
from mattranso_app.core.reporting.values import LONGEST_WORDS
from mattranso_app.registry import service, sheet

ADDRESS = "/csdl/so-lieu/{form}/{period}/{organisation}/{unit}"
SHEET_LIMIT = 4 * 1024 * 1024
"""Bytes of what is saved at once: all cells of a form of words."""
NOT_KEPT = {"Cache-Control": "no-store"}

Typed = Annotated[str, StringConstraints(max_length=LONGEST_WORDS * 2)]
Words = Annotated[str, StringConstraints(max_length=2_000)]
Key = Annotated[str, StringConstraints(max_length=200)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Saved(_Body):
    """What was typed, by cell; an empty text or null empties one. `seen`: the revision that was looked at."""

    values: dict[Key, Typed | None] = Field(max_length=MOST_CELLS)
    seen: int = Field(ge=0, le=1_000_000_000)
    source: Literal["form", "offline"] = "form"
    reason: Words = ""


class Handed(_Body):
    """A person's word that the report is complete; see `service.submit_report`."""

    seen: int = Field(ge=0, le=1_000_000_000)
    gaps: dict[Key, Words] = Field(default_factory=dict, max_length=MOST_CELLS)
    explanations: dict[Key, Words] = Field(default_factory=dict, max_length=100)


class CellAsked(BaseModel):
    """Which cell."""

    key: Key


class Said(_Body):
    """A comment about a cell."""

    key: Key
    body: Annotated[str, StringConstraints(max_length=10_000)]


def _place(request: Request) -> tuple[str, str, str, str]:
    names = request.path_params
    return names["form"], names["period"], names["organisation"], names["unit"]


async def _opened(place: tuple[str, str, str, str]) -> Response:
    actor = current_actor()
    filling = await service.open_report(actor, *place)
    return JSONResponse(sheet.as_json(filling, str(actor.person_id)), headers=NOT_KEPT)


@route(ADDRESS)
@needs(Action.REGISTRY_READ)
async def open_sheet(request: Request) -> Response:
    """Return the sheet: form, values, last period's, checks and what they refer to."""
    return await _opened(_place(request))


@route(ADDRESS, methods=["POST"])
@needs(Action.REGISTRY_ENTER)
async def save_sheet(request: Request) -> Response:
    """Save what was typed; say the revision, whether it is the next one after `seen` or others wrote too, and when.

    Raises:
        InvalidInput: values cells cannot take, `fields` by cell; nothing was saved.
        Conflict: others changed some of the cells since `seen`, `fields` by cell; or the report is locked or decided on.
    """
    sent = await json_body(request, Saved, SHEET_LIMIT)
    form, period, organisation, unit = _place(request)
    seen = {unit: sent.seen}
    written = await service.save_reports(
        current_actor(), form, period, organisation, {unit: sent.values}, Source(sent.source), seen, sent.reason
    )
    done = written[unit]
    others_wrote = done.revision - bool(done.changed) > sent.seen
    answer = {"revision": done.revision, "others_wrote": others_wrote, "saved": f"{now().astimezone(VN):%H:%M}"}
    return JSONResponse(answer | sheet.state_as_json(done.state), headers=NOT_KEPT)


@route(f"{ADDRESS}/gui", methods=["POST"])
@needs(Action.REGISTRY_ENTER)
async def submit_sheet(request: Request) -> Response:
    """Hand the report up; return the sheet as it is then.

    Raises:
        InvalidInput: gaps and doubts without a word, hard checks; `fields` by cell or `check:<name>`.
        Conflict: it has changed since `seen`, is locked, or has been handed up already.
    """
    sent = await json_body(request, Handed, SHEET_LIMIT)
    place = _place(request)
    await service.submit_report(current_actor(), *place, Source.FORM, sent.gaps, sent.explanations, sent.seen)
    return await _opened(place)


@route(f"{ADDRESS}/o")
@needs(Action.REGISTRY_READ)
async def read_cell(request: Request) -> Response:
    """Return who changed one cell when, from where and why, and what was said about it."""
    asked = query(request, CellAsked)
    found = await service.read_cell(current_actor(), *_place(request), asked.key)
    return JSONResponse(sheet.notes_as_json(found), headers=NOT_KEPT)


@route(f"{ADDRESS}/y-kien", methods=["POST"])
@needs(Action.REGISTRY_READ)
async def comment_cell(request: Request) -> Response:
    """Keep a comment about one cell; return all that is known about the cell."""
    sent = await json_body(request, Said)
    place = _place(request)
    await service.comment_cell(current_actor(), *place, sent.key, sent.body)
    return JSONResponse(sheet.notes_as_json(await service.read_cell(current_actor(), *place, sent.key)), headers=NOT_KEPT)
