"""What the house holds of one person: each room that keeps personal data registers how to show it and how to forget it.

`identity` asks all holders for the page "my data", for the archive a person takes away, and when an account is erased.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.files import StoredFile

GONE = "[đã xoá]"
"""Stands where a person's own name, telephone or e-mail stood in a text that is kept."""

_SHORTEST_NAME = 4
"""Letters below which a name is no sign of a person: "An" is in every second sentence."""


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of one kind: `labels` names the columns as people read them, in their order; keys are for programs."""

    key: str
    title: str
    labels: dict[str, str]
    rows: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Identifiers:
    """What names a person in a text: names, telephone numbers (+84…), e-mail addresses."""

    names: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()

    def hide(self, text: str) -> str:
        """Return `text` with each of them replaced, however a person writes them."""
        patterns = [*map(_phone_pattern, self.phones), *map(_email_pattern, self.emails), *map(_name_pattern, self.names)]
        found = "|".join(pattern for pattern in patterns if pattern)
        return re.sub(found, GONE, unicodedata.normalize("NFC", text), flags=re.IGNORECASE) if found else text

    def joined(self, others: Iterable[Identifiers]) -> Identifiers:
        """Return these and the others together."""
        every = (self, *others)
        return Identifiers(
            frozenset().union(*(each.names for each in every)), frozenset().union(*(each.phones for each in every)),
            frozenset().union(*(each.emails for each in every)),
        )


Collect = Callable[[AsyncSession, UUID, int, bool], Awaitable[list[Section]]]
"""(session, person, most rows of a section, whether contacts are told whole) → what is held."""
Files = Callable[[AsyncSession, UUID], Awaitable[list[tuple[str, StoredFile]]]]
"""(session, person) → the person's own files, each with its name in the archive."""
Count = Callable[[AsyncSession, UUID], Awaitable[int]]
"""(session, person) → what must be finished before anything is forgotten."""
Identify = Callable[[AsyncSession, UUID], Awaitable[Identifiers]]
"""(session, person) → by what the texts of this room may name the person."""
Erase = Callable[[AsyncSession, UUID, Identifiers], Awaitable[int]]
"""(session, person, identifiers) → rows in which the person was forgotten, in the caller's transaction."""


async def _no_files(_session: AsyncSession, _person_id: UUID) -> list[tuple[str, StoredFile]]:
    return []


async def _nothing_open(_session: AsyncSession, _person_id: UUID) -> int:
    return 0


async def _nameless(_session: AsyncSession, _person_id: UUID) -> Identifiers:
    return Identifiers()


@dataclass(frozen=True, slots=True)
class Holder:
    """One room that keeps personal data of signed-in people."""

    name: str
    collect: Collect
    erase: Erase
    files: Files = _no_files
    unfinished: Count = _nothing_open
    identify: Identify = _nameless


_holders: dict[str, Holder] = {}


def register_holder(holder: Holder) -> None:
    """Have a room asked about people from now on. Called once when the room is imported.

    Raises:
        ValueError: another room has this name.
    """
    if _holders.get(holder.name, holder) is not holder:
        raise ValueError(f"a holder is called {holder.name!r} already")
    _holders[holder.name] = holder


def holders() -> list[Holder]:
    """Return every holder, by name."""
    return [_holders[name] for name in sorted(_holders)]


def _phone_pattern(phone: str) -> str:
    gap = r"[\s.\-()]*"
    digits = gap.join(sign for sign in phone.removeprefix("+84") if sign.isdigit())
    start = rf"(?:(?:(?:\+\s*)?8\s*4|0\s*0\s*8\s*4){gap}0?{gap}|0{gap})?"
    return rf"(?<!\d){start}{digits}(?!\d)" if digits else ""


def _email_pattern(email: str) -> str:
    return rf"(?<![\w.+-]){re.escape(email)}(?![\w-])" if email else ""


def _name_pattern(name: str) -> str:
    words = unicodedata.normalize("NFC", name).split()
    if sum(map(len, words)) < _SHORTEST_NAME:
        return ""
    return r"(?<!\w)" + r"\s+".join(map(re.escape, words)) + r"(?!\w)"
