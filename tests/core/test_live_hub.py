"""The live core on a real PostgreSQL: nothing is lost, doubled or out of order, whoever writes and whatever breaks."""

from __future__ import annotations

import asyncio
import json
import random
import re
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import db as database
from mattranso_app.core import live
from mattranso_app.core.access import Actor
from mattranso_app.core.errors import NotFound, Unavailable
from mattranso_app.core.live import topics
from mattranso_app.core.live.channel import Change, Channel, Pulse
from mattranso_app.core.live.cursor import Cursor
from mattranso_app.core.live.patch import merge, normal
from mattranso_app.core.live.publish import wake_hubs
from tests.core.live_stream import Stream, eventually, get

BOARD = "/live/test/board/stream"


async def read_board(session: AsyncSession, params: live.Params) -> dict[str, Any]:
    """The truth the streams are compared with: a table of numbers."""
    rows = await session.execute(text("SELECT key, value FROM board"))
    return {"rows": {row.key: row.value for row in rows}}


async def read_total(session: AsyncSession, params: live.Params) -> dict[str, Any]:
    row = (await session.execute(text("SELECT count(*) AS n, coalesce(sum(value), 0) AS total FROM board"))).one()
    return {"n": row.n, "total": row.total}


async def read_item(session: AsyncSession, params: live.Params) -> dict[str, Any]:
    row = (await session.execute(text("SELECT value FROM board WHERE key = :key"), params)).first()
    if row is None:
        raise NotFound()
    return {"value": row.value}


@pytest.fixture
def quick() -> live.Limits:
    return live.Limits(poll=0.3, beat=0.5, recheck=0.2, idle=0.5, stale=0.3, gap=0.01, viewers_per_address=3, batch=50)


@pytest.fixture
async def board(db: str, owner_url: str, quick: live.Limits) -> AsyncIterator[str]:
    """A table, topics about it and an open hub; gives the database's address."""
    async with await psycopg.AsyncConnection.connect(owner_url, autocommit=True) as owner:
        await owner.execute("CREATE TABLE board (key text PRIMARY KEY, value int NOT NULL)")
        await owner.execute("GRANT ALL ON board TO mattranso_app")
    live.topic("test/board", readers=live.PUBLIC, snapshot=read_board)
    live.topic("test/total", readers=live.PUBLIC, snapshot=read_total, recompute=True)
    live.topic("test/items/{key}", readers=live.PUBLIC, snapshot=read_item, recompute=True)
    await live.start(quick)
    yield db
    await live.stop()
    for pattern in ("test/board", "test/total", "test/items/{key}"):
        topics.forget(pattern)


async def write(key: str, value: int, pause: float = 0.0) -> None:
    async with database.transaction() as session:
        await store(session, key, value)
        if pause:
            await asyncio.sleep(pause)


async def store(session: AsyncSession, key: str, value: int) -> None:
    statement = "INSERT INTO board VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
    await session.execute(text(statement), {"key": key, "value": value})
    await live.publish(session, "test/board", {"rows": {key: value}})
    await live.mark(session, "test/total")
    await live.mark(session, f"test/items/{key}")


async def truth() -> dict[str, Any]:
    async with database.reading() as session:
        return await read_board(session, {})


async def test_a_change_arrives_and_a_rolled_back_one_does_not(board: str) -> None:
    await write("a", 1)
    async with Stream(BOARD) as stream:
        await stream.until(lambda s: s.value == {"rows": {"a": 1}})
        with pytest.raises(ZeroDivisionError):
            async with database.transaction() as session:
                await store(session, "x", 1)
                raise ZeroDivisionError
        await write("b", 2)
        await stream.until(lambda s: s.value == {"rows": {"a": 1, "b": 2}})
        assert stream.kinds().count("snapshot") == 1
        assert stream.answer_headers["x-accel-buffering"] == "no"


async def test_no_hole_when_transactions_commit_out_of_order(board: str) -> None:
    """Transactions of very different lengths, numbered early and committed late: every stream ends at the truth."""
    chance = random.Random(7)

    async def writer(number: int) -> None:
        for step in range(12):
            await write(f"k{chance.randrange(6)}", number * 100 + step, pause=chance.choice([0, 0, 0.002, 0.03]))

    async with Stream(BOARD) as stream, Stream("/live/test/total/stream", address="10.0.0.2") as total:
        await asyncio.gather(*(writer(number) for number in range(8)))
        expected = await truth()
        await stream.until(lambda s: s.value == expected)
        await total.until(lambda s: s.value == {"n": 6, "total": sum(expected["rows"].values())})
        # and it stays there: nothing old comes afterwards
        await asyncio.sleep(0.5)
        assert stream.value == expected
        assert stream.kinds().count("snapshot") == 1


async def test_a_long_transaction_holds_nobody_up(board: str) -> None:
    """An import that runs for minutes must not stop the figures, and its own changes come when it commits."""
    async with Stream(BOARD) as stream:
        await stream.until(lambda s: s.value is not None)
        async with database.transaction() as slow:
            await store(slow, "slow", 1)
            await write("quick", 2)
            await stream.until(lambda s: s.value == {"rows": {"quick": 2}}, within=2)
        await stream.until(lambda s: s.value == {"rows": {"quick": 2, "slow": 1}}, within=2)


async def test_the_later_write_wins_though_its_transaction_has_the_lower_number(board: str) -> None:
    """First gets the higher number and commits first; the one with the lower number writes the row last."""
    await write("row", 0)
    async with Stream(BOARD) as stream:
        await stream.until(lambda s: s.value is not None)
        async with database.transaction() as older:
            await older.execute(text("SELECT pg_current_xact_id()"))
            await write("row", 1)
            await store(older, "row", 2)
        await stream.until(lambda s: s.value == {"rows": {"row": 2}})
        await asyncio.sleep(0.5)
        assert stream.value == await truth()


async def test_both_orders_hold_when_they_are_read_in_one_batch(board: str) -> None:
    channel = Channel("x", topics.find("test/board")[0], {}, Pulse(), asyncio.Semaphore(1))  # type: ignore[index]
    channel.take_value({"rows": {}}, Cursor.parse("10:10:"))
    changes = [Change(12, '{"rows":{"row":1}}'), Change(11, '{"rows":{"row":2}}')]
    channel.take_changes(changes, Cursor.parse("13:13:"))
    assert channel.value == {"rows": {"row": 2}}


async def test_resuming_by_id_sends_only_what_was_missed(board: str) -> None:
    # A board long enough that what was missed is the shorter: otherwise the whole is sent, and rightly.
    rest = {f"unit{number}": number for number in range(20)}
    for key, number in rest.items():
        await write(key, number)
    await write("a", 1)
    async with Stream(BOARD) as keeper, Stream(BOARD) as stream:
        await stream.until(lambda s: s.value is not None)
        await write("a", 2)
        await stream.until(lambda s: s.value == {"rows": {**rest, "a": 2}})
        value, last = stream.value, stream.last_id
        await stream.leave()
        await write("a", 3)
        await write("b", 4)
        await keeper.until(lambda s: s.value == {"rows": {**rest, "a": 3, "b": 4}})
        for how in ({"headers": {"Last-Event-ID": last}}, {"query": f"after={last}"}):
            async with Stream(BOARD, value=value, **how) as again:  # type: ignore[arg-type]
                await again.until(lambda s: s.value == {"rows": {**rest, "a": 3, "b": 4}})
                assert "snapshot" not in again.kinds()


@pytest.mark.parametrize("last", ["", "nonsense", "1:1:", "9999999999:9999999999:", "x" * 9000])
async def test_whoever_cannot_be_resumed_gets_the_whole(board: str, last: str) -> None:
    await write("a", 1)
    async with Stream(BOARD, {"Last-Event-ID": last}, value={"old": True}) as stream:
        await stream.until(lambda s: s.value == {"rows": {"a": 1}})
        assert stream.kinds()[0] == "snapshot"


async def test_a_slow_viewer_gets_fewer_larger_steps_and_the_truth(board: str) -> None:
    async with Stream(BOARD) as slow, Stream(BOARD) as quick:
        await slow.until(lambda s: s.value is not None)
        slow.writable.clear()
        for step in range(150):
            await write(f"k{step % 5}", step)
            if step % 10 == 0:
                await asyncio.sleep(0.015)
        expected = await truth()
        await quick.until(lambda s: s.value == expected)
        before = len(slow.events)
        slow.writable.set()
        await slow.until(lambda s: s.value == expected)
        kinds = slow.kinds()[before:]
        assert "snapshot" in kinds
        assert len([kind for kind in kinds if kind != "beat"]) <= 3


async def test_a_viewer_whose_line_is_dead_is_cut(board: str) -> None:
    await live.start(live.Limits(beat=0.5, stuck=0.5, poll=0.3))
    async with Stream(BOARD) as stream:
        await stream.until(lambda s: s.value is not None)
        stream.writable.clear()
        await write("a", 1)
        await stream.until(lambda s: s.finished)
    assert live.hub().figures()["viewers"] == 0


async def test_heartbeats_carry_the_servers_time(board: str) -> None:
    async with Stream(BOARD) as stream:
        await stream.until(lambda s: s.kinds().count("beat") >= 3)
        beat = next(data for kind, _, data in stream.events if kind == "beat")
        assert beat["stale"] is False
        assert beat["server_time"].endswith("+00:00")


async def test_recomputed_topics_send_what_differs_at_a_bounded_pace(board: str) -> None:
    async with Stream("/live/test/total/stream") as stream:
        await stream.until(lambda s: s.value == {"n": 0, "total": 0})
        for value in range(40):
            await write("a", value)
        await stream.until(lambda s: s.value == {"n": 1, "total": 39})
        deltas = [data["patch"] for kind, _, data in stream.events if kind == "delta"]
        assert all("n" not in patch for patch in deltas[1:])
        assert len(deltas) <= 20


async def test_many_changes_at_once_are_read_afresh(board: str) -> None:
    async with Stream(BOARD) as stream:
        await stream.until(lambda s: s.value is not None)
        async with database.transaction() as session:
            for number in range(120):
                await store(session, f"k{number}", number)
        expected = await truth()
        await stream.until(lambda s: s.value == expected)


async def test_a_topic_that_ceases_to_exist_ends_its_streams(board: str) -> None:
    await write("a", 1)
    async with Stream("/live/test/items/a/stream") as stream:
        await stream.until(lambda s: s.value == {"value": 1})
        async with database.transaction() as session:
            await session.execute(text("DELETE FROM board"))
            await live.mark(session, "test/items/a")
        await stream.until(lambda s: s.finished)
        assert stream.events[-1][0] == "end"
        assert stream.events[-1][2] == {"reason": "gone"}
    assert (await get("/live/test/items/a.json")).status == 404


async def test_the_mark_to_recompute_is_written_once_but_never_lost_with_a_savepoint(board: str) -> None:
    async with database.transaction() as session:
        nested = await session.begin_nested()
        await live.mark(session, "test/total")
        await nested.rollback()
        for _ in range(5):
            await live.mark(session, "test/total")
    async with database.reading() as session:
        assert (await session.execute(text("SELECT count(*) FROM live_change"))).scalar_one() == 1


async def test_another_process_that_dies_before_telling_loses_nothing(board: str) -> None:
    """Committed, killed before NOTIFY: the hub finds the change by looking for itself."""
    script = f"""
        import os, psycopg
        change = '{{"rows": {{"killed": 9}}}}'
        with psycopg.connect({board!r}) as connection:
            connection.execute("INSERT INTO board VALUES ('killed', 9)")
            connection.execute("INSERT INTO live_change (topic, change) VALUES ('test/board', %s)", [change])
            connection.commit()
            os.kill(os.getpid(), 9)
    """
    async with Stream(BOARD) as stream:
        await stream.until(lambda s: s.value is not None)
        done = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", textwrap.dedent(script)], check=False)
        assert done.returncode == -9
        await stream.until(lambda s: s.value == {"rows": {"killed": 9}}, within=2)


async def test_another_process_wakes_us_by_notify(board: str) -> None:
    await live.start(live.Limits(poll=60))
    async with Stream(BOARD) as stream:
        await stream.until(lambda s: s.value is not None)
        await asyncio.sleep(0.2)
        async with await psycopg.AsyncConnection.connect(board, autocommit=True) as other:
            await other.execute("""INSERT INTO live_change (topic, change) VALUES ('test/board', '{"rows": {"n": 1}}')""")
            await other.execute("NOTIFY mattranso_live, 'another process'")
            await stream.until(lambda s: s.value == {"rows": {"n": 1}}, within=1)


async def test_our_own_commits_are_told_to_other_processes(board: str) -> None:
    async with await psycopg.AsyncConnection.connect(board, autocommit=True) as other:
        await other.execute("LISTEN mattranso_live")
        await write("a", 1)
        heard = [notice async for notice in other.notifies(timeout=3, stop_after=1)]
    assert len(heard) == 1


async def test_the_database_goes_and_comes_back(board: str, owner_url: str) -> None:
    """Viewers stay, are told that figures may be old, and are current again afterwards, with what happened meanwhile."""
    admin_url = owner_url.replace("//mattranso_owner@", "//postgres@")
    name = admin_url.split("?")[0].rsplit("/", 1)[1]
    elsewhere = admin_url.replace(f"/{name}?", "/postgres?")
    async with (
        await psycopg.AsyncConnection.connect(elsewhere, autocommit=True) as admin,
        Stream(BOARD) as stream,
    ):
        await stream.until(lambda s: s.value is not None)
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        await stream.until(lambda s: any(kind == "beat" and data["stale"] for kind, _, data in s.events))
        held = await get("/live/test/board.json")
        assert held.status == 200
        assert held.json()["stale"] is True
        with pytest.raises(Unavailable):
            await live.hub().channel("test/items/a", Actor(kind="anonymous"))
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        async with await psycopg.AsyncConnection.connect(board, autocommit=True) as other:
            # a writer that told nobody, and whose row was even pruned
            await other.execute("INSERT INTO board VALUES ('meanwhile', 3)")
        await stream.until(lambda s: s.value == {"rows": {"meanwhile": 3}}, within=8)
        await stream.until(lambda s: s.events[-1][0] != "beat" or not s.events[-1][2]["stale"])
        assert not stream.finished


async def test_a_database_set_back_to_an_older_state_is_noticed(board: str) -> None:
    channel = Channel("x", topics.find("test/board")[0], {}, Pulse(), asyncio.Semaphore(1))  # type: ignore[index]
    channel.take_value({"rows": {"a": 9}}, Cursor.parse("900:900:"))
    channel.take_value({"rows": {"a": 1}}, Cursor.parse("500:500:"))
    assert channel.value == {"rows": {"a": 1}}
    channel.take_changes([Change(501, '{"rows":{"a":2}}')], Cursor.parse("502:502:"))
    assert channel.value == {"rows": {"a": 2}}


async def test_idle_topics_are_dropped(board: str) -> None:
    assert (await get("/live/test/board.json")).status == 200
    assert live.hub().figures()["topics"] == 1

    async def none_left() -> bool:
        return live.hub().figures()["topics"] == 0

    await eventually(none_left)


async def test_prune_takes_old_rows_only(board: str) -> None:
    await write("a", 1)
    async with database.transaction() as session:
        old = "INSERT INTO live_change (topic, change, created_at) VALUES ('t', '{}', now() - interval '2 hours')"
        for _ in range(7):
            await session.execute(text(old))
    assert await live.prune() == 7
    assert await live.prune() == 0
    with pytest.raises(ValueError, match="five minutes"):
        await live.prune(timedelta(seconds=1))


async def test_a_change_must_name_a_topic_and_be_small(board: str) -> None:
    async with database.transaction() as session:
        for name in ("", "a b", "/a", "a//b", "a" * 201, "đ"):
            with pytest.raises(ValueError, match="topic"):
                await live.mark(session, name)
        with pytest.raises(ValueError, match="bytes"):
            await live.publish(session, "test/board", {"x": "y" * 70_000})


async def test_wakes_of_many_writers_are_told_once(board: str) -> None:
    async with await psycopg.AsyncConnection.connect(board, autocommit=True) as other:
        await other.execute("LISTEN mattranso_live")
        for _ in range(500):
            wake_hubs()
        heard = [notice async for notice in other.notifies(timeout=0.5)]
    assert 1 <= len(heard) <= 3


patches = st.dictionaries(
    st.sampled_from("abc"),
    st.none() | st.integers(0, 9) | st.dictionaries(st.sampled_from("xy"), st.none() | st.integers(0, 9), max_size=2),
    max_size=3,
)


@examples(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(st.lists(st.tuples(patches, st.integers(0, 3)), max_size=25), st.data())
async def test_a_snapshot_and_its_deltas_equal_a_fresh_snapshot(steps: list[tuple[dict[str, Any], int]], data: Any) -> None:
    """Whenever someone joins, leaves and comes back, at any id: what they hold is what is there."""

    async def unused(session: AsyncSession, params: live.Params) -> dict[str, Any]:
        raise AssertionError

    entry = topics.Topic("t", topics.PUBLIC, unused, False, re.compile("t"))
    channel = Channel("t", entry, {}, Pulse(), asyncio.Semaphore(1))
    channel.take_value({}, Cursor.parse("10:10:"))
    expected: Any = {}
    holders: list[Stream] = []
    for number, (patch, action) in enumerate(steps, start=11):
        channel.take_changes([Change(number - 1, json.dumps(patch))], Cursor(number, number, frozenset()))
        expected = merge(expected, patch)
        assert normal(expected) == channel.value
        if action == 1 or not holders:
            holders.append(Stream("t"))
        holder = holders[data.draw(st.integers(0, len(holders) - 1))] if holders else None
        if holder is not None and action >= 1:
            after = Cursor.parse(holder.last_id) if holder.last_id else None
            holder.answer_headers = {"content-type": "text/event-stream"}
            viewer = type("Viewer", (), {"position": 0, "beat": 0})()
            holder.raw += channel.start_for(viewer, after)
            holder._parse()
            assert holder.value == channel.value
