"""`bench live`: a committed change reaches all of 1,000 viewers, who all come back at once after a cut.

Processes beside PostgreSQL: the platform as `./mattranso run` serves it, the viewers (`viewers.py`) and this one, which
acts. So a change takes the whole way: a service's verb with its rows, commit, NOTIFY, the hub's reading, one event encoded
once, 1,000 sockets. Times are CLOCK_MONOTONIC, which all processes of a machine share.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mattranso_app import frontend
from mattranso_app.bench.live.grounds import Commits, Ground, Subject, core_alone, whole_platform
from mattranso_app.bench.report import Report, percentile
from mattranso_app.settings import ROOT

PAUSE = 0.15
"""Seconds between two changes: each is measured alone."""
COMING_BACK = 10
"""How often all viewers are cut and redial."""
WARM_UP = 5


def main(words: Sequence[str]) -> int:
    """Measure and print; see `--help`."""
    parser = argparse.ArgumentParser(prog="./mattranso bench live", description=__doc__)
    parser.add_argument("--viewers", type=int, default=1_000, help="người xem cùng lúc")
    parser.add_argument("--changes", type=int, default=60, help="thay đổi được đo cho mỗi loại chủ đề")
    parser.add_argument("--core", action="store_true", help="chỉ phần trực tiếp, không có Reflex")
    parser.add_argument("--gc", choices=("tuned", "default"), default="tuned", help="với --core: bộ thu gom rác đã chỉnh hay mặc định")
    options = parser.parse_args(words)
    if not options.core and options.gc != "tuned":
        parser.error("--gc chỉ đi cùng --core")
    return asyncio.run(run(options.viewers, options.changes, options.gc, whole=not options.core))


async def run(viewers: int = 1_000, changes: int = 60, collector: str = "tuned", *, whole: bool = True) -> int:
    """Measure and return the exit code.

    Args:
        viewers: open streams.
        changes: changes measured on each topic.
        collector: with the core alone: "tuned" or "default" garbage collector in the server.
        whole: serve the whole platform; False: the live core's routes alone.
    """
    # The figures of the whole platform with its own settings are the bench's; the others are told beside it.
    name = "live" if whole else f"live-core{'' if collector == 'tuned' else f'-{collector}'}"
    report = Report(name, {"viewers": viewers, "changes": changes})
    if whole and not frontend.is_built():
        await asyncio.to_thread(frontend.build)
    async with (whole_platform() if whole else core_alone(collector)) as ground, _child(str(ground.port)) as load:
        with Commits() as commits:
            await _measure(report, ground, load, commits, viewers, changes)
    return report.finish()


async def _measure(report: Report, ground: Ground, load: Child, commits: Commits, viewers: int, changes: int) -> None:
    before = _resident(ground.process)
    for place, subject in enumerate(ground.subjects):
        dialled = await load.ask({"do": "dial", "topic": subject.topic, "viewers": viewers, "pattern": subject.pattern})
        number = dialled["number"]
        _all_came(dialled["times"], viewers, number)
        delays: list[float] = []
        last: list[float] = []
        for turn in range(changes + WARM_UP):
            number += 1
            await subject.change(number)
            committed = commits.last
            arrived = (await load.ask({"do": "wait", "number": number}))["times"]
            _all_came(arrived, viewers, number)
            if turn >= WARM_UP:
                delays += [(moment - committed) * 1000 for moment in arrived]
                last.append((max(arrived) - committed) * 1000)
            await asyncio.sleep(PAUSE)
        report.add(f"{subject.words}: tới người xem, p50", percentile(delays, 0.5), "ms")
        report.add(f"{subject.words}: tới người xem, p99", percentile(delays, 0.99), "ms", bar=100)
        # The bar speaks of ten changes; of more, no ten may hold a worse one.
        report.add(f"{subject.words}: người cuối cùng, lần xấu nhất", max(last), "ms", bar=200)
        if place == 0:
            report.add("bộ nhớ mỗi người xem", (_resident(ground.process) - before) / viewers / 1024, "KB", bar=60)
        await _come_back(report, subject, load, viewers, number)
        await load.ask({"do": "cut"})
        await asyncio.sleep(0.5)


async def _come_back(report: Report, subject: Subject, load: Child, viewers: int, number: int) -> None:
    """Break all streams off and let all redial at once while another change is committed."""
    back = []
    for _ in range(COMING_BACK):
        number += 1
        cut = time.monotonic()
        await load.ask({"do": "cut"})
        await asyncio.gather(load.ask({"do": "redial", "number": number}), subject.change(number))
        times = (await load.ask({"do": "wait", "number": number}))["times"]
        _all_came(times, viewers, number)
        back.append(max(times) - cut)
        await asyncio.sleep(0.3)
    report.add(f"{subject.words}: cắt hết, nối lại, tất cả kịp thời, giữa", percentile(back, 0.5), "s")
    report.add(f"{subject.words}: cắt hết, nối lại, tất cả kịp thời, xấu nhất", max(back), "s", bar=2)


def _all_came(times: list[float], viewers: int, number: int) -> None:
    if len(times) < viewers:
        raise RuntimeError(f"change {number} reached {len(times)} of {viewers} viewers")


def _resident(process: int) -> int:
    """Bytes of memory `process` holds."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Child:
    """The viewers' process: JSON lines in, JSON lines out."""

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
            raise RuntimeError("the viewers' process has ended; see its message above")
        answer: dict[str, Any] = json.loads(line)
        return answer


@asynccontextmanager
async def _child(*words: str) -> AsyncIterator[Child]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "mattranso_app.bench.live.viewers", *words,
        cwd=ROOT, start_new_session=True, limit=2**24, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
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
