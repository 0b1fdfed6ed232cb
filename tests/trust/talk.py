"""Asking one thing over a socket and waiting for exactly what came of it, without sleeping."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from tests.identity.browser import Socket

STATES = "reflex___state____state"
SHOW = f"{STATES}.mattranso_app___identity___notice____notice_state.show"
_marks = itertools.count(1)


@dataclass(frozen=True)
class Reaction:
    """What an event led to: notices to the person, ways to other pages, values that changed by `state.variable`."""

    notices: list[str]
    redirects: list[str]
    values: dict[str, Any]


async def ask(socket: Socket, name: str, payload: dict[str, Any] | None = None, path: str = "/", **more: Any) -> Reaction:
    """Send an event and return what came of it, chained events included."""
    return await after(socket, socket.send(name, payload, path, **more))


async def after(socket: Socket, sending: Any) -> Reaction:
    """Await `sending`, which puts something on the socket, and return what came of it."""
    deltas, events = len(socket.deltas), len(socket.events)
    await sending
    # What an event queues comes after what was sent meanwhile, so the second mark has seen it all.
    marks = [await _mark(socket), await _mark(socket)]
    values: dict[str, Any] = {}
    notices = []
    for delta in socket.deltas[deltas:]:
        for state, changed in delta.items():
            for variable, value in changed.items():
                values[f"{state.rpartition('____')[2]}.{variable.removesuffix('_rx_state_')}"] = value
                if state.endswith("notice_state") and variable.startswith("text_") and value and value not in marks:
                    notices.append(value)
    redirects = [event["payload"]["path"] for event in socket.events[events:] if event["name"] == "_redirect"]
    return Reaction(notices, redirects, values)


async def _mark(socket: Socket) -> str:
    mark = f"dấu {next(_marks)}"
    before = len(socket.deltas)
    await socket.send(SHOW, {"text": mark})

    def seen() -> bool:
        return any(mark in changed.values() for delta in socket.deltas[before:] for changed in delta.values())

    await socket.until(seen, 15)
    return mark
