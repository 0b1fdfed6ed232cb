"""Officers at their desks: real Reflex sockets (Engine.IO 4 and Socket.IO packets as text frames), as the built page speaks."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any
from uuid import uuid4

import aiohttp

from mattranso_app.bench.running import Platform

UNIT = "19753"
"""Phường Phú Xuân, Thành phố Huế: the demonstration officers below handle its petitions."""
OFFICERS = ("phuxuan.xuly", "phuxuan.xuly2")
_NAMESPACE = "/_event"
_DESK = "reflex___state____state.mattranso_app___petitions___states___desk____desk_state"
_PETITION = f"{_DESK}.mattranso_app___petitions___states___desk_item____petition_state"
_PATIENCE = 30.0


class Desk:
    """One open desk: a socket of a signed-in officer."""

    def __init__(self, http: aiohttp.ClientSession, origin: str, cookie: str) -> None:
        self._http = http
        self._origin = origin
        self._cookie = cookie
        self._seen: dict[str, Any] = {}

    async def __aenter__(self) -> Desk:
        address = f"{self._origin}{_NAMESPACE}/?EIO=4&transport=websocket&token={uuid4()}"
        headers = {"Origin": self._origin, "Cookie": self._cookie}
        self._socket = await self._http.ws_connect(address, headers=headers, max_msg_size=0)
        assert (await self._receive()).startswith("0")
        await self._socket.send_str(f"40{_NAMESPACE},{{}}")
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._socket.close()

    async def act(self, name: str, number: str, until: str, hoped: str) -> None:
        """Send one event from the address of the petition `number` and wait until the variable `until` becomes `hoped`.

        Raises:
            RuntimeError: it became something else, or the act was answered with a problem.
        """
        self._seen.clear()
        path = "/phan-anh/ban-lam-viec"
        router_data = {"pathname": path, "asPath": f"{path}?mo={number}", "query": {"mo": number}}
        event = {"name": f"{_PETITION}.{name}", "payload": {}, "router_data": router_data}
        await self._socket.send_str(f"42{_NAMESPACE},{json.dumps(['event', event])}")
        async with asyncio.timeout(_PATIENCE):
            while self._seen.get(until) != hoped:
                self._note(await self._receive())
                problem = self._seen.get("act_problem") or self._seen.get("problem")
                if problem:
                    raise RuntimeError(f"{name}: {problem}")

    async def _receive(self) -> str:
        while True:
            text = await self._socket.receive_str()
            if text != "2":
                return text
            await self._socket.send_str("3")

    def _note(self, text: str) -> None:
        if not text.startswith(f"42{_NAMESPACE},"):
            return
        name, update = json.loads(text.split(",", 1)[1])
        if name != "event":
            return
        delta = update.get("delta") or {}
        for variable, value in (delta.get(_DESK, {}) | delta.get(_PETITION, {})).items():
            self._seen[variable.removesuffix("_rx_state_")] = value
        for event in update.get("events") or []:
            raise RuntimeError(f"the desk was answered with {event['name']}")


async def take_up_all(platform: Platform, numbers: Sequence[str], at_once: int) -> tuple[list[float], list[float]]:
    """Take petitions up in rounds: `at_once` desks open one each, and once all lie open all take theirs up in one moment.

    Returns:
        Milliseconds of each opening, and of each taking up from the click to the words that it is done.
    """
    from mattranso_app.petitions import text

    accounts = await asyncio.to_thread(platform.accounts)
    openings: list[float] = []
    acts: list[float] = []

    async def timed(times: list[float], desk: Desk, name: str, number: str, until: str, hoped: str) -> None:
        started = time.monotonic()
        await desk.act(name, number, until, hoped)
        times.append((time.monotonic() - started) * 1000)

    async with aiohttp.ClientSession() as http, AsyncExitStack() as stack:
        cookies = [await _sign_in(http, platform.origin, name, accounts[name]) for name in OFFICERS]
        desks = [
            await stack.enter_async_context(Desk(http, platform.origin, cookies[place % len(cookies)])) for place in range(at_once)
        ]
        for first in range(0, len(numbers), at_once):
            pairs = list(zip(desks, numbers[first : first + at_once], strict=False))
            await asyncio.gather(*(timed(openings, desk, "load", number, "number", number) for desk, number in pairs))
            await asyncio.gather(*(timed(acts, desk, "take_up", number, "act_done", text.DONE["take_up"]) for desk, number in pairs))
    return openings, acts


async def _sign_in(http: aiohttp.ClientSession, origin: str, name: str, password: str) -> str:
    form = {"user_name": name, "password": password}
    async with http.post(f"{origin}/dang-nhap/can-bo", json=form, headers={"Origin": origin}, allow_redirects=False) as answer:
        if answer.status >= 400:
            raise RuntimeError(f"{name} cannot sign in: {answer.status}")
        return "; ".join(f"{cookie.key}={cookie.value}" for cookie in answer.cookies.values())
