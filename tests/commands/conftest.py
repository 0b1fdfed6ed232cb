"""Commands run in this process, on a database of the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg
import pytest
from psycopg import sql

from mattranso_app import cli
from mattranso_app.core import embedded_postgres
from mattranso_app.settings import settings


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command left: exit code and words."""

    code: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Sets settings of the environment for this test, e.g. `configured(MTS_PORT="1")`."""

    def change(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()

    yield change
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs one command; whatever it raises fails the test, because a person would see a traceback."""

    def command(*words: str) -> Outcome:
        try:
            code = cli.main(words)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        said = capfd.readouterr()
        return Outcome(code, said.out, said.err)

    return command


@pytest.fixture
def on_database(configured: Callable[..., None], database_url: str, owner_url: str) -> str:
    """The settings name the test's migrated database; gives the application's address."""
    configured(MTS_DATABASE_URL=database_url, MTS_MIGRATION_URL=owner_url)
    return database_url


@pytest.fixture
def empty_database(configured: Callable[..., None], postgres: embedded_postgres.EmbeddedServer) -> Iterator[str]:
    """The settings name a database without a single table; gives the owner's address."""
    name = "never_migrated"
    with psycopg.connect(postgres.url("postgres", "postgres"), autocommit=True) as connection:
        embedded_postgres.ensure_database(connection, name)
        url = postgres.url(embedded_postgres.OWNER, name)
        configured(MTS_DATABASE_URL=postgres.url(embedded_postgres.APP, name), MTS_MIGRATION_URL=url)
        yield url
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
