"""The doors of the page that shows what a person has agreed to, and takes a consent back. Plain forms; JSON to programs."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from mattranso_app.core.access import Action, current_actor, needs
from mattranso_app.core.errors import DomainError, NotFound
from mattranso_app.core.http import problem, route
from mattranso_app.identity.endpoints import read_body
from mattranso_app.identity.provider import consents, screens, text

CONSENTS = "/tai-khoan/ung-dung-da-dong-y"


@route(CONSENTS)
@needs(Action.ACCOUNT_OWN)
async def show(request: Request) -> Response:
    """Show one page of the person's own consents."""
    before = request.query_params.get("truoc", "")
    held = await consents.list_consents(current_actor(), int(before) if _is_id(before) else None)
    return screens.consents_page(held, done=text.WITHDRAWN if request.query_params.get("xong") == "rut" else "")


@route(f"{CONSENTS}/rut", methods=("POST",))
@needs(Action.ACCOUNT_OWN)
async def withdraw(request: Request) -> Response:
    """Take one consent back."""
    data, is_form = await read_body(request)
    client_id = data.get("ung-dung", "")
    try:
        await consents.withdraw_consent(current_actor(), client_id if isinstance(client_id, str) else "")
    except DomainError as error:
        if not is_form or not isinstance(error, NotFound):
            return problem(error)
        return screens.consents_page(await consents.list_consents(current_actor()), fault=text.ALREADY_WITHDRAWN)
    if is_form:
        return RedirectResponse(f"{CONSENTS}?xong=rut", 303)
    return JSONResponse({"next": CONSENTS}, headers={"Cache-Control": "no-store"})


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 18
