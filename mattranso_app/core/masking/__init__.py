"""Masking of personal data in free Vietnamese text before it is published or leaves the house (see TRUST: what goes out).

What is masked: telephone numbers, e-mail addresses, identity and insurance numbers, passports, bank accounts, tax codes,
licence plates, house numbers, names of persons. What is not: hotlines of public services (113, 1022, 1900…), numbers of
legal documents, dates, sums, streets, units, historical persons whose names streets and schools carry.

The rules help an officer, they do not replace her: she sees the spans and may keep some, and approves the public copy.
Where the two errors must be weighed, too much is masked rather than too little.

Every rule reads the text without marks as well as with them, in NFC and NFD. Each regular expression is bounded, so the
time grows with the length of the text and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache

from mattranso_app.core.masking.addresses import find_house_numbers
from mattranso_app.core.masking.emails import find_emails
from mattranso_app.core.masking.names import find_names
from mattranso_app.core.masking.numbers import find_numbers
from mattranso_app.core.masking.plates import find_plates
from mattranso_app.core.masking.skeleton import MASK_TEXT, Found, Kind, Skeleton

__all__ = ["MASK_TEXT", "Kind", "Masked", "Span", "find_personal_data", "find_personal_data_apart", "mask", "mask_apart"]

# Earlier ones win: what they found is a blank to those that follow.
_FINDERS: tuple[Callable[[Skeleton], list[Found]], ...] = (
    find_emails,
    find_plates,
    find_numbers,
    find_house_numbers,
    find_names,
)
_ROUNDS = 6
_SHORT = 1_000
"""Characters up to which looking takes a few milliseconds (measured: 5 per 1,000); longer texts are looked at in a thread."""


@dataclass(frozen=True)
class Span:
    """One piece of personal data.

    Attributes:
        start: first character in the text that was searched.
        end: character after the last.
        kind: what it is.
        replacement: the visible words that stand in its place in the public copy.
    """

    start: int
    end: int
    kind: Kind
    replacement: str


@dataclass(frozen=True)
class Masked:
    """A text with its personal data replaced.

    Attributes:
        text: the public copy.
        spans: everything found in the original, kept pieces included, in order; positions refer to the original.
    """

    text: str
    spans: list[Span]


def find_personal_data(text: str) -> list[Span]:
    """Return the personal data in `text` in order, without overlaps.

    Marks of an earlier masking are left alone. What has been found is a blank for what is searched next, and the search
    is repeated until it finds nothing new, so that a masked text holds nothing more to mask.

    Args:
        text: any text; positions are those of its code points as given, NFC or not.
    """
    return list(_find(text))


@lru_cache(maxsize=256)
def _find(text: str) -> tuple[Span, ...]:
    """Look through `text` once: an officer's desk asks for the same one when it is opened, taken up and drawn anew."""
    found: list[Found] = []
    skeleton = Skeleton.of(text)
    for _ in range(_ROUNDS):
        before = len(found)
        for find in _FINDERS:
            if fresh := [skeleton.locate(each) for each in find(skeleton)]:
                found += fresh
                skeleton = Skeleton.of(text, [(each.start, each.end) for each in found])
        if len(found) == before:
            break
    found.sort(key=lambda each: each.start)
    return tuple(Span(each.start, each.end, each.kind, MASK_TEXT[each.kind]) for each in found)


def mask(text: str, keep: Collection[int] = ()) -> Masked:
    """Return `text` with its personal data replaced by visible marks.

    Args:
        text: any text.
        keep: numbers (in `find_personal_data(text)`, from 0) of the pieces that may stand, as an officer decided.
    """
    spans = find_personal_data(text)
    parts = []
    place = 0
    for number, span in enumerate(spans):
        if number not in keep:
            parts += [text[place : span.start], span.replacement]
            place = span.end
    return Masked("".join([*parts, text[place:]]), spans)


async def find_personal_data_apart(text: str) -> list[Span]:
    """Return `find_personal_data(text)` without holding up the event loop: a long text is searched in a thread."""
    return find_personal_data(text) if len(text) <= _SHORT else await asyncio.to_thread(find_personal_data, text)


async def mask_apart(text: str) -> Masked:
    """Return `mask(text)` without holding up the event loop: a long text is masked in a thread."""
    return mask(text) if len(text) <= _SHORT else await asyncio.to_thread(mask, text)
