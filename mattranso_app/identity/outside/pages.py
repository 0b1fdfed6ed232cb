"""The plain pages of signing in with an outside account and of links to it. No script is needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.responses import HTMLResponse

from mattranso_app.core.clock import VN
from mattranso_app.identity import plain_pages
from mattranso_app.identity.outside import text
from mattranso_app.identity.outside.service import Away, OwnLink, Pending
from mattranso_app.settings import OutsideProvider

_templates = plain_pages.environment("mattranso_app.identity.outside")


def problem_page(provider: OutsideProvider, words: str, status: int, again: str) -> HTMLResponse:
    """Tell the person why this way in did not work, and that others are open.

    Args:
        provider: which way.
        words: what happened and what to do.
        status: HTTP status.
        again: address at which this way begins anew.
    """
    return page("problem.html", text.PROBLEM_TITLE.format(label=provider.label), status, said=words, again=again)


def going_page(provider: OutsideProvider, away: Away) -> HTMLResponse:
    """Go on to the provider from a page of our own: the form that led here may not redirect to another site."""
    return page("going.html", text.GOING_TITLE.format(label=provider.label), going=away.address)


def first_page(waiting: Pending) -> HTMLResponse:
    """Ask somebody without an account here whether to make one or to link one."""
    provider = waiting.provider
    return page(
        "first.html", text.FIRST_TITLE.format(label=provider.label), provider=provider,
        lead=text.FIRST_LEAD.format(label=provider.label, name=waiting.person.name or text.NAMELESS),
    )


def links_page(own: Sequence[OwnLink], waiting: Pending | None, fault: str = "") -> HTMLResponse:
    """Show a person's links, and whom a provider has just vouched for in this browser."""
    ask = text.WAITING.format(label=waiting.provider.label, name=waiting.person.name or text.NAMELESS) if waiting else ""
    return page(
        "links.html", text.LINKS, own=own, abouts=[_about(item) for item in own], ask=ask, fault=fault,
    )


def page(template: str, title: str, status: int = 0, fault: str = "", **values: Any) -> HTMLResponse:
    """Return one of the plain pages, with another `status` than its fault gives it unless 0."""
    response = plain_pages.page(_templates, template, title, text, fault, **values)
    response.status_code = status or response.status_code
    return response


def _about(item: OwnLink) -> str:
    if item.link is None:
        return text.NOT_LINKED
    words = text.LINKED_SINCE.format(
        day=f"{item.link.created_at.astimezone(VN):{text.DAY}}", moment=f"{item.link.last_used_at.astimezone(VN):{text.TIME}}"
    )
    return f"{words}; {text.NUMBER.format(number=item.number)}" if item.number else words
