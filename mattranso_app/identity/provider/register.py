"""The doors of Central's register of applications. Plain forms; JSON to programs. A secret is in one answer only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from mattranso_app.core.access import Action, current_actor, needs
from mattranso_app.core.errors import Conflict, DomainError, InvalidInput, ProofRequired
from mattranso_app.core.http import problem, route
from mattranso_app.identity.endpoints import read_body
from mattranso_app.identity.factors.endpoints import proof_asked
from mattranso_app.identity.provider import applications, screens
from mattranso_app.identity.provider.models import SCOPES

REGISTER = "/tai-khoan/ung-dung"
NEW = "/tai-khoan/ung-dung-moi"
_NO_STORE = {"Cache-Control": "no-store"}
_LIMIT = 6_000


@route(REGISTER)
@needs(Action.APPLICATION_MANAGE)
async def index(request: Request) -> Response:
    """Show one page of the registered applications."""
    after = request.query_params.get("sau", "")
    return screens.applications_page(await applications.list_applications(current_actor(), after if after.isascii() else ""))


@route(NEW)
@needs(Action.APPLICATION_MANAGE)
async def blank(_request: Request) -> Response:
    """Show the empty form."""
    return screens.form_page(screens.Form(scopes=("openid", "profile")))


@route(NEW, methods=("POST",))
@needs(Action.APPLICATION_MANAGE)
async def register(request: Request) -> Response:
    """Enter an application and show its secret this once."""
    data, is_form = await read_body(request)
    form = _form_of(data)
    try:
        made = await applications.register_application(
            current_actor(), client_id=form.client_id, is_public=form.is_public, **_values(form)
        )
    except DomainError as error:
        return await _refused(error, request, data, is_form, form)
    if not is_form:
        return JSONResponse({"client_id": made.client.client_id, "secret": made.secret}, 201, _NO_STORE)
    return screens.application_page(made.client, secret=made.secret, is_new=True)


@route(REGISTER + "/{client_id}")
@needs(Action.APPLICATION_MANAGE)
async def show(request: Request) -> Response:
    """Show one application and what can be done with it."""
    client = await applications.get_application(current_actor(), request.path_params["client_id"])
    return screens.application_page(client, is_changed=request.query_params.get("xong") == "1")


@route(REGISTER + "/{client_id}/sua")
@needs(Action.APPLICATION_MANAGE)
async def edit(request: Request) -> Response:
    """Show the form with what is known of an application."""
    client = await applications.get_application(current_actor(), request.path_params["client_id"])
    return screens.form_page(screens.form_of(client), existing=client.client_id)


@route(REGISTER + "/{client_id}/sua", methods=("POST",))
@needs(Action.APPLICATION_MANAGE)
async def change(request: Request) -> Response:
    """Change what is known of an application."""
    data, is_form = await read_body(request)
    client_id = request.path_params["client_id"]
    form = _form_of(data, client_id)
    try:
        await applications.change_application(current_actor(), client_id, **_values(form))
    except DomainError as error:
        return await _refused(error, request, data, is_form, form, client_id)
    return _back(client_id, is_form)


@route(REGISTER + "/{client_id}/khoa-bi-mat", methods=("POST",))
@needs(Action.APPLICATION_MANAGE)
async def renew(request: Request) -> Response:
    """Replace an application's secret and show the new one this once."""
    async def act(client_id: str, is_form: bool) -> Response:
        secret = await applications.renew_secret(current_actor(), client_id)
        if not is_form:
            return JSONResponse({"client_id": client_id, "secret": secret}, headers=_NO_STORE)
        return screens.application_page(await applications.get_application(current_actor(), client_id), secret=secret)

    return await _act(request, act)


@route(REGISTER + "/{client_id}/ngung", methods=("POST",))
@needs(Action.APPLICATION_MANAGE)
async def disable(request: Request) -> Response:
    """Keep an application out."""
    async def act(client_id: str, is_form: bool) -> Response:
        await applications.disable_application(current_actor(), client_id)
        return _back(client_id, is_form)

    return await _act(request, act)


@route(REGISTER + "/{client_id}/mo-lai", methods=("POST",))
@needs(Action.APPLICATION_MANAGE)
async def enable(request: Request) -> Response:
    """Let an application in again."""
    async def act(client_id: str, is_form: bool) -> Response:
        await applications.enable_application(current_actor(), client_id)
        return _back(client_id, is_form)

    return await _act(request, act)


async def _act(request: Request, act: Callable[[str, bool], Awaitable[Response]]) -> Response:
    data, is_form = await read_body(request)
    try:
        return await act(request.path_params["client_id"], is_form)
    except ProofRequired as error:
        return await proof_asked(request, data) if is_form else problem(error)


async def _refused(
    error: DomainError, request: Request, data: dict[str, Any], is_form: bool, form: screens.Form, existing: str = ""
) -> Response:
    if is_form and isinstance(error, ProofRequired):
        return await proof_asked(request, data)
    if is_form and isinstance(error, (InvalidInput, Conflict)):
        return screens.form_page(form, error.fields, existing)
    return problem(error)


def _values(form: screens.Form) -> dict[str, Any]:
    return {
        "name": form.name, "redirect_uris": form.lines(form.redirect_uris),
        "post_logout_redirect_uris": form.lines(form.post_logout_redirect_uris),
        "backchannel_logout_uri": form.backchannel_logout_uri.strip(), "is_own": form.is_own, "scopes": form.scopes,
    }


def _form_of(data: dict[str, Any], client_id: str = "") -> screens.Form:
    def word(name: str) -> str:
        value = data.get(name, "")
        return value[:_LIMIT] if isinstance(value, str) else ""

    return screens.Form(
        client_id or word("ma").strip(), word("ten"), word("nhan"), word("sau-dang-xuat"), word("bao-het-phien"),
        is_own=word("cua-mat-tran") == "1", is_public=word("loai") == "cong-khai",
        scopes=("openid", *(scope for scope in SCOPES if scope != "openid" and word(f"biet-{scope}") == "1")),
    )


def _back(client_id: str, is_form: bool) -> Response:
    address = f"{REGISTER}/{client_id}"
    return RedirectResponse(f"{address}?xong=1", 303) if is_form else JSONResponse({"next": address}, headers=_NO_STORE)
