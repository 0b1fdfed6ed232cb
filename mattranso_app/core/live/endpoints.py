"""`/live/{topic}.json` (snapshot) and `/live/{topic}/stream` (Server-Sent Events)."""

from __future__ import annotations

import asyncio
import random
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from mattranso_app.core.access import current_actor, public
from mattranso_app.core.http import raw_route, route
from mattranso_app.core.live.cursor import Cursor
from mattranso_app.core.live.hub import hub
from mattranso_app.core.live.viewer import Viewer

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


# Public doors: each topic says itself who may read it, and hub.channel() asks it.
@route("/live/{topic:path}.json")
@public
async def snapshot(request: Request) -> Response:
    """Answer a topic's value. It carries an entity tag and may be cached for a second when everyone may read it."""
    channel = await hub().channel(request.path_params["topic"], current_actor())
    headers = {"ETag": channel.tag(), "Cache-Control": "public, max-age=1"}
    if not channel.topic.is_public:
        headers |= {"Cache-Control": "private, no-store", "Vary": "Cookie"}
    if _matches(request.headers.get("if-none-match", ""), channel.tag()):
        return Response(status_code=304, headers=headers)
    return Response(channel.body(), headers=headers, media_type="application/json")


def _matches(asked: str, tag: str) -> bool:
    return asked.strip() == "*" or tag in (part.strip() for part in asked.split(","))


@raw_route("/live/{topic:path}/stream")
@public
async def stream(scope: Scope, receive: Receive, send: Send) -> None:
    """Send a topic's value and then its changes, until the viewer leaves.

    `Last-Event-ID` or `?after=` continue where an earlier stream broke off.
    """
    actor = current_actor()
    client = scope.get("client")
    channel = await hub().channel(scope["path_params"]["topic"], actor)
    head = {"type": "http.response.start", "status": 200, "headers": _HEADERS}
    if scope["method"] == "HEAD":
        await send(head)
        await send({"type": "http.response.body", "body": b""})
        return
    viewer = Viewer(channel, send, scope, actor, actor.address or (client[0] if client else ""))
    house = hub()
    house.admit(viewer)
    try:
        await send(head)
        # Those who lose us together must not come back together.
        retry = b"retry: %d\n\n" % random.randint(1_000, 4_000)  # noqa: S311
        viewer.start(retry + channel.start_for(viewer, _after(scope)))
        while (await receive())["type"] != "http.disconnect":
            pass
    except asyncio.CancelledError:
        # Our own goodbye ends the wait; a cancellation from the server goes on.
        task = asyncio.current_task()
        if not viewer.ended or task is None or task.uncancel() > 0:
            raise
    finally:
        house.dismiss(viewer)


def _after(scope: Scope) -> Cursor | None:
    given = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"last-event-id"), "")
    if not given:
        given = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("after", [""])[-1]
    try:
        return Cursor.parse(given)
    except ValueError:
        return None
