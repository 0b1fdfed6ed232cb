"""The whole platform while its database and its worker are killed under it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from mattranso_app.bench import running
from mattranso_app.bench.running import Platform
from mattranso_app.settings import ROOT

pytestmark = pytest.mark.drill
RECOVERY_SECONDS = 30.0


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform of its own, as `./mattranso run` starts it."""
    started = running.start(tmp_path_factory.mktemp("platform"))
    yield started
    started.stop()


def get(platform: Platform, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"{platform.origin}{path}", timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def until_ready(platform: Platform) -> list[tuple[int, str]]:
    """What the API answers until the platform can do its work again."""
    said = []
    deadline = time.monotonic() + RECOVERY_SECONDS
    while time.monotonic() < deadline:
        said.append(get(platform, "/api/v1/units?level=province&limit=1"))
        if get(platform, "/readyz")[0] == 200:
            return said
    raise AssertionError(f"not ready again; last answers: {said[-3:]}")


def worker_of(platform: Platform) -> psutil.Process | None:
    for child in psutil.Process(platform.process.pid).children(recursive=True):
        with suppress(psutil.Error):  # it ended meanwhile
            if "worker" in child.cmdline():
                return child
    return None


def test_postgresql_is_killed_and_comes_back_by_itself(platform: Platform) -> None:
    for _ in range(2):
        assert get(platform, "/readyz")[0] == 200
        os.kill(platform.postmaster(), signal.SIGKILL)
        said = until_ready(platform)
        refused = [json.loads(body) for status, body in said if status == 503]
        assert {status for status, _ in said} <= {200, 503}
        assert all("Hệ thống đang bận" in problem["detail"] for problem in refused)
        assert get(platform, "/healthz")[0] == 200
        assert get(platform, "/api/v1/units?level=province&limit=1")[0] == 200
        assert get(platform, "/")[0] == 200


def test_the_worker_is_killed_and_started_again(platform: Platform) -> None:
    deadline = time.monotonic() + RECOVERY_SECONDS
    killed = worker_of(platform)
    assert killed is not None
    killed.kill()
    while (found := worker_of(platform)) is None or found.pid == killed.pid:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_second_one_on_the_same_port_says_so(platform: Platform, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mattranso_app.cli", "run", "--port", str(platform.port)]
    environment = {**os.environ, "MTS_DATA_DIR": str(tmp_path), "MTS_ENV": "demo"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"Không thực hiện được: cổng {platform.port} đang được chương trình khác dùng")
    assert "Traceback" not in done.stderr


def test_stopped_it_leaves_nothing_running(platform: Platform) -> None:
    tree = [psutil.Process(platform.process.pid), *psutil.Process(platform.process.pid).children(recursive=True)]
    tree.append(psutil.Process(platform.postmaster()))
    platform.stop()
    assert platform.process.returncode == 0
    _, alive = psutil.wait_procs(tree, timeout=15)
    assert alive == []
    assert "Đã dừng gọn gàng." in (platform.data_dir / "run.log").read_text()
