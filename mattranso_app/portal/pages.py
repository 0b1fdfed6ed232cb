"""The home page. Its figures and the latest answers come by the live topic `portal`, with no event and no state."""

from __future__ import annotations

from typing import Any

import reflex as rx

from mattranso_app import ui
from mattranso_app.portal import text
from mattranso_app.portal.state import OfficerState
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
        _officer(),
        rx.el.div(
            ui.stack(
                ui.link_button(text.SEND, href="/phan-anh/gui", sign="megaphone", block=True),
                ui.link_button(text.FOLLOW, href="/phan-anh/theo-doi", variant="outline", block=True),
                rx.el.p(text.PROMISE, class_name="small"),
                gap="tight",
            ),
            _today(),
            rx.el.div(ui.section(text.TOOLS, _tools()), _search(), class_name="home-side stack loose"),
            ui.section(text.LATEST, _latest(), more=(text.ALL, "/phan-anh")),
            class_name="home",
        ),
        wide=True,
    )


def _officer() -> rx.Component:
    """Return what waits at the desk of the officer who is signed in; nothing for everyone else."""
    return rx.cond(
        OfficerState.unit != "",
        ui.section(
            text.YOUR_DESK,
            ui.card(
                rx.el.div(
                    rx.foreach(
                        OfficerState.waiting,
                        lambda item: ui.link(
                            rx.el.b(item["count"]), rx.el.span(item["words"]), href=item["href"],
                            class_name=rx.cond(item["kind"] == "late", "waiting late", "waiting"),
                        ),
                    ),
                    class_name="waiting-row",
                ),
                ui.link_button(text.DESK[0], href="/phan-anh/ban-lam-viec", block=True),
            ),
            note=OfficerState.unit,
        ),
        rx.fragment(),
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
        rx.el.p(text.ON_TIME_RULE, rx.cond(values["is_sample"].to(bool), f" {text.SAMPLE}", ""), class_name="small"),
    )


def _freshness() -> rx.Component:
    return rx.match(
        live_status(board),
        ("live", rx.el.span(rx.el.span("● ", aria_hidden="true", class_name="dot-live"), f"{text.LIVE} · ", live_at(board))),
        ("polling", rx.el.span(f"{text.POLLING} ", live_at(board))),
        ("stale", rx.el.span(f"{text.STALE} ", live_at(board))),
        rx.el.span(ui.text.LOADING),
    )


def _tools() -> rx.Component:
    def closed(words: tuple[str, str], sign: str, kind: str) -> rx.Component:
        # The tool has no page yet: it is named, but there is nothing to press.
        return rx.el.div(
            rx.el.span(ui.icon(sign), class_name=f"tile-icon {kind}"),
            rx.el.span(rx.el.b(words[0]), rx.el.small(f"{words[1]} · {text.NOT_OPEN}")),
            class_name="tile closed",
        )

    return ui.tiles(
        rx.cond(
            OfficerState.unit != "",
            ui.tile(text.TOOL_PETITIONS[0], text.DESK[1], href="/phan-anh/ban-lam-viec", sign="megaphone", kind="late"),
            ui.tile(*text.TOOL_PETITIONS, href="/phan-anh", sign="megaphone", kind="late"),
        ),
        closed(text.TOOL_CONGRESS, "building", "wait"),
        closed(text.TOOL_LIBRARY, "book", "ok"),
        closed(text.TOOL_ASSISTANT, "chat", "go"),
        ui.tile(*text.TOOL_REGISTRY, href="/csdl", sign="server", kind="plain"),
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
    kinds = [(kind, ui.pill(item["status"], kind)) for kind in ("ok", "go", "wait", "late")]
    return ui.card(
        ui.row(
            rx.match(item["status_kind"], *kinds, ui.pill(item["status"], "plain")),
            rx.el.small(item["when"], class_name="number"), apart=True,
        ),
        rx.el.b(item["title"], class_name="card-title"),
        rx.el.small(item["about"]),
        href=rx.Var.create("/phan-anh/") + item["number"],
    )


def _search() -> rx.Component:
    return ui.plain_form(
        ui.search_field(text.SEARCH, "q"),
        ui.button(text.SEARCH_ACT, type="submit", variant="outline", sign="search"),
        action="/phan-anh",
        method="get",
        role="search",
        class_name="search",
    )


def missing() -> rx.Component:
    """Return what stands at an address where there is nothing: what may have happened, and where to go on."""
    return ui.page(
        text.MISSING,
        rx.el.p(text.MISSING_WHY),
        ui.stack(
            ui.link_button(text.GO_HOME, href="/", full_load=True, block=True),
            ui.link_button(text.SEND, href="/phan-anh/gui", full_load=True, variant="outline", block=True),
            ui.link_button(text.FOLLOW, href="/phan-anh/theo-doi", full_load=True, variant="outline", block=True),
            gap="tight",
        ),
        _search(),
    )


PAGES = (
    Entry("/", text.TITLE, home, text.DESCRIPTION, on_load=OfficerState.load),
    Entry("404", text.MISSING, missing),
)
