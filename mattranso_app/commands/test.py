"""`./mattranso test`: lint, types, import rules and all tests on a real PostgreSQL and a production build.

`.ci/run` calls exactly this. `--all` adds the long drills. Other words go to pytest as they are, and then only pytest runs.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from mattranso_app import frontend
from mattranso_app.cli import CommandFailed
from mattranso_app.settings import ROOT

SYSTEM_PACKAGES = ROOT / "system-packages.txt"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


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
    environment = {**os.environ, "MTS_CHROMIUM": find_chromium()}
    if not frontend.is_built():
        print("· dựng giao diện", flush=True)
        try:
            frontend.build()
        except frontend.BuildFailed as error:
            raise CommandFailed(f"không dựng được giao diện:\n{error}") from error
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
        ("kiểm thử", pytest),
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


def find_chromium() -> str:
    """Return the path of a Chromium: the machine's, else installed from the system's packages, else Playwright's own.

    Raises:
        CommandFailed: there is no way to get one.
    """
    found = os.environ.get("MTS_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if found:
        return found
    if shutil.which("apt-get") and os.geteuid() == 0:
        packages = [line.split("#")[0].strip() for line in SYSTEM_PACKAGES.read_text().splitlines()]
        print("· cài gói hệ thống (system-packages.txt)", flush=True)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.call(["apt-get", "update", "-qq"], env=quiet)
        subprocess.call(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *filter(None, packages)], env=quiet)
        found = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
        if found:
            return found
    subprocess.call([sys.executable, "-m", "playwright", "install", "chromium"])
    found = _playwrights_own()
    if not found:
        raise CommandFailed("không tìm thấy Chromium. Cài các gói trong system-packages.txt, hoặc đặt MTS_CHROMIUM.")
    return found


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None
