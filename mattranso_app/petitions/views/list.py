"""The published petitions: filters with addresses, search, pages by cursor."""

from __future__ import annotations

from typing import Any

import reflex as rx

from mattranso_app import ui
from mattranso_app.petitions import text
from mattranso_app.petitions.states.list import PublicListState


def list_page() -> rx.Component:
    """Return the public list."""
    return ui.page(
        text.LIST_TITLE,
        _filters(),
        _narrowing(),
        rx.cond(
            PublicListState.problem != "",
            ui.notice("late", PublicListState.problem, live=True),
            rx.cond(
                PublicListState.loaded,
                rx.fragment(
                    rx.el.p(PublicListState.count_words, class_name="small number", role="status"),
                    rx.cond(
                        PublicListState.items.length() > 0,
                        ui.stack(rx.foreach(PublicListState.items, item_card), gap="tight"),
                        _nothing_found(),
                    ),
                    ui.pager(next=PublicListState.next_address, has_next=PublicListState.next_address != "",
                             previous=PublicListState.first_address, has_previous=PublicListState.first_address != ""),
                ),
                ui.card(ui.skeleton(6)),
            ),
        ),
        rx.el.p(text.MISSING_YOURS, " ", ui.link(text.SEND_PETITION, href="/phan-anh/gui"), class_name="small"),
        description=text.LIST_LEAD,
        back=("/", text.HOME),
    )


def _filters() -> rx.Component:
    return ui.search_form(
        ui.search_field(text.SEARCH, "q"),
        ui.button(text.SEARCH_ACT, type="submit", variant="outline", sign="search"),
        ui.more(
            text.FILTERS,
            ui.stack(
                ui.select_field(text.ASK_KIND_FILTER, "loai", list(text.KINDS.items()), optional=True, placeholder=text.ANY_KIND),
                ui.unit_picker(text.ASK_UNIT_FILTER, "noi", level="", optional=True),
                ui.button(text.FILTER_ACT, type="submit", variant="outline"),
            ),
        ),
        rx.el.input(type="hidden", name="trang-thai"),
        action="/phan-anh",
        values=PublicListState.asked,
    )


def _narrowing() -> rx.Component:
    """Return the choice of state and, for each thing that narrows the list, the way to take it away; all are addresses."""
    return ui.stack(
        rx.el.nav(
            rx.foreach(
                PublicListState.states,
                lambda item: ui.link(item["words"], href=item["href"], aria_current=item["current"]),
            ),
            class_name="chips",
            aria_label=text.ASK_STATE_FILTER,
        ),
        rx.cond(
            PublicListState.narrowing.length() > 0,
            rx.el.nav(
                rx.foreach(
                    PublicListState.narrowing,
                    lambda item: ui.link(ui.hidden(text.TAKE_AWAY), item["words"], ui.icon("cross"), href=item["href"]),
                ),
                class_name="chips",
                aria_label=text.FILTERED_BY,
            ),
            rx.fragment(),
        ),
        gap="tight",
    )


def _nothing_found() -> rx.Component:
    return ui.empty_state(
        text.NOTHING_FOUND,
        rx.el.p(text.NOTHING_FOUND_HINT),
        ui.link_button(text.SEE_ALL, href="/phan-anh", variant="outline"),
        ui.link_button(text.SEND_PETITION, href="/phan-anh/gui", variant="quiet"),
        sign="search",
    )


def item_card(item: Any) -> rx.Component:
    """Return one published petition as a card that is a link."""
    kinds = [(kind, ui.pill(item["status"], kind)) for kind in ("ok", "go", "wait", "late")]
    return ui.card(
        ui.row(
            rx.match(item["status_kind"], *kinds, ui.pill(item["status"], "plain")),
            rx.el.small(item["when"], class_name="number"), apart=True,
        ),
        rx.el.b(item["title"], class_name="card-title"),
        rx.cond(item["snippet"] != "", rx.el.p(item["snippet"]), rx.fragment()),
        rx.el.small(item["about"]),
        href=rx.Var.create("/phan-anh/") + item["number"].to(str),
    )
