"""A database filled with the country's units, made once and copied for each test."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import sql

from mattranso_app.core import db as database
from mattranso_app.core import embedded_postgres
from mattranso_app.units.index import UnitIndex
from mattranso_app.units.lookup import current_index
from mattranso_app.units.seed import seed_units

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
    await database.close_pool()
    with psycopg.connect(postgres.url("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
