"""The embedded server comes back after whatever a machine does to it, and says in one sentence when it cannot."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from mattranso_app.core import embedded_postgres
from mattranso_app.core.embedded_postgres import EmbeddedServer, StartFailed, start
from mattranso_app.settings import ROOT


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A cluster that was made, started and stopped once; making one takes seconds."""
    with tempfile.TemporaryDirectory(prefix="mattranso-pg-") as folder:
        start(Path(folder) / "made", durable=False).stop()
        yield Path(folder) / "made"


@pytest.fixture
def nowhere() -> Iterator[Path]:
    """Where a cluster of this test may come to lie; what still runs there at the end is killed."""
    with tempfile.TemporaryDirectory(prefix="mattranso-pg-") as folder:
        path = Path(folder) / "postgres"
        yield path
        for process in postgres_processes(path):
            process.kill()
        psutil.wait_procs(postgres_processes(path), timeout=10)


@pytest.fixture
def directory(nowhere: Path, made: Path) -> Path:
    """A stopped cluster of this test."""
    subprocess.run(["cp", "-a", str(made), str(nowhere)], check=True)
    return nowhere


def postgres_processes(directory: Path) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["name"])
        if embedded_postgres._works_in(process, directory.resolve())
    ]


def say(server: EmbeddedServer, statement: str) -> object:
    with psycopg.connect(server.url(embedded_postgres.OWNER)) as connection:
        row = connection.execute(statement).fetchone() if statement.startswith("SELECT") else connection.execute(statement)
    return row[0] if isinstance(row, tuple) else None


def kill_postmaster(directory: Path) -> int:
    """Kill the server's first process as a machine out of memory does."""
    pid = int((directory / "postmaster.pid").read_text().splitlines()[0])
    process = psutil.Process(pid)
    os.kill(pid, signal.SIGKILL)
    process.wait(10)
    return pid


def test_what_was_committed_is_there_after_a_kill_and_the_address_stays(directory: Path) -> None:
    server = start(directory)
    say(server, "CREATE TABLE kept (n int)")
    say(server, "INSERT INTO kept VALUES (7)")
    assert server.is_alive()
    kill_postmaster(directory)
    assert not server.is_alive()
    server.revive()
    assert server.is_alive()
    assert say(server, "SELECT n FROM kept") == 7
    server.stop()
    assert postgres_processes(directory) == []
    again = start(directory, durable=False)
    assert again.url() == server.url()
    assert say(again, "SELECT n FROM kept") == 7
    again.stop()


@pytest.mark.parametrize("content", ["{me}\n/elsewhere\n1700000000\n5432\n/tmp\n\n  1 1\nready   \n", "", "half a fi"])
def test_a_pid_file_that_names_no_server_of_ours(directory: Path, content: str) -> None:
    (directory / "postmaster.pid").write_text(content.format(me=os.getpid()))
    server = start(directory, durable=False)
    assert say(server, "SELECT 1") == 1
    server.stop()


def test_making_the_cluster_was_cut_off(directory: Path) -> None:
    (directory / embedded_postgres._CONFIG_FILE).unlink()
    (directory / "global" / "pg_control").unlink()
    server = start(directory, durable=False)
    assert say(server, "SELECT 1") == 1
    server.stop()
    assert len(list(directory.parent.glob("postgres.unfinished-*"))) == 1


def test_a_folder_others_may_read_is_closed_again(directory: Path) -> None:
    directory.chmod(0o777)
    server = start(directory, durable=False)
    assert directory.stat().st_mode & 0o777 == 0o700
    server.stop()


def test_a_broken_list_of_users_of_the_server(directory: Path) -> None:
    (directory / ".handle_pids.json").write_text("[12, 3")
    server = start(directory, durable=False)
    server.stop()
    assert postgres_processes(directory) == []


def test_several_starts_at_once_share_one_server(nowhere: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from mattranso_app.core.embedded_postgres import start\n"
        "import psycopg\n"
        "server = start(Path(sys.argv[1]), durable=False)\n"
        "print(psycopg.connect(server.url()).execute('SELECT pg_postmaster_start_time()').fetchone()[0], flush=True)\n"
        "sys.stdin.read()\n"
        "server.stop()\n"
    )
    starts = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", code, str(nowhere)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        for _ in range(3)
    ]
    said = {process.stdout.readline() for process in starts if process.stdout}
    assert len(said) == 1
    assert said != {""}
    assert len([one for one in postgres_processes(nowhere) if one.ppid() == 1 or "-D" in one.cmdline()]) == 1
    for process in starts:
        process.communicate("")
    assert [process.returncode for process in starts] == [0, 0, 0]
    assert postgres_processes(nowhere) == []


def test_its_log_holds_nothing_that_people_sent_and_does_not_grow_for_ever(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = start(directory, durable=False)
    say(server, "CREATE TABLE unique_phone (phone text PRIMARY KEY, CHECK (phone <> 'x'))")
    with psycopg.connect(server.url(embedded_postgres.OWNER), autocommit=True) as connection:
        connection.execute("INSERT INTO unique_phone VALUES ('0912345678')")
        for refused in ("INSERT INTO unique_phone VALUES (%s)", "INSERT INTO unique_phone SELECT %s, 1", "SELECT %s::text, no_such"):
            with pytest.raises(psycopg.Error):
                connection.execute(refused, ["0912345678"])
    server.stop()
    log = (directory / "log").read_text()
    assert "unique_phone_pkey" in log
    assert "0912345678" not in log
    monkeypatch.setattr(embedded_postgres, "LOG_BYTES", 10)
    start(directory, durable=False).stop()
    assert (directory / "log.1").read_text() == log
    assert "unique_phone_pkey" not in (directory / "log").read_text()


def test_a_server_that_cannot_start_says_why_and_soon(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (directory / "postgresql.auto.conf").write_text("max_connections = 'many'\n")
    monkeypatch.setattr(embedded_postgres, "REFUSAL_PATIENCE", 0.5)
    began = time.monotonic()
    with pytest.raises(StartFailed, match="postgresql.auto.conf"):
        start(directory, durable=False)
    assert time.monotonic() - began < 30


def test_a_full_disk_at_the_first_start(nowhere: Path) -> None:
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(nowhere.parent)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("no right to mount a small file system here")
    try:
        with pytest.raises((StartFailed, OSError), match=r"[Nn]o space left"):
            start(nowhere, durable=False)
    finally:
        subprocess.run(["umount", str(nowhere.parent)], check=True)
