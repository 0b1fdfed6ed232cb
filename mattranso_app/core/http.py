"""The doors for plain HTTP: each route declares its address and who may call it; errors leave as problem documents.

    @route("/api/v1/units")
    @public
    async def list_units(request: Request) -> Response: ...

Routes are collected where they are written and mounted once by `router()`.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match, Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mattranso_app.core.access import Action, current_actor, declared_action, is_declared, require_somewhere
from mattranso_app.core.errors import BadRequest, DomainError, Fault, InvalidInput, NotFound, TooLarge, WrongMethod

Endpoint = Callable[[Request], Awaitable[Response]]
M = TypeVar("M", bound=BaseModel)

JSON_BODY_LIMIT = 256 * 1024
"""Bytes a JSON body may have; larger things are files and go through `core.files`."""

ROUTE_NOTE = "mattranso.route"
"""Key of the scope under which a layer outside may lay a dict; the router notes in it which of our doors was taken."""

log = logging.getLogger(__name__)
_routes: list[Route] = []
_declared: dict[tuple[str, str], Action | None] = {}


def route(
    path: str, methods: Sequence[str] = ("GET",), applies: Callable[[dict[str, str]], bool] | None = None
) -> Callable[[Endpoint], Endpoint]:
    """Register an endpoint at `path`. Goes above `@needs`/`@public`.

    Args:
        path: as Starlette writes it, with `{names}`.
        methods: HTTP methods.
        applies: of a path with names: whether there is such a door for these; otherwise the address is not ours.

    Raises:
        TypeError: the endpoint does not declare who may call it.
    """

    def register(endpoint: Endpoint) -> Endpoint:
        if not is_declared(endpoint):
            raise TypeError(f"{endpoint.__qualname__} declares neither @needs nor @public")
        _declared.update({(method, path): declared_action(endpoint) for method in methods})
        _routes.append(_Route(path, endpoint, methods, applies))
        return endpoint

    return register


class _Route(Route):
    """A route that may know by the names in its path that it is not meant."""

    def __init__(self, path: str, endpoint: Endpoint, methods: Sequence[str], applies: Callable[[dict[str, str]], bool] | None) -> None:
        super().__init__(path, _Guarded(endpoint), methods=list(methods), name=endpoint.__qualname__)
        self.applies = applies

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, named = super().matches(scope)
        if match is not Match.NONE and self.applies is not None and not self.applies(named["path_params"]):
            return Match.NONE, {}
        return match, named


def raw_route(path: str) -> Callable[[ASGIApp], ASGIApp]:
    """Register a plain ASGI application at `path` (GET only), for streams. It must be declared too and check for itself."""

    def register(app: ASGIApp) -> ASGIApp:
        if not is_declared(app):
            raise TypeError(f"{app!r} declares neither @needs nor @public")
        _declared["GET", path] = declared_action(app)
        entry = Route(path, lambda request: Response(), methods=["GET"], name=path)
        entry.app = _guarded_asgi(app)
        _routes.append(entry)
        return app

    return register


def declared_routes() -> dict[tuple[str, str], Action | None]:
    """Return every registered method and address with the action it needs (None: public). For the rights tests."""
    return dict(_declared)


def router(fallback: ASGIApp) -> ASGIApp:
    """Return the ASGI application that answers our routes and hands everything else to `fallback`.

    An address may be a page for GET (the fallback's) and a door of ours for POST: then GET goes to the fallback. The
    fallback only has pages, so any other method ends here, as does an unknown address of the API.
    """
    fixed: dict[str, list[Route]] = {}
    patterns: list[Route] = []
    for route in _routes:
        (patterns if "{" in route.path else fixed.setdefault(route.path, [])).append(route)
    others = Router(default=fallback, redirect_slashes=False)

    async def pick(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await others(scope, receive, send)
            return
        is_known = False
        for route in (*fixed.get(scope["path"], ()), *patterns):
            match, named = route.matches(scope)
            if match is Match.FULL:
                scope.get(ROUTE_NOTE, {})["route"] = route.path
                scope.update(named)
                await route.handle(scope, receive, send)
                return
            is_known = is_known or match is Match.PARTIAL
        is_api = scope["path"].startswith("/api/")
        if is_api and not is_known:
            await problem(NotFound())(scope, receive, send)
        elif is_api or scope["method"] not in ("GET", "HEAD"):
            await problem(WrongMethod())(scope, receive, send)
        else:
            await fallback(scope, receive, send)

    return pick


def faults_answered(app: ASGIApp) -> ASGIApp:
    """Wrap `app`: whatever else goes wrong inside is logged and answered with a reference number, not with a stack trace."""

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def noting(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await app(scope, receive, noting)
        except Exception as error:
            if scope["type"] != "http" or started:
                raise
            found = error if isinstance(error, DomainError) else fault(error, f"{scope['method']} {scope['path'][:200]!r}")
            await problem(found)(scope, receive, send)

    return answered


def fault(error: Exception, place: str) -> Fault:
    """Log `error`, which is ours and not the caller's, and return what to answer: words with the reference in the log.

    Args:
        error: what was raised.
        place: where, for who reads the log.
    """
    reference = secrets.token_hex(4)
    log.error("fault %s at %s", reference, place, exc_info=error)
    return Fault(reference)


class _Guarded:
    """An endpoint behind its declared right, with errors turned into problem documents."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        response = await answer(self.endpoint, request)
        await response(scope, receive, send)


def _guarded_asgi(app: ASGIApp) -> ASGIApp:
    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        action = declared_action(app)
        try:
            if action is not None:
                require_somewhere(current_actor(), action)
            await app(scope, receive, send)
        except DomainError as error:
            await problem(error)(scope, receive, send)

    return guarded


async def answer(endpoint: Endpoint, request: Request) -> Response:
    """Call `endpoint` if the current actor may, and turn whatever it raises into an answer."""
    action = declared_action(endpoint)
    try:
        if action is not None:
            require_somewhere(current_actor(), action)
        return await endpoint(request)
    except DomainError as error:
        return problem(error)
    except Exception as error:
        return problem(fault(error, getattr(endpoint, "__qualname__", "")))


def problem(error: DomainError) -> Response:
    """Return `error` as an RFC 9457 problem document in Vietnamese."""
    body: dict[str, object] = {
        "type": f"urn:mattranso:error:{error.code}",
        "title": error.status.phrase,
        "status": int(error.status),
        "detail": error.text,
    }
    if error.fields:
        body["fields"] = error.fields
    headers = {"Cache-Control": "no-store"}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    return JSONResponse(body, int(error.status), headers, media_type="application/problem+json")


def query(request: Request, model: type[M]) -> M:
    """Return the query parameters as `model`.

    Raises:
        BadRequest: a parameter is unknown, repeated or of the wrong kind; the message names it.
    """
    names = {field.alias or name for name, field in model.model_fields.items()}
    values: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in names:
            raise BadRequest(f"Không có tham số “{name[:50]}”. Các tham số nhận được: {', '.join(sorted(names))}.")
        if name in values:
            raise BadRequest(f"Tham số “{name}” bị lặp lại.")
        values[name] = value
    try:
        return model.model_validate(values)
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        raise BadRequest(f"Giá trị của tham số “{name}” không hợp lệ.") from error


async def json_body(request: Request, model: type[M], limit: int = JSON_BODY_LIMIT) -> M:
    """Return the JSON body as `model`.

    Raises:
        TooLarge: more than `limit` bytes; reading stops there.
        BadRequest: not JSON.
        InvalidInput: JSON that breaks the model; `fields` says where.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise TooLarge("Nội dung gửi lên quá dài.")
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequest("Nội dung gửi lên không phải JSON hợp lệ.") from error
    return validated(model, data)


def validated(model: type[M], data: object) -> M:
    """Return `data` as `model`, or raise InvalidInput with a message per field."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        fields = {".".join(str(part) for part in item["loc"]) or "nội dung": _plain(item["type"]) for item in error.errors()}
        raise InvalidInput(fields=fields) from error


def _plain(kind: str) -> str:
    if kind == "missing":
        return "Chưa có thông tin này."
    if kind.endswith("too_long"):
        return "Dài quá mức cho phép."
    if kind.endswith("too_short"):
        return "Ngắn quá, xin ghi rõ hơn."
    return "Giá trị không hợp lệ."
