"""Phone numbers and e-mail addresses as people type them, brought to the one form we keep."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from mattranso_app.core.errors import InvalidInput
from mattranso_app.identity import text

CONTACT_SEAL = "person.contact"
"""Purpose under which contacts are sealed."""

_MOBILE = re.compile(r"0[35789]\d{8}")
"""Vietnamese mobile numbers; others cannot take a text message (numbering plan of Circular 22/2014/TT-BTTTT)."""
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_EMAIL = re.compile(rf"[a-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@(?=.{{4,190}}$){_LABEL}(?:\.{_LABEL})+")


@dataclass(frozen=True, slots=True)
class Contact:
    """Where a person can be reached: `value` is +84… for a phone, lower case for an e-mail."""

    kind: Literal["phone", "email"]
    value: str

    @property
    def masked(self) -> str:
        """The contact with its middle hidden, for showing back."""
        if self.kind == "phone":
            return f"0{self.value[3:5]}••• •••{self.value[-2:]}"
        name, _, host = self.value.partition("@")
        return f"{name[:1]}•••@{host}"


def parse_contact(typed: str) -> Contact:
    """Return what was typed as a contact.

    Args:
        typed: a Vietnamese mobile number in any usual writing, or an e-mail address.

    Raises:
        InvalidInput: it is neither.
    """
    cleaned = unicodedata.normalize("NFKC", typed[:300]).strip().lower()
    if "@" in cleaned:
        if not _EMAIL.fullmatch(cleaned) or ".." in cleaned:
            raise InvalidInput(text.BAD_EMAIL, fields={"target": text.BAD_EMAIL})
        return Contact("email", cleaned)
    digits = re.sub(r"[\s.\-()\u200e\u202a\u202c]", "", cleaned)
    for prefix in ("+84", "0084", "84"):
        if digits.startswith(prefix):
            rest = digits[len(prefix) :]
            digits = rest if rest.startswith("0") else "0" + rest
            break
    if not digits.isascii() or not _MOBILE.fullmatch(digits):
        raise InvalidInput(text.BAD_PHONE, fields={"target": text.BAD_PHONE})
    return Contact("phone", "+84" + digits[1:])
