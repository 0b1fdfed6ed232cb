"""Sign-ins under way at a provider. They live in the browser's own cookie, sealed, so that nobody can fill a table with them
and the answer is good in that browser only."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass

from mattranso_app.core import secrets
from mattranso_app.core.clock import now

LIFE = 10 * 60
"""Seconds a person has at the provider."""
_MOST = 3
"""Attempts a browser may have open at once, in tabs."""
_COOKIE_LONGEST = 3_600
_SEAL = "outside.attempt"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way to a provider.

    Attributes:
        provider: its name.
        state: what its answer must bring back.
        nonce: what its token must hold.
        verifier: PKCE.
        session_id: the session an account is to be linked from, empty when somebody signs in.
        following: where to go on to.
        at: when it began, in seconds since 1970.
    """

    provider: str
    state: str
    nonce: str
    verifier: str
    session_id: str
    following: str
    at: int


def new_attempt(provider: str, following: str, session_id: str = "") -> Attempt:
    """Return a new attempt with fresh secrets."""
    return Attempt(
        provider, secrets.new_token(), secrets.new_token(), secrets.new_token(384), session_id, following, int(now().timestamp())
    )


def add(cookie: str, attempt: Attempt) -> str:
    """Return the cookie's value with one more attempt, the newest first; old ones and those too many fall out."""
    kept = [attempt, *_read(cookie)][:_MOST]
    while kept:
        value = "~".join(urlsafe_b64encode(secrets.seal(json.dumps(asdict(item)), _SEAL)).decode() for item in kept)
        if len(value) <= _COOKIE_LONGEST or len(kept) == 1:
            return value
        kept.pop()
    return ""


def find(cookie: str, provider: str, state: str) -> Attempt | None:
    """Return the attempt an answer belongs to, None when this browser has none such."""
    return next((item for item in _read(cookie) if item.provider == provider and secrets.same(item.state, state)), None)


def without(cookie: str, attempt: Attempt) -> str:
    """Return the cookie's value without an attempt that was answered."""
    parts = []
    for part in cookie.split("~")[:_MOST]:
        found = _open(part)
        if found is not None and found.state != attempt.state:
            parts.append(part)
    return "~".join(parts)


def _read(cookie: str) -> list[Attempt]:
    return [found for found in (_open(part) for part in cookie[: 2 * _COOKIE_LONGEST].split("~")[:_MOST]) if found is not None]


def _open(part: str) -> Attempt | None:
    try:
        found = Attempt(**json.loads(secrets.unseal(urlsafe_b64decode(part.encode()), _SEAL)))
    except (ValueError, TypeError, secrets.SealBroken):
        return None
    return found if now().timestamp() - found.at <= LIFE else None
