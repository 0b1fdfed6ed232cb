"""The fixture `shelf`: an empty searchable shelf with a data directory of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from mattranso_app.core.search.sources import sources
from mattranso_app.settings import settings
from tests.core.search_shelf import NAME, SHELF, make_table


@pytest.fixture
async def shelf(db: str, owner_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The registered source on an empty table; gives the data directory."""
    make_table(owner_url)
    monkeypatch.setattr(settings(), "data_dir", tmp_path)
    monkeypatch.setitem(sources, NAME, SHELF)
    return tmp_path
