"""A backup comes back whole, byte for byte; a wrong one changes nothing."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import io
import json
import re
import subprocess
import tarfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from mattranso_app.core import audit, embedded_postgres, files, secrets
from mattranso_app.core import db as database
from mattranso_app.core.access import SYSTEM
from mattranso_app.core.backup import BackupError, Manifest, backup, restore
from mattranso_app.core.backup.manifest import TRANSIENT_TABLES, count_rows
from mattranso_app.core.db import transaction
from mattranso_app.petitions.load import seed_petitions
from mattranso_app.settings import settings
from mattranso_app.units.seed import seed_units
from tests.core.files import pictures
from tests.test_migrations import schema


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The data directory of what is backed up."""
    monkeypatch.setenv("MTS_DATA_DIR", str(tmp_path / "here"))
    settings.cache_clear()
    yield tmp_path / "here"
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
async def filled(database_url: str, owner_url: str, data_dir: Path) -> AsyncIterator[str]:
    """A database with files and an audit log, nobody connected; gives the owner's address."""
    await database.open_pool(database_url)
    for number in range(6):
        await add_file(number)
    await database.close_pool()
    yield owner_url
    await database.close_pool()


@pytest.fixture
async def country(filled: str, database_url: str) -> str:
    """As `filled`, with every unit of the country and petitions."""
    await database.open_pool(database_url)
    await seed_units()
    await database.close_pool()
    await asyncio.to_thread(seed_petitions, filled, 300)
    return filled


@pytest.fixture
def empty(postgres: embedded_postgres.EmbeddedServer) -> Iterator[str]:
    """An empty database to restore into; gives the owner's address."""
    name = "restored"
    with psycopg.connect(postgres.url("postgres", "postgres"), autocommit=True) as connection:
        embedded_postgres.ensure_database(connection, name)
        yield postgres.url(embedded_postgres.OWNER, name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


async def add_file(number: int) -> None:
    """Send one picture of its own, with its row and its line in the audit log."""
    prepared = await files.prepare(pictures.png(pictures.drawing(20 + number, 30)), "a.png", files.Purpose.PHOTO)
    async with transaction() as session:
        await files.attach(session, SYSTEM, prepared, "petition", f"PA-{number}/photo")
        await audit.record(session, SYSTEM, "test.photo", f"petition:{number}", {"số": number})


def rows_of(url: str) -> dict[str, str]:
    """A check sum over the rows of every table, and where every sequence stands."""
    with psycopg.connect(url) as connection:
        found = {}
        for name in count_rows(connection):
            if name.split(".")[1] in TRANSIENT_TABLES:
                continue
            query = sql.SQL("SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '')) FROM {} t")
            row = connection.execute(query.format(sql.Identifier(*name.split(".")))).fetchone()
            found[name] = row[0] if row else ""
        for name, last in connection.execute("SELECT sequencename, last_value FROM pg_sequences").fetchall():
            if not name.startswith(TRANSIENT_TABLES):
                found[f"sequence {name}"] = str(last)
    return found


def blobs_of(folder: Path) -> dict[str, str]:
    """The check sum of every kept file by its name."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (folder / "files").glob("??/??/*")
    }


async def log_is_sound(url: str) -> bool:
    await database.open_pool(url)
    try:
        async with database.reading() as session:
            checked, faults = await audit.verify(session)
    finally:
        await database.close_pool()
    return checked > 0 and faults == []


def files_in(folder: Path) -> list[str]:
    """The names of the plain files in `folder`."""
    return [path.name for path in folder.iterdir() if path.is_file()]


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A file system of 64 kilobytes at `folder`; the test is skipped where none may be mounted."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small file system here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def written_anew(found: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return `schema` without parentheses: of `BETWEEN … AND …` PostgreSQL keeps a pair that its own dump then leaves out."""
    return [tuple(re.sub("[()]", "", part) for part in row) for row in found]


async def test_everything_comes_back(country: str, data_dir: Path, empty: str, tmp_path: Path) -> None:
    archive = tmp_path / "sao-luu.tar.gz"
    made = await backup(country, data_dir, archive)
    assert archive.stat().st_mode & 0o777 == 0o600
    assert made.tables["public.petition"] == 300
    assert made.file_count == 12
    assert files_in(tmp_path) == ["sao-luu.tar.gz"]
    brought = await restore(archive, empty, tmp_path / "there")
    assert brought == made
    before = rows_of(country)
    assert len(before) > 20
    assert rows_of(empty) == before
    assert written_anew(schema(empty)) == written_anew(schema(country))
    blobs = blobs_of(tmp_path / "there")
    assert blobs == blobs_of(data_dir)
    assert blobs == {name: name for name in blobs}
    assert await log_is_sound(empty)
    assert files_in(tmp_path / "there") == []


async def test_what_is_written_meanwhile_is_in_whole_or_not_at_all(
    filled: str, data_dir: Path, empty: str, tmp_path: Path, database_url: str
) -> None:
    await database.open_pool(database_url)
    stop = asyncio.Event()
    written: asyncio.Queue[int] = asyncio.Queue()

    async def keep_writing(first: int) -> None:
        while not stop.is_set():
            await add_file(first)
            await written.put(first)
            first += 2

    writers = [asyncio.create_task(keep_writing(100 + start)) for start in range(2)]
    for _ in range(4):
        await written.get()
    made = await backup(filled, data_dir, tmp_path / "a.tar.gz")
    assert written.qsize() > 0, "nothing was written while the backup ran"
    stop.set()
    await asyncio.gather(*writers)
    await database.close_pool()
    assert made.tables["public.stored_file"] > 6
    await restore(tmp_path / "a.tar.gz", empty, tmp_path / "there")
    with psycopg.connect(empty) as connection:
        query = "SELECT encode(sha256, 'hex') FROM stored_file UNION SELECT encode(thumbnail_sha256, 'hex') FROM stored_file"
        named = connection.execute(query)
        assert {name for (name,) in named} == blobs_of(tmp_path / "there").keys()
    assert await log_is_sound(empty)


def remade(archive: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The archive with other members."""
    with tarfile.open(archive) as source:
        members = {member.name: source.extractfile(member).read() for member in source}  # type: ignore[union-attr]
    change(members)
    target = archive.with_name("changed.tar.gz")
    with tarfile.open(target, "w:gz") as out:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            out.addfile(member, io.BytesIO(data))
    return target


def with_manifest(**values: object) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        members["manifest.json"] = json.dumps(json.loads(members["manifest.json"]) | values).encode()

    return change


def a_file(members: dict[str, bytes]) -> str:
    return next(name for name in members if name.startswith("files/"))


WRONG: dict[str, Callable[[dict[str, bytes]], object]] = {
    "a file is missing": lambda members: members.pop(a_file(members)),
    "a file was changed": lambda members: members.update({a_file(members): b"other"}),
    "a file has another name": lambda members: members.update({"files/" + "f" * 64: members.pop(a_file(members))}),
    "the database was changed": lambda members: members.update({"database.dump": members["database.dump"][:-1] + b"x"}),
    "the database is missing": lambda members: members.pop("database.dump"),
    "the manifest is missing": lambda members: members.pop("manifest.json"),
    "the manifest is none": lambda members: members.update({"manifest.json": b"[1, 2"}),
    "the manifest lacks a part": lambda members: members.update({"manifest.json": b'{"format": 1}'}),
    "of a later format": with_manifest(format=2),
    "of a later server": with_manifest(server_version=99),
    "more than there should be": lambda members: members.update({"files/../../evil": b"x"}),
    "an absolute path": lambda members: members.update({"/etc/evil": b"x"}),
    "rows do not add up": with_manifest(tables={"public.unit": 1}),
    "a table that is not there": with_manifest(tables={"public.nothing": 0}),
}


@pytest.fixture
async def archive(filled: str, data_dir: Path, tmp_path: Path) -> Path:
    """A sound archive of the filled database."""
    await backup(filled, data_dir, tmp_path / "a.tar.gz")
    return tmp_path / "a.tar.gz"


async def test_a_wrong_archive_changes_nothing(archive: Path, filled: str, data_dir: Path, empty: str, tmp_path: Path) -> None:
    before = rows_of(filled), blobs_of(data_dir)
    for what, change in WRONG.items():
        wrong = remade(archive, change)  # type: ignore[arg-type]
        with pytest.raises(BackupError) as refused:
            await restore(wrong, empty, tmp_path / "there")
        assert str(refused.value), what
        with psycopg.connect(empty) as connection:
            assert count_rows(connection) == {}, what
        with pytest.raises(BackupError):
            await restore(wrong, filled, data_dir, overwrite=True)
        assert rows_of(filled) == before[0], what
        assert blobs_of(data_dir) == before[1], what
    assert not (tmp_path / "evil").exists()


async def test_a_cut_or_scratched_archive_changes_nothing(archive: Path, empty: str, tmp_path: Path) -> None:
    whole = await asyncio.to_thread(archive.read_bytes)
    wrong = tmp_path / "wrong.tar.gz"
    cuts = [whole[: int(len(whole) * part)] for part in (0, 0.1, 0.5, 0.9)] + [whole[:-1], whole[:-4], whole[:-100]]
    scratched = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(20, len(whole), len(whole) // 12)]
    other = [b"", b"no archive", gzip.compress(b"no tar"), gzip.compress(b"\0" * 10_240)]
    for data in [*cuts, *scratched, *other]:
        wrong.write_bytes(data)
        with pytest.raises(BackupError):
            await restore(wrong, empty, tmp_path / "there")
        with psycopg.connect(empty) as connection:
            assert count_rows(connection) == {}
        assert blobs_of(tmp_path / "there") == {}


async def test_a_link_in_the_archive_is_refused(archive: Path, empty: str, tmp_path: Path) -> None:
    with tarfile.open(archive) as source, tarfile.open(tmp_path / "link.tar.gz", "w:gz") as out:
        for member in source:
            out.addfile(member, source.extractfile(member))
        link = tarfile.TarInfo("files/" + "f" * 64)
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        out.addfile(link)
    with pytest.raises(BackupError):
        await restore(tmp_path / "link.tar.gz", empty, tmp_path / "there")


async def test_what_is_there_is_replaced_only_when_asked(archive: Path, filled: str, data_dir: Path, owner_url: str) -> None:
    kept = rows_of(filled)
    with psycopg.connect(owner_url) as connection:
        connection.execute("CREATE TABLE later (n int)")
        connection.execute("DELETE FROM stored_file")
        connection.execute("CREATE SCHEMA rieng")
        connection.execute("CREATE TABLE rieng.x (n int)")
    with pytest.raises(BackupError, match="--overwrite"):
        await restore(archive, filled, data_dir)
    assert "public.later" in rows_of(filled)
    await restore(archive, filled, data_dir, overwrite=True)
    assert rows_of(filled) == kept
    assert await log_is_sound(filled)


async def test_files_at_the_target_are_not_mixed_with_others(archive: Path, empty: str, data_dir: Path) -> None:
    with pytest.raises(BackupError, match="Kho tệp đích đã có tệp"):
        await restore(archive, empty, data_dir)


async def test_a_system_that_runs_is_not_overwritten(archive: Path, filled: str, data_dir: Path, database_url: str) -> None:
    with psycopg.connect(database_url), pytest.raises(BackupError, match="đang chạy"):
        await restore(archive, filled, data_dir, overwrite=True)


async def test_no_backup_that_would_lack_something(filled: str, data_dir: Path, tmp_path: Path) -> None:
    target = tmp_path / "a.tar.gz"
    blob = next((data_dir / "files").glob("??/??/*"))
    data = blob.read_bytes()
    blob.write_bytes(b"x" + data[1:])
    with pytest.raises(BackupError, match="bị hỏng"):
        await backup(filled, data_dir, target)
    blob.unlink()
    with pytest.raises(BackupError, match="Thiếu tệp"):
        await backup(filled, data_dir, target)
    blob.write_bytes(data)
    with pytest.raises(BackupError, match="không tồn tại"):
        await backup(filled, data_dir, tmp_path / "none" / "a.tar.gz")
    assert files_in(tmp_path) == []
    target.write_bytes(b"older")
    with pytest.raises(BackupError, match="đã có"):
        await backup(filled, data_dir, target)
    assert target.read_bytes() == b"older"


async def test_a_full_disk_is_told_and_leaves_nothing(archive: Path, filled: str, data_dir: Path, empty: str, tmp_path: Path) -> None:
    small = tmp_path / "small"
    with small_disk(small):
        with pytest.raises(BackupError, match="không đủ chỗ"):
            await backup(filled, data_dir, small / "a.tar.gz")
        assert files_in(small) == []
        with pytest.raises(BackupError, match="không đủ chỗ"):
            await restore(archive, empty, small / "data")
        with psycopg.connect(empty) as connection:
            assert count_rows(connection) == {}


async def test_a_demonstration_takes_its_own_key_along(
    filled: str, data_dir: Path, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MTS_SECRET_KEY", "")
    settings.cache_clear()
    secrets.ensure_secret_key()
    key = (data_dir / "secret.key").read_bytes()
    made: Manifest = await backup(filled, data_dir, tmp_path / "a.tar.gz")
    assert made.has_key
    there = tmp_path / "there"
    there.mkdir()
    (there / "secret.key").write_bytes(b"another")
    with pytest.raises(BackupError, match="khóa bí mật khác"):
        await restore(tmp_path / "a.tar.gz", empty, there)
    with pytest.raises(BackupError, match="rows differ"):
        await restore(remade(tmp_path / "a.tar.gz", with_manifest(tables={"public.unit": 1})), empty, there, overwrite=True)
    assert (there / "secret.key").read_bytes() == b"another"
    await restore(tmp_path / "a.tar.gz", empty, there, overwrite=True)
    assert (there / "secret.key").read_bytes() == key
    assert (there / "secret.key").stat().st_mode & 0o777 == 0o600
    assert [path.read_bytes() for path in there.glob("secret.key.*")] == [b"another"]


async def test_a_log_that_was_changed_before_the_backup_is_told(filled: str, data_dir: Path, empty: str, tmp_path: Path) -> None:
    with psycopg.connect(filled) as connection:
        connection.execute("ALTER TABLE audit_log DISABLE TRIGGER USER")
        connection.execute("UPDATE audit_log SET action = 'other' WHERE id = (SELECT min(id) FROM audit_log)")
        connection.execute("ALTER TABLE audit_log ENABLE TRIGGER USER")
    await backup(filled, data_dir, tmp_path / "a.tar.gz")
    with pytest.raises(BackupError, match="bị can thiệp từ trước"):
        await restore(tmp_path / "a.tar.gz", empty, tmp_path / "there")
