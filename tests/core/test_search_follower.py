"""The index follows the database: in every order of commits, after kills, losses and restores, for every reader."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from mattranso_app.core import db, search
from mattranso_app.core.errors import Unavailable
from mattranso_app.core.search import follower, place
from mattranso_app.settings import ROOT, settings
from tests.core.search_fixtures import shelf  # noqa: F401
from tests.core.search_shelf import NAME, find, follow, put, remove, save

pytestmark = pytest.mark.usefixtures("shelf")


@asynccontextmanager
async def program(*words: str, database: str = "") -> AsyncIterator[asyncio.subprocess.Process]:
    """Another process of this host with the same data directory."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.core.search_shelf", *words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**os.environ, "MTS_DATA_DIR": str(settings().data_dir), "SHELF_DATABASE": database},
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def ask(process: asyncio.subprocess.Process, words: str) -> str:
    """Return what a searching process answers."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(f"{words}\n".encode())
    return (await process.stdout.readline()).decode().strip()


async def test_made_changed_removed() -> None:
    await put("Nước sạch", "Nước thải")
    assert await follow() == 2
    assert await follow() == 0
    await put("Rác thải")
    assert await follow() == 1
    assert await find("nước") == [2] and await find("rác") == [1]
    await remove(2)
    await follow()
    assert await find("nước") == []


async def test_no_index_is_said_until_there_is_one() -> None:
    await put("Nước sạch")
    with pytest.raises(Unavailable):
        await find("nước")
    assert [note for note in await search.doctor() if "shelf" in note]
    await follow()
    assert await find("nước") == [1] and not [note for note in await search.doctor() if "shelf" in note]


async def test_a_change_that_is_rolled_back_is_none() -> None:
    await put("Nước sạch")
    await follow()
    with pytest.raises(ZeroDivisionError):
        async with db.transaction() as session:
            await save(session, 2, "Nước ngọt")
            raise ZeroDivisionError
    assert await follow() == 0 and await find("nước") == [1]


async def test_commits_out_of_order() -> None:
    await put("Nước sạch")
    await follow()
    async with db.transaction() as early:
        await save(early, 2, "Nước mưa")
        await put("Nước giếng", first=3)
        assert await follow() == 1
        assert sorted(await find("nước")) == [1, 3]
    assert await follow() == 1
    assert sorted(await find("nước")) == [1, 2, 3]


async def test_many_changes_at_once_and_a_second_host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hosts = tmp_path / "one", tmp_path / "two"
    for host in hosts:
        monkeypatch.setattr(settings(), "data_dir", host)
        await follow()
    monkeypatch.setattr(follower, "BATCH", 3)
    await put(*(f"Nước số {number}" for number in range(10)))
    for host in hosts:
        monkeypatch.setattr(settings(), "data_dir", host)
        assert await follow() == 10
        assert len(await find("nước")) == 10
        assert await follow() == 0


async def test_searching_processes_see_each_commit_and_each_new_index() -> None:
    await put("Nước sạch")
    await follow()
    async with program("search") as first, program("search") as second:
        for reader in (first, second):
            assert await ask(reader, "nước") == "1"
        await put("Nước mưa", first=2)
        await follow()
        for reader in (first, second):
            assert sorted((await ask(reader, "nuoc")).split()) == ["1", "2"]
        await remove(1)
        await follow()
        await search.reindex(NAME)
        for reader in (first, second):
            assert await ask(reader, "nước") == "2"
        await put("Nước giếng", first=3)
        await follow()
        for reader in (first, second):
            assert sorted((await ask(reader, "nước")).split()) == ["2", "3"]
        shutil.rmtree(settings().data_dir / "search")
        assert await ask(first, "nước") == "unavailable"
        await follow()
        assert sorted((await ask(first, "nước")).split()) == ["2", "3"]


@pytest.mark.parametrize("where", ["before-commit", "after-commit"])
@pytest.mark.parametrize("what", ["build", "change"])
async def test_killed_in_the_middle(db: str, where: str, what: str) -> None:
    if what == "change":
        await follow()
    await put("Nước sạch", "Nước mưa")
    async with program("die", where, database=db) as victim:
        assert await victim.wait() == -9
    if what == "build":
        with pytest.raises(Unavailable):
            await find("nước")
    await follow()
    page = await search.query(NAME, "nước")
    assert page.total == 2 and sorted(hit.ref for hit in page.hits) == ["1", "2"]
    assert len([each for each in place.home(NAME).iterdir() if each.is_dir()]) == 1
    assert await follow() == 0


async def test_one_process_writes_at_a_time_and_the_next_takes_over(db: str) -> None:
    await put("Nước sạch")
    async with program("die", "locked", database=db) as other:
        assert other.stdout is not None
        assert (await other.stdout.readline()).strip() == b"locked"
        assert await follow() == 0
        asked = asyncio.create_task(search.reindex(NAME))
        await asyncio.sleep(0.2)
        assert not asked.done()
        other.kill()
        assert await asked == 1
    assert await find("nước") == [1]


async def test_a_rebuild_answers_with_the_old_index_until_it_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    await put("Nước sạch")
    await follow()
    seen: list[list[int]] = []
    finish = follower._finish

    def look(writer: object) -> None:
        seen.append([int(hit.ref) for hit in follower_query("nước")])
        finish(writer)

    def follower_query(words: str) -> list[search.Hit]:
        from mattranso_app.core.search.index import _query

        return _query(NAME, words, {}, 20, 0).hits

    monkeypatch.setattr(follower, "_finish", look)
    assert await search.reindex(NAME) == 1
    assert seen == [[1]] and await find("nước") == [1]


@pytest.mark.parametrize("damage", ["meta.json", "position"])
async def test_a_damaged_index_is_built_anew(damage: str) -> None:
    await put("Nước sạch")
    await follow()
    index = place.current(NAME)
    assert index is not None
    (index / damage).write_text("{hỏng")
    if damage == "meta.json":
        with pytest.raises(Unavailable):
            await find("nước")
    await follow()
    assert place.current(NAME) != index and await find("nước") == [1]


async def test_a_damaged_index_is_built_anew_with_the_next_change_at_the_latest() -> None:
    await put("Nước sạch")
    await follow()
    index = place.current(NAME)
    assert index is not None
    (index / "meta.json").write_text("{hỏng")
    await put("Nước mưa", first=2)
    await follow()
    assert sorted(await find("nước")) == [1, 2]


@pytest.mark.parametrize(
    "other", [{"form": 1}, {"database": "123 456"}, {"snapshot": "99999999:99999999:"}], ids=["form", "database", "set back"]
)
async def test_a_position_that_says_nothing_here_means_a_new_index(other: dict[str, object]) -> None:
    await put("Nước sạch")
    await follow()
    index = place.current(NAME)
    assert index is not None
    reached = place.position(index)
    assert reached is not None
    place.keep_position(index, replace(reached, **other))  # type: ignore[arg-type]
    assert await follow() == 1
    assert place.current(NAME) != index and await find("nước") == [1]


async def test_changes_another_database_left_are_forgotten(owner_url: str) -> None:
    await put("Nước sạch")
    with psycopg.connect(owner_url) as connection:
        connection.execute("INSERT INTO search_change (xact, source, ref) VALUES ('99999999', %s, '1')", [NAME])
    await follow()
    assert await follow() == 0


async def test_pruned_changes_mean_a_new_index_where_they_were_missed(owner_url: str) -> None:
    await put("Nước sạch")
    await follow()
    index = place.current(NAME)
    await put("Nước mưa", first=2)
    with psycopg.connect(owner_url) as connection:
        connection.execute("UPDATE search_change SET created_at = now() - INTERVAL '8 days'")
    await follower.prune()
    await follow()
    assert sorted(await find("nước")) == [1, 2] and place.current(NAME) != index
    assert await follow() == 0
    index = place.current(NAME)
    await follower.prune()
    await put("Nước giếng", first=3)
    assert await follow() == 1 and place.current(NAME) == index


async def test_an_index_nothing_happens_to_keeps_up_with_pruning(owner_url: str) -> None:
    await put("Nước sạch")
    await follow()
    index = place.current(NAME)
    assert index is not None
    os.utime(index / "position", (0, 0))
    await put("Chuyện của tìm kiếm khác", first=9)
    with psycopg.connect(owner_url) as connection:
        connection.execute("UPDATE search_change SET source = 'khác' WHERE ref = '9'")
    await follow()
    with psycopg.connect(owner_url) as connection:
        connection.execute("UPDATE search_change SET created_at = now() - INTERVAL '8 days'")
    await follower.prune()
    assert await follow() == 0 and place.current(NAME) == index


async def test_an_empty_ref_asks_for_a_new_index(owner_url: str) -> None:
    await put("Nước sạch")
    await follow()
    with psycopg.connect(owner_url) as connection:
        connection.execute("INSERT INTO shelf VALUES (5, 'Nước mưa', '', 'a')")
    assert await follow() == 0
    async with db.transaction() as session:
        await search.touch(session, NAME, "")
    assert await follow() == 2
    assert sorted(await find("nước")) == [1, 5]
    assert await follow() == 0


async def test_a_failed_build_leaves_the_old_index_and_no_rubbish(monkeypatch: pytest.MonkeyPatch) -> None:
    await put("Nước sạch")
    await follow()

    def fail(_writer: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(follower, "_finish", fail)
        with pytest.raises(OSError, match="No space"):
            await search.reindex(NAME)
    assert await find("nước") == [1]
    assert len([each for each in place.home(NAME).iterdir() if each.is_dir()]) == 1
