"""What every page shows of the person: the account's link, the warning before a session ends, and the guard's one sentence."""

from __future__ import annotations

from typing import Any

import reflex as rx

from mattranso_app import ui
from mattranso_app.identity import text
from mattranso_app.identity.notice import NoticeState


class _AccountSlot(rx.Component):
    library = "$/public/ui/account.js"
    tag = "AccountSlot"
    words: rx.Var[dict[str, str]]
    plain: rx.Var[bool]


def account_slot(plain: bool = False) -> rx.Component:
    """Return the right end of the top bar; `plain` for the desk's side column, where somebody is always signed in."""
    serial: Any = NoticeState.serial
    return rx.fragment(
        _AccountSlot.create(words=text.SLOT, plain=plain),
        rx.el.div(
            rx.cond(
                NoticeState.text != "",
                rx.el.div(
                    NoticeState.text, " ",
                    ui.button(text.CLOSE, on_click=NoticeState.dismiss, variant="quiet", small=True),
                    key=serial.to_string(),
                ),
                rx.fragment(),
            ),
            class_name="toast", role="alert",
        ),
    )


def register() -> None:
    """Put the slot on every page; called before the pages are drawn."""
    ui.register_account_slot(account_slot)
