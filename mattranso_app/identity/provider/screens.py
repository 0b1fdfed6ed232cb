"""Plain pages of the account: applications a person has agreed to, and Central's register of applications. No script is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from mattranso_app.core.clock import VN
from mattranso_app.core.headers import content_security_policy
from mattranso_app.identity.provider import text
from mattranso_app.identity.provider.consents import Held
from mattranso_app.identity.provider.models import SCOPES, Client
from mattranso_app.identity.provider.service import issuer
from mattranso_app.identity.provider.store import PAGE

_FIELDS = ("client_id", "name", "redirect_uris", "post_logout_redirect_uris", "backchannel_logout_uri", "scopes")
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


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed into the form of an application; addresses one a line."""

    client_id: str = ""
    name: str = ""
    redirect_uris: str = ""
    post_logout_redirect_uris: str = ""
    backchannel_logout_uri: str = ""
    is_own: bool = False
    is_public: bool = False
    scopes: tuple[str, ...] = ()

    @staticmethod
    def lines(typed: str) -> list[str]:
        """Return the addresses in `typed`."""
        return [line.strip() for line in typed.splitlines() if line.strip()]


def form_of(client: Client) -> Form:
    """Return the form filled in with what is known of an application."""
    return Form(
        client.client_id, client.name, "\n".join(client.redirect_uris), "\n".join(client.post_logout_redirect_uris),
        client.backchannel_logout_uri, client.is_own, client.secret_hash is None, client.scopes,
    )


def applications_page(found: Sequence[Client]) -> HTMLResponse:
    """Show one page of the registered applications."""
    return _page(
        "applications.html", text.APPLICATIONS, "", found=found, abouts=[_about(client) for client in found],
        next=found[-1].client_id if len(found) == PAGE else "",
    )


def form_page(form: Form, faults: Mapping[str, str] | None = None, existing: str = "") -> HTMLResponse:
    """Ask for an application.

    Args:
        form: what is in the fields.
        faults: what is wrong, by field.
        existing: identifier of the application that is being changed; empty for a new one.
    """
    title = text.CHANGE_TITLE if existing else text.NEW_APPLICATION
    fault = text.FORM_FAULT if faults else ""
    choices = [scope for scope in SCOPES if scope != "openid"]
    named = {field: (faults or {}).get(field, "") for field in _FIELDS}
    return _page("application_form.html", title, fault, form=form, faults=named, existing=existing, choices=choices)


def application_page(client: Client, secret: str = "", is_new: bool = False, is_changed: bool = False) -> HTMLResponse:
    """Show an application.

    Args:
        client: the application.
        secret: the secret just made, shown this once.
        is_new: it was entered just now.
        is_changed: it was changed just now.
    """
    return _page(
        "application.html", client.name, "", client=client, secret=secret, about=_about(client), issuer=issuer(),
        done=text.REGISTERED if is_new else text.CHANGED if is_changed else "",
    )


def _about(client: Client) -> str:
    words = [text.KIND_PUBLIC if client.secret_hash is None else text.KIND_CONFIDENTIAL]
    if client.is_own:
        words.append(text.OWN)
    if client.disabled_at is not None:
        words.append(text.DISABLED_SINCE.format(day=_day(client.disabled_at)))
    return ", ".join(words)


def _page(template: str, title: str, fault: str, **values: Any) -> HTMLResponse:
    body = _environment.get_template(template).render(title=title, fault=fault, text=text, moment=_moment, day=_day, **values)
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": content_security_policy(()), "Referrer-Policy": "same-origin"}
    return HTMLResponse(body, 422 if fault else 200, headers)


def _moment(value: Any) -> str:
    return f"{value.astimezone(VN):%H:%M %d/%m/%Y}"


def _day(value: Any) -> str:
    return f"{value.astimezone(VN):%d/%m/%Y}"
