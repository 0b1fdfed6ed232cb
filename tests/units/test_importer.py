from __future__ import annotations

import asyncio
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mattranso_app.core import db as database
from mattranso_app.core import embedded_postgres
from mattranso_app.core.access import ANONYMOUS, SYSTEM
from mattranso_app.core.errors import Conflict, Forbidden, Gone, InvalidInput, SignInRequired
from mattranso_app.units import followers, service
from mattranso_app.units.followers import PathMove
from mattranso_app.units.importer import apply_import, import_units, plan_import
from mattranso_app.units.kinds import Kind, Level
from mattranso_app.units.lookup import lookup
from mattranso_app.units.release import Former, ReleaseUnit
from mattranso_app.units.views import UnitView
from tests.units.factories import administrator, as_csv, current_units, freeze_day, line, release_of

DAY = date(2026, 11, 24)
BEFORE = DAY - timedelta(days=1)
BASIS = "1/NQ-UBTVQH16"


@pytest.fixture(autouse=True)
def _day() -> None:
    freeze_day(DAY)


async def _lines(**lines: ReleaseUnit | None) -> list[ReleaseUnit]:
    changed = {code[1:]: new for code, new in lines.items()}
    out = [changed.get(unit.code, line(unit)) for unit in await current_units()]
    return [each for each in out if each is not None]


async def _apply(lines: list[ReleaseUnit], effective: date = DAY) -> int:
    return await apply_import(SYSTEM, await plan_import(release_of(lines), effective), BASIS)


async def test_a_province_becomes_a_city(units_db: str) -> None:
    ninh_binh = await service.get_unit_by_code("37")
    await lookup("ninh binh")
    assert await _apply(await _lines(c37=line(ninh_binh, kind=Kind.THANH_PHO, name="Thành phố Ninh Bình"))) == 1
    assert (await service.get_unit(ninh_binh.id)).name == "Thành phố Ninh Bình"
    assert (await service.get_unit(ninh_binh.id, BEFORE)).name == "Tỉnh Ninh Bình"
    assert (await lookup("tinh ninh binh"))[0].note == "trước là Tỉnh Ninh Bình"
    commune = (await service.list_units(level=Level.COMMUNE, parent="37", limit=1)).items[0]
    assert commune.parent_name == "Thành phố Ninh Bình"
    with psycopg.connect(units_db) as connection:
        subjects = {row[0] for row in connection.execute("SELECT subject FROM audit_log WHERE action LIKE 'unit%'").fetchall()}
    assert {"unit:37", "units"} <= subjects


async def test_communes_merge_and_their_groups_follow(units_db: str) -> None:
    ba_dinh, ngoc_ha = await service.get_unit_by_code("00004"), await service.get_unit_by_code("00008")
    actor = administrator("vn/01/")
    first = await service.add_group(actor, ba_dinh.id, Kind.TO_DAN_PHO, "Tổ 1")
    second = await service.add_group(actor, ngoc_ha.id, Kind.TO_DAN_PHO, "Tổ 1")
    other = await service.add_group(actor, ngoc_ha.id, Kind.TO_DAN_PHO, "Tổ 2")
    moves: list[PathMove] = []

    async def follow(session: object, told: object) -> None:
        moves.extend(told)  # type: ignore[arg-type]

    followers.on_path_change(follow)
    try:
        await _apply(await _lines(c00004=line(ba_dinh, former=(Former("00008", None),)), c00008=None))
    finally:
        followers._followers.remove(follow)
    assert moves == [PathMove(ngoc_ha.id, ba_dinh.id, "vn/01/00008/", "vn/01/00004/", True)]
    groups = (await service.list_units(level=Level.GROUP, parent="00004")).items
    assert {(group.id, group.name) for group in groups} == {
        (first.id, "Tổ 1"),
        (second.id, "Tổ 1 (Phường Ngọc Hà cũ)"),
        (other.id, "Tổ 2"),
    }
    assert all(group.path == f"vn/01/00004/{group.code}/" for group in groups)
    with pytest.raises(Gone, match="Phường Ba Đình"):
        await service.get_unit_by_code("00008")
    assert (await service.get_unit_by_code("00008", BEFORE)).id == ngoc_ha.id
    assert (await lookup("ngoc ha, ha noi"))[0].unit.id == ba_dinh.id


async def test_codes_are_swapped_without_mixing_the_units(units_db: str) -> None:
    one, other = await service.get_unit_by_code("00004"), await service.get_unit_by_code("00008")
    group = await service.add_group(administrator("vn/"), one.id, Kind.THON, "1")
    await _apply(await _lines(c00004=line(one, code="00008"), c00008=line(other, code="00004")))
    assert (await service.get_unit_by_code("00008")).id == one.id
    assert (await service.get_unit_by_code("00004")).id == other.id
    assert (await service.get_unit(group.id)).path == f"vn/01/00008/{group.code}/"
    assert (await service.get_unit_by_code("00008", BEFORE)).id == other.id


async def test_a_commune_moves_to_another_province(units_db: str) -> None:
    unit = await service.get_unit_by_code("00004")
    group = await service.add_group(administrator("vn/"), unit.id, Kind.THON, "1")
    await _apply(await _lines(c00004=line(unit, parent="04")))
    assert (await service.get_unit(unit.id)).path == "vn/04/00004/"
    assert (await service.get_unit(group.id)).path == f"vn/04/00004/{group.code}/"
    assert (await service.get_unit(unit.id, BEFORE)).path == "vn/01/00004/"


async def test_a_new_province_takes_communes(units_db: str) -> None:
    unit = await service.get_unit_by_code("00004")
    lines = await _lines(c00004=line(unit, parent="98"))
    lines.append(ReleaseUnit("98", Level.PROVINCE, Kind.TINH, "Tỉnh Mới", "vn"))
    await _apply(lines)
    assert (await service.get_unit(unit.id)).path == "vn/98/00004/"
    assert (await service.get_unit_by_code("98")).valid_from == DAY


async def test_two_imports_on_one_day_leave_one_truth(units_db: str) -> None:
    unit = await service.get_unit_by_code("00004")
    await _apply(await _lines(c00004=line(unit, name="Phường Một")))
    await _apply(await _lines(c00004=line(unit, name="Phường Hai")))
    with psycopg.connect(units_db) as connection:
        rows = connection.execute("SELECT name, valid_to FROM unit_version WHERE unit_id = %s ORDER BY valid_from", [unit.id])
        assert rows.fetchall() == [("Phường Ba Đình", DAY), ("Phường Hai", None)]


async def test_who_may_not(units_db: str) -> None:
    unit = await service.get_unit_by_code("00004")
    plan = await plan_import(release_of(await _lines(c00004=line(unit, name="Phường Một"))), DAY)
    with pytest.raises(SignInRequired):
        await apply_import(ANONYMOUS, plan, BASIS)
    with pytest.raises(Forbidden):
        await apply_import(administrator("vn/01/"), plan, BASIS)
    assert await apply_import(administrator("vn/"), plan, BASIS) == 1


async def test_refusals_write_nothing(units_db: str) -> None:
    unit = await service.get_unit_by_code("00004")
    renamed = release_of(await _lines(c00004=line(unit, name="Phường Một")))
    gone = release_of(await _lines(c00004=None))
    long_thanh = await service.get_unit_by_code("26368")
    early = release_of(await _lines(c26368=line(long_thanh, kind=Kind.XA, name="Xã Long Thành")))
    for release, effective, basis, words in (
        (renamed, DAY, " ", "căn cứ"),
        (renamed, DAY + timedelta(days=1), BASIS, "chưa tới"),
        (gone, DAY, BASIS, "kế thừa"),
        (early, date(2026, 1, 1), BASIS, "Phường Long Thành"),
    ):
        with pytest.raises(InvalidInput, match=words):
            await apply_import(SYSTEM, await plan_import(release, effective), basis)
    assert (await service.get_unit(unit.id)).name == "Phường Ba Đình"
    stale = await plan_import(renamed, DAY)
    assert await apply_import(SYSTEM, stale, BASIS) == 1
    with pytest.raises(Conflict):
        await apply_import(SYSTEM, stale, BASIS)


async def test_two_at_once_one_wins(units_db: str) -> None:
    unit = await service.get_unit_by_code("00004")
    plan = await plan_import(release_of(await _lines(c00004=line(unit, name="Phường Một"))), DAY)
    results = await asyncio.gather(*(apply_import(SYSTEM, plan, BASIS) for _ in range(2)), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "int"]


async def test_the_command_shows_first_and_writes_on_request(units_db: str, tmp_path: Path) -> None:
    unit = await service.get_unit_by_code("00004")
    file = tmp_path / "new.csv"
    file.write_bytes(as_csv(await _lines(c00004=line(unit, name="Phường Một"))))
    plan = await import_units(file, DAY, dry_run=True)
    assert "00004 Phường Ba Đình → Phường Một" in plan.describe()
    assert (await service.get_unit(unit.id)).name == "Phường Ba Đình"
    await import_units(file, DAY, dry_run=False, basis=BASIS)
    assert (await service.get_unit(unit.id)).name == "Phường Một"


_SOME = st.lists(st.integers(0, 3320), min_size=1, max_size=12, unique=True)
_ACTS = st.sampled_from(["rename", "reclassify", "move", "recode", "merge", "split"])


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(picked=_SOME, acts=st.lists(_ACTS, min_size=12, max_size=12))
def test_any_import_is_right_before_and_after(
    postgres: embedded_postgres.EmbeddedServer, seeded_template: str, picked: list[int], acts: list[str]
) -> None:
    """Plan and apply any mixture of changes: afterwards the list is what was given, the day before it is what it was."""
    name = "test_units_property"
    with psycopg.connect(postgres.url("postgres", "postgres"), autocommit=True) as connection:
        embedded_postgres.ensure_database(connection, name, seeded_template)

    async def check() -> None:
        freeze_day(DAY)
        await database.open_pool(postgres.url(embedded_postgres.APP, name))
        try:
            before = await current_units()
            lines = _mixture(before, picked, acts)
            plan = await plan_import(release_of(lines), DAY)
            await apply_import(SYSTEM, plan, BASIS)
            after = await current_units()
            wanted = {each.code: (each.kind, each.name, each.parent) for each in lines}
            assert {unit.code: (unit.kind, unit.name, line(unit).parent) for unit in after} == wanted
            yesterday = (await service.list_units(BEFORE, limit=5000)).items
            assert {
                unit.id: (unit.code, unit.kind, unit.name, unit.path) for unit in yesterday if unit.level is not Level.CENTRAL
            } == {unit.id: (unit.code, unit.kind, unit.name, unit.path) for unit in before}
            ids = {unit.id for unit in before}
            assert {unit.id for unit in after} - ids == {
                unit.id for unit in after if unit.valid_from == DAY and unit.id not in ids
            }
            again = await plan_import(release_of(lines_without_origin(lines)), DAY)
            assert again.changes == ()
            await _check_ids(plan.changes, after)
        finally:
            await database.close_pool()

    try:
        asyncio.run(check())
    finally:
        with psycopg.connect(postgres.url("postgres", "postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def _check_ids(changes: object, after: list[UnitView]) -> None:
    by_id = {unit.id: unit for unit in after}
    for change in changes:  # type: ignore[attr-defined]
        if change.before is not None and change.after is not None:
            assert by_id[change.before.id].code == change.after.code
        if change.before is not None and change.after is None:
            assert change.before.id not in by_id
            with pytest.raises(Gone):
                # A code may have passed to another unit; then it is found, and is not the old one.
                found = await service.get_unit_by_code(change.before.code)
                if found.id != change.before.id:
                    raise Gone


def lines_without_origin(lines: list[ReleaseUnit]) -> list[ReleaseUnit]:
    """Return `lines` without the column `former`, as a later list would be."""
    return [ReleaseUnit(each.code, each.level, each.kind, each.name, each.parent) for each in lines]


def _mixture(units: list[UnitView], picked: list[int], acts: list[str]) -> list[ReleaseUnit]:
    """Return the list of `units` with an act on each picked commune; new codes are 9xxxx, which nobody has."""
    communes = [unit for unit in units if unit.level is Level.COMMUNE]
    lines = {unit.code: line(unit) for unit in units}
    chosen = [communes[number] for number in picked]
    untouched = next(unit for unit in communes if unit not in chosen)
    added: list[ReleaseUnit] = []
    for number, (unit, act) in enumerate(zip(chosen, acts, strict=False)):
        if act == "rename":
            lines[unit.code] = line(unit, name=f"{unit.name} Mới {number}")
        elif act == "reclassify":
            lines[unit.code] = line(unit, kind=Kind.DAC_KHU, name=f"Đặc khu {unit.short_name}")
        elif act == "move":
            other = "01" if line(unit).parent != "01" else "79"
            lines[unit.code] = line(unit, parent=other, name=f"{unit.name} Chuyển {number}")
        elif act == "recode":
            lines[unit.code] = line(unit, code=f"9{number:04d}")
        elif act == "merge":
            del lines[unit.code]
            heir = lines[untouched.code]
            former = (*heir.former, Former(unit.code, None))
            lines[untouched.code] = ReleaseUnit(heir.code, heir.level, heir.kind, heir.name, heir.parent, former)
        else:
            added.append(
                ReleaseUnit(
                    f"8{number:04d}", Level.COMMUNE, Kind.XA, f"Xã Tách {number}", line(unit).parent, (Former(unit.code, None),)
                )
            )
    return [*lines.values(), *added]
