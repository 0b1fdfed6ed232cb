"""Finding a Chromium for browser tests and benches: the machine's, else from the system's packages, else Playwright's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from mattranso_app.settings import ROOT

SYSTEM_PACKAGES = ROOT / "system-packages.txt"
NAMES = ("chromium", "chromium-browser", "google-chrome")


class ChromiumMissing(Exception):
    """There is no Chromium and no way to get one; the message says what to do."""


def find_chromium() -> str:
    """Return the path of a Chromium: the machine's, else installed from the system's packages, else Playwright's own.

    Raises:
        ChromiumMissing: there is no way to get one.
    """
    found = os.environ.get("MTS_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return found
    if shutil.which("apt-get") and os.geteuid() == 0:
        packages = [line.split("#")[0].strip() for line in SYSTEM_PACKAGES.read_text().splitlines()]
        print("· cài gói hệ thống (system-packages.txt)", flush=True)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.call(["apt-get", "update", "-qq"], env=quiet)
        subprocess.call(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *filter(None, packages)], env=quiet)
        found = next(filter(None, map(shutil.which, NAMES)), None)
        if found:
            return found
    subprocess.call([sys.executable, "-m", "playwright", "install", "chromium"])
    found = _playwrights_own()
    if not found:
        raise ChromiumMissing("không tìm thấy Chromium. Cài các gói trong system-packages.txt, hoặc đặt MTS_CHROMIUM.")
    return found


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None
