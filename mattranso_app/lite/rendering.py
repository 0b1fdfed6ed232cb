"""Making plain pages: templates that escape by themselves, the stylesheet inside the page, a policy that lets nothing run."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mattranso_app.lite import text

ROOT = "/toi-gian"
_TEMPLATES = Path(__file__).parent / "templates"
_STYLE = (_TEMPLATES / "style.css").read_text(encoding="utf-8").strip()
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""Stricter than the house's: no script of any kind, and no style but our own."""
_SMALL = 1024
"""Bytes under which compressing gains nothing."""

_environment = Environment(
    loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    auto_reload=False,
)
_environment.globals.update(words=text, style=_STYLE)


def page(
    request: Request, template: str, *, title: str, full_page: str, status: int = 200, is_private: bool = False, **values: Any
) -> Response:
    """Return a page.

    Args:
        request: what is answered; says whether it may be compressed and which page is open.
        template: a file of `templates`.
        title: of the page; its heading unless the template sets another.
        full_page: address of the same thing with script.
        status: of the answer.
        is_private: it holds what only this reader may see, so that nothing may keep it.
        **values: for the template.
    """
    return _answer(
        request.headers, request.scope["path"], template, status, "no-store" if is_private else "private, no-cache",
        {"title": title, "full_page": full_page, **values},
    )


def _answer(headers: Headers, path: str, template: str, status: int, caching: str, values: dict[str, Any]) -> Response:
    made = _environment.get_template(template).render(path=path, **values)
    body = made.encode("utf-8", "replace")
    sent = {"Cache-Control": caching, "Content-Security-Policy": _POLICY, "Vary": "Accept-Encoding"}
    # Private pages too: a foreign page cannot make us answer with words of its choice in them (its forms are refused).
    if len(body) > _SMALL and "gzip" in headers.get("accept-encoding", ""):
        body = gzip.compress(body, 6)
        sent["Content-Encoding"] = "gzip"
    return Response(body, status, sent, media_type="text/html")


def plain_problems(app: ASGIApp) -> ASGIApp:
    """Wrap `app` so that errors below `/toi-gian` are pages too, wherever they come from: a reader without script would
    otherwise be shown a JSON document."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not f"{scope['path']}/".startswith(f"{ROOT}/"):
            await app(scope, receive, send)
            return
        refused: Message | None = None
        document = b""

        async def sending(message: Message) -> None:
            nonlocal refused, document
            if message["type"] == "http.response.start":
                kind = Headers(raw=message["headers"]).get("content-type", "")
                if message["status"] >= 400 and not kind.startswith("text/html"):
                    refused = message
                    return
            if refused is None:
                await send(message)
                return
            document += message.get("body", b"")
            if not message.get("more_body"):
                await _problem_page(scope, refused, document)(scope, receive, send)

        await app(scope, receive, sending)

    return serve


def _problem_page(scope: Scope, refused: Message, document: bytes) -> Response:
    try:
        detail = str(json.loads(document)["detail"])
    except (ValueError, KeyError, TypeError):
        detail = text.NOTHING_HERE
    values = {"title": text.PROBLEM_TITLE, "full_page": "/", "message": detail, "was_sending": scope["method"] == "POST"}
    response = _answer(Headers(scope=scope), scope["path"], "problem.html", HTTPStatus(refused["status"]), "no-store", values)
    for name in ("retry-after", "allow", "set-cookie"):
        for value in Headers(raw=refused["headers"]).getlist(name):
            response.headers.append(name, value)
    return response
