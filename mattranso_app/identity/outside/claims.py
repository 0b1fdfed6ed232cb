"""What a provider says about a person, brought to our words. Everything it says is data: checked, cleaned, bounded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mattranso_app.core.text.cleaning import TextTooLong, clean_text
from mattranso_app.identity.outside.providers import profile_of
from mattranso_app.settings import OutsideProvider

METHODS = frozenset(("pwd", "pin", "otp", "sms", "hwk", "swk", "face", "fpt", "iris", "vbm", "sc", "tel", "kba", "user"))
"""Words of RFC 8176 that are passed on. `mfa` is none of them: what counts as a second factor here, our settings say."""
FEDERATED = "fed"
"""Method of every session that came from outside."""

SUBJECT_LONGEST = 255
NAME_LONGEST = 100
_NUMBER = re.compile(r"[0-9]{12}")


class BadAnswer(Exception):
    """The provider says something that no provider may say; the message is for our log, without personal data."""


@dataclass(frozen=True, slots=True)
class OutsidePerson:
    """Somebody as a provider vouches for.

    Attributes:
        subject: the provider's own name for the person; kept as keyed hash only.
        name: full name, empty when not told.
        number: twelve-digit identity number, empty when not told; never kept or logged in clear.
        level: assurance of the identity, 0 when unknown.
        methods: how the person proved himself there (RFC 8176), with `mfa` where our settings say so.
        proved_at: when, in seconds since 1970.
        sid: the provider's name of the session, empty when not told.
    """

    subject: str
    name: str
    number: str
    level: int
    methods: tuple[str, ...]
    proved_at: int
    sid: str = ""


def read(provider: OutsideProvider, claims: Mapping[str, Any]) -> OutsidePerson:
    """Return the person of checked claims.

    Args:
        provider: who says it.
        claims: of the ID token, with those of userinfo beneath.

    Raises:
        BadAnswer: a subject that is none, or claims of another kind than the profile names.
    """
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 1 <= len(subject) <= SUBJECT_LONGEST or not subject.isprintable():
        raise BadAnswer("sub is none")
    proved_at = claims.get("auth_time")
    if not isinstance(proved_at, int | float) or not is_number(proved_at):
        raise BadAnswer("auth_time is none")
    profile = profile_of(provider)
    acr = claims.get("acr")
    level = profile.levels.get(acr, 0) if isinstance(acr, str) else 0
    told = claims.get("amr")
    methods = [word for word in told if isinstance(word, str) and word in METHODS] if isinstance(told, list) else []
    if isinstance(acr, str) and acr in provider.second_factor_acr:
        methods.append("mfa")
    sid = claims.get("sid")
    return OutsidePerson(
        subject, _name(_find(claims, profile.claims.get("name", ""))), _number(_find(claims, profile.claims.get("number", ""))), level,
        tuple(dict.fromkeys((FEDERATED, *methods))), int(proved_at),
        sid if isinstance(sid, str) and len(sid) <= SUBJECT_LONGEST else "",
    )


def is_number(value: object) -> bool:
    """Return whether a claim is a point in time as JSON writes it."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 1 <= value < 10**11


def _find(claims: Mapping[str, Any], path: str) -> object:
    """Return the claim at `path`; a name with a dot in it counts before a way into an object."""
    if path in claims:
        return claims[path]
    found: object = claims
    for part in path.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
    return found


def _name(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > 10 * NAME_LONGEST:
        raise BadAnswer("the name is none")
    try:
        return clean_text(value, NAME_LONGEST, multiline=False)
    except TextTooLong as error:
        raise BadAnswer("the name is too long") from error


def _number(value: object) -> str:
    if value is None or value == "":
        return ""
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        raise BadAnswer("the identity number is none")
    return value
