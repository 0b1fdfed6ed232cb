"""`bench deadline`: every commune saves its figures and submits its report in the last minutes before they are due.

3,321 communes call the verbs within ten minutes (`--seconds` for another window), from a process of its own, on a database
with two years of figures, while the totals are folded and the national total is looked at every second. The way over HTTP
or the socket is not in it.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from mattranso_app.bench.registry_ground import ground
from mattranso_app.bench.report import Report, percentile
from mattranso_app.core import db, live
from mattranso_app.core.access import SYSTEM
from mattranso_app.core.clock import today
from mattranso_app.core.errors import Unavailable
from mattranso_app.core.reporting.folding import fold_stale
from mattranso_app.core.reporting.forms import FormDefinition
from mattranso_app.core.reporting.models import Source
from mattranso_app.core.reporting.periods import PeriodKind, period_on
from mattranso_app.core.reporting.publishing import read_definition
from mattranso_app.registry.load_forms import FORMS
from mattranso_app.registry.service import save_reports, submit_report
from mattranso_app.registry.service.totals import Question, get_totals
from mattranso_app.units.kinds import Level
from mattranso_app.units.service import list_units

BAR = 500.0
"""Milliseconds of a save or a submission, 95 of 100."""
FORM = FORMS[2]
ORGANISATION = "phu_nu"
"""Whose figures are still missing in the filled database."""


def main(words: Sequence[str]) -> int:
    """Measure and print; see `--help`."""
    parser = argparse.ArgumentParser(prog="./mattranso bench deadline", description=__doc__)
    parser.add_argument("--data", default="", help="thư mục dữ liệu giữ lại để đo nhiều lần (kỳ đã gửi thì lần sau lấy kỳ trước đó)")
    parser.add_argument("--seconds", type=int, default=600, help="cửa sổ, giây")
    options = parser.parse_args(words)
    report = Report("deadline", {"units": 3321, "seconds": options.seconds, "cells": 60})
    asyncio.run(_measure(report, options.data, options.seconds))
    return report.finish()


async def _measure(report: Report, data: str, seconds: int) -> None:
    async with ground(data):
        communes = [unit.code for unit in (await list_units(level=Level.COMMUNE, limit=5000)).items]
        period = period_on(PeriodKind.QUARTER, today()).previous
        while (await get_totals(SYSTEM, _question(period.key)))[0].coverage.reports:
            period = period.previous
        context = multiprocessing.get_context("spawn")
        queue: Any = context.Queue()
        writer = context.Process(target=_write, args=(db.database_url(), period.key, communes, seconds, queue))
        folder = asyncio.create_task(fold_stale())
        writer.start()
        looks = []
        while writer.is_alive() and queue.empty():
            begun = time.perf_counter()
            await get_totals(SYSTEM, _question(period.key))
            looks.append(1000 * (time.perf_counter() - begun))
            await asyncio.sleep(1)
        saves, submissions, refused, lasted = await asyncio.to_thread(queue.get)
        await asyncio.to_thread(writer.join, 30)
        folder.cancel()
        (row,) = await get_totals(SYSTEM, _question(period.key))
        lost = len(communes) - row.coverage.reports + sum(len(communes) - figure.filled for figure in row.figures.values())
        report.add("lưu 60 ô: p50", percentile(saves, 0.5), "ms")
        report.add("lưu 60 ô: p95", percentile(saves, 0.95), "ms", BAR)
        report.add("gửi: p50", percentile(submissions, 0.5), "ms")
        report.add("gửi: p95", percentile(submissions, 0.95), "ms", BAR)
        report.add("lâu nhất", max(saves + submissions), "ms")
        report.add("tổng cả nước trong lúc ấy: p95", percentile(looks, 0.95), "ms")
        report.add("cả thảy", lasted, "giây", seconds * 1.05 + 5)
        report.add("lần hệ thống bận, phải gọi lại", refused, "")
        report.add("báo cáo và số bị mất", lost, "", 0)


def _question(period: str) -> Question:
    return Question(FORM.code, period, period, (ORGANISATION,), levels=("commune",), with_year_before=False)


def _write(url: str, period: str, communes: list[str], seconds: int, queue: Any) -> None:
    asyncio.run(_play(url, period, communes, seconds, queue))


async def _play(url: str, period: str, communes: list[str], seconds: int, queue: Any) -> None:
    await db.open_pool(url)
    form = read_definition(FORM.definition)
    saves: list[float] = []
    submissions: list[float] = []
    refused = 0

    async def timed(verb: Callable[[], Awaitable[object]], into: list[float]) -> None:
        """Call until it is done, as the sheet's own queue does; what is measured is the whole wait."""
        nonlocal refused
        begun = time.perf_counter()
        while True:
            try:
                await verb()
                break
            except Unavailable:
                refused += 1
                await asyncio.sleep(1)
        into.append(1000 * (time.perf_counter() - begun))

    async def one(code: str, at: float) -> None:
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        what = (SYSTEM, FORM.code, period, ORGANISATION)
        await timed(lambda: save_reports(*what, {code: _values(form, code)}, Source.FORM), saves)
        await timed(lambda: submit_report(*what, code, Source.FORM), submissions)

    begun = time.perf_counter()
    try:
        chance = random.Random(6)  # noqa: S311 - a sample
        await asyncio.gather(*(one(code, begun + chance.random() * seconds) for code in communes))
        queue.put((saves, submissions, refused, time.perf_counter() - begun))
    finally:
        await live.stop()
        await db.close_pool()


def _values(form: FormDefinition, code: str) -> dict[str, object]:
    return {key: str((int(code) + number * 7) % 100) for number, (key, cell) in enumerate(form.cells.items()) if not cell.is_computed}
