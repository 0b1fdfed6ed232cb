"""The desk's second half: writing an answer, and a second person deciding on it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from mattranso_app import ui
from mattranso_app.petitions import text
from mattranso_app.petitions.states.desk_item import FILE_FIELD, PetitionState
from mattranso_app.settings import settings

FORM = "tra-loi"


def marked(parts: rx.Var, what: str) -> rx.Component:
    """Return a text with its masked pieces marked; screen readers hear what each is.

    Args:
        parts: pieces with their kind, empty for plain ones.
        what: said of a marked piece: it will be, or was, covered.
    """
    return rx.foreach(
        parts,
        lambda part: rx.cond(
            part[1] != "",
            rx.el.mark(part[0], ui.hidden(" (" + part[1].to(str) + f" {what})"), class_name="masked", title=part[1].to(str) + f" {what}"),
            rx.el.span(part[0]),
        ),
    )


def answer_part() -> rx.Component:
    """Return the draft of the public answer; saved as it is written, handed in for approval."""
    key = PetitionState.me + ".answer." + PetitionState.number
    return ui.section(
        text.DRAFT,
        rx.cond(
            PetitionState.returned_reason != "",
            ui.notice("wait", text.RETURNED, rx.el.p(PetitionState.returned_reason, class_name="pre")),
            rx.fragment(),
        ),
        rx.cond(PetitionState.draft_is_stale, rx.el.p(text.STALE_DRAFT, class_name="small"), rx.fragment()),
        ui.card(
            ui.kept_form(
                ui.radio_group(text.ASK_OUTCOME, "outcome", list(text.OUTCOMES.items())),
                ui.area_field(
                    text.ASK_ANSWER, "body", hint=text.ASK_ANSWER_HINT, rows=8, data_focus_key="s", aria_keyshortcuts="S",
                ),
                rx.el.p(text.ON_SUBMITTING, class_name="small"),
                id=FORM,
                keep_key=key,
                key=key,
                save_to="/phan-anh/ban-lam-viec/nhap",
                base={"number": PetitionState.number, "version": PetitionState.version},
                initial=PetitionState.draft,
                saved_words=PetitionState.saved_words,
                masked=PetitionState.draft_masked,
                submit=text.SUBMIT_ANSWER,
                preview=(text.PREVIEW, text.PREVIEW_TITLE, text.PREVIEW_NOTE),
                on_send=PetitionState.submit_answer,
            ),
        ),
        _attachments(),
    )


def _attachments() -> rx.Component:
    return ui.card(
        rx.el.h3(text.EVIDENCE),
        ui.listing(PetitionState.attachments, _attachment, rx.el.p(text.NO_EVIDENCE, class_name="small")),
        ui.attach_files(
            "tep", "/phan-anh/ban-lam-viec/tep", {"number": PetitionState.number}, "image/jpeg,image/png,image/webp,application/pdf",
            text.EVIDENCE_HINT.format(limit=settings().upload_limit // (1024 * 1024)), PetitionState.look_at_files, text.ADD_FILE,
        ),
    )


def _attachment(file: Any) -> rx.Component:
    """Return one file with the tick that sends it along (it belongs to the answer's form) and the way to remove it."""
    identity = FILE_FIELD + file["id"].to(str)
    return ui.row(
        rx.el.div(
            rx.el.input(type="checkbox", name=identity, id=identity, value="1", default_checked=True, form=FORM),
            rx.el.label(file["name"], html_for=identity),
            class_name="choice bare",
        ),
        ui.row(
            _open_file(file),
            rx.cond(
                file["removable"].to(bool),
                ui.button(
                    text.REMOVE_FILE, ui.hidden(" " + file["name"].to(str)), on_click=PetitionState.remove_file(file["id"].to(str)),
                    variant="quiet", small=True,
                ),
                rx.fragment(),
            ),
        ),
        apart=True,
        key=file["id"].to(str),
    )


def _open_file(file: Any) -> rx.Component:
    return rx.el.a(
        text.OPEN_FILE, ui.hidden(" " + file["name"].to(str)), href="/tep/" + file["id"].to(str), target="_blank", rel="noopener",
        class_name="btn quiet small",
    )


def kept_draft() -> rx.Component:
    """Return the officer's own unfinished answer where it can no longer be handed in: somebody else was faster."""
    return rx.cond(
        PetitionState.saved_words != "",
        ui.section(
            text.KEPT_DRAFT,
            ui.card(rx.el.p(text.KEPT_DRAFT_HINT, class_name="small"), ui.plain_text(PetitionState.draft["body"])),
        ),
        rx.fragment(),
    )


def approval_part() -> rx.Component:
    """Return the last answer as citizens will read it, and for who may decide what approving does and the two decisions."""
    return rx.cond(
        PetitionState.answer_parts.length() > 0,
        rx.cond(PetitionState.can_answer, rx.fragment(), _approval()),
        rx.fragment(),
    )


def _approval() -> rx.Component:
    return ui.section(
        rx.cond(PetitionState.can_approve, text.APPROVAL, text.ANSWER),
        ui.card(
            rx.el.p(f"{text.AUTHOR}: ", PetitionState.author, " · ", PetitionState.outcome_words, class_name="small"),
            rx.el.p(marked(PetitionState.answer_parts, text.MASKED_NOW), class_name="pre prose"),
            rx.cond(
                PetitionState.answer_files.length() > 0,
                ui.listing(PetitionState.answer_files, lambda file: ui.row(rx.el.span(file["name"]), _open_file(file), apart=True)),
                rx.fragment(),
            ),
            rx.cond(
                PetitionState.can_approve,
                rx.cond(PetitionState.is_own_answer, ui.notice("wait", text.FOUR_EYES), _decision()),
                rx.fragment(),
            ),
        ),
    )


def _decision() -> rx.Component:
    return ui.stack(
        rx.el.div(
            rx.el.b(text.ON_APPROVING),
            rx.el.ul(rx.foreach(PetitionState.on_approving, lambda words: rx.el.li(words))),
            class_name="what-happens small",
        ),
        ui.actions(
            ui.button(
                rx.cond(PetitionState.publication == "published", text.APPROVE, text.APPROVE_PRIVATE),
                on_click=PetitionState.approve, shortcut="D",
            ),
            ui.dialog(
                text.RETURN,
                rx.el.form(
                    ui.area_field(text.RETURN_REASON, "return_reason", hint=text.RETURN_HINT, rows=3, min_length=5),
                    ui.actions(ui.button(text.RETURN_ACT, type="submit")),
                    on_submit=PetitionState.return_answer,
                    class_name="form",
                ),
                id="tra-lai", trigger=text.RETURN, shortcut="R",
            ),
        ),
    )
