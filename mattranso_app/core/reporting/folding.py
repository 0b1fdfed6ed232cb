"""Totals: kept per province, period and level of who reported; right at every moment, whoever asks.

A change that counts writes a row into `reporting_stale` in its own transaction, which nobody has to wait for. A reader adds
up the reports of what is stale and takes the kept sums for all the rest, in one statement and so from one moment. The loop
`fold_stale` renews kept sums from the reports themselves, so that no rounding and no lost delta can ever creep in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from mattranso_app.core import db, jobs
from mattranso_app.core.db import Reader
from mattranso_app.core.sql import sql

_MOST_GROUPS = 500
"""Stale totals renewed in one transaction."""
_PAUSE = 0.3
"""Seconds between two looks when nothing is stale."""
_LOCK = 7_305_220_001
"""Advisory lock: one process folds at a time."""


@dataclass(frozen=True, slots=True)
class Total:
    """Sums over the reports of one province (or Central itself) and level.

    Attributes:
        sums: by slot (slot 1 is the first); None where no report has a number.
        filled: by slot, how many reports have a number.
        reports: how many count; `late`, `amended`, `approved` of them.
    """

    period: str
    organisation: str
    group_path: str
    level: str
    sums: tuple[Decimal | None, ...]
    filled: tuple[int, ...]
    reports: int
    late: int
    amended: int
    approved: int


_COUNTED = """
  SELECT p.form_id, p.period, p.organisation, p.group_path, p.level,
    coalesce(n.sums, '{}') AS sums, coalesce(n.filled, '{}') AS filled, p.reports, p.late, p.amended, p.approved
  FROM (
    SELECT r.form_id, r.period, r.organisation, r.group_path, r.level, count(*)::int AS reports,
      (count(*) FILTER (WHERE r.is_late))::int AS late, (count(*) FILTER (WHERE r.amendments > 0))::int AS amended,
      (count(*) FILTER (WHERE r.state = 'approved'))::int AS approved
    FROM stale s JOIN reporting_report r USING (form_id, organisation, period, group_path)
    WHERE r.numbers IS NOT NULL GROUP BY 1, 2, 3, 4, 5
  ) p LEFT JOIN (
    SELECT form_id, period, organisation, group_path, level, array_agg(total ORDER BY slot) AS sums,
      array_agg(filled ORDER BY slot) AS filled
    FROM (
      SELECT r.form_id, r.period, r.organisation, r.group_path, r.level, u.slot, sum(u.number) AS total,
        count(u.number)::int AS filled
      FROM stale s JOIN reporting_report r USING (form_id, organisation, period, group_path),
        unnest(r.numbers) WITH ORDINALITY AS u (number, slot)
      WHERE r.numbers IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6
    ) cells GROUP BY 1, 2, 3, 4, 5
  ) n USING (form_id, period, organisation, group_path, level)
"""
"""The sums of the reports of what is stale, counted anew. Slots are dense from 1, so arrays built in their order have no holes."""

CURRENT = f"""
WITH stale AS MATERIALIZED (
  SELECT DISTINCT form_id, organisation, period, group_path FROM reporting_stale
  WHERE form_id = :form AND organisation = ANY(:organisations) AND period = ANY(:periods)
    AND (CAST(:groups AS text[]) IS NULL OR group_path = ANY(:groups))
)
SELECT period, organisation, group_path, level, sums, filled, reports, late, amended, approved FROM reporting_total t
WHERE form_id = :form AND organisation = ANY(:organisations) AND period = ANY(:periods)
  AND group_path <> '*' AND (CAST(:groups AS text[]) IS NULL OR group_path = ANY(:groups))
  AND NOT EXISTS (SELECT FROM stale s
    WHERE (s.form_id, s.organisation, s.period, s.group_path) = (t.form_id, t.organisation, t.period, t.group_path))
UNION ALL SELECT period, organisation, group_path, level, sums, filled, reports, late, amended, approved FROM ({_COUNTED}) counted
"""  # noqa: S608 - constants of this module
"""The sums as they are at the moment, for `:form`, `:organisations`, `:periods` and `:groups` (all when NULL)."""


async def fetch_totals(
    session: Reader, form_id: int, periods: Sequence[str], organisations: Sequence[str], groups: Sequence[str] | None = None
) -> list[Total]:
    """Return the sums of a form as reported, per period, organisation, province (or Central) and level; what has none is left out.

    Args:
        session: one statement is sent, so also a connection lent for a glance will do.
        form_id: which form.
        periods: keys, at most 200.
        organisations: codes.
        groups: paths of provinces, `vn/` for what Central itself reports; all when None.
    """
    values = {
        "form": form_id, "periods": list(periods)[:200], "organisations": list(organisations),
        "groups": None if groups is None else list(groups),
    }  # fmt: skip
    rows = await session.execute(sql(CURRENT), values)
    return [
        Total(row[0], row[1], row[2], row[3], tuple(row[4]), tuple(row[5]), row[6], row[7], row[8], row[9]) for row in rows
    ]


COUNTRY_KEPT = """
WITH stale AS MATERIALIZED (
  SELECT DISTINCT period FROM reporting_stale WHERE form_id = :form AND organisation = ANY(:organisations) AND period = ANY(:periods)
)
SELECT period, organisation, '*', level, sums, filled, reports, late, amended, approved FROM reporting_total t
WHERE form_id = :form AND organisation = ANY(:organisations) AND period = ANY(:periods) AND group_path = '*'
  AND NOT EXISTS (SELECT FROM stale s WHERE s.period = t.period)
UNION ALL SELECT period, NULL, '*', '', '{}', '{}', 0, 0, 0, 0 FROM stale
"""
"""The kept sums of the whole country (`*`) of the periods of which nothing is stale; the others come without an organisation."""

_FOLD = f"""
WITH taken AS (
  DELETE FROM reporting_stale WHERE id = ANY(:ids) RETURNING form_id, organisation, period, group_path
), stale AS MATERIALIZED (SELECT DISTINCT form_id, organisation, period, group_path FROM taken),
counted AS MATERIALIZED ({_COUNTED}), emptied AS (
  DELETE FROM reporting_total t USING stale s
  WHERE (s.form_id, s.organisation, s.period, s.group_path) = (t.form_id, t.organisation, t.period, t.group_path)
    AND NOT EXISTS (SELECT FROM counted c WHERE (c.form_id, c.organisation, c.period, c.group_path, c.level)
      = (t.form_id, t.organisation, t.period, t.group_path, t.level))
)
INSERT INTO reporting_total (form_id, organisation, period, group_path, level, sums, filled, reports, late, amended, approved)
SELECT form_id, organisation, period, group_path, level, sums, filled, reports, late, amended, approved FROM counted
ON CONFLICT (form_id, organisation, period, group_path, level) DO UPDATE SET sums = excluded.sums, filled = excluded.filled,
  reports = excluded.reports, late = excluded.late, amended = excluded.amended, approved = excluded.approved
"""  # noqa: S608 - constants of this module
_OF_STALE = "SELECT DISTINCT form_id, organisation, period FROM reporting_stale WHERE id = ANY(:ids)"
_FOLD_COUNTRY = """
WITH turned AS MATERIALIZED (
  SELECT * FROM unnest(CAST(:forms AS int[]), CAST(:organisations AS text[]), CAST(:periods AS text[])) AS u (form_id, organisation, period)
), kept AS MATERIALIZED (
  SELECT t.*, dense_rank() OVER (ORDER BY t.form_id, t.organisation, t.period, t.level) AS head
  FROM reporting_total t JOIN turned USING (form_id, organisation, period) WHERE t.group_path <> '*'
), heads AS (
  SELECT head, form_id, organisation, period, level, sum(reports)::int AS reports, sum(late)::int AS late, sum(amended)::int AS amended,
    sum(approved)::int AS approved FROM kept GROUP BY 1, 2, 3, 4, 5
), cells AS (
  SELECT head, array_agg(total ORDER BY slot) AS sums, array_agg(filled ORDER BY slot) AS filled FROM (
    SELECT head, u.slot, sum(u.total) AS total, sum(u.filled)::int AS filled
    FROM kept, unnest(kept.sums, kept.filled) WITH ORDINALITY AS u (total, filled, slot) GROUP BY 1, 2
  ) c GROUP BY 1
), emptied AS (
  DELETE FROM reporting_total t USING turned u
  WHERE t.group_path = '*' AND (t.form_id, t.organisation, t.period) = (u.form_id, u.organisation, u.period) AND NOT EXISTS (
    SELECT FROM heads h WHERE (h.form_id, h.organisation, h.period, h.level) = (t.form_id, t.organisation, t.period, t.level))
)
INSERT INTO reporting_total (form_id, organisation, period, group_path, level, sums, filled, reports, late, amended, approved)
SELECT form_id, organisation, period, '*', level, coalesce(sums, '{}'), coalesce(filled, '{}'), reports, late, amended, approved
FROM heads LEFT JOIN cells USING (head)
ON CONFLICT (form_id, organisation, period, group_path, level) DO UPDATE SET sums = excluded.sums, filled = excluded.filled,
  reports = excluded.reports, late = excluded.late, amended = excluded.amended, approved = excluded.approved
"""
_WAITING = """
WITH first AS (SELECT DISTINCT form_id, organisation, period, group_path FROM
  (SELECT * FROM reporting_stale ORDER BY id LIMIT 20000) s LIMIT :most)
SELECT s.id FROM reporting_stale s JOIN first USING (form_id, organisation, period, group_path)
"""


async def fold_once() -> int:
    """Renew the kept totals that are stale, at most 500 of them, unless another process is at it.

    Returns:
        How many marks of staleness were taken away; 0 when there was nothing to do.
    """
    async with db.transaction() as session:
        if not (await session.execute(sql("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _LOCK})).scalar_one():
            return 0
        # One statement is one moment: a report that comes in between leaves a mark of its own, which this one does not see.
        ids = list((await session.execute(sql(_WAITING), {"most": _MOST_GROUPS})).scalars())
        if ids:
            turned = (await session.execute(sql(_OF_STALE), {"ids": ids})).all()
            await session.execute(sql(_FOLD), {"ids": ids})
            forms, organisations, periods = [list(column) for column in zip(*turned, strict=True)]
            await session.execute(sql(_FOLD_COUNTRY), {"forms": forms, "organisations": organisations, "periods": periods})
        return len(ids)


@jobs.background_loop("reporting.fold")
async def fold_stale() -> None:
    """Renew stale totals as long as the worker runs."""
    while True:
        if not await fold_once():
            await asyncio.sleep(_PAUSE)
