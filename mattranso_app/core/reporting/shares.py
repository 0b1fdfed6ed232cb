"""Into which of today's units the figures of earlier ones go: successions followed to their end, shares multiplied.

What nobody has divided is not guessed at: it counts where it is sure to belong, in the smallest unit that holds all it may
have gone to, and is told as not divided. So the shares of every unit add up to one, and no total loses anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.sql import sql

ALWAYS, NEVER = date(1, 1, 1), date(9999, 12, 31)
"""Bounds of what has no bound."""
_DIGITS = 400
"""Products of shares are exact up to here."""
_LOCK = 7_305_220_002


@dataclass(frozen=True, slots=True)
class Standing:
    """A unit as it is today, or as it was last."""

    unit_id: int
    parent_id: int | None
    path: str
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class Succession:
    """A unit went into another on a day; `share` None: nobody has said which part."""

    from_id: int
    to_id: int
    on_day: date
    share: Decimal | None


@dataclass(frozen=True, slots=True, order=True)
class Share:
    """Figures of `from_id` for periods ending in `since` ≤ day < `until` go to `to_id` of today by this part.

    `is_divided` False: the part lies below `to_id`, and nobody has said where.
    """

    from_id: int
    since: date
    until: date
    to_id: int
    share: Decimal
    is_divided: bool


_Parts = dict[tuple[int, bool], Decimal]


class _Map:
    def __init__(self, units: Iterable[Standing], successions: Iterable[Succession]) -> None:
        self.units = {unit.unit_id: unit for unit in units}
        self.living = {unit.path: unit.unit_id for unit in self.units.values() if unit.ended_on is None}
        self.events: dict[int, dict[date, list[Succession]]] = defaultdict(lambda: defaultdict(list))
        for each in successions:
            self.events[each.from_id][each.on_day].append(each)
        self._walking: set[tuple[int, date]] = set()

    def spread(self, unit_id: int, day: date) -> _Parts:
        """Return where the figures of a unit for a period ending on `day` go."""
        unit, events = self.units[unit_id], self.events.get(unit_id, {})
        later = sorted(on for on in events if on > day)
        if not later and unit.ended_on is None:
            return {(unit_id, True): Decimal(1)}
        on = later[0] if later else max(events, default=None)
        step = (unit_id, on or NEVER)
        if step in self._walking:  # two units that went into one another on one day
            return {(unit_id, True): Decimal(1)}
        self._walking.add(step)
        try:
            if on is not None:
                return self._follow(unit, on, events[on])
            # It ended without an heir, as a residential group that was closed: it belonged to the unit above it.
            above = self.spread(unit.parent_id, day) if unit.parent_id else {(unit_id, True): Decimal(1)}
            return _merged(((to_id, False), part) for (to_id, _), part in above.items())
        finally:
            self._walking.discard(step)

    def _follow(self, unit: Standing, on: date, heirs: list[Succession]) -> _Parts:
        known = {heir.to_id: heir.share for heir in heirs if heir.share is not None}
        unsure = [heir.to_id for heir in heirs if heir.share is None]
        if sum(known.values()) > 1:  # nobody can mean that
            known, unsure = {}, [heir.to_id for heir in heirs]
        rest = 1 - sum(known.values(), Decimal(0))
        if unit.ended_on is None or unit.ended_on > on:
            unsure.append(unit.unit_id)
        unsure = unsure or [heir.to_id for heir in heirs]
        found: list[tuple[tuple[int, bool], Decimal]] = []
        for to_id, share in known.items():
            found += [(place, share * part) for place, part in self.spread(to_id, on).items()]
        if rest:
            ends = [self.spread(to_id, on) for to_id in unsure]
            if len(ends) == 1:
                found += [(place, rest * part) for place, part in ends[0].items()]
            else:
                places = {place for end in ends for place in end}
                one = next(iter(places)) if len(places) == 1 else (self._holder({to_id for to_id, _ in places}), False)
                found.append((one, rest))
        return _merged(found)

    def _holder(self, unit_ids: set[int]) -> int:
        """Return the smallest living unit that holds all of `unit_ids`."""
        paths = [self.units[unit_id].path.rstrip("/").split("/") for unit_id in unit_ids]
        common: list[str] = []
        for names in zip(*paths, strict=False):
            if len(set(names)) > 1:
                break
            common.append(names[0])
        while common and "/".join(common) + "/" not in self.living:
            common.pop()
        return self.living["/".join(common) + "/"]


def _merged(parts: Iterable[tuple[tuple[int, bool], Decimal]]) -> _Parts:
    whole: _Parts = {}
    for place, part in parts:
        whole[place] = whole.get(place, Decimal(0)) + part
    return whole


def close_shares(units: Iterable[Standing], successions: Iterable[Succession]) -> list[Share]:
    """Return where the figures of every unit go that has ended or given a part away; of others nothing needs to be said.

    Args:
        units: all that ever were, as they are today or were last; Central among them.
        successions: mergers and splits, in any order.
    """
    found: list[Share] = []
    with localcontext() as context:
        context.prec = _DIGITS
        country = _Map(units, successions)
        for unit in country.units.values():
            days = sorted(country.events.get(unit.unit_id, ()))
            if not days and unit.ended_on is None:
                continue
            since = ALWAYS
            if not days:  # without an heir: as the unit above it
                until = [*sorted(country.events.get(unit.parent_id or 0, ())), NEVER]
            else:  # after its last division a living unit reports for itself; an ended one's late figures go where all have gone
                until = [*days[:-1], days[-1] if unit.ended_on is None else NEVER]
            for end in until:
                parts = country.spread(unit.unit_id, since)
                if parts != {(unit.unit_id, True): 1}:
                    found += [Share(unit.unit_id, since, end, to_id, part, sure) for (to_id, sure), part in parts.items()]
                since = end
    return sorted(found)


async def renew_shares(session: AsyncSession) -> int:
    """Bring `reporting_share` up to what units and successions say; return how many rows changed."""
    await session.execute(sql("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    successions = [
        Succession(row.from_id, row.to_id, row.on_date, row.share)
        for row in await session.execute(sql("SELECT from_id, to_id, on_date, share FROM unit_succession"))
    ]
    # Living units matter only as where others go; of 100,000 residential groups most never do.
    wanted = sql("SELECT id, parent_id, path, valid_to FROM unit WHERE level <> 'group' OR valid_to IS NOT NULL")
    units = [Standing(row.id, row.parent_id, row.path, row.valid_to) for row in await session.execute(wanted)]
    now = set(close_shares(units, successions))
    rows = await session.execute(sql("SELECT from_id, since, until, to_id, share, is_divided FROM reporting_share"))
    before = {Share(*row) for row in rows}
    await session.execute(
        sql(
            "DELETE FROM reporting_share s USING unnest(CAST(:ids AS int[]), CAST(:days AS date[]), CAST(:to AS int[]), "
            "CAST(:sure AS boolean[])) AS g (id, day, to_id, sure) "
            "WHERE (s.from_id, s.since, s.to_id, s.is_divided) = (g.id, g.day, g.to_id, g.sure)"
        ),
        _columns(before - now),
    )
    await session.execute(
        sql(
            "INSERT INTO reporting_share (from_id, since, until, to_id, share, is_divided) SELECT * FROM unnest(CAST(:ids AS int[]), "
            "CAST(:days AS date[]), CAST(:until AS date[]), CAST(:to AS int[]), CAST(:shares AS numeric[]), CAST(:sure AS boolean[]))"
        ),
        _columns(now - before),
    )
    return len(now ^ before)


def _columns(shares: Iterable[Share]) -> Mapping[str, list[object]]:
    rows = sorted(shares)
    return {
        "ids": [row.from_id for row in rows], "days": [row.since for row in rows], "until": [row.until for row in rows],
        "to": [row.to_id for row in rows], "shares": [row.share for row in rows], "sure": [row.is_divided for row in rows],
    }  # fmt: skip
