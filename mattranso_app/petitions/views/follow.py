"""Following by receipt. The receipt travels in an event's payload or a form's body, never in an address."""

from __future__ import annotations

import reflex as rx

from mattranso_app import ui
from mattranso_app.petitions import text
from mattranso_app.petitions.states.follow import FollowState
from mattranso_app.petitions.views.send import FORM_KEY


def follow_page() -> rx.Component:
    """Return the form for a receipt, what it opens, and what was sent from this device."""
    return ui.page(
        text.FOLLOW_TITLE,
        rx.el.form(
            ui.text_field(
                text.ASK_RECEIPT, "receipt", hint=text.ASK_RECEIPT_HINT, error=FollowState.problem,
                auto_complete="off", auto_capitalize="characters", spell_check=False, max_length=60,
            ),
            ui.button(text.FOLLOW_ACT, type="submit"),
            on_submit=FollowState.follow,
            action="/toi-gian/theo-doi",
            method="post",
            class_name="form",
            no_validate=True,
        ),
        rx.cond(FollowState.number != "", _found(), rx.fragment()),
        ui.section(text.SENT_HERE, ui.sent_items(form_key=FORM_KEY, on_open=FollowState.follow)),
        description=text.FOLLOW_LEAD,
        back=("/", text.HOME),
    )


def _found() -> rx.Component:
    return ui.section(
        text.YOURS,
        ui.card(
            ui.focus_here(FollowState.number),
            ui.row(ui.pill(FollowState.status, "go"), rx.el.small(FollowState.number, class_name="number"), apart=True),
            rx.el.b(FollowState.title, class_name="card-title"),
            ui.plain_text(FollowState.body),
            rx.el.p(FollowState.unit, " · ", text.SENT_AT, " ", FollowState.sent, class_name="small"),
            rx.cond(FollowState.due != "", rx.el.p(f"{text.DUE}: ", FollowState.due), rx.fragment()),
            tab_index=-1,
        ),
        rx.cond(
            FollowState.answer != "",
            ui.card(rx.el.b(text.ANSWER), ui.plain_text(FollowState.answer)),
            rx.fragment(),
        ),
        ui.link_button(text.OPEN_PUBLIC, href=rx.Var.create("/phan-anh/") + FollowState.number, variant="outline"),
    )
