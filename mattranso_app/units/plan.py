"""What a new list of units would change: compared without writing anything, told in words a person can check."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from mattranso_app.core.errors import InvalidInput
from mattranso_app.core.text import canonical_tone_placement, fold
from mattranso_app.units import text
from mattranso_app.units.kinds import CENTRAL_CODE, Kind, Level, split_name
from mattranso_app.units.release import Release, ReleaseUnit
from mattranso_app.units.views import UnitView, parent_code

Key = TypeVar("Key")
Value = TypeVar("Value")

LARGEST_LOSS = 0.5
"""A list with fewer than this share of today's units is taken for a part of one and refused."""


@dataclass(frozen=True, slots=True)
class Successor:
    """What a unit goes into: `merged` when it ends, `split` when it goes on without that part."""

    code: str
    kind: str
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one unit.

    Attributes:
        acts: of added, reclassified, renamed, recoded, moved, merged, split, abolished; several may happen at once.
        before: the unit as it is, None for a new one.
        after: the line of the new list, None for one that ends.
        successors: what an ending or divided unit goes into.
    """

    acts: tuple[str, ...]
    before: UnitView | None
    after: ReleaseUnit | None
    successors: tuple[Successor, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """The difference between today's units and a list, for one revision of the units.

    Attributes:
        revision: of the units it was made for; it cannot be applied to another.
        effective: the day from which the list is in force.
        changes: provinces first, then communes, by code.
    """

    revision: int
    source: str
    effective: date
    changes: tuple[Change, ...]
    totals: dict[Kind, int]

    @property
    def unexplained(self) -> tuple[Change, ...]:
        """Units that end without anybody having said what they go into; while there are any, nothing is written."""
        return tuple(change for change in self.changes if "abolished" in change.acts)

    def of(self, act: str) -> tuple[Change, ...]:
        """Return the changes with `act` among their acts."""
        return tuple(change for change in self.changes if act in change.acts)

    def describe(self) -> str:
        """Return the difference in Vietnamese, one line a unit, grouped by what happens."""
        if not self.changes:
            return text.PLAN_SAME
        lines = [text.PLAN_HEAD.format(count=len(self.changes))]
        for act, title in text.CHANGE_TITLES.items():
            concerned = self.of(act)
            if concerned:
                lines.append(f"{title}: {len(concerned)}")
                lines += [f"  - {_line(change, act)}" for change in concerned]
        lines.append(
            text.PLAN_COUNTS.format(
                provinces=self.totals.get(Kind.TINH, 0) + self.totals.get(Kind.THANH_PHO, 0),
                cities=self.totals.get(Kind.THANH_PHO, 0),
                communes=sum(self.totals.get(kind, 0) for kind in (Kind.XA, Kind.PHUONG, Kind.DAC_KHU)),
                wards=self.totals.get(Kind.PHUONG, 0),
            )
        )
        if self.unexplained:
            lines.append(text.PLAN_BLOCKED.format(count=len(self.unexplained)))
        return "\n".join(lines)


def compare(current: Sequence[UnitView], release: Release, effective: date, revision: int) -> ImportPlan:
    """Return what `release` changes in the units `current` (provinces and communes of now).

    A unit goes on when its code and its name stay; when its code stays and nobody says it was formed from others; or
    when its name and place stay and only its code is another (codes get corrected, even swapped).

    Raises:
        InvalidInput: the list is only a part of one, or names former codes that are not in `current`.
    """
    if len(release.units) < len(current) * LARGEST_LOSS:
        raise InvalidInput(text.RELEASE_TOO_SMALL.format(count=len(release.units), before=len(current)))
    by_code = {unit.code: unit for unit in current}
    for line in release.units:
        for former in line.former:
            if former.code not in by_code:
                raise InvalidInput(text.RELEASE_FORMER_BAD.format(code=former.code[:20]))
    same = _continuing(current, release.units)
    goes_into = _successors(release.units, same)
    changes: list[Change] = []
    for unit in current:
        after = same.get(unit.code)
        changes += _change(unit, after, goes_into.get(unit.code, ()))
    kept = {line.code for line in same.values()}
    changes += [Change(("added",), None, line) for line in release.units if line.code not in kept]
    changes.sort(key=lambda change: (len(_code(change)), _code(change), change.before is None))
    return ImportPlan(revision, release.source, effective, tuple(changes), dict(Counter(line.kind for line in release.units)))


def _continuing(current: Sequence[UnitView], new: Sequence[ReleaseUnit]) -> dict[str, ReleaseUnit]:
    """Return today's code → line of the list for every unit that goes on; provinces first, as communes stand in them."""
    same: dict[str, ReleaseUnit] = {}
    for level in (Level.PROVINCE, Level.COMMUNE):
        left = {unit.code: unit for unit in current if unit.level is level}
        lines = {line.code: line for line in new if line.level is level}

        def keep(code: str, line: ReleaseUnit, left: dict[str, UnitView] = left, lines: dict[str, ReleaseUnit] = lines) -> None:
            same[code] = line
            del left[code], lines[line.code]

        for code in [code for code in left if code in lines and _same_name(left[code], lines[code])]:
            keep(code, lines[code])
        places = _unique((_place(_new_parent(unit, same), unit.kind, unit.name), unit) for unit in left.values())
        for place, line in _unique((_place(line.parent, line.kind, line.name), line) for line in lines.values()).items():
            if place in places:
                keep(places[place].code, line)
        for code in [code for code in left if code in lines]:
            if not lines[code].former or code in {former.code for former in lines[code].former}:
                keep(code, lines[code])
    return same


def _unique(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, Value]:
    """Return the pairs whose key comes only once."""
    found: dict[Key, list[Value]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return {key: values[0] for key, values in found.items() if len(values) == 1}


def _place(parent: str, kind: Kind, name: str) -> tuple[str, str]:
    return parent, fold(split_name(name, kind))


def _new_parent(unit: UnitView, same: dict[str, ReleaseUnit]) -> str:
    above = parent_code(unit.path) or CENTRAL_CODE
    return same[above].code if above in same else above


def _same_name(unit: UnitView, line: ReleaseUnit) -> bool:
    return fold(unit.short_name) == fold(split_name(line.name, line.kind))


def _successors(lines: Sequence[ReleaseUnit], same: dict[str, ReleaseUnit]) -> dict[str, tuple[Successor, ...]]:
    """Return today's code → what it goes into, as the column `former` says."""
    found: dict[str, list[Successor]] = defaultdict(list)
    for line in lines:
        for former in line.former:
            itself = same.get(former.code)
            if itself is None or itself.code != line.code:
                found[former.code].append(Successor(line.code, "split" if itself else "merged", former.share))
    return {code: tuple(each) for code, each in found.items()}


def _change(unit: UnitView, after: ReleaseUnit | None, successors: tuple[Successor, ...]) -> list[Change]:
    """Return what happens to `unit`: at most one change."""
    if after is None:
        return [Change(("merged",) if successors else ("abolished",), unit, None, successors)]
    acts = []
    if after.kind is not unit.kind:
        acts.append("reclassified")
    if _plain(split_name(after.name, after.kind)) != _plain(unit.short_name):
        acts.append("renamed")
    if after.code != unit.code:
        acts.append("recoded")
    if after.parent != (parent_code(unit.path) or CENTRAL_CODE):
        acts.append("moved")
    if successors:
        acts.append("split")
    return [Change(tuple(acts), unit, after, successors)] if acts else []


def _plain(name: str) -> str:
    """Return `name` for comparing: where the tone stands and which apostrophe is used is no renaming."""
    return canonical_tone_placement(name.replace("’", "'"))


def _code(change: Change) -> str:
    if change.before is not None:
        return change.before.code
    assert change.after is not None
    return change.after.code


def _line(change: Change, act: str) -> str:
    before, after = change.before, change.after
    if before is None:
        assert after is not None
        origin = f" (từ {', '.join(former.code for former in after.former)})" if after.former else ""
        return f"{after.code} {after.name}{origin}"
    if act in ("merged", "split"):
        into = ", ".join(s.code + (f" ({s.share:.0%})" if s.share is not None else "") for s in change.successors)
        return f"{before.code} {before.name}, {before.parent_name} → {into}"
    if after is None:
        return f"{before.code} {before.name}, {before.parent_name}"
    if act == "recoded":
        return f"{before.name}, {before.parent_name}: {before.code} → {after.code}"
    if act == "moved":
        return f"{before.code} {before.name}: {before.parent_name} → {after.parent}"
    return f"{before.code} {before.name} → {after.name}"
