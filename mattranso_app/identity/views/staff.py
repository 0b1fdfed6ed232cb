"""The staff screen: who works for the unit, with which roles; adding, codes, disabling. For its administrator."""

from __future__ import annotations

from typing import Any

import reflex as rx

from mattranso_app import ui
from mattranso_app.identity import text
from mattranso_app.identity.officers import text as officers_text
from mattranso_app.identity.officers.rights_state import ADDRESS as RIGHTS_ADDRESS
from mattranso_app.identity.staff_state import StaffState
from mattranso_app.identity.views.officers import LENDING_ADDRESS, MOVING_ADDRESS

ADDRESS = "/tai-khoan/can-bo"


def staff_page() -> rx.Component:
    """Return the officers of the units somebody administers."""
    return ui.page(
        text.STAFF,
        rx.cond(StaffState.problem != "", ui.notice("late", StaffState.problem, live=True), rx.fragment()),
        rx.cond(
            StaffState.needs_proof,
            ui.notice(
                "wait", text.PROVE_FIRST,
                ui.plain_link(text.PROVE_AGAIN, href="/tai-khoan/xac-minh", target="_blank", class_name="more-link"),
                live=True,
            ),
            rx.fragment(),
        ),
        ui.error_summary(StaffState.errors),
        rx.cond(
            StaffState.code != "",
            ui.notice(
                "wait", text.CODE_ONCE, rx.el.p(StaffState.code_for, ": ", rx.el.span(StaffState.code, class_name="receipt")),
                rx.el.p(text.CODE_HAND_OVER, class_name="small"), live=True,
            ),
            rx.cond(StaffState.done != "", ui.notice("ok", StaffState.done, live=True), rx.fragment()),
        ),
        rx.cond(StaffState.organisations.length() > 1, _organisations(), rx.fragment()),
        ui.row(
            ui.row(
                ui.link_button(text.INVITE, href="/tai-khoan/can-bo/loi-moi", full_load=True),
                ui.dialog(text.ADD_STAFF, _add_form(), id="them-can-bo", trigger=text.ADD_STAFF, variant="outline"),
            ),
            ui.plain_form(
                ui.row(
                    rx.el.label(ui.hidden(text.FIND_STAFF), html_for="tim"),
                    ui.text_input("tim", type="search", id="tim", placeholder=text.FIND_STAFF, max_length=60),
                    ui.button(text.FIND, type="submit", variant="outline", small=True),
                ),
                action=ADDRESS, method="get", role="search",
            ),
            apart=True,
        ),
        ui.row(
            ui.link(officers_text.RIGHTS, href=RIGHTS_ADDRESS, class_name="more-link"),
            ui.link(officers_text.WAITING_TRANSFERS, href=MOVING_ADDRESS, class_name="more-link"),
        ),
        rx.cond(
            StaffState.loaded,
            ui.listing(StaffState.items, _officer, ui.empty_state(text.NO_STAFF, sign="people")),
            ui.skeleton(6),
        ),
        ui.pager(
            previous=rx.Var.create(ADDRESS), has_previous=~StaffState.is_first_page,
            next=rx.Var.create(ADDRESS + "?sau=") + StaffState.next_after, has_next=StaffState.next_after != "",
        ),
        ui.section(
            officers_text.BY_EXCEL,
            ui.card(
                rx.el.p(officers_text.BY_EXCEL_LEAD, class_name="small"),
                ui.link_button(
                    officers_text.TEMPLATE, href=f"{ADDRESS}/mau.xlsx", variant="outline", sign="download", full_load=True,
                ),
                ui.sheet_import(
                    "tep-excel", f"{ADDRESS}/excel", {"to-chuc": StaffState.organisation}, officers_text.IMPORT_WORDS,
                    StaffState.look_again,
                ),
            ),
        ),
        description=text.STAFF_LEAD,
        wide=True,
        back=("/tai-khoan", text.ACCOUNT),
    )


def _organisations() -> rx.Component:
    return rx.el.nav(
        rx.foreach(
            StaffState.organisations,
            lambda pair: ui.link(
                pair[1], href=rx.Var.create(ADDRESS + "?to-chuc=") + pair[0],
                aria_current=rx.cond(pair[0] == StaffState.organisation, "page", "false"),
            ),
        ),
        class_name="tabs", aria_label=text.ORGANISATION,
    )


def _add_form() -> rx.Component:
    return rx.el.form(
        rx.el.p(text.ADD_STAFF_LEAD, class_name="small"),
        ui.text_field(text.ASK_NAME, "name", max_length=100, auto_complete="off"),
        ui.text_field(
            text.ASK_USER_NAME, "user_name", hint=text.USER_NAME_RULE, max_length=40, auto_complete="off", auto_capitalize="none"
        ),
        ui.select_field(text.ROLE, "role", list(text.ROLE_CHOICES.items())),
        ui.unit_picker(text.ASK_STAFF_UNIT, level="", hint=text.STAFF_UNIT_HINT, optional=True),
        ui.actions(ui.button(text.ADD_STAFF_ACT, type="submit")),
        on_submit=StaffState.add,
        class_name="form",
    )


def _officer(item: Any) -> rx.Component:
    kinds = [(kind, ui.pill(item["status"].to(str), kind)) for kind in ("ok", "wait")]
    person: Any = item["id"].to(str)
    return ui.stack(
        ui.row(
            rx.el.div(rx.el.b(item["name"].to(str)), rx.el.br(), rx.el.small(item["user_name"].to(str), " · ", item["unit"].to(str))),
            rx.match(item["status_kind"].to(str), *kinds, ui.pill(item["status"].to(str), "late")),
            apart=True,
        ),
        rx.el.ul(
            rx.foreach(
                item["roles"].to(list[dict[str, Any]]),
                lambda role: rx.el.li(ui.row(
                    role["words"].to(str),
                    rx.cond(
                        item["is_me"].to(bool),
                        rx.fragment(),
                        ui.button(
                            text.TAKE_ROLE, ui.hidden(" " + role["words"].to(str)), on_click=StaffState.revoke(role["id"].to(int)),
                            variant="quiet", small=True,
                        ),
                    ),
                )),
            ),
            rx.foreach(item["loans"].to(list[str]), lambda words: rx.el.li(rx.el.small(words))),
        ),
        rx.cond(
            item["is_me"].to(bool),
            rx.el.p(text.THIS_IS_YOU, class_name="small"),
            ui.more(
                text.MANAGE,
                rx.el.form(
                    rx.el.input(type="hidden", name="person", value=person),
                    ui.row(
                        rx.el.label(ui.hidden(text.ROLE), html_for=rx.Var.create("vai-tro-") + person),
                        ui.select(
                            "role", list(text.ROLE_CHOICES.items()), text.ADD_ROLE, id=rx.Var.create("vai-tro-") + person, required=True
                        ),
                        ui.button(text.GIVE_ROLE, type="submit", variant="outline", small=True),
                    ),
                    on_submit=StaffState.grant,
                ),
                ui.row(
                    ui.link(
                        officers_text.LENDING, ui.hidden(rx.Var.create(": ") + item["name"].to(str)),
                        href=rx.Var.create(LENDING_ADDRESS + "?ai=") + person, class_name="more-link",
                    ),
                    ui.link(
                        officers_text.MOVING, ui.hidden(rx.Var.create(": ") + item["name"].to(str)),
                        href=rx.Var.create(MOVING_ADDRESS + "?ai=") + person, class_name="more-link",
                    ),
                ),
                ui.row(
                    ui.button(text.GIVE_CODE, on_click=StaffState.give_code(person), variant="outline", small=True),
                    ui.button(text.RESET_FACTORS, on_click=StaffState.reset_factors(person), variant="outline", small=True),
                    rx.cond(
                        item["disabled"].to(bool),
                        ui.button(text.ENABLE, on_click=StaffState.enable(person), variant="outline", small=True),
                        ui.button(text.DISABLE, on_click=StaffState.disable(person), variant="danger", small=True),
                    ),
                ),
            ),
        ),
        gap="tight",
        key=person,
    )
