"""The units' migration goes down from a filled database and up again to the same schema."""

from __future__ import annotations

import psycopg

from mattranso_app.migrations import migrate


def _tables(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()}


def test_down_and_up_on_a_filled_database(units_db: str) -> None:
    before = _tables(units_db)
    migrate(units_db, "0006_notify")
    gone = before - _tables(units_db)
    assert {"unit", "unit_version", "former_unit", "organisation"} <= gone
    migrate(units_db)
    assert _tables(units_db) == before
    with psycopg.connect(units_db) as connection:
        assert connection.execute("SELECT count(*) FROM unit").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM organisation").fetchone() == (6,)
