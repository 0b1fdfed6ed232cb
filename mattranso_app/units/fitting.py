"""How well one name answers what was typed: the whole of it, its beginning, its words, or where it lies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from functools import lru_cache

from mattranso_app.units.kinds import DISTRICT_KINDS, FILLERS, FormerLevel, Kind
from mattranso_app.units.words import Words, mark_cost, split_kind, words_of

POPULAR: dict[tuple[str, ...], tuple[str, ...]] = {("ho", "chi", "minh"): ("sg", "tpsg", "saigon")}
"""Short forms of provinces that are not the initials of their name."""


class Fit(IntEnum):
    """How well a name answers what was typed; the order is the order of the answers."""

    EXACT = 0
    FORMER_CERTAIN = 1
    INITIALS = 2
    PREFIX = 3
    WORDS = 4
    EXACT_OTHER_KIND = 5
    FORMER_EXACT = 6
    FORMER_PREFIX = 7
    FORMER_WORDS = 8
    OTHER_KIND = 9


@dataclass(slots=True)
class Entry:
    """One name. `valid_from` None: former from the start; `until` None: in use, or former since nobody knows when."""

    kind: Kind
    words: Words
    sort_key: str
    context: frozenset[str]
    level_rank: int
    targets: tuple[tuple[int, bool], ...]
    valid_from: date | None
    until: date | None
    note_name: str
    former_level: FormerLevel | None
    is_initials: bool = False


NO_WORDS: frozenset[str] = frozenset()
"""The empty set of words."""


@lru_cache(maxsize=2048)
def where_words(name: str) -> frozenset[str]:
    """Return the words by which people say that something lies in the unit called `name`."""
    return frozenset(words_of(name).folded) | short_forms(name)


@lru_cache(maxsize=2048)
def short_forms(name: str) -> frozenset[str]:
    """Return the short forms of a province's name: "hn", "tphn"; "brvt"; "sg"."""
    words = words_of(name).folded
    kind, rest = split_kind(Words(words, words))
    if kind not in (Kind.THANH_PHO, Kind.TINH) or len(rest) < 2:
        return NO_WORDS
    initials = "".join(word[0] for word in rest.folded)
    return frozenset({initials, *(["tp" + initials] if kind is Kind.THANH_PHO else []), *POPULAR.get(rest.folded, ())})


def is_in_use(entry: Entry, day: date) -> bool:
    """Whether the name of `entry` was a unit's own name on `day`."""
    return (entry.valid_from is None or entry.valid_from <= day) and (entry.until is None or day < entry.until)


def is_in_use_or_past(entry: Entry, day: date) -> bool:
    """Whether people could say this name on `day`: a former unit only after its end, a later name not yet."""
    if entry.former_level is not None:
        return entry.until is None or entry.until <= day
    return entry.valid_from is None or entry.valid_from <= day


def fit_of(entry: Entry, words: Words, kind: Kind | None, is_current: bool) -> Fit | None:
    """Return how well the name of `entry` answers `words`; None when it does not."""
    own = entry.words.folded
    typed = words.folded
    same = 0
    while same < len(own) and same < len(typed) and own[same] == typed[same]:
        same += 1
    if entry.is_initials:
        return Fit.INITIALS if same == 1 and len(typed) == 1 and kind in (None, Kind.THANH_PHO, Kind.TINH) else None
    fits_kind = kind is None or kind is entry.kind
    if same == len(own) and _all_near(typed[same:], entry.context):
        if is_current:
            if fits_kind:
                return Fit.EXACT
            return Fit.OTHER_KIND if kind in DISTRICT_KINDS else Fit.EXACT_OTHER_KIND
        says_where = same < len(typed) and len(own) > 1
        certain = kind is not None or entry.former_level is FormerLevel.PROVINCE or says_where
        if fits_kind and certain:
            return Fit.FORMER_CERTAIN
        return Fit.FORMER_EXACT if fits_kind else Fit.OTHER_KIND
    if not fits_kind:
        return None
    if same == len(typed) or (same == len(typed) - 1 and same < len(own) and _begins(own[same], typed[-1])):
        return Fit.PREFIX if is_current else Fit.FORMER_PREFIX
    in_name = all(word in own for word in typed[:-1]) and any(_begins(word, typed[-1]) for word in own)
    place_first = typed[0] not in FILLERS and set(own) <= set(typed) and _all_near(typed, entry.context.union(own))
    if in_name or place_first:
        return Fit.WORDS if is_current else Fit.FORMER_WORDS
    return None


def _begins(word: str, typed: str) -> bool:
    """Whether `typed` may be the beginning of `word`; a number is always typed to its end ("Quận 1" is not Quận 12)."""
    return word == typed or (word.startswith(typed) and not typed.isdecimal())


def _all_near(words: tuple[str, ...], context: frozenset[str]) -> bool:
    """Whether words after a name tell where it lies; the last may be half typed."""
    if not words:
        return True
    last = words[-1]
    return all(word in context or word in FILLERS for word in words[:-1]) and (
        last in context or last in FILLERS or any(_begins(word, last) for word in context)
    )


def marks_of(entry: Entry, words: Words) -> int:
    """Return how far the marks typed are from those of the name; 0 when none were typed."""
    if all(word.isascii() for word in words.marked):
        return 0
    last = len(words) - 1
    total = 0
    for own, name in zip(entry.words.folded, entry.words.marked, strict=True):
        costs = [
            mark_cost(typed, name, place == last)
            for place, (plain, typed) in enumerate(zip(words.folded, words.marked, strict=True))
            if own == plain or (place == last and own.startswith(plain))
        ]
        total += min(costs, default=0)
    return total


def words_left(entry: Entry, words: Words) -> int:
    """Return how many typed words are not of the name: "tân phú đông" leaves one to Tân Phú, none to Tân Phú Đông."""
    return max(0, len(words) - len(entry.words))
