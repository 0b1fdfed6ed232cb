"""Our cookies: HttpOnly, SameSite=Lax, and with TLS Secure under the `__Host-` prefix. Reading forgives broken headers."""

from __future__ import annotations

from collections.abc import Iterable

from mattranso_app.settings import settings

SESSION = "mts_session"
VISITOR = "mts_visitor"
DEVICE = "mts_device"
CHALLENGE = "mts_challenge"
STEP = "mts_step"
PASSKEY = "mts_passkey"
OUTSIDE = "mts_outside"
OUTSIDE_NEW = "mts_outside_new"

_OURS = (SESSION, VISITOR, DEVICE, CHALLENGE, STEP, PASSKEY, OUTSIDE, OUTSIDE_NEW)

YEAR = 365 * 24 * 60 * 60
_LONGEST = 8192


def cookie_name(name: str) -> str:
    """Return `name` as the browser knows it."""
    return f"__Host-{name}" if settings().secure_cookies else name


def read_cookies(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the cookies of a request by our own names; foreign, broken and over-long ones are left out.

    Of two cookies of one name the first counts: browsers send the one with the more exact path first.
    """
    wanted = {cookie_name(name): name for name in _OURS}
    found: dict[str, str] = {}
    for header, value in headers:
        if header != b"cookie" or len(value) > _LONGEST:
            continue
        for part in value.decode("latin-1").split(";"):
            name, mark, content = part.strip().partition("=")
            if mark and name in wanted:
                found.setdefault(wanted[name], content.strip('"'))
    return found


def set_cookie(name: str, value: str, max_age: int | None = None) -> str:
    """Return a Set-Cookie header's value.

    Args:
        name: one of our names.
        value: letters that need no quoting.
        max_age: seconds it lives; None until the browser closes, 0 removes it.
    """
    parts = [f"{cookie_name(name)}={value}", "Path=/", "HttpOnly", "SameSite=Lax"]
    if max_age is not None:
        parts.append(f"Max-Age={max_age}")
    if settings().secure_cookies:
        parts.append("Secure")
    return "; ".join(parts)
