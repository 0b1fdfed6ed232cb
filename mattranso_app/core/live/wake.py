"""Waking the hub of this process without a way through the database."""

from __future__ import annotations

import asyncio
import secrets

PROCESS = secrets.token_hex(8)
"""Name of this process in NOTIFY payloads, so that its own hub is not woken twice."""

_events: set[asyncio.Event] = set()


def here() -> None:
    """Wake the hubs of this process; to be called from their event loop."""
    for event in _events:
        event.set()


def register(event: asyncio.Event) -> None:
    """Have `event` set whenever this process has committed a change."""
    _events.add(event)


def unregister(event: asyncio.Event) -> None:
    """Undo `register`."""
    _events.discard(event)
