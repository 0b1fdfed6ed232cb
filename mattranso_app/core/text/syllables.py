"""The Vietnamese syllable: initial, rime and tone; old and new tone placement; how much of a text carries marks."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
"""Combining marks of the six tones in dictionary order: ngang, huyền, hỏi, ngã, sắc, nặng."""

_TONE_MARKS = frozenset(TONES[1:])
_STOPPED_TONES = frozenset({"", "\u0301", "\u0323"})
_SACH_NANG_FINALS = ("c", "p", "t", "ch")

_CONSONANTS = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu q r s t th tr v x"
INITIALS = tuple(sorted(("", *_CONSONANTS.split()), key=len, reverse=True))
"""Initial consonants, longest first. `q` alone stands before rimes written with u: qu|ân is also q|uân."""

# Vowel nucleus: the finals it takes ("-" is none).
_RIMES = {
    "a": "- c ch i m n ng nh o p t u y",
    "ă": "c m n ng p t",
    "â": "c m n ng p t u y",
    "e": "- c m n ng o p t",
    "ê": "- c ch m n ng nh p t u",
    "i": "- ch m n nh p t u",
    "ia": "-",
    "iê": "c m n ng p t u",
    "o": "- c i m n ng p t",
    "oo": "c ng",
    "ô": "- c i m n ng p t",
    "ơ": "- i m n p t",
    "u": "- c i m n ng p t",
    "ua": "-",
    "uô": "c i m n ng t",
    "ư": "- c i m n ng t u",
    "ưa": "-",
    "ươ": "c i m n ng p t u",
    "oa": "- c ch i m n ng nh o p t y",
    "oă": "c m n ng t",
    "oe": "- n o t",
    "uâ": "n ng t y",
    "uê": "- ch n nh u",
    "uơ": "-",
    "uy": "- ch n nh p t u",
    "uya": "-",
    "uyê": "n t",
    "y": "- ch n nh t u",
    "yê": "m n ng t u",
}
RIMES = frozenset(nucleus + ("" if final == "-" else final) for nucleus, finals in _RIMES.items() for final in finals.split())
"""All written rimes of Vietnamese, without tone."""

_NUCLEI = tuple(sorted(_RIMES, key=len, reverse=True))
_LONGEST = 12  # letters of "nghiêng" and marks that stand beside them
_MODIFIED_VOWELS = "ăâêôơư"
# Letters, with marks that have no precomposed form on them (a tone typed on a consonant).
_WORD = re.compile(r"[^\W\d_][^\W\d_\u0300-\u036f]*(?:[\u0300-\u036f]+[^\W\d_]*)*")


@dataclass(frozen=True)
class Syllable:
    """A written syllable taken apart, in lower case.

    Attributes:
        initial: consonant letters before the rime; `gi` and `qu` hold their vowel letter.
        nucleus: vowel letters with their own marks (ă â ê ô ơ ư), without tone.
        final: letters after the nucleus: consonants, or a closing i, y, o, u.
        tone: the combining mark, one of `TONES`.
    """

    initial: str
    nucleus: str
    final: str
    tone: str

    @classmethod
    def parse(cls, word: str) -> Syllable | None:
        """Return `word` taken apart, wherever in it the tone was typed; None when it is no Vietnamese syllable."""
        letters, tone = _strip_tone(unicodedata.normalize("NFC", word).lower())
        if tone is None:
            return None
        for initial in INITIALS:
            if not letters.startswith(initial):
                continue
            rime = letters[len(initial) :]
            if rime in RIMES and _agrees(initial, rime):
                nucleus = next(each for each in _NUCLEI if rime.startswith(each) and _takes(each, rime[len(each) :]))
                final = rime[len(nucleus) :]
                if final in _SACH_NANG_FINALS and tone not in _STOPPED_TONES:
                    return None
                return cls(initial, nucleus, final, tone)
        return None

    def tone_place(self, style: Literal["old", "new"]) -> int:
        """Return which letter of the written syllable carries the tone."""
        return len(self.initial) + self._place_in_nucleus(style)

    def _place_in_nucleus(self, style: Literal["old", "new"]) -> int:
        modified = [place for place, letter in enumerate(self.nucleus) if letter in _MODIFIED_VOWELS]
        if modified:
            return modified[-1]
        last = len(self.nucleus) - 1
        if self.nucleus in ("oa", "oe", "uy") and not self.final:
            return 1 if style == "new" else 0
        if self.nucleus in ("ia", "ua"):
            return 0
        return 1 if self.nucleus == "uya" else last


def is_syllable(word: str) -> bool:
    """Whether `word` is a possible Vietnamese syllable, wherever its tone was put. Unmarked ones count too."""
    return Syllable.parse(word) is not None


def canonical_tone_placement(text: str, style: Literal["old", "new"] = "old") -> str:
    """Return `text` (as NFC) with every tone on the letter where `style` puts it, for comparing texts with their marks.

    The styles differ in open oa, oe, uy: hòa, khỏe, thúy (old, as in the official list of units) against hoà, khoẻ, thuý
    (new). Misplaced tones (tòan, thuỷên) move to their letter in both. Words that are no Vietnamese syllable stay.
    """
    return _WORD.sub(lambda match: _place_tone(match[0], style), unicodedata.normalize("NFC", text))


def marked_share(text: str) -> float:
    """Return which share (0–1) of the syllables of `text` carries a tone, a vowel mark or đ; 0 when it has no words.

    Measured on whole texts: unmarked typing gives 0, ordinary Vietnamese 0.8 or more. Numbers do not count.
    """
    words = _WORD.findall(unicodedata.normalize("NFC", text))
    marked = sum(1 for word in words if "đ" in word.lower() or len(unicodedata.normalize("NFD", word)) > len(word))
    return marked / len(words) if words else 0.0


def _takes(nucleus: str, final: str) -> bool:
    """Whether `nucleus` may stand before `final` (empty: end a syllable)."""
    return (final or "-") in _RIMES[nucleus].split()


def _agrees(initial: str, rime: str) -> bool:
    """Whether the spelling allows `initial` before `rime`: gh, ngh before e ê i y, there no c, g, ng (but gì); q before u."""
    front = rime[0] in "eêiy"
    if initial == "g":
        return not front or rime[0] == "i"
    if initial in ("gh", "ngh"):
        return front
    return rime[0] == "u" if initial == "q" else not (front and initial in ("c", "ng"))


def _strip_tone(word: str) -> tuple[str, str | None]:
    """Return `word` without its tone, and the tone; None for the tone when there is more than one."""
    decomposed = unicodedata.normalize("NFD", word)
    found = [mark for mark in decomposed if mark in _TONE_MARKS]
    letters = unicodedata.normalize("NFC", "".join(char for char in decomposed if char not in _TONE_MARKS))
    if len(found) > 1:
        return letters, None
    return letters, found[0] if found else ""


def _place_tone(word: str, style: Literal["old", "new"]) -> str:
    # Most words of a text are few and come again; a long one is no syllable and would only fill the memory.
    return word if word.isascii() or len(word) > _LONGEST else _place_tone_of_syllable(word, style)


@lru_cache(maxsize=2**15)
def _place_tone_of_syllable(word: str, style: Literal["old", "new"]) -> str:
    syllable = Syllable.parse(word)
    if syllable is None or not syllable.tone:
        return word
    letters = [letter for letter in (_strip_tone(char)[0] for char in word) if letter]
    place = syllable.tone_place(style)
    letters[place] = unicodedata.normalize("NFC", letters[place] + syllable.tone)
    return "".join(letters)
