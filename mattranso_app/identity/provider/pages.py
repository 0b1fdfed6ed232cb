"""The plain pages between an application and the person: consent, going on, sign-out, refusal. No script is needed."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from mattranso_app.core.headers import content_security_policy
from mattranso_app.identity.provider import text
from mattranso_app.identity.provider.service import Consent, Redirect

_environment = Environment(
    loader=PackageLoader("mattranso_app.identity.provider"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_EMPTY: dict[str, Any] = {"going": "", "lead": "", "items": (), "notes": (), "action": "", "hidden": (), "buttons": (), "link": None}


def consent_page(step: Consent, account: str) -> HTMLResponse:
    """Ask whether an application may learn what it asks for."""
    name = step.client.name
    return _page(
        text.CONSENT_TITLE.format(name=name), lead=text.CONSENT_LEAD.format(name=name),
        items=[text.SCOPES[scope] for scope in step.scope.split()],
        notes=[text.CONSENT_ACCOUNT.format(account=account), text.CONSENT_AFTER],
        action="/oauth/consent", hidden=[("yeu_cau", step.token), ("xac_nhan", step.proof)],
        buttons=[("dong-y", text.AGREE), ("tu-choi", text.REFUSE)],
    )


def going_page(step: Redirect) -> HTMLResponse:
    """Go on to the application from a page of our own.

    A redirect in answer to a form would be held back by the form's `form-action 'self'`; a page that goes on is not.
    """
    name = step.client_name or text.THE_APPLICATION
    return _page(text.GOING_TITLE.format(name=name), going=step.location, link=(step.location, text.GOING))


def logout_page(hidden: list[tuple[str, str]]) -> HTMLResponse:
    """Ask whether the person means to sign out."""
    return _page(
        text.LOGOUT_TITLE, lead=text.LOGOUT_LEAD, action="/oauth/end_session", hidden=hidden,
        buttons=[("dang-xuat", text.LOGOUT_ACT)], link=("/", text.STAY),
    )


def problem_page(words: str) -> HTMLResponse:
    """Tell the person why an application cannot sign them in."""
    return _page(text.PROBLEM_TITLE, status=400, lead=words, link=("/", text.HOME))


def _page(title: str, status: int = 200, **values: Any) -> HTMLResponse:
    body = _environment.get_template("page.html").render(title=title, **{**_EMPTY, **values})
    # With no-referrer a browser sends “Origin: null” with our own forms, and they would be refused as another site's.
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": content_security_policy(()), "Referrer-Policy": "same-origin"}
    return HTMLResponse(body, status, headers)
