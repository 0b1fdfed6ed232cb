"""Signing in, one's own account, and the demonstration's messages. The forms are plain and work without a script."""

from __future__ import annotations

import reflex as rx

from mattranso_app import ui
from mattranso_app.identity import text
from mattranso_app.identity.officers import text as officers_text
from mattranso_app.identity.officers.lending_state import LendingState
from mattranso_app.identity.officers.rights_state import ADDRESS as RIGHTS_ADDRESS
from mattranso_app.identity.officers.rights_state import RightsState
from mattranso_app.identity.officers.transfers_state import TransfersState
from mattranso_app.identity.staff_state import StaffState
from mattranso_app.identity.state import AccountState, MessagesState, SignInState
from mattranso_app.identity.views.officers import LENDING_ADDRESS, MOVING_ADDRESS, lending_page, moving_page, rights_page
from mattranso_app.identity.views.staff import ADDRESS as STAFF_ADDRESS
from mattranso_app.identity.views.staff import staff_page
from mattranso_app.ui.entry import Entry


def sign_in_page() -> rx.Component:
    """Return the two ways in: a code for citizens, a password for officers."""
    return ui.page(
        text.SIGN_IN,
        _fault(),
        ui.plain_link(text.WITH_PASSKEY, href="/dang-nhap/passkey", class_name="more-link"),
        ui.card(
            rx.el.h2(text.CITIZENS),
            rx.el.p(text.CITIZENS_LEAD, class_name="small"),
            _form(
                "/dang-nhap/ma",
                ui.text_field(text.ASK_CONTACT, "target", auto_complete="username", max_length=120, custom_attrs={"inputMode": "email"}),
                ui.button(text.SEND_CODE, type="submit"),
            ),
        ),
        ui.card(
            rx.el.h2(text.OFFICERS),
            _form(
                "/dang-nhap/can-bo",
                ui.text_field(text.ASK_USER_NAME, "user_name", auto_complete="username", auto_capitalize="none", max_length=60),
                ui.text_field(text.ASK_PASSWORD, "password", type="password", auto_complete="current-password", max_length=200),
                ui.button(text.SIGN_IN, type="submit", variant="outline"),
            ),
            ui.link(text.FIRST_TIME, href="/dang-nhap/lan-dau", class_name="more-link"),
        ),
        # Last: which providers there are is known late, and nothing that somebody may be typing into moves for it.
        rx.cond(
            SignInState.outside.length() > 0,
            ui.card(
                rx.el.h2(text.OUTSIDE),
                rx.foreach(
                    SignInState.outside,
                    lambda way: rx.cond(
                        way["address"] == "",
                        rx.el.p(way["words"], role="status"),
                        ui.link_button(way["words"], href=way["address"], variant="outline", full_load=True),
                    ),
                ),
                rx.el.p(text.OUTSIDE_LEAD, class_name="small"),
            ),
            rx.fragment(),
        ),
        back=("/", text.HOME),
        account=rx.fragment(),
    )


def code_page() -> rx.Component:
    """Return the form for the one-time code."""
    return ui.page(
        text.ENTER_CODE,
        _fault(),
        rx.el.p(text.CODE_SENT),
        _form(
            "/dang-nhap/xac-nhan",
            ui.text_field(text.ASK_CODE, "code", auto_complete="one-time-code", input_mode="numeric", max_length=20),
            ui.button(text.SIGN_IN, type="submit"),
        ),
        rx.cond(
            SignInState.is_demo,
            ui.plain_link(text.CODE_IN_DEMO, href="/trinh-dien/tin-nhan", target="_blank", class_name="more-link"),
            rx.fragment(),
        ),
        ui.link(text.ANOTHER_CODE, href="/dang-nhap", class_name="more-link"),
        back=("/dang-nhap", text.SIGN_IN),
        account=rx.fragment(),
    )


def first_page() -> rx.Component:
    """Return the form of an officer's first sign-in."""
    return ui.page(
        text.FIRST_TIME,
        _fault(),
        _form(
            "/dang-nhap/lan-dau",
            ui.text_field(text.ASK_USER_NAME, "user_name", auto_complete="username", auto_capitalize="none", max_length=60),
            ui.text_field(text.ASK_HANDED_CODE, "code", auto_complete="one-time-code", max_length=40),
            ui.text_field(
                text.ASK_NEW_PASSWORD,
                "new_password",
                type="password",
                hint=text.PASSWORD_HINT,
                auto_complete="new-password",
                max_length=200,
            ),
            ui.button(text.SAVE_AND_SIGN_IN, type="submit"),
        ),
        back=("/dang-nhap", text.SIGN_IN),
    )


def account_page() -> rx.Component:
    """Return who is signed in, one's own sessions, and the change of password."""
    return ui.page(
        text.ACCOUNT,
        _fault(),
        rx.cond(AccountState.loaded, _account(), ui.card(ui.skeleton(6), _sign_out())),
        back=("/", text.HOME),
    )


def _sign_out() -> rx.Component:
    return ui.plain_form(ui.button(text.SIGN_OUT, type="submit", variant="outline"), action="/dang-xuat")


def _account() -> rx.Component:
    return rx.fragment(
        rx.cond(AccountState.without_roles != "", ui.notice("wait", AccountState.without_roles), rx.fragment()),
        ui.card(
            rx.el.b(AccountState.name),
            rx.el.p(AccountState.unit, class_name="small"),
            rx.cond(
                AccountState.is_officer,
                ui.link_button(text.DESK, href="/phan-anh/ban-lam-viec", block=True),
                ui.link_button(text.MINE, href="/phan-anh/cua-toi", block=True),
            ),
            ui.plain_link(text.SECURITY, href="/tai-khoan/bao-mat", class_name="more-link"),
            rx.cond(
                AccountState.is_officer,
                ui.link(officers_text.LENDING, href=LENDING_ADDRESS, class_name="more-link"),
                rx.fragment(),
            ),
            ui.plain_link(text.CONSENTS, href="/tai-khoan/ung-dung-da-dong-y", class_name="more-link"),
            rx.cond(
                AccountState.answers_requests,
                ui.plain_link(text.DATA_REQUESTS, href="/tai-khoan/yeu-cau-du-lieu", class_name="more-link"),
                rx.fragment(),
            ),
            ui.plain_link(text.OWN_DATA, href="/tai-khoan/du-lieu", class_name="more-link"),
            ui.plain_link(text.TOKENS, href="/tai-khoan/khoa-truy-cap", class_name="more-link"),
            rx.cond(
                AccountState.manages_applications,
                ui.plain_link(text.APPLICATIONS, href="/tai-khoan/ung-dung", class_name="more-link"),
                rx.fragment(),
            ),
            ui.plain_link(text.OUTSIDE_LINKS, href="/tai-khoan/lien-ket", class_name="more-link"),
            rx.cond(
                AccountState.confirmed_words != "",
                ui.plain_link(AccountState.confirmed_words, href="/tai-khoan/xac-nhan-thong-tin", class_name="more-link"),
                rx.fragment(),
            ),
            _sign_out(),
        ),
        ui.section(
            text.SESSIONS,
            ui.listing(
                AccountState.sessions,
                lambda item: ui.row(
                    rx.el.div(rx.el.b(item["agent"]), rx.el.br(), rx.el.small(item["about"])),
                    rx.cond(
                        item["current"] == "1",
                        ui.pill(text.THIS_SESSION, "ok"),
                        ui.button(text.END, on_click=AccountState.end(item["id"]), variant="outline", small=True),
                    ),
                    apart=True,
                ),
            ),
            rx.cond(
                AccountState.sessions.length() > 1,
                ui.button(text.END_OTHERS, on_click=AccountState.end_others, variant="outline"),
                rx.fragment(),
            ),
            rx.el.p(AccountState.done, role="status", class_name="small"),
        ),
        rx.cond(
            AccountState.is_officer,
            ui.section(
                text.CHANGE_PASSWORD,
                ui.card(
                    _form(
                        "/tai-khoan/mat-khau",
                        ui.text_field(text.ASK_PASSWORD, "old_password", type="password", auto_complete="current-password"),
                        ui.text_field(
                            text.ASK_NEW_PASSWORD, "new_password", type="password", hint=text.PASSWORD_HINT, auto_complete="new-password"
                        ),
                        ui.button(text.CHANGE_PASSWORD, type="submit"),
                    )
                ),
            ),
            rx.fragment(),
        ),
    )


def messages_page() -> rx.Component:
    """Return what the demonstration's gateway would have sent."""
    return ui.page(
        text.DEMO_MESSAGES,
        rx.el.p(text.DEMO_MESSAGES_LEAD),
        ui.listing(
            MessagesState.messages,
            lambda item: rx.el.div(rx.el.b(item["to"]), " · ", rx.el.small(item["at"]), ui.plain_text(item["text"])),
            ui.empty_state(text.NO_MESSAGES),
        ),
        ui.button(text.LOOK_AGAIN, on_click=MessagesState.load, variant="outline", sign="refresh"),
        back=("/dang-nhap", text.SIGN_IN),
    )


def _form(action: str, *children: rx.Component) -> rx.Component:
    return ui.plain_form(
        *children,
        rx.el.div(
            rx.el.input(name="website", tab_index=-1, auto_complete="off", aria_label=text.TRAP),
            class_name="visually-hidden",
            aria_hidden="true",
        ),
        action=action,
    )


def _fault() -> rx.Component:
    return rx.cond(SignInState.fault != "", ui.notice("late", SignInState.fault, live=True), rx.fragment())


PAGES = (
    Entry(STAFF_ADDRESS, text.STAFF, staff_page, on_load=StaffState.load),
    Entry(LENDING_ADDRESS, officers_text.LENDING, lending_page, on_load=LendingState.load),
    Entry(MOVING_ADDRESS, officers_text.MOVING, moving_page, on_load=TransfersState.load),
    Entry(RIGHTS_ADDRESS, officers_text.RIGHTS, rights_page, on_load=RightsState.load),
    Entry("/dang-nhap", text.SIGN_IN, sign_in_page, on_load=SignInState.load),
    Entry("/dang-nhap/ma", text.ENTER_CODE, code_page, on_load=SignInState.load),
    Entry("/dang-nhap/lan-dau", text.FIRST_TIME, first_page, on_load=SignInState.load),
    Entry("/tai-khoan", text.ACCOUNT, account_page, on_load=[SignInState.load, AccountState.load]),
    Entry("/trinh-dien/tin-nhan", text.DEMO_MESSAGES, messages_page, on_load=MessagesState.load),
)
