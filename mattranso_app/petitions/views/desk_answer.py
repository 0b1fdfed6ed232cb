"""The desk's second half: writing an answer, and a second person deciding on it."""

from __future__ import annotations

import reflex as rx

from mattranso_app import ui
from mattranso_app.petitions import text
from mattranso_app.petitions.states.desk import DeskState


def answer_part() -> rx.Component:
    """Return the draft of the public answer; saved as it is written, handed in for approval."""
    return ui.section(
        text.DRAFT,
        rx.cond(DeskState.returned_reason != "", ui.notice("wait", text.RETURNED, rx.el.p(DeskState.returned_reason)), rx.fragment()),
        ui.card(
            rx.el.form(
                ui.radio_group(
                    text.ASK_OUTCOME, "outcome", [(code, name, text.OUTCOME_HINTS[code]) for code, name in text.OUTCOMES.items()],
                    on_change=DeskState.choose_outcome,
                ),
                ui.area_field(
                    text.ASK_ANSWER, "body", hint=text.ASK_ANSWER_HINT, rows=8, default_value=DeskState.draft_body,
                    on_blur=DeskState.save_draft,
                ),
                rx.cond(DeskState.masked_count > 0, ui.pill(DeskState.masked_words, "wait"), rx.fragment()),
                rx.el.p(DeskState.saved_words, class_name="small", role="status"),
                ui.actions(
                    ui.button(text.SUBMIT_ANSWER, type="submit", busy=DeskState.busy),
                ),
                on_submit=DeskState.submit_answer,
                key=rx.Var.create("answer-") + DeskState.number,
                class_name="form",
            ),
        ),
        _attachments(),
    )


def _attachments() -> rx.Component:
    return ui.card(
        rx.el.h3(text.EVIDENCE),
        rx.cond(
            DeskState.attachments.length() > 0,
            ui.listing(DeskState.attachments, lambda file: rx.el.span(ui.icon("file"), file["name"])),
            rx.el.p(text.NO_EVIDENCE, class_name="small"),
        ),
        ui.plain_form(
            rx.el.label(text.ADD_FILE, html_for="tep"),
            rx.el.input(type="file", name="file", id="tep", accept="image/*,application/pdf", class_name="input"),
            rx.el.input(type="hidden", name="number", value=DeskState.number),
            ui.button(text.UPLOAD, type="submit", variant="outline", small=True, sign="upload"),
            action="/phan-anh/ban-lam-viec/tep",
            enc_type="multipart/form-data",
        ),
    )


def approval_part() -> rx.Component:
    """Return the answer that waits, as citizens will read it, with the two decisions."""
    return ui.section(
        text.APPROVAL,
        ui.card(
            rx.el.p(f"{text.AUTHOR}: ", DeskState.author, " · ", DeskState.outcome_words, class_name="small"),
            ui.plain_text(DeskState.answer_public_body),
            rx.el.p(text.AS_CITIZENS_SEE, class_name="small"),
            ui.actions(
                ui.button(text.APPROVE, on_click=DeskState.approve, shortcut="D", busy=DeskState.busy),
                ui.dialog(
                    text.RETURN,
                    rx.el.form(
                        ui.area_field(text.RETURN_REASON, "reason", rows=3),
                        ui.actions(ui.button(text.RETURN_ACT, type="submit")),
                        on_submit=DeskState.return_answer,
                        class_name="form",
                    ),
                    id="tra-lai",
                    trigger=text.RETURN,
                ),
            ),
        ),
    )
