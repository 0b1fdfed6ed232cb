"""What the figures of a form come to in a place: as reported, or on today's map. Exact decimals, one moment, no night job.

As reported, a figure counts where its unit stood when it reported. On today's map the figures of ended and divided units
go to today's units by their shares (see `shares`), those of units that moved count where the unit stands now. A country or
a province is read from the kept totals (`folding`); on today's map, corrected by the few reports that crossed a border.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from mattranso_app.core.db import Reader
from mattranso_app.core.reporting.folding import COUNTRY_KEPT, CURRENT
from mattranso_app.core.reporting.summing import NOTHING, Spread, Tally
from mattranso_app.core.sql import sql

COUNTRY = "vn/"
_PROVINCE_SLASHES = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """What is added up.

    Attributes:
        form_id: the form.
        periods: keys of its periods, at most 200.
        organisations: codes.
        area: path of the place; what is reported at it and below counts.
        levels: only what these levels reported; all when None.
        on_today: on today's map instead of as reported.
    """

    form_id: int
    periods: tuple[str, ...]
    organisations: tuple[str, ...]
    area: str = COUNTRY
    levels: tuple[str, ...] | None = None
    on_today: bool = False

    def values(self) -> dict[str, object]:
        """Return the parameters of the statements here."""
        return {
            "form": self.form_id, "periods": list(self.periods[:200]), "organisations": list(self.organisations), "area": self.area,
            "below": self.area + "~", "levels": None if self.levels is None else list(self.levels),
            "groups": None if self.area == COUNTRY else ["vn/" + self.area.split("/")[1] + "/"],
        }  # fmt: skip

    @property
    def is_kept(self) -> bool:
        """Whether the kept totals answer it: a country or a province."""
        return self.area.count("/") <= _PROVINCE_SLASHES


@dataclass(frozen=True, slots=True)
class Sum:
    """The tallies of one place in one period, for one organisation and level of who reported.

    Attributes:
        place: the area itself, or one of the places right below it when asked by place.
        is_divided: False for what lies below `place` while nobody has said in which of its units.
        tallies: as the slots were asked.
        reports: how many reports count here; `late`, `amended`, `approved` of them.
    """

    period: str
    organisation: str
    place: str
    level: str
    is_divided: bool
    tallies: tuple[Tally, ...]
    reports: int
    late: int
    amended: int
    approved: int


def _place(column: str) -> str:
    """Return the SQL of the place right below the area that a path lies in; the area itself for what stands at it."""
    rest = f"substr({column}, length(CAST(:area AS text)) + 1)"
    return f"CASE WHEN {column} = :area THEN :area ELSE :area || split_part({rest}, '/', 1) || '/' END"


# What counts, from the reports themselves: `part` has one row per report and place it counts in.
_REPORTED = """
  SELECT r.id, r.unit_id, r.period, r.organisation, r.level, r.reported_path AS at, true AS is_divided, 1::numeric AS share, r.numbers,
    r.is_late, r.amendments, r.state
  FROM reporting_report r
  WHERE r.form_id = :form AND r.organisation = ANY(:organisations) AND r.period = ANY(:periods) AND r.numbers IS NOT NULL
    AND r.reported_path COLLATE "C" >= :area AND r.reported_path COLLATE "C" < :below
    AND (CAST(:levels AS text[]) IS NULL OR r.level = ANY(:levels))
"""
_TODAY = """
  SELECT r.id, r.unit_id, r.period, r.organisation, r.level, d.at, d.is_divided, d.share, r.numbers, r.is_late, r.amendments, r.state
  FROM (
    SELECT u.id AS unit_id, DATE '0001-01-01' AS since, DATE '9999-12-31' AS until, u.path AS at, true AS is_divided, 1::numeric AS share,
      true AS is_own
    FROM unit u WHERE u.path COLLATE "C" >= :area AND u.path COLLATE "C" < :below
    UNION ALL
    SELECT s.from_id, s.since, s.until, u.path, s.is_divided, s.share, false
    FROM reporting_share s JOIN unit u ON u.id = s.to_id WHERE u.path COLLATE "C" >= :area AND u.path COLLATE "C" < :below
  ) d JOIN reporting_report r ON r.unit_id = d.unit_id AND r.period_end >= d.since AND r.period_end < d.until
  WHERE r.form_id = :form AND r.organisation = ANY(:organisations) AND r.period = ANY(:periods) AND r.numbers IS NOT NULL
    AND (CAST(:levels AS text[]) IS NULL OR r.level = ANY(:levels))
    AND NOT (d.is_own AND EXISTS (SELECT FROM reporting_share s WHERE s.from_id = r.unit_id AND s.since <= r.period_end
      AND r.period_end < s.until))
"""


def _summed(part: str, place: str, may_repeat: bool) -> str:
    """Return the statement that adds `part` up by place; on today's map a report may be there with several parts."""
    keys = "period, organisation, place, level, is_divided"
    number, one = ("number * share", "DISTINCT id") if may_repeat else ("number", "id")
    return f"""
WITH part AS MATERIALIZED (SELECT p.*, {place} AS place FROM ({part}) p),
heads AS (
  SELECT {keys}, count({one}) AS reports, count({one}) FILTER (WHERE is_late) AS late,
    count({one}) FILTER (WHERE amendments > 0) AS amended, count({one}) FILTER (WHERE state = 'approved') AS approved
  FROM part GROUP BY {keys}
), cells AS (
  SELECT {keys}, array_agg(slot) AS slots, array_agg(total) AS sums, array_agg(filled) AS filled FROM (
    SELECT {keys}, u.slot, sum({number}) AS total, (count({one}))::int AS filled
    FROM part, unnest(numbers) WITH ORDINALITY AS u (number, slot)
    WHERE u.slot = ANY(:slots) AND u.number IS NOT NULL GROUP BY {keys}, u.slot
  ) c GROUP BY {keys}
)
SELECT period, organisation, place, level, is_divided, slots, sums, filled, reports, late, amended, approved
FROM heads LEFT JOIN cells USING ({keys})
"""  # noqa: S608 - constants of this module


# Grouped by one number instead of four texts: half the time where a year of weeks is added up for the country.
_KEPT = f"""
WITH kept AS MATERIALIZED (
  SELECT t.*, dense_rank() OVER (ORDER BY period, organisation, level) AS head FROM ({CURRENT}) t
  WHERE CAST(:levels AS text[]) IS NULL OR t.level = ANY(:levels)
), heads AS (
  SELECT head, period, organisation, level, sum(reports) AS reports, sum(late) AS late, sum(amended) AS amended, sum(approved) AS approved
  FROM kept GROUP BY 1, 2, 3, 4
), cells AS (
  SELECT head, array_agg(slot) AS slots, array_agg(total) AS sums, array_agg(filled) AS filled FROM (
    SELECT head, u.slot, sum(u.total) AS total, sum(u.filled)::int AS filled
    FROM kept, unnest(kept.sums, kept.filled) WITH ORDINALITY AS u (total, filled, slot)
    WHERE u.slot = ANY(:slots) AND u.total IS NOT NULL GROUP BY 1, 2
  ) c GROUP BY 1
)
SELECT period, organisation, CAST(:area AS text), level, true, slots, sums, filled, reports::int, late::int, amended::int, approved::int
FROM heads LEFT JOIN cells USING (head)
"""  # noqa: S608 - constants of this module

_BY_PROVINCE = f"""
SELECT period, organisation, group_path, level, sums, filled, reports, late, amended, approved FROM ({CURRENT}) t
WHERE CAST(:levels AS text[]) IS NULL OR t.level = ANY(:levels)
"""  # noqa: S608 - constants of this module

# Reports that count in another province on today's map than as reported: taken from where they were, put where they are.
_CROSSED = """
WITH crossed AS MATERIALIZED (
  SELECT r.id, r.period, r.organisation, r.level, r.group_path, u.path AS at, s.share, r.numbers, r.is_late, r.amendments, r.state
  FROM reporting_share s JOIN unit u ON u.id = s.to_id, LATERAL (
    -- OFFSET keeps it unit by unit: the few shares are never analysed, and a plan for a thousand of them reads every report.
    SELECT * FROM reporting_report r
    WHERE r.unit_id = s.from_id AND s.since <= r.period_end AND r.period_end < s.until AND r.form_id = :form
      AND r.organisation = ANY(:organisations) AND r.period = ANY(:periods) AND r.numbers IS NOT NULL OFFSET 0
  ) r
  WHERE NOT starts_with(u.path, r.group_path)
  UNION ALL
  SELECT r.id, r.period, r.organisation, r.level, r.group_path, r.unit_path, 1::numeric, r.numbers, r.is_late, r.amendments, r.state
  FROM reporting_report r
  WHERE r.form_id = :form AND r.organisation = ANY(:organisations) AND r.period = ANY(:periods) AND r.numbers IS NOT NULL
    AND NOT starts_with(r.unit_path, r.group_path) AND NOT EXISTS (
      SELECT FROM reporting_share s WHERE s.from_id = r.unit_id AND s.since <= r.period_end AND r.period_end < s.until)
), heres AS (
  -- Still in its province with a part: the report goes on counting there.
  SELECT DISTINCT r.id, r.group_path FROM reporting_share s JOIN unit u ON u.id = s.to_id
    JOIN reporting_report r ON r.unit_id = s.from_id AND s.since <= r.period_end AND r.period_end < s.until
  WHERE r.id IN (SELECT id FROM crossed) AND starts_with(u.path, r.group_path)
), parts AS (
  SELECT id, period, organisation, level, group_path AS place, -sum(share) AS share,
    CASE WHEN EXISTS (SELECT FROM heres h WHERE h.id = crossed.id) THEN 0 ELSE -1 END AS one, numbers, is_late, amendments, state
  FROM crossed GROUP BY id, period, organisation, level, group_path, numbers, is_late, amendments, state
  UNION ALL
  SELECT id, period, organisation, level, place, sum(share), 1, numbers, is_late, amendments, state FROM (
    SELECT crossed.*, CASE WHEN at = 'vn/' THEN 'vn/' ELSE 'vn/' || split_part(at, '/', 2) || '/' END AS place FROM crossed
  ) c GROUP BY id, period, organisation, level, place, numbers, is_late, amendments, state
)
SELECT period, organisation, place, level, share, one, ARRAY(
  SELECT numbers[s.slot] FROM unnest(CAST(:slots AS int[])) WITH ORDINALITY AS s (slot, ask) ORDER BY ask
), is_late, amendments > 0, state = 'approved' FROM parts
WHERE (CAST(:levels AS text[]) IS NULL OR level = ANY(:levels)) AND (:area = 'vn/' OR place = :area)
"""


async def fetch_sums(session: Reader, asked: Asked, slots: Sequence[int], by_place: bool = False) -> list[Sum]:
    """Return the tallies of cells, by period, organisation and level, and by the places right below when `by_place`.

    What nobody reported is left out. For several statements to be of one moment, `session` must be of `db.reading`.

    Args:
        session: reads.
        asked: what is added up.
        slots: of the cells; may be empty when only reports are counted.
        by_place: one sum for each place right below the area, and one for what was reported at the area itself.
    """
    values = {**asked.values(), "slots": list(slots)}
    crosses = asked.on_today and (by_place or asked.area != COUNTRY)
    if asked.is_kept and (asked.area == COUNTRY or not by_place):
        if by_place:
            found = [_whole(row, slots) for row in await session.execute(sql(_BY_PROVINCE), values)]
        elif asked.area == COUNTRY:
            found = await _country(session, asked, slots, values)
        else:
            found = [_sum(row, slots) for row in await session.execute(sql(_KEPT), values)]
        return await _corrected(session, found, values) if crosses else found
    part = _TODAY if asked.on_today else _REPORTED
    statement = _summed(part, _place("p.at") if by_place else "CAST(:area AS text)", asked.on_today)
    return [_sum(row, slots) for row in await session.execute(sql(statement), values)]


async def _country(session: Reader, asked: Asked, slots: Sequence[int], values: dict[str, object]) -> list[Sum]:
    """Return the sums of the whole country: as kept, and added up from the provinces for periods of which something is stale."""
    rows = (await session.execute(sql(COUNTRY_KEPT), values)).all()
    kept = [row for row in rows if row[1] is not None and (asked.levels is None or row[3] in asked.levels)]
    found = [replace(_whole(row, slots), place=COUNTRY) for row in kept]
    stale = [row[0] for row in rows if row[1] is None]
    if stale:
        found += [_sum(row, slots) for row in await session.execute(sql(_KEPT), {**values, "periods": stale})]
    return found


def _sum(row: Sequence[Any], slots: Sequence[int]) -> Sum:
    found = {slot: Tally(total, filled) for slot, total, filled in zip(row[5] or (), row[6] or (), row[7] or (), strict=True)}
    return Sum(row[0], row[1], row[2], row[3], row[4], tuple(found.get(slot, NOTHING) for slot in slots), *row[8:])


def _whole(row: Sequence[Any], slots: Sequence[int]) -> Sum:
    """Return a kept total as it lies: its arrays may be shorter than the form's slots, where later versions added cells."""
    known = [Tally(total, filled) for total, filled in zip(row[4], row[5], strict=True)]
    tallies = tuple(known[slot - 1] if slot <= len(known) else NOTHING for slot in slots)
    return Sum(row[0], row[1], row[2], row[3], True, tallies, *row[6:])


async def _corrected(session: Reader, kept: list[Sum], values: dict[str, object]) -> list[Sum]:
    """Return the kept sums of provinces after what crossed their borders was moved over."""
    slots: list[int] = values["slots"]  # type: ignore[assignment]
    sums = {(each.period, each.organisation, each.place, each.level): each for each in kept}
    for period, organisation, place, level, share, one, numbers, late, amended, approved in await session.execute(sql(_CROSSED), values):
        key = (period, organisation, place, level)
        old = sums.get(key) or Sum(*key, True, (NOTHING,) * len(slots), 0, 0, 0, 0)
        tallies = tuple(_moved(tally, number, share, one) for tally, number in zip(old.tallies, numbers, strict=True))
        counts = (old.reports + one, old.late + one * late, old.amended + one * amended, old.approved + one * approved)
        is_divided = place != COUNTRY or level == "central"
        sums[key] = Sum(*key, is_divided, tallies, *counts)
    return [each for each in sums.values() if each.reports]


def _moved(tally: Tally, number: Decimal | None, share: Decimal, one: int) -> Tally:
    if number is None:
        return tally
    filled = tally.filled + one
    return Tally((tally.total or Decimal(0)) + number * share if filled else None, filled)


_SPREAD = """
SELECT CASE WHEN :by_period THEN p.period ELSE '' END, CASE WHEN :by_organisation THEN p.organisation ELSE '' END,
  CASE WHEN :by_level THEN p.level ELSE '' END, {place}, s.slot, count(n.number)::int, min(n.number), max(n.number),
  (array_agg(n.number ORDER BY n.number))[(count(n.number) + 1) / 2], (array_agg(n.number ORDER BY n.number))[count(n.number) / 2 + 1]
FROM ({part}) p, unnest(CAST(:slots AS int[])) AS s (slot), LATERAL (SELECT p.numbers[s.slot] AS number) n
WHERE n.number IS NOT NULL GROUP BY 1, 2, 3, 4, 5
"""


async def fetch_spreads(
    session: Reader, asked: Asked, slots: Sequence[int], by: Collection[str] = ()
) -> dict[tuple[str, str, str, str, int], Spread]:
    """Return what can be said of figures that do not add up over units.

    On today's map a unit that has ended gives its figure to each of today's units that has a part of it.

    Args:
        session: reads.
        asked: what is looked at.
        slots: of the cells.
        by: which of "period", "organisation", "level" and "place" are told apart.

    Returns:
        By period, organisation, level ("" where not told apart), place and slot.
    """
    part = _TODAY if asked.on_today else _REPORTED
    statement = _SPREAD.format(part=part, place=_place("p.at") if "place" in by else "CAST(:area AS text)")
    apart = {f"by_{name}": name in by for name in ("period", "organisation", "level")}
    rows = await session.execute(sql(statement), {**asked.values(), "slots": list(slots), **apart})
    return {(row[0], row[1], row[2], row[3], row[4]): Spread(row[5], row[6], row[7], (row[8] + row[9]) / 2) for row in rows}


@dataclass(frozen=True, slots=True)
class Source:
    """One report a total is made of, and what it gives to it.

    Attributes:
        number: what the report says; None when it says nothing.
        share: the part that counts here; 1 as reported.
        is_divided: see `Sum`.
    """

    report_id: int
    revision: int
    period: str
    organisation: str
    unit_id: int
    unit_name: str
    path: str
    level: str
    state: str
    is_late: bool
    amendments: int
    number: Decimal | None
    share: Decimal
    is_divided: bool


_SOURCES = """
SELECT p.id, r.revision, p.period, p.organisation, p.unit_id, u.name, p.at, p.level, p.state, p.is_late, p.amendments, p.numbers[:slot],
  p.share, p.is_divided
FROM ({part}) p JOIN reporting_report r ON r.id = p.id JOIN unit u ON u.id = p.unit_id
WHERE (p.at COLLATE "C", p.id) > (:after_path, :after_id) ORDER BY p.at COLLATE "C", p.id LIMIT :limit
"""


async def fetch_sources(
    session: Reader, asked: Asked, slot: int, limit: int = 100, after: tuple[str, int] | None = None
) -> list[Source]:
    """Return the very reports a total is made of, by the path of the place they count in; one page of at most 200.

    Args:
        session: reads.
        asked: the total.
        slot: which cell.
        limit: rows of the page.
        after: path and report of the last row of the page before.
    """
    path, report_id = after or ("", 0)
    values = {**asked.values(), "slot": slot, "after_path": path, "after_id": report_id, "limit": max(1, min(limit, 200))}
    statement = _SOURCES.format(part=_TODAY if asked.on_today else _REPORTED)
    return [Source(*row) for row in await session.execute(sql(statement), values)]
