"""Folding: the form in which texts are compared and searched. What is stored folded is folded here, before it is written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

# Only ranges of code points, nothing that depends on a locale or on the Unicode version of this Python: what was stored
# folded years ago must still be found.
_INVISIBLE = r"[\u00AD\u061C\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFE00-\uFE0F\uFEFF]+"
# Names of the Central Highlands: M'Drắk, Ea H’leo. People leave the apostrophe out, so it does not split a word.
_APOSTROPHES = r"['`\u00B4\u02B9-\u02BD\u02C8\u0374\u2018\u2019\u201B\u2032\uFF07]+"
_MARKS = r"[\u0300-\u036F\u1AB0-\u1AFF\u1DC0-\u1DFF\u20D0-\u20FF\uFE20-\uFE2F]+"
_SEPARATORS = (
    r"[\u0001-\u002F\u003A-\u0040\u005B-\u0060\u007B-\u00BF\u00D7\u00F7\u02C2-\u02DF\u2000-\u2BFF\u2E00-\u2E7F"
    r"\u3000-\u303F\uE000-\uF8FF\uFE10-\uFE1F\uFE30-\uFE6F\uFFF0-\uFFFF\U0001F000-\U0001FAFF]+"
)
# Letters that do not come apart in NFKD: đ, the eth and hooked d that old documents use for it, letters of Ê Đê and
# Gia Rai names, dotless i.
_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZĐđÐðƉɖɃƀŁłØøı"
_LOWER = "abcdefghijklmnopqrstuvwxyzddddddbbllooi"
_LETTERS = str.maketrans(_UPPER, _LOWER)

_invisible = re.compile(f"{_INVISIBLE}|{_APOSTROPHES}")
_marks = re.compile(_MARKS)
_separators = re.compile(_SEPARATORS)


def fold(text: str) -> str:
    """Return the form of `text` for comparing and searching: lower case, no marks, đ as d, single blanks between words.

    NFC and NFD, hoà and hòa, full-width and plain letters give the same; punctuation and symbols separate words,
    apostrophes and invisible characters vanish. Letters of other scripts stay as they are. Folding twice changes nothing.
    """
    text = _invisible.sub("", text.replace("\0", " "))
    text = _marks.sub("", unicodedata.normalize("NFKD", text)).translate(_LETTERS)
    return _separators.sub(" ", text).strip(" ")


def tokens(text: str) -> list[str]:
    """Return the folded syllables and numbers of `text`, in order."""
    folded = fold(text)
    return folded.split(" ") if folded else []


def bigrams(syllables: Sequence[str]) -> list[str]:
    """Return each pair of neighbouring syllables as `a_b`.

    Two syllables make most Vietnamese words, so pairs do what word segmentation would, and survive typing errors.
    """
    return [f"{left}_{right}" for left, right in zip(syllables, syllables[1:], strict=False)]


def terms(text: str) -> list[str]:
    """Return what is indexed and searched for `text`: its folded syllables, then their pairs."""
    syllables = tokens(text)
    return syllables + bigrams(syllables)


def slug(text: str, max_length: int = 80) -> str:
    """Return `text` for use in an address: a–z, 0–9 and single hyphens, cut between words; empty when nothing is left.

    Args:
        text: any text.
        max_length: characters at most; a first word that is longer is cut.
    """
    words = re.findall("[a-z0-9]+", fold(text))
    result = "-".join(words)
    if len(result) <= max_length:
        return result
    head, cut, _ = result[: max_length + 1].rpartition("-")
    return head if cut else result[:max_length]
