"""`bench lists`: desk, public list, search and home page with a million petitions.

Fills a data directory of its own with invented petitions (minutes, once: the directory is used again), starts the
platform on it and lets another process ask (`load.py`): through the services, where the SQL statements of each call are
counted, and over HTTP. Every kind of call asks for another unit, word or page each time.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
import psycopg

from mattranso_app import frontend
from mattranso_app.bench import running
from mattranso_app.bench.report import Report
from mattranso_app.core import embedded_postgres
from mattranso_app.settings import ROOT, settings

P95_BAR = 100.0
"""Milliseconds within which 95 of 100 calls answer."""
STATEMENTS_BAR = 5
DEEP_BAR = 1.5
"""How many times as long as the first page the thousandth may take, in the median."""
MEGABYTE = 2**20


def main(words: Sequence[str]) -> int:
    """Fill, start, ask and judge; see `--help`."""
    parser = argparse.ArgumentParser(prog="./mattranso bench lists", description=__doc__)
    parser.add_argument("--petitions", type=int, default=1_000_000, metavar="N", help="số phản ánh giả (mặc định một triệu)")
    parser.add_argument("--data", type=Path, metavar="THƯ MỤC", help="thư mục dữ liệu, dùng lại cho lần sau")
    parser.add_argument("--calls", type=int, default=200, metavar="N", help="số lần gọi cho mỗi loại")
    options = parser.parse_args(words)
    data: Path = (options.data or settings().data_dir / "bench-lists").resolve()
    report = Report("lists", {"petitions": options.petitions, "calls": options.calls})
    if not frontend.is_built():
        frontend.build()
    filled = fill(data, options.petitions)
    report.add("phản ánh", filled["petitions"], "")
    report.add("tạo phản ánh giả", filled["seed_seconds"] / 60, "phút")
    report.add("cơ sở dữ liệu trên đĩa", filled["database_mb"], "MB")
    report.add("dựng lại chỉ mục tìm kiếm", filled["index_seconds"] / 60, "phút")
    report.add("chỉ mục tìm kiếm trên đĩa", size(data / "search") / MEGABYTE, "MB")
    platform = running.start(data)
    try:
        report.add("khởi động tới khi sẵn sàng", platform.seconds_to_ready, "s", bar=10)
        before = _memory(platform)
        for answer in _ask(platform, options.calls):
            name = answer["name"]
            if "ratio" in answer:
                report.add(name, answer["ratio"], "lần", DEEP_BAR)
                continue
            report.add(f"{name}: p50", answer["p50"], "ms")
            report.add(f"{name}: p95", answer["p95"], "ms", P95_BAR if answer["is_judged"] else None)
            if answer["statements"] is not None:
                report.add(f"{name}: câu lệnh SQL", answer["statements"], "", STATEMENTS_BAR)
        after = _memory(platform)
        report.add("bộ nhớ riêng của tiến trình web, lúc mới chạy", before[0], "MB")
        report.add("bộ nhớ riêng của tiến trình web, sau khi đo", after[0], "MB", bar=400)
        report.add("bộ nhớ của nó kể cả trang chỉ mục đã đọc", after[1], "MB")
    finally:
        platform.stop()
    return report.finish()


def fill(data: Path, petitions: int) -> dict[str, float]:
    """Bring the data directory to `petitions` invented petitions with a search index.

    Returns:
        Figures of the filling, kept in the directory: `petitions`, `seed_seconds`, `database_mb`, `index_seconds`.

    Raises:
        RuntimeError: a command failed; its words are above.
    """
    data.mkdir(parents=True, exist_ok=True)
    kept = data / "filled.json"
    known: dict[str, float] = json.loads(kept.read_text()) if kept.is_file() else {}
    if known.get("petitions", 0) >= petitions:
        return known
    kept.unlink(missing_ok=True)
    _command(data, "seed")
    missing = petitions - _count(data)
    known = {"seed_seconds": _command(data, "seed", "--petitions", str(missing)) if missing > 0 else 0.0}
    known["index_seconds"] = _command(data, "reindex")
    known["petitions"] = _count(data)
    known["database_mb"] = size(data / "postgres" / "base") / MEGABYTE
    kept.write_text(json.dumps(known))
    return known


def size(directory: Path) -> int:
    """Return the bytes of all files below `directory`."""
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


def _command(data: Path, *words: str) -> float:
    """Run one of our commands on the data directory and return the seconds it took."""
    begun = time.monotonic()
    environment = {**os.environ, "MTS_DATA_DIR": str(data), "MTS_ENV": "demo"}
    if subprocess.call([sys.executable, "-m", "mattranso_app.cli", *words], cwd=ROOT, env=environment):
        raise RuntimeError(f"./mattranso {' '.join(words)} failed")
    return time.monotonic() - begun


def _count(data: Path) -> int:
    server = embedded_postgres.start(data / "postgres")
    try:
        with psycopg.connect(server.url()) as connection:
            row = connection.execute("SELECT count(*) FROM petition").fetchone()
            return int(row[0]) if row else 0
    finally:
        server.stop()


def _ask(platform: running.Platform, calls: int) -> list[dict[str, Any]]:
    """Let the load process measure and return its answers."""
    environment = {
        **os.environ, "MTS_DATA_DIR": str(platform.data_dir), "MTS_ENV": "demo", "MTS_PORT": str(platform.port),
        "MTS_DATABASE_URL": platform.database_url(embedded_postgres.APP),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "mattranso_app.bench.lists.load", str(calls)],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def _memory(platform: running.Platform) -> tuple[float, float]:
    """Return the megabytes of the web process: its own, and all that is resident, pages of the index included."""
    held = psutil.Process(platform.web_process()).memory_info()
    return (held.rss - getattr(held, "shared", 0)) / MEGABYTE, held.rss / MEGABYTE
