"""Whether the question becomes public: its masked copy to look over, what publishing does, withholding, taking it back."""

from __future__ import annotations

import reflex as rx

from mattranso_app import ui
from mattranso_app.petitions import text
from mattranso_app.petitions.models import Publication
from mattranso_app.petitions.states.desk_item import PetitionState


def publication_words() -> rx.Component:
    """Return how the question stands: not decided, public with the way to its page and back, or withheld with the reason."""
    return rx.match(
        PetitionState.publication,
        (Publication.PUBLISHED.value, ui.row(
            ui.pill(text.PUBLISHED, "ok"),
            ui.link(text.PUBLISHED_OPEN, href="/phan-anh/" + PetitionState.number, class_name="small"),
            rx.cond(PetitionState.can_withdraw, _withhold(text.WITHDRAW), rx.fragment()),
        )),
        (Publication.WITHHELD.value, ui.pill(text.PUBLICATIONS[Publication.WITHHELD] + ": " + PetitionState.withheld_reason, "wait")),
        rx.fragment(),
    )


def publication_part() -> rx.Component:
    """Return the masked copy while nothing is decided."""
    return rx.cond(PetitionState.can_decide_publication, _decide(), rx.fragment())


def _decide() -> rx.Component:
    key = PetitionState.me + ".publish." + PetitionState.number
    return ui.section(
        text.PUBLICATION,
        ui.card(
            rx.el.p(text.PUBLICATION_HINT, class_name="small"),
            ui.kept_form(
                ui.text_field(text.PUBLIC_TITLE, "title", max_length=150),
                ui.area_field(text.PUBLIC_BODY, "body", rows=6),
                ui.text_field(text.PUBLIC_PLACE, "place", optional=True, max_length=200),
                what_happens(text.ON_PUBLISHING, PetitionState.on_publishing),
                id="ban-cong-khai",
                keep_key=key,
                key=key,
                initial=PetitionState.public_copy,
                submit=text.PUBLISH,
                on_send=PetitionState.publish_question,
            ),
            _withhold(text.WITHHOLD),
        ),
    )


def what_happens(title: str, told: rx.Var) -> rx.Component:
    """Return what an act does, before it is done."""
    return rx.el.div(
        rx.el.b(title), rx.el.ul(rx.foreach(told, lambda words: rx.el.li(words))), class_name="what-happens small"
    )


def _withhold(trigger: str) -> rx.Component:
    return ui.dialog(
        trigger,
        rx.el.form(
            ui.area_field(text.WITHHOLD_REASON, "withhold_reason", hint=text.WITHHOLD_HINT, rows=3, min_length=5),
            ui.actions(ui.button(text.WITHHOLD_ACT, type="submit", variant="danger")),
            on_submit=PetitionState.withhold_question,
            class_name="form",
        ),
        id="khong-cong-khai", trigger=trigger, variant="quiet", small=True, shortcut="H",
    )
