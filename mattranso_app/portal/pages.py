"""The home page. Its figures and the latest answers come by the live topic `portal`, with no event and no state."""

from __future__ import annotations

from typing import Any

import reflex as rx

from mattranso_app import ui
from mattranso_app.portal import text
from mattranso_app.ui.entry import Entry
from mattranso_app.ui.live import live_at, live_source, live_status, live_value

board = live_value(
    "portal",
    {"received_today": text.NO_FIGURE, "open": text.NO_FIGURE, "on_time": text.NO_FIGURE, "is_sample": False, "latest": None},
)


def home() -> rx.Component:
    """Return the portal: the question, the act, today's counts, the five tools, what was just answered."""
    return ui.page(
        text.QUESTION,
        live_source(topic="portal", value=board),
        ui.stack(
            ui.link_button(text.SEND, href="/phan-anh/gui", block=True),
            ui.link_button(text.FOLLOW, href="/phan-anh/theo-doi", variant="outline", block=True),
            rx.el.p(text.PROMISE, class_name="small"),
            gap="tight",
        ),
        _today(),
        ui.section(text.TOOLS, _tools()),
        ui.section(text.LATEST, _latest(), more=(text.ALL, "/phan-anh")),
        _search(),
    )


def _today() -> rx.Component:
    values = board.value
    return ui.card(
        ui.row(rx.el.h2(text.TODAY), rx.el.span(_freshness(), class_name="small number"), apart=True),
        ui.stats(
            ui.stat(values["received_today"].to(str), text.RECEIVED),
            ui.stat(values["open"].to(str), text.OPEN),
            ui.stat(values["on_time"].to(str), text.ON_TIME, "ok"),
        ),
        rx.cond(values["is_sample"].to(bool), rx.el.p(text.SAMPLE, class_name="small"), rx.fragment()),
    )


def _freshness() -> rx.Component:
    return rx.match(
        live_status(board),
        ("live", rx.el.span(rx.el.span("● ", aria_hidden="true"), f"{text.LIVE} · ", live_at(board))),
        ("polling", rx.el.span(f"{text.POLLING} ", live_at(board))),
        ("stale", rx.el.span(f"{text.STALE} ", live_at(board))),
        rx.el.span(ui.text.LOADING),
    )


def _tools() -> rx.Component:
    def closed(words: tuple[str, str], sign: str) -> rx.Component:
        # The tool has no page yet: it is named, but there is nothing to press.
        return rx.el.div(
            rx.el.span(ui.icon(sign), class_name="tile-icon plain"),
            rx.el.span(rx.el.b(words[0]), rx.el.small(f"{words[1]} · {text.NOT_OPEN}")),
            class_name="tile",
        )

    return ui.tiles(
        ui.tile(*text.TOOL_PETITIONS, href="/phan-anh", sign="megaphone", kind="late"),
        closed(text.TOOL_CONGRESS, "building"),
        closed(text.TOOL_LIBRARY, "book"),
        closed(text.TOOL_ASSISTANT, "chat"),
        closed(text.TOOL_REGISTRY, "server"),
    )


def _latest() -> rx.Component:
    items = board.value["latest"]
    known = items.to(list[dict[str, Any]])
    return rx.cond(
        items.is_none(),
        ui.card(ui.skeleton(4)),
        rx.cond(
            known.length() > 0,
            ui.stack(rx.foreach(known, _answered), gap="tight"),
            ui.empty_state(text.NOTHING_YET),
        ),
    )


def _answered(item: Any) -> rx.Component:
    item = item.to(dict[str, str])
    kinds = [(kind, ui.pill(item["label"], kind)) for kind in ("ok", "go", "wait", "late")]
    return ui.card(
        ui.row(rx.match(item["kind"], *kinds, ui.pill(item["label"], "plain")), rx.el.small(item["when"]), apart=True),
        rx.el.b(item["title"], class_name="card-title"),
        rx.el.small(item["unit"]),
        href=rx.Var.create("/phan-anh/") + item["number"],
    )


def _search() -> rx.Component:
    return ui.plain_form(
        ui.text_field(text.SEARCH, "q", type="search", max_length=200, optional=True, enter_key_hint="search"),
        ui.button(text.SEARCH_ACT, type="submit", variant="outline", sign="search"),
        action="/phan-anh",
        method="get",
        role="search",
    )


PAGES = (Entry("/", text.TITLE, home, text.DESCRIPTION),)
