"""`bench live`: a committed change reaches all of 1,000 viewers, who all come back at once after a cut.

Three processes beside PostgreSQL: the server, the viewers (`viewers.py`) and this one, which writes. So a change takes
the whole way: commit, NOTIFY, the hub's reading, one event encoded once, 1,000 sockets. Times are CLOCK_MONOTONIC, which
all processes of a machine share.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import text

from mattranso_app import frontend
from mattranso_app.bench.live.server import PID_FILE
from mattranso_app.bench.report import Report, percentile
from mattranso_app.bench.running import free_port
from mattranso_app.core import db, embedded_postgres, live
from mattranso_app.migrations import migrate
from mattranso_app.settings import ROOT

PAUSE = 0.12
"""Seconds between two changes: each is measured alone."""
COMING_BACK = 10
"""How often all viewers are cut and redial."""
WARM_UP = 5

_TABLE = """
CREATE TABLE bench_board (unit text PRIMARY KEY, received int NOT NULL DEFAULT 0, answered int NOT NULL DEFAULT 0);
INSERT INTO bench_board (unit) SELECT lpad(code::text, 2, '0') FROM generate_series(1, 34) AS code;
GRANT SELECT, UPDATE ON bench_board TO mattranso_app;
"""


def main(words: Sequence[str]) -> int:
    """Measure and print; see `--help`."""
    parser = argparse.ArgumentParser(prog="./mattranso bench live", description=__doc__)
    parser.add_argument("--viewers", type=int, default=1_000, help="người xem cùng lúc")
    parser.add_argument("--changes", type=int, default=60, help="thay đổi được đo cho mỗi loại chủ đề")
    parser.add_argument("--gc", choices=("tuned", "default"), default="tuned", help="bộ thu gom rác: đã chỉnh hay mặc định")
    parser.add_argument("--core", action="store_true", help="chỉ phần trực tiếp, không có Reflex")
    options = parser.parse_args(words)
    return asyncio.run(run(options.viewers, options.changes, options.gc, whole=not options.core))


async def run(viewers: int = 1_000, changes: int = 60, collector: str = "tuned", *, whole: bool = True) -> int:
    """Measure and return the exit code.

    Args:
        viewers: open streams.
        changes: changes measured on each topic.
        collector: "tuned" or "default" garbage collector in the server.
        whole: serve the whole platform; False: the live core's routes alone.
    """
    # The figures of the whole platform with its own settings are the bench's; the others are told beside it.
    report = Report("live" if collector == "tuned" and whole else f"live-{collector}{'' if whole else '-core'}")
    if whole and not frontend.is_built():
        await asyncio.to_thread(frontend.build)
    with tempfile.TemporaryDirectory(prefix="mattranso-bench-") as directory:
        postgres = await asyncio.to_thread(embedded_postgres.start, Path(directory) / "postgres")
        try:
            await asyncio.to_thread(migrate, postgres.url(embedded_postgres.OWNER))
            async with await psycopg.AsyncConnection.connect(postgres.url(embedded_postgres.OWNER), autocommit=True) as owner:
                await owner.execute(_TABLE)
            await db.open_pool(postgres.url())
            environment = {
                "MTS_ENV": "test", "MTS_DATA_DIR": directory, "MTS_DATABASE_URL": postgres.url(),
                "MTS_LIVE_VIEWERS_PER_ADDRESS": "100000", "MTS_BENCH_GC": collector, "MTS_BENCH_WHOLE": str(int(whole)),
            }  # fmt: skip
            port = free_port()
            async with _child("server", str(port), **environment) as server, _child("viewers", str(port)) as load:
                await asyncio.to_thread(_until_served, port, server.process)
                process = int(await asyncio.to_thread((Path(directory) / PID_FILE).read_text))
                await _measure(report, load, process, viewers, changes)
        finally:
            await live.stop()
            await db.close_pool()
            await asyncio.to_thread(postgres.stop)
    return report.finish()


async def _measure(report: Report, load: Child, server: int, viewers: int, changes: int) -> None:
    before = _resident(server)
    for topic in ("bench/board", "bench/totals"):
        await load.ask({"do": "dial", "topic": topic, "viewers": viewers})
        number = 0
        delays: list[float] = []
        last: list[float] = []
        for turn in range(changes + WARM_UP):
            number += 1
            committed = await _change(number)
            arrived = (await load.ask({"do": "wait", "number": number}))["times"]
            if len(arrived) < viewers:
                raise RuntimeError(f"change {number} reached {len(arrived)} of {viewers} viewers")
            if turn >= WARM_UP:
                delays += [(moment - committed) * 1000 for moment in arrived]
                last.append((max(arrived) - committed) * 1000)
            await asyncio.sleep(PAUSE)
        kind = "thay đổi từng phần" if topic == "bench/board" else "tính lại"
        report.add(f"{kind}: tới người xem, p50", percentile(delays, 0.5), "ms")
        report.add(f"{kind}: tới người xem, p99", percentile(delays, 0.99), "ms", bar=100)
        report.add(f"{kind}: người cuối cùng, lần xấu nhất", max(last), "ms", bar=200)
        if topic == "bench/board":
            report.add("bộ nhớ mỗi người xem", (_resident(server) - before) / viewers / 1024, "KB", bar=60)
            back = []
            for _ in range(COMING_BACK):
                number += 1
                cut = time.monotonic()
                await load.ask({"do": "cut"})
                await asyncio.gather(load.ask({"do": "redial", "number": number}), _change(number))
                times = (await load.ask({"do": "wait", "number": number}))["times"]
                if len(times) < viewers:
                    raise RuntimeError(f"{len(times)} of {viewers} came back")
                back.append(max(times) - cut)
                await asyncio.sleep(0.3)
            report.add("cắt hết, nối lại: tất cả kịp thời, giữa", percentile(back, 0.5), "s")
            report.add("cắt hết, nối lại: tất cả kịp thời, xấu nhất", max(back), "s", bar=2)
        await load.ask({"do": "cut"})
        await _set_back()
        await asyncio.sleep(0.5)


async def _change(number: int) -> float:
    """Commit one change and return the moment of its commit."""
    moments: list[float] = []
    async with db.transaction() as session:
        db.after_commit(session, lambda: moments.append(time.monotonic()))
        unit = f"{number % 34 + 1:02}"
        row = {"received": number, "answered": number // 2}
        await session.execute(
            text("UPDATE bench_board SET received = :received, answered = :answered WHERE unit = :unit"),
            {**row, "unit": unit},
        )
        await live.publish(session, "bench/board", {"number": number, "rows": {unit: row}})
        await live.publish(session, "bench/totals")
    return moments[0]


async def _set_back() -> None:
    async with db.transaction() as session:
        await session.execute(text("UPDATE bench_board SET received = 0, answered = 0"))


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


def _resident(process: int) -> int:
    """Bytes of memory `process` holds."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Child:
    """One of the bench's own processes: JSON lines in, JSON lines out."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """Send `question` and return the answer.

        Raises:
            RuntimeError: the process has ended.
        """
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(question).encode() + b"\n")
        line = await asyncio.wait_for(self.process.stdout.readline(), 60)
        if not line:
            raise RuntimeError("a process of the bench has ended; see its message above")
        answer: dict[str, Any] = json.loads(line)
        return answer


@asynccontextmanager
async def _child(name: str, *words: str, **environment: str) -> AsyncIterator[Child]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"mattranso_app.bench.live.{name}", *words,
        cwd=ROOT, env={**os.environ, **environment}, start_new_session=True, limit=2**24,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield Child(process)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), 20)
            except TimeoutError:
                os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
