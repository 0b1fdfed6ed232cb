"""Who had to report: beside every total stands how many of them did, and who did not.

Expected are the units there were at the end of a period, at the form's levels and below its owner. What happened before
the list of units begins counts as of its first day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from mattranso_app.core.db import Reader
from mattranso_app.core.reporting.periods import Period, parse_period
from mattranso_app.core.reporting.store import FormVersion
from mattranso_app.core.reporting.totals import COUNTRY, Asked
from mattranso_app.core.sql import sql


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of what was asked for stands behind a total.

    Over a range of periods and several organisations each report that is expected counts.

    Attributes:
        expected: reports expected.
        reports: reports counted; more than expected where a unit has ended since it reported.
        late, amended, approved: of the reports counted.
    """

    expected: int = 0
    reports: int = 0
    late: int = 0
    amended: int = 0
    approved: int = 0

    def plus(self, other: Coverage) -> Coverage:
        """Return both together."""
        return Coverage(
            self.expected + other.expected, self.reports + other.reports, self.late + other.late, self.amended + other.amended,
            self.approved + other.approved,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Expected:
    """How many units had to report in a period, at one place and level, for each organisation."""

    period: str
    place: str
    level: str
    units: int


@dataclass(frozen=True, slots=True)
class Asking:
    """By which version a period was asked: the levels that report, and the unit below which they stand."""

    period: Period
    levels: tuple[str, ...]
    owner_path: str


def asking(versions: Sequence[FormVersion], periods: Sequence[Period], closed_from: str | None = None) -> list[Asking]:
    """Return what holds for each period; those before the form's first version and after its end ask nobody.

    Args:
        versions: all of the form, oldest first.
        periods: of the form's kind.
        closed_from: the first period that is not asked for any more.
    """
    found = []
    starts = [(version, _start(version)) for version in versions]
    for period in periods:
        holding = [version for version, start in starts if start <= period.start]
        if holding and (closed_from is None or period.key < closed_from):
            found.append(Asking(period, holding[-1].definition.levels, holding[-1].owner_path))
    return found


def _start(version: FormVersion) -> date:
    return parse_period(version.from_period).start


def _place(column: str) -> str:
    rest = f"substr({column}, length(CAST(:area AS text)) + 1)"
    return f"CASE WHEN NOT :by_place OR {column} = :area THEN :area ELSE :area || split_part({rest}, '/', 1) || '/' END"


# Units come and go on few days: they are read once, and each period adds up what came and went until its end.
_EXPECTED = f"""
WITH first AS (SELECT min(valid_from) AS day FROM unit_version WHERE level = 'central'),
asked AS (
  SELECT a.period, greatest(a.day, first.day) AS day, a.level, a.owner
  FROM first, unnest(CAST(:keys AS text[]), CAST(:days AS date[]), CAST(:each AS text[]), CAST(:owners AS text[]))
    AS a (period, day, level, owner)
), turns AS MATERIALIZED (
  SELECT {_place("v.path")} AS place, v.level, o.owner, t.day, sum(t.one) AS units
  FROM (SELECT DISTINCT owner FROM asked) o JOIN unit_version v ON starts_with(v.path, o.owner),
    LATERAL (VALUES (v.valid_from, 1), (v.valid_to, -1)) AS t (day, one)
  WHERE t.day IS NOT NULL AND v.level = ANY(:each) AND v.path >= :area AND v.path < :below
    AND (CAST(:levels AS text[]) IS NULL OR v.level = ANY(:levels))
  GROUP BY 1, 2, 3, 4
)
SELECT a.period, t.place, t.level, sum(t.units)::int FROM asked a JOIN turns t ON t.level = a.level AND t.owner = a.owner AND t.day <= a.day
GROUP BY 1, 2, 3 HAVING sum(t.units) > 0
"""  # noqa: S608 - constants of this module

# On today's map only units that went elsewhere differ: each counts once in every place that has a part of it.
_EXPECTED_TODAY = f"""
WITH first AS (SELECT min(valid_from) AS day FROM unit_version WHERE level = 'central'),
asked AS (
  SELECT a.period, greatest(a.day, first.day) AS day, a.level, a.owner
  FROM first, unnest(CAST(:keys AS text[]), CAST(:days AS date[]), CAST(:each AS text[]), CAST(:owners AS text[]))
    AS a (period, day, level, owner)
), placed AS MATERIALIZED (
  SELECT u.id, u.path, DATE '0001-01-01' AS since, DATE '9999-12-31' AS until, true AS is_own FROM unit u
  WHERE u.path COLLATE "C" >= :area AND u.path COLLATE "C" < :below
  UNION ALL SELECT s.from_id, u.path, s.since, s.until, false FROM reporting_share s JOIN unit u ON u.id = s.to_id
  WHERE u.path COLLATE "C" >= :area AND u.path COLLATE "C" < :below
), stood AS MATERIALIZED (
  SELECT p.*, v.level, v.path AS then_at, v.valid_from, v.valid_to FROM placed p JOIN unit_version v ON v.unit_id = p.id
  WHERE v.level = ANY(:each) AND (CAST(:levels AS text[]) IS NULL OR v.level = ANY(:levels))
)
SELECT a.period, {_place("p.path")} AS place, p.level, count(DISTINCT p.id)::int
FROM stood p JOIN asked a ON p.level = a.level AND p.valid_from <= a.day AND (p.valid_to IS NULL OR p.valid_to > a.day)
  AND starts_with(p.then_at, a.owner) AND p.since <= a.day AND a.day < p.until
WHERE NOT (p.is_own AND EXISTS (SELECT FROM reporting_share s WHERE s.from_id = p.id AND s.since <= a.day AND a.day < s.until))
GROUP BY 1, 2, 3
"""  # noqa: S608 - constants of this module


def _values(asked: Asked, asks: Sequence[Asking]) -> dict[str, object]:
    rows = [(ask.period.key, ask.period.end, level, ask.owner_path) for ask in asks for level in ask.levels]
    keys, days, each, owners = [list(column) for column in zip(*rows, strict=True)] if rows else ([], [], [], [])
    return {**asked.values(), "keys": keys, "days": days, "each": each, "owners": owners}


async def fetch_expected(session: Reader, asked: Asked, asks: Sequence[Asking], by_place: bool = False) -> list[Expected]:
    """Return how many units had to report, by period, place and level; for each organisation the same.

    Args:
        session: reads.
        asked: what is added up.
        asks: of `asking`, for the periods of `asked`.
        by_place: by the places right below the area.
    """
    is_plain = not asked.on_today or (asked.area == COUNTRY and not by_place)
    statement = sql(_EXPECTED if is_plain else _EXPECTED_TODAY)
    rows = await session.execute(statement, {**_values(asked, asks), "by_place": by_place})
    return [Expected(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Missing:
    """A unit whose report does not count (yet): `state` is draft or returned, None when nothing was begun.

    Attributes:
        path: where it stood at the end of the period.
        sort_key: with the id, its place in the list.
    """

    unit_id: int
    code: str
    name: str
    path: str
    level: str
    state: str | None
    sort_key: str


_ABSENT = """
FROM (SELECT greatest(CAST(:day AS date), min(valid_from)) AS day FROM unit_version WHERE level = 'central') d
  JOIN unit_version v ON v.valid_from <= d.day AND (v.valid_to IS NULL OR v.valid_to > d.day)
  LEFT JOIN reporting_report r ON r.form_id = :form AND r.period = :period AND r.organisation = :organisation AND r.unit_id = v.unit_id
WHERE v.level = ANY(:each) AND v.path >= :area AND v.path < :below AND starts_with(v.path, :owner) AND r.numbers IS NULL
  AND (CAST(:levels AS text[]) IS NULL OR v.level = ANY(:levels))
"""
_MISSING = (
    "SELECT v.unit_id, v.code, v.name, v.path, v.level, r.state, v.sort_key" + _ABSENT + "AND (v.sort_key, v.unit_id) > (:key, :id) "
    "ORDER BY v.sort_key, v.unit_id LIMIT :limit"
)


def _one(asked: Asked, ask: Asking) -> dict[str, object]:
    return {
        **asked.values(), "day": ask.period.end, "period": ask.period.key, "organisation": asked.organisations[0],
        "each": list(ask.levels), "owner": ask.owner_path,
    }  # fmt: skip


async def fetch_missing(
    session: Reader, asked: Asked, ask: Asking, limit: int = 100, after: tuple[str, int] | None = None
) -> list[Missing]:
    """Return the units of which no report counts, in dictionary order; one page of at most 500.

    Args:
        session: reads.
        asked: of one organisation.
        ask: of `asking`, for its one period.
        limit: rows of the page.
        after: sort key and id of the last row of the page before.
    """
    key, unit_id = after or ("", 0)
    values = {**_one(asked, ask), "key": key, "id": unit_id, "limit": max(1, min(limit, 500))}
    return [Missing(*row) for row in await session.execute(sql(_MISSING), values)]


async def count_missing(session: Reader, asked: Asked, ask: Asking) -> int:
    """Return how many units `fetch_missing` lists in all."""
    return int((await session.execute(sql("SELECT count(*)" + _ABSENT), _one(asked, ask))).scalar_one())
