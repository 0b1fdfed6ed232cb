"""The plain pages of the second step and of second factors. No script is needed; secrets never enter the state of a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from mattranso_app.core.clock import VN
from mattranso_app.core.headers import content_security_policy
from mattranso_app.identity.factors import text, totp
from mattranso_app.identity.factors.store import Factor, Ways
from mattranso_app.identity.service import Enrolment, OwnFactors, Way

_environment = Environment(
    loader=PackageLoader("mattranso_app.identity.factors"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def step_page(ways: Ways | None, again: str, following: str = "", fault: str = "") -> HTMLResponse:
    """Ask for the second proof, or say that the sign-in must begin anew.

    Args:
        ways: what the half-open sign-in of this browser can be completed with; None when none waits.
        again: address where signing in begins.
        following: where to go on to afterwards.
        fault: what was wrong with the code.
    """
    if ways is None:
        return _page("step.html", text.STEP_GONE_TITLE, fault, ways=None, again=again, following=following)
    has_both = ways.has_passkey and ways.has_app
    lead = text.STEP_BOTH if has_both else text.STEP_PASSKEY if ways.has_passkey else text.STEP_LEAD
    ask = text.ASK_CODE if ways.has_app else text.ASK_RECOVERY
    return _page("step.html", text.STEP_TITLE, fault, ways=ways, lead=lead, ask=ask, again=again, following=following)


def sign_in_page(following: str = "", fault: str = "") -> HTMLResponse:
    """Sign in with a passkey alone; the script begins at once unless there is a fault to read."""
    return _page("passkey_sign_in.html", text.PASSKEY_SIGN_IN, fault, following=following)


def add_passkey_page(name: str = "", fault: str = "") -> HTMLResponse:
    """Explain a passkey and have the browser make one."""
    return _page("passkey_add.html", text.ADD_PASSKEY, fault, name=name)


def security_page(own: OwnFactors, is_withheld: bool, is_officer: bool, fault: str = "") -> HTMLResponse:
    """Show a person's factors and what can be done with them."""
    return _page(
        "security.html", text.SECURITY, fault, own=own, is_withheld=is_withheld, is_officer=is_officer,
        abouts=[_about(factor) for factor in own.factors],
        left=text.RECOVERY_LEFT.format(count=own.recovery_left),
    )


def enrol_page(enrolment: Enrolment, name: str = "", fault: str = "") -> HTMLResponse:
    """Show the QR code and the typed secret, and ask for a code."""
    drawing = totp.drawing(enrolment.otpauth)
    return _page("enrol.html", text.ENROL_TITLE, fault, drawing=drawing, secret=totp.grouped(enrolment.secret), name=name)


def codes_page(codes: Sequence[str]) -> HTMLResponse:
    """Show recovery codes, this once."""
    return _page("codes.html", text.CODES_TITLE, "", codes=codes)


def prove_page(
    way: Way, kept: Sequence[tuple[str, str]], fault: str = "", contact: str = "", following: str = ""
) -> HTMLResponse:
    """Ask for a fresh proof.

    Args:
        way: as `service.way_to_prove` says.
        kept: what was sent with the act, to be sent again after the proof.
        fault: what was wrong with the proof.
        contact: where a citizen's code goes, who proves himself by signing in anew.
        following: where that leads back to.
    """
    ask = text.ASK_RECOVERY if way == "passkey" else text.ASK_CODE
    return _page(
        "prove.html", text.PROVE_TITLE, fault, way=way, kept=kept, lead=text.PROVE[way], ask=ask, contact=contact, following=following
    )


def proved_page() -> HTMLResponse:
    """Say that the proof was taken, where the act waits in another tab."""
    return _page("prove.html", text.PROVED_TITLE, "", way="", kept=(), lead=text.PROVED, ask="", contact="", following="")


def _about(factor: Factor) -> str:
    words = text.ADDED.format(day=f"{factor.confirmed_at.astimezone(VN):{text.DAY}}")
    used = factor.last_used_at
    if factor.is_suspect:
        return f"{words}. {text.SUSPECT}"
    return f"{words}, {text.USED.format(moment=f'{used.astimezone(VN):{text.TIME}}')}" if used else words


def _page(template: str, title: str, fault: str, **values: Any) -> HTMLResponse:
    body = _environment.get_template(template).render(title=title, fault=fault, text=text, **values)
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": content_security_policy(()), "Referrer-Policy": "same-origin"}
    return HTMLResponse(body, 422 if fault else 200, headers)
