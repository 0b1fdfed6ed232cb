"""The doors of the second step, of a person's second factors, and of step-up. Plain forms; JSON where a program asks.

A form whose act needs a fresh proof gets the page that asks for it, with everything it sent in hidden fields; after the
proof the browser sends the act again (307), so nothing is lost.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from mattranso_app.core.access import Action, current_actor, needs, public
from mattranso_app.core.errors import DomainError, InvalidInput, NotFound, ProofRequired
from mattranso_app.core.http import problem, route
from mattranso_app.identity import cookies, service
from mattranso_app.identity import text as words
from mattranso_app.identity.endpoints import add_cookie, read_body, signed_in, uuid_or_none
from mattranso_app.identity.factors import pages
from mattranso_app.identity.visit import safe_next, visit_of

SECURITY = "/tai-khoan/bao-mat"
ENROL = "/tai-khoan/bao-mat/them"
LINKS = "/tai-khoan/lien-ket"
PROOF_FIELD = "xac-minh"
ACT_FIELD = "viec"
"""Field of the proof's form that names the act to be sent again: it begins as one of ACTS."""
ACTS = (
    f"{SECURITY}/", f"{LINKS}/", "/tai-khoan/ung-dung", "/tai-khoan/khoa-truy-cap", "/tai-khoan/du-lieu", "/tai-khoan/yeu-cau-du-lieu",
    "/tai-khoan/can-bo/loi-moi",
)
"""Beginnings of the addresses of acts that are sent again after a proof."""
PASSKEY_FIELD = "passkey"
"""Field with what a browser answered for a passkey; `passkey.js` fills it."""
_NOT_KEPT = (PROOF_FIELD, PASSKEY_FIELD)
_FIELD_LIMIT = 6_000


@route("/dang-nhap/buoc-hai")
@public
async def second_step(request: Request) -> Response:
    """Ask for the second proof of a half-open sign-in."""
    following = safe_next(request.query_params.get("tiep", ""))
    ways = await service.step_ways(step_token(request))
    return pages.step_page(ways, _again(following), following, "" if ways else words.STEP_GONE)


@route("/dang-nhap/buoc-hai", methods=("POST",))
@public
async def finish_sign_in(request: Request) -> Response:
    """Complete a sign-in with the second proof."""
    data, is_form = await read_body(request)
    following = safe_next(data.get("tiep", ""))
    token, answer = step_token(request), passkey_answer(data)
    try:
        if answer:
            signed = await service.finish_with_passkey(token, answer, visit_of(request))
        else:
            signed = await service.finish_sign_in(token, text_of(data, "code"), visit_of(request))
    except DomainError as error:
        if not is_form:
            return problem(error)
        ways = None if "step" in error.fields else await service.step_ways(token)
        return pages.step_page(ways, _again(following), following, error.text)
    response = signed_in(signed, is_form, following)
    add_cookie(response, cookies.set_cookie(cookies.STEP, "", 0))
    return response


@route(SECURITY)
@needs(Action.ACCOUNT_OWN)
async def security(_request: Request) -> Response:
    """Show the person's own second factors."""
    return await _security()


@route(ENROL)
@needs(Action.ACCOUNT_OWN)
async def enrolment(request: Request) -> Response:
    """Show the QR code of the app that is being set up."""
    try:
        return pages.enrol_page(await service.begin_totp(current_actor()))
    except DomainError as error:
        return await refused(error, request, {}, True)


@route(ENROL, methods=("POST",))
@needs(Action.ACCOUNT_OWN)
async def enrol(request: Request) -> Response:
    """Begin to set an app up."""
    async def act(_data: dict[str, Any], is_form: bool) -> Response:
        made = await service.begin_totp(current_actor())
        return RedirectResponse(ENROL, 303) if is_form else private_json({"secret": made.secret, "otpauth": made.otpauth})

    return await _act(request, act)


@route("/tai-khoan/bao-mat/xac-nhan", methods=("POST",))
@needs(Action.ACCOUNT_OWN)
async def confirm(request: Request) -> Response:
    """Set an app up with its first right code."""
    async def act(data: dict[str, Any], is_form: bool) -> Response:
        actor, name = current_actor(), text_of(data, "ten")
        try:
            made = await service.confirm_totp(actor, text_of(data, "code"), name)
        except InvalidInput as error:
            if not is_form:
                raise
            return pages.enrol_page(await service.begin_totp(actor), name[:60], error.text)
        if not is_form:
            response: Response = private_json({"recovery_codes": list(made.codes)})
        else:
            response = pages.codes_page(made.codes) if made.codes else RedirectResponse(SECURITY, 303)
        add_cookie(response, cookies.set_cookie(cookies.SESSION, made.token))
        return response

    return await _act(request, act)


@route("/tai-khoan/bao-mat/bo-qua", methods=("POST",))
@needs(Action.ACCOUNT_OWN)
async def cancel(request: Request) -> Response:
    """Forget the app that was being set up."""
    async def act(_data: dict[str, Any], is_form: bool) -> Response:
        await service.cancel_totp(current_actor())
        return _back(is_form)

    return await _act(request, act)


@route("/tai-khoan/bao-mat/{factor_id}/go", methods=("POST",))
@needs(Action.ACCOUNT_OWN)
async def remove(request: Request) -> Response:
    """Remove one of the person's own factors."""
    async def act(_data: dict[str, Any], is_form: bool) -> Response:
        factor_id = uuid_or_none(request.path_params["factor_id"])
        if factor_id is None:
            raise NotFound(words.UNKNOWN_FACTOR)
        await service.remove_factor(current_actor(), factor_id)
        return _back(is_form)

    return await _act(request, act)


@route("/tai-khoan/bao-mat/ma-du-phong", methods=("POST",))
@needs(Action.ACCOUNT_OWN)
async def renew(request: Request) -> Response:
    """Make new recovery codes and show them this once."""
    async def act(_data: dict[str, Any], is_form: bool) -> Response:
        codes = await service.renew_recovery_codes(current_actor())
        return pages.codes_page(codes) if is_form else private_json({"recovery_codes": list(codes)})

    return await _act(request, act)


@route("/tai-khoan/xac-minh")
@needs(Action.ACCOUNT_OWN)
async def ask_proof(request: Request) -> Response:
    """Ask for a fresh proof, for an act that waits on a page of the app."""
    following = safe_next(request.query_params.get("tiep", ""))
    return await _prove_page([("tiep", following)])


@route("/tai-khoan/xac-minh", methods=("POST",))
@needs(Action.ACCOUNT_OWN)
async def prove(request: Request) -> Response:
    """Take a fresh proof and go on with the act that waited for it."""
    data, is_form = await read_body(request)
    actor, answer = current_actor(), passkey_answer(data)
    try:
        token = await (service.prove_with_passkey(actor, answer) if answer else service.prove(actor, text_of(data, PROOF_FIELD)))
    except DomainError as error:
        if not is_form:
            return problem(error)
        return await _prove_page(_kept(data), error.text)
    act, following = text_of(data, ACT_FIELD), safe_next(data.get("tiep", ""))
    if not is_form:
        response: Response = private_json({"next": following or SECURITY})
    elif act.startswith(ACTS) and safe_next(act):
        response = RedirectResponse(act, 307)  # the browser sends the same fields again, to the act
    else:
        response = RedirectResponse(following, 303) if following else pages.proved_page()
    add_cookie(response, cookies.set_cookie(cookies.SESSION, token))
    return response


async def _act(request: Request, act: Callable[[dict[str, Any], bool], Awaitable[Response]]) -> Response:
    """Call an act with the fields that were sent; what it refuses is said on a page, or as a problem to a program."""
    data, is_form = await read_body(request)
    try:
        return await act(data, is_form)
    except DomainError as error:
        return await refused(error, request, data, is_form)


async def refused(error: DomainError, request: Request, data: dict[str, Any], is_form: bool) -> Response:
    """Answer a refused act: with the page that asks for a proof and keeps what was sent, or with the fault's words."""
    if not is_form:
        return problem(error)
    if isinstance(error, ProofRequired):
        return await proof_asked(request, data)
    return await _security(error.text)


async def proof_asked(request: Request, data: dict[str, Any]) -> Response:
    """Ask for a fresh proof before the act of this request, whose form sent `data`; after the proof it is sent again."""
    return await _prove_page([(ACT_FIELD, request.scope["path"]), *_kept(data)])


async def _prove_page(kept: list[tuple[str, str]], fault: str = "") -> Response:
    """Ask for the proof; a citizen without factors proves himself by a code to his own contact, and comes back to the act's page."""
    actor = current_actor()
    way = await service.way_to_prove(actor)
    if way not in ("sign_in", "passkey_or_sign_in"):
        return pages.prove_page(way, kept, fault)
    sent = dict(kept)
    page = next((start.rstrip("/") for start in ACTS if sent.get(ACT_FIELD, "").startswith(start)), "")
    return pages.prove_page(way, kept, fault, await service.own_contact(actor), sent.get("tiep", "") or page)


async def _security(fault: str = "") -> Response:
    actor = current_actor()
    return pages.security_page(await service.list_factors(actor), actor.is_withheld, actor.kind == "officer", fault)


def _kept(data: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, value[:_FIELD_LIMIT]) for name, value in data.items() if isinstance(value, str) and name not in _NOT_KEPT]


def passkey_answer(data: dict[str, Any]) -> str:
    """Return what a browser answered for a passkey: JSON in a form's field, or an object where a program sends JSON."""
    value = data.get(PASSKEY_FIELD, "")
    return json.dumps(value) if isinstance(value, dict) else value if isinstance(value, str) else ""


def text_of(data: dict[str, Any], name: str) -> str:
    """Return a short field of what was sent, empty when it is missing or no text."""
    value = data.get(name, "")
    return value[:600] if isinstance(value, str) else ""


def step_token(request: Request) -> str:
    """Return what the first step of a sign-in left in this browser."""
    return cookies.read_cookies(request.scope["headers"]).get(cookies.STEP, "")


def _again(following: str) -> str:
    return f"/dang-nhap?{urlencode({'tiep': following})}" if following else "/dang-nhap"


def _back(is_form: bool) -> Response:
    return RedirectResponse(SECURITY, 303) if is_form else private_json({"next": SECURITY})


def private_json(body: dict[str, Any]) -> Response:
    """Return an answer for a program that nobody keeps."""
    return JSONResponse(body, headers={"Cache-Control": "no-store"})
