"""Browsers that have signed in before: a long-lived cookie gives them an allowance of attempts of their own.

It is no credential. One entry for each account used in the browser: a random nonce and a keyed hash that binds it to the
account's name, so that it neither names the account nor can be made by anyone else.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode

from mattranso_app.core import secrets

MAX_ENTRIES = 5
"""Accounts one browser remembers; shared office machines have a few."""

_NONCE_LENGTH = 16
_MAC_LENGTH = 24


def known(cookie: str, account: str) -> str:
    """Return the nonce by which this browser is known to `account` (user name or contact), empty when it is not."""
    for nonce, mac in _entries(cookie):
        if secrets.same(mac, _mac(nonce, account)):
            return nonce
    return ""


def remember(cookie: str, account: str) -> str:
    """Return the cookie's value with `account` among the known ones, the newest first."""
    nonce = known(cookie, account)
    if not nonce:
        nonce = secrets.new_token(96)
    kept = [(nonce, _mac(nonce, account)), *(entry for entry in _entries(cookie) if entry[0] != nonce)]
    return "~".join(f"{nonce}.{mac}" for nonce, mac in kept[:MAX_ENTRIES])


def _entries(cookie: str) -> list[tuple[str, str]]:
    if len(cookie) > MAX_ENTRIES * (_NONCE_LENGTH + _MAC_LENGTH + 2):
        return []
    pairs = [part.partition(".") for part in cookie.split("~")]
    return [(nonce, mac) for nonce, _, mac in pairs if len(nonce) == _NONCE_LENGTH and len(mac) == _MAC_LENGTH]


def _mac(nonce: str, account: str) -> str:
    digest = hmac.digest(secrets.key("device cookie"), f"{nonce}:{account}".encode("utf-8", "surrogatepass"), "sha256")
    return urlsafe_b64encode(digest[: _MAC_LENGTH * 3 // 4]).decode()
