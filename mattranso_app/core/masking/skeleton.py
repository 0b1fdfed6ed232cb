"""The text as the rules read it: one position per letter whatever its marks, found pieces and old marks as blanks."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["phone", "email", "identity", "passport", "account", "tax", "plate", "address", "name"]

MASK_TEXT: dict[Kind, str] = {
    "phone": "[số điện thoại đã che]",
    "email": "[e-mail đã che]",
    "identity": "[số giấy tờ đã che]",
    "passport": "[số hộ chiếu đã che]",
    "account": "[số tài khoản đã che]",
    "tax": "[mã số thuế đã che]",
    "plate": "[biển số đã che]",
    "address": "[số nhà đã che]",
    "name": "[tên người đã che]",
}
"""What stands in the public copy for each kind: it shows that something was masked, and what."""

BLANK = "\ue000"
"""Stands in a skeleton for a piece already found; no letter, no digit, no white space (and removed by `clean_text`)."""

_OLD_MARKS = re.compile("|".join(re.escape(mark) for mark in MASK_TEXT.values()))
_PLAIN_LETTERS = {"đ": "d", "Đ": "D", "Ð": "D", "ð": "d"}


@dataclass(frozen=True)
class Found:
    """A piece found: positions in the skeleton, or in the text after `Skeleton.locate`."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True)
class Skeleton:
    """A text in three parallel readings of equal length, and where each position lies in the text.

    Attributes:
        plain: lower case, no marks.
        bare: no marks, case kept.
        marked: lower case with marks.
        starts: position in the text of each character.
        ends: the same of the character after it, its combining marks included.
        is_marked: whether the writer types marks at all, so that a missing one means something.
    """

    plain: str
    bare: str
    marked: str
    starts: Sequence[int]
    ends: Sequence[int]
    is_marked: bool

    @classmethod
    def of(cls, text: str, holes: Sequence[tuple[int, int]] = ()) -> Skeleton:
        """Return the skeleton of `text` in which `holes` (start, end) and marks of an earlier masking are blanks."""
        nfc = unicodedata.normalize("NFC", text)
        old = [] if "[" not in nfc else _old_marks(text)
        blanks = dict(sorted([*holes, *old]))
        bare: list[str] = []
        marked: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        place = 0
        while place < len(text):
            start = place
            if place in blanks:
                place = blanks[place]
                letter = base = BLANK
            else:
                place += 1
                while place < len(text) and place not in blanks and _hangs_on(text[place]):
                    place += 1
                letter, base = _letter(text[start:place])
            bare.append(base)
            marked.append(letter)
            starts.append(start)
            ends.append(place)
        bare_text = "".join(bare)
        return cls(
            plain=_lower(bare_text),
            bare=bare_text,
            marked=_lower("".join(marked)),
            starts=starts,
            ends=ends,
            is_marked=sum(one != other for one, other in zip(bare, marked, strict=True)) * 20 > len(bare),
        )

    def locate(self, found: Found) -> Found:
        """Return `found` with its positions in the text."""
        return Found(self.starts[found.start], self.ends[found.end - 1], found.kind)


@dataclass(frozen=True)
class Contexts:
    """Words in a text that tell what a number after them is."""

    ends: list[int]
    kinds: list[str]

    @classmethod
    def of(cls, plain: str, pattern: re.Pattern[str]) -> Contexts:
        """Find all matches of `pattern`, whose group names are the kinds."""
        matches = list(pattern.finditer(plain))
        return cls([match.end() for match in matches], [str(match.lastgroup) for match in matches])

    def before(self, place: int, reach: int) -> tuple[str, int]:
        """Return the kind of the last word that ends before `place` and its distance; "" when none is within `reach`."""
        number = bisect_right(self.ends, place) - 1
        if number < 0 or place - self.ends[number] > reach:
            return "", reach + 1
        return self.kinds[number], place - self.ends[number]


def without_marks(pattern: str) -> str:
    """Return a regular expression without Vietnamese marks, for texts typed without them."""
    return "".join(char for char in unicodedata.normalize("NFD", pattern) if not unicodedata.combining(char)).replace("đ", "d")


def _old_marks(text: str) -> list[tuple[int, int]]:
    """Return where marks of an earlier masking stand in `text`, in whatever normal form."""
    found = [match.span() for match in _OLD_MARKS.finditer(text)]
    if unicodedata.is_normalized("NFC", text):
        return found
    decomposed = re.compile("|".join(re.escape(unicodedata.normalize("NFD", mark)) for mark in MASK_TEXT.values()))
    return sorted({*found, *(match.span() for match in decomposed.finditer(text))})


def _hangs_on(char: str) -> bool:
    """Whether `char` belongs to the letter before it: a combining mark or an invisible character."""
    return char > "\u00ac" and unicodedata.category(char) in ("Mn", "Cf")


def _letter(cluster: str) -> tuple[str, str]:
    """Return a letter with its marks as one character where there is one, and without marks."""
    if cluster.isascii() and len(cluster) == 1:
        return cluster, cluster
    base = unicodedata.normalize("NFD", cluster)[0]
    composed = unicodedata.normalize("NFC", cluster)[0]
    return composed, _PLAIN_LETTERS.get(base, base)


def _lower(text: str) -> str:
    """Return `text` in lower case, letter by letter, so that its length stays."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else "".join(low if len(low := char.lower()) == 1 else char for char in text)
