"""The plain pages of the second step and of second factors. No script is needed; secrets never enter the state of a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from mattranso_app.core.clock import VN
from mattranso_app.core.headers import content_security_policy
from mattranso_app.identity.factors import text, totp
from mattranso_app.identity.factors.store import Factor
from mattranso_app.identity.service import Enrolment, OwnFactors

_environment = Environment(
    loader=PackageLoader("mattranso_app.identity.factors"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def step_page(is_waiting: bool, again: str, following: str = "", fault: str = "") -> HTMLResponse:
    """Ask for the second proof, or say that the sign-in must begin anew.

    Args:
        is_waiting: whether this browser's half-open sign-in still waits.
        again: address where signing in begins.
        following: where to go on to afterwards.
        fault: what was wrong with the code.
    """
    title = text.STEP_TITLE if is_waiting else text.STEP_GONE_TITLE
    return _page("step.html", title, fault, is_waiting=is_waiting, again=again, following=following)


def security_page(own: OwnFactors, is_withheld: bool, fault: str = "") -> HTMLResponse:
    """Show a person's factors and what can be done with them."""
    return _page(
        "security.html", text.SECURITY, fault, own=own, is_withheld=is_withheld, abouts=[_about(factor) for factor in own.factors],
        left=text.RECOVERY_LEFT.format(count=own.recovery_left),
    )


def enrol_page(enrolment: Enrolment, name: str = "", fault: str = "") -> HTMLResponse:
    """Show the QR code and the typed secret, and ask for a code."""
    drawing = totp.drawing(enrolment.otpauth)
    return _page("enrol.html", text.ENROL_TITLE, fault, drawing=drawing, secret=totp.grouped(enrolment.secret), name=name)


def codes_page(codes: Sequence[str]) -> HTMLResponse:
    """Show recovery codes, this once."""
    return _page("codes.html", text.CODES_TITLE, "", codes=codes)


def prove_page(way: str, kept: Sequence[tuple[str, str]], fault: str = "") -> HTMLResponse:
    """Ask for a fresh proof.

    Args:
        way: as `service.way_to_prove` says.
        kept: what was sent with the act, to be sent again after the proof.
        fault: what was wrong with the proof.
    """
    lead = {"code": text.PROVE_CODE, "password": text.PROVE_PASSWORD, "sign_in": text.PROVE_SIGN_IN}[way]
    return _page("prove.html", text.PROVE_TITLE, fault, way=way, kept=kept, lead=lead)


def proved_page() -> HTMLResponse:
    """Say that the proof was taken, where the act waits in another tab."""
    return _page("prove.html", text.PROVED_TITLE, "", way="", kept=(), lead=text.PROVED)


def _about(factor: Factor) -> str:
    words = text.ADDED.format(day=f"{factor.confirmed_at.astimezone(VN):{text.DAY}}")
    used = factor.last_used_at
    return f"{words}, {text.USED.format(moment=f'{used.astimezone(VN):{text.TIME}}')}" if used else words


def _page(template: str, title: str, fault: str, **values: Any) -> HTMLResponse:
    body = _environment.get_template(template).render(title=title, fault=fault, text=text, **values)
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": content_security_policy(()), "Referrer-Policy": "same-origin"}
    return HTMLResponse(body, 422 if fault else 200, headers)
