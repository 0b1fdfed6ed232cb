"""The viewers of `bench live`: raw sockets in a process of their own, told by lines on standard input what to do.

Each is an `asyncio.Protocol` that only looks for the change's number in what arrives, so that the measuring costs as
little as it can of the two cores it shares with the server.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from mattranso_app.core.live.memory import raise_file_limit

_ID = re.compile(rb"^id: (\S+)", re.MULTILINE)
PATIENCE = 15.0
"""Seconds to wait for the last viewer before telling who came."""


class Viewer(asyncio.Protocol):
    """One stream. The pattern may be cut in two by the network: what arrived last is looked at again with what follows."""

    def __init__(self, crowd: Crowd, last_id: bytes) -> None:
        self.crowd = crowd
        self.last_id = last_id
        self.number = -1
        self.rest = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream, from where the last one broke off."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        resume = b"Last-Event-ID: " + self.last_id + b"\r\n" if self.last_id else b""
        path = self.crowd.topic.encode()
        host = b"Host: localhost:" + str(self.crowd.port).encode() + b"\r\n"
        transport.write(b"GET /live/" + path + b"/stream HTTP/1.1\r\n" + host + resume + b"\r\n")

    def data_received(self, data: bytes) -> None:
        """Note when which change came."""
        now = time.monotonic()
        if self.rest:
            data = self.rest + data
        # Events end with an empty line; what comes after it is not whole yet.
        end = data.rfind(b"\n\n") + 2
        self.rest = data[end:] if end > 1 else data
        data = data[:end] if end > 1 else b""
        found = self.crowd.pattern.findall(data)
        if found and (number := int(found[-1].replace(b".", b""))) > self.number:
            if self.number < 0:
                self.crowd.hear()
            self.number = number
            self.crowd.note(number, now)
        if ids := _ID.findall(data):
            self.last_id = ids[-1]


class Crowd:
    """All viewers of one topic."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.topic = ""
        self.pattern = re.compile(b"")
        self.viewers: list[Viewer] = []
        self._arrived: dict[int, list[float]] = {}
        self._silent = 0
        self._news = asyncio.Event()
        self._all_heard = asyncio.Event()

    def hear(self) -> None:
        """One more viewer has its first value."""
        self._silent -= 1
        if not self._silent:
            self._all_heard.set()

    def note(self, number: int, moment: float) -> None:
        """Change `number` reached one more viewer at `moment`."""
        times = self._arrived.setdefault(number, [])
        times.append(moment)
        if len(times) >= len(self.viewers):
            self._news.set()

    async def dial(self, topic: str, count: int, pattern: str) -> dict[str, Any]:
        """Open `count` streams of `topic` and wait until each has its first value; tell which number all of them stand at.

        Args:
            topic: its name.
            count: viewers.
            pattern: regular expression whose group is the change's number in the event.
        """
        self.topic, self.pattern, self._arrived = topic, re.compile(pattern.encode()), {}
        self.viewers = [Viewer(self, b"") for _ in range(count)]
        self._silent = count
        self._all_heard.clear()
        await self._connect()
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self._all_heard.wait()
        number = max(viewer.number for viewer in self.viewers)
        return {"number": number, "times": self._arrived.pop(number, [])}

    async def redial(self, number: int) -> dict[str, Any]:
        """Open all streams again, at once, each from where it was."""
        self._arrived.pop(number, None)
        self.viewers = [Viewer(self, old.last_id) for old in self.viewers]
        await self._connect()
        return {}

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()

        def is_always(viewer: Viewer) -> Callable[[], Viewer]:
            return lambda: viewer

        await asyncio.gather(*(loop.create_connection(is_always(viewer), "127.0.0.1", self.port) for viewer in self.viewers))

    def cut(self) -> dict[str, Any]:
        """Break all streams off, as a proxy that restarts does."""
        for viewer in self.viewers:
            if viewer.transport is not None:
                viewer.transport.abort()
        return {}

    async def wait(self, number: int) -> list[float]:
        """Return when change `number` reached each viewer, once all have it or patience ends."""
        deadline = time.monotonic() + PATIENCE
        while len(self._arrived.get(number, ())) < len(self.viewers) and (left := deadline - time.monotonic()) > 0:
            self._news.clear()
            try:
                async with asyncio.timeout(left):
                    await self._news.wait()
            except TimeoutError:
                break
        return self._arrived.pop(number, [])


async def listen(port: int) -> None:
    """Do what the bench asks, line by line."""
    raise_file_limit()
    crowd = Crowd(port)
    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        asked = json.loads(line)
        match asked["do"]:
            case "dial":
                answer = await crowd.dial(asked["topic"], asked["viewers"], asked["pattern"])
            case "redial":
                answer = await crowd.redial(asked["number"])
            case "cut":
                answer = crowd.cut()
            case _:
                answer = {"times": await crowd.wait(asked["number"])}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(listen(int(sys.argv[1])))
