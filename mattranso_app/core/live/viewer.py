"""One open stream. It holds a position in its channel, never a queue: who is slow gets fewer and larger steps."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.types import Scope, Send

from mattranso_app.core.access import Actor

if TYPE_CHECKING:
    from mattranso_app.core.live.channel import Channel


class Viewer:
    """A viewer of one channel, written straight to ASGI: no task of its own while nothing happens.

    Attributes:
        address: network address, for the limit per address.
        actor: who it was when the stream was opened.
        scope: the request, for finding out again who it is.
        position: number of the last event this viewer was given.
        beat: number of the last heartbeat it was given.
        sending_since: time (of the event loop) at which the write that is under way began; 0 when none is.
        closed: nothing more is to be sent.
        ended: we ended it, not the other side.
    """

    __slots__ = (
        "_first", "_goodbye", "_main", "_send", "_task", "actor", "address", "beat", "channel", "closed", "ended",
        "position", "scope", "sending_since",
    )  # fmt: skip

    def __init__(self, channel: Channel, send: Send, scope: Scope, actor: Actor, address: str) -> None:
        self.channel = channel
        self.address = address
        self.actor = actor
        self.scope = scope
        self.position = 0
        self.beat = 0
        self.sending_since = 0.0
        # Changes that come before start() are part of what start() sends.
        self.closed = True
        self.ended = False
        self._first = b""
        self._goodbye = b""
        self._send = send
        self._task: asyncio.Task[None] | None = None
        self._main = asyncio.current_task()

    @property
    def identity(self) -> object:
        """What viewers of one session have in common, so that rights are looked up once for all of them."""
        return self.actor.session_id or self

    def start(self, first: bytes) -> None:
        """Send `first` and then whatever happens."""
        if not self.ended:
            self.closed = False
            self._first = first
            self.wake()

    def wake(self) -> None:
        """Look whether there is something to send. Cheap, and harmless when a write is under way."""
        if self._task is None and not self.closed:
            self._run()

    def refuse(self) -> None:
        """End the stream of someone who may no longer read."""
        self.close(b'event: end\ndata: {"reason":"refused"}\n\n')

    def close(self, goodbye: bytes) -> None:
        """End the stream with the encoded event `goodbye`."""
        if self.ended:
            return
        self._goodbye = goodbye
        self.closed = self.ended = True
        if self._task is None:
            self._run()

    def leave(self) -> None:
        """The endpoint is done with the request; its task must not be touched any more."""
        self.closed = True
        self._main = None

    def cut(self) -> None:
        """End the stream at once, whatever the other side does; for those who no longer read."""
        self.closed = self.ended = True
        if self._task is not None:
            self._task.cancel()
        if self._main is not None:
            self._main.cancel()

    def _run(self) -> None:
        loop = asyncio.get_running_loop()
        self.sending_since = loop.time()
        self._task = loop.create_task(self._pump())

    async def _pump(self) -> None:
        try:
            chunk: bytes | None
            if self._first and not self.closed:
                chunk, self._first = self._first, b""
                await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
            while not self.closed and (chunk := self.channel.next_for(self)) is not None:
                self.sending_since = asyncio.get_running_loop().time()
                await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
            if self.ended:
                await self._send({"type": "http.response.body", "body": self._goodbye, "more_body": False})
                if self._main is not None:
                    self._main.cancel()
        except OSError:
            # The other side is gone; the server tells the endpoint so by itself.
            self.closed = True
        finally:
            self.sending_since = 0.0
            self._task = None
