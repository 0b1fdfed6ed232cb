from __future__ import annotations

import time
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mattranso_app.units.index import FormerName, Succession, UnitIndex
from mattranso_app.units.kinds import FormerLevel, Kind, Level
from mattranso_app.units.lookup import lookup
from tests.units.lookup_golden import GOLDEN

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(("typed", "code", "note"), GOLDEN)
def test_people_find_their_unit(unit_index: UnitIndex, typed: str, code: str, note: str) -> None:
    found = unit_index.search(typed, TODAY)
    assert found, f"nothing found for {typed!r}"
    assert found[0].unit.code == code, [(match.unit.code, match.unit.name) for match in found[:3]]
    assert note in found[0].note
    if not note:
        assert found[0].note == ""


def test_the_golden_set_is_large_enough() -> None:
    assert len(GOLDEN) >= 80
    assert len({typed for typed, _, _ in GOLDEN}) == len(GOLDEN)


def test_every_province_and_commune_is_found_by_its_own_name(unit_index: UnitIndex) -> None:
    lost = []
    for unit in unit_index.all_units(TODAY):
        where = f"{unit.name}, {unit.parent_name}" if unit.level is Level.COMMUNE else unit.name
        if unit.id not in {match.unit.id for match in unit_index.search(where, TODAY)[:3]}:
            lost.append(where)
    assert lost == []


def test_a_district_leads_to_all_it_became(unit_index: UnitIndex) -> None:
    names = {match.unit.name for match in unit_index.search("quận 1 tphcm", TODAY) if "quận 1," in match.note}
    assert names >= {"Phường Sài Gòn", "Phường Bến Thành", "Phường Cầu Ông Lãnh", "Phường Tân Định"}


def test_numbers_are_typed_to_their_end(unit_index: UnitIndex) -> None:
    assert not any("quận 1" in match.note and "quận 1," not in match.note for match in unit_index.search("quận 1", TODAY))


def test_marked_words_come_before_others(unit_index: UnitIndex) -> None:
    assert [match.unit.code for match in unit_index.search("Ba Đình", TODAY)][:1] == ["00004"]
    assert [match.unit.code for match in unit_index.search("Ba Dinh", TODAY)][:1] == ["21499"]


def test_answers_can_be_narrowed(unit_index: UnitIndex) -> None:
    assert {match.unit.level for match in unit_index.search("ha", TODAY, Level.PROVINCE)} == {Level.PROVINCE}
    assert all(match.unit.path.startswith("vn/01/") for match in unit_index.search("son", TODAY, below="vn/01/"))
    assert len(unit_index.search("a", TODAY, limit=5)) == 5


def test_the_day_decides(unit_index: UnitIndex) -> None:
    before, after = date(2026, 4, 29), date(2026, 4, 30)
    assert unit_index.search("đồng nai", before)[0].unit.name == "Tỉnh Đồng Nai"
    assert unit_index.search("đồng nai", after)[0].unit.name == "Thành phố Đồng Nai"
    assert unit_index.search("long thành đồng nai", before)[0].unit.name == "Xã Long Thành"
    assert unit_index.search("long thành đồng nai", before)[0].unit.parent_name == "Tỉnh Đồng Nai"
    assert unit_index.search("long thành đồng nai", after)[0].unit.parent_name == "Thành phố Đồng Nai"
    assert unit_index.search("hà nội", date(2025, 6, 30)) == []


@pytest.mark.parametrize("typed", ["", " ", "...", "zzzzqq", "\0", "%_'\"\\", "a" * 10_000, "quận " * 500, "💥", "ⓗà", "phường"])
def test_odd_input_is_harmless(unit_index: UnitIndex, typed: str) -> None:
    assert len(unit_index.search(typed, TODAY)) <= 20


@settings(max_examples=200, deadline=None)
@given(typed=st.text(max_size=60))
def test_any_text_is_answered(unit_index: UnitIndex, typed: str) -> None:
    found = unit_index.search(typed, TODAY)
    assert len(found) <= 20
    assert len({match.unit.id for match in found}) == len(found)


def test_former_names_follow_later_mergers(unit_index: UnitIndex) -> None:
    views = {view.code: view for view in unit_index.all_units(TODAY)}
    merged_on = date(2027, 1, 1)
    ended = [replace(views["00004"], valid_to=merged_on), views["01"], views["00008"]]
    former = FormerName(FormerLevel.COMMUNE, Kind.PHUONG, ("Phường Trúc Bạch",), date(2025, 7, 1), ((views["00004"].id, True),))
    later = UnitIndex.build(1, ended, [former], [Succession(views["00004"].id, views["00008"].id, merged_on)])
    assert later.search("truc bach", TODAY)[0].unit.code == "00004"
    assert later.search("truc bach", merged_on)[0].unit.code == "00008"
    assert later.search("ba dinh", merged_on)[0].note == "trước là Phường Ba Đình"


async def test_lookup_reads_the_database_and_notices_changes(units_db: str) -> None:
    assert (await lookup("phu xuan hue"))[0].unit.code == "19753"
    assert len(await lookup("h", limit=100)) == 20


def test_it_is_fast_enough_to_type_by(unit_index: UnitIndex) -> None:
    """Not a bench: only that nobody made it slower by an order of magnitude (p95 measured 1–2 ms)."""
    spent = []
    for typed, _, _ in GOLDEN:
        begin = time.perf_counter()
        unit_index.search(typed + " ", TODAY)
        spent.append(time.perf_counter() - begin)
    assert sorted(spent)[int(len(spent) * 0.95)] < 0.2
