"""Words of a name and of what people type: folded and with their marks, side by side."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from mattranso_app.core.text import canonical_tone_placement, fold
from mattranso_app.units.kinds import ABBREVIATIONS, KIND_WORDS, LABELS, Kind

OTHER_MARKS = 100
"""Distance of marks from which a name is another one than the one typed; far above the sum of what could be meant."""

MOST_WORDS = 12
"""Words of a query that are looked at; the rest is cut."""

LONGEST_QUERY = 120
"""Characters of a query that are looked at."""

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_SEPARATORS = re.compile(r"[\s,.;/\-()]+")
_GLUED = re.compile(r"(tp|tt|tx|dk|[pqxhf])(\d{1,2})")


@dataclass(frozen=True, slots=True)
class Words:
    """Words in order, folded, and the same words with their marks in one tone placement, lower case."""

    folded: tuple[str, ...]
    marked: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.folded)

    def after(self, count: int) -> Words:
        """Return the words without the first `count`."""
        return Words(self.folded[count:], self.marked[count:])


def words_of(text: str) -> Words:
    """Return the words of a name or a query; "P5" and "tp.hcm" come apart into the abbreviation and the rest."""
    folded: list[str] = []
    marked: list[str] = []
    for chunk in _SEPARATORS.split(unicodedata.normalize("NFC", text[:LONGEST_QUERY]).lower()):
        plain, marks = _chunk(chunk)
        folded += plain
        marked += marks
    return Words(tuple(folded[:MOST_WORDS]), tuple(marked[:MOST_WORDS]))


@lru_cache(maxsize=16384)
def _chunk(chunk: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the folded and the marked words of a piece of text between blanks; usually one of each."""
    plain = fold(chunk).split()
    if len(plain) != 1:
        return tuple(plain), tuple(plain)
    glued = _GLUED.fullmatch(plain[0])
    if glued:
        return glued.groups(), glued.groups()
    return (plain[0],), (canonical_tone_placement(re.sub(r"[^\w]", "", chunk)),)


def split_kind(words: Words) -> tuple[Kind | None, Words]:
    """Return the kind the first words name ("p.", "thành phố") and the words after it; None when they name none.

    "Tĩnh Gia" does not begin with "tỉnh": where marks are typed they must be those of the kind.
    """
    for size in (2, 1):
        head = words.folded[:size]
        kind = KIND_WORDS.get(head) or (ABBREVIATIONS.get(head[0]) if size == 1 and head else None)
        if kind is None or len(words) <= size:
            continue
        typed = " ".join(words.marked[:size])
        if typed.replace("đ", "d").isascii() or typed == LABELS[kind].lower():
            return kind, words.after(size)
    return None, words


@lru_cache(maxsize=8192)
def _letters(word: str) -> tuple[str, str]:
    """Return `word` without its tone, and the tone mark (empty for the level tone)."""
    decomposed = unicodedata.normalize("NFD", word)
    tone = "".join(char for char in decomposed if char in _TONES)
    return unicodedata.normalize("NFC", "".join(char for char in decomposed if char not in _TONES)), tone


def mark_cost(typed: str, name: str, is_last: bool) -> int:
    """Return how far the marks of a typed word are from a name's: 0 the same, 1 could be meant, `OTHER_MARKS` another word.

    A word may lack its marks or its tone among marked ones ("Hoà Binh", "Đăk Lăk"), and the last may be half typed:
    "hoàn kiê" can still become "hoàn kiếm".
    """
    if typed == name:
        return 0
    if typed.isascii():
        return 1
    letters, tone = _letters(typed)
    name_letters, name_tone = _letters(name)
    fits = name_letters.startswith(letters) if is_last else name_letters == letters
    return 1 if fits and tone in ("", name_tone) else OTHER_MARKS
