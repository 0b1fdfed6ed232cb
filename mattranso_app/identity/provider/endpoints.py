"""The provider's doors (DESIGN: addresses for machines)."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from mattranso_app.core import db
from mattranso_app.core.access import public
from mattranso_app.core.errors import BadRequest, SignInRequired, TooLarge
from mattranso_app.core.http import route
from mattranso_app.identity.endpoints import leave_browser
from mattranso_app.identity.provider import keys, pages, service, text
from mattranso_app.identity.provider.models import SCOPES
from mattranso_app.identity.provider.service import Consent, Redirect, SignIn, Step
from mattranso_app.identity.store import LiveSession
from mattranso_app.identity.visit import SESSION_KEY, header

BODY_LIMIT = 16 * 1024
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


@route("/.well-known/openid-configuration")
@public
async def discovery(_request: Request) -> Response:
    """Say where everything is and what is understood (OpenID Connect Discovery 1.0)."""
    base = service.issuer()
    return JSONResponse(
        {
            "issuer": base,
            "authorization_endpoint": f"{base}/oauth/authorize",
            "token_endpoint": f"{base}/oauth/token",
            "userinfo_endpoint": f"{base}/oauth/userinfo",
            "jwks_uri": f"{base}/oauth/jwks",
            "end_session_endpoint": f"{base}/oauth/end_session",
            "scopes_supported": list(SCOPES),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [keys.ALGORITHM],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "code_challenge_methods_supported": ["S256"],
            "claims_supported": [
                "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "name", "kind", "unit", "organisation",
                "roles", "email", "email_verified", "phone_number", "phone_number_verified",
            ],
            "prompt_values_supported": ["none", "login", "consent", "select_account"],
            "authorization_response_iss_parameter_supported": True,
            "backchannel_logout_supported": True,
            "backchannel_logout_session_supported": True,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
            "claims_parameter_supported": False,
            "ui_locales_supported": ["vi"],
        },
        headers={"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"},
    )


@route("/oauth/jwks")
@public
async def jwks(_request: Request) -> Response:
    """Give the public keys: the next, the current, and those not long gone."""
    await keys.ensure_keys()
    async with db.reading() as session:
        published = await keys.fetch_published(session)
    headers = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}
    return JSONResponse(keys.jwks(published), headers=headers, media_type="application/jwk-set+json")


@route("/oauth/authorize", methods=("GET", "POST"))
@public
async def authorize(request: Request) -> Response:
    """Take an authorization request, or go on with one that waited for sign-in (`yeu_cau`)."""
    pairs = list(request.query_params.multi_items()) if request.method == "GET" else await _form(request)
    found: LiveSession | None = request.scope.get(SESSION_KEY)
    waiting = dict(pairs).get("yeu_cau")
    if request.method == "POST" and found is None and not waiting:
        # A form of another site comes without our cookie; the same request as a link brings it.
        return RedirectResponse(f"/oauth/authorize?{urlencode(pairs)}", 303, _NO_STORE)
    try:
        step = await (service.resume(found, waiting) if waiting else service.begin(found, pairs))
    except BadRequest as error:
        return pages.problem_page(error.text)
    return _answer(step, found, from_form=waiting is not None or request.method == "POST")


@route("/oauth/consent", methods=("POST",))
@public
async def consent(request: Request) -> Response:
    """Take the person's decision."""
    values = dict(await _form(request))
    token = values.get("yeu_cau", "")
    try:
        agreed = values.get("quyet-dinh") == "dong-y"
        step = await service.answer_consent(request.scope.get(SESSION_KEY), token, values.get("xac_nhan", ""), agreed)
    except SignInRequired:
        return _sign_in(token)
    except BadRequest as error:
        return pages.problem_page(error.text)
    return pages.going_page(step)


@route("/oauth/token", methods=("POST",))
@public
async def token(request: Request) -> Response:
    """Exchange a code or a refresh token."""
    await keys.ensure_keys()
    try:
        pairs = await _form(request)
    except BadRequest:
        return JSONResponse({"error": "invalid_request"}, 400, _NO_STORE)
    answer = await service.exchange(pairs, header(request.scope, "authorization"))
    headers = dict(_NO_STORE)
    if answer.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="oauth"'
    return JSONResponse(answer.body, answer.status, headers)


@route("/oauth/userinfo", methods=("GET", "POST"))
@public
async def userinfo(request: Request) -> Response:
    """Give the claims an access token opens (RFC 6750: in the header)."""
    kind, _, given = header(request.scope, "authorization").partition(" ")
    claims = await service.userinfo(given.strip()) if kind.lower() == "bearer" and given.strip() else None
    if claims is None:
        fault = ', error="invalid_token"' if given else ""
        return Response(status_code=401, headers={**_NO_STORE, "WWW-Authenticate": f'Bearer realm="oauth"{fault}'})
    return JSONResponse(claims, headers=_NO_STORE)


@route("/oauth/end_session", methods=("GET", "POST"))
@public
async def end_session(request: Request) -> Response:
    """Sign out at an application's wish."""
    pairs = list(request.query_params.multi_items()) if request.method == "GET" else await _form(request)
    values = dict(pairs)
    found: LiveSession | None = request.scope.get(SESSION_KEY)
    if request.method == "POST" and found is None and "quyet-dinh" not in values:
        # A form of another site comes without our cookie; the same request as a link brings it.
        return RedirectResponse(f"/oauth/end_session?{urlencode(pairs)}", 303, _NO_STORE)
    confirmed = request.method == "POST" and values.pop("quyet-dinh", "") == "dang-xuat"
    step = await service.end_session(found, values, confirmed)
    if step is None:
        return pages.logout_page([pair for pair in pairs if pair[0] != "quyet-dinh"])
    response: Response = pages.going_page(step) if request.method == "POST" and step.client_name else RedirectResponse(step.location, 303)
    await leave_browser(request, response)
    return response


def _answer(step: Step, found: LiveSession | None, from_form: bool) -> Response:
    if isinstance(step, SignIn):
        return _sign_in(step.token)
    if isinstance(step, Consent):
        return pages.consent_page(step, found.actor.name if found else "")
    if from_form:
        return pages.going_page(step)
    assert isinstance(step, Redirect)
    return RedirectResponse(step.location, 303, _NO_STORE)


def _sign_in(waiting: str) -> Response:
    return RedirectResponse(f"/dang-nhap?tiep=/oauth/authorize%3Fyeu_cau%3D{waiting}", 303, _NO_STORE)


async def _form(request: Request) -> list[tuple[str, str]]:
    """Return the fields of a small form in their order.

    Raises:
        TooLarge, BadRequest: it is no small form.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise TooLarge()
    try:
        pairs: list[tuple[Any, Any]] = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=40)
    except ValueError as error:
        raise BadRequest(text.BAD_APPLICATION) from error
    return [(str(name), str(value)) for name, value in pairs]
