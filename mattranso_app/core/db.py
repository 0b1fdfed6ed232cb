"""The database: one pool per process, one way to open a transaction.

Services write inside `transaction()`; readers use `reading()`, which PostgreSQL itself keeps from writing. The pool is
opened in the lifespan of the server (or of a job, a command, a test), never at import.
"""

from __future__ import annotations

import select
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast

import psycopg
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from mattranso_app.core import disk
from mattranso_app.core.errors import Unavailable
from mattranso_app.settings import settings

Reader = AsyncSession | AsyncConnection
"""What a query may be asked of: a transaction, or a connection lent by `glance`."""

_engine: AsyncEngine | None = None

_AFTER_COMMIT = "mts_after_commit"


def sqlalchemy_url(url: str) -> str:
    """Return `url` (postgresql://…) in the form SQLAlchemy wants for psycopg."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url[len(prefix) :]
    return url


def libpq_url(url: str) -> str:
    """Return `url` in the form psycopg and the PostgreSQL programs want."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


async def open_pool(url: str | None = None) -> None:
    """Open the connection pool of this process.

    Args:
        url: where the database is; the setting `database_url` when None.
    """
    global _engine
    await close_pool()
    config = settings()
    options = f"-c statement_timeout={config.statement_timeout} -c idle_in_transaction_session_timeout=60000"
    _engine = create_async_engine(
        sqlalchemy_url(url or config.database_url),
        pool_size=config.database_pool,
        max_overflow=0,
        pool_timeout=10,
        pool_recycle=1800,
        hide_parameters=True,  # neither a log line nor an error's words repeat what people sent
        connect_args={
            "options": options + " -c timezone=UTC", "application_name": "mattranso",
            "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3,
        },  # fmt: skip
    )
    event.listen(_engine.sync_engine, "checkout", _refuse_dead)


def _refuse_dead(_connection: object, record: ConnectionPoolEntry, _proxy: object) -> None:
    """Have a connection replaced whose server is gone, without a round trip: a dead line is readable, an idle one is not.

    Raises:
        DisconnectionError: to the pool, which then connects anew.
    """
    driver = cast("psycopg.AsyncConnection[object]", record.driver_connection)
    if driver.closed:
        raise DisconnectionError
    waiting = select.poll()  # select() itself stops at 1,024 open files, and each live viewer is one
    waiting.register(driver.fileno(), select.POLLIN)
    if waiting.poll(0):
        raise DisconnectionError


async def close_pool() -> None:
    """Close the pool; safe to call twice."""
    global _engine
    if _engine is not None:
        await _engine.dispose()
        _engine = None


def engine() -> AsyncEngine:
    """Return the open engine.

    Raises:
        RuntimeError: the pool has not been opened in this process.
    """
    if _engine is None:
        raise RuntimeError("the database pool is not open: call open_pool() in the lifespan")
    return _engine


def database_url() -> str:
    """Return the libpq address of the open pool, for LISTEN connections and jobs."""
    return libpq_url(engine().url.render_as_string(hide_password=False))


def after_commit(session: AsyncSession, callback: Callable[[], None]) -> None:
    """Run `callback` once when the transaction of `session` has committed; never when it rolls back."""
    session.sync_session.info.setdefault(_AFTER_COMMIT, []).append(callback)


@asynccontextmanager
async def transaction() -> AsyncIterator[AsyncSession]:
    """Open a transaction: committed when the block ends, rolled back when it raises.

    Yields:
        The session to write with.

    Raises:
        Unavailable: the database cannot be reached or refuses writes (disk full, read-only standby).
    """
    disk.check_room_for_database()
    async with AsyncSession(engine(), expire_on_commit=False) as session:
        with _plain_words():
            async with session.begin():
                yield session
        for callback in session.sync_session.info.pop(_AFTER_COMMIT, []):
            callback()


@asynccontextmanager
async def reading() -> AsyncIterator[AsyncSession]:
    """Open a read-only transaction with one consistent view of the data.

    Yields:
        The session to read with.

    Raises:
        Unavailable: the database cannot be reached.
    """
    async with AsyncSession(engine(), expire_on_commit=False) as session:
        with _plain_words():
            async with session.begin():
                # Options of the connection travel with its BEGIN: no statement of their own, no round trip.
                await session.connection(execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True})
                yield session


@asynccontextmanager
async def glance() -> AsyncIterator[AsyncConnection]:
    """Lend a connection for single statements, each its own transaction: one round trip, for what runs again and again.

    Yields:
        A connection in autocommit mode.

    Raises:
        Unavailable: the database cannot be reached.
    """
    with _plain_words():
        async with engine().connect() as connection:
            yield await connection.execution_options(isolation_level="AUTOCOMMIT")


class _plain_words:
    """Turn faults of the database server into the words a person can act on."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _tb: object) -> None:
        if isinstance(error, PoolTimeout):
            raise Unavailable() from error  # every connection is busy
        cause = getattr(error, "orig", error)
        if isinstance(cause, psycopg.errors.DiskFull | psycopg.errors.ReadOnlySqlTransaction):
            raise Unavailable(disk.FULL) from error
        if isinstance(cause, psycopg.errors.SerializationFailure | psycopg.errors.DeadlockDetected):
            raise Unavailable("Nhiều người cùng cập nhật một lúc. Hãy thử lại.") from error
        if isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError) and not isinstance(
            cause, psycopg.errors.QueryCanceled
        ):
            raise Unavailable() from error
        if isinstance(cause, psycopg.errors.QueryCanceled):
            raise Unavailable("Yêu cầu này mất quá nhiều thời gian. Hãy thu hẹp điều kiện rồi thử lại.") from error


def count_statements(into: list[str]) -> Callable[[], None]:
    """Append each SQL statement this process sends to `into`, until the returned function is called. For tests and benches."""
    target = engine().sync_engine

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        into.append(statement)

    event.listen(target, "before_cursor_execute", note)
    return lambda: event.remove(target, "before_cursor_execute", note)
