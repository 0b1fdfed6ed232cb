"""Addresses of applications: which may be registered, and what to say about one that may not (RFC 9700, 2.1).

They are compared letter by letter later on, so nothing is mended here: what is odd is refused in words that say what to change.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from mattranso_app.identity.provider import text
from mattranso_app.settings import settings

LIMIT = 500
"""Longest address, in characters."""
MOST = 10
"""Most addresses of one kind."""
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_LOOPBACK = ("localhost", "127.0.0.1")


def fault_of(address: str) -> str:
    """Return what is wrong with `address` as a sentence for people, empty when it may be registered."""
    words = _fault(address)
    return words.format(address=address[:100]) if words else ""


def _fault(address: str) -> str:
    if len(address) > LIMIT:
        return text.ADDRESS_LONG
    if not address.isascii() or not address.isprintable() or set(address) & set(" \\\"'<>`{}|^"):
        return text.ADDRESS_LETTERS
    scheme, _, rest = address.partition("://")
    if scheme not in ("http", "https") or not rest:
        return text.ADDRESS_SCHEME
    if "#" in address:
        return text.ADDRESS_FRAGMENT
    if "*" in address:
        return text.ADDRESS_WILDCARD
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return text.ADDRESS_HOST
    host = parts.hostname or ""
    if "@" in parts.netloc:
        return text.ADDRESS_USER
    # The host as it was typed: capitals would never compare equal to what browsers send.
    if not _HOST.fullmatch(parts.netloc.partition(":")[0]) or port == 0 or parts.netloc.endswith(":"):
        return text.ADDRESS_HOST
    if any(step in (".", "..") for step in parts.path.split("/")):
        return text.ADDRESS_DOTS
    if scheme == "http" and not (settings().is_demo and host in _LOOPBACK):
        return text.ADDRESS_HTTP
    return "" if "." in host or host in _LOOPBACK else text.ADDRESS_HOST
