"""Our cookies: HttpOnly, SameSite=Lax, with TLS Secure. Reading forgives broken headers.

Under TLS they have the prefix `__Host-` on one host, `__Secure-` and the portal's domain where tools have hosts of their own;
those of one way through a few pages (`ONE_FLOW`) are always the host's alone, so that no other host can set or read them.
Only the form of today is read: a cookie of the other form counts for nothing, and is taken from the browser.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mattranso_app.settings import settings

SESSION = "mts_session"
VISITOR = "mts_visitor"
DEVICE = "mts_device"
CHALLENGE = "mts_challenge"
STEP = "mts_step"
PASSKEY = "mts_passkey"
OUTSIDE = "mts_outside"
OUTSIDE_NEW = "mts_outside_new"

ONE_FLOW = (CHALLENGE, STEP, PASSKEY, OUTSIDE, OUTSIDE_NEW)
"""Cookies of a sign-in that is not finished; who signs out leaves none behind."""

_OURS = (SESSION, VISITOR, DEVICE, *ONE_FLOW)

_NARROW, _WIDE = "__Host-", "__Secure-"
YEAR = 365 * 24 * 60 * 60
_LONGEST = 8192


def cookie_name(name: str) -> str:
    """Return `name` as the browser knows it."""
    if not settings().secure_cookies:
        return name
    return f"{_WIDE if _domain(name) else _NARROW}{name}"


def read_cookies(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the cookies of a request by our own names; foreign, broken and over-long ones are left out.

    Of two cookies of one name the first counts: browsers send the one with the more exact path first.
    """
    wanted = {cookie_name(name): name for name in _OURS}
    found: dict[str, str] = {}
    for name, content in _pairs(headers):
        if name in wanted:
            found.setdefault(wanted[name], content.strip('"'))
    return found


def leftovers(headers: Iterable[tuple[bytes, bytes]]) -> list[str]:
    """Return Set-Cookie values that take away what a request brought in a form of another time, before tools had hosts
    of their own or since they have none: it could still open an old session were the setting changed back.
    """
    config = settings()
    if not config.secure_cookies:
        return []
    known = {f"{_NARROW}{name}": "" for name in _OURS if _domain(name)}
    known |= {f"{_WIDE}{name}": config.passkey_domain for name in _OURS if not _domain(name)}
    sent = dict.fromkeys(name for name, _ in _pairs(headers) if name in known)
    return [_line(name, "", known[name], is_secure=True, max_age=0) for name in sent]


def set_cookie(name: str, value: str, max_age: int | None = None) -> str:
    """Return a Set-Cookie header's value.

    Args:
        name: one of our names.
        value: letters that need no quoting.
        max_age: seconds it lives; None until the browser closes, 0 removes it.
    """
    config = settings()
    return _line(cookie_name(name), value, _domain(name), config.secure_cookies, max_age)


def _domain(name: str) -> str:
    """Return the domain one of our cookies is set for, empty for the host alone."""
    return "" if name in ONE_FLOW else settings().cookie_domain


def _line(name: str, value: str, domain: str, is_secure: bool, max_age: int | None) -> str:
    parts = [f"{name}={value}", "Path=/", "HttpOnly", "SameSite=Lax"]
    if domain:
        parts.append(f"Domain={domain}")
    if max_age is not None:
        parts.append(f"Max-Age={max_age}")
    if is_secure:
        parts.append("Secure")
    return "; ".join(parts)


def _pairs(headers: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[str, str]]:
    for header, value in headers:
        if header != b"cookie" or len(value) > _LONGEST:
            continue
        for part in value.decode("latin-1").split(";"):
            name, mark, content = part.strip().partition("=")
            if mark:
                yield name, content
