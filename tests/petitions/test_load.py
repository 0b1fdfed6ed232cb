"""Invented petitions by the thousand are what real ones would have become."""

from __future__ import annotations

import asyncio
from collections import defaultdict

import psycopg
import pytest

from mattranso_app.core.access import Role
from mattranso_app.core.clock import now
from mattranso_app.petitions import load, service
from mattranso_app.petitions.models import State
from tests.petitions.factories import People, count, fold, officer, rows

SIZE = 1_500


@pytest.fixture
async def loaded(people: People, owner_url: str) -> list[str]:
    """A database of invented petitions; gives what was said meanwhile."""
    said: list[str] = []
    await asyncio.to_thread(load.seed_petitions, owner_url, SIZE, said.append, 7)
    return said


async def test_state_and_counts_are_what_the_events_say(loaded: list[str]) -> None:
    assert loaded and await count("petition") == await count("petition", "is_sample") == SIZE
    events = defaultdict(list)
    for event in await rows("SELECT * FROM petition_event ORDER BY petition_id, seq"):
        events[event["petition_id"]].append(event)
    states = set()
    for row in await rows("SELECT * FROM petition"):
        folded = fold(events[row["id"]])
        assert {name: row[name] for name in folded} == folded
        moments = [event["at"] for event in events[row["id"]]]
        assert moments == sorted(moments) and moments[-1] <= now(), "nothing happens before what it follows, or tomorrow"
        states.add(row["state"])
    assert states == set(State) - {State.NEW}
    both = "petition_answer a JOIN petition p ON p.id = a.petition_id"
    assert await count(both, "(a.decision = 'approved') <> (p.state = 'answered')") == 0
    for table in ("petition_stat", "petition_total"):
        (sums,) = await rows(f"SELECT sum(received) AS received, sum(answered) AS answered, sum(answered_on_time) AS on_time FROM {table}")
        assert (sums["received"], sums["answered"], sums["on_time"]) == (
            SIZE, await count("petition", "answered_at IS NOT NULL"), await count("petition", "answered_at <= due_at"),
        )
    assert (await rows("SELECT sum(open) AS n FROM petition_open"))[0]["n"] == await count("petition", "answered_at IS NULL")


async def test_the_databases_own_rules_hold_again_afterwards(loaded: list[str], owner_url: str) -> None:
    with psycopg.connect(owner_url) as connection:
        off = connection.execute("SELECT tgname FROM pg_trigger WHERE tgenabled <> 'O' AND NOT tgisinternal").fetchall()
        assert off == []
        with pytest.raises(psycopg.Error):
            connection.execute("UPDATE petition_event SET at = now()")


async def test_officers_work_on_invented_petitions_as_on_real_ones(loaded: list[str], country: dict[str, int]) -> None:
    (row,) = await rows("SELECT number, version FROM petition WHERE state = 'in_progress' LIMIT 1")
    handler, approver = officer("A", "vn/", Role.HANDLER), officer("B", "vn/", Role.APPROVER)
    await service.submit_answer(handler, row["number"], row["version"], "solved", "Đã làm xong, bà con thấy vướng xin báo lại.")
    await service.approve_answer(approver, row["number"], row["version"] + 1)
    assert (await service.get_public(row["number"])).state == "answered"


async def test_a_second_run_adds_to_the_first(loaded: list[str], owner_url: str) -> None:
    await asyncio.to_thread(load.seed_petitions, owner_url, 50, lambda _words: None, 7)
    assert await count("petition") == SIZE + 50
    assert (await rows("SELECT sum(received) AS n FROM petition_total"))[0]["n"] == SIZE + 50
