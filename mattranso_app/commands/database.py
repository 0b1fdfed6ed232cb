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
from mattranso_app.migrations import head_revision, known_revisions
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
def database(say: Callable[[str], None] = _nothing, *, migrated: bool = False) -> Iterator[Database]:
    """Give the command its database and tell this process's settings about it.

    Args:
        say: where progress goes.
        migrated: whether the command needs the tables as this version of the software knows them.

    Raises:
        CommandFailed: the data directory or the database server cannot be used, or its tables are others.
    """
    config = settings()
    if config.database_url:
        given = Database(libpq_url(config.database_url), libpq_url(config.migration_url or config.database_url), None)
        for url in dict.fromkeys((given.url, given.owner_url)):
            _check_reachable(url)
        if migrated:
            check_migrated(given.owner_url)
        yield given
        return
    directory = config.data_dir / "postgres"
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandFailed(f"không ghi được vào thư mục dữ liệu {config.data_dir} ({error.strerror}).") from error
    say("Khởi động PostgreSQL…")
    try:
        server = embedded_postgres.start(directory)
    except (OSError, embedded_postgres.StartFailed, psycopg.Error) as error:
        raise CommandFailed(
            f"PostgreSQL đi kèm không khởi động được; xem {directory / 'log'}. Nguyên nhân thường gặp: đĩa đầy, "
            f"thiếu quyền ghi. PostgreSQL báo: {str(error).strip() or type(error).__name__}"
        ) from error
    os.environ["MTS_DATABASE_URL"] = server.url()
    os.environ["MTS_MIGRATION_URL"] = server.url(embedded_postgres.OWNER)
    settings.cache_clear()
    try:
        if migrated:
            check_migrated(server.url(embedded_postgres.OWNER))
        yield Database(server.url(), server.url(embedded_postgres.OWNER), server)
    finally:
        os.environ.pop("MTS_DATABASE_URL", None)
        os.environ.pop("MTS_MIGRATION_URL", None)
        settings.cache_clear()
        server.stop()


def _check_reachable(url: str) -> None:
    """Try the address once.

    Raises:
        CommandFailed: nobody answers, or not to this name and password.
    """
    try:
        psycopg.connect(url, connect_timeout=10).close()
    except psycopg.Error as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[-1]
        raise CommandFailed(
            "không nối được PostgreSQL theo MTS_DATABASE_URL (hoặc MTS_MIGRATION_URL); kiểm tra máy chủ có đang chạy, "
            f"địa chỉ, tên và mật khẩu. PostgreSQL báo: {reason}"
        ) from error


def revision_of(url: str) -> str:
    """Return the revision the database at `url` is at, without loading Alembic; empty when it was never migrated."""
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT to_regclass('public.alembic_version') IS NOT NULL").fetchone()
        if not found or not found[0]:
            return ""
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else ""


def check_migrated(url: str) -> None:
    """Make sure that the database has the tables this version of the software knows.

    Raises:
        CommandFailed: it has none yet, older ones, or those of a newer version.
    """
    found = revision_of(url)
    if found == head_revision():
        return
    if not found:
        raise CommandFailed("cơ sở dữ liệu còn trống; hãy chạy ./mattranso run (hoặc ./mattranso migrate) một lần trước.")
    if found in known_revisions():
        raise CommandFailed(f"cơ sở dữ liệu còn ở phiên bản cũ ({found}); hãy chạy ./mattranso migrate.")
    raise CommandFailed(f"cơ sở dữ liệu thuộc phiên bản phần mềm mới hơn ({found}); hãy cập nhật phần mềm.")


def check_role(url: str) -> None:
    """Make sure that the application does not work as who owns the tables: it could take the audit log's locks off.

    Raises:
        CommandFailed: the role of `url` is a superuser, or the owner of the log or a member of it.
    """
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT r.rolsuper OR pg_has_role(current_user, c.relowner, 'MEMBER') FROM pg_class c, pg_roles r "
            "WHERE c.oid = to_regclass('public.audit_log') AND r.rolname = current_user"
        ).fetchone()
    if found and found[0]:
        raise CommandFailed(
            "MTS_DATABASE_URL đang dùng vai trò sở hữu các bảng, nên nhật ký không còn được bảo vệ; "
            "hãy dùng mattranso_app, và đặt vai trò sở hữu vào MTS_MIGRATION_URL."
        )
