"""A whole platform for a bench: `./mattranso run` in processes of its own, on a data directory and a port of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mattranso_app.settings import ROOT


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

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)


def start(data_dir: Path, port: int | None = None, patience: float = 180.0) -> Platform:
    """Start the platform on `data_dir` and wait until it answers.

    Raises:
        RuntimeError: it ended or did not answer within `patience` seconds; the message is its own output.
    """
    port = port or free_port()
    data_dir.mkdir(parents=True, exist_ok=True)
    output = (data_dir / "run.log").open("ab")
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "mattranso_app.cli", "run", "--demo", "--port", str(port)],
        cwd=ROOT,
        env={**os.environ, "MTS_DATA_DIR": str(data_dir), "MTS_ENV": "demo"},
        stdout=output,
        stderr=output,
        start_new_session=True,
    )
    while time.monotonic() - started < patience:
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2).read()
            return Platform(port, data_dir, process, time.monotonic() - started)
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    process.kill()
    raise RuntimeError((data_dir / "run.log").read_text()[-4000:])


@contextmanager
def running(data_dir: Path | None = None) -> Iterator[Platform]:
    """Give a running platform, on a throw-away data directory unless told otherwise."""
    with tempfile.TemporaryDirectory(prefix="mattranso-bench-") as temporary:
        platform = start(data_dir or Path(temporary))
        try:
            yield platform
        finally:
            platform.stop()
