"""What the house holds of one person: each room that keeps personal data registers how to show it and how to forget it.

`identity` asks all holders for the page "my data", for the archive a person takes away, and when an account is erased.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.files import StoredFile
from mattranso_app.core.masking.name_words import name_words
from mattranso_app.core.text import fold, nfc

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
    """What names a person in a text: names, telephone numbers (+84…), e-mail addresses.

    `named_at`: since when the names are borne, None for always. `as_names_only`: names count only where they are written as
    names are, each word with a capital letter.
    """

    names: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    named_at: datetime | None = None
    as_names_only: bool = False

    def for_words_of_others(self, sent_at: datetime, not_theirs: Iterable[str] = ()) -> Identifiers:
        """Return what may be taken out of what other people wrote about something this person sent.

        Anybody may choose any word as the name of an account: "nước" must not vanish from the answers of an office. So in
        the words of others a name counts only when it is built like a person's (a family name and more), when it was borne
        at `sent_at` already, and when it stands in none of `not_theirs`, the names of units and of the officers who wrote.
        It is taken out only where each of its words begins with a capital letter.
        """
        has_borne_it = self.named_at is None or self.named_at <= sent_at
        others = [title_of(name) for name in not_theirs]
        own = {name for name in self.names if is_personal_name(name) and not any(title_of(name) in each for each in others)}
        return replace(self, names=frozenset(own if has_borne_it else ()), as_names_only=True)

    def hide(self, text: str) -> str:
        """Return `text` with each of them replaced, however a person writes them."""
        names = (_name_pattern(name, self.as_names_only) for name in self.names)
        patterns = [*map(_phone_pattern, self.phones), *map(_email_pattern, self.emails), *names]
        found = "|".join(pattern for pattern in patterns if pattern)
        return re.sub(found, GONE, unicodedata.normalize("NFC", text), flags=re.IGNORECASE) if found else text

    def names_in(self, text: str) -> set[str]:
        """Return the names that `hide` would take out of `text`."""
        return {name for name in self.names if Identifiers(frozenset({name}), as_names_only=self.as_names_only).hide(text) != nfc(text)}

    def joined(self, others: Iterable[Identifiers]) -> Identifiers:
        """Return these and the others together."""
        every = (self, *others)
        return Identifiers(
            frozenset().union(*(each.names for each in every)), frozenset().union(*(each.phones for each in every)),
            frozenset().union(*(each.emails for each in every)),
            max((each.named_at for each in every if each.named_at is not None), default=None),
        )


Collect = Callable[[AsyncSession, UUID, int, bool], Awaitable[list[Section]]]
"""(session, person, most rows of a section, whether contacts are told whole) → what is held."""
Files = Callable[[AsyncSession, UUID], Awaitable[list[tuple[str, StoredFile]]]]
"""(session, person) → the person's own files, each with its name in the archive."""
Count = Callable[[AsyncSession, Sequence[UUID]], Awaitable[dict[UUID, int]]]
"""(session, people) → of each who has any, how much must be finished before anything is forgotten."""
Identify = Callable[[AsyncSession, UUID], Awaitable[Identifiers]]
"""(session, person) → by what the texts of this room may name the person."""
Foresee = Callable[[AsyncSession, UUID, Identifiers], Awaitable[Counter[str]]]
"""(session, person, identifiers) → in how many texts of others an erasure would take each of the person's names out."""
Erase = Callable[[AsyncSession, UUID, Identifiers], Awaitable[int]]
"""(session, person, identifiers) → rows in which the person was forgotten, in the caller's transaction."""


async def _no_files(_session: AsyncSession, _person_id: UUID) -> list[tuple[str, StoredFile]]:
    return []


async def _nothing_open(_session: AsyncSession, _people: Sequence[UUID]) -> dict[UUID, int]:
    return {}


async def _untouched(_session: AsyncSession, _person_id: UUID, _identifiers: Identifiers) -> Counter[str]:
    return Counter()


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
    foresee: Foresee = _untouched


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


def is_personal_name(name: str) -> bool:
    """Return whether a name is built like a person's: a family name, with or without its marks, and at least one word more."""
    first, *rest = unicodedata.normalize("NFC", name).split() or [""]
    families = name_words().families
    return bool(rest) and (first.casefold() in families or (first.isascii() and first.casefold() in map(fold, families)))


def title_of(name: str) -> str:
    """Return a name as names are written: each word with one capital letter."""
    return " ".join(word.capitalize() for word in unicodedata.normalize("NFC", name).split())


def _name_pattern(name: str, as_name_only: bool) -> str:
    words = unicodedata.normalize("NFC", name).split()
    if sum(map(len, words)) < _SHORTEST_NAME:
        return ""
    if as_name_only:
        spelt = [f"(?:{re.escape(word.capitalize())}|{re.escape(word.upper())})" for word in words]
        return r"(?-i:(?<!\w)" + r"\s+".join(spelt) + r"(?!\w))"
    return r"(?<!\w)" + r"\s+".join(map(re.escape, words)) + r"(?!\w)"
