"""Problem documents as a page: who opens an address in a browser and is refused reads words, not JSON."""

from __future__ import annotations

import html
import json

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PROBLEM = "application/problem+json"
_PAGE = """<!DOCTYPE html>
<html lang="vi"><head><meta charset="utf-8"/><meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>Chưa mở được trang này</title>
<style>body{{font:18px/1.6 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 16px}}a{{display:inline-block;padding:8px 0}}
@media (prefers-color-scheme:dark){{body{{background:#16181d;color:#eceef2}}a{{color:#f3b3a6}}}}</style></head>
<body><main><h1>Chưa mở được trang này</h1><p>{words}</p><p><a href="/">Về trang chủ Mặt trận số</a></p></main></body></html>
"""


def problem_pages(app: ASGIApp) -> ASGIApp:
    """Wrap `app`: a problem document becomes a small page when a person navigates; programs get it as it is."""

    async def shown(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_navigation(scope):
            await app(scope, receive, send)
            return
        start: Message | None = None
        body = b""

        async def sending(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_problem(message):
                start = message
                return
            if start is None or message["type"] != "http.response.body":
                await send(message)
                return
            body += message.get("body", b"")
            if not message.get("more_body"):
                page = _PAGE.format(words=html.escape(str(json.loads(body).get("detail", "")))).encode() if body else b""
                headers = MutableHeaders(raw=list(start["headers"]))
                headers["content-type"] = "text/html; charset=utf-8"
                headers["content-length"] = str(len(page))
                await send({**start, "headers": headers.raw})
                await send({"type": "http.response.body", "body": page})

        await app(scope, receive, sending)

    return shown


def is_navigation(scope: Scope) -> bool:
    """Return whether a person navigates here, rather than a script that asks in the background."""
    wanted = {name: value for name, value in scope["headers"] if name in (b"sec-fetch-dest", b"accept")}
    purpose = wanted.get(b"sec-fetch-dest", b"")
    return purpose == b"document" if purpose else b"text/html" in wanted.get(b"accept", b"")


def _is_problem(message: Message) -> bool:
    return any(name.lower() == b"content-type" and value.startswith(_PROBLEM.encode()) for name, value in message["headers"])
