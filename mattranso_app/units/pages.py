"""The screen of residential groups: list, add, rename, end, and many at once by Excel. For a commune's administrator."""

from __future__ import annotations

from typing import Any

import reflex as rx

from mattranso_app import ui
from mattranso_app.ui.entry import Entry
from mattranso_app.units import text
from mattranso_app.units.groups_state import ADDRESS, GroupsState

_KINDS = [(kind.value, words) for kind, words in text.GROUP_KINDS.items()]


def groups_page() -> rx.Component:
    """Return the residential groups of a commune."""
    return ui.page(
        text.GROUPS_TITLE,
        rx.cond(GroupsState.problem != "", ui.notice("late", GroupsState.problem, live=True), rx.fragment()),
        rx.cond(GroupsState.done != "", ui.notice("ok", GroupsState.done, live=True), rx.fragment()),
        rx.cond(
            GroupsState.loaded,
            rx.fragment(
                rx.cond(GroupsState.commune_code != "", _commune(), rx.fragment()),
                ui.more(
                    text.OTHER_COMMUNE,
                    rx.el.form(
                        ui.unit_picker(text.OTHER_COMMUNE),
                        ui.button(text.OTHER_COMMUNE_ACT, type="submit", variant="outline"),
                        on_submit=GroupsState.choose,
                        class_name="form",
                    ),
                ),
            ),
            ui.skeleton(6),
        ),
        description=text.GROUPS_LEAD,
        back=("/tai-khoan", text.ACCOUNT),
    )


def _commune() -> rx.Component:
    here = rx.Var.create(ADDRESS + "?xa=") + GroupsState.commune_code
    return ui.stack(
        ui.section(
            GroupsState.commune,
            ui.row(ui.dialog(text.ADD_GROUP_TITLE, _add_form(), id="them", trigger=text.ADD_GROUP, variant="primary")),
            ui.listing(GroupsState.items, _group, ui.empty_state(text.NO_GROUPS, rx.el.p(text.NO_GROUPS_HINT))),
            ui.pager(
                previous=here, has_previous=GroupsState.cursor != "",
                next=here + "&sau=" + GroupsState.next_cursor, has_next=GroupsState.next_cursor != "",
            ),
            note=GroupsState.count,
        ),
        ui.section(
            text.BY_EXCEL,
            ui.card(
                rx.el.p(text.BY_EXCEL_LEAD, class_name="small"),
                ui.link_button(
                    text.TEMPLATE, href=rx.Var.create(f"{ADDRESS}/mau.xlsx?xa=") + GroupsState.commune_code, variant="outline",
                    sign="download", full_load=True,
                ),
                ui.sheet_import(
                    "tep-excel", f"{ADDRESS}/excel", {"xa": GroupsState.commune_code}, text.IMPORT_WORDS, GroupsState.look_again
                ),
            ),
        ),
        gap="loose",
    )


def _add_form() -> rx.Component:
    return rx.el.form(
        ui.select_field(text.GROUP_KIND, "kind", _KINDS),
        ui.text_field(text.GROUP_NAME, "name", hint=text.GROUP_NAME_HINT, max_length=100),
        ui.actions(ui.button(text.ADD_GROUP, type="submit")),
        on_submit=GroupsState.add,
        class_name="form",
    )


def _group(item: Any) -> rx.Component:
    identity: Any = item["id"].to(int)
    name = item["name"].to(str)
    field = rx.Var.create("ten-") + identity.to_string()
    return ui.more(
        name,
        rx.el.form(
            rx.el.input(type="hidden", name="group", value=identity),
            ui.row(
                rx.el.label(text.NEW_NAME, html_for=field),
                ui.text_input("name", id=field, default_value=name, required=True, max_length=100),
                ui.button(text.RENAME_GROUP, ui.hidden(" " + name), type="submit", variant="outline", small=True),
            ),
            on_submit=GroupsState.rename,
        ),
        ui.button(text.END_GROUP, ui.hidden(" " + name), on_click=GroupsState.close(identity), variant="danger", small=True),
        key=identity.to_string(),
    )


PAGES = (Entry(ADDRESS, text.GROUPS_TITLE, groups_page, text.GROUPS_LEAD, on_load=GroupsState.load),)
