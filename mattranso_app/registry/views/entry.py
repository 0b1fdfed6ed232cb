"""The entry page: all of it is the sheet, which works in the browser alone and without network."""

from __future__ import annotations

import reflex as rx

from mattranso_app import ui
from mattranso_app.registry.text import entry as text
from mattranso_app.ui import text as ui_text


class _Sheet(rx.Component):
    library = "$/public/registry/sheet.js"
    tag = "Sheet"
    words: rx.Var[dict[str, str]]


def entry_page() -> rx.Component:
    """Return the page; which report is in its address."""
    return ui.page(
        text.ENTRY_TITLE,
        _Sheet.create(words={**text.WORDS, "close": ui_text.CLOSE}),
        wide=True,
        back=("/csdl", text.BACK_HOME),
    )
