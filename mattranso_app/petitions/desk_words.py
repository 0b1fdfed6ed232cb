"""What the desk says of a petition: which pieces are masked, and what an act will do before it is done. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from mattranso_app.core.masking import MASK_TEXT, Span
from mattranso_app.petitions import text
from mattranso_app.petitions.models import Publication
from mattranso_app.petitions.shapes import OfficerPetition

_MARKS = re.compile("|".join(re.escape(mark) for mark in MASK_TEXT.values()))
_KINDS = {mark: kind for kind, mark in MASK_TEXT.items()}
_NAMES = {kind: mark[1:].partition(" đã che")[0] for kind, mark in MASK_TEXT.items()}

Parts = list[tuple[str, str]]
"""A text in pieces: the words, and the kind of what is or will be masked there; empty for all that stands."""


def original_parts(body: str, spans: Sequence[Span]) -> Parts:
    """Return what somebody wrote, the pieces that the masking covers told apart (`spans`, as found in it)."""
    parts: Parts = []
    place = 0
    for span in spans:
        parts += [(body[place : span.start], ""), (body[span.start : span.end], _NAMES[span.kind])]
        place = span.end
    return [part for part in (*parts, (body[place:], "")) if part[0]]


def masked_parts(body: str) -> Parts:
    """Return a masked text with its marks told apart."""
    parts: Parts = []
    place = 0
    for found in _MARKS.finditer(body):
        parts += [(body[place : found.start()], ""), (found.group(), _NAMES[_KINDS[found.group()]])]
        place = found.end()
    return [part for part in (*parts, (body[place:], "")) if part[0]]


def masked_words(spans: Sequence[Span]) -> list[str]:
    """Return how many pieces of each kind are covered: "1 số điện thoại sẽ được che"."""
    counted = Counter(_NAMES[span.kind] for span in spans)
    return [text.MASKED_KIND.format(count=count, what=name) for name, count in counted.items()]


def on_publishing(row: OfficerPetition) -> list[str]:
    """Return what publishing the question will do."""
    told = [text.WILL_BE_READ.format(number=row.number)]
    if row.photos:
        told.append(text.WILL_SHOW_PHOTOS.format(count=len(row.photos)))
    return [*told, text.WILL_HIDE_SENDER]


def on_approving(row: OfficerPetition) -> list[str]:
    """Return what approving the waiting answer will do."""
    files = len(row.answers[-1].files) if row.answers else 0
    if row.publication == Publication.PUBLISHED:
        told = [text.WILL_PUBLISH_ANSWER.format(number=row.number)]
        if files:
            told.append(text.WILL_PUBLISH_FILES.format(count=files))
    else:
        told = [text.WILL_ANSWER_SENDER_ONLY]
    told.append(text.WILL_TELL_SENDER if row.contact_hint else text.WILL_TELL_NOBODY)
    return [*told, text.WILL_CLOSE]
