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
        ui.link_button(text.SEND_PETITION, href="/phan-anh/gui", sign="megaphone"),
        _filters(),
        rx.cond(
            PublicListState.problem != "",
            ui.notice("late", PublicListState.problem, live=True),
            rx.cond(
                PublicListState.loaded,
                rx.fragment(
                    rx.el.p(PublicListState.count_words, class_name="small", role="status"),
                    rx.cond(
                        PublicListState.items.length() > 0,
                        ui.stack(rx.foreach(PublicListState.items, item_card), gap="tight"),
                        ui.empty_state(text.NOTHING_FOUND, rx.el.p(text.NOTHING_FOUND_HINT)),
                    ),
                    ui.pager(next=PublicListState.next_address, has_next=PublicListState.next_address != "",
                             previous=PublicListState.first_address, has_previous=PublicListState.first_address != ""),
                ),
                ui.card(ui.skeleton(6)),
            ),
        ),
        description=text.LIST_LEAD,
        back=("/", text.HOME),
    )


def _filters() -> rx.Component:
    return ui.plain_form(
        ui.text_field(text.SEARCH, "q", type="search", optional=True, max_length=200, default_value=PublicListState.query,
                      enter_key_hint="search"),
        ui.more(
            text.FILTERS,
            ui.select_field(text.ASK_KIND_FILTER, "loai", list(text.KINDS.items()), optional=True),
            ui.select_field(text.ASK_STATE_FILTER, "trang-thai", list(text.PUBLIC_FILTER_STATES.items()), optional=True),
            ui.unit_picker(text.ASK_UNIT_FILTER, "noi", level="", optional=True),
        ),
        ui.button(text.SEARCH_ACT, type="submit", variant="outline", sign="search"),
        action="/phan-anh",
        method="get",
        role="search",
    )


def item_card(item: Any) -> rx.Component:
    """Return one published petition as a card that is a link."""
    kinds = [(kind, ui.pill(item["status"], kind)) for kind in ("ok", "go", "wait", "late")]
    return ui.card(
        ui.row(rx.match(item["status_kind"], *kinds, ui.pill(item["status"], "plain")), rx.el.small(item["when"]), apart=True),
        rx.el.b(item["title"], class_name="card-title"),
        rx.cond(item["snippet"] != "", rx.el.p(item["snippet"]), rx.fragment()),
        rx.el.small(item["about"]),
        href=rx.Var.create("/phan-anh/") + item["number"].to(str),
    )
