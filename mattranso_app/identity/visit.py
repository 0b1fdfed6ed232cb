"""What a request tells about the browser behind it."""

from __future__ import annotations

from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from starlette.requests import Request
from starlette.types import Scope

from mattranso_app.core.access import current_actor
from mattranso_app.identity import cookies
from mattranso_app.identity.service import Visit

SESSION_KEY = "mts.session"
"""Where the layer leaves the live session (`store.LiveSession` or None) in a request's scope."""

LENT_KEY = "mts.lent"
"""Where the layer leaves the live access token (`service.LiveToken` or None) a program sent along."""

_NEXT_LONGEST = 500


def header(scope: Scope, name: str) -> str:
    """Return a header's first value, empty when it is missing."""
    wanted = name.encode()
    for key, value in scope["headers"]:
        if key == wanted:
            found: str = value.decode("latin-1")
            return found
    return ""


def split_url(address: str) -> SplitResult:
    """Return the parts of an address somebody else wrote; empty parts when it is none."""
    try:
        return urlsplit(address)
    except ValueError:
        return SplitResult("", "", "", "", "")


def visit_of(request: Request) -> Visit:
    """Return the browser a request came from."""
    actor = current_actor()
    sent = cookies.read_cookies(request.scope["headers"])
    return Visit(
        address=actor.address, agent=_printable(header(request.scope, "user-agent")), device=sent.get(cookies.DEVICE, ""),
        session_id=actor.session_id,
    )


def safe_next(wanted: Any) -> str:
    """Return `wanted` if it is an address on our own site to go on to after signing in, else an empty text.

    Only a path: `//host`, `/\\host`, schemes and control characters, with which browsers leave the site, are refused.
    """
    if not isinstance(wanted, str) or not 1 <= len(wanted) <= _NEXT_LONGEST:
        return ""
    if wanted[0] != "/" or wanted[1:2] in ("/", "\\") or not wanted.isprintable() or "\\" in wanted:
        return ""
    path = split_url(wanted).path
    if path in ("/dang-xuat",) or path.startswith(("/dang-nhap", "/api/")):
        return ""
    return wanted


def next_of(request: Request, given: str) -> str:
    """Return where to go on to: the form's field, or the `tiep` of the page the form stood on (it needs no script)."""
    if given:
        return safe_next(given)
    asked = parse_qs(split_url(header(request.scope, "referer")).query[: 2 * _NEXT_LONGEST])
    return safe_next(asked.get("tiep", [""])[0])


def _printable(value: str) -> str:
    return "".join(sign for sign in value[:200] if sign.isprintable())
