"""The form. It works before the page is alive, without network and in browsers that block pop-ups; nothing typed is lost.

It holds no state on the server: fields stand in the page, the draft on the device, and the submission is one HTTP request
(see `ui.outbox_form`). Where it goes and why is asked from the unit that was picked, over plain HTTP too.
"""

from __future__ import annotations

import reflex as rx

from mattranso_app import ui
from mattranso_app.petitions import text
from mattranso_app.petitions.submission import BODY_LIMIT, PLACE_LIMIT
from mattranso_app.settings import settings

FORM_KEY = "petition"


def send_page() -> rx.Component:
    """Return the form, with the right doors for complaints and denunciations before it."""
    return ui.page(
        text.SEND_TITLE,
        ui.more(text.OTHER_DOORS, ui.prose(rx.el.p(text.COMPLAINT_DOOR), rx.el.p(text.DENUNCIATION_DOOR))),
        ui.outbox_form(
            _trap(),
            ui.radio_group(
                text.ASK_KIND, "kind", [(code, name, text.KIND_HINTS[code]) for code, name in text.KINDS.items()], chosen="phan_anh"
            ),
            ui.area_field(text.ASK_BODY, "body", hint=text.ASK_BODY_HINT, max_characters=BODY_LIMIT, data_missing=text.BODY_MISSING),
            ui.photo_field("photo", most=settings().photos_per_petition),
            ui.text_field(text.ASK_PLACE, "place", hint=text.ASK_PLACE_HINT, optional=True, max_length=PLACE_LIMIT),
            ui.unit_picker(text.ASK_UNIT, "unit", level="", explain_at="/api/v1/petition-destination", explain_with="kind"),
            rx.el.p(text.WHERE_IT_GOES, class_name="small until-picked"),
            _contact(),
            form_key=FORM_KEY,
            action="/phan-anh/gui",
            plain_action="/toi-gian/gui",
            submit=text.SEND_ACT,
            open_at="/phan-anh/{number}",
        ),
        description=text.SEND_LEAD,
        back=("/", text.HOME),
    )


def _trap() -> rx.Component:
    """Return a field no person sees; what fills it is no person."""
    return rx.el.div(
        rx.el.label(text.TRAP, html_for="website"),
        rx.el.input(name="website", id="website", tab_index=-1, auto_complete="off"),
        class_name="visually-hidden",
        aria_hidden="true",
    )


def _contact() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(text.ASK_CONTACT),
        rx.el.p(text.ASK_CONTACT_HINT, class_name="hint"),
        ui.text_field(text.ASK_PHONE, "phone", type="tel", input_mode="tel", auto_complete="tel", optional=True, max_length=20),
        ui.text_field(text.ASK_EMAIL, "email", type="email", auto_complete="email", optional=True, max_length=120),
        ui.checkbox(text.ASK_CONSENT, "consent", bare=True),
        class_name="field group",
    )
