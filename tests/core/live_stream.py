"""A reader of our streams without a network: drives the ASGI application and understands Server-Sent Events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from mattranso_app.core.access import ANONYMOUS, Actor, set_current_actor
from mattranso_app.core.http import router
from mattranso_app.core.live.patch import merge


async def _nothing(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError(f"no route for {scope['path']}")


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Stream:
    """One open stream: what came, and the value a page would show."""

    path: str
    headers: dict[str, str] = field(default_factory=dict)
    actor: Actor = ANONYMOUS
    address: str = "10.0.0.1"
    query: str = ""
    method: str = "GET"
    status: int = 0
    answer_headers: dict[str, str] = field(default_factory=dict)
    events: list[tuple[str, str, Any]] = field(default_factory=list)
    value: Any = None
    last_id: str = ""
    raw: bytes = b""
    finished: bool = False
    writable: asyncio.Event = field(default_factory=asyncio.Event)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Stream:
        self.writable.set()
        self._task = asyncio.get_running_loop().create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave()

    async def leave(self) -> None:
        self._gone.set()
        self.writable.set()
        await asyncio.wait_for(self._task, 5)

    async def _run(self) -> None:
        set_current_actor(self.actor)
        scope = {
            "type": "http",
            "method": self.method,
            "path": self.path,
            "raw_path": self.path.encode(),
            "root_path": "",
            "query_string": self.query.encode(),
            "headers": [(key.lower().encode(), value.encode()) for key, value in self.headers.items()],
            "client": (self.address, 5000),
        }
        asked = False

        async def receive() -> dict[str, Any]:
            nonlocal asked
            if not asked:
                asked = True
                return {"type": "http.request", "body": b"", "more_body": False}
            await self._gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            await self.writable.wait()
            if message["type"] == "http.response.start":
                self.status = message["status"]
                self.answer_headers = {key.decode(): value.decode() for key, value in message["headers"]}
            else:
                self.raw += message.get("body", b"")
                self.finished = not message.get("more_body", False)
                self._parse()
            self._news.set()

        try:
            await router(_nothing)(scope, receive, send)
        finally:
            self.finished = True
            self._news.set()

    def _parse(self) -> None:
        if not self.answer_headers.get("content-type", "").startswith("text/event-stream"):
            return
        while b"\n\n" in self.raw:
            block, self.raw = self.raw.split(b"\n\n", 1)
            fields = dict(line.split(": ", 1) for line in block.decode().split("\n"))
            if "event" not in fields:
                continue
            data = json.loads(fields["data"])
            self.events.append((fields["event"], fields.get("id", ""), data))
            self.last_id = fields.get("id", self.last_id)
            if fields["event"] == "snapshot":
                self.value = data["data"]
            elif fields["event"] == "delta":
                self.value = merge(self.value, data["patch"])

    def kinds(self) -> list[str]:
        return [kind for kind, _, _ in self.events]

    async def until(self, condition: Any, within: float = 5.0) -> None:
        """Wait until `condition(self)` holds."""
        async with asyncio.timeout(within):
            while not condition(self):
                self._news.clear()
                await self._news.wait()


async def eventually(check: Callable[[], Awaitable[bool]], within: float = 4.0) -> None:
    """Wait until `check` says yes, asking often."""
    for _ in range(int(within / 0.02)):
        if await check():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came true")


async def get(path: str, actor: Actor = ANONYMOUS, **headers: str) -> Answer:
    """Ask once, as a page that polls does."""
    stream = Stream(path, {key.replace("_", "-"): value for key, value in headers.items()}, actor)
    async with stream:
        await stream.until(lambda s: s.finished)
    return Answer(stream.status, stream.answer_headers, stream.raw)
