"""Killing the platform at random moments, as memory shortage and power cuts do, and bringing it back as people would."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
import urllib.error
import urllib.request
from collections.abc import Mapping

from mattranso_app.bench import running
from mattranso_app.bench.submit.sending import Parcel

WORDS = {
    "web": "tiến trình web (kill -9; granian tự dựng lại)",
    "database": "PostgreSQL (kill -9 mọi tiến trình; run tự dựng lại)",
    "platform": "run và mọi tiến trình con (kill -9; chạy lại ./mattranso run)",
    "all": "tất cả, cả PostgreSQL, như mất điện (chạy lại ./mattranso run)",
}
PAUSE = (1.0, 4.0)
"""Seconds between the platform's being ready and the next kill; one kill in four comes at once, into the recovery."""
PATIENCE = 180.0


class Keeper:
    """Holds the platform that runs now.

    Attributes:
        platform: it; another after a kill that took the parent process.
        done: moments of the kills (CLOCK_MONOTONIC, seconds) by kind.
        ended: how often `run` ended by itself, as it does when its web process is killed twice within seconds.
        order: the kinds as they came, for the message when it does not come back.
    """

    def __init__(self, platform: running.Platform, settings: Mapping[str, str]) -> None:
        self.platform = platform
        self.done: dict[str, list[float]] = {kind: [] for kind in WORDS}
        self.ended = 0
        self.order: list[str] = []
        self._settings = settings

    async def kill_now_and_then(self, kills: int, stopped: asyncio.Event) -> None:
        """Kill `kills` times, each kind about as often as the others, or until `stopped`."""
        kinds = list(itertools.islice(itertools.cycle(WORDS), kills))
        random.shuffle(kinds)
        for turn, kind in enumerate(kinds):
            if turn % 4:
                await asyncio.to_thread(self.wait_until_ready)
                await asyncio.sleep(random.uniform(*PAUSE))  # noqa: S311
            if stopped.is_set():
                return
            await asyncio.to_thread(self._kill, kind)

    def _kill(self, kind: str) -> None:
        self.order.append(kind)
        if kind == "web":
            self.wait_until_ready()  # it says itself which process it is
            target = self.platform.web_process()
            self.done[kind].append(time.monotonic())
            running.kill_trees([target])
        elif kind == "database":
            target = self._postmaster()
            self.done[kind].append(time.monotonic())
            running.kill_trees([target])
        else:
            self.done[kind].append(time.monotonic())
            self.platform.kill(database=kind == "all")
            self.platform = running.start(self.platform.data_dir, self.platform.port, settings=self._settings)

    def _postmaster(self) -> int:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self.platform.postmaster()
            except (OSError, ValueError, IndexError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def wait_until_ready(self) -> None:
        """Return once the platform can do its work; where `run` has ended by itself, start it as its service manager would.

        Raises:
            RuntimeError: it does not come back.
        """
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.platform.port}/readyz", timeout=5).read()
                return
            except (urllib.error.URLError, OSError):
                if self.platform.process.poll() is not None:
                    self.ended += 1
                    self.platform = running.start(self.platform.data_dir, self.platform.port, settings=self._settings)
                time.sleep(0.05)
        log = (self.platform.data_dir / "run.log").read_text()
        raise RuntimeError(f"the platform did not come back after {self.order}:\n{log[-6000:]}")

    def longest_gap(self, parcels: list[Parcel]) -> float:
        """Return the most seconds that passed from a kill to the next petition taken in."""
        taken = sorted(parcel.acknowledged for parcel in parcels)
        moments = [moment for times in self.done.values() for moment in times]
        gaps = [next((at for at in taken if at > moment), moment) - moment for moment in moments]
        return max(gaps, default=0.0)
