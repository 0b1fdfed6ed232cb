"""The review: lists · units · the open report. Keyboard alone suffices; on a phone the list, or the one report."""

from __future__ import annotations

from typing import Any

import reflex as rx

from mattranso_app import ui
from mattranso_app.identity.shell import account_slot
from mattranso_app.registry.states.review import CELL_FIELD, MISSING_FIELD, UNIT_FIELD, ReviewState
from mattranso_app.registry.text import upward as text

_KINDS = ("ok", "go", "wait", "late")


def review_page() -> rx.Component:
    """Return the review of what units below report."""
    return ui.desk_layout(
        text.TITLE,
        rx.fragment(ui.navigation(ReviewState.tabs, text.LISTS, make=_tab), _choice()),
        _units(),
        rx.cond(
            ReviewState.code != "",
            _report(),
            rx.fragment(_told(), ui.empty_state(text.PICK_ONE, rx.el.p(text.PICK_HINT, class_name="keys"))),
        ),
        showing_detail=ReviewState.code != "",
        note=ReviewState.unit_name,
        account=account_slot(plain=True),
        back=ReviewState.list_href,
    )


def _tab(item: Any) -> ui.NavItem:
    return ui.NavItem(
        item["words"].to(str), item["href"].to(str), current=item["code"] == ReviewState.tab, count=item["count"].to(str)
    )


def _choice() -> rx.Component:
    return rx.el.div(
        ui.dialog(
            text.CHOOSE,
            rx.el.form(
                ui.select_field(text.FORM, "bieu", ReviewState.forms, placeholder="", default_value=ReviewState.form),
                ui.select_field(text.PERIOD, "ky", ReviewState.periods, placeholder="", default_value=ReviewState.period),
                ui.select_field(
                    text.ORGANISATION, "to-chuc", ReviewState.organisations, placeholder="", default_value=ReviewState.organisation
                ),
                ui.actions(ui.button(text.SHOW, type="submit")),
                on_submit=ReviewState.choose,
                class_name="form",
                key=ReviewState.form + ReviewState.period + ReviewState.organisation,
            ),
            id="chon-bieu", trigger=text.CHOOSE, variant="quiet", small=True, shortcut="B",
        ),
        class_name="desk-unit",
    )


def _told() -> rx.Component:
    return rx.fragment(
        rx.cond(ReviewState.problem != "", ui.notice("late", ReviewState.problem, live=True), rx.fragment()),
        rx.cond(ReviewState.act_problem != "", ui.notice("late", ReviewState.act_problem, live=True), rx.fragment()),
        rx.cond(ReviewState.act_done != "", ui.notice("ok", ReviewState.act_done, live=True), rx.fragment()),
    )


def _units() -> rx.Component:
    empty = [(code, ui.empty_state(words)) for code, words in text.EMPTY.items()]
    return rx.fragment(
        rx.cond(
            ReviewState.form != "",
            rx.el.div(
                rx.el.p(ReviewState.about, class_name="small"), rx.el.p(ReviewState.due, class_name="small"), _sent(),
                class_name="desk-note",
            ),
            rx.fragment(),
        ),
        rx.cond(
            ReviewState.loaded,
            rx.cond(
                ReviewState.items.length() > 0,
                rx.fragment(
                    rx.cond(ReviewState.tab == "cho-duyet", _many(), rx.fragment()),
                    rx.foreach(ReviewState.items, _unit),
                ),
                rx.el.div(
                    rx.cond(
                        ReviewState.form == "",
                        ui.empty_state(text.NO_FORMS, rx.el.p(text.NO_FORMS_HINT)),
                        rx.match(ReviewState.tab, *empty, rx.fragment()),
                    ),
                    class_name="desk-empty",
                ),
            ),
            rx.el.div(ui.skeleton(9), class_name="desk-empty"),
        ),
        rx.cond(
            (ReviewState.next_href != "") | (ReviewState.first_href != ""),
            rx.el.div(
                ui.pager(
                    previous=ReviewState.first_href, next=ReviewState.next_href,
                    has_previous=ReviewState.first_href != "", has_next=ReviewState.next_href != "",
                ),
                class_name="desk-pages",
            ),
            rx.fragment(),
        ),
    )


def _sent() -> rx.Component:
    """Return whether this was sent on, what came or changed since, and the acts about it."""
    return rx.fragment(
        rx.cond(ReviewState.sent_words != "", rx.el.p(ReviewState.sent_words, class_name="small"), rx.fragment()),
        rx.cond(
            ReviewState.sent_since.length() > 0,
            ui.more(text.SINCE, rx.foreach(ReviewState.sent_since, lambda words: rx.el.p(words, class_name="small"))),
            rx.fragment(),
        ),
        rx.cond(
            ReviewState.sent_below.length() > 0,
            ui.more(
                text.SENT_BELOW,
                rx.foreach(
                    ReviewState.sent_below,
                    lambda row: rx.el.p(
                        ui.link(row["name"], href=row["href"].to(str)), " · ", row["about"], class_name="small", key=row["href"].to(str)
                    ),
                ),
            ),
            rx.fragment(),
        ),
        rx.cond(
            ReviewState.can_forward,
            ui.dialog(
                text.FORWARD,
                rx.el.form(
                    rx.el.p(text.FORWARD_LEAD, class_name="small"),
                    ui.area_field(text.FORWARD_COMMON, "common", optional=True, rows=2, max_length=500),
                    rx.cond(
                        ReviewState.tab == "chua-gui",
                        ui.more(text.FORWARD_EACH, rx.foreach(ReviewState.items, _missing)),
                        rx.fragment(),
                    ),
                    ui.area_field(text.FORWARD_NOTE, "note", optional=True, rows=2, max_length=500),
                    ui.actions(ui.button(text.FORWARD, type="submit", busy=ReviewState.busy)),
                    on_submit=ReviewState.forward,
                    class_name="form",
                ),
                id="gui-len", trigger=text.FORWARD, variant="outline", small=True, shortcut="G",
            ),
            rx.fragment(),
        ),
        rx.cond(
            ReviewState.can_decide_sent,
            ui.actions(
                ui.button(text.ACCEPT_SENT, on_click=ReviewState.accept_sent, small=True, busy=ReviewState.busy),
                ui.dialog(
                    text.RETURN_SENT,
                    rx.el.form(
                        ui.area_field(text.RETURN_REASON, "reason", rows=3, max_length=500),
                        ui.actions(ui.button(text.RETURN_SENT, type="submit", busy=ReviewState.busy)),
                        on_submit=ReviewState.return_sent,
                        class_name="form",
                    ),
                    id="tra-lan-gui", trigger=text.RETURN_SENT, variant="quiet", small=True,
                ),
            ),
            rx.fragment(),
        ),
    )


def _missing(item: Any) -> rx.Component:
    name = rx.Var.create(MISSING_FIELD) + item["code"].to(str)
    return rx.el.div(
        rx.el.label(item["name"], html_for=name),
        rx.el.input(name=name, id=name, type="text", max_length=500, class_name="input"),
        class_name="field",
        key=item["code"].to(str),
    )


def _unit(item: Any) -> rx.Component:
    return ui.pick(
        _pill(item["state"], item["kind"]),
        rx.el.b(item["name"]),
        rx.el.small(item["about"]),
        current=item["code"] == ReviewState.code,
        href=item["href"].to(str),
        id=item["code"].to(str),
        key=item["code"].to(str),
    )


def _pill(words: Any, kind: Any) -> rx.Component:
    return rx.match(kind, *[(each, ui.pill(words, each)) for each in _KINDS], ui.pill(words, "plain"))


def _many() -> rx.Component:
    """Return the approval of the page's reports at once: what is particular about one is not ticked beforehand."""
    return rx.el.div(
        ui.dialog(
            text.APPROVE_MANY,
            rx.el.form(
                rx.el.p(text.APPROVE_MANY_LEAD, class_name="small"),
                rx.el.div(rx.foreach(ReviewState.items, _ticked), class_name="choices"),
                ui.actions(ui.button(text.APPROVE_CHOSEN, type="submit", busy=ReviewState.busy)),
                on_submit=ReviewState.approve_many,
                class_name="form",
            ),
            id="duyet-nhieu", trigger=text.APPROVE_MANY, variant="outline", small=True, shortcut="N",
        ),
        class_name="desk-unit",
    )


def _ticked(item: Any) -> rx.Component:
    name = rx.Var.create(UNIT_FIELD) + item["code"].to(str)
    return rx.el.div(
        rx.el.input(
            type="checkbox", name=name, id=name, value=item["revision"].to(str), default_checked=item["plain"].to(str) != "",
            aria_describedby=name + "-note",
        ),
        rx.el.div(rx.el.label(item["name"], html_for=name), rx.el.small(item["about"], id=name + "-note")),
        class_name="choice",
        key=item["code"].to(str) + item["revision"].to(str),
    )


def _report() -> rx.Component:
    return ui.stack(
        rx.el.div(
            ui.row(_pill(ReviewState.state_words, ReviewState.state_kind)),
            rx.el.h2(ReviewState.title, tab_index=-1, class_name="desk-title"),
            rx.el.p(ReviewState.about, class_name="small"),
            rx.cond(ReviewState.particulars != "", rx.el.p(ReviewState.particulars, class_name="small"), rx.fragment()),
            class_name="stack tight",
        ),
        _told(),
        rx.cond(ReviewState.hint != "", ui.notice("plain", ReviewState.hint), rx.fragment()),
        rx.foreach(ReviewState.said, lambda words: ui.notice("wait", words)),
        _acts(),
        ui.data_table(
            text.FIGURES,
            [
                ui.Column(text.CELL, lambda cell: rx.fragment(cell["name"], rx.el.small(" ", cell["measure"])), heading=True),
                ui.Column(text.VALUE, _value, numeric=True),
                ui.Column(text.BEFORE, lambda cell: cell["before"], numeric=True),
                ui.Column(text.NOTE, lambda cell: rx.el.span(cell["notes"], class_name="pre small")),
            ],
            ReviewState.figures,
        ),
        rx.cond(
            ReviewState.explained.length() > 0,
            ui.section(
                text.EXPLANATIONS,
                rx.foreach(ReviewState.explained, lambda pair: ui.card(rx.el.p(pair[0], class_name="small"), rx.el.p(pair[1]))),
            ),
            rx.fragment(),
        ),
        ui.section(
            text.HISTORY, ui.timeline(ReviewState.events, lambda step: ui.Step(step["act"], step["at"], step["note"], "done"))
        ),
        gap="loose",
        class_name="desk-item",
    )


def _value(cell: Any) -> rx.Component:
    return rx.cond(
        cell["changed"] != "",
        rx.fragment(rx.el.mark(cell["value"]), rx.el.small(" ", cell["changed"])),
        cell["value"],
    )


def _acts() -> rx.Component:
    return ui.actions(
        rx.cond(
            ReviewState.can_approve,
            ui.button(text.APPROVE, on_click=ReviewState.approve, shortcut="D", busy=ReviewState.busy),
            rx.fragment(),
        ),
        rx.cond(
            ReviewState.can_return,
            ui.dialog(
                text.RETURN,
                rx.el.form(
                    rx.el.p(text.RETURN_LEAD, class_name="small"),
                    ui.area_field(text.RETURN_REASON, "reason", optional=True, rows=3, max_length=500),
                    ui.more(text.RETURN_CELLS, rx.foreach(ReviewState.figures, _cell_reason)),
                    ui.actions(ui.button(text.RETURN, type="submit", busy=ReviewState.busy)),
                    on_submit=ReviewState.return_it,
                    class_name="form",
                ),
                id="tra-lai", trigger=text.RETURN, variant="outline", shortcut="T",
            ),
            rx.fragment(),
        ),
        rx.cond(
            ReviewState.can_reopen,
            ui.dialog(
                text.REOPEN,
                rx.el.form(
                    rx.el.p(text.REOPEN_LEAD, class_name="small"),
                    ui.area_field(text.REOPEN_REASON, "reason", rows=3, max_length=500),
                    ui.actions(ui.button(text.REOPEN, type="submit", busy=ReviewState.busy)),
                    on_submit=ReviewState.reopen,
                    class_name="form",
                ),
                id="mo-lai", trigger=text.REOPEN, variant="outline", shortcut="M",
            ),
            rx.fragment(),
        ),
    )


def _cell_reason(cell: Any) -> rx.Component:
    name = rx.Var.create(CELL_FIELD) + cell["key"].to(str)
    return rx.cond(
        cell["typed"] != "",
        rx.el.div(
            rx.el.label(cell["name"], ": ", cell["value"], html_for=name),
            rx.el.input(name=name, id=name, type="text", max_length=500, class_name="input"),
            class_name="field",
            key=cell["key"].to(str),
        ),
        rx.fragment(),
    )
