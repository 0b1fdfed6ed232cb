"""What a page shell says of one item: title, description, canonical address, JSON-LD, and the item itself before any script.

A shell built once cannot know a petition's title; search engines, link previews and readers without script need it. A
tool registers who makes the head for an address pattern; the layer rewrites the shell on the way out. With a `First` the
shell's body begins with the item as plain HTML, and with the snapshot that assets/live_source.js draws from without
asking; that script takes both away in the frame in which the page has drawn the same.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mattranso_app.core.clock import now
from mattranso_app.core.errors import DomainError
from mattranso_app.core.http import fault


@dataclass(frozen=True, slots=True)
class First:
    """An item as it is shown before the scripts have come.

    Attributes:
        topic: its live topic.
        snapshot: what the topic says now; escaped here.
        html: the page drawn from it; **already escaped**.
    """

    topic: str
    snapshot: dict[str, object]
    html: str


@dataclass(frozen=True, slots=True)
class Head:
    """What a page says about one item before any script; all but `first.html` is plain text, escaped here."""

    title: str
    description: str = ""
    canonical: str = ""
    json_ld: dict[str, object] = field(default_factory=dict)
    first: First | None = None


Maker = Callable[[dict[str, str]], Awaitable[Head | None]]
_makers: list[tuple[re.Pattern[str], Maker]] = []


def page_head(path: str) -> Callable[[Maker], Maker]:
    """Register the maker of heads for `path` (Starlette pattern); it returns None where there is no such item."""

    def register(maker: Maker) -> Maker:
        _makers.append((compile_path(path)[0], maker))
        return maker

    return register


def page_heads(app: ASGIApp) -> ASGIApp:
    """Wrap the pages' app: where a maker matches, its head goes into the shell; an unknown item answers 404."""

    async def with_head(scope: Scope, receive: Receive, send: Send) -> None:
        maker, params = _match(scope)
        if maker is None:
            await app(scope, receive, send)
            return
        head, missing = await _made(maker, params)
        # The shell must come plain and whole to be rewritten.
        headers = [(name, value) for name, value in scope["headers"]
                   if name not in (b"accept-encoding", b"range", b"if-none-match", b"if-modified-since")]
        start: Message = {}
        parts: list[bytes] = []

        async def collect(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            parts.append(message.get("body", b""))
            if message.get("more_body"):
                return
            body = b"".join(parts)
            status = start["status"]
            if head is None:
                status = missing
            else:
                body = insert(body.decode(), head).encode()
            kept = [(name, value) for name, value in start["headers"]
                    if name.lower() not in (b"content-length", b"etag", b"last-modified", b"cache-control", b"accept-ranges")]
            await send({**start, "status": status,
                        "headers": [*kept, (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-cache")]})
            await send({"type": "http.response.body", "body": body})

        # Without the extensions the file comes as bytes through us instead of being sent by the server itself.
        await app({**scope, "headers": headers, "extensions": {}}, receive, collect)

    return with_head


async def _made(maker: Maker, params: dict[str, str]) -> tuple[Head | None, int]:
    """Return the head, or None with the status the shell gets: the page inside it says in its own words what is wrong."""
    try:
        return await maker(params), 404
    except DomainError as error:
        return None, int(error.status)
    except Exception as error:
        return None, int(fault(error, f"the head of a page ({maker.__qualname__})").status)


def _match(scope: Scope) -> tuple[Maker | None, dict[str, str]]:
    if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
        return None, {}
    for pattern, maker in _makers:
        found = pattern.match(scope["path"])
        if found:
            return maker, found.groupdict()
    return None, {}


def insert(page: str, head: Head) -> str:
    """Return the HTML `page` with `head` in place of its own title and description, its body beginning with `head.first`."""
    title = html.escape(head.title)
    tags = [
        f"<title>{title}</title>",
        f'<meta property="og:title" content="{title}"/>',
        '<meta property="og:locale" content="vi_VN"/>',
    ]
    if head.description:
        description = html.escape(head.description)
        tags.append(f'<meta name="description" content="{description}"/>')
        tags.append(f'<meta property="og:description" content="{description}"/>')
    if head.canonical:
        tags.append(f'<link rel="canonical" href="{html.escape(head.canonical)}"/>')
    if head.json_ld:
        data = _script_json({"@context": "https://schema.org", **head.json_ld})
        tags.append(f'<script type="application/ld+json">{data}</script>')
    page = re.sub(r"<title>.*?</title>", "", page, count=1, flags=re.S)
    page = re.sub(r'<meta[^>]*(?:name="description"|property="og:(?:title|description|locale)")[^>]*/?>', "", page)
    if head.first is not None:
        page = page.replace("<body>", "<body>" + _first_view(head.first), 1)
    return page.replace("</head>", "".join(tags) + "</head>", 1)


def _first_view(first: First) -> str:
    message = _script_json({"topic": first.topic, "server_time": now().isoformat(), "data": first.snapshot})
    return f'<div id="first-view">{first.html}<script type="application/json">{message}</script></div>'


def _script_json(data: dict[str, object]) -> str:
    """Return `data` as JSON that cannot end the script element it stands in."""
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
