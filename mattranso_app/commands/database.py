"""A database for a command: the configured one, or the embedded one started for as long as the command runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from mattranso_app.cli import CommandFailed
from mattranso_app.core import embedded_postgres
from mattranso_app.core.db import libpq_url
from mattranso_app.settings import settings


@dataclass(frozen=True, slots=True)
class Database:
    """Where the application and the owner connect; `server` only when embedded."""

    url: str
    owner_url: str
    server: embedded_postgres.EmbeddedServer | None


def _nothing(_words: str) -> None:
    return None


@contextmanager
def database(say: Callable[[str], None] = _nothing) -> Iterator[Database]:
    """Give the command its database and tell this process's settings about it.

    Args:
        say: where progress goes.

    Raises:
        CommandFailed: the data directory or the database server cannot be used.
    """
    config = settings()
    if config.database_url:
        yield Database(libpq_url(config.database_url), libpq_url(config.migration_url or config.database_url), None)
        return
    directory = config.data_dir / "postgres"
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandFailed(f"không ghi được vào thư mục dữ liệu {config.data_dir} ({error.strerror}).") from error
    say("Khởi động PostgreSQL…")
    try:
        server = embedded_postgres.start(directory)
    except (OSError, RuntimeError, psycopg.Error, Exception) as error:  # the wheel raises bare subprocess errors
        raise CommandFailed(
            f"PostgreSQL trong máy không khởi động được; xem {directory / 'log'}. Nguyên nhân thường gặp: đĩa đầy, "
            f"thiếu quyền ghi. ({type(error).__name__})"
        ) from error
    os.environ["MTS_DATABASE_URL"] = server.url()
    os.environ["MTS_MIGRATION_URL"] = server.url(embedded_postgres.OWNER)
    settings.cache_clear()
    try:
        yield Database(server.url(), server.url(embedded_postgres.OWNER), server)
    finally:
        os.environ.pop("MTS_DATABASE_URL", None)
        os.environ.pop("MTS_MIGRATION_URL", None)
        settings.cache_clear()
        server.stop()


def is_migrated(url: str, head: str) -> bool:
    """Return whether the database at `url` is at revision `head`, without loading Alembic."""
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT to_regclass('public.alembic_version') IS NOT NULL").fetchone()
        if not found or not found[0]:
            return False
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return row is not None and row[0] == head
