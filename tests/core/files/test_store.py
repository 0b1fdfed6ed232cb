"""Files get their row with what they belong to, are given out only to who may read them, and are swept when nobody names them."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import PlainTextResponse

from mattranso_app.core import clock, files, http
from mattranso_app.core.access import SYSTEM, Actor, set_current_actor
from mattranso_app.core.db import reading, transaction
from mattranso_app.core.files import endpoints
from mattranso_app.core.files import reading as access
from mattranso_app.settings import ROOT
from tests.core.files import pictures
from tests.core.files.conftest import kept_files
from tests.core.files.test_pdf import written

pytestmark = pytest.mark.usefixtures("store_root")
CITIZEN = Actor(kind="citizen", person_id=uuid4())
READER = Actor(kind="officer", person_id=uuid4())


@pytest.fixture
async def client(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in front of the door for files; READER may read what belongs to "thing:1"."""

    async def reader(session: AsyncSession, actor: Actor, owner_ref: str, file: files.StoredFile) -> bool:
        return owner_ref == "thing:1" and actor == READER

    monkeypatch.setattr(access, "_readers", {})
    files.register_reader("thing", reader)
    transport = httpx.ASGITransport(http.router(PlainTextResponse("page")), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as made:
        yield made


async def keep(
    data: bytes | None = None, ref: str = "thing:1", kind: str = "thing", name: str = "Đơn “gấp”.jpg", **options: object
) -> files.StoredFile:
    purpose = files.Purpose.ATTACHMENT
    async with transaction() as session:
        return await files.store_upload(
            session, CITIZEN, data or pictures.jpeg(), name, purpose, owner_kind=kind, owner_ref=ref, **options  # type: ignore[arg-type]
        )


async def rows() -> int:
    async with reading() as session:
        return sum(map(len, (await files.list_files(session, "thing", [f"thing:{n}" for n in range(5)])).values()))


async def show(file: files.StoredFile, visibility: str) -> None:
    async with transaction() as session:
        assert await files.set_visibility(session, "thing", "thing:1", visibility, only=[file.id]) == 1  # type: ignore[arg-type]


@pytest.mark.usefixtures("db")
async def test_a_file_is_private_until_said_otherwise_and_rights_are_asked_each_time(client: httpx.AsyncClient) -> None:
    file = await keep()
    assert (await client.get(file.path)).status_code == 404
    set_current_actor(CITIZEN)
    assert (await client.get(file.path)).status_code == 404
    set_current_actor(READER)
    got = await client.get(file.path)
    assert (got.status_code, len(got.content)) == (200, file.size)
    set_current_actor(CITIZEN)
    await show(file, "public")
    assert (await client.get(file.path)).status_code == 200
    etag = got.headers["etag"]
    assert (await client.get(file.path, headers={"If-None-Match": f'"x", W/{etag}'})).status_code == 304
    await show(file, "private")
    assert (await client.get(file.path, headers={"If-None-Match": etag})).status_code == 404
    other = await keep(ref="thing:2")
    set_current_actor(READER)
    assert (await client.get(other.path)).status_code == 404
    unknown_kind = await keep(kind="nobody-registered")
    assert (await client.get(unknown_kind.path)).status_code == 404


@pytest.mark.usefixtures("db")
async def test_what_goes_out_cannot_act(client: httpx.AsyncClient) -> None:
    set_current_actor(READER)
    picture, document = await keep(), await keep(written(), name='Tờ trình";\r\nX: y.pdf')
    for file, kind in ((picture, "image/jpeg"), (document, "application/pdf")):
        got = await client.get(file.path)
        assert got.headers["content-type"] == kind
        assert got.headers["x-content-type-options"] == "nosniff"
        assert got.headers["cross-origin-resource-policy"] == "same-origin"
        assert got.headers["cache-control"] == "private, no-store"
        assert "x" not in got.headers
    assert "sandbox" in (await client.get(picture.path)).headers["content-security-policy"]
    named = (await client.get(document.path)).headers["content-disposition"]
    assert named.startswith("inline; filename=\"T_ tr_nh")
    assert "filename*=UTF-8''T%E1%BB%9D%20tr%C3%ACnh" in named
    assert endpoints._disposition(picture, "application/zip").startswith("attachment;")
    small = await client.get(f"{picture.path}?nho=1")
    assert small.headers["content-type"] == "image/webp"
    assert len(small.content) == picture.thumbnail_size


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        ("bytes=0-9", 206, 0, 10),
        ("bytes=10-", 206, 10, None),
        ("bytes=-5", 206, -5, None),
        ("bytes=-99999999", 206, 0, None),
        ("bytes=5-99999999", 206, 5, None),
        ("bytes=99999999-", 416, 0, 0),
        ("bytes=-0", 416, 0, 0),
        ("bytes=9-5", 200, 0, None),
        ("bytes=0-1,5-6", 200, 0, None),
        ("bytes=-", 200, 0, None),
        ("bytes=0x1-2", 200, 0, None),
        ("pages=1-2", 200, 0, None),
        ("bytes=" + "9" * 400 + "-", 200, 0, None),
    ],
)
async def test_parts_of_a_file(client: httpx.AsyncClient, asked: str, status: int, start: int, end: int | None) -> None:
    set_current_actor(READER)
    file = await keep()
    whole = (await client.get(file.path)).content
    got = await client.get(file.path, headers={"Range": asked})
    assert got.status_code == status
    assert got.content == whole[start:end]
    head = await client.head(file.path, headers={"Range": asked})
    assert (head.status_code, head.content) == (status, b"")
    if status == 206:
        first = len(whole) + start if start < 0 else start
        assert got.headers["content-range"] == f"bytes {first}-{first + len(got.content) - 1}/{len(whole)}"
        old = await client.get(file.path, headers={"Range": asked, "If-Range": '"older"'})
        assert (old.status_code, old.content) == (200, whole)


@pytest.mark.usefixtures("db")
async def test_a_signed_link_opens_one_file_for_a_while(client: httpx.AsyncClient) -> None:
    file, other = await keep(), await keep(ref="thing:2")
    link = files.signed_path(file.id)
    ticket = link.partition("ve=")[2]
    assert (await client.get(link)).status_code == 200
    assert (await client.get(f"{link}&nho=1")).status_code == 200
    until, _, signature = ticket.partition(".")
    for wrong in (f"{int(until) + 60}.{signature}", f"{until}.{signature[:-1]}x", until, ".", "đ.x", f"{ticket}x"):
        assert (await client.get(file.path, params={"ve": wrong})).status_code == 404
    assert (await client.get(other.path, params={"ve": ticket})).status_code == 404
    clock.freeze(clock.now() + timedelta(seconds=access.LINK_SECONDS + 1))
    assert (await client.get(link)).status_code == 404


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    "path", ["/tep/..%2f..%2f..%2fetc%2fpasswd", "/tep/%2e%2e/secret.key", "/tep/x", "/tep/" + "0" * 32, "/tep/" + "a" * 5000]
)
async def test_no_other_file_can_be_reached(client: httpx.AsyncClient, path: str) -> None:
    set_current_actor(SYSTEM)
    got = await client.get(path)
    assert got.status_code == 404 or got.text == "page"


@pytest.mark.usefixtures("db")
async def test_unknown_parameters_are_refused(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"/tep/{uuid4()}?big=1")).status_code == 400


@pytest.mark.usefixtures("db")
async def test_lost_bytes_are_a_fault_and_never_half_an_answer(client: httpx.AsyncClient) -> None:
    set_current_actor(READER)
    file = await keep()
    files.blob_store().path(file.sha256).unlink()
    got = await client.get(file.path)
    assert got.status_code == 500
    assert "Mã tham chiếu" in got.json()["detail"]


@pytest.mark.usefixtures("db")
async def test_the_row_comes_and_goes_with_the_transaction(store_root: Path) -> None:
    prepared = await files.prepare(pictures.jpeg(), "a.jpg", files.Purpose.PHOTO)
    with pytest.raises(RuntimeError):
        async with transaction() as session:
            await files.attach(session, CITIZEN, prepared, "thing", "thing:1")
            raise RuntimeError
    assert await rows() == 0
    file = await keep()
    async with transaction() as session:
        assert await files.remove_files(session, [file.id, uuid4()]) == 1
    assert await rows() == 0


@pytest.mark.usefixtures("db")
async def test_the_same_bytes_lie_there_once_and_stay_while_one_row_names_them(store_root: Path) -> None:
    first, second = await keep(), await keep(ref="thing:2")
    assert first.sha256 == second.sha256
    assert len(kept_files(store_root)) == 2  # the picture and its small sibling
    async with transaction() as session:
        await files.remove_files(session, [first.id])
    assert await files.sweep_orphans(older_than=-1) == 0
    async with transaction() as session:
        await files.remove_files(session, [second.id])
    assert await files.sweep_orphans() == 0  # a day has not passed
    assert await files.sweep_orphans(older_than=-1) == 2
    assert kept_files(store_root) == []


@pytest.mark.usefixtures("db")
async def test_a_sweep_spares_what_is_put_again_meanwhile(store_root: Path) -> None:
    prepared = await files.prepare(pictures.jpeg(), "a.jpg", files.Purpose.PHOTO)
    for path in kept_files(store_root):
        os.utime(path, (1, 1))
    put_again = False

    def nobody(hashes: list[bytes]) -> list[bytes]:
        """While the sweep asks the database, the same picture is sent once more and gets its row."""
        nonlocal put_again
        put_again = True
        for path in kept_files(store_root):
            os.utime(path)
        return []

    assert await files.blob_store().sweep(3600, nobody) == 0
    assert put_again
    assert files.blob_store().path(prepared.sha256).exists()


@pytest.mark.usefixtures("db")
async def test_a_backup_keeps_sweeps_away(store_root: Path) -> None:
    await files.prepare(pictures.jpeg(), "a.jpg", files.Purpose.PHOTO)
    with files.blob_store().kept():
        assert await files.sweep_orphans(older_than=-1) == 0
        await files.prepare(pictures.png(), "b.png", files.Purpose.PHOTO)
    assert await files.sweep_orphans(older_than=-1) > 0
    assert kept_files(store_root) == []


KILLED = """
import asyncio, os, signal, sys
from mattranso_app.core import db, files
from mattranso_app.core.access import SYSTEM
async def main():
    await db.open_pool(sys.argv[1])
    prepared = await files.prepare(open(sys.argv[2], "rb").read(), "a.jpg", files.Purpose.PHOTO)
    async with db.transaction() as session:
        await files.attach(session, SYSTEM, prepared, "thing", "thing:1")
        os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""


async def test_a_kill_between_bytes_and_row_leaves_nothing_to_see_and_is_swept(db: str, store_root: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(pictures.jpeg())
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", "-c", KILLED, db, str(tmp_path / "a.jpg"), cwd=ROOT, stderr=subprocess.PIPE
    )
    _, said = await process.communicate()
    assert process.returncode == -signal.SIGKILL, said
    assert len(kept_files(store_root)) == 2
    assert await rows() == 0
    assert await files.sweep_orphans(older_than=-1) == 2
    assert kept_files(store_root) == []


async def test_what_broken_uploads_left_is_swept(db: str, store_root: Path) -> None:
    from mattranso_app.core.files.blobs import incoming_path

    old, young = incoming_path(), incoming_path()
    old.write_bytes(b"x")
    young.write_bytes(b"x")
    os.utime(old, (time.time() - 90_000,) * 2)
    assert await files.sweep_orphans() == 1
    assert kept_files(store_root) == [young]


def test_two_rooms_cannot_take_the_same_word(monkeypatch: pytest.MonkeyPatch) -> None:
    async def one(session: AsyncSession, actor: Actor, owner_ref: str, file: files.StoredFile) -> bool:
        return True

    async def two(session: AsyncSession, actor: Actor, owner_ref: str, file: files.StoredFile) -> bool:
        return False

    monkeypatch.setattr(access, "_readers", {})
    files.register_reader("thing", one)
    files.register_reader("thing", one)
    with pytest.raises(ValueError, match="already"):
        files.register_reader("thing", two)
