"""Live figures on a page, drawn in the browser: no server state and no event round trip per viewer.

board = live_value("petitions", {"received": 0, "latest": []})

def page():
    return rx.fragment(
        live_source(topic="petitions", value=board),
        rx.el.p(board.value["received"].to(int)),
        rx.foreach(board.value["latest"].to(list[dict]), row),
        rx.match(live_status(board), ("live", dot()), ("polling", clock()), warning()),
        rx.el.small("số liệu lúc ", live_at(board)),
    )
"""

from __future__ import annotations

import re
from typing import Any

import reflex as rx
from reflex.experimental.client_state import ClientStateVar

SCRIPT = "/live_source.js"


class LiveSource(rx.Component):
    """The component of assets/live_source.js: opens the stream of `topic` and draws nothing."""

    library = f"$/public{SCRIPT}"
    tag = "LiveSource"

    topic: rx.Var[str]
    on_data: rx.EventHandler[rx.event.passthrough_event_spec(dict)]  # type: ignore[type-arg, valid-type]
    on_status: rx.EventHandler[rx.event.passthrough_event_spec(str)]  # type: ignore[type-arg, valid-type]


def live_value(name: str, default: dict[str, Any]) -> ClientStateVar:
    """Return a variable of the browser that `live_source` keeps current.

    Args:
        name: unique among all pages; letters, digits, `/`, `-` and `_`. The topic's name does well.
        default: what is drawn until the first value has come; give every key the page reads.

    Returns:
        The variable. `.value` has the topic's keys, each to be given its type with `.to(…)`; `live_status` and `live_at`
        tell how fresh they are.
    """
    plain = re.sub(r"\W", "_", name, flags=re.ASCII).lower()
    start = rx.Var.create({**default, "_live": {"status": "connecting", "at": ""}})
    return ClientStateVar.create(f"live_{plain}", start.to(dict[str, Any]))


def live_source(topic: str | rx.Var[str], value: ClientStateVar, **properties: Any) -> rx.Component:
    """Return the component that keeps `value` current with `topic`; put it once on the page that reads `value`.

    Args:
        topic: name of the topic; an empty one opens nothing.
        value: from `live_value`.
        properties: further properties of the component, e.g. `on_status`.
    """
    return LiveSource.create(topic=topic, on_data=value.set_value, **properties)


def live_status(value: ClientStateVar) -> rx.Var[str]:
    """Return how fresh `value` is.

    "connecting" at first; "live"; "polling": fetched every few seconds; "stale": no connection, it may be old.
    """
    return value.value["_live"].to(dict[str, str])["status"]  # type: ignore[index]


def live_at(value: ClientStateVar) -> rx.Var[str]:
    """Return the time of day in Viet Nam at which `value` was known to be current, "09:41:07"; empty at first."""
    return value.value["_live"].to(dict[str, str])["at"]  # type: ignore[index]
