"""The pool and its transactions: readers cannot write, and a connection whose server is gone is replaced unseen."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from sqlalchemy import text

from mattranso_app.core import db as database
from mattranso_app.core.errors import Unavailable


async def test_a_reader_sees_one_moment_and_cannot_write(db: str) -> None:
    async with database.reading() as session:
        settings = (
            await session.execute(text("SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')"))
        ).one()
        assert tuple(settings) == ("repeatable read", "on")
        with pytest.raises(Unavailable):
            async with database.reading() as other:
                await other.execute(text("INSERT INTO throttle_hit (key, at) VALUES ('\\x00', now())"))


async def test_a_connection_is_lent_to_a_writer_as_if_nobody_had_read_with_it(db: str) -> None:
    for _ in range(3):
        async with database.reading() as session:
            reader = (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
        async with database.glance() as connection:
            assert (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one() == reader
        async with database.transaction() as session:
            row = (
                await session.execute(
                    text(
                        "SELECT pg_backend_pid(), current_setting('transaction_isolation'), current_setting('transaction_read_only')"
                    )
                )
            ).one()
            assert tuple(row) == (reader, "read committed", "off")
            await session.execute(text("INSERT INTO throttle_hit (key, at) VALUES ('\\x00', now())"))


async def test_connections_whose_server_went_away_are_replaced(db: str, owner_url: str) -> None:
    async def who() -> int:
        async with database.transaction() as session:
            await session.execute(text("SELECT pg_sleep(0.05)"))
            return int((await session.execute(text("SELECT pg_backend_pid()"))).scalar_one())

    before = set(await asyncio.gather(*(who() for _ in range(4))))
    assert len(before) == 4
    superuser = owner_url.replace("//mattranso_owner@", "//postgres@")
    async with await psycopg.AsyncConnection.connect(superuser, autocommit=True) as connection:
        for process in before:
            await connection.execute("SELECT pg_terminate_backend(%s, 5000)", [process])
    after = set(await asyncio.gather(*(who() for _ in range(4))))
    assert len(after) == 4
    assert not after & before
