"""Invented petitions are plausible, marked, and counted as if each had come in by the door."""

from __future__ import annotations

from collections import Counter

import psycopg
import pytest

from mattranso_app.core.clock import now, today
from mattranso_app.core.db import reading
from mattranso_app.petitions import load, store

COUNT = 1_500

RECOUNT_STAT = """
SELECT p.unit_id, (e.at AT TIME ZONE INTERVAL '7 hours')::date, count(*) FILTER (WHERE e.action = 'submit'),
  count(*) FILTER (WHERE e.action = 'approve_answer'), count(*) FILTER (WHERE e.action = 'approve_answer' AND e.at <= p.due_at)
FROM petition_event e JOIN petition p ON p.id = e.petition_id WHERE e.action IN ('submit', 'approve_answer') GROUP BY 1, 2
"""
RECOUNT_OPEN = """
SELECT p.unit_id, count(*) FILTER (WHERE e.action = 'submit') - count(*) FILTER (WHERE e.action = 'approve_answer') AS open
FROM petition_event e JOIN petition p ON p.id = e.petition_id GROUP BY 1 HAVING
  count(*) FILTER (WHERE e.action = 'submit') > count(*) FILTER (WHERE e.action = 'approve_answer')
"""


@pytest.fixture
def seeded(filled_database: None, owner_url: str) -> psycopg.Connection:
    """The owner's connection to a database with invented petitions, loaded in two goes."""
    load.seed_petitions(owner_url, COUNT - 100, seed=5)
    load.seed_petitions(owner_url, 100, seed=6)
    with psycopg.connect(owner_url, autocommit=True) as connection:
        yield connection


async def test_a_seed_is_plausible_and_its_counters_are_a_recount_of_its_events(seeded: psycopg.Connection) -> None:
    stat = set(seeded.execute("SELECT unit_id, day, received, answered, answered_on_time FROM petition_stat").fetchall())
    assert stat == set(seeded.execute(RECOUNT_STAT).fetchall())
    waiting = set(seeded.execute("SELECT unit_id, open FROM petition_open WHERE open > 0").fetchall())
    assert waiting == set(seeded.execute(RECOUNT_OPEN).fetchall())
    total = seeded.execute(
        "SELECT day, sum(received), sum(answered), sum(answered_on_time) FROM petition_total GROUP BY day ORDER BY day"
    ).fetchall()
    by_day: dict[object, Counter[str]] = {}
    for _, day, received, answered, timely in stat:
        by_day.setdefault(day, Counter()).update(received=received, answered=answered, timely=timely)
    assert total == [(day, each["received"], each["answered"], each["timely"]) for day, each in sorted(by_day.items())]

    _spread(seeded)
    async with reading() as session:
        figures = await store.fetch_national(session, today(), now())
    late = seeded.execute("SELECT count(*) FROM petition WHERE answered_at IS NULL AND due_at < now()").fetchone()
    assert late is not None and figures["overdue"] == late[0] and figures["open"] == sum(number for _, number in waiting)


def _spread(connection: psycopg.Connection) -> None:
    def one(sql: str) -> int:
        row = connection.execute(sql).fetchone()  # type: ignore[arg-type]
        assert row is not None
        return int(row[0])

    assert one("SELECT count(*) FROM petition WHERE NOT is_sample") == 0
    assert one("SELECT count(DISTINCT body) FROM petition") > 0.98 * COUNT
    assert one("SELECT count(DISTINCT unit_id) FROM petition") > 300
    assert one("SELECT count(DISTINCT province_path) FROM petition") == 35
    assert one("SELECT count(DISTINCT (state, publication)) FROM petition") >= 6
    assert one("SELECT count(DISTINCT kind) FROM petition") == 3
    assert one("SELECT count(DISTINCT date_trunc('month', created_at)) FROM petition") >= 36
    assert one("SELECT max(counted) FROM (SELECT count(*) AS counted FROM petition GROUP BY unit_id) AS unit") < COUNT / 10
    assert 0.05 < one("SELECT count(*) FROM petition WHERE answered_at > due_at") / COUNT < 0.3


async def test_what_was_dropped_for_speed_is_back(
    filled_database: None, owner_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "_BATCH", 10)
    indexes = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename LIKE 'petition%' ORDER BY 1"
    rules = (
        "SELECT conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint "
        "WHERE conrelid::regclass::text LIKE 'petition%' ORDER BY 1"
    )
    with psycopg.connect(owner_url, autocommit=True) as connection:
        before = connection.execute(indexes).fetchall(), connection.execute(rules).fetchall()
        load.seed_petitions(owner_url, 25, seed=1)
        after = connection.execute(indexes).fetchall(), connection.execute(rules).fetchall()
    assert after == before and min(map(len, after)) > 10


async def test_the_search_index_takes_them_up(seeded: psycopg.Connection) -> None:
    asked = seeded.execute("SELECT count(*) FROM search_change WHERE source = 'petitions' AND ref = ''").fetchone()
    assert asked == (2,)
