"""A file store of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mattranso_app.settings import settings


@pytest.fixture
def store_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder in which files come to lie; nothing of other tests is in it."""
    monkeypatch.setenv("MTS_DATA_DIR", str(tmp_path / "data"))
    settings.cache_clear()
    yield tmp_path / "data" / "files"
    monkeypatch.undo()
    settings.cache_clear()


def kept_files(root: Path) -> list[Path]:
    """Everything that lies in the store or is being received, but for its locks."""
    return [path for path in root.rglob("*") if path.is_file() and path.name not in (".lock", ".keep")]
