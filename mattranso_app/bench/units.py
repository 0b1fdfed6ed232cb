"""`bench units`: the look-up of units by what people type, by itself and over HTTP (bar: 20 ms for 95 of 100)."""

from __future__ import annotations

import asyncio
import http.client
import time
from collections.abc import Sequence
from urllib.parse import urlencode

from mattranso_app import frontend
from mattranso_app.bench import running
from mattranso_app.bench.report import Report, percentile
from mattranso_app.core import db, embedded_postgres
from mattranso_app.core.clock import today
from mattranso_app.units.lookup import current_index
from mattranso_app.units.measure import bench_lookup, texts

BAR = 20.0
"""Milliseconds."""
LOOK_UPS, OVER_HTTP, WARM_UP = 3_000, 1_000, 20


def main(_words: Sequence[str]) -> int:
    """Start the platform, look names up in this process, then ask the platform for them over HTTP."""
    report = Report("units", {"look_ups": LOOK_UPS, "over_http": OVER_HTTP})
    if not frontend.is_built():
        frontend.build()
    with running.running() as platform:
        figures, names = asyncio.run(_in_process(platform.database_url(embedded_postgres.APP)))
        report.add("dựng bảng tra", figures["load"], "ms")
        report.add("tra một tên: p50", figures["p50"], "ms")
        report.add("tra một tên: p95", figures["p95"], "ms", BAR)
        report.add("tra một tên: lâu nhất", figures["max"], "ms")
        spent = _over_http(platform.port, names)
        report.add("qua HTTP: p50", percentile(spent, 0.5), "ms")
        report.add("qua HTTP: p95", percentile(spent, 0.95), "ms", BAR)
    return report.finish()


async def _in_process(url: str) -> tuple[dict[str, float], list[str]]:
    """Return the figures of the look-up alone, and other texts for asking over HTTP."""
    await db.open_pool(url)
    try:
        figures = await bench_lookup(LOOK_UPS)
        names = [unit.name for unit in (await current_index()).all_units(today())]
    finally:
        await db.close_pool()
    return figures, texts(names, OVER_HTTP + WARM_UP, seed=2)


def _over_http(port: int, typed: list[str]) -> list[float]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    spent = []
    for words in typed:
        begun = time.perf_counter()
        connection.request("GET", f"/api/v1/units?{urlencode({'query': words})}", headers={"Host": f"localhost:{port}"})
        response = connection.getresponse()
        body = response.read()
        spent.append(1000 * (time.perf_counter() - begun))
        if response.status != 200:
            raise RuntimeError(f"{words!r}: {response.status} {body[:200]!r}")
    connection.close()
    return spent[WARM_UP:]
