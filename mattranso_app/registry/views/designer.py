"""The form designer's pages: the list of forms, and one form from its questions to its publication."""

from __future__ import annotations

from typing import Any

import reflex as rx

from mattranso_app import ui
from mattranso_app.registry.states.designer import DesignState
from mattranso_app.registry.states.designer_list import EDIT_ADDRESS, LIST_ADDRESS, DesignListState
from mattranso_app.registry.text import designer as text
from mattranso_app.registry.text import designing as words
from mattranso_app.registry.views import designer_parts as parts
from mattranso_app.ui.entry import Entry


def list_page() -> rx.Component:
    """Return the forms somebody may design, and the way to a new one."""
    return ui.page(
        text.LIST_TITLE,
        rx.cond(DesignListState.problem != "", ui.notice("late", DesignListState.problem, live=True), rx.fragment()),
        ui.error_summary(DesignListState.errors),
        rx.cond(
            DesignListState.loaded,
            ui.listing(DesignListState.items, _form_line, ui.empty_state(text.NO_FORMS, rx.el.p(text.NO_FORMS_HINT), sign="file")),
            ui.skeleton(6),
        ),
        rx.cond(
            DesignListState.next_after != "",
            ui.link(text.NEXT_PAGE, href=rx.Var.create(f"{LIST_ADDRESS}?sau=") + DesignListState.next_after, class_name="more-link"),
            rx.fragment(),
        ),
        ui.section(text.NEW_FORM, _new_form()),
        description=text.LIST_LEAD,
        wide=True,
        back=("/csdl", text.TOOL),
    )


def _form_line(item: Any) -> rx.Component:
    pills = [(kind, ui.pill(item["status"].to(str), kind)) for kind in ("ok", "go", "wait", "plain")]
    return ui.row(
        ui.stack(
            ui.link(item["title"].to(str), href=rx.Var.create(f"{EDIT_ADDRESS}?bieu=") + item["code"].to(str)),
            rx.el.span(item["line"].to(str), rx.cond(item["version"] != "", " · ", ""), item["version"].to(str), class_name="small"),
            gap="tight",
        ),
        rx.match(item["kind"], *pills, rx.fragment()),
        apart=True,
    )


def _new_form() -> rx.Component:
    return rx.el.form(
        ui.text_field(text.TITLE, "moi-title", max_length=300, auto_complete="off"),
        ui.select_field(text.KIND, "moi-period_kind", list(words.KINDS.items())),
        parts.tick_boxes(text.LEVELS, "moi-level", DesignListState.levels.to(list[list[str]])),
        parts.tick_boxes(text.ORGANISATIONS, "moi-organisation", DesignListState.organisations.to(list[list[str]])),
        ui.actions(ui.button(text.CREATE, type="submit")),
        on_submit=DesignListState.create,
        class_name="form card",
        no_validate=True,
    )


def edit_page() -> rx.Component:
    """Return one form: its draft with everything that can be done to it, or what holds and the way to a next version."""
    return ui.page(
        DesignState.title,
        rx.cond(DesignState.problem != "", ui.notice("late", DesignState.problem, live=True), rx.fragment()),
        ui.error_summary(DesignState.errors),
        rx.cond(DesignState.done != "", ui.notice("ok", DesignState.done, rx.el.p(DesignState.saved, class_name="small"), live=True)),
        rx.cond(DesignState.retired != "", ui.notice("wait", DesignState.retired)),
        rx.cond(
            DesignState.loaded,
            rx.fragment(
                rx.cond(DesignState.version != "", rx.el.p(DesignState.version, class_name="small")),
                rx.cond(DesignState.has_draft, _draft()),
                rx.cond(~DesignState.has_draft & DesignState.has_version, _holding()),
                rx.cond(DesignState.has_draft | DesignState.has_version, parts.preview()),
                rx.cond(DesignState.has_draft, _publish()),
                rx.cond(DesignState.has_version, _history()),
                rx.cond(DesignState.has_version, _retire()),
            ),
            ui.skeleton(8),
        ),
        wide=True,
        back=(LIST_ADDRESS, text.LIST_TITLE),
    )


def _draft() -> rx.Component:
    return ui.stack(
        ui.more(text.BASICS, parts.basics(), id="thong-tin"),
        ui.section(text.CONTENT, parts.content()),
        ui.stack(
            ui.more(text.PICK, parts.pick(), id="co-san"),
            ui.more(text.NEW_INDICATOR, parts.new_indicator(), id="chi-tieu-moi"),
            ui.more(text.NEW_FORMULA, parts.new_formula(), id="cong-thuc"),
            ui.more(text.ADD_SECTION, parts.new_section(), id="muc-moi"),
            gap="tight",
        ),
        ui.section(text.CATEGORIES, rx.el.p(text.CATEGORY_LEAD, class_name="small"), parts.categories()),
        ui.section(text.CHECKS, rx.el.p(text.CHECKS_LEAD, class_name="small"), parts.checks()),
        gap="loose",
    )


def _holding() -> rx.Component:
    return ui.card(rx.el.p(text.BEGIN_LEAD), ui.actions(ui.button(text.BEGIN, on_click=DesignState.begin, sign="edit")))


def _publish() -> rx.Component:
    return ui.section(
        text.PUBLISH,
        rx.cond(
            DesignState.not_yet != "",
            ui.notice("wait", DesignState.not_yet),
            rx.el.form(
                rx.el.p(text.PUBLISH_LEAD),
                rx.el.ul(rx.foreach(DesignState.changes, rx.el.li), class_name="prose"),
                rx.el.p(DesignState.example, class_name="small"),
                ui.select_field(text.FROM_PERIOD, "cong-bo-period", DesignState.periods),
                ui.actions(ui.button(text.PUBLISH_ACT, type="submit", sign="send")),
                on_submit=DesignState.publish,
                class_name="form card",
                no_validate=True,
            ),
        ),
        rx.cond(
            DesignState.has_version,
            ui.dialog(
                text.DISCARD,
                rx.el.p(text.DISCARD_LEAD),
                rx.el.form(ui.actions(ui.button(text.DISCARD, type="submit", variant="danger")), on_submit=DesignState.discard),
                id="bo-ban-soan", trigger=text.DISCARD, variant="danger", small=True,
            ),
        ),
    )


def _history() -> rx.Component:
    return ui.section(text.HISTORY, rx.el.ul(rx.foreach(DesignState.history, rx.el.li), class_name="prose"))


def _retire() -> rx.Component:
    return ui.more(
        text.RETIRE,
        rx.el.p(text.RETIRE_LEAD, class_name="small"),
        rx.el.form(
            ui.select_field(text.RETIRE_FROM, "thoi-period", DesignState.periods, optional=True),
            ui.actions(ui.button(text.RETIRE_ACT, type="submit", variant="danger")),
            on_submit=DesignState.retire,
            class_name="form",
        ),
        rx.cond(
            DesignState.retired != "",
            rx.el.form(ui.button(text.RESUME, type="submit", variant="outline"), on_submit=DesignState.retire),
        ),
    )


PAGES = (
    Entry(LIST_ADDRESS, text.LIST_TITLE, list_page, text.LIST_LEAD, on_load=DesignListState.load),
    Entry(EDIT_ADDRESS, text.EDIT_TITLE, edit_page, text.LIST_LEAD, on_load=DesignState.load),
)
