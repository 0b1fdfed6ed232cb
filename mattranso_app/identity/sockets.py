"""Open sockets by session, so that ending a session cuts them, and the name under which a socket finds its state.

The browser chooses the token of its Reflex state. Here it becomes a keyed hash of that token together with what the
browser cannot choose: its session, or its visitor cookie. A stolen token without the cookie leads to an empty state, and
signing in or out leads to a fresh one.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import re
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import parse_qs, urlencode
from uuid import UUID

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mattranso_app.core import secrets
from mattranso_app.core.clock import now
from mattranso_app.identity import store
from mattranso_app.settings import settings

CUT = 4401
"""Close code of a socket whose session has ended; the client dials again and is anonymous then."""

CLOSING_SECONDS = 0.5
"""How long the other side has for each step of a close; after it the application's end of the socket is shut anyway."""

FULL = 4429
"""Close code for an address that holds too many sockets already."""

WATCH_SECONDS = 2.0
"""How often sessions of open sockets are looked up; other processes end sessions too, and idling needs no act at all."""

_KEPT_HEADERS = frozenset(
    (b"host", b"origin", b"upgrade", b"connection", b"accept-language", b"sec-websocket-key", b"sec-websocket-version",
     b"sec-websocket-protocol", b"sec-websocket-extensions")
)
_CLIENT_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,80}")
_MARK = "mts="

log = logging.getLogger(__name__)
_open: dict[UUID, set[OpenSocket]] = {}
_by_address: Counter[str] = Counter()
_closing: set[asyncio.Task[None]] = set()


class OpenSocket:
    """A websocket that can be closed from outside the application that serves it."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._waiting: asyncio.Future[Message] | None = None
        self._is_cut = False

    async def receive(self) -> Message:
        """Pass the next message on, or say that the other side is gone once the socket is cut."""
        if not self._is_cut:
            self._waiting = asyncio.ensure_future(self._receive())
            try:
                return await self._waiting
            except asyncio.CancelledError:
                if not self._is_cut:
                    raise
        return {"type": "websocket.disconnect", "code": CUT}

    async def send(self, message: Message) -> None:
        """Pass a message on; a cut socket swallows it."""
        if not self._is_cut:
            await self._send(message)

    async def cut(self) -> None:
        """Close the socket now, from both sides."""
        if self._is_cut:
            return
        self._is_cut = True
        # The pending read goes first: granian writes nothing, a close neither, while it holds the connection for reading.
        if self._waiting is not None:
            self._waiting.cancel()
            await asyncio.wait([self._waiting], timeout=CLOSING_SECONDS)
        with suppress(Exception):  # it may be closing by itself just now
            await asyncio.wait_for(self._send({"type": "websocket.close", "code": CUT, "reason": "session ended"}), CLOSING_SECONDS)


async def serve(app: ASGIApp, scope: Scope, receive: Receive, send: Send, session_id: UUID | None, visitor: str) -> None:
    """Hand a websocket on to `app` under its bound token and without the browser's cookies.

    Args:
        app: what serves the socket.
        scope: the handshake, origin and host already checked.
        receive: the server's.
        send: the server's.
        session_id: the live session its cookie names, or None.
        visitor: the visitor cookie, empty when there is none.
    """
    headers = [pair for pair in scope["headers"] if pair[0] in _KEPT_HEADERS]
    if session_id is not None:
        headers.append((b"cookie", _identity(session_id).encode()))
    address = str((scope.get("client") or ("",))[0])
    if _by_address[address] >= settings().sockets_per_address:
        await receive()
        await send({"type": "websocket.close", "code": FULL})  # before the accept: HTTP 403
        return
    _by_address[address] += 1
    try:
        await _serve(app, scope, receive, send, headers, session_id, visitor)
    finally:
        _by_address[address] -= 1
        if not _by_address[address]:
            del _by_address[address]


async def _serve(
    app: ASGIApp, scope: Scope, receive: Receive, send: Send, headers: list[tuple[bytes, bytes]], session_id: UUID | None, visitor: str
) -> None:
    inner = {**scope, "query_string": _bound_query(scope["query_string"], session_id, visitor), "headers": headers}
    if session_id is None:
        await app(inner, receive, send)
        return
    opened = OpenSocket(receive, send)
    _open.setdefault(session_id, set()).add(opened)
    try:
        await app(inner, opened.receive, opened.send)
    finally:
        group = _open.get(session_id, set())
        group.discard(opened)
        if not group:
            _open.pop(session_id, None)


def session_of(headers: dict[str, str]) -> UUID | None:
    """Return the session `serve` wrote into a socket's headers; None for an anonymous socket.

    It is signed, so that a cookie of that form made by a browser means nothing should Reflex ever be served without `serve`.
    """
    value = headers.get("cookie", "")
    if not value.startswith(_MARK):
        return None
    try:
        session_id = UUID(value[len(_MARK) :].partition(".")[0])
    except ValueError:
        return None
    return session_id if secrets.same(value, _identity(session_id)) else None


def cut(session_ids: Iterable[UUID]) -> None:
    """Close every socket of these sessions in this process. To be called in the event loop."""
    for session_id in session_ids:
        for opened in tuple(_open.get(session_id, ())):
            task = asyncio.get_running_loop().create_task(opened.cut())
            _closing.add(task)
            task.add_done_callback(_closing.discard)


async def watch() -> None:
    """Cut the sockets of sessions that have ended anywhere or have run out; until cancelled."""
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        held = list(_open)
        if not held:
            continue
        try:
            alive = await store.fetch_still_live(held, now())
        except Exception as error:  # the guard refuses events meanwhile; here we only try again
            log.warning("sessions of open sockets could not be looked up: %s", type(error).__name__)
            continue
        cut(set(held) - alive)


def _identity(session_id: UUID) -> str:
    mac = hmac.digest(secrets.key("socket identity"), session_id.bytes, "sha256")
    return f"{_MARK}{session_id}.{mac.hex()[:32]}"


def _bound_query(query: bytes, session_id: UUID | None, visitor: str) -> bytes:
    values = parse_qs(query[:2000].decode("latin-1"))
    token = (values.get("token") or [""])[0]
    if not _CLIENT_TOKEN.fullmatch(token):
        token = secrets.new_token(128)
    binding = f"session:{session_id}" if session_id is not None else f"visitor:{visitor}"
    bound = hmac.digest(secrets.key("socket token"), f"{binding}\n{token}".encode(), "sha256")
    values["token"] = [str(UUID(bytes=bound[:16]))]
    return urlencode(values, doseq=True).encode()
