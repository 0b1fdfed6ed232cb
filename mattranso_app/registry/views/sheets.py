"""The Excel screen: choose, download a template, send it back filled; tried first, then written."""

from __future__ import annotations

from typing import Any

import reflex as rx

from mattranso_app import ui
from mattranso_app.registry.states.sheets import RegistrySheetsState as State
from mattranso_app.registry.text import sheets as text


def sheets_page() -> rx.Component:
    """Return the page."""
    return ui.page(
        text.TITLE,
        rx.cond(State.problem != "", ui.notice("late", State.problem, live=True), rx.fragment()),
        rx.cond(
            State.loaded,
            rx.cond(State.form != "", _steps(), ui.empty_state(text.NOTHING, rx.el.p(text.NOTHING_HINT))),
            ui.skeleton(6),
        ),
        description=text.LEAD,
        back=("/csdl", text.BACK),
    )


def _steps() -> rx.Component:
    return ui.stack(
        ui.section(text.CHOOSE_TITLE, ui.card(_choice())),
        rx.cond(
            State.templates.length() > 0,
            rx.fragment(
                ui.section(text.DOWNLOAD_TITLE, ui.card(rx.el.p(text.DOWNLOAD_LEAD), ui.stack(rx.foreach(State.templates, _template)))),
                ui.section(
                    text.UPLOAD_TITLE,
                    ui.card(
                        rx.el.p(text.UPLOAD_LEAD),
                        ui.figures_import(
                            "tep-so-lieu", "/csdl/excel",
                            {"bieu": State.form, "ky": State.period, "to-chuc": State.organisation}, text.IMPORT,
                        ),
                    ),
                ),
            ),
            ui.empty_state(text.NO_TEMPLATE, rx.el.p(text.NO_TEMPLATE_HINT)),
        ),
        gap="loose",
    )  # fmt: skip


def _choice() -> rx.Component:
    return ui.plain_form(
        ui.select_field(text.FORM, "bieu", State.forms, placeholder="", default_value=State.form),
        ui.select_field(text.PERIOD, "ky", State.periods, placeholder="", default_value=State.period),
        ui.select_field(text.ORGANISATION, "to-chuc", State.organisations, placeholder="", default_value=State.organisation),
        ui.actions(ui.button(text.CHOOSE, type="submit", variant="outline")),
        action="/csdl/excel",
        method="get",
    )


def _template(item: Any) -> rx.Component:
    return ui.link_button(item["words"], href=item["href"], variant="outline", sign="download", full_load=True)
