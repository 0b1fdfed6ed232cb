"""What the citizen who is signed in has sent, with or without publication."""

from __future__ import annotations

import reflex as rx

from mattranso_app import ui
from mattranso_app.petitions import text
from mattranso_app.petitions.states.mine import MineState
from mattranso_app.petitions.views.list import item_card
from mattranso_app.petitions.views.send import FORM_KEY


def mine_page() -> rx.Component:
    """Return the citizen's own list."""
    return ui.page(
        text.MINE_TITLE,
        rx.cond(MineState.problem != "", ui.notice("late", MineState.problem, live=True), _list()),
        _claim(),
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


def _claim() -> rx.Component:
    """Return what this device has sent without an account, and the form for what was sent elsewhere."""
    return ui.section(
        text.CLAIM_TITLE,
        rx.el.p(text.CLAIM_LEAD, class_name="small"),
        rx.el.p(MineState.claimed, role="status"),
        rx.el.h3(text.CLAIM_HERE),
        ui.sent_items(
            text.CLAIM_NONE_HERE, form_key=FORM_KEY, on_open=MineState.claim, open_label=text.CLAIM_ACT, without=MineState.numbers
        ),
        rx.el.form(
            ui.text_field(
                text.ASK_NUMBER, "number", hint=text.ASK_NUMBER_HINT, auto_complete="off", auto_capitalize="characters",
                spell_check=False, max_length=40,
            ),
            ui.text_field(
                text.ASK_RECEIPT, "receipt", hint=text.ASK_RECEIPT_HINT, error=MineState.claim_problem, auto_complete="off",
                auto_capitalize="characters", spell_check=False, max_length=60,
            ),
            ui.button(text.CLAIM_ACT, type="submit", variant="outline"),
            on_submit=MineState.claim,
            class_name="form",
            no_validate=True,
        ),
    )
