"""Sorting Vietnamese: a key that any byte-wise order (Python, PostgreSQL "C") sorts as a dictionary does."""

from __future__ import annotations

import re
import unicodedata

from mattranso_app.core.text.syllables import TONES

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_CODES = {letter: chr(ord("A") + place) for place, letter in enumerate(_ALPHABET)}
_TONE_CODES = {mark: str(place) for place, mark in enumerate(TONES) if mark}
_PARTS = re.compile(r"\d+|[^\W\d_]+")
_LONGEST_NUMBER = 60


def sort_key(text: str) -> str:
    """Return a plain ASCII key (other scripts excepted) under which `text` sorts as in a Vietnamese dictionary.

    Syllable by syllable: first by letters (a ă â b c d đ e ê …), then by tone (ngang huyền hỏi ngã sắc nặng); a shorter
    syllable or name comes first; numbers before letters and by their value (Tổ 2 before Tổ 10). Case, punctuation and
    tone placement do not count, so different texts may share a key: order by it and then by an id.
    """
    return " ".join(_part_key(part) for part in _PARTS.findall(unicodedata.normalize("NFC", text).lower()))


def _part_key(part: str) -> str:
    if part[0].isdecimal():
        digits = str(int(part[:_LONGEST_NUMBER]))
        return f"#{chr(ord('0') + len(digits))}{digits}"
    tone = "0"
    codes = []
    for letter in part:
        base = letter
        for char in unicodedata.normalize("NFD", letter):
            if char in _TONE_CODES:
                tone = _TONE_CODES[char]
                base = unicodedata.normalize("NFC", unicodedata.normalize("NFD", letter).replace(char, ""))
        codes.append(_CODES.get(base) or _foreign(base))
    return "".join(codes) + tone


def _foreign(letter: str) -> str:
    """Return the code of a letter outside the alphabet: by its plain letter (ñ as n), else after all ours."""
    plain = unicodedata.normalize("NFD", letter)[0]
    return _CODES.get(plain) or f"~{letter}"
