"""`bench guard`: what looking the session up before every event adds, with few sessions in the table and with 100,000.

The platform runs with its units; officers with roles and sessions are written straight into its database. The look-up is
the guard's own, as it is asked for before each event: one statement on a pooled connection to PostgreSQL's own processes.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import time
from collections.abc import Sequence
from uuid import UUID

import psycopg

from mattranso_app.bench.report import Report, percentile
from mattranso_app.bench.running import Platform, running
from mattranso_app.core import db, embedded_postgres
from mattranso_app.identity import service
from mattranso_app.settings import settings

BAR = 1.0
"""Milliseconds, 95 of 100."""
FEW = 100
LOOK_UPS = 4_000
WARM_UP = 200
SESSIONS_PER_PERSON = 5

# Every person is an officer of some unit with two roles there; sessions are spread over their allowed life.
_PERSONS = """
INSERT INTO person (id, kind, display_name, unit_id, created_at)
SELECT gen_random_uuid(), 'officer', 'Bench ' || n, places[1 + n %% cardinality(places)], now()
  FROM generate_series(1, %(persons)s) AS n,
       (SELECT array_agg(id) AS places FROM unit WHERE valid_to IS NULL AND level IN ('province', 'commune')) AS all_places
"""
_ROLES = """
INSERT INTO role_grant (person_id, role, organisation, unit_id, valid_from)
SELECT p.id, role, 'mttq', p.unit_id, now() - interval '1 day'
  FROM person p, unnest(ARRAY['reader', 'handler']) AS role WHERE p.display_name LIKE 'Bench %'
"""
_SESSIONS = """
INSERT INTO sign_in_session (id, token_hash, person_id, created_at, last_seen_at, idle_expires_at, absolute_expires_at,
                             methods, proved_at)
SELECT gen_random_uuid(), sha256(gen_random_uuid()::text::bytea), p.id, now(), now(), now() + interval '15 minutes',
       now() + interval '8 hours', ARRAY['pwd'], now()
  FROM (SELECT id FROM person WHERE display_name LIKE 'Bench %%' ORDER BY id) AS p, generate_series(1, %(each)s)
 LIMIT %(count)s
"""


def main(words: Sequence[str]) -> int:
    """Measure and print; see `--help`."""
    parser = argparse.ArgumentParser(prog="./mattranso bench guard", description=__doc__)
    parser.add_argument("--sessions", type=int, default=100_000, help="phiên đang mở")
    options = parser.parse_args(words)
    report = Report("guard", {"sessions": options.sessions, "look_ups": LOOK_UPS})
    with running() as platform:
        asyncio.run(_measure(report, platform, options.sessions))
    return report.finish()


async def _measure(report: Report, platform: Platform, sessions: int) -> None:
    # This process asks the platform's database with the platform's keys.
    os.environ |= {"MTS_DATA_DIR": str(platform.data_dir), "MTS_DATABASE_URL": platform.database_url(embedded_postgres.APP)}
    settings.cache_clear()
    await db.open_pool()
    try:
        async with await psycopg.AsyncConnection.connect(platform.database_url(), autocommit=True) as owner:
            await owner.execute(_PERSONS, {"persons": sessions // SESSIONS_PER_PERSON})
            await owner.execute(_ROLES)
            for count in (FEW, sessions - FEW):
                await owner.execute(_SESSIONS, {"each": SESSIONS_PER_PERSON, "count": count})
                await owner.execute("ANALYZE person, role_grant, sign_in_session")
                rows = await (await owner.execute("SELECT id FROM sign_in_session")).fetchall()
                times = await _look_up([row[0] for row in rows])
                name = f"{len(rows):,} phiên".replace(",", ".")
                report.add(f"{name}: p50", percentile(times, 0.5), "ms")
                report.add(f"{name}: p95", percentile(times, 0.95), "ms", BAR if count != FEW else None)
                report.add(f"{name}: chậm nhất", max(times), "ms")
    finally:
        await db.close_pool()


async def _look_up(known: list[UUID]) -> list[float]:
    """Return the milliseconds of each of `LOOK_UPS` look-ups of sessions drawn from `known`, one after another.

    Raises:
        RuntimeError: a session that lives was not found.
    """
    drawn = random.Random(0).choices(known, k=WARM_UP + LOOK_UPS)  # noqa: S311 - a sample, no secret
    times = []
    for session_id in drawn:
        started = time.perf_counter()
        found = await service.recheck(session_id, "127.0.0.1")
        times.append((time.perf_counter() - started) * 1000)
        if found is None or len(found.actor.grants) != 2:
            raise RuntimeError("a living session was not found, or without its roles")
    return times[WARM_UP:]
