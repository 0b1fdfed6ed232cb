"""One whole platform for the tests of trust: the built app with every layer, a small country, one actor of every kind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import psycopg
import pytest
import pytest_asyncio
from psycopg import sql
from starlette.types import ASGIApp

from mattranso_app.core import embedded_postgres
from mattranso_app.settings import settings
from tests.identity.browser import Browser, running
from tests.trust import petitions, probe
from tests.trust.cast import Cast, make_cast


@dataclass
class House:
    """The platform under test."""

    app: ASGIApp
    database_url: str
    owner_url: str
    cast: Cast
    numbers: dict[str, str] = field(default_factory=dict)
    secret: str = "chuyện chỉ cán bộ được đọc"

    def browser(self, name: str = "nobody", **more: str) -> Browser:
        """Return a browser of one of the cast, signed in unless it is nobody's."""
        return Browser(self.app, cookies=self.cast.cookies(name), **more)


@pytest.fixture(scope="package")
def house_database(postgres: embedded_postgres.EmbeddedServer, template: str) -> Iterator[str]:
    """Name of the database all tests of trust share."""
    with psycopg.connect(postgres.url("postgres", "postgres"), autocommit=True) as connection:
        embedded_postgres.ensure_database(connection, "test_trust", template)
        yield "test_trust"
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier("test_trust")))


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def house(postgres: embedded_postgres.EmbeddedServer, house_database: str) -> AsyncIterator[House]:
    """The app as a web process serves it, on a database with the cast in it."""
    from mattranso_app.server import prepare_environment

    prepare_environment()
    assert probe.ProbeState  # registered before the app learns its handlers
    from mattranso_app.mattranso_app import app

    before = settings().database_url
    settings().database_url = url = postgres.url(embedded_postgres.APP, house_database)
    try:
        async with running(app()) as asgi:
            built = House(asgi, url, postgres.url(embedded_postgres.OWNER, house_database), await make_cast())
            built.numbers["new"] = (await petitions.send(f"Đèn đường hỏng đã lâu, {built.secret}.", photos=1)).number
            built.numbers["private file"] = await petitions.photo_of(built.numbers["new"])
            built.numbers["published"] = (await petitions.send("Rác không ai dọn ở đầu ngõ đã ba ngày.", photos=1)).number
            await petitions.publish(built.cast, built.numbers["published"], petitions.ANSWER)
            built.numbers["public photo"] = await petitions.photo_of(built.numbers["published"])
            yield built
    finally:
        settings().database_url = before
