"""What `bench live` measures on: the whole platform with acts of its own, or the live core's routes alone.

Either gives topics, and for each a way to commit a change whose number the viewers find in what arrives.
"""

from __future__ import annotations

import asyncio
import os
import secrets as random_source
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from mattranso_app.bench import running
from mattranso_app.bench.live.server import PID_FILE
from mattranso_app.core import db, embedded_postgres, live
from mattranso_app.core.access import Actor, Grant, Role
from mattranso_app.migrations import migrate
from mattranso_app.petitions import service
from mattranso_app.petitions.submission import check_submission
from mattranso_app.settings import ROOT, settings
from mattranso_app.units import service as units

MANY = "100000"
TITLE = "Đèn đường hỏng, tin cập nhật lần"


@dataclass(frozen=True, slots=True)
class Subject:
    """A topic to measure on.

    Attributes:
        topic: its name.
        words: what the table calls it.
        pattern: regular expression whose group is the change's number in an event.
        change: commits the change that brings it to the number given.
    """

    topic: str
    words: str
    pattern: str
    change: Callable[[int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Ground:
    """A server that runs: its port, its process (for its memory) and what to measure on."""

    port: int
    process: int
    subjects: list[Subject]


class Commits:
    """Notes the moment of each commit of this process (CLOCK_MONOTONIC, seconds)."""

    def __init__(self) -> None:
        self.last = 0.0

    def __enter__(self) -> Commits:
        event.listen(Session, "after_commit", self._note)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(Session, "after_commit", self._note)

    def _note(self, _session: Session) -> None:
        self.last = time.monotonic()


@asynccontextmanager
async def whole_platform() -> AsyncIterator[Ground]:
    """The platform as `./mattranso run` serves it. Changes are the services' own verbs, committed by this process.

    `petitions/{number}`: an officer publishes the question again in a new wording. `portal`: a citizen's petition comes in.
    """
    with tempfile.TemporaryDirectory(prefix="mattranso-bench-") as directory:
        wanted = {"MTS_LIVE_VIEWERS_PER_ADDRESS": MANY, "MTS_SUBMISSIONS_PER_ADDRESS": "0"}
        platform = await asyncio.to_thread(running.start, Path(directory), None, 180.0, wanted)
        try:
            # This process acts on the platform's database with the platform's keys.
            os.environ |= {"MTS_DATA_DIR": directory, "MTS_DATABASE_URL": platform.database_url(embedded_postgres.APP), **wanted}
            settings.cache_clear()
            await db.open_pool()
            subjects = [await _petition(), _portal()]
            yield Ground(platform.port, await asyncio.to_thread(platform.web_process), subjects)
        finally:
            await live.stop()
            await db.close_pool()
            await asyncio.to_thread(platform.stop)


async def _send() -> str:
    submission = check_submission({"kind": "phan_anh", "body": "Đèn đường đầu ngõ hỏng hai tuần nay, tối rất nguy hiểm.", "unit": "vn"})
    sender = Actor("anonymous", address="127.0.0.1")
    return (await service.submit_petition(sender, random_source.token_hex(16), submission)).number


async def _petition() -> Subject:
    officer = await _officer()
    number = await _send()
    version = 1
    await service.take_up(officer, number, version)
    version += 1

    async def change(count: int) -> None:
        nonlocal version
        await service.publish_question(officer, number, version, f"{TITLE} {count}.", "Đèn đường đầu ngõ hỏng hai tuần nay.", "")
        version += 1

    await change(0)
    return Subject(f"petitions/{number}", "một phản ánh", rf'"title":"{TITLE} (\d+)\."', change)


async def _officer() -> Actor:
    async with db.reading() as session:
        person = (await session.execute(text("SELECT person_id FROM credential WHERE user_name = 'trunguong.xuly'"))).scalar_one()
    central = await units.get_unit_by_code("vn")
    grants = (Grant(Role.HANDLER, "mttq", central.path),)
    return Actor("officer", person_id=person, unit_id=central.id, unit_path=central.path, grants=grants)


def _portal() -> Subject:
    async def change(_count: int) -> None:
        await _send()

    return Subject("portal", "trang chủ", r'"received_today":"([\d.]+)"', change)


_TABLE = """
CREATE TABLE bench_board (unit text PRIMARY KEY, received int NOT NULL DEFAULT 0, answered int NOT NULL DEFAULT 0);
INSERT INTO bench_board (unit) SELECT lpad(code::text, 2, '0') FROM generate_series(1, 34) AS code;
GRANT SELECT, UPDATE ON bench_board TO mattranso_app;
"""


@asynccontextmanager
async def core_alone(collector: str) -> AsyncIterator[Ground]:
    """The live core's routes under granian, without Reflex: a topic with patches and one that is recomputed.

    Args:
        collector: "tuned" or "default" garbage collector in the server.
    """
    with tempfile.TemporaryDirectory(prefix="mattranso-bench-") as directory:
        postgres = await asyncio.to_thread(embedded_postgres.start, Path(directory) / "postgres")
        try:
            await asyncio.to_thread(migrate, postgres.url(embedded_postgres.OWNER))
            async with await psycopg.AsyncConnection.connect(postgres.url(embedded_postgres.OWNER), autocommit=True) as owner:
                await owner.execute(_TABLE)
            await db.open_pool(postgres.url())
            port = running.free_port()
            environment = {
                **os.environ, "MTS_ENV": "test", "MTS_DATA_DIR": directory, "MTS_DATABASE_URL": postgres.url(),
                "MTS_LIVE_VIEWERS_PER_ADDRESS": MANY, "MTS_BENCH_GC": collector,
            }  # fmt: skip
            server = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "mattranso_app.bench.live.server", str(port), cwd=ROOT, env=environment, start_new_session=True
            )
            try:
                await asyncio.to_thread(_until_served, port, server)
                process = int(await asyncio.to_thread((Path(directory) / PID_FILE).read_text))
                words = {"bench/board": "thay đổi từng phần", "bench/totals": "tính lại"}
                subjects = [Subject(topic, words[topic], r'"number":(\d+)', _change_board) for topic in words]
                yield Ground(port, process, subjects)
            finally:
                await asyncio.to_thread(running.kill_trees, [server.pid])
        finally:
            await live.stop()
            await db.close_pool()
            await asyncio.to_thread(postgres.stop)


async def _change_board(number: int) -> None:
    async with db.transaction() as session:
        unit = f"{number % 34 + 1:02}"
        row = {"received": number, "answered": number // 2}
        await session.execute(
            text("UPDATE bench_board SET received = :received, answered = :answered WHERE unit = :unit"), {**row, "unit": unit}
        )
        await live.publish(session, "bench/board", {"number": number, "rows": {unit: row}})
        await live.mark(session, "bench/totals")


def _until_served(port: int, server: asyncio.subprocess.Process) -> None:
    for _ in range(600):
        if server.returncode is not None:
            break
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/live/bench/board.json", timeout=5).read()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server of the bench does not answer; see its message above")
