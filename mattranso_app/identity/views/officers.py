"""The screens about officers' rights: lending roles for an absence, transfers, who may do what and why."""

from __future__ import annotations

from typing import Any

import reflex as rx

from mattranso_app import ui
from mattranso_app.identity import text as account_text
from mattranso_app.identity.officers import text
from mattranso_app.identity.officers.lending_state import LendingState
from mattranso_app.identity.officers.rights_state import ADDRESS as RIGHTS_ADDRESS
from mattranso_app.identity.officers.rights_state import RightsState
from mattranso_app.identity.officers.transfers_state import TransfersState

LENDING_ADDRESS = "/tai-khoan/uy-quyen"
MOVING_ADDRESS = "/tai-khoan/chuyen-don-vi"
_STAFF_ADDRESS = "/tai-khoan/can-bo"
_PROOF = "/tai-khoan/xac-minh"


def lending_page() -> rx.Component:
    """Return what an officer can lend, to whom, and what is lent already."""
    return ui.page(
        text.LENDING,
        _outcome(LendingState),
        rx.cond(
            LendingState.loaded,
            rx.cond(
                LendingState.heading != "",
                ui.stack(
                    ui.section(
                        LendingState.heading,
                        rx.cond(LendingState.roles.length() > 0, ui.card(_lend_form()), rx.el.p(text.NOTHING_TO_LEND)),
                    ),
                    ui.section(
                        text.LENDING_NOW,
                        ui.listing(LendingState.items, _loan, ui.empty_state(text.NO_LENDING)),
                    ),
                    gap="loose",
                ),
                rx.fragment(),
            ),
            ui.skeleton(6),
        ),
        description=text.LENDING_LEAD,
        back=("/tai-khoan", account_text.ACCOUNT),
    )


def _lend_form() -> rx.Component:
    return rx.el.form(
        rx.el.fieldset(
            rx.el.legend(text.WHICH_ROLES),
            rx.el.div(
                rx.foreach(LendingState.roles, lambda role: _tick(role["id"], role["words"], role["id"])), class_name="choices",
            ),
            class_name="field", id="roles", tab_index=-1,
        ),
        ui.text_field(
            text.TO_WHOM, "to", hint=text.TO_WHOM_HINT, list="dong-nghiep", auto_complete="off", auto_capitalize="none", max_length=60,
        ),
        rx.el.datalist(
            rx.foreach(LendingState.colleagues, lambda pair: rx.el.option(pair[1], value=pair[0])), id="dong-nghiep",
        ),
        ui.text_field(text.FIRST_DAY, "first", type="date", default_value=LendingState.first_day),
        ui.text_field(text.LAST_DAY, "last", type="date"),
        ui.actions(ui.button(text.LEND, type="submit")),
        on_submit=LendingState.lend,
        class_name="form",
    )


def _loan(item: Any) -> rx.Component:
    words = item["words"].to(str)
    return ui.row(
        words,
        ui.button(
            text.END_LENDING, ui.hidden(rx.Var.create(": ") + words), on_click=LendingState.end(item["id"].to(int)), variant="outline",
            small=True,
        ),
        apart=True,
    )


def moving_page() -> rx.Component:
    """Return open transfers, and the form that lets an officer go when the address names one."""
    return ui.page(
        text.MOVING,
        _outcome(TransfersState),
        rx.cond(
            TransfersState.heading != "",
            ui.section(
                TransfersState.heading,
                ui.card(
                    rx.el.form(
                        ui.unit_picker(text.MOVE_TO, level=""),
                        ui.actions(ui.button(text.PROPOSE, type="submit")),
                        on_submit=TransfersState.propose,
                        class_name="form",
                    )
                ),
            ),
            rx.fragment(),
        ),
        ui.section(
            text.WAITING_TRANSFERS,
            rx.cond(
                TransfersState.loaded,
                ui.listing(TransfersState.items, _transfer, ui.empty_state(text.NO_TRANSFERS, sign="people")),
                ui.skeleton(4),
            ),
            ui.pager(
                previous=rx.Var.create(MOVING_ADDRESS), has_previous=~TransfersState.is_first_page,
                next=rx.Var.create(MOVING_ADDRESS + "?sau=") + TransfersState.next_after, has_next=TransfersState.next_after != "",
            ),
        ),
        description=text.MOVING_LEAD,
        back=(_STAFF_ADDRESS, account_text.STAFF),
    )


def _transfer(item: Any) -> rx.Component:
    number, name = item["id"].to(int), item["name"].to(str)
    key = number.to_string()
    return ui.stack(
        rx.el.div(rx.el.b(name), " ", rx.el.small(item["user_name"].to(str)), rx.el.br(), rx.el.small(item["words"].to(str))),
        rx.cond(
            item["can_accept"].to(bool),
            ui.more(
                text.ACCEPT,
                rx.el.form(
                    rx.el.input(type="hidden", name="number", value=number),
                    rx.el.fieldset(
                        rx.el.legend(text.NEW_ROLES),
                        rx.el.div(
                            *[
                                _tick(rx.Var.create(f"role-{role}-") + key, words, f"role-{role}")
                                for role, words in account_text.ROLES.items()
                            ],
                            class_name="choices",
                        ),
                        class_name="field",
                    ),
                    ui.row(
                        ui.button(text.ACCEPT, ui.hidden(rx.Var.create(" ") + name), type="submit", small=True),
                        ui.button(
                            text.DECLINE, ui.hidden(rx.Var.create(" ") + name), on_click=TransfersState.end(number), variant="danger",
                            small=True, type="button",
                        ),
                    ),
                    on_submit=TransfersState.accept,
                    class_name="form",
                ),
            ),
            ui.row(
                ui.button(
                    text.WITHDRAW, ui.hidden(rx.Var.create(" ") + name), on_click=TransfersState.end(number), variant="outline", small=True,
                )
            ),
        ),
        gap="tight",
        key=key,
    )


def rights_page() -> rx.Component:
    """Return who may do what on a unit, and why."""
    return ui.page(
        text.RIGHTS,
        _outcome(RightsState),
        rx.cond(RightsState.loaded, ui.card(_rights_form()), ui.skeleton(3)),
        rx.cond(
            RightsState.unit != "",
            ui.section(
                RightsState.unit,
                ui.listing(
                    RightsState.items, _holder, ui.empty_state(text.NOBODY, rx.el.p(text.NOBODY_HINT), sign="people")
                ),
                ui.pager(
                    previous=rx.Var.create(RIGHTS_ADDRESS), has_previous=~RightsState.is_first_page,
                    next=RightsState.next_page, has_next=RightsState.next_page != "",
                ),
            ),
            rx.fragment(),
        ),
        description=text.RIGHTS_LEAD,
        back=(_STAFF_ADDRESS, account_text.STAFF),
        wide=True,
    )


def _rights_form() -> rx.Component:
    return rx.el.form(
        ui.unit_picker(text.RIGHTS_UNIT, level="", hint=text.RIGHTS_UNIT_HINT, optional=True),
        rx.cond(
            RightsState.organisations.length() > 1,
            ui.field(
                account_text.ORGANISATION,
                lambda tied: ui.select("organisation", RightsState.organisations, default_value=RightsState.organisation, **tied),
                "organisation",
            ),
            rx.fragment(),
        ),
        ui.field(
            text.RIGHTS_ACTION,
            lambda tied: ui.select(
                "action", list(text.ACTIONS.items()), text.EVERY_ACTION, default_value=RightsState.action, **tied
            ),
            "action", optional=True,
        ),
        ui.text_field(
            text.RIGHTS_PERSON, "query", optional=True, max_length=60, default_value=RightsState.query, auto_complete="off",
        ),
        ui.actions(ui.button(text.LOOK, type="submit")),
        on_submit=RightsState.ask,
        class_name="form",
    )


def _holder(item: Any) -> rx.Component:
    return ui.stack(
        rx.el.div(
            rx.el.b(item["name"].to(str)), rx.el.br(), rx.el.small(item["user_name"].to(str), " · ", item["unit"].to(str)),
        ),
        rx.el.ul(
            rx.foreach(
                item["rights"].to(list[dict[str, Any]]),
                lambda right: rx.el.li(
                    right["what"].to(str), rx.el.br(), rx.el.small(right["why"].to(str)),
                    rx.cond(right["withheld"].to(bool), rx.el.div(ui.pill(text.WITHHELD, "wait")), rx.fragment()),
                ),
            ),
        ),
        gap="tight",
        key=item["user_name"].to(str),
    )


def _tick(identity: Any, words: Any, name: Any) -> rx.Component:
    return rx.el.div(
        rx.el.input(type="checkbox", name=name, value="1", id=identity), rx.el.div(rx.el.label(words, html_for=identity)),
        class_name="choice",
    )


def _outcome(state: Any) -> rx.Component:
    """Return what became of the last act, on top of the page."""
    return rx.fragment(
        rx.cond(state.problem != "", ui.notice("late", state.problem, live=True), rx.fragment()),
        rx.cond(
            state.needs_proof,
            ui.notice(
                "wait", account_text.PROVE_FIRST,
                ui.plain_link(account_text.PROVE_AGAIN, href=_PROOF, target="_blank", class_name="more-link"), live=True,
            ),
            rx.fragment(),
        ),
        ui.error_summary(state.errors),
        rx.cond(state.done != "", ui.notice("ok", state.done, live=True), rx.fragment()),
    )
