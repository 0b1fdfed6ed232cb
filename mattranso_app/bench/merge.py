"""`bench merge`: a commune with two years of figures goes into another; both series must be right within five seconds.

Timed from handing in the new list of units until both series of the heir have been read: as reported, where nothing may have
changed, and on today's map, where each figure must be the sum of both communes'.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from mattranso_app.bench.registry_ground import ground
from mattranso_app.bench.report import Report
from mattranso_app.core.access import SYSTEM
from mattranso_app.core.clock import today
from mattranso_app.core.db import reading
from mattranso_app.core.reporting.periods import PeriodKind, period_on
from mattranso_app.registry.load import BACK
from mattranso_app.registry.load_forms import FORMS, ORGANISATION
from mattranso_app.registry.service.totals import Question, get_totals
from mattranso_app.units.importer import apply_import, plan_import
from mattranso_app.units.kinds import Level
from mattranso_app.units.release import Former, Release, ReleaseUnit
from mattranso_app.units.store import fetch_open_units
from mattranso_app.units.views import UnitView, parent_code

BAR = 5.0
"""Seconds."""
_PROVINCE = "vn/01/"
_Series = Mapping[tuple[str, str, str], Decimal]
"""Figures by form, period and cell."""


def main(words: Sequence[str]) -> int:
    """Measure and print; see `--help`."""
    parser = argparse.ArgumentParser(prog="./mattranso bench merge", description=__doc__)
    parser.add_argument("--data", default="", help="thư mục dữ liệu giữ lại để đo nhiều lần (hai xã đã nhập thì vẫn là đã nhập)")
    options = parser.parse_args(words)
    report = Report("merge", {"values": "18M"})
    asyncio.run(_measure(report, options.data))
    return report.finish()


async def _measure(report: Report, data: str) -> None:
    async with ground(data):
        async with reading() as session:
            units = [unit for unit in await fetch_open_units(session) if unit.level is not Level.CENTRAL]
        ending, heir = [unit for unit in units if unit.path.startswith(_PROVINCE) and unit.level is Level.COMMUNE][-2:]
        before = {unit.path: await _series(unit.path, on_today=True) for unit in (ending, heir)}
        reported = {unit.path: await _series(unit.path, on_today=False) for unit in (ending, heir)}
        province = await _series(_PROVINCE, on_today=True)
        lines = [_line(unit) for unit in units if unit.id != ending.id]
        lines = [replace(each, former=(Former(ending.code, None),)) if each.code == heir.code else each for each in lines]
        begun = time.perf_counter()
        plan = await plan_import(Release("bench", tuple(lines)), today())
        planned = time.perf_counter()
        await apply_import(SYSTEM, plan, "Đo sáp nhập")
        applied = time.perf_counter()
        on_today = await _series(heir.path, on_today=True)
        as_reported = await _series(heir.path, on_today=False)
        seen = time.perf_counter()
        _require(on_today == _added(before[ending.path], before[heir.path]), "today's map is not the sum of both communes")
        _require(as_reported == reported[heir.path], "what the heir reported has changed")
        _require(await _series(ending.path, on_today=False) == reported[ending.path], "what the ended commune reported has changed")
        _require(not await _series(ending.path, on_today=True), "the ended commune still has figures on today's map")
        _require(await _series(_PROVINCE, on_today=True) == province, "the province's total has changed")
        report.add("lập kế hoạch nhập danh mục", planned - begun, "giây")
        report.add("ghi danh mục mới, số liệu theo về xã mới", applied - planned, "giây")
        report.add("đọc hai chuỗi hai năm, 6 biểu", seen - applied, "giây")
        report.add("cả thảy", seen - begun, "giây", BAR)


async def _series(area: str, on_today: bool) -> _Series:
    found = {}
    for form in FORMS:
        kind = PeriodKind(form.definition["period_kind"])
        last = first = period_on(kind, today()).previous
        for _ in range(BACK[kind] - 1):
            first = first.previous
        question = Question(
            form.code, first.key, last.key, (ORGANISATION,), area, on_today=on_today, by=("period",), with_year_before=False
        )
        for row in await get_totals(SYSTEM, question):
            for key, figure in row.figures.items():
                if figure.value is not None:
                    found[form.code, row.period or "", key] = figure.value
    return found


def _added(one: _Series, other: _Series) -> _Series:
    return {key: one.get(key, Decimal(0)) + other.get(key, Decimal(0)) for key in one.keys() | other.keys()}


def _line(unit: UnitView) -> ReleaseUnit:
    return ReleaseUnit(unit.code, unit.level, unit.kind, unit.name, parent_code(unit.path) or "", ())


def _require(is_right: bool, words: str) -> None:
    if not is_right:
        raise RuntimeError(words)
