"""What `bench lists` asks for works, and keeps its bar on SQL statements whatever the machine is doing."""

from __future__ import annotations

from pathlib import Path

import pytest

from mattranso_app.bench.lists import STATEMENTS_BAR
from mattranso_app.bench.lists.calls import WORDS, http_calls, read_ground, service_calls
from mattranso_app.core import db
from mattranso_app.core.search import reindex
from mattranso_app.petitions import load
from mattranso_app.rooms import register
from mattranso_app.settings import settings


async def test_every_call_answers_with_few_statements(
    filled_database: None, owner_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register()
    monkeypatch.setattr(settings(), "data_dir", tmp_path)
    load.seed_petitions(owner_url, 1_200, seed=4)
    await reindex("petitions")
    ground = await read_ground()
    calls = service_calls(ground)
    assert len(calls) > 25
    sent: dict[str, int] = {}
    for name, call in calls.items():
        for number in range(3):
            statements: list[str] = []
            stop = db.count_statements(statements)
            assert await call(number) is not None
            stop()
            sent[name] = max(sent.get(name, 0), len(statements))
    assert {name: count for name, count in sent.items() if not 0 < count <= STATEMENTS_BAR} == {}
    addresses = http_calls(ground)
    assert all(addresses.values()) and len(addresses) >= len(WORDS) + 5
