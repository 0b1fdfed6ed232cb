"""`bench totals`: any total at any level, a pivot of 34 provinces × 60 cells × 4 periods, and how soon a save shows above.

On two years of figures of 3,356 units (18 million values). Saves come from another process, 50 a second, while the totals
are folded as the worker does.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import random
import time
from collections.abc import Sequence
from decimal import Decimal
from multiprocessing.sharedctypes import Synchronized
from typing import Any

from mattranso_app.bench.registry_ground import ground
from mattranso_app.bench.report import Report, percentile
from mattranso_app.core import db, live
from mattranso_app.core.access import SYSTEM
from mattranso_app.core.clock import today
from mattranso_app.core.reporting.folding import fold_stale
from mattranso_app.core.reporting.models import Source
from mattranso_app.core.reporting.periods import PeriodKind, period_on
from mattranso_app.core.sql import sql
from mattranso_app.registry.load import BACK
from mattranso_app.registry.load_forms import FORMS, ORGANISATION
from mattranso_app.registry.service import save_reports
from mattranso_app.registry.service.totals import Question, get_totals
from mattranso_app.units.kinds import Level
from mattranso_app.units.service import list_units

ONE_TOTAL, PIVOT, SEEN = 100.0, 300.0, 2_000.0
"""Bars, in milliseconds."""
QUESTIONS, PIVOTS, RATE, SECONDS = 400, 30, 50, 20
AT_ONCE = 12
"""Saves on their way at one moment; a machine too slow for the rate falls behind, which the rate that is told shows."""
_STANDING = sql(
    "SELECT u.code, r.cells ->> 'viec_1' AS value FROM reporting_report r JOIN reporting_form f ON f.id = r.form_id "
    "JOIN unit u ON u.id = r.unit_id WHERE f.code = :form AND r.period = :week AND r.state = 'submitted'"
)


def main(words: Sequence[str]) -> int:
    """Measure and print; see `--help`."""
    parser = argparse.ArgumentParser(prog="./mattranso bench totals", description=__doc__)
    parser.add_argument("--data", default="", help="thư mục dữ liệu giữ lại để đo nhiều lần")
    options = parser.parse_args(words)
    report = Report("totals", {"values": "18M", "questions": QUESTIONS, "saves_per_second": RATE, "seconds": SECONDS})
    asyncio.run(_measure(report, options.data))
    return report.finish()


async def _measure(report: Report, data: str) -> None:
    async with ground(data):
        communes = (await list_units(level=Level.COMMUNE, limit=5000)).items
        provinces = (await list_units(level=Level.PROVINCE, limit=100)).items
        await _totals(report, [unit.path for unit in provinces], [unit.path for unit in communes])
        await _pivots(report)
        await _freshness(report, [unit.code for unit in communes])


async def _totals(report: Report, provinces: list[str], communes: list[str]) -> None:
    chance = random.Random(4)  # noqa: S311 - a sample
    for name, areas in (("cả nước", ["vn/"]), ("một tỉnh", provinces), ("một xã", communes)):
        for on_today in (False, True):
            spent = []
            for _ in range(QUESTIONS // 6):
                question = _question(chance, chance.choice(areas), on_today)
                begun = time.perf_counter()
                await get_totals(SYSTEM, question)
                spent.append(1000 * (time.perf_counter() - begun))
            kind = "trên bản đồ nay" if on_today else "như đã báo cáo"
            report.add(f"tổng {name}, {kind}: p50", percentile(spent, 0.5), "ms")
            report.add(f"tổng {name}, {kind}: p95", percentile(spent, 0.95), "ms", ONE_TOTAL)


def _question(chance: random.Random, area: str, on_today: bool) -> Question:
    """Return a total of any form and range of up to a year, some of one level, some of all cells."""
    form = chance.choice(FORMS)
    kind = PeriodKind(form.definition["period_kind"])
    last = period_on(kind, today()).previous
    for _ in range(chance.randrange(max(1, BACK[kind] // 2))):
        last = last.previous
    first = last
    for _ in range(chance.randrange(max(1, BACK[kind] // 2))):
        first = first.previous
    levels = chance.choice([None, None, ("commune",), ("province",)])
    keys = chance.choice([(), (), ("viec_1",)])
    return Question(form.code, first.key, last.key, (ORGANISATION,), area, keys, levels, on_today)


async def _pivots(report: Report) -> None:
    spent = []
    last = period_on(PeriodKind.QUARTER, today()).previous
    first = last.previous.previous.previous
    for number in range(PIVOTS):
        question = Question(
            FORMS[2 + number % 2].code, first.key, last.key, (ORGANISATION,), by=("place", "period"), with_year_before=False
        )
        begun = time.perf_counter()
        rows = await get_totals(SYSTEM, question)
        spent.append(1000 * (time.perf_counter() - begun))
        if len({row.place for row in rows}) != 35 or len(rows[0].figures) != 60 or len({row.period for row in rows}) != 4:
            raise RuntimeError("the pivot is not whole")
    report.add("bảng 34 tỉnh × 60 ô × 4 kỳ: p50", percentile(spent, 0.5), "ms")
    report.add("bảng 34 tỉnh × 60 ô × 4 kỳ: p95", percentile(spent, 0.95), "ms", PIVOT)


async def _freshness(report: Report, communes: list[str]) -> None:
    """Amend one figure by one again and again elsewhere, and look how soon the national total has caught up."""
    week = period_on(PeriodKind.WEEK, today()).previous.key
    question = Question(FORMS[0].code, week, week, (ORGANISATION,), keys=("viec_1",), with_year_before=False)
    before = await _value(question)
    context = multiprocessing.get_context("spawn")
    saved: Any = context.Value("q", 0)
    writer = context.Process(target=_write, args=(db.database_url(), week, communes, saved))
    folder = asyncio.create_task(fold_stale())
    writer.start()
    waits, looks, lasted = [], [], float(SECONDS)
    try:
        while saved.value == 0:  # noqa: ASYNC110 - counted by another process
            await asyncio.sleep(0.01)
        started = time.perf_counter()
        while writer.is_alive():
            lasted = time.perf_counter() - started
            wanted, begun = saved.value, time.perf_counter()
            while await _value(question) - before < wanted:
                pass
            waits.append(1000 * (time.perf_counter() - begun))
            begun = time.perf_counter()
            await _value(question)
            looks.append(1000 * (time.perf_counter() - begun))
            await asyncio.sleep(0.05)
    finally:
        await asyncio.to_thread(writer.join, 30)
        folder.cancel()
    if await _value(question) - before != saved.value:
        raise RuntimeError("the national total is not the sum of what was saved")
    report.add("lưu từ tiến trình khác", saved.value / lasted, "/giây")
    report.add("từ lúc lưu tới lúc tổng cả nước đúng: p95", percentile(waits, 0.95), "ms", SEEN)
    report.add("từ lúc lưu tới lúc tổng cả nước đúng: lâu nhất", max(waits), "ms", SEEN)
    report.add("tổng cả nước trong lúc lưu: p95", percentile(looks, 0.95), "ms")


async def _value(question: Question) -> Decimal:
    return (await get_totals(SYSTEM, question))[0].figures["viec_1"].value or Decimal(0)


def _write(url: str, week: str, communes: list[str], saved: Synchronized[int]) -> None:
    asyncio.run(_save(url, week, communes, saved))


async def _save(url: str, week: str, communes: list[str], saved: Synchronized[int]) -> None:
    await db.open_pool(url)
    chance = random.Random(5)  # noqa: S311 - a sample
    values: dict[str, int] = {}
    try:
        async with db.reading() as session:
            rows = await session.execute(_STANDING, {"form": FORMS[0].code, "week": week})
            values = {row.code: int(row.value) for row in rows if row.code in set(communes)}
        order = chance.sample(sorted(values), len(values))
        begun = time.perf_counter()

        numbers = iter(range(RATE * SECONDS))

        async def save() -> None:
            for number in numbers:
                await asyncio.sleep(max(0.0, begun + number / RATE - time.perf_counter()))
                code = order[number % len(order)]
                entries = {code: {"viec_1": str(values[code] + 1)}}
                await save_reports(SYSTEM, FORMS[0].code, week, ORGANISATION, entries, Source.API, reason="đo")
                saved.value += 1

        async with asyncio.TaskGroup() as saves:
            for _ in range(AT_ONCE):
                saves.create_task(save())
    finally:
        await live.stop()
        await db.close_pool()
