"""A whole platform on its production build, and Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from mattranso_app.bench import running
from mattranso_app.chromium import find_chromium
from tests.browser import citizen


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


@pytest.fixture
def sign_in_citizen(platform: running.Platform) -> Callable[[Page, str], None]:
    """A way to sign in as a citizen: (page, telephone or e-mail)."""

    return lambda page, target: citizen.sign_in(page, platform, target)


@pytest.fixture
def publish(platform: running.Platform, browser: Browser, accounts: dict[str, str]) -> Callable[[str], None]:
    """A way to have an officer of Phú Xuân take a petition up and publish its question, at the desk as in life."""

    def act(number: str) -> None:
        context = browser.new_context(viewport={"width": 1280, "height": 860}, locale="vi-VN")
        page = context.new_page()
        page.goto(f"{platform.origin}/dang-nhap?tiep=/phan-anh/ban-lam-viec")
        page.locator("input[name=user_name]").fill("phuxuan.xuly")
        page.locator("input[name=password]").fill(accounts["phuxuan.xuly"])
        page.locator("form[action='/dang-nhap/can-bo'] button[type=submit]").click()
        page.wait_for_url("**/ban-lam-viec**")
        page.goto(f"{platform.origin}/phan-anh/ban-lam-viec?mo={number}")
        page.get_by_role("button", name="Tiếp nhận").click(timeout=15_000)
        page.get_by_role("button", name="Công khai nội dung").click(timeout=15_000)
        expect(page.get_by_text("Đã công khai nội dung.")).to_be_visible(timeout=15_000)
        context.close()

    return act


@pytest.fixture(scope="session")
def shots() -> Path:
    """Where screenshots go, for the eye."""
    place = Path("var/screenshots")
    place.mkdir(parents=True, exist_ok=True)
    return place
