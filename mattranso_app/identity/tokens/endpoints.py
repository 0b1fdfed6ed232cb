"""The doors of the page of personal access tokens. Plain forms; JSON where a program of a signed-in browser asks."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from mattranso_app.core.access import Action, current_actor, needs
from mattranso_app.core.errors import DomainError, NotFound, ProofRequired
from mattranso_app.core.http import problem, route
from mattranso_app.identity import service
from mattranso_app.identity.endpoints import read_body, uuid_or_none
from mattranso_app.identity.factors.endpoints import proof_asked
from mattranso_app.identity.tokens import pages, text
from mattranso_app.identity.tokens.scopes import SCOPES

TOKENS = "/tai-khoan/khoa-truy-cap"


@route(TOKENS)
@needs(Action.ACCOUNT_OWN)
async def show(_request: Request) -> Response:
    """Show the person's own tokens and the form for a new one; after a fresh proof only."""
    try:
        return await _page()
    except ProofRequired:
        return _to_proof()


@route(TOKENS, methods=("POST",))
@needs(Action.ACCOUNT_OWN)
async def create(request: Request) -> Response:
    """Make a token and show it this once."""
    data, is_form = await read_body(request)
    wanted = [scope for scope in SCOPES if data.get(f"pham-vi.{scope}") == "1"]
    days = str(data.get("ngay", ""))
    try:
        made = await service.create_token(
            current_actor(), name=str(data.get("ten", ""))[:300], scopes=wanted, days=int(days) if days.isdecimal() and len(days) < 5 else 0
        )
    except DomainError as error:
        return await _refused(error, request, is_form, data)
    if not is_form:
        body = {"id": str(made.id), "token": made.token, "expires_at": made.expires_at.isoformat()}
        return JSONResponse(body, 201, {"Cache-Control": "no-store"})
    return pages.made_page(made)


@route(f"{TOKENS}/{{token_id}}/thu-hoi", methods=("POST",))
@needs(Action.ACCOUNT_OWN)
async def revoke(request: Request) -> Response:
    """Revoke one of the person's own tokens."""
    data, is_form = await read_body(request)
    token_id = uuid_or_none(request.path_params["token_id"])
    try:
        if token_id is None:
            raise NotFound(text.UNKNOWN_TOKEN)
        await service.revoke_token(current_actor(), token_id)
    except DomainError as error:
        return await _refused(error, request, is_form, data)
    return RedirectResponse(TOKENS, 303) if is_form else JSONResponse({"next": TOKENS}, headers={"Cache-Control": "no-store"})


async def _refused(error: DomainError, request: Request, is_form: bool, data: dict[str, Any]) -> Response:
    if not is_form:
        return problem(error)
    if isinstance(error, ProofRequired):
        return await proof_asked(request, data)
    try:
        return await _page(error, data)
    except ProofRequired:
        return _to_proof()


async def _page(error: DomainError | None = None, data: dict[str, Any] | None = None) -> Response:
    actor = current_actor()
    return pages.tokens_page(actor, await service.list_tokens(actor), error, data or {})


def _to_proof() -> Response:
    return RedirectResponse(f"/tai-khoan/xac-minh?{urlencode({'tiep': TOKENS})}", 303)
