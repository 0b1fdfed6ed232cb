"""What the citizen who is signed in has sent, with or without publication."""

from __future__ import annotations

import reflex as rx

from mattranso_app import ui
from mattranso_app.petitions import text
from mattranso_app.petitions.states.mine import MineState
from mattranso_app.petitions.views.list import item_card


def mine_page() -> rx.Component:
    """Return the citizen's own list."""
    return ui.page(
        text.MINE_TITLE,
        rx.cond(MineState.problem != "", ui.notice("late", MineState.problem, live=True), _list()),
        description=text.MINE_LEAD,
        back=("/tai-khoan", text.ACCOUNT),
    )


def _list() -> rx.Component:
    return rx.cond(
        MineState.loaded,
        rx.cond(
            MineState.items.length() > 0,
            ui.stack(
                ui.stack(rx.foreach(MineState.items, item_card), gap="tight"),
                ui.pager(
                    previous=MineState.first_address, has_previous=MineState.first_address != "",
                    next=MineState.next_address, has_next=MineState.next_address != "",
                ),
            ),
            ui.empty_state(
                text.MINE_EMPTY,
                rx.el.p(text.MINE_EMPTY_HINT),
                ui.link_button(text.SEND_PETITION, href="/phan-anh/gui"),
                ui.link_button(text.FOLLOW_TITLE, href="/phan-anh/theo-doi", variant="quiet"),
            ),
        ),
        ui.card(ui.skeleton(6)),
    )
