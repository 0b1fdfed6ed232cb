"""The two promises of packaging: a machine with only Python and a shell runs the platform, and the Dockerfile's steps work.

The steps are carried out in a clean folder that holds what is tracked and nothing else, with a PATH on which there is
no Node, no database and no compiler. What this machine has by luck cannot help.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from mattranso_app.bench.running import free_port
from mattranso_app.settings import ROOT

SHELL_TOOLS = ("sh", "cat", "cksum", "dirname", "rm", "env")
"""All the launcher may use besides Python."""


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file()]


def ignored(path: Path) -> bool:
    """Whether .dockerignore keeps `path` out, for the plain forms that file uses."""
    patterns = [line.removeprefix("**/") for line in (ROOT / ".dockerignore").read_text().splitlines() if line]
    return any(path.match(pattern) or path.is_relative_to(pattern) or pattern in path.parts for pattern in patterns)


def copy(sources: list[Path], target: Path) -> None:
    for path in sources:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, target / path)


@pytest.fixture(scope="module")
def bare_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment of a machine that has Python and a shell."""
    tools = tmp_path_factory.mktemp("tools")
    for name in SHELL_TOOLS:
        (tools / name).symlink_to(str(shutil.which(name)))
    (tools / "python3").symlink_to(getattr(sys, "_base_executable", sys.executable))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MTS_", "PYTHON", "VIRTUAL_ENV"))}
    npm = shutil.which("npm")
    if npm and "NPM_CONFIG_REGISTRY" not in environment:
        asked = subprocess.run([npm, "config", "get", "registry"], capture_output=True, text=True, check=True)
        environment["NPM_CONFIG_REGISTRY"] = asked.stdout.strip()
    return environment | {"PATH": str(tools)}


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory, bare_environment: dict[str, str]) -> Path:
    """A folder in which the Dockerfile's own steps were carried out."""
    folder = tmp_path_factory.mktemp("image")
    files = [path for path in tracked_files() if not ignored(path)]
    steps = 0
    for line in (ROOT / "Dockerfile").read_text().splitlines():
        word, _, rest = line.partition(" ")
        if word == "COPY":
            *sources, target = shlex.split(rest)
            for source in sources:
                chosen = [path for path in files if source == "." or path == Path(source) or path.is_relative_to(source)]
                assert chosen, f"the Dockerfile copies {source}, which is not tracked"
                assert source == "." or (Path(target) / Path(source).name) == Path(source), "COPY would put it somewhere else"
                copy(chosen, folder)
        elif word == "RUN" and rest.startswith("./mattranso"):
            done = subprocess.run(["sh", "-c", rest], cwd=folder, env=bare_environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
            steps += 1
    assert steps == 2, "the Dockerfile installs and builds"
    return folder


class Running:
    """`./mattranso run` in a folder, followed until it says that it is ready."""

    def __init__(self, folder: Path, environment: dict[str, str], port: int) -> None:
        self.log = folder / "run.log"
        with self.log.open("w") as output:
            self.process = subprocess.Popen(
                ["./mattranso", "run", "--port", str(port)], cwd=folder, env=environment, stdout=output, stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + 180
        while "Ctrl-C" not in self.log.read_text():
            if time.monotonic() > deadline or self.process.poll() is not None:
                self.end(signal.SIGKILL)
                raise AssertionError(self.log.read_text()[-4000:])
            time.sleep(0.1)

    def end(self, how: signal.Signals) -> str:
        """Send a signal to all of it; return what was printed."""
        os.killpg(self.process.pid, how)
        self.process.wait(60)
        return self.log.read_text()


def test_a_bare_machine_runs_the_platform_and_recovers_from_a_kill(packaged: Path, bare_environment: dict[str, str]) -> None:
    port = free_port()
    first = Running(packaged, bare_environment, port)
    page = urllib.request.urlopen(f"http://localhost:{port}/", timeout=10).read().decode()
    assert "<h1" in page
    first.end(signal.SIGKILL)

    second = Running(packaged, bare_environment, port)
    printed = second.end(signal.SIGINT)
    assert second.process.returncode == 0, printed
    assert "Đã dừng gọn gàng." in printed
    assert f"http://localhost:{port}" in printed
    assert "phuxuan.xuly" in printed
    assert "Dựng giao diện" not in printed, "the image was built already"
    assert "Traceback" not in printed
    assert "Warning" not in printed
