from __future__ import annotations

from collections import Counter
from datetime import date

import psycopg
import pytest

from mattranso_app.core.text import fold
from mattranso_app.units import service
from mattranso_app.units.kinds import Level
from mattranso_app.units.seed import seed_units
from tests.units.factories import current_units, freeze_day


async def _kinds(day: date) -> Counter[str]:
    page = await service.list_units(day, Level.COMMUNE, limit=5000)
    provinces = await service.list_units(day, Level.PROVINCE, limit=5000)
    return Counter(unit.kind.value for unit in page.items) + Counter(unit.kind.value for unit in provinces.items)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2025, 6, 30), {}),
        (date(2025, 7, 1), {"tinh": 28, "thanh_pho": 6, "xa": 2621, "phuong": 687, "dac_khu": 13}),
        (date(2026, 4, 29), {"tinh": 28, "thanh_pho": 6, "xa": 2621, "phuong": 687, "dac_khu": 13}),
        (date(2026, 4, 30), {"tinh": 27, "thanh_pho": 7, "xa": 2611, "phuong": 697, "dac_khu": 13}),
        (date(2026, 9, 1), {"tinh": 26, "thanh_pho": 8, "xa": 2611, "phuong": 697, "dac_khu": 13}),
        (date(2026, 9, 20), {"tinh": 25, "thanh_pho": 9, "xa": 2599, "phuong": 709, "dac_khu": 13}),
        (date(2026, 11, 24), {"tinh": 25, "thanh_pho": 9, "xa": 2599, "phuong": 709, "dac_khu": 13}),
    ],
)
async def test_the_country_on_a_day(units_db: str, day: date, expected: dict[str, int]) -> None:
    assert await _kinds(day) == Counter(expected)


async def test_every_unit_stands_under_its_parent(units_db: str) -> None:
    units = await current_units()
    assert len(units) == 34 + 3321
    by_id = {unit.id: unit for unit in units}
    for unit in units:
        if unit.level is Level.PROVINCE:
            assert unit.path == f"vn/{unit.code}/"
        else:
            assert unit.path == f"{by_id[unit.parent_id or 0].path}{unit.code}/"
        assert unit.name.split()[0] in ("Tỉnh", "Thành", "Xã", "Phường", "Đặc")
        assert unit.name.endswith(unit.short_name)
    names = Counter((unit.parent_id, unit.name) for unit in units)
    assert [name for name, count in names.items() if count > 1] == []


async def test_a_second_seed_changes_nothing(units_db: str) -> None:
    assert await seed_units() == 0
    assert len(await current_units()) == 3355


async def test_ids_are_the_same_on_every_installation(units_db: str) -> None:
    units = {unit.code: unit.id for unit in await current_units()}
    assert (units["01"], units["04"], units["96"]) == (2, 3, 35)
    assert units["00004"] == 36


def test_former_units_all_lead_somewhere(units_db: str) -> None:
    with psycopg.connect(units_db) as connection:
        rows = connection.execute("SELECT level, count(*) FROM former_unit WHERE code <> '' GROUP BY level").fetchall()
        counts: dict[str, int] = dict(rows)
        assert counts == {"province": 63, "district": 696, "commune": 10_033}
        lost = connection.execute(
            "SELECT f.name FROM former_unit f WHERE NOT EXISTS (SELECT 1 FROM former_unit_successor s WHERE s.former_id = f.id) "
            "AND NOT EXISTS (SELECT 1 FROM former_unit c JOIN former_unit_successor s ON s.former_id = c.id "
            "WHERE c.parent_id = f.id)"
        ).fetchall()
        assert lost == []


def test_names_fold_alike_in_the_database(units_db: str) -> None:
    with psycopg.connect(units_db) as connection:
        rows = connection.execute("SELECT name, folded FROM unit").fetchall()
    assert all(fold(name) == folded for name, folded in rows)


def test_the_database_refuses_two_states_on_one_day(units_db: str) -> None:
    with (
        psycopg.connect(units_db) as connection,
        pytest.raises(psycopg.errors.CheckViolation, match="two things on one day"),
    ):
        connection.execute(
            "INSERT INTO unit_version SELECT unit_id, '2026-01-01', NULL, level, code, kind, name, short_name, parent_id, path, "
            "sort_key, folded, 'x' FROM unit_version WHERE unit_id = 36"
        )


def test_the_database_refuses_a_path_beside_the_parent(units_db: str) -> None:
    with psycopg.connect(units_db) as connection:
        connection.execute("UPDATE unit SET path = 'vn/04/00004/' WHERE code = '00004'")
        with pytest.raises(psycopg.errors.CheckViolation, match="does not stand under"):
            connection.commit()


async def test_the_front_and_its_five_organisations(units_db: str) -> None:
    codes = [organisation.code for organisation in await service.get_organisations()]
    assert codes[0] == "mttq"
    assert set(codes[1:]) == {"cong_doan", "nong_dan", "phu_nu", "thanh_nien", "cuu_chien_binh"}


async def test_pages_join_without_gap_or_double(units_db: str) -> None:
    freeze_day(date(2026, 11, 24))
    seen: list[int] = []
    cursor = None
    while True:
        page = await service.list_units(level=Level.COMMUNE, parent="01", limit=17, cursor=cursor)
        assert page.total == 126
        seen += [unit.id for unit in page.items]
        cursor = page.next
        if cursor is None:
            break
    whole = await service.list_units(level=Level.COMMUNE, parent="vn/01/", limit=5000)
    assert seen == [unit.id for unit in whole.items]
    assert len(seen) == len(set(seen)) == 126
