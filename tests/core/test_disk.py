"""On a full disk reads go on, writes are refused in plain words, and PostgreSQL keeps running."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from mattranso_app.core import db as database
from mattranso_app.core import disk, embedded_postgres, files
from mattranso_app.core.db import reading, transaction
from mattranso_app.core.errors import Unavailable
from mattranso_app.settings import settings
from tests.core.files import pictures


@pytest.fixture
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data directory on a file system of its own that holds a cluster and little more."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200m,mode=755", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small file system here")
    monkeypatch.setenv("MTS_DATA_DIR", str(folder))
    settings.cache_clear()
    yield folder
    monkeypatch.undo()
    settings.cache_clear()
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
async def server(small_disk: Path) -> AsyncIterator[embedded_postgres.EmbeddedServer]:
    """An embedded server on the small disk, with the application's pool open as its owner."""
    started = await asyncio.to_thread(embedded_postgres.start, small_disk / "postgres", shared_buffers="16MB")
    await database.open_pool(started.url(embedded_postgres.OWNER))
    yield started
    await database.close_pool()
    await asyncio.to_thread(started.stop)


async def test_reads_go_on_and_writes_are_refused_until_there_is_room(
    small_disk: Path, server: embedded_postgres.EmbeddedServer
) -> None:
    async with transaction() as session:
        await session.execute(text("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n"))
    ballast = small_disk / "ballast"
    with ballast.open("wb") as file:
        while True:
            try:
                disk.check_room()
            except Unavailable:
                break
            file.write(bytes(1 << 20))
            file.flush()
    for _ in range(3):
        with pytest.raises(Unavailable, match="đầy"):
            async with transaction() as session:
                await session.execute(text("INSERT INTO kept SELECT generate_series(1, 1000000)"))
        with pytest.raises(Unavailable, match="đầy"):
            await files.prepare(pictures.jpeg(), "a.jpg", files.Purpose.PHOTO)
        async with reading() as session:
            assert (await session.execute(text("SELECT count(*) FROM kept"))).scalar_one() == 1000
    assert server.is_alive()
    assert [path for path in (small_disk / "files").rglob("*") if path.is_file()] == []
    ballast.unlink()
    assert await files.prepare(pictures.jpeg(), "a.jpg", files.Purpose.PHOTO)
    async with transaction() as session:
        await session.execute(text("INSERT INTO kept VALUES (0)"))


async def test_one_write_larger_than_what_is_left_is_undone_and_told(
    small_disk: Path, server: embedded_postgres.EmbeddedServer
) -> None:
    """PostgreSQL itself meets the end of the disk: in a table's file, which it bears; the reserve is for its log."""
    async with transaction() as session:
        await session.execute(text("CREATE UNLOGGED TABLE kept AS SELECT 1 AS n"))
    with pytest.raises(Unavailable, match="đầy"):
        async with transaction() as session:
            await session.execute(text("INSERT INTO kept SELECT generate_series(1, 10000000)"))
    async with reading() as session:
        assert (await session.execute(text("SELECT count(*) FROM kept"))).scalar_one() == 1
    assert server.is_alive()


def test_a_database_elsewhere_is_not_judged_by_this_disk(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "RESERVE_BYTES", 1 << 60)
    disk.check_room_for_database()
    with pytest.raises(Unavailable):
        disk.check_room()
