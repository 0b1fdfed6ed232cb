"""E-mail addresses, also as people write them to mislead machines: "a @ b . com", "a [at] b.com", "a a còng b chấm com"."""

from __future__ import annotations

import re

from mattranso_app.core.masking.skeleton import Found, Skeleton

_AT = re.compile(
    r" ?@ ?| ?[\[({] ?(?:at|a ?-?cong) ?[\])}] ?| (?:a[ -]?cong|at) (?=[a-z0-9-]{2,30} ?(?:\.|cham|dot))"
)
_NAME_BEFORE = re.compile(r"[a-z0-9][a-z0-9._%+\-]{0,63}$")
_NAME_BEFORE_SPACED = re.compile(r"[a-z0-9][a-z0-9._%+\-]{0,63}(?: [0-9]{1,6})?$")
_TOP = r"(?:com|vn|net|org|edu|gov|info|biz|me|io|co|uk|us|mil|asia|xyz|online|site|mail)"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,40}[a-z0-9])?"
_DOMAIN = re.compile(
    rf"{_LABEL}(?:(?:\.|,(?={_TOP}\b)){_LABEL}){{1,4}}(?: ?(?:\.| cham | dot ) ?{_TOP}\b){{0,2}}"
    rf"|{_LABEL}(?:(?: ?\. ?| cham | dot ){_TOP}\b){{1,3}}"
)


def find_emails(text: Skeleton) -> list[Found]:
    """Return the e-mail addresses in `text`."""
    found = []
    last = 0
    for at in _AT.finditer(text.plain):
        before = text.plain[max(last, at.start() - 72) : at.start()]
        pattern = _NAME_BEFORE_SPACED if at[0] != "@" else _NAME_BEFORE
        name = pattern.search(before)
        domain = _DOMAIN.match(text.plain, at.end(), at.end() + 200)
        if name and domain and at.start() >= last:
            found.append(Found(at.start() - len(name[0]), domain.end(), "email"))
            last = domain.end()
    return found
