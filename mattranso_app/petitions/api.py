"""Petitions over plain HTTP: the form's one request, the public part as JSON."""

from __future__ import annotations

import json

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mattranso_app.core import files
from mattranso_app.core.access import current_actor, public
from mattranso_app.core.errors import BadRequest, DomainError
from mattranso_app.core.http import json_body, query, route
from mattranso_app.core.search import MOST_FOUND
from mattranso_app.petitions import service, text, words
from mattranso_app.petitions.models import Channel, Kind
from mattranso_app.petitions.shapes import PAGE_LIMIT, PublicItem, PublicPetition
from mattranso_app.petitions.submission import check_client_key, check_submission
from mattranso_app.settings import settings


def form_limits() -> files.FormLimits:
    """Return what one submission may hold."""
    return files.FormLimits(files=settings().photos_per_petition)


async def take_submission(form: files.Form, client_key: str, values: dict[str, object], channel: Channel) -> service.Sent:
    """Check a form and its photos, and take the petition in.

    Args:
        form: the form as it was read, for its photos.
        client_key: the sender's key.
        values: the form's fields.
        channel: the door.

    Raises:
        InvalidInput: a field or a photo is wrong; `fields` says which.
        Conflict, TooMany: see `service.submit_petition`.
    """
    check_client_key(client_key)
    submission = check_submission({**values, "channel": channel})
    photos = []
    for place, file in enumerate(form.files_of("photo"), 1):
        try:
            photos.append(await files.prepare(file, file.name, files.Purpose.PHOTO))
        except DomainError as error:
            raise service.photo_problem(place, error) from error
    return await service.submit_petition(current_actor(), client_key, submission, photos)


@route("/phan-anh/gui", methods=["POST"])
@public
async def submit(request: Request) -> Response:
    """Take one petition: multipart with a text part `payload` (JSON) and `photo` parts, header `Idempotency-Key`."""
    async with files.read_form(request, form_limits()) as form:
        try:
            payload = json.loads(form.field("payload", "{}"))
        except (ValueError, RecursionError) as error:
            raise BadRequest() from error
        if not isinstance(payload, dict):
            raise BadRequest()
        known = {name: payload[name] for name in _FIELDS if name in payload}
        sent = await take_submission(form, request.headers.get("idempotency-key", ""), known, Channel.WEB)
    return JSONResponse(
        {
            "number": sent.number, "receipt": sent.receipt, "due": words.day_of(sent.due_at), "basis": sent.basis,
            "destination": sent.reason,
        },
        201,
        {"Cache-Control": "no-store"},
    )


_FIELDS = ("kind", "title", "body", "unit", "place", "phone", "email", "consent", "website")


LARGEST_PAGE = 5_000
"""Rows of one page over HTTP (DESIGN 3)."""


class NoParameters(BaseModel):
    """An address that takes none."""


class ListQuery(BaseModel):
    """Parameters of the public list."""

    unit: str = Field(default="", max_length=20)
    kind: Kind | None = None
    answered: bool | None = None
    query: str = Field(default="", max_length=200)
    limit: int = Field(default=50, ge=1, le=LARGEST_PAGE)
    cursor: str = Field(default="", max_length=100)


@route("/api/v1/petitions")
@public
async def list_petitions(request: Request) -> Response:
    """Return a page of published petitions, newest first; with `query` those that answer it, best first."""
    wanted = query(request, ListQuery)
    narrowed = await service.public_filter(wanted.unit, wanted.kind, wanted.answered)
    if wanted.query.strip():
        offset = int(wanted.cursor) if wanted.cursor.isdecimal() else 0
        limit = min(wanted.limit, PAGE_LIMIT)
        rows, total, is_capped = await service.search_public(wanted.query, narrowed, offset, limit)
        following = offset + limit
        next_cursor = str(following) if following < min(total, MOST_FOUND) else None
    else:
        page = await service.list_public(narrowed, wanted.cursor, wanted.limit)
        total, is_capped = await service.count_public(narrowed)
        rows, next_cursor = page.items, page.next
    body = {"items": [_item(row) for row in rows], "total": total, "total_capped": is_capped, "next": next_cursor}
    return JSONResponse(body, headers={"Cache-Control": "public, max-age=5"})


@route("/api/v1/petitions/{number}")
@public
async def get_petition(request: Request) -> Response:
    """Return the public part of one petition."""
    query(request, NoParameters)
    found = await service.get_public(request.path_params["number"])
    return JSONResponse(_whole(found), headers={"Cache-Control": "public, max-age=5"})


class DestinationQuery(BaseModel):
    """Parameters of the question where a petition goes."""

    kind: Kind = Kind.REPORT
    unit: str = Field(max_length=20)


@route("/api/v1/petition-destination")
@public
async def destination(request: Request) -> Response:
    """Return in words where a petition goes and why; shown before sending."""
    wanted = query(request, DestinationQuery)
    found = await service.explain_destination(wanted.kind, wanted.unit)
    return JSONResponse({"unit": found.unit.code, "name": found.unit.name, "reason": found.reason})


class Receipt(BaseModel):
    """The secret receipt; only ever in a body."""

    receipt: str


@route("/api/v1/petitions-follow", methods=["POST"])
@public
async def follow(request: Request) -> Response:
    """Return one petition as its sender sees it; its files by links that hold for a quarter of an hour."""
    wanted = await json_body(request, Receipt)
    found = await service.follow(current_actor(), wanted.receipt)
    body = {
        **_whole(found.public), "title": found.title, "body": found.body, "place": found.place,
        "photos": [{"address": files.signed_path(file.id)} for file in found.photos],
        "answer": found.answer.body if found.answer else None,
        "answer_files": [
            {"name": file.name, "address": files.signed_path(file.id)} for file in (found.answer.files if found.answer else ())
        ],
    }
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


def _item(row: PublicItem) -> dict[str, object]:
    return {
        "number": row.number, "kind": row.kind, "title": row.title, "unit": {"code": row.unit.code, "name": words.unit_words(row.unit)},
        "state": row.state, "outcome": row.outcome, "created_at": row.created_at.isoformat(),
        "published_at": row.published_at.isoformat(), "due_at": row.due_at.isoformat(),
        "answered_at": row.answered_at.isoformat() if row.answered_at else None, "is_sample": row.is_sample,
    }


def _whole(found: PublicPetition) -> dict[str, object]:
    return {
        "number": found.number, "kind": found.kind, "state": found.state, "outcome": found.outcome,
        "unit": {"code": found.unit.code, "name": words.unit_words(found.unit)}, "created_at": found.created_at.isoformat(),
        "due_at": found.deadline.due_at.isoformat(), "due_basis": found.deadline.basis, "title": found.title, "body": found.body,
        "place": found.place, "publication": found.publication, "withheld_reason": found.withheld_reason,
        "photos": [{"address": file.path} for file in found.photos],
        "answer": found.answer.body if found.answer else None,
        "answer_files": [{"name": file.name, "address": file.path} for file in (found.answer.files if found.answer else ())],
        "answered_at": found.answered_at.isoformat() if found.answered_at else None,
        "timeline": [{"step": step.step, "at": step.at.isoformat(), "unit": step.unit, "note": step.note} for step in found.timeline],
        "is_sample": found.is_sample, "label": text.KINDS[found.kind],
    }
