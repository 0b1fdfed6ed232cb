"""The doors of passkeys. A page's form asks one door for what is to be signed (JSON) and sends the answer in a field."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from mattranso_app.core.access import Action, current_actor, needs, public
from mattranso_app.core.errors import DomainError
from mattranso_app.core.http import problem, route
from mattranso_app.identity import cookies, service
from mattranso_app.identity.endpoints import CHALLENGE_LIFE, add_cookie, read_body, signed_in
from mattranso_app.identity.factors import pages
from mattranso_app.identity.factors.endpoints import SECURITY, passkey_answer, private_json, refused, step_token, text_of
from mattranso_app.identity.visit import next_of, safe_next, visit_of

SIGN_IN = "/dang-nhap/passkey"
ADD = "/tai-khoan/bao-mat/passkey"


@route(SIGN_IN)
@public
async def sign_in_page(request: Request) -> Response:
    """Sign in with a passkey alone."""
    return pages.sign_in_page(next_of(request, request.query_params.get("tiep", "")))


@route(f"{SIGN_IN}/thach-thuc", methods=("POST",))
@public
async def ask_to_sign_in(request: Request) -> Response:
    """Say what a passkey is to sign for signing in; the answer counts in this browser only."""
    await read_body(request)
    asked = await service.options_to_sign_in(_token(request), visit_of(request))
    response = private_json(asked.options)
    add_cookie(response, cookies.set_cookie(cookies.PASSKEY, asked.token, CHALLENGE_LIFE))
    return response


@route(SIGN_IN, methods=("POST",))
@public
async def sign_in(request: Request) -> Response:
    """Sign in whoever the passkey belongs to."""
    data, is_form = await read_body(request)
    following = safe_next(data.get("tiep", ""))
    try:
        signed = await service.sign_in_with_passkey(_token(request), passkey_answer(data), visit_of(request))
    except DomainError as error:
        return pages.sign_in_page(following, error.text) if is_form else problem(error)
    response = signed_in(signed, is_form, following)
    add_cookie(response, cookies.set_cookie(cookies.PASSKEY, "", 0))
    return response


@route("/dang-nhap/buoc-hai/passkey", methods=("POST",))
@public
async def ask_for_step(request: Request) -> Response:
    """Say what a passkey is to sign for the second step of this browser's sign-in."""
    await read_body(request)
    return private_json(await service.options_for_step(step_token(request)))


@route("/tai-khoan/xac-minh/passkey", methods=("POST",))
@needs(Action.ACCOUNT_OWN)
async def ask_to_prove(request: Request) -> Response:
    """Say what a passkey is to sign as a fresh proof."""
    await read_body(request)
    return private_json(await service.options_to_prove(current_actor()))


@route(f"{ADD}/them", methods=("POST",))
@needs(Action.ACCOUNT_OWN)
async def begin(request: Request) -> Response:
    """Go on to the page that makes a passkey, after a fresh proof where one is needed."""
    data, is_form = await read_body(request)
    try:
        await service.options_to_add(current_actor())
    except DomainError as error:
        return await refused(error, request, data, is_form)
    return RedirectResponse(ADD, 303)


@route(ADD)
@needs(Action.ACCOUNT_OWN)
async def add_page(_request: Request) -> Response:
    """Explain a passkey and have the browser make one."""
    return pages.add_passkey_page()


@route(f"{ADD}/thach-thuc", methods=("POST",))
@needs(Action.ACCOUNT_OWN)
async def ask_to_add(request: Request) -> Response:
    """Say what the browser is to make."""
    await read_body(request)
    return private_json(await service.options_to_add(current_actor()))


@route(ADD, methods=("POST",))
@needs(Action.ACCOUNT_OWN)
async def add(request: Request) -> Response:
    """Add the passkey the browser has made; the first second factor's recovery codes are shown this once."""
    data, is_form = await read_body(request)
    name = text_of(data, "ten")
    try:
        made = await service.add_passkey(current_actor(), passkey_answer(data), name)
    except DomainError as error:
        return _not_added(error, name) if is_form else problem(error)
    response: Response
    if not is_form:
        response = private_json({"recovery_codes": list(made.codes)})
    else:
        response = pages.codes_page(made.codes) if made.codes else RedirectResponse(SECURITY, 303)
    add_cookie(response, cookies.set_cookie(cookies.SESSION, made.token))
    return response


def _not_added(error: DomainError, name: str) -> Response:
    if error.code == "proof_required":  # ten minutes went by between the two
        return RedirectResponse(f"/tai-khoan/xac-minh?{urlencode({'tiep': ADD})}", 303)
    return pages.add_passkey_page(name[:60], error.text)


def _token(request: Request) -> str:
    return cookies.read_cookies(request.scope["headers"]).get(cookies.PASSKEY, "")


