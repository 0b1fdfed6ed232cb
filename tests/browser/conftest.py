"""A whole platform on its production build, and Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from mattranso_app.bench import running
from mattranso_app.chromium import find_chromium


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[running.Platform]:
    """The platform with its demonstration data, as `./mattranso run` starts it."""
    started = running.start(tmp_path_factory.mktemp("platform"))
    yield started
    started.stop()


@pytest.fixture(scope="session")
def accounts(platform: running.Platform) -> dict[str, str]:
    """User name → password of the demonstration accounts."""
    lines = (platform.data_dir / "demo-accounts.txt").read_text().splitlines()
    return {line.split()[0]: line.split()[1] for line in lines if line.strip()}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A cheap phone's window."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN")
    yield context
    context.close()


@pytest.fixture
def desk(browser: Browser) -> Iterator[BrowserContext]:
    """An officer's window."""
    context = browser.new_context(viewport={"width": 1280, "height": 860}, locale="vi-VN")
    yield context
    context.close()


@pytest.fixture(scope="session")
def shots() -> Path:
    """Where screenshots go, for the eye."""
    place = Path("var/screenshots")
    place.mkdir(parents=True, exist_ok=True)
    return place
