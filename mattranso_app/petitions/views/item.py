"""One petition as everyone may see it, drawn from its live topic: the page changes while it is open, with no reload.

The number comes from the address in the browser itself, so the page needs neither socket nor state; with the network gone
it keeps what it has and says of when.
"""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.experimental.client_state import ClientStateVar
from reflex_base.utils.imports import ImportVar
from reflex_base.vars import VarData

from mattranso_app import ui
from mattranso_app.petitions import text
from mattranso_app.ui.live import live_at, live_source, live_status, live_value

petition = live_value("petition", {"number": "", "title": ""})
line = ClientStateVar.create("petition_line", "")
"""How the connection to the topic stands while there is nothing to show yet."""

number_in_address = rx.Var(
    _js_expr='(routeParams.number ?? "").toUpperCase()',
    _var_data=VarData(
        hooks={"const routeParams = useParams()": None},
        imports={"react-router": [ImportVar(tag="useParams")]},
    ),
).to(str)


def item_page() -> rx.Component:
    """Return the page of one petition."""
    shown = petition.value
    return ui.page(
        rx.cond(shown["title"].to(str) != "", shown["title"].to(str), text.ITEM_HEADING + " " + number_in_address),
        live_source(topic=rx.Var.create("petitions/") + number_in_address, value=petition, on_status=line.set_value),
        rx.cond(shown["number"].to(str) != "", _petition(shown), _not_yet()),
        above=rx.cond(shown["number"].to(str) != "", state_pill(shown), rx.fragment()),
        back=("/phan-anh", text.ALL_PETITIONS),
    )


def state_pill(shown: Any) -> rx.Component:
    """Return the pill of a petition's status; `shown` has `status` (words) and `status_kind`."""
    words = shown["status"].to(str)
    return rx.match(
        shown["status_kind"].to(str),
        *[(kind, ui.pill(words, kind)) for kind in ("ok", "go", "wait", "late")],
        ui.pill(words, "plain"),
    )


def _not_yet() -> rx.Component:
    return rx.match(
        line.value.to(str),
        ("missing", ui.empty_state(
            text.NUMBER_UNKNOWN,
            ui.link_button(text.ALL_PETITIONS, href="/phan-anh", variant="outline"),
            ui.link_button(text.FOLLOW_TITLE, href="/phan-anh/theo-doi", variant="quiet"),
            sign="search",
        )),
        ("stale", ui.notice("wait", text.CANNOT_LOAD)),
        ui.card(ui.skeleton(6)),
    )


def _petition(shown: Any) -> rx.Component:
    return rx.fragment(
        rx.el.p(
            shown["number"].to(str), " · ", shown["kind"].to(str), " · ", shown["unit"].to(str), " · ",
            text.SENT_AT, " ", shown["sent"].to(str),
            rx.cond(shown["is_sample"].to(bool), f" · {text.SAMPLE}", ""),
            class_name="small",
        ),
        _deadline(shown),
        _question(shown),
        _answer(shown),
        ui.section(
            text.COURSE,
            ui.timeline(
                shown["timeline"].to(list[dict[str, str]]),
                lambda step: ui.Step(step["name"], step["at"], step["note"], step["state"]),
            ),
        ),
        rx.el.p(_freshness(), class_name="small number"),
    )


def _deadline(shown: Any) -> rx.Component:
    return rx.cond(
        shown["due"].to(str) != "",
        ui.card(
            ui.row(rx.el.b(f"{text.DUE}: ", shown["due"].to(str)), rx.el.span(shown["due_left"].to(str), class_name="small"), apart=True),
            ui.progress(shown["due_share"].to(float), 1, shown["due_left"].to(str)),
            rx.el.p(shown["due_rule"].to(str), class_name="small"),
            ui.more(text.BASIS, rx.el.p(shown["due_basis"].to(str), class_name="small")),
        ),
        rx.fragment(),
    )


def _question(shown: Any) -> rx.Component:
    return ui.card(
        rx.cond(
            shown["body"].to(str) != "",
            rx.fragment(
                ui.plain_text(shown["body"].to(str)),
                rx.cond(
                    shown["place"].to(str) != "",
                    rx.el.p(f"{text.PLACE}: ", shown["place"].to(str), class_name="small"),
                    rx.fragment(),
                ),
                _photos(shown["photos"].to(list[str])),
            ),
            rx.el.p(shown["notice"].to(str)),
        ),
    )


def _photos(files: rx.Var[list[str]]) -> rx.Component:
    return rx.cond(
        files.length() > 0,
        rx.el.div(
            rx.foreach(
                files,
                lambda file, index: ui.plain_link(
                    rx.el.img(
                        src=rx.Var.create("/tep/") + file + "?nho=1", alt=rx.Var.create(f"{text.PHOTO} ") + (index + 1).to_string(),
                        loading="lazy", width="84", height="84",
                    ),
                    href=rx.Var.create("/tep/") + file,
                ),
            ),
            class_name="photos",
        ),
        rx.fragment(),
    )


def _answer(shown: Any) -> rx.Component:
    return rx.cond(
        shown["answer"].to(str) != "",
        ui.section(
            text.ANSWER,
            ui.card(
                rx.el.b(shown["answer_heading"].to(str)),
                ui.plain_text(shown["answer"].to(str)),
                _attachments(shown["answer_files"].to(list[dict[str, str]])),
            ),
        ),
        rx.fragment(),
    )


def _attachments(files: rx.Var[list[dict[str, str]]]) -> rx.Component:
    return rx.cond(
        files.length() > 0,
        ui.listing(files, lambda file: ui.link(ui.icon("file"), file["name"], href=rx.Var.create("/tep/") + file["id"], full_load=True)),
        rx.fragment(),
    )


def _freshness() -> rx.Component:
    return rx.match(
        live_status(petition),
        ("live", rx.el.span(rx.el.span("● ", aria_hidden="true", class_name="dot-live"), f"{text.LIVE} · ", live_at(petition))),
        ("stale", rx.el.span(f"{text.STALE} ", live_at(petition))),
        rx.el.span(f"{text.AS_OF} ", live_at(petition)),
    )
