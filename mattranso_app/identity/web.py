"""The layer that finds out who is calling: trusted host, origin, session cookie → `current_actor()`, sockets by session.

Below `/api/v1/` a program may send a personal access token instead (`Authorization: Bearer mts_…`): then the token alone
counts, and the cookie beside it does not. Nowhere else does a token open anything: not in a cookie, on a socket or in an
address.
"""

from __future__ import annotations

import asyncio
import logging
import re
from contextlib import suppress
from urllib.parse import unquote_plus, urlencode

from starlette.datastructures import MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mattranso_app.core import live, secrets
from mattranso_app.core.access import Actor, set_current_actor
from mattranso_app.core.errors import BadRequest, DomainError, Forbidden, TokenRefused
from mattranso_app.core.http import problem
from mattranso_app.core.problem_page import is_navigation
from mattranso_app.identity import cookies, endpoints, service, sockets, text
from mattranso_app.identity.outside import remote
from mattranso_app.identity.service import sessions
from mattranso_app.identity.tokens import scopes as scoped
from mattranso_app.identity.tokens import text as token_text
from mattranso_app.identity.visit import LENT_KEY, SESSION_KEY, header, split_url
from mattranso_app.settings import settings

_SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))
_STATIC = ("/assets/", "/fonts/", "/favicon")
_PROBES = ("/healthz", "/readyz", "/metrics")
_CROSS_SITE = ("/oauth/authorize", "/oauth/end_session", "/oauth/token", "/oauth/userinfo")
"""Doors other sites post to by standard. They get in without the session's cookie only, so nobody's name is lent to them."""
_ENROLMENT = "/tai-khoan/bao-mat"
_FOR_PROGRAMS = "/api/v1/"
_VISITOR = re.compile(r"[A-Za-z0-9_-]{22}")
_SWEEP_SECONDS = 3600.0

log = logging.getLogger(__name__)
_tasks: list[asyncio.Task[None]] = []

routes = endpoints
"""Importing this module registers the doors of sign-in; named so that the import is seen to be meant."""


def identified(app: ASGIApp) -> ASGIApp:
    """Wrap `app`: whatever runs inside finds who is calling in `current_actor()`, and no foreign page gets in."""

    async def layer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await _http(app, scope, receive, send)
        elif scope["type"] == "websocket":
            await _websocket(app, scope, receive, send)
        else:
            await app(scope, receive, send)

    return layer


async def start() -> None:
    """Begin cutting the sockets of ended sessions and sweeping what has run out, in this process."""
    sessions.on_ended(sockets.cut)
    live.set_actor_resolver(behind_stream)
    _tasks.append(asyncio.create_task(sockets.watch(), name="sessions of open sockets"))
    _tasks.append(asyncio.create_task(_sweep(), name="sweep of sessions and codes"))


async def stop() -> None:
    """Undo `start`."""
    live.set_actor_resolver(None)
    while _tasks:
        task = _tasks.pop()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    await remote.close()


async def behind_stream(scope: Scope) -> Actor:
    """Return who is behind an open stream now: its session may have ended since, or its rights have changed."""
    address = client_address(scope)
    token = cookies.read_cookies(scope["headers"]).get(cookies.SESSION, "")
    found = await service.authenticate(token, address) if token else None
    return found.actor if found is not None else Actor("anonymous", address=address)


async def _http(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    address = client_address(scope)
    scope = {**scope, "client": (address, (scope.get("client") or ("", 0))[1])}
    set_current_actor(Actor("anonymous", address=address))
    found, lent = None, None
    try:
        _check_host(scope)
        _check_address(scope)
        sent = cookies.read_cookies(scope["headers"])
        bearer = _bearer(scope)
        token = sent.get(cookies.SESSION, "") if bearer is None else ""
        if scope["method"] not in _SAFE_METHODS:
            _check_origin(scope, has_session=bool(token))
        if token and not scope["path"].startswith(_STATIC):
            found = await service.authenticate(token, address)
            if found is not None:
                if scope["method"] not in _SAFE_METHODS or is_navigation(scope):
                    found = await service.touch(found)
                set_current_actor(found.actor)
                if found.actor.is_withheld and not found.actor.grants and _leads_astray(scope):
                    await RedirectResponse(_ENROLMENT, 303)(scope, receive, send)
                    return
        if bearer is not None:
            lent = await service.authenticate_token(bearer, address)
            set_current_actor(lent.actor)
    except DomainError as error:
        answer = problem(error)
        if isinstance(error, TokenRefused):
            answer.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        await answer(scope, receive, send)
        return
    scope[SESSION_KEY], scope[LENT_KEY] = found, lent
    await app(scope, receive, _answering(scope, send, sent))


def _answering(scope: Scope, send: Send, sent: dict[str, str]) -> Send:
    """Give a page's first visitor his cookie, and send a form whose session has ended to the sign-in page.

    A page opened by somebody signed in is not kept by the browser, or "back" would show it after signing out.
    """
    needs_visitor = scope["method"] == "GET" and not _VISITOR.fullmatch(sent.get(cookies.VISITOR, ""))
    redirecting = False

    async def answer(message: Message) -> None:
        nonlocal redirecting
        if message["type"] == "http.response.start":
            if message["status"] == 401 and is_navigation(scope):
                redirecting = True
                back = split_url(header(scope, "referer")).path or "/"
                response = RedirectResponse(f"/dang-nhap?{urlencode({'loi': 'het-phien', 'tiep': back})}#het-phien", 303)
                message = {**message, "status": 303, "headers": response.raw_headers}
            else:
                headers = MutableHeaders(raw=list(message.get("headers", [])))
                if "set-cookie" in headers or headers.get("content-type", "").startswith("text/html"):
                    for line in cookies.leftovers(scope["headers"]):
                        headers.append("set-cookie", line)
                    message = {**message, "headers": headers.raw}
                if headers.get("content-type", "").startswith("text/html"):
                    if needs_visitor:
                        headers.append("set-cookie", cookies.set_cookie(cookies.VISITOR, secrets.new_token(128)))
                    if scope[SESSION_KEY] is not None:
                        headers["cache-control"] = "no-store"
                    message = {**message, "headers": headers.raw}
        elif redirecting:
            message = {**message, "body": b""}
        await send(message)

    return answer


async def _websocket(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    address = client_address(scope)
    set_current_actor(Actor("anonymous", address=address))
    try:
        _check_host(scope)
        if header(scope, "origin") not in settings().origins():
            raise Forbidden(text.FOREIGN_ORIGIN)
        sent = cookies.read_cookies(scope["headers"])
        token = sent.get(cookies.SESSION, "")
        found = await service.authenticate(token, address) if token else None
    except DomainError:
        await receive()
        await send({"type": "websocket.close", "code": 4403})  # before the accept: HTTP 403
        return
    visitor = sent.get(cookies.VISITOR, "")
    scope = {**scope, "client": (address, (scope.get("client") or ("", 0))[1])}
    await sockets.serve(
        app, scope, receive, send, found.id if found else None, visitor if _VISITOR.fullmatch(visitor) else ""
    )


def _leads_astray(scope: Scope) -> bool:
    """Return whether somebody whose rights are withheld opens a page other than the one that sets a second factor up.

    The rights are withheld in the actor; this only saves him from screens on which nothing would work.
    """
    wanted = scope["path"]
    return scope["method"] == "GET" and is_navigation(scope) and not wanted.startswith((_ENROLMENT, "/tai-khoan/xac-minh", *_PROBES))


def client_address(scope: Scope) -> str:
    """Return the caller's network address; X-Forwarded-For counts only as far as our own proxies wrote it."""
    direct = str((scope.get("client") or ("",))[0])
    hops = settings().trusted_proxy_hops
    if not hops:
        return direct
    # Some proxies add a line of their own below the caller's instead of appending to it: all lines count, in their order.
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    named = [part.strip() for part in ",".join(lines).split(",") if part.strip()]
    return named[-hops][:64] if len(named) >= hops else direct


def _check_host(scope: Scope) -> None:
    """Refuse a host name that is not ours: it would end up in links, and a name bound to our address could read us."""
    host = header(scope, "host").lower()
    ours = {split_url(origin).netloc.lower() for origin in settings().origins()}
    if host in ours:
        return
    if scope["path"] in _PROBES and (split_url(f"//{host}").hostname or "") in ("127.0.0.1", "localhost", "::1"):
        return
    raise BadRequest(text.FOREIGN_HOST)


def _check_address(scope: Scope) -> None:
    """Refuse an address with an access token in it: addresses end up in logs, histories and other sites' statistics."""
    if scoped.PATTERN.search(scope["path"]) or scoped.PATTERN.search(unquote_plus(scope["query_string"].decode("latin-1"))):
        raise BadRequest(token_text.IN_ADDRESS)


def _bearer(scope: Scope) -> str | None:
    """Return the token a program sent with a request to the API, None when it sent none.

    Another scheme is not ours: a proxy in front may ask for a password of its own.

    Raises:
        TokenRefused: several at once, of which nobody could say which counts.
    """
    if not scope["path"].startswith(_FOR_PROGRAMS):
        return None
    sent = [value.decode("latin-1").strip() for name, value in scope["headers"] if name == b"authorization"]
    tokens = [value[len("bearer"):].strip() for value in sent if value[: len("bearer ")].strip().lower() == "bearer"]
    if len(tokens) > 1:
        raise TokenRefused()
    return tokens[0] if tokens else None


def _check_origin(scope: Scope, has_session: bool) -> None:
    """Refuse an unsafe request another site made. Browsers name the origin; other programs have no cookie to abuse.

    Raises:
        Forbidden: from a foreign or unnamed origin.
    """
    origin = header(scope, "origin")
    if scope["path"] in _CROSS_SITE and not has_session:
        return
    if origin:
        allowed = origin in settings().origins()
    elif site := header(scope, "sec-fetch-site"):
        allowed = site in ("same-origin", "none")
    elif referer := header(scope, "referer"):
        parts = split_url(referer)
        allowed = f"{parts.scheme}://{parts.netloc}" in settings().origins()
    else:
        allowed = not has_session
    if not allowed:
        raise Forbidden(text.FOREIGN_ORIGIN)


async def _sweep() -> None:
    """Remove what nobody needs any more, every hour."""
    while True:
        await asyncio.sleep(_SWEEP_SECONDS)
        try:
            await sessions.sweep()
        except Exception as error:
            log.warning("sweep failed: %s", type(error).__name__)
