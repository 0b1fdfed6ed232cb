"""How fast the look-up is, measured on what people type: names of every kind without marks, half typed, and former ones."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import date

from mattranso_app.core.clock import today
from mattranso_app.core.text import fold
from mattranso_app.units.lookup import current_index

FORMER = (
    "quan 1",
    "q3 tphcm",
    "huyen cu chi",
    "phuong truc bach",
    "thi xa son tay",
    "tinh ha tay",
    "brvt",
    "p5 q3",
    "tt soc son",
)
"""Queries by former names and abbreviations, mixed in with the names of today."""


async def bench_lookup(queries: int = 2_000, seed: int = 1) -> dict[str, float]:
    """Return milliseconds per look-up: `p50`, `p95`, `max`; and `load`, the milliseconds of making the index.

    Args:
        queries: how many different texts are looked up, each once, so that no answer is remembered.
        seed: of the choice; the same seed gives the same texts.
    """
    begin = time.perf_counter()
    index = await current_index()
    load = time.perf_counter() - begin
    day = today()
    spent = sorted(
        _timed(index.search, text, day) for text in texts([unit.name for unit in index.all_units(day)], queries, seed)
    )
    return {
        "p50": 1000 * spent[len(spent) // 2],
        "p95": 1000 * spent[int(len(spent) * 0.95)],
        "max": 1000 * spent[-1],
        "load": 1000 * load,
    }


def _timed(search: Callable[[str, date], object], text: str, day: date) -> float:
    begin = time.perf_counter()
    search(text, day)
    return time.perf_counter() - begin


def texts(names: list[str], count: int, seed: int) -> list[str]:
    """Return `count` different texts as people type them: names whole, half, marked or not, every tenth a former one."""
    choice = random.Random(seed)  # noqa: S311 - a repeatable choice, no secret
    texts: list[str] = []
    for number in range(count):
        name = choice.choice(names)
        short = name.split(" ", 1)[1]
        typed = choice.choice((name, fold(name), short, fold(short), short[: choice.randint(1, len(short))], fold(short)[:3]))
        # Blanks at the end make a text new to the memory of answers without changing what is looked up.
        texts.append((FORMER[number % len(FORMER)] if number % 10 == 0 else typed) + " " * (number % 7) + "," * (number % 11))
    return texts
