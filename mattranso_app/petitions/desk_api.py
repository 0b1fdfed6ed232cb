"""The desk over plain HTTP: the draft that is saved while one writes, and files for an answer. Neither needs the page's socket."""

from __future__ import annotations

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mattranso_app.core import files
from mattranso_app.core.access import Action, current_actor, needs
from mattranso_app.core.clock import VN, now
from mattranso_app.core.errors import InvalidInput
from mattranso_app.core.http import json_body, route
from mattranso_app.petitions import desk_words, service, text
from mattranso_app.petitions.numbers import read_number


class Draft(BaseModel):
    """An unfinished answer, with the version of the petition its author was looking at."""

    number: str = Field(max_length=20)
    version: int = Field(ge=0, le=1_000_000)
    outcome: str = Field(default="", max_length=20)
    body: str = Field(default="", max_length=50_000)


@route("/phan-anh/ban-lam-viec/nhap", methods=["POST"])
@needs(Action.PETITION_HANDLE)
async def save_draft(request: Request) -> Response:
    """Keep the unfinished answer; say when, what will be masked, and how the public copy reads."""
    draft = await json_body(request, Draft)
    masked = await service.save_draft(current_actor(), draft.number, draft.version, draft.outcome, draft.body)
    return JSONResponse(
        {
            "saved": f"{now().astimezone(VN):%H:%M}", "masked": desk_words.masked_words(masked.spans),
            "parts": desk_words.masked_parts(masked.text),
        },
        headers={"Cache-Control": "no-store"},
    )


@route("/phan-anh/ban-lam-viec/tep", methods=["POST"])
@needs(Action.PETITION_HANDLE)
async def attach(request: Request) -> Response:
    """Keep one file (part `file`) for the answer to `number`.

    Raises:
        InvalidInput: no file came.
        TooLarge, Unsupported, Unavailable: see `files.prepare`; the words name the file and what to do.
        NotFound, Forbidden: the petition is not in the officer's scope.
    """
    async with files.read_form(request, files.FormLimits(files=1)) as form:
        sent = form.files_of("file")
        if not sent:
            raise InvalidInput(text.FILE_MISSING, fields={"file": text.FILE_MISSING})
        prepared = await files.prepare(sent[0], sent[0].name, files.Purpose.ATTACHMENT)
        file_id = await service.attach_evidence(current_actor(), read_number(form.field("number")) or "", prepared)
    return JSONResponse({"id": str(file_id), "name": prepared.name}, 201, {"Cache-Control": "no-store"})
