"""`./mattranso reindex`: the index is built anew beside the one that answers; an unknown one is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mattranso_app.core.search import place
from tests.commands.conftest import Run


def test_reindex(run: Run, on_database: str, configured: Callable[..., None], tmp_path: Path) -> None:
    configured(MTS_DATA_DIR=str(tmp_path), MTS_ENV="test")
    first = run("reindex")
    assert first.code == 0 and "0 văn bản" in first.out
    before = place.current("petitions")
    again = run("reindex", "petitions")
    assert again.code == 0 and before is not None and place.current("petitions") not in (None, before)


def test_an_unknown_index_is_said(run: Run, on_database: str) -> None:
    outcome = run("reindex", "khong-co")
    assert outcome.code == 1 and "khong-co" in outcome.err and "petitions" in outcome.err
