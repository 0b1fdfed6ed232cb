"""Parameters of requests, looked at before any rule of the protocol asks what they mean."""

from __future__ import annotations

from collections.abc import Sequence

from authlib.oauth2.rfc6749.errors import InvalidRequestError

Pairs = Sequence[tuple[str, str]]

KEPT = (
    "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "code_challenge_method", "prompt",
    "max_age", "id_token_hint", "response_mode",
)
"""What is kept of a request that waits for sign-in; all else has no meaning here and would only fill the table."""
LIMIT = 2_000
HINT_LIMIT = 8_000
"""Longest ID token taken as a hint, in characters."""
_PROMPTS = frozenset(("none", "login", "consent", "select_account"))


def is_clean(values: Sequence[str]) -> bool:
    """Return whether no value holds a NUL, which the database cannot hold, or another control character."""
    return not any(ord(letter) < 32 or ord(letter) == 127 for value in values for letter in value)


def has_repetition(pairs: Pairs) -> bool:
    """Return whether a parameter comes twice, which RFC 6749, 3.1 and 3.2 forbid."""
    return len(dict(pairs)) != len(pairs)


def is_addressed(pairs: Pairs) -> bool:
    """Return whether one application and one address are named, and nothing is too long: else nobody but the person is told."""
    if any(len(value) > (HINT_LIMIT if name == "id_token_hint" else LIMIT) for name, value in pairs):
        return False
    named = [(name, value) for name, value in pairs if name in ("client_id", "redirect_uri")]
    return len(named) == 2 and not has_repetition(named) and is_clean([value for _, value in named])


def check(pairs: Pairs, redirect_uri: str) -> None:
    """Refuse what no rule could read in one way only.

    Raises:
        InvalidRequestError: a parameter twice, control characters, or values that exclude one another; the application is told.
    """
    values = dict(pairs)
    prompts = prompts_of(values)
    fault = ""
    if has_repetition(pairs):
        fault = "a parameter occurs twice"
    elif not is_clean(list(values.values())):
        fault = "a parameter holds control characters"
    elif "none" in prompts and len(prompts) > 1:
        fault = "prompt none stands alone"
    elif not prompts <= _PROMPTS:
        fault = "unknown prompt"
    elif values.get("response_mode", "query") != "query":
        fault = "only the response_mode query is supported"
    elif values.get("max_age") and max_age_of(values) is None:
        fault = "max_age is a number of seconds"
    if fault:
        raise InvalidRequestError(fault, redirect_uri=redirect_uri)


def prompts_of(values: dict[str, str]) -> set[str]:
    """Return the words of `prompt`."""
    return set(values.get("prompt", "").split())


def max_age_of(values: dict[str, str]) -> int | None:
    """Return the seconds of `max_age`; None when it is not there or no number."""
    given = values.get("max_age", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= 9 else None
