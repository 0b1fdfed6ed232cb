"""A platform whose web process and database are killed together, the moment it is up, comes back by itself."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from mattranso_app.bench import running


@pytest.mark.drill
def test_the_platform_comes_back_when_web_process_and_database_are_killed_at_once(tmp_path: Path) -> None:
    platform = running.start(tmp_path)
    try:
        killed = platform.web_process()
        running.kill_trees([platform.postmaster(), killed])
        deadline = time.monotonic() + 90
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{platform.port}/readyz", timeout=2).read()
                break
            except (urllib.error.URLError, OSError):
                assert platform.process.poll() is None, (tmp_path / "run.log").read_text()[-2000:]
                assert time.monotonic() < deadline, (tmp_path / "run.log").read_text()[-2000:]
                time.sleep(0.05)
        assert platform.web_process() != killed
    finally:
        platform.stop()
