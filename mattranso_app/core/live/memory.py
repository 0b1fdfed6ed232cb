"""What a process that holds thousands of streams needs of its surroundings."""

from __future__ import annotations

import gc
import sys

THRESHOLDS = (20_000, 50, 100)
"""Allocations before a young collection, young before a middle one, middle before a full one."""


def tune_gc() -> None:
    """Put what start-up made out of the collector's sight and let it run seldom. Call once, when the process is ready.

    Every full collection walks all objects while no event goes out. `./mattranso bench live --gc default` shows the
    difference; the figures stand in mattranso_app/bench/live/README.md.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)


def raise_file_limit() -> None:
    """Let this process open as many files as the machine allows: each viewer is a socket, and 1,024 is a common start."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
