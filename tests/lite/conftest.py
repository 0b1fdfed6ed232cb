"""Fixtures of the room: the plain pages behind the same layers as in the house, on a country with all its units."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp

from mattranso_app import rooms
from mattranso_app.core import http
from mattranso_app.core.headers import security_headers
from mattranso_app.identity.web import identified
from mattranso_app.lite.rendering import plain_problems
from mattranso_app.settings import settings
from tests.lite.factories import Visitor


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ASGIApp:
    """The plain pages; what would be Reflex's pages says so. Files and search index are the test's own."""
    monkeypatch.setattr(settings(), "data_dir", tmp_path)
    rooms.register()
    return security_headers(plain_problems(identified(http.router(HTMLResponse("rich page")))), [])


@pytest.fixture
def visitor(app: ASGIApp, units_db: str) -> Visitor:
    """Somebody with a browser that runs no script."""
    return Visitor(app)
