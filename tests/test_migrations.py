"""Migrations go up and down on a filled database, and make the same schema again."""

from __future__ import annotations

import re

import psycopg
import pytest

from mattranso_app.core import embedded_postgres
from mattranso_app.migrations import head_revision, migrate
from mattranso_app.settings import ROOT


def schema(url: str) -> list[tuple[str, ...]]:
    """Everything a migration can leave behind: columns, indexes, constraints, functions, triggers, rights."""
    queries = (
        "SELECT 'column', table_name, column_name, data_type || coalesce(column_default, '') || is_nullable "
        "FROM information_schema.columns WHERE table_schema = 'public'",
        "SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace",
        "SELECT 'function', proname, '', md5(prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f' "
        "AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = pg_proc.oid AND d.deptype = 'e')",
        "SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        "SELECT 'grant', table_name, privilege_type, grantee FROM information_schema.role_table_grants "
        f"WHERE grantee = '{embedded_postgres.APP}'",
    )
    with psycopg.connect(url) as connection:
        return sorted(row for query in queries for row in connection.execute(query).fetchall())


def test_one_chain() -> None:
    names = sorted(path.stem for path in (ROOT / "alembic" / "versions").glob("*.py"))
    assert head_revision() == names[-1]
    for name in names:
        text = (ROOT / "alembic" / "versions" / f"{name}.py").read_text()
        assert re.search(rf'^revision = "{name}"$', text, re.M), f"{name}: the file is named after its revision"


@pytest.mark.usefixtures("filled_database")
def test_down_and_up_again_on_a_filled_database(owner_url: str) -> None:
    before = schema(owner_url)
    names = sorted(path.stem for path in (ROOT / "alembic" / "versions").glob("*.py"))
    for name in reversed(names[:-1]):
        migrate(owner_url, name)
    migrate(owner_url, "base")
    assert [row for row in schema(owner_url) if row[1] != "alembic_version"] == []
    migrate(owner_url)
    assert schema(owner_url) == before
