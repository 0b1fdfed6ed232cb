"""The audit log is append-only and every tampering is found."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from mattranso_app.core import audit
from mattranso_app.core.access import SYSTEM
from mattranso_app.core.db import reading, transaction


async def write(subject: str, count: int = 1) -> None:
    for number in range(count):
        async with transaction() as session:
            await audit.record(session, SYSTEM, "test.act", subject, {"number": number})


async def faults() -> list[str]:
    async with reading() as session:
        return [fault.reason for fault in (await audit.verify(session))[1]]


def tamper(owner_url: str, statement: str) -> None:
    with psycopg.connect(owner_url) as connection:
        connection.execute("ALTER TABLE audit_log DISABLE TRIGGER USER")
        connection.execute(statement)
        connection.execute("ALTER TABLE audit_log ENABLE TRIGGER USER")


async def test_concurrent_writers_leave_whole_chains(db: str) -> None:
    await asyncio.gather(*(write(f"thing:{number % 7}", 5) for number in range(15)))
    async with reading() as session:
        assert await audit.verify(session) == (75, [])


@pytest.mark.parametrize("statement", ["UPDATE audit_log SET detail = '{}'", "DELETE FROM audit_log", "TRUNCATE audit_log"])
async def test_application_role_cannot_change_it(db: str, statement: str) -> None:
    await write("thing:1")
    with pytest.raises(DBAPIError):
        async with transaction() as session:
            await session.execute(text(statement))
    assert await faults() == []


@pytest.mark.parametrize("statement", ["UPDATE audit_log SET detail = '{}'", "DELETE FROM audit_log", "TRUNCATE audit_log"])
async def test_even_the_owner_is_refused_by_the_trigger(db: str, owner_url: str, statement: str) -> None:
    await write("thing:1")
    with psycopg.connect(owner_url) as connection, pytest.raises(psycopg.errors.RestrictViolation):
        connection.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET detail = replace(detail, '1', '2') WHERE ordinal = 2",
        "UPDATE audit_log SET at = at + interval '1 microsecond' WHERE ordinal = 2",
        "UPDATE audit_log SET subject = subject || ' ' WHERE ordinal = 2",
        "DELETE FROM audit_log WHERE ordinal = 2",
        "DELETE FROM audit_log WHERE ordinal = 3",
        "DELETE FROM audit_log",
    ],
)
async def test_one_changed_byte_or_missing_row_is_found(db: str, owner_url: str, statement: str) -> None:
    await write("thing:1", 3)
    assert await faults() == []
    tamper(owner_url, statement)
    assert await faults()


async def test_rolled_back_act_leaves_no_row(db: str) -> None:
    with pytest.raises(RuntimeError):
        async with transaction() as session:
            await audit.record(session, SYSTEM, "test.act", "thing:1")
            raise RuntimeError
    async with reading() as session:
        assert await audit.verify(session) == (0, [])
