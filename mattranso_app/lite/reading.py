"""Reading without a script: the first page, the list with its search, one petition, and following by receipt."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from mattranso_app.core import files
from mattranso_app.core.access import current_actor, public
from mattranso_app.core.db import reading
from mattranso_app.core.errors import DomainError, Unavailable
from mattranso_app.core.files.reading import LINK_SECONDS
from mattranso_app.core.http import route
from mattranso_app.core.search.index import MOST_FOUND
from mattranso_app.lite import text
from mattranso_app.lite.rendering import ROOT, page
from mattranso_app.petitions import service, words
from mattranso_app.petitions import text as petition_text
from mattranso_app.petitions.models import Kind
from mattranso_app.petitions.shapes import AnswerView, PublicItem, SenderPetition

LATEST = 6
"""Answers on the first page."""
PAGE = 20
"""Rows of the list."""
_STATES = {"dang-xu-ly": False, "da-tra-loi": True}


class ListAddress(BaseModel):
    """What the list's address may carry, named as on `/phan-anh`; the rest is ignored, as messengers add their own."""

    model_config = ConfigDict(populate_by_name=True)

    q: str = Field(default="", max_length=200)
    loai: Kind | None = None
    trang_thai: str = Field(default="", alias="trang-thai", pattern="^(|dang-xu-ly|da-tra-loi)$")
    noi: str = Field(default="", max_length=20, pattern="^[a-z0-9]*$")
    tiep: str = Field(default="", max_length=100)

    def address(self, following: str = "") -> str:
        """Return the list's address with these filters, at the page `following` or the first."""
        kept = {**self.model_dump(by_alias=True, mode="json", exclude_none=True), "tiep": following}
        parameters = {name: value for name, value in kept.items() if value}
        return f"{ROOT}/phan-anh?{urlencode(parameters)}" if parameters else f"{ROOT}/phan-anh"


def typed(value: str, limit: int = 0) -> str:
    """Return what a person typed for showing it again: all of it but control characters, which no page may hold."""
    shown = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", "", value)
    return shown[:limit] if limit else shown


@route(ROOT)
@public
async def home(request: Request) -> Response:
    """Show what one can do here and what was answered last."""
    async with reading() as session:
        latest = await service.latest_answers(session, LATEST)
    return page(
        request, "home.html", title=text.HOME_TITLE, full_page="/", description=text.HOME_DESCRIPTION,
        items=[words.item(row) for row in latest],
    )


@route(f"{ROOT}/phan-anh")
@public
async def show_list(request: Request) -> Response:
    """Show a page of what is published, or of what was searched."""
    given = {name: typed(value).strip() for name, value in request.query_params.items()}
    given = {name: value for name, value in given.items() if value}
    shown: dict[str, Any] = {"items": [], "count": "", "next_page": "", "unit": "", "message": ""}
    status = 200
    try:
        asked = ListAddress.model_validate(given)
    except ValidationError:
        asked = ListAddress(q=given.get("q", "")[:200])
        shown["message"], status = petition_text.WRONG_VALUE, 400
    else:
        try:
            shown |= await _rows(asked)
        except DomainError as error:
            shown["message"], status = error.text, int(error.status)
    return page(
        request, "list.html", title=text.LIST_TITLE, full_page="/phan-anh", status=status, asked=asked, texts=petition_text,
        kinds=petition_text.KINDS, states=petition_text.PUBLIC_FILTER_STATES,
        everywhere=asked.model_copy(update={"noi": ""}).address(),
        first_page=asked.address() if asked.tiep or status == 400 else "", **shown,
    )


async def _rows(asked: ListAddress) -> dict[str, Any]:
    narrowed = await service.public_filter(asked.noi, asked.loai, _STATES.get(asked.trang_thai))
    counted, following, message = "", "", ""
    if asked.q:
        offset = int(asked.tiep) if re.fullmatch("[0-9]{1,4}", asked.tiep) else 0
        try:
            rows, total, is_capped = await service.search_public(asked.q, narrowed, min(offset, MOST_FOUND), PAGE)
            following = str(offset + PAGE) if offset + PAGE < min(total, MOST_FOUND) else ""
            counted = (petition_text.COUNT_CAPPED if is_capped else petition_text.COUNT).format(count=words.number(total)) if rows else ""
        except Unavailable as error:  # the index is not there; the list itself is
            rows, message = (await service.list_public(narrowed, "", PAGE)).items, error.text
    else:
        listed = await service.list_public(narrowed, asked.tiep, PAGE)
        rows, following = listed.items, listed.next or ""
    return {
        "items": [words.item(row) for row in rows], "count": counted, "message": message, "unit": _unit_name(asked.noi, rows),
        "next_page": asked.address(following) if following else "",
    }


def _unit_name(code: str, rows: list[PublicItem]) -> str:
    """Return what the list is narrowed to, as its rows say it: no other statement is spent on a name."""
    if not code:
        return ""
    if not rows:
        return text.CHOSEN_PLACE
    return rows[0].unit.name if rows[0].unit.code == code else rows[0].unit.province


@route(f"{ROOT}/phan-anh/{{number}}")
@public
async def show_petition(request: Request) -> Response:
    """Show the public part of one petition with its whole course."""
    found = await service.get_public(request.path_params["number"])
    shown = words.petition(found)
    return page(
        request, "petition.html", title=found.title or f"{petition_text.ITEM_HEADING} {found.number}",
        full_page=f"/phan-anh/{found.number}", item=shown, texts=petition_text, unit=found.unit,
        description=(found.body or petition_text.NOT_PUBLIC_YET).replace("\n", " ")[:160],
        photos=_photos([(file, file.path) for file in found.photos]),
        attachments=_attachments(found.answer, is_signed=False),
    )


@route(f"{ROOT}/theo-doi")
@public
async def ask_receipt(request: Request) -> Response:
    """Show the form for a receipt."""
    return _ask(request)


@route(f"{ROOT}/theo-doi", methods=["POST"])
@public
async def follow(request: Request) -> Response:
    """Show one petition to its sender. The receipt comes in the body and stands in no address."""
    async with files.read_form(request, files.FormLimits(fields=5, field_bytes=1024, files=1, file_bytes=1024)) as form:
        receipt = form.field("receipt")
    try:
        found = await service.follow(current_actor(), receipt)
    except DomainError as error:
        answer = _ask(request, typed(receipt, 60), error.text, int(error.status))
        if error.retry_after is not None:
            answer.headers["Retry-After"] = str(error.retry_after)
        return answer
    return page(
        request, "yours.html", title=found.title, full_page="/phan-anh/theo-doi", is_private=True, item=_sender(found),
        texts=petition_text, receipt=typed(receipt, 60), hint=found.contact_hint, minutes=LINK_SECONDS // 60,
        photos=_photos([(file, files.signed_path(file.id)) for file in found.photos]),
        attachments=_attachments(found.answer, is_signed=True),
    )


def _ask(request: Request, receipt: str = "", message: str = "", status: int = 200) -> Response:
    return page(
        request, "follow.html", title=petition_text.FOLLOW_TITLE, full_page="/phan-anh/theo-doi", status=status, is_private=True,
        texts=petition_text, receipt=receipt, message=message,
    )


def _sender(found: SenderPetition) -> dict[str, object]:
    """Return the petition for the page, in the sender's own words and with the answer as it was written to him."""
    shown = words.petition(found.public)
    return {
        **shown, "title": found.title, "body": found.body, "place": found.place,
        "answer": found.answer.body if found.answer else "",
        "answer_heading": f"{shown['status']} · {words.moment(found.answer.at)}" if found.answer else "",
    }


def _photos(found: list[tuple[files.StoredFile, str]]) -> list[dict[str, str]]:
    """Return links to photos. The pictures themselves are not in the page: who pays by the megabyte opens what he wants."""
    return [
        {"href": address, "name": text.FILE_SIZE.format(name=text.PHOTO.format(place=place), size=size_words(file.size))}
        for place, (file, address) in enumerate(found, 1)
    ]


def _attachments(answer: AnswerView | None, is_signed: bool) -> list[dict[str, str]]:
    return [
        {
            "href": files.signed_path(file.id) if is_signed else file.path,
            "name": text.FILE_SIZE.format(name=file.name, size=size_words(file.size)),
        }
        for file in (answer.files if answer else [])
    ]


def size_words(size: int) -> str:
    """Return a size in bytes as people read it: "240 KB", "1,4 MB"."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} KB"
    return f"{size / 1_000_000:.1f} MB".replace(".", ",")
