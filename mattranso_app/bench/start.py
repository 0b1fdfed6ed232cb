"""`bench start`: how long the second start takes until the platform can do its work (bar: 10 seconds)."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from mattranso_app.bench import running
from mattranso_app.bench.report import Report

RUNS = 5


def main(_words: Sequence[str]) -> int:
    """Start once to fill the data directory, then start again and again."""
    report = Report("start")
    with tempfile.TemporaryDirectory(prefix="mattranso-bench-") as directory:
        first = running.start(Path(directory))
        first.stop()
        again = []
        for _ in range(RUNS):
            platform = running.start(Path(directory))
            again.append(platform.seconds_to_ready)
            platform.stop()
    report.add("lần đầu (đã cài gói, đã dựng giao diện)", first.seconds_to_ready, "s")
    report.add("lần sau, nhanh nhất", min(again), "s")
    report.add("lần sau, chậm nhất", max(again), "s", bar=10)
    return report.finish()
