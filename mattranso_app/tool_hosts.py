"""Hosts of the tools' own, e.g. `pakn.` + the portal's domain: its start page is the tool's, everything else as at the portal.

Which hosts are ours, and that no other is served, is `identity/web.py`'s; this stands behind it. The address people and
search engines keep is the portal's.
"""

from __future__ import annotations

from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mattranso_app.identity.visit import header
from mattranso_app.settings import settings

START = {"petitions": "/phan-anh"}
"""Tool → the page it starts with. A tool that is not built yet has none: its host shows the portal, which says so."""


def tool_hosts(app: ASGIApp) -> ASGIApp:
    """Wrap `app`: the root of a tool's host leads to the tool, and its pages name their address at the portal."""

    async def opened(scope: Scope, receive: Receive, send: Send) -> None:
        tool = _tool_at(scope) if scope["type"] == "http" else None
        if tool is None:
            await app(scope, receive, send)
            return
        if scope["path"] == "/" and tool in START and scope["method"] in ("GET", "HEAD"):
            query = scope["query_string"].decode("latin-1")
            await RedirectResponse(START[tool] + (f"?{query}" if query else ""), 307)(scope, receive, send)
            return
        own = f'<{settings().origins()[0]}{quote(scope["path"])}>; rel="canonical"'

        async def naming(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                headers = MutableHeaders(raw=list(message.get("headers", [])))
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append("link", own)
                    message = {**message, "headers": headers.raw}
            await send(message)

        await app(scope, receive, naming)

    return opened


def _tool_at(scope: Scope) -> str | None:
    host = header(scope, "host").lower()
    return next((tool for tool, origin in settings().tool_origins().items() if origin.partition("://")[2] == host), None)
