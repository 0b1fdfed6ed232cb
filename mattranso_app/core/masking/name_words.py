"""Word lists for finding names of persons, read from `core/data/name_words.txt`, with marks or without."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

from mattranso_app.core.text import fold

DATA = Path(__file__).resolve().parent.parent / "data" / "name_words.txt"


@dataclass(frozen=True)
class NameWords:
    """The sections of the file, each explained there."""

    families: frozenset[str]
    middles: frozenset[str]
    places: frozenset[str]
    famous: frozenset[str]
    place_pairs: frozenset[str]
    not_names: frozenset[str]
    titled_places: frozenset[str]
    figures: frozenset[str]
    ends: frozenset[str]
    starters: frozenset[str]

    def unmarked(self) -> NameWords:
        """Return the same words as people type them without marks."""
        return NameWords(**{field.name: frozenset(map(fold, getattr(self, field.name))) for field in fields(self)})


@lru_cache
def name_words() -> NameWords:
    """Return the word lists, read once."""
    sections: dict[str, set[str]] = {}
    section = ""
    for line in unicodedata.normalize("NFC", DATA.read_text(encoding="utf-8")).splitlines():
        line = line.partition("#")[0].strip()
        if line.startswith("["):
            section = line.strip("[]")
            sections[section] = set()
        elif line:
            sections[section].update(entry.strip() for entry in line.split(",") if entry.strip())
    return NameWords(**{name: frozenset(entries) for name, entries in sections.items()})
