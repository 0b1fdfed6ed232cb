"""Public numbers of petitions, as people read them out over the telephone: PA-7K2M-94.

Thirty random bits in letters that are not mistaken for one another (no I, L, O, U). A number says which petition is
meant and opens nothing: that is the secret receipt's part.
"""

from __future__ import annotations

import re
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans("OIL", "011")
_FORM = re.compile(f"(?:PA)?([{ALPHABET}]{{4}})([{ALPHABET}]{{2}})")
_SEPARATORS = re.compile(r"[\s\-–—._]+")


def new_number() -> str:
    """Return a random number; that it is free is for the database to say."""
    return from_bits(secrets.randbits(30))


def from_bits(bits: int) -> str:
    """Return the number made of the thirty `bits`."""
    signs = "".join(ALPHABET[bits >> shift & 31] for shift in (25, 20, 15, 10, 5, 0))
    return f"PA-{signs[:4]}-{signs[4:]}"


def read_number(typed: str) -> str | None:
    """Return the number a person typed, in its one form, or None when it is none.

    Small letters, missing or other dashes, and O, I, L for 0 and 1 are understood.
    """
    if len(typed) > 40:
        return None
    found = _FORM.fullmatch(_SEPARATORS.sub("", typed).upper().translate(_LOOKALIKES))
    return f"PA-{found[1]}-{found[2]}" if found else None


def read_bits(number: str) -> int:
    """Return the thirty bits `number` (in its one form) was made of."""
    bits = 0
    for sign in number[3:].replace("-", ""):
        bits = bits << 5 | ALPHABET.index(sign)
    return bits
