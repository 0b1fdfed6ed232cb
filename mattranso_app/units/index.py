"""The look-up index: every name a unit has or had, in memory, answered in about a millisecond.

It holds all days at once: an entry carries the days on which its name was in use, so a look-up "as of" a day is the
same search. Names of former units lead to what they became, followed through later mergers up to that day.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from mattranso_app.core.text import sort_key, telex_slips
from mattranso_app.units import text
from mattranso_app.units.fitting import (
    NO_WORDS,
    Entry,
    Fit,
    fit_of,
    is_in_use,
    is_in_use_or_past,
    marks_of,
    short_forms,
    where_words,
    words_left,
)
from mattranso_app.units.kinds import FILLERS, LABELS, FormerLevel, Kind, Level, split_name
from mattranso_app.units.views import UnitMatch, UnitView
from mattranso_app.units.words import OTHER_MARKS, Words, split_kind, words_of

DEEPEST_SUCCESSION = 8
"""How many mergers in a row are followed from a former unit to today's."""

SHORT_WORD = 3
"""Letters of a word that, typed alone, begins thousands of former names: nobody means one of them yet."""

KEPT_FOR_FORMER = 5
"""Places in a full answer kept for units found by an exact former name."""


@dataclass(frozen=True, slots=True)
class FormerName:
    """A unit from before the period of the list: its names from inside out and what it became (unit id, wholly)."""

    level: FormerLevel
    kind: Kind
    names: tuple[str, ...]
    until: date | None
    successors: tuple[tuple[int, bool], ...]


@dataclass(frozen=True, slots=True)
class Succession:
    """A unit went into another on a day."""

    from_id: int
    to_id: int
    on_date: date


_Rank = tuple[bool, int, int, int, bool, int, int, str, str]
"""Other marks than typed, fit, words left, distance of marks, former, level, place among successors, sort key, path."""

_FIT = 1
"""Place of the fit in a rank."""


_LEVEL_RANKS = {Level.CENTRAL: 0, Level.PROVINCE: 1, Level.COMMUNE: 2, Level.GROUP: 3}
_FORMER_RANKS = {FormerLevel.PROVINCE: 1, FormerLevel.DISTRICT: 2, FormerLevel.COMMUNE: 3}


_NOTHING: frozenset[int] = frozenset()


@dataclass(slots=True, repr=False)
class UnitIndex:
    """All names of provinces and communes. Build it with `build`; it does not change afterwards."""

    revision: int
    _versions: dict[int, list[UnitView]] = field(default_factory=dict)
    _codes: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _successions: dict[int, list[Succession]] = field(default_factory=lambda: defaultdict(list))
    _entries: list[Entry] = field(default_factory=list)
    _own: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _context: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _joined: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _vocabulary: list[str] = field(default_factory=list)
    _answers: dict[tuple[object, ...], list[UnitMatch]] = field(default_factory=dict)

    @classmethod
    def build(
        cls, revision: int, versions: Iterable[UnitView], former: Iterable[FormerName], successions: Iterable[Succession]
    ) -> UnitIndex:
        """Make the index.

        Args:
            revision: of the data, to tell later whether it is still current.
            versions: every version of every province and commune, and of Central.
            former: names from before the period of the list.
            successions: mergers and splits since.
        """
        index = cls(revision)
        for version in versions:
            index._versions.setdefault(version.id, []).append(version)
        for succession in successions:
            index._successions[succession.from_id].append(succession)
        for history in index._versions.values():
            history.sort(key=lambda version: version.valid_from)
            for version in history:
                index._codes[version.code].add(version.id)
                index._add_version(version)
        for name in former:
            index._add_former(name)
        index._vocabulary = sorted(set(index._own) | set(index._context))
        return index

    def on_day(self, unit_id: int, day: date) -> UnitView | None:
        """Return the province or commune `unit_id` as it was on `day`; None when it did not exist then."""
        for version in self._versions.get(unit_id, ()):
            if version.valid_from <= day and (version.valid_to is None or day < version.valid_to):
                return version
        return None

    def with_code(self, code: str, day: date) -> UnitView | None:
        """Return the province or commune that has `code` on `day`; None when there is none."""
        found = (self.on_day(unit_id, day) for unit_id in self._codes.get(code, ()))
        return next((view for view in found if view is not None and view.code == code), None)

    def all_units(self, day: date) -> list[UnitView]:
        """Return every province and commune of `day`, parents called as on that day."""
        views = (self.on_day(unit_id, day) for unit_id in self._versions)
        return [self._dated_view(view, day) for view in views if view is not None and view.level is not Level.CENTRAL]

    def became(self, unit_id: int, day: date) -> list[UnitView]:
        """Return what `unit_id` is on `day`: itself, or the units it had gone into by then."""
        found: dict[int, UnitView] = {}
        waiting = [unit_id]
        for _ in range(DEEPEST_SUCCESSION):
            following: list[int] = []
            for each in waiting:
                view = self.on_day(each, day)
                if view is not None:
                    found[each] = view
                else:
                    following += [s.to_id for s in self._successions.get(each, ()) if s.on_date <= day]
            if not following:
                break
            waiting = following
        return list(found.values())

    def search(self, query: str, day: date, level: Level | None = None, below: str = "", limit: int = 20) -> list[UnitMatch]:
        """Return the units that answer `query`, best first.

        Args:
            query: as people type it; only its beginning is looked at when it is very long.
            day: on which the units must exist.
            level: only units of this level.
            below: only units under this path.
            limit: how many at most.
        """
        key = (query[:200], day, level, below, limit)
        if key not in self._answers:
            if len(self._answers) >= 4096:
                self._answers.clear()
            self._answers[key] = self._search(query, day, level, below, limit)
        return self._answers[key]

    def _search(self, query: str, day: date, level: Level | None, below: str, limit: int) -> list[UnitMatch]:
        for reading in (query, *telex_slips(query[:200])):
            best: dict[int, tuple[_Rank, UnitMatch]] = {}
            for entry, fit, left, marks in self._candidates(words_of(reading), day):
                self._offer(best, entry, (fit, left, marks), day, level, below)
            if best:
                found = _cut(sorted(best.values(), key=lambda pair: pair[0]), limit)
                return [replace(match, unit=self._dated_view(match.unit, day)) for match in found]
        return []

    def _dated_view(self, view: UnitView, day: date) -> UnitView:
        """Return `view` with the parent called as on `day`: a commune lives through its province's becoming a city."""
        parent = self.on_day(view.parent_id, day) if view.parent_id else None
        return view if parent is None or parent.name == view.parent_name else replace(view, parent_name=parent.name)

    def _offer(
        self,
        best: dict[int, tuple[_Rank, UnitMatch]],
        entry: Entry,
        how: tuple[Fit, int, int],
        day: date,
        level: Level | None,
        below: str,
    ) -> None:
        fit, left, marks = how
        is_former = entry.former_level is not None or not is_in_use(entry, day)
        for order, (unit_id, is_whole) in enumerate(entry.targets):
            for view in self.became(unit_id, day):
                if (level is not None and view.level is not level) or not view.path.startswith(below):
                    continue
                place = -1 if view.sort_key == entry.sort_key else order
                other = marks >= OTHER_MARKS
                rank = (other, int(fit), left, marks, is_former, entry.level_rank, place, view.sort_key, view.path)
                if view.id in best and best[view.id][0] <= rank:
                    continue
                is_exact = fit in (Fit.EXACT, Fit.FORMER_CERTAIN, Fit.EXACT_OTHER_KIND, Fit.FORMER_EXACT)
                best[view.id] = (rank, UnitMatch(view, _note(entry, view, is_whole) if is_former else "", is_exact))

    def _candidates(self, typed: Words, day: date) -> Iterator[tuple[Entry, Fit, int, int]]:
        """Yield names that answer, each with how well, how many typed words are left, and how far its marks are.

        A single short word is answered with names in use and former ones of one word only: the others would be
        thousands. One word may be a whole name written together ("daklak", "sapa").
        """
        if not typed.folded:
            return
        is_short = len(typed) == 1 and len(typed.folded[0]) <= SHORT_WORD
        readings: list[tuple[Kind | None, Words]] = [(None, typed)]
        kind, rest = split_kind(typed)
        if kind is not None:
            readings.append((kind, rest))
        for kind, words in readings:
            if len(words) == 1:
                for number in self._joined.get(words.folded[0], ()):
                    entry = self._entries[number]
                    fit = fit_of(entry, entry.words, kind, is_in_use(entry, day) and entry.former_level is None)
                    if fit is not None and is_in_use_or_past(entry, day):
                        yield entry, fit, 0, 0
            for number in self._with_all(words):
                entry = self._entries[number]
                if not is_in_use_or_past(entry, day) or (is_short and entry.former_level is not None and len(entry.words) > 1):
                    continue
                fit = fit_of(entry, words, kind, is_in_use(entry, day) and entry.former_level is None)
                if fit is not None:
                    yield entry, fit, words_left(entry, words), marks_of(entry, words)

    def _with_all(self, words: Words) -> set[int]:
        """Return the entries in whose name or context every word stands, the last one perhaps half typed."""
        found: set[int] | None = None
        last = len(words) - 1
        for place, word in enumerate(words.folded):
            names = self._beginning(word) if place == last else [word]
            hits: set[int] = set()
            for name in names:
                hits |= self._own.get(name, _NOTHING)
                if last > 0:
                    hits |= self._context.get(name, _NOTHING)
            if place > 0 and word in FILLERS and not (found and found & hits):
                continue
            found = hits if found is None else found & hits
            if not found:
                return set()
        return found or set()

    def _beginning(self, word: str) -> list[str]:
        if word.isdecimal():
            return [word]
        start = bisect_left(self._vocabulary, word)
        end = bisect_left(self._vocabulary, word + "\uffff", start)
        return self._vocabulary[start:end]

    def _add_version(self, version: UnitView) -> None:
        if version.level is Level.CENTRAL:
            return
        entry = Entry(
            kind=version.kind,
            words=words_of(version.short_name),
            sort_key=version.sort_key,
            context=where_words(version.parent_name) if version.level is Level.COMMUNE else NO_WORDS,
            level_rank=_LEVEL_RANKS[version.level],
            targets=((version.id, True),),
            valid_from=version.valid_from,
            until=version.valid_to,
            note_name=version.name,
            former_level=None,
        )
        self._add(entry)
        if version.level is Level.PROVINCE:
            self._add_short_forms(entry, version.name)

    def _add_former(self, former: FormerName) -> None:
        short = split_name(former.names[0], former.kind)
        entry = Entry(
            kind=former.kind,
            words=words_of(short),
            sort_key=sort_key(short),
            context=NO_WORDS.union(*map(where_words, former.names[1:])),
            level_rank=_FORMER_RANKS[former.level],
            targets=former.successors,
            valid_from=None,
            until=former.until,
            note_name=", ".join(map(_within_sentence, former.names)),
            former_level=former.level,
        )
        self._add(entry)
        if former.level is FormerLevel.PROVINCE:
            self._add_short_forms(entry, former.names[0])

    def _add_short_forms(self, entry: Entry, name: str) -> None:
        for short in short_forms(name):
            self._add(replace(entry, words=Words((short,), (short,)), context=NO_WORDS, is_initials=True))

    def _add(self, entry: Entry) -> None:
        number = len(self._entries)
        self._entries.append(entry)
        for word in entry.words.folded:
            self._own[word].add(number)
        for word in entry.context:
            self._context[word].add(number)
        if len(entry.words) > 1:
            self._joined["".join(entry.words.folded)].append(number)


def _within_sentence(name: str) -> str:
    """Return `name` with the word of its kind small: "quận Ba Đình"; a name without one stays."""
    has_kind = any(name.startswith(label + " ") for label in LABELS.values())
    return name[0].lower() + name[1:] if has_kind else name


def _note(entry: Entry, view: UnitView, is_whole: bool) -> str:
    if entry.former_level is None:
        return text.earlier_note(entry.note_name)
    if entry.note_name == view.name:
        return ""
    return text.former_note(entry.former_level, entry.note_name, is_whole)


def _cut(ranked: list[tuple[_Rank, UnitMatch]], limit: int) -> list[UnitMatch]:
    """Return the first `limit`, with a few places kept for exact former names that many likely names would crowd out."""
    if len(ranked) <= limit:
        return [match for _, match in ranked]
    kept = [match for rank, match in ranked[limit:] if rank[_FIT] == Fit.FORMER_EXACT][: min(KEPT_FOR_FORMER, limit // 4)]
    return [match for _, match in ranked[: limit - len(kept)]] + kept
