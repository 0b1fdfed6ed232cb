"""What all tests share: a real PostgreSQL and an empty, migrated, seeded database for each test that asks for `db`."""

from __future__ import annotations

import asyncio
import itertools
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

os.environ.setdefault("MTS_ENV", "test")
os.environ.setdefault("MTS_SECRET_KEY", "only-for-tests-0123456789-0123456789")
os.environ.setdefault("MTS_DATA_DIR", tempfile.mkdtemp(prefix="mattranso-test-"))

from mattranso_app.core import clock, embedded_postgres, live
from mattranso_app.core import db as database
from mattranso_app.core.access import ANONYMOUS, set_current_actor
from mattranso_app.migrations import migrate
from mattranso_app.settings import settings
from mattranso_app.units.index import UnitIndex
from mattranso_app.units.lookup import current_index
from mattranso_app.units.seed import seed_units

_names = (f"test_{number}" for number in itertools.count())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Drills have no time limit."""
    for item in items:
        if item.get_closest_marker("drill"):
            item.add_marker(pytest.mark.timeout(0))


@pytest.fixture(scope="session")
def postgres() -> Iterator[embedded_postgres.EmbeddedServer]:
    """A PostgreSQL of this test run, fast and forgetful."""
    with tempfile.TemporaryDirectory(prefix="mattranso-pg-") as directory:
        server = embedded_postgres.start(Path(directory) / "data", durable=False, shared_buffers="128MB")
        yield server
        server.stop()


@pytest.fixture(scope="session")
def template(postgres: embedded_postgres.EmbeddedServer) -> str:
    """Name of the migrated database the others are copied from."""
    with psycopg.connect(postgres.url("postgres", "postgres"), autocommit=True) as connection:
        embedded_postgres.ensure_database(connection, "template_mattranso")
    migrate(postgres.url(embedded_postgres.OWNER, "template_mattranso"))
    return "template_mattranso"


@pytest.fixture
def database_url(postgres: embedded_postgres.EmbeddedServer, template: str) -> Iterator[str]:
    """Address of a fresh database for one test, as the application's role."""
    name = next(_names)
    with psycopg.connect(postgres.url("postgres", "postgres"), autocommit=True) as connection:
        embedded_postgres.ensure_database(connection, name, template)
        yield postgres.url(embedded_postgres.APP, name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def owner_url(database_url: str) -> str:
    """The same database as `database_url`, as the role that owns the tables."""
    return database_url.replace(f"//{embedded_postgres.APP}@", f"//{embedded_postgres.OWNER}@")


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[str]:
    """The application's pool, open on a fresh database; gives its address."""
    await database.open_pool(database_url)
    yield database_url
    await live.stop()  # what was published has opened a connection that belongs to this test's loop
    await database.close_pool()


def _settings_in_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("MTS_")}


@pytest.fixture(autouse=True)
def _clean_slate() -> Iterator[None]:
    """No frozen clock, no signed-in person and no setting of a command leaks from one test into the next."""
    set_current_actor(ANONYMOUS)
    before, held = _settings_in_environment(), settings()
    yield
    after = _settings_in_environment()
    if after != before:
        for name in after:
            del os.environ[name]
        os.environ.update(before)
    if after != before or settings() is not held:
        settings.cache_clear()
    clock.freeze(None)
    set_current_actor(ANONYMOUS)


@pytest.fixture
async def filled_database(db: str) -> None:
    """The test's database with every unit of the country in it."""
    from mattranso_app.units.seed import seed_units

    await seed_units()


_built: list[UnitIndex] = []
_names = (f"test_units_{number}" for number in itertools.count())


@pytest.fixture(scope="session")
def seeded_template(postgres: embedded_postgres.EmbeddedServer, template: str) -> str:
    """Name of a migrated database with all units."""
    name = "template_units"
    with psycopg.connect(postgres.url("postgres", "postgres"), autocommit=True) as connection:
        embedded_postgres.ensure_database(connection, name, template)

    async def fill() -> None:
        await database.open_pool(postgres.url(embedded_postgres.APP, name))
        await seed_units()
        _built.append(await current_index())
        await database.close_pool()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, fill()).result()
    return name


@pytest.fixture(scope="session")
def unit_index(seeded_template: str) -> UnitIndex:
    """The look-up index of the filled database."""
    return _built[0]


@pytest.fixture
async def units_db(postgres: embedded_postgres.EmbeddedServer, seeded_template: str) -> AsyncIterator[str]:
    """The application's pool, open on a fresh copy of the filled database; gives its address as the owner."""
    name = next(_names)
    with psycopg.connect(postgres.url("postgres", "postgres"), autocommit=True) as connection:
        embedded_postgres.ensure_database(connection, name, seeded_template)
    await database.open_pool(postgres.url(embedded_postgres.APP, name))
    yield postgres.url(embedded_postgres.OWNER, name)
    await live.stop()
    await database.close_pool()
    with psycopg.connect(postgres.url("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
