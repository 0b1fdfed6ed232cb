"""The officer's desk: queues · list · the open petition. Keyboard alone suffices; personal data stay covered until asked for."""

from __future__ import annotations

from typing import Any

import reflex as rx

from mattranso_app import ui
from mattranso_app.petitions import text
from mattranso_app.petitions.states.desk import DeskState
from mattranso_app.petitions.views.desk_answer import answer_part, approval_part


def desk_page() -> rx.Component:
    """Return the desk of the signed-in officer's unit."""
    return ui.desk_layout(
        text.DESK_TITLE,
        ui.navigation(DeskState.tabs, text.DESK_QUEUES, make=_tab),
        _queue(),
        rx.cond(DeskState.number != "", _opened(), ui.empty_state(text.PICK_ONE)),
        showing_detail=DeskState.number != "",
        note=DeskState.unit_name,
        on_back=DeskState.close,
    )


def _tab(item: Any) -> ui.NavItem:
    return ui.NavItem(item["words"], item["href"], current=item["code"] == DeskState.tab, count=item["count"])


def _queue() -> rx.Component:
    return rx.fragment(
        rx.cond(DeskState.problem != "", ui.notice("late", DeskState.problem, live=True), rx.fragment()),
        rx.cond(
            DeskState.loaded,
            rx.cond(
                DeskState.items.length() > 0,
                rx.foreach(DeskState.items, _line),
                ui.empty_state(text.QUEUE_EMPTY),
            ),
            ui.skeleton(6),
        ),
        rx.cond(
            DeskState.next_cursor != "",
            ui.button(text.MORE, on_click=DeskState.load_more, variant="outline", small=True, block=True),
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
        current=item["number"] == DeskState.number,
        on_click=DeskState.open(item["number"]),
    )


def _opened() -> rx.Component:
    return ui.stack(
        ui.row(
            rx.el.div(
                rx.el.h2(DeskState.title),
                rx.el.p(DeskState.number, " · ", DeskState.kind_words, " · ", DeskState.sent, class_name="small"),
            ),
            ui.pill(DeskState.state_words, "go"),
            apart=True,
        ),
        _contact(),
        rx.cond(DeskState.act_problem != "", ui.notice("late", DeskState.act_problem, live=True), rx.fragment()),
        rx.cond(DeskState.act_done != "", ui.notice("ok", DeskState.act_done, live=True), rx.fragment()),
        ui.columns(_content(), _deadline()),
        rx.cond(DeskState.can_take_up, ui.actions(
            ui.button(text.TAKE_UP, on_click=DeskState.take_up, shortcut="T", busy=DeskState.busy)), rx.fragment()),
        rx.cond(DeskState.can_decide_publication, _publication(), rx.fragment()),
        rx.cond(DeskState.can_answer, answer_part(), rx.fragment()),
        rx.cond(DeskState.can_approve, approval_part(), rx.fragment()),
        _history(),
        gap="loose",
    )


def _contact() -> rx.Component:
    return rx.cond(
        DeskState.contact_hint != "",
        rx.el.div(
            rx.el.p(
                f"{text.SENDER}: ",
                rx.cond(DeskState.contact != "", DeskState.contact, DeskState.contact_hint),
                class_name="small",
            ),
            rx.cond(
                (DeskState.contact == "") & DeskState.can_read_contact,
                ui.dialog(
                    text.READ_CONTACT,
                    rx.el.form(
                        ui.text_field(text.READ_CONTACT_REASON, "reason", max_length=200),
                        ui.actions(ui.button(text.READ_CONTACT_ACT, type="submit")),
                        on_submit=DeskState.read_contact,
                        class_name="form",
                    ),
                    id="lien-he",
                    trigger=text.READ_CONTACT,
                    variant="quiet",
                    small=True,
                ),
                rx.fragment(),
            ),
        ),
        rx.el.p(text.ANONYMOUS, class_name="small"),
    )


def _content() -> rx.Component:
    return ui.card(
        rx.el.h3(text.CONTENT),
        ui.plain_text(DeskState.body),
        rx.cond(DeskState.place != "", rx.el.p(f"{text.PLACE}: ", DeskState.place, class_name="small"), rx.fragment()),
        rx.cond(
            DeskState.photos.length() > 0,
            rx.el.div(
                rx.foreach(
                    DeskState.photos,
                    lambda file, index: rx.el.a(
                        rx.el.img(
                            src=rx.Var.create("/tep/") + file + "?nho=1", width="84", height="84", loading="lazy",
                            alt=rx.Var.create(f"{text.PHOTO} ") + (index + 1).to_string(),
                        ),
                        href=rx.Var.create("/tep/") + file,
                        target="_blank",
                        rel="noopener",
                    ),
                ),
                class_name="thumbnails",
            ),
            rx.fragment(),
        ),
    )


def _deadline() -> rx.Component:
    return ui.card(
        rx.el.h3(text.DEADLINE),
        rx.el.p(rx.el.b(DeskState.due)),
        rx.el.p(DeskState.due_left, class_name="small"),
        ui.more(text.BASIS, rx.el.p(DeskState.due_basis, class_name="small")),
    )


def _publication() -> rx.Component:
    """Return the masked copy, to be looked over: publish it, or withhold it with a reason."""
    return ui.section(
        text.PUBLICATION,
        ui.card(
            rx.el.p(text.PUBLICATION_HINT, class_name="small"),
            rx.el.form(
                ui.text_field(text.PUBLIC_TITLE, "title", default_value=DeskState.public_title, max_length=150),
                ui.area_field(text.PUBLIC_BODY, "body", default_value=DeskState.public_body, rows=6),
                ui.text_field(text.PUBLIC_PLACE, "place", default_value=DeskState.public_place, optional=True, max_length=200),
                ui.actions(ui.button(text.PUBLISH, type="submit", busy=DeskState.busy)),
                on_submit=DeskState.publish_question,
                key=rx.Var.create("publish-") + DeskState.number,
                class_name="form",
            ),
            ui.dialog(
                text.WITHHOLD,
                rx.el.form(
                    ui.area_field(text.WITHHOLD_REASON, "reason", hint=text.WITHHOLD_HINT, rows=3),
                    ui.actions(ui.button(text.WITHHOLD_ACT, type="submit", variant="danger")),
                    on_submit=DeskState.withhold_question,
                    class_name="form",
                ),
                id="khong-cong-khai",
                trigger=text.WITHHOLD,
                variant="quiet",
            ),
        ),
    )


def _history() -> rx.Component:
    return ui.section(
        text.COURSE,
        ui.timeline(DeskState.events, lambda step: ui.Step(step["name"], step["at"], step["note"], "done")),
    )
