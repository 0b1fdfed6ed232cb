"""Recovery codes: ten codes on paper for the day the telephone is gone; 50 bits each, kept as keyed hashes."""

from __future__ import annotations

import secrets as random
from uuid import UUID

from mattranso_app.core import secrets

COUNT = 10
LENGTH = 10
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_codes() -> list[str]:
    """Return fresh codes, each `XXXXX-XXXXX`."""
    made = ("".join(random.choice(_ALPHABET) for _ in range(LENGTH)) for _ in range(COUNT))
    return [f"{code[:5]}-{code[5:]}" for code in made]


def normal(typed: str) -> str:
    """Return what was typed as a code is hashed: capitals, no separators."""
    return "".join(sign for sign in typed[:60].upper() if sign.isalnum())


def code_hash(person_id: UUID, code: str) -> bytes:
    """Return what is kept of a person's code."""
    return code_hashes(person_id, code)[0]


def code_hashes(person_id: UUID, code: str) -> list[bytes]:
    """Return every hash under which a person's code may be kept."""
    return secrets.token_hashes(f"{person_id}:{normal(code)}", "recovery code")
