"""Plain pages of the account: applications a person has agreed to, and Central's register of applications. No script is needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from mattranso_app.core.clock import VN
from mattranso_app.core.headers import content_security_policy
from mattranso_app.identity.provider import text
from mattranso_app.identity.provider.consents import Held
from mattranso_app.identity.provider.store import PAGE

_environment = Environment(
    # base.html is the one of the account's other plain pages
    loader=ChoiceLoader([PackageLoader("mattranso_app.identity.provider"), PackageLoader("mattranso_app.identity.factors")]),
    autoescape=True, undefined=StrictUndefined, trim_blocks=True,
)


def consents_page(held: Sequence[Held], done: str = "", fault: str = "") -> HTMLResponse:
    """Show what a person has agreed to, each with a button that takes it back.

    Args:
        held: one page of consents.
        done: what has just been done.
        fault: what could not be done.
    """
    return _page("consents.html", text.CONSENTS, fault, held=held, done=done, next=held[-1].id if len(held) == PAGE else None)


def _page(template: str, title: str, fault: str, **values: Any) -> HTMLResponse:
    body = _environment.get_template(template).render(title=title, fault=fault, text=text, moment=_moment, day=_day, **values)
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": content_security_policy(()), "Referrer-Policy": "same-origin"}
    return HTMLResponse(body, 422 if fault else 200, headers)


def _moment(value: Any) -> str:
    return f"{value.astimezone(VN):%H:%M %d/%m/%Y}"


def _day(value: Any) -> str:
    return f"{value.astimezone(VN):%d/%m/%Y}"
