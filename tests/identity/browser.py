"""A browser without a network: cookies, plain requests and the Reflex socket, all driven through the ASGI application."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
from starlette.types import ASGIApp

ORIGIN = "http://localhost:8000"
NAMESPACE = "/_event"


@asynccontextmanager
async def running(app: ASGIApp):
    """Run the application's lifespan around the block."""
    inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    task = asyncio.create_task(app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, inbox.get, outbox.put))
    await inbox.put({"type": "lifespan.startup"})
    assert (await outbox.get())["type"] == "lifespan.startup.complete"
    yield app
    await inbox.put({"type": "lifespan.shutdown"})
    await outbox.get()
    await task


@dataclass
class Browser:
    """One browser: its cookie jar and what it opens."""

    app: ASGIApp
    address: str = "10.0.0.1"
    origin: str | None = ORIGIN
    cookies: dict[str, str] = field(default_factory=dict)

    async def request(
        self, method: str, path: str, *, json_body: Any = None, form: dict[str, str] | None = None,
        headers: dict[str, str] | None = None, page: bool = False,
    ) -> httpx.Response:
        """Make one request and keep the cookies it sets; redirects are not followed."""
        sent = {"accept": "text/html" if page else "application/json"}
        if self.origin is not None and method != "GET":
            sent["origin"] = self.origin
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        transport = httpx.ASGITransport(self.app, client=(self.address, 40000))
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            encoded = {name: value.encode("latin-1") for name, value in (sent | (headers or {})).items()}
            answer = await client.request(method, path, json=json_body, data=form, headers=encoded)
        for line in answer.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            value = rest.split(";")[0]
            if "Max-Age=0" in line:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer

    async def get(self, path: str, **more: Any) -> httpx.Response:
        """GET."""
        return await self.request("GET", path, **more)

    async def post(self, path: str, **more: Any) -> httpx.Response:
        """POST."""
        return await self.request("POST", path, **more)

    def socket(self, token: str = "", **more: Any) -> Socket:
        """Prepare a socket; `token` is what this tab calls its state."""
        return Socket(self, token or str(uuid4()), **more)


@dataclass
class Socket:
    """One Reflex socket: Engine.IO 4 and Socket.IO packets as text frames."""

    browser: Browser
    token: str
    headers: dict[str, str] = field(default_factory=dict)
    boot: dict[str, Any] | None = None
    accepted: bool = False
    closed: int | None = None
    deltas: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Socket:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Shake hands and connect to Reflex's namespace, with the boot event inside the connect packet if there is one."""
        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        headers = {"host": "localhost:8000", "upgrade": "websocket", "connection": "Upgrade", "sec-websocket-version": "13"}
        if self.browser.origin is not None:
            headers["origin"] = self.browser.origin
        if self.browser.cookies:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self.browser.cookies.items())
        headers |= self.headers
        scope = {
            "type": "websocket", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "ws", "path": f"{NAMESPACE}/",
            "raw_path": f"{NAMESPACE}/".encode(), "root_path": "", "subprotocols": [],
            "query_string": urlencode({"token": self.token, "EIO": "4", "transport": "websocket"}).encode(),
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()],
            "client": (self.browser.address, 40001), "server": ("localhost", 8000),
        }
        await self._inbox.put({"type": "websocket.connect"})
        self._task = asyncio.create_task(self.browser.app(scope, self._inbox.get, self._take))
        await self.until(lambda: self.accepted or self.closed is not None)
        if self.accepted:
            auth = {} if self.boot is None else {"event": self.boot}
            await self._put(f"40{NAMESPACE},{json.dumps(auth)}")

    async def send(self, name: str, payload: dict[str, Any] | None = None, path: str = "/", **more: Any) -> None:
        """Send one event."""
        router_data = {"pathname": path, "asPath": path, "query": {}}
        event = {"name": name, "payload": payload or {}, "router_data": router_data, **more}
        await self._put(f"42{NAMESPACE},{json.dumps(['event', event])}")

    async def raw(self, data: Any) -> None:
        """Send any data as the event packet's argument."""
        await self._put(f"42{NAMESPACE},{json.dumps(['event', data])}")

    async def until(self, condition, seconds: float = 8.0) -> None:
        """Wait until `condition()` holds; it is looked at after everything that arrives."""
        async with asyncio.timeout(seconds):
            while not condition():
                self._news.clear()
                if condition():
                    return
                await self._news.wait()

    async def settle(self, seconds: float = 0.25) -> None:
        """Wait until nothing has arrived for a while."""
        while True:
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), seconds)
            except TimeoutError:
                return

    def value(self, variable: str) -> Any:
        """Return the newest value that was sent for a variable, None when none was."""
        found = None
        for delta in self.deltas:
            for values in delta.values():
                if variable + "_rx_state_" in values:
                    found = values[variable + "_rx_state_"]
        return found

    @property
    def redirects(self) -> list[str]:
        """Where the server sent this tab."""
        return [event["payload"]["path"] for event in self.events if event["name"] == "_redirect"]

    async def close(self) -> None:
        """Hang up."""
        if self.closed is None:
            await self._inbox.put({"type": "websocket.disconnect", "code": 1000})
        async with asyncio.timeout(5):
            await asyncio.gather(self._task, return_exceptions=True)

    async def _put(self, text: str) -> None:
        await self._inbox.put({"type": "websocket.receive", "text": text})

    async def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "websocket.accept":
            self.accepted = True
        elif message["type"] == "websocket.close":
            self.closed = message.get("code", 1000)
        elif message["type"] == "websocket.send":
            await self._read(message.get("text") or "")
        self._news.set()

    async def _read(self, text: str) -> None:
        if text == "2":
            await self._put("3")
        elif text.startswith(f"42{NAMESPACE},"):
            name, update = json.loads(text.split(",", 1)[1])
            if name == "event":
                if update.get("delta"):
                    self.deltas.append(update["delta"])
                self.events += update.get("events") or []
