"""The officer's desk: queues · list · the open petition. Keyboard alone suffices; personal data stay covered until asked for."""

from __future__ import annotations

from typing import Any

import reflex as rx

from mattranso_app import ui
from mattranso_app.identity.shell import account_slot
from mattranso_app.petitions import text
from mattranso_app.petitions.states.desk import DESK
from mattranso_app.petitions.states.desk_item import PetitionState
from mattranso_app.petitions.views.desk_answer import answer_part, approval_part, kept_draft, marked
from mattranso_app.petitions.views.desk_publication import publication_part, publication_words


def desk_page() -> rx.Component:
    """Return the desk of the signed-in officer's unit."""
    return ui.desk_layout(
        text.DESK_TITLE,
        rx.fragment(ui.navigation(PetitionState.tabs, text.DESK_QUEUES, make=_tab), _other_unit()),
        _queue(),
        rx.cond(
            PetitionState.number != "",
            _opened(),
            rx.fragment(_problem(), ui.empty_state(text.PICK_ONE, rx.el.p(text.PICK_HINT, class_name="keys"))),
        ),
        showing_detail=PetitionState.number != "",
        note=PetitionState.unit_name,
        hints=rx.el.span(ui.kbd("J"), " ", ui.kbd("K"), f" {text.MOVE_HINT}", class_name="small keys"),
        account=account_slot(plain=True),
        back=PetitionState.list_href,
    )


def _tab(item: Any) -> ui.NavItem:
    current = item["code"] == PetitionState.tab
    words, href, count = (item[name].to(str) for name in ("words", "href", "count"))
    return ui.NavItem(words, href, current=current, count=count, late=item["late"].to(bool))


def _other_unit() -> rx.Component:
    """Return the choice of another unit's desk, for who works above the communes."""
    return rx.cond(
        PetitionState.can_choose_unit,
        rx.el.div(
            ui.dialog(
                text.OTHER_UNIT,
                rx.el.form(
                    ui.unit_picker(text.ASK_OTHER_UNIT, level=""),
                    ui.actions(ui.button(text.OTHER_UNIT_ACT, type="submit")),
                    on_submit=PetitionState.choose_unit,
                    class_name="form",
                ),
                id="don-vi-khac", trigger=text.OTHER_UNIT, variant="quiet", small=True,
            ),
            rx.cond(
                PetitionState.asked_unit != "",
                ui.link_button(text.OWN_UNIT, href=DESK, variant="quiet", small=True),
                rx.fragment(),
            ),
            class_name="desk-unit",
        ),
        rx.fragment(),
    )


def _problem() -> rx.Component:
    return rx.cond(PetitionState.problem != "", ui.notice("late", PetitionState.problem, live=True), rx.fragment())


def _queue() -> rx.Component:
    empty = [(code, ui.empty_state(title, rx.el.p(hint))) for code, (title, hint) in text.QUEUE_EMPTY.items()]
    return rx.fragment(
        ui.desk_watch(
            rx.cond(PetitionState.unit_code != "", "desk/" + PetitionState.unit_code, ""),
            PetitionState.number, PetitionState.version, PetitionState.cursor, PetitionState.refresh,
        ),
        rx.cond(PetitionState.is_reader, rx.el.p(text.READ_ONLY, class_name="desk-note small"), rx.fragment()),
        rx.cond(
            PetitionState.loaded,
            rx.cond(
                PetitionState.items.length() > 0,
                rx.foreach(PetitionState.items, _line),
                rx.el.div(
                    rx.cond(
                        PetitionState.problem != "",
                        ui.notice("late", PetitionState.problem),
                        rx.match(PetitionState.tab, *empty, rx.fragment()),
                    ),
                    class_name="desk-empty",
                ),
            ),
            rx.el.div(ui.skeleton(9), class_name="desk-empty"),
        ),
        rx.cond(
            (PetitionState.next_href != "") | (PetitionState.previous_href != ""),
            rx.el.div(
                ui.pager(
                    previous=PetitionState.previous_href, next=PetitionState.next_href,
                    has_previous=PetitionState.previous_href != "", has_next=PetitionState.next_href != "",
                ),
                class_name="desk-pages",
            ),
            rx.fragment(),
        ),
    )


def _line(item: Any) -> rx.Component:
    kinds = [(kind, ui.pill(item["due_words"], kind)) for kind in ("ok", "go", "wait", "late")]
    return ui.pick(
        ui.row(
            rx.match(item["due_kind"], *kinds, ui.pill(item["due_words"], "plain")),
            rx.cond(item["has_draft"].to(bool), rx.el.small(text.HAS_DRAFT), rx.fragment()),
            apart=True,
        ),
        rx.el.b(item["title"]),
        rx.el.small(item["about"]),
        current=item["number"] == PetitionState.number,
        href=item["href"].to(str),
        id=item["number"].to(str),
        key=item["number"].to(str),
    )


def _opened() -> rx.Component:
    return ui.stack(
        rx.el.div(
            ui.row(
                ui.pill(PetitionState.state_words, "go"),
                publication_words(),
            ),
            rx.el.h2(PetitionState.title, tab_index=-1, class_name="desk-title"),
            rx.el.p(PetitionState.about, class_name="small"),
            _contact(),
            class_name="stack tight",
        ),
        rx.cond(
            PetitionState.changed_elsewhere,
            ui.notice(
                "wait", text.CHANGED, rx.el.p(text.CHANGED_HINT),
                ui.row(ui.button(text.SHOW_CHANGED, on_click=PetitionState.show_changed, variant="outline", small=True)), live=True,
            ),
            rx.fragment(),
        ),
        rx.cond(PetitionState.act_problem != "", ui.notice("late", PetitionState.act_problem, live=True), rx.fragment()),
        rx.cond(PetitionState.act_done != "", ui.notice("ok", PetitionState.act_done, live=True), rx.fragment()),
        ui.columns(_content(), _deadline()),
        rx.cond(
            PetitionState.can_take_up,
            rx.el.div(
                rx.el.p(text.TAKE_UP_HINT, class_name="small"),
                ui.actions(ui.button(text.TAKE_UP, on_click=PetitionState.take_up, shortcut="T")),
                class_name="stack tight",
            ),
            rx.fragment(),
        ),
        publication_part(),
        rx.cond(PetitionState.can_answer, answer_part(), kept_draft()),
        approval_part(),
        ui.section(
            text.COURSE,
            ui.timeline(PetitionState.events, lambda step: ui.Step(step["name"], step["at"], step["note"], "done")),
        ),
        gap="loose",
        class_name="desk-item",
    )


def _contact() -> rx.Component:
    return rx.cond(
        PetitionState.contact_hint != "",
        ui.row(
            rx.el.p(
                f"{text.SENDER}: ",
                rx.cond(PetitionState.contact != "", rx.el.b(PetitionState.contact), PetitionState.contact_hint),
                class_name="small", role="status",
            ),
            rx.cond(
                (PetitionState.contact == "") & PetitionState.can_read_contact,
                ui.dialog(
                    text.READ_CONTACT,
                    rx.el.form(
                        ui.text_field(
                            text.READ_CONTACT_REASON, "contact_reason", hint=text.READ_CONTACT_LEAD, min_length=5, max_length=200
                        ),
                        ui.actions(ui.button(text.READ_CONTACT_ACT, type="submit")),
                        on_submit=PetitionState.read_contact,
                        class_name="form",
                    ),
                    id="lien-he", trigger=text.READ_CONTACT, variant="quiet", small=True, shortcut="L",
                ),
                rx.fragment(),
            ),
        ),
        rx.el.p(text.ANONYMOUS, class_name="small"),
    )


def _content() -> rx.Component:
    return ui.card(
        rx.el.h3(text.CONTENT),
        rx.el.p(marked(PetitionState.parts, text.WILL_BE_MASKED), class_name="pre prose"),
        rx.cond(
            PetitionState.place_parts.length() > 0,
            rx.el.p(f"{text.PLACE}: ", marked(PetitionState.place_parts, text.WILL_BE_MASKED), class_name="small"),
            rx.fragment(),
        ),
        rx.cond(PetitionState.has_personal_data, rx.el.p(text.ORIGINAL_HINT, class_name="small"), rx.fragment()),
        rx.cond(PetitionState.photos.length() > 0, ui.photo_viewer(PetitionState.photos), rx.fragment()),
    )


def _deadline() -> rx.Component:
    kinds = [(kind, rx.el.b(PetitionState.due_left, class_name=f"due {kind}")) for kind in ("ok", "go", "wait", "late")]
    return ui.card(
        rx.el.h3(text.DEADLINE),
        rx.el.p(rx.match(PetitionState.due_kind, *kinds, rx.el.b(PetitionState.due_left, class_name="due"))),
        rx.el.p(PetitionState.due, class_name="small"),
        ui.more(text.BASIS, rx.el.p(PetitionState.due_rule, " ", PetitionState.due_basis, class_name="small")),
    )
