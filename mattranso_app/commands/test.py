"""`./mattranso test`: lint, types, import rules and all tests on a real PostgreSQL and a production build.

`.ci/run` calls exactly this. `--all` adds the long drills. Other words go to pytest as they are, and then only pytest runs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from mattranso_app.chromium import ChromiumMissing, find_chromium
from mattranso_app.cli import CommandFailed
from mattranso_app.commands.run import build
from mattranso_app.settings import ROOT


def test(options: argparse.Namespace) -> int:
    """Run every check, or only pytest when arguments are given.

    Raises:
        CommandFailed: Chromium is neither here nor installable, or the front end does not build.
    """
    words = list(options.rest)
    if words in (["-h"], ["--help"]):
        print(__doc__)
        return 0
    drills = "--all" in words
    words = [word for word in words if word != "--all"]
    try:
        environment = {**os.environ, "MTS_CHROMIUM": find_chromium()}
    except ChromiumMissing as error:
        raise CommandFailed(str(error)) from error
    build()
    pytest = [sys.executable, "-m", "pytest", *(words or ["tests"])]
    if not drills and not words:
        pytest += ["-m", "not drill"]
    if words:
        return subprocess.call(pytest, cwd=ROOT, env=environment)
    return _all_steps(pytest, environment)


def _all_steps(pytest: list[str], environment: dict[str, str]) -> int:
    python = sys.executable
    steps = [
        ("lint", [python, "-m", "ruff", "check", "."]),
        ("kiểu dữ liệu", [python, "-m", "mypy"]),
        ("luật nhập khẩu", [str(Path(python).with_name("lint-imports")), "--no-cache"]),
        # Playwright's own loop fills the main thread, so what drives the platform in a browser runs in a process of its own.
        ("kiểm thử", [*pytest, "--ignore=tests/browser"]),
        ("kiểm thử bằng trình duyệt", [word if word != "tests" else "tests/browser" for word in pytest]),
    ]
    failed = []
    for name, command in steps:
        started = time.monotonic()
        print(f"· {name}", flush=True)
        code = subprocess.call(command, cwd=ROOT, env=environment)
        print(f"  {name}: {'đạt' if code == 0 else 'KHÔNG đạt'} ({time.monotonic() - started:.0f} giây)", flush=True)
        if code != 0:
            failed.append(name)
    print(f"Kết quả: {'tất cả đều đạt' if not failed else 'không đạt: ' + ', '.join(failed)}", flush=True)
    return 1 if failed else 0
