"""The doors of one's own data. Plain forms, answered with a page or the way back to it; JSON where a program asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from mattranso_app.core import files
from mattranso_app.core.access import Action, current_actor, needs
from mattranso_app.core.errors import DomainError, InvalidInput, NotFound, ProofRequired
from mattranso_app.core.http import problem, route
from mattranso_app.core.problem_page import is_navigation
from mattranso_app.identity import service
from mattranso_app.identity.endpoints import read_body, uuid_or_none
from mattranso_app.identity.factors.endpoints import proof_asked
from mattranso_app.identity.own_data import pages, text
from mattranso_app.identity.service.own_data import SHOWN

DATA = "/tai-khoan/du-lieu"
Act = Callable[[dict[str, Any]], Awaitable[str]]
"""Does what a form asks for; returns the key of `text.DONE`."""


@route(DATA)
@needs(Action.ACCOUNT_OWN)
async def show(request: Request) -> Response:
    """Show what is held of the person."""
    return await _page(done=request.query_params.get("xong", ""))


@route(f"{DATA}/ten", methods=("POST",))
@needs(Action.ACCOUNT_OWN)
async def change_name(request: Request) -> Response:
    """Change the name the account shows."""
    async def act(data: dict[str, Any]) -> str:
        await service.change_name(current_actor(), _text(data, "ten"))
        return "ten"

    return await _act(request, act)


@route(f"{DATA}/lien-he", methods=("POST",))
@needs(Action.ACCOUNT_OWN)
async def request_code(request: Request) -> Response:
    """Send a code to a new contact and ask for it."""
    data, is_form = await read_body(request)
    try:
        challenge = await service.request_contact_code(current_actor(), _text(data, "lien-he"))
    except DomainError as error:
        return await _refused(error, request, data, is_form)
    if not is_form:
        return _json({"challenge": str(challenge.id), "sent_to": challenge.masked})
    return pages.code_page(str(challenge.id), challenge.masked)


@route(f"{DATA}/lien-he/xac-nhan", methods=("POST",))
@needs(Action.ACCOUNT_OWN)
async def confirm_contact(request: Request) -> Response:
    """Take the code sent to a new contact, and use that contact from now on."""
    data, is_form = await read_body(request)
    challenge = uuid_or_none(_text(data, "lan"))
    try:
        if challenge is None:
            raise NotFound()
        await service.confirm_contact(current_actor(), challenge, _text(data, "ma"))
    except InvalidInput as error:
        if not is_form:
            return problem(error)
        return pages.code_page(_text(data, "lan"), _text(data, "noi")[:60], error)
    except DomainError as error:
        return await _refused(error, request, data, is_form)
    return _done(is_form, "lien-he")


@route(f"{DATA}/tai-ve", methods=("POST",))
@needs(Action.ACCOUNT_OWN)
async def request_export(request: Request) -> Response:
    """Have an archive made."""
    async def act(_data: dict[str, Any]) -> str:
        await service.request_export(current_actor())
        return "tai-ve"

    return await _act(request, act)


@route(f"{DATA}/tai-ve/{{export_id}}")
@needs(Action.ACCOUNT_OWN)
async def fetch_export(request: Request) -> Response:
    """Send an archive to its owner, piece by piece."""
    export_id = uuid_or_none(request.path_params["export_id"])
    try:
        if export_id is None:
            raise NotFound(text.EXPORT_GONE)
        file = await service.fetch_export(current_actor(), export_id)
    except ProofRequired as error:
        if not is_navigation(request.scope):
            return problem(error)
        return RedirectResponse(f"/tai-khoan/xac-minh?{urlencode({'tiep': DATA})}", 303)
    headers = {
        "Content-Length": str(file.size), "Content-Disposition": f'attachment; filename="{file.name}"',
        "Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(files.blob_store().read(file.sha256, 0, file.size), 200, headers, media_type=str(file.media_type))


@route(f"{DATA}/xoa", methods=("POST",))
@needs(Action.ACCOUNT_OWN)
async def ask_erasure(request: Request) -> Response:
    """Ask for the account to be erased."""
    async def act(data: dict[str, Any]) -> str:
        if _text(data, "chac-chan") != "1":
            raise InvalidInput(text.ERASE_TICK, fields={"chac-chan": text.ERASE_TICK})
        await service.ask_erasure(current_actor())
        return "xoa"

    return await _act(request, act)


@route(f"{DATA}/xoa/{{request_id}}/thoi", methods=("POST",))
@needs(Action.ACCOUNT_OWN)
async def cancel_erasure(request: Request) -> Response:
    """Take the request back."""
    async def act(_data: dict[str, Any]) -> str:
        await service.cancel_erasure(current_actor(), number_or_none(request.path_params["request_id"]))
        return "thoi-xoa"

    return await _act(request, act)


def number_or_none(typed: str) -> int:
    """Return the number of a request in an address; 0, which none has, for what is no number."""
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 18 else 0


async def _act(request: Request, act: Act) -> Response:
    data, is_form = await read_body(request)
    try:
        done = await act(data)
    except DomainError as error:
        return await _refused(error, request, data, is_form)
    return _done(is_form, done)


async def _refused(error: DomainError, request: Request, data: dict[str, Any], is_form: bool) -> Response:
    if not is_form:
        return problem(error)
    return await proof_asked(request, data) if isinstance(error, ProofRequired) else await _page(error)


async def _page(error: DomainError | None = None, done: str = "") -> Response:
    actor = current_actor()
    return pages.data_page(actor, await service.view_own_data(actor), SHOWN, error, done)


def _done(is_form: bool, done: str) -> Response:
    return RedirectResponse(f"{DATA}?xong={done}", 303) if is_form else _json({"next": DATA})


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name, "")
    return value[:600] if isinstance(value, str) else ""


def _json(body: dict[str, Any]) -> Response:
    return JSONResponse(body, headers={"Cache-Control": "no-store"})
