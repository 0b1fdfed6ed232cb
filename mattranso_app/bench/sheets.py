"""`bench sheets`: figures by Excel. A province's template made; one filled template of every commune, then one of every province, written.

On a database of its own (durable, as in production) with all units and a form of 60 cells. What is measured is what the
platform does with the files: the templates are filled beforehand, in another process.
"""

from __future__ import annotations

import argparse
import asyncio
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from mattranso_app.bench.report import Report
from mattranso_app.core import db, embedded_postgres
from mattranso_app.core.access import SYSTEM
from mattranso_app.core.clock import today
from mattranso_app.core.reporting import sheets
from mattranso_app.core.reporting.forms import FormDefinition
from mattranso_app.core.reporting.publishing import publish, read_definition
from mattranso_app.core.reporting.sheets import Filling, SheetUnit, Template
from mattranso_app.core.sql import sql
from mattranso_app.migrations import migrate
from mattranso_app.registry.service.sheets import SentSheet, template_sheet, write_sheets
from mattranso_app.settings import ROOT
from mattranso_app.units.kinds import Level
from mattranso_app.units.seed import seed_units
from mattranso_app.units.service import list_units

CELLS = 60
LOT = 50
"""Files of one request, as the screen sends them."""
FORM, ORGANISATION = "do_excel", "mttq"
MAKE_BAR, WRITE_BAR = 1.0, 30.0
"""Seconds: a province's template; all communes' templates beyond reading them."""


def definition() -> FormDefinition:
    """Return a yearly form of `CELLS` numbers."""
    indicators = [
        {"code": f"chi_tieu_{number}", "name": f"Chỉ tiêu số {number}", "measure": "người", "over_time": "flow"}
        for number in range(CELLS)
    ]  # fmt: skip
    section = {"title": "Số liệu", "indicators": indicators}
    return read_definition(
        {
            "title": "Biểu đo nhập Excel", "period_kind": "year", "levels": ["commune"], "organisations": [ORGANISATION],
            "opens_days": 400, "sections": [section],
        }
    )  # fmt: skip


def main(words: Sequence[str]) -> int:
    """Make, fill, write and judge; see `--help`."""
    parser = argparse.ArgumentParser(prog="./mattranso bench sheets", description=__doc__)
    parser.add_argument("--units", type=int, default=5_000, metavar="N", help="nhiều nhất bao nhiêu xã (mặc định: tất cả)")
    options = parser.parse_args(words)
    report = Report("sheets", {"cells": CELLS, "files_a_request": LOT})
    with tempfile.TemporaryDirectory(prefix="mattranso-bench-") as directory:
        server = embedded_postgres.start(Path(directory) / "postgres")
        try:
            migrate(server.url(embedded_postgres.OWNER))
            asyncio.run(_measure(server.url(), Path(directory), options.units, report))
        finally:
            server.stop()
    return report.finish()


async def _measure(url: str, directory: Path, most: int, report: Report) -> None:
    await db.open_pool(url)
    try:
        await seed_units()
        year = today().year
        async with db.transaction() as session:
            await publish(session, "registry", FORM, "vn/", definition(), str(year - 1))
        communes = (await list_units(level=Level.COMMUNE, limit=5_000)).items[:most]
        by_province: dict[str, list[tuple[str, str]]] = {}
        for unit in communes:
            by_province.setdefault(unit.path.split("/")[1], []).append((unit.code, unit.name))
        alone = _filled([[(unit.code, unit.name)] for unit in communes], str(year - 1), "list", directory)
        report.parameters["templates"] = len(alone)
        report.parameters["cells_written"] = len(alone) * CELLS
        await _write("mẫu từng xã", alone, str(year - 1), report, WRITE_BAR)
        together = _filled(list(by_province.values()), str(year), "grid", directory)
        await _write("một tệp mỗi tỉnh", together, str(year), report, None)
        largest = max(by_province, key=lambda code: len(by_province[code]))
        spent = []
        for _ in range(5):
            begun = time.perf_counter()
            await template_sheet(SYSTEM, FORM, str(year), ORGANISATION, largest, below=True)
            spent.append(time.perf_counter() - begun)
        report.add(f"làm mẫu của tỉnh có {len(by_province[largest])} xã, có số kỳ trước (lâu nhất trong 5)", max(spent), "s", MAKE_BAR)
    finally:
        await db.close_pool()


async def _write(name: str, files: list[SentSheet], period: str, report: Report, bar: float | None) -> None:
    """Write the files as the screen sends them, check that every cell arrived, and tell how long it took beyond reading."""
    begun = time.perf_counter()
    cells = 0
    for file in files:
        filled = await asyncio.to_thread(sheets.read_template, file.data)
        cells += len(filled.template.units) * CELLS
    reading = time.perf_counter() - begun
    begun = time.perf_counter()
    changed = 0
    lot = LOT if len(files) > 100 else 1
    for first in range(0, len(files), lot):
        changed += await write_sheets(SYSTEM, FORM, period, ORGANISATION, files[first : first + lot])
    spent = time.perf_counter() - begun
    begun = time.perf_counter()
    again = await write_sheets(SYSTEM, FORM, period, ORGANISATION, files[:lot])
    async with db.reading() as session:
        count = "SELECT coalesce(sum((SELECT count(*) FROM jsonb_object_keys(cells))), 0) FROM reporting_report WHERE period = :period"
        held = int((await session.execute(sql(count), {"period": period})).scalar_one())
    if not changed == held == cells or again:
        raise RuntimeError(f"{name}: {cells} cells sent, {changed} written, {held} stored, {again} written again")
    report.add(f"{name}: {len(files)} tệp, {cells} ô, chỉ đọc", reading, "s")
    report.add(f"{name}: kiểm tra và ghi, ngoài phần đọc", spent - reading, "s", bar)
    report.add(f"{name}: cả đọc và ghi", spent, "s")


def _filled(groups: list[list[tuple[str, str]]], period: str, shape: str, directory: Path) -> list[SentSheet]:
    """Return filled templates, one for each group of units, made in another process."""
    wanted, made = directory / "wanted", directory / "made"
    wanted.write_bytes(pickle.dumps((groups, period, shape)))
    subprocess.run([sys.executable, "-m", "mattranso_app.bench.sheets", str(wanted), str(made)], cwd=ROOT, check=True)
    files: list[SentSheet] = pickle.loads(made.read_bytes())  # noqa: S301 - our own file
    return files


def _fill(wanted: Path, made: Path) -> None:
    groups, period, shape = pickle.loads(wanted.read_bytes())  # noqa: S301 - our own file
    form, files = definition(), []
    for number, group in enumerate(groups):
        units = tuple(SheetUnit(code, name, 0) for code, name in group)
        values = {code: {key: str(at * 7 + number) for at, key in enumerate(form.cells)} for code, _ in group}
        template = Template("registry", FORM, 1, period, ORGANISATION, shape, units)
        data = sheets.write_template(form, template, Filling(period, "", ORGANISATION, group[0][1], values, {}))
        files.append(SentSheet(f"{number}.xlsx", data))
    made.write_bytes(pickle.dumps(files))


if __name__ == "__main__":
    from mattranso_app.bench.sheets import _fill as fill  # so that what is pickled is known by the module's real name

    fill(Path(sys.argv[1]), Path(sys.argv[2]))
