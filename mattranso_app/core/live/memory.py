"""The garbage collector, set for a process that holds thousands of streams."""

from __future__ import annotations

import gc

THRESHOLDS = (20_000, 50, 100)
"""Allocations before a young collection, young before a middle one, middle before a full one."""


def tune_gc() -> None:
    """Put what start-up made out of the collector's sight and let it run seldom. Call once, when the process is ready.

    Every full collection walks all objects while no event goes out. `./mattranso bench live --gc default` shows the
    difference; the figures stand in mattranso_app/bench/README.md.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
