"""The doors of the office that must act on people's requests about their data: Central."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from mattranso_app.core.access import Action, current_actor, needs
from mattranso_app.core.errors import DomainError, NotFound, ProofRequired
from mattranso_app.core.http import problem, route
from mattranso_app.identity import service
from mattranso_app.identity.endpoints import read_body
from mattranso_app.identity.factors.endpoints import proof_asked
from mattranso_app.identity.own_data import pages
from mattranso_app.identity.own_data.endpoints import number_or_none

REQUESTS = "/tai-khoan/yeu-cau-du-lieu"


@route(REQUESTS)
@needs(Action.DATA_REQUESTS)
async def show(request: Request) -> Response:
    """Show a page of the requests that wait."""
    return await _page(request.query_params.get("sau", ""), done=request.query_params.get("xong", ""))


@route(f"{REQUESTS}/{{request_id}}")
@needs(Action.DATA_REQUESTS)
async def foresee(request: Request) -> Response:
    """Show what an erasure would take out of what officers wrote."""
    request_id = number_or_none(request.path_params["request_id"])
    try:
        foreseen = await service.foresee_erasure(current_actor(), request_id)
    except NotFound as error:
        return await _page(error=error)
    return pages.foresight_page(request_id, foreseen)


@route(f"{REQUESTS}/{{request_id}}/xoa", methods=("POST",))
@needs(Action.DATA_REQUESTS)
async def fulfil(request: Request) -> Response:
    """Erase the account a request is about."""
    async def act(_data: dict[str, Any], request_id: int) -> str:
        await service.fulfil_erasure(current_actor(), request_id)
        return "xoa"

    return await _act(request, act)


@route(f"{REQUESTS}/{{request_id}}/tu-choi", methods=("POST",))
@needs(Action.DATA_REQUESTS)
async def refuse(request: Request) -> Response:
    """Refuse a request with a reason."""
    async def act(data: dict[str, Any], request_id: int) -> str:
        reason = data.get("ly-do", "")
        await service.refuse_erasure(current_actor(), request_id, reason if isinstance(reason, str) else "")
        return "tu-choi"

    return await _act(request, act)


async def _act(request: Request, act: Callable[[dict[str, Any], int], Awaitable[str]]) -> Response:
    data, is_form = await read_body(request)
    try:
        done = await act(data, number_or_none(request.path_params["request_id"]))
    except DomainError as error:
        if not is_form:
            return problem(error)
        return await proof_asked(request, data) if isinstance(error, ProofRequired) else await _page(error=error)
    if is_form:
        return RedirectResponse(f"{REQUESTS}?xong={done}", 303)
    return JSONResponse({"next": REQUESTS}, headers={"Cache-Control": "no-store"})


async def _page(after: str = "", error: DomainError | None = None, done: str = "") -> Response:
    found, following = await service.list_data_requests(current_actor(), after)
    return pages.requests_page(found, f"{REQUESTS}?sau={following}" if following else "", error, done)
