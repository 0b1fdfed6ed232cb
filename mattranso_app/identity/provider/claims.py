"""What an application learns about a person, by scope. OpenID Connect Core 1.0, 5.1 and 5.4; `unit` and `roles` are ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from mattranso_app.core import secrets
from mattranso_app.identity.store import counting_roles

CONTACT_SEAL = "person.contact"
ACR_ONE = "urn:mattranso:acr:1"
"""Signed in with one proof."""
ACR_TWO = "urn:mattranso:acr:2"
"""Signed in with a second factor."""


def acr(methods: Sequence[str]) -> str:
    """Return the assurance level of a sign-in with these methods (RFC 8176)."""
    return ACR_TWO if "mfa" in methods else ACR_ONE


def about(person: Row[Any], scope: str, methods: Sequence[str]) -> dict[str, Any]:
    """Return the claims `scope` opens.

    Args:
        person: row of `store.fetch_person`.
        scope: granted scopes, separated by blanks.
        methods: how the session was proved: roles that need a second factor are told only where it was one.
    """
    granted = set(scope.split())
    claims: dict[str, Any] = {"sub": str(person.id)}
    if "profile" in granted:
        claims |= {"name": person.display_name, "kind": person.kind}
    if "unit" in granted and person.unit_code is not None:
        claims["unit"] = {
            "code": person.unit_code, "name": person.unit_name, "level": person.unit_level, "path": person.unit_path,
        }
        claims["organisation"] = person.organisation
    if "roles" in granted:
        claims["roles"] = _roles(person.roles or [], methods)
    if "email" in granted and person.email_cipher is not None:
        claims |= {"email": secrets.unseal(person.email_cipher, CONTACT_SEAL), "email_verified": True}
    if "phone" in granted and person.phone_cipher is not None:
        claims |= {"phone_number": secrets.unseal(person.phone_cipher, CONTACT_SEAL), "phone_number_verified": True}
    return claims


def _roles(held: Sequence[Sequence[str]], methods: Sequence[str]) -> list[dict[str, str]]:
    """Return the roles that count in such a session, as they do here: whoever believes the claim lends no more than we do."""
    codes = {path: code for _, _, path, _, code in held}
    counting, _ = counting_roles([row[:4] for row in held], methods)
    told = dict.fromkeys((grant.role.value, grant.organisation, codes[grant.unit_path]) for grant in counting)
    return [{"role": role, "organisation": organisation, "unit": code} for role, organisation, code in told]


def without_contacts(scope: str) -> str:
    """Return `scope` as an ID token may answer it: it travels through addresses as a hint, so contacts stay with userinfo."""
    return " ".join(name for name in scope.split() if name not in ("email", "phone"))
