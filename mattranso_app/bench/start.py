"""`bench start`: how long a start takes on a data directory that was used before, until the platform can do its work.

Measured from the moment the command is given to the first answer of `/readyz`, after a clean stop and after a power cut
(SIGKILL to every process, PostgreSQL's too), with a petition's worth of demonstration data in it. Bar: 10 seconds each.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from mattranso_app.bench import running
from mattranso_app.bench.report import Report

RUNS = 5
BAR = 10.0


def main(_words: Sequence[str]) -> int:
    """Start once to fill the data directory, then start again and again."""
    report = Report("start", {"runs": RUNS})
    with tempfile.TemporaryDirectory(prefix="mattranso-bench-") as directory:
        first = platform = running.start(Path(directory))
        after_stop, after_kill = [], []
        for _ in range(RUNS):
            platform.stop()
            platform = running.start(Path(directory))
            after_stop.append(platform.seconds_to_ready)
        for _ in range(RUNS):
            platform.kill()
            platform = running.start(Path(directory))
            after_kill.append(platform.seconds_to_ready)
        platform.stop()
    report.add("lần đầu (đã cài gói, đã dựng giao diện)", first.seconds_to_ready, "s")
    report.add("lần sau, nhanh nhất", min(after_stop), "s")
    report.add("lần sau, chậm nhất", max(after_stop), "s", bar=BAR)
    report.add("sau khi mọi tiến trình bị kill -9, nhanh nhất", min(after_kill), "s")
    report.add("sau khi mọi tiến trình bị kill -9, chậm nhất", max(after_kill), "s", bar=BAR)
    return report.finish()
