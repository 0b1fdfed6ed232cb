"""A whole platform for a bench: `./mattranso run` in processes of its own, on a data directory and a port of its own."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil

from mattranso_app.core import embedded_postgres
from mattranso_app.settings import ROOT

_UNVERIFIED = ssl._create_unverified_context()  # noqa: S323 - our own address, which no certificate names


def free_port() -> int:
    """Return a port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Platform:
    """A running platform: its address, its data and its parent process."""

    port: int
    data_dir: Path
    process: subprocess.Popen[bytes]
    seconds_to_ready: float

    @property
    def origin(self) -> str:
        """The address a browser types."""
        return f"http://localhost:{self.port}"

    def database_url(self, role: str = embedded_postgres.OWNER) -> str:
        """Return the libpq address of its embedded database for `role`, for looking at what really lies there."""
        lines = (self.data_dir / "postgres" / "postmaster.pid").read_text().splitlines()
        return f"postgresql://{role}@/{embedded_postgres.DATABASE}?host={quote(lines[4], safe='')}&port={lines[3]}"

    def accounts(self) -> dict[str, str]:
        """Return user name → password of the demonstration accounts."""
        lines = (self.data_dir / "demo-accounts.txt").read_text().splitlines()
        return {line.split()[0]: line.split()[1] for line in lines if line.strip()}

    def web_process(self) -> int:
        """Return the number of the process that serves, as it says itself."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return int(float(next(line.split()[1] for line in lines if line.startswith("mattranso_process_id "))))

    def postmaster(self) -> int:
        """Return the number of PostgreSQL's main process.

        Raises:
            FileNotFoundError: it is being started anew just now.
        """
        return int((self.data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0])

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self, *, database: bool = True) -> None:
        """End it as a power cut does: SIGKILL to each of its processes, with `database` to PostgreSQL's too."""
        roots = [self.process.pid]
        if database:
            with suppress(OSError, ValueError, IndexError):
                roots.append(self.postmaster())
        kill_trees(roots)
        self.process.wait(10)


def kill_trees(roots: list[int]) -> None:
    """SIGKILL the processes `roots` with all they have started, and wait until they are gone."""
    doomed: list[psutil.Process] = []
    for root in roots:
        with suppress(psutil.NoSuchProcess):
            parent = psutil.Process(root)
            doomed += [parent, *parent.children(recursive=True)]
    for process in doomed:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(doomed, timeout=10)


def start(
    data_dir: Path, port: int | None = None, patience: float = 180.0, settings: Mapping[str, str] | None = None
) -> Platform:
    """Start the platform on `data_dir` and wait until it answers.

    Args:
        data_dir: its data directory, made when missing.
        port: where it listens; a free one when None.
        patience: seconds it may take.
        settings: settings that differ from the demonstration's, by the names of the environment (`MTS_…`).

    Raises:
        RuntimeError: it ended or did not answer in time; the message is its own output.
    """
    port = port or free_port()
    data_dir.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    ready = f"{'https' if settings and 'MTS_TLS_KEY' in settings else 'http'}://127.0.0.1:{port}/readyz"
    with (data_dir / "run.log").open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "mattranso_app.cli", "run", "--demo", "--port", str(port)],
            cwd=ROOT,
            env={**os.environ, "MTS_DATA_DIR": str(data_dir), "MTS_ENV": "demo", **(settings or {})},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    platform = Platform(port, data_dir, process, 0.0)
    while time.monotonic() - started < patience:
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(ready, timeout=2, context=_UNVERIFIED).read()  # noqa: S310 - our own address
            platform.seconds_to_ready = time.monotonic() - started
            return platform
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    if process.poll() is None:
        platform.kill()
    raise RuntimeError((data_dir / "run.log").read_text()[-4000:])


@contextmanager
def running(data_dir: Path | None = None, settings: Mapping[str, str] | None = None) -> Iterator[Platform]:
    """Give a running platform, on a throw-away data directory unless told otherwise."""
    with tempfile.TemporaryDirectory(prefix="mattranso-bench-") as temporary:
        platform = start(data_dir or Path(temporary), settings=settings)
        try:
            yield platform
        finally:
            platform.stop()
