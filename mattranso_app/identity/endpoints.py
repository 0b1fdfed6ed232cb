"""The HTTP doors of sign-in. Each takes a plain form (answered with 303, so it works without a script) or JSON.

A form that fails goes back to its page with the fault's code in the query and as fragment: the page shows the words of
the fragment's element by CSS alone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from mattranso_app.core.access import Action, Actor, current_actor, may, needs, public
from mattranso_app.core.clock import now
from mattranso_app.core.errors import BadRequest, DomainError, InvalidInput, NotFound, TooLarge, Unsupported
from mattranso_app.core.http import problem, route, validated
from mattranso_app.identity import cookies, service, text
from mattranso_app.identity.outside import service as outside
from mattranso_app.identity.service import LiveToken, SecondStep, SignedIn
from mattranso_app.identity.store import LiveSession
from mattranso_app.identity.visit import LENT_KEY, SESSION_KEY, header, next_of, visit_of

BODY_LIMIT = 16 * 1024
CHALLENGE_LIFE = 10 * 60
STEP_COOKIE_LIFE = 10 * 60
"""Longer than the half-open sign-in itself, so that who comes late is told so."""

OWN_PETITIONS = "/phan-anh/cua-toi"
"""Where a citizen lands who came from nowhere: what was sent, and what this device has sent without an account."""

FAULTS = {"invalid_input": "sai", "too_many": "cho", "forbidden": "khoa", "unavailable": "ban"}
"""Short code of a fault in the query and fragment of the page a form came from; any other is `loi`."""


class _Form(BaseModel):
    tiep: str = Field("", max_length=500)
    website: str = Field("", max_length=200, description="a trap: people do not see it, programs fill it in")


class PasswordForm(_Form):
    """Sign-in of an officer."""

    user_name: str = Field(max_length=100)
    password: str = Field(max_length=600)


class TargetForm(_Form):
    """Request for a one-time code."""

    target: str = Field(max_length=300)


class CodeForm(_Form):
    """A one-time code; `challenge` only where there are no cookies."""

    code: str = Field(max_length=40)
    challenge: UUID | None = None


class FirstForm(_Form):
    """An officer's first sign-in with the code an administrator handed over."""

    user_name: str = Field(max_length=100)
    code: str = Field(max_length=60)
    new_password: str = Field(max_length=600)


class ChangeForm(_Form):
    """Change of one's own password."""

    old_password: str = Field(max_length=600)
    new_password: str = Field(max_length=600)


@route("/dang-nhap/can-bo", methods=("POST",))
@public
async def sign_in_officer(request: Request) -> Response:
    """Sign an officer in with user name and password."""
    data, is_form = await read_body(request)
    following = next_of(request, str(data.get("tiep", "")))
    try:
        form = validated(PasswordForm, data)
        if form.website:
            raise InvalidInput(text.SIGN_IN_REFUSED)
        signed = await service.sign_in_with_password(form.user_name, form.password, visit_of(request))
    except DomainError as error:
        return _failed(error, is_form, "/dang-nhap", "can-bo", following)
    return signed_in(signed, is_form, following)


@route("/dang-nhap/ma", methods=("POST",))
@public
async def request_code(request: Request) -> Response:
    """Send a one-time code to a phone or an e-mail address."""
    data, is_form = await read_body(request)
    following = next_of(request, str(data.get("tiep", "")))
    try:
        form = validated(TargetForm, data)
        if form.website:
            raise InvalidInput(text.BAD_PHONE)
        challenge = await service.request_code(form.target, visit_of(request))
    except DomainError as error:
        return _failed(error, is_form, "/dang-nhap", "ba-con", following)
    address = _page("/dang-nhap/ma", {"tiep": following})
    response: Response
    if is_form:
        response = RedirectResponse(address, 303)
    else:
        response = JSONResponse(
            {"challenge": str(challenge.id), "sent_to": challenge.masked, "detail": text.CODE_SENT, "next": address}
        )
    add_cookie(response, cookies.set_cookie(cookies.CHALLENGE, str(challenge.id), CHALLENGE_LIFE))
    return response


@route("/dang-nhap/xac-nhan", methods=("POST",))
@public
async def confirm_code(request: Request) -> Response:
    """Sign a citizen in with the code that was sent."""
    data, is_form = await read_body(request)
    following = next_of(request, str(data.get("tiep", "")))
    try:
        form = validated(CodeForm, data)
        challenge = form.challenge or uuid_or_none(cookies.read_cookies(request.scope["headers"]).get(cookies.CHALLENGE, ""))
        signed = await service.sign_in_with_code(challenge, form.code, visit_of(request))
    except DomainError as error:
        return _failed(error, is_form, "/dang-nhap/ma", "ma", following)
    response = signed_in(signed, is_form, following)
    add_cookie(response, cookies.set_cookie(cookies.CHALLENGE, "", 0))
    return response


@route("/dang-nhap/lan-dau", methods=("POST",))
@public
async def first_password(request: Request) -> Response:
    """Set an officer's password with the code handed over, and sign in."""
    data, is_form = await read_body(request)
    following = next_of(request, str(data.get("tiep", "")))
    try:
        form = validated(FirstForm, data)
        signed = await service.set_first_password(form.user_name, form.code, form.new_password, visit_of(request))
    except DomainError as error:
        place = "mat-khau" if "new_password" in error.fields else "lan-dau"
        return _failed(error, is_form, "/dang-nhap/lan-dau", place, following)
    return signed_in(signed, is_form, following)


@route("/dang-xuat", methods=("POST",))
@public
async def sign_out(request: Request) -> Response:
    """End the session and what was begun in this browser; fine for who is not signed in."""
    _, is_form = await read_body(request)
    await service.sign_out(current_actor())
    response: Response = RedirectResponse("/", 303) if is_form else JSONResponse({"next": "/"})
    await leave_browser(request, response)
    return response


@route("/api/v1/me")
@public
async def me(request: Request) -> Response:
    """Say who is signed in and until when without a sign of life, or whose token was sent. Asking is no sign of life."""
    lent: LiveToken | None = request.scope.get(LENT_KEY)
    return _me(request.scope.get(SESSION_KEY)) if lent is None else _behind(lent)


@route("/api/v1/me/tiep-tuc", methods=("POST",))
@needs(Action.ACCOUNT_OWN)
async def stay(request: Request) -> Response:
    """Move the idle deadline: the person said "continue"."""
    found: LiveSession | None = request.scope.get(SESSION_KEY)
    return _me(await service.touch(found, at_once=True) if found else None)


@route("/api/v1/sessions/{session_id}/end", methods=("POST",))
@needs(Action.ACCOUNT_OWN)
async def end_session(request: Request) -> Response:
    """End one of one's own sessions."""
    _, is_form = await read_body(request)
    session_id = uuid_or_none(request.path_params["session_id"])
    try:
        if session_id is None:
            raise NotFound(text.UNKNOWN_SESSION)
        await service.end_session(current_actor(), session_id)
    except DomainError as error:
        return _failed(error, is_form, "/tai-khoan", "phien")
    return _done(is_form, "/tai-khoan#phien-xong")


@route("/api/v1/sessions/end-others", methods=("POST",))
@needs(Action.ACCOUNT_OWN)
async def end_others(request: Request) -> Response:
    """End all of one's own sessions but this one."""
    _, is_form = await read_body(request)
    await service.end_all_others(current_actor())
    return _done(is_form, "/tai-khoan#phien-xong")


@route("/tai-khoan/mat-khau", methods=("POST",))
@needs(Action.ACCOUNT_OWN)
async def change_password(request: Request) -> Response:
    """Change one's own password. By form, so that a password never enters the state of a page."""
    data, is_form = await read_body(request)
    try:
        form = validated(ChangeForm, data)
        await service.change_password(current_actor(), form.old_password, form.new_password)
    except DomainError as error:
        place = "mat-khau-moi" if "new_password" in error.fields else "mat-khau"
        return _failed(error, is_form, "/tai-khoan", place)
    return _done(is_form, "/tai-khoan#mat-khau-xong")


async def read_body(request: Request) -> tuple[dict[str, Any], bool]:
    """Return the fields that were sent and whether a form sent them.

    Raises:
        TooLarge, BadRequest, Unsupported: what was sent is no small form and no JSON object.
    """
    kind = header(request.scope, "content-type").partition(";")[0].strip().lower()
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise TooLarge(text.TOO_LARGE)
    if kind == "application/json":
        try:
            data = json.loads(body or b"{}")
        except (ValueError, RecursionError) as error:
            raise BadRequest(text.BAD_PAYLOAD) from error
        if not isinstance(data, dict):
            raise BadRequest(text.BAD_PAYLOAD)
        return data, False
    if kind == "application/x-www-form-urlencoded" or not body:
        try:
            pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=30)
        except ValueError as error:
            raise BadRequest(text.BAD_PAYLOAD) from error
        return dict(reversed(pairs)), bool(kind)
    raise Unsupported(text.BAD_PAYLOAD)


def signed_in(signed: SignedIn | SecondStep, is_form: bool, following: str) -> Response:
    """Answer a sign-in: with the session's cookies, or with the way to its second step."""
    if isinstance(signed, SecondStep):
        address = _page("/dang-nhap/buoc-hai", {"tiep": following})
        response: Response = RedirectResponse(address, 303) if is_form else JSONResponse({"second_step": True, "next": address})
        add_cookie(response, cookies.set_cookie(cookies.STEP, signed.token, STEP_COOKIE_LIFE))
        return response
    response = _done(is_form, following or (OWN_PETITIONS if signed.kind == "citizen" else "/"))
    add_cookie(response, cookies.set_cookie(cookies.SESSION, signed.token))
    add_cookie(response, cookies.set_cookie(cookies.DEVICE, signed.device, cookies.YEAR))
    return response


async def leave_browser(request: Request, response: Response) -> None:
    """Take the session's cookie and those of unfinished sign-ins away, and what the latter lead to: on a shared computer the
    next one must not be asked to link somebody else's account.
    """
    sent = cookies.read_cookies(request.scope["headers"])
    await outside.forget_pending(sent.get(cookies.OUTSIDE_NEW, ""))
    await service.forget_step(sent.get(cookies.STEP, ""))
    for name in (cookies.SESSION, *(name for name in cookies.ONE_FLOW if name in sent)):
        add_cookie(response, cookies.set_cookie(name, "", 0))


def _done(is_form: bool, address: str) -> Response:
    """A form goes on with a full page load: the socket reads its cookies only when it is opened."""
    return RedirectResponse(address, 303) if is_form else JSONResponse({"next": address}, headers={"Cache-Control": "no-store"})


def _failed(error: DomainError, is_form: bool, page: str, place: str, following: str = "") -> Response:
    if not is_form:
        return problem(error)
    code = FAULTS.get(error.code, "loi")
    return RedirectResponse(f"{_page(page, {'loi': code, 'tiep': following})}#{place}-{code}", 303)


def _page(path: str, parameters: dict[str, str]) -> str:
    kept = {name: value for name, value in parameters.items() if value}
    return f"{path}?{urlencode(kept)}" if kept else path


def add_cookie(response: Response, cookie: str) -> None:
    """Put a cookie on an answer, which nobody may keep then."""
    response.headers.append("set-cookie", cookie)
    response.headers["Cache-Control"] = "no-store"


def uuid_or_none(value: str) -> UUID | None:
    """Return the id in an address, None when it is none."""
    try:
        return UUID(value)
    except ValueError:
        return None


def _me(found: LiveSession | None) -> Response:
    actor = found.actor if found else None
    body: dict[str, Any] = {"kind": actor.kind if actor else "anonymous", "now": now().isoformat()}
    if found and actor:
        body |= {
            "name": actor.name,
            "unit": {"id": actor.unit_id, "path": actor.unit_path, "name": found.unit_name} if actor.unit_id else None,
            "roles": _roles(actor),
            "idle_until": found.idle_expires_at.isoformat(),
            "until": found.absolute_expires_at.isoformat(),
        }
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


def _behind(lent: LiveToken) -> Response:
    actor = lent.actor
    body: dict[str, Any] = {
        "kind": actor.kind, "now": now().isoformat(), "scopes": sorted(actor.limited_to or ()), "until": lent.expires_at.isoformat(),
    }
    if may(actor, Action.ACCOUNT_READ):
        body |= {
            "name": actor.name,
            "unit": {"id": actor.unit_id, "path": actor.unit_path, "name": lent.unit_name} if actor.unit_id else None,
            "roles": _roles(actor),
        }
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


def _roles(actor: Actor) -> Sequence[dict[str, str]]:
    return [{"role": grant.role.value, "organisation": grant.organisation, "unit_path": grant.unit_path} for grant in actor.grants]
