from __future__ import annotations

from mattranso_app.units.measure import bench_lookup


async def test_the_measure_measures(units_db: str) -> None:
    figures = await bench_lookup(queries=50)
    assert set(figures) == {"p50", "p95", "max", "load"}
    assert 0 < figures["p50"] <= figures["p95"] <= figures["max"]
