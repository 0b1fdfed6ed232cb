from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from mattranso_app.core.errors import InvalidInput
from mattranso_app.units.index import UnitIndex
from mattranso_app.units.kinds import Kind, Level
from mattranso_app.units.plan import compare
from mattranso_app.units.release import LARGEST_RELEASE, Former, ReleaseUnit, read_release
from mattranso_app.units.views import UnitView
from tests.units.factories import as_csv, line, release_of

DAY = date(2026, 11, 24)


@pytest.fixture
def units(unit_index: UnitIndex) -> list[UnitView]:
    return unit_index.all_units(DAY)


def _changed(units: list[UnitView], **lines: ReleaseUnit | None) -> list[ReleaseUnit]:
    """Return the list of `units` with the lines of some codes (written c00004) replaced or left out."""
    changed = {code[1:]: new for code, new in lines.items()}
    out = [changed.get(unit.code, line(unit)) for unit in units]
    return [each for each in out if each is not None]


def _by_code(units: list[UnitView], code: str) -> UnitView:
    return next(unit for unit in units if unit.code == code)


def test_the_same_list_changes_nothing(units: list[UnitView]) -> None:
    plan = compare(units, release_of(map(line, units)), DAY, 1)
    assert plan.changes == ()
    assert plan.describe() == "Danh mục không thay đổi."


def test_tone_placement_and_apostrophes_are_no_renaming(units: list[UnitView]) -> None:
    lines = [line(unit, name=unit.name.replace("òa", "oà").replace("'", "’")) for unit in units]
    assert compare(units, release_of(lines), DAY, 1).changes == ()


def test_what_happens_is_named(units: list[UnitView]) -> None:
    ninh_binh, ba_dinh, ngoc_ha = (_by_code(units, code) for code in ("37", "00004", "00008"))
    lines = _changed(
        units,
        c37=line(ninh_binh, kind=Kind.THANH_PHO, name="Thành phố Ninh Bình"),
        c00004=line(ba_dinh, name="Phường Trúc Bạch"),
        c00008=None,
        c00025=line(_by_code(units, "00025"), parent="37"),
    )
    lines.append(
        ReleaseUnit("99999", Level.COMMUNE, Kind.XA, "Xã Mới", "01", (Former("00008", None), Former("00004", Decimal("0.4"))))
    )
    plan = compare(units, release_of(lines), DAY, 7)
    acts = {(change.before or change.after).code: change.acts for change in plan.changes}  # type: ignore[union-attr]
    assert acts == {
        "37": ("reclassified",),
        "00004": ("renamed", "split"),
        "00008": ("merged",),
        "00025": ("moved",),
        "99999": ("added",),
    }
    assert plan.unexplained == ()
    told = plan.describe()
    for words in (
        "37 Tỉnh Ninh Bình → Thành phố Ninh Bình",
        "00004 Phường Ba Đình → Phường Trúc Bạch",
        f"00008 {ngoc_ha.name}, Thành phố Hà Nội → 99999",
        "99999 Xã Mới (từ 00008, 00004)",
        "→ 99999 (40%)",
        "10 thành phố",
    ):
        assert words in told


def test_corrected_and_swapped_codes_keep_their_units(units: list[UnitView]) -> None:
    one, other, third = (_by_code(units, code) for code in ("00004", "00008", "00025"))
    lines = _changed(units, c00004=line(one, code="00008"), c00008=line(other, code="00004"), c00025=line(third, code="00026"))
    plan = compare(units, release_of(lines), DAY, 1)
    assert {(change.before.id, change.after.code) for change in plan.changes if change.before and change.after} == {
        (one.id, "00008"),
        (other.id, "00004"),
        (third.id, "00026"),
    }
    assert {change.acts for change in plan.changes} == {("recoded",)}


def test_a_unit_that_vanishes_without_word_stops_the_import(units: list[UnitView]) -> None:
    plan = compare(units, release_of(_changed(units, c00004=None)), DAY, 1)
    assert [change.before.code for change in plan.unexplained if change.before] == ["00004"]
    assert "Chưa thể ghi" in plan.describe()


def test_part_of_a_list_is_refused(units: list[UnitView]) -> None:
    with pytest.raises(InvalidInput, match="ít hơn nhiều"):
        compare(units, release_of(map(line, units[:100])), DAY, 1)


def test_a_list_is_read_as_written(units: list[UnitView]) -> None:
    lines = [line(unit) for unit in units]
    lines[-1] = line(units[-1], former=(Former("00004", Decimal("0.25")), Former("00008", None)))
    assert list(read_release(b"\xef\xbb\xbf" + as_csv(lines), "x").units) == lines


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "CSV"),
        (b"\xff\xfe\x00", "CSV"),
        (b"a,b\n1,2\n", "CSV"),
        (b"x" * (LARGEST_RELEASE + 1), "CSV"),
        (b"code,kind,name,parent\n1,tinh,A,vn\n", "Dòng 2"),
        ("code,kind,name,parent\n01,xa,Xã A,vn\n".encode(), "loại “xa”"),
        (b"code,kind,name,parent\n01,tinh,,vn\n", "tên trống"),
        ("code,kind,name,parent\n01,tinh,Tỉnh A,vn\n00001,xa,Xã B,02\n".encode(), "mã “02”"),
        ("code,kind,name,parent\n01,tinh,Tỉnh A,vn\n01,tinh,Tỉnh B,vn\n".encode(), "lặp lại"),
        ("code,kind,name,parent\n01,tinh,Tỉnh A,vn\n00001,xa,Xã B,01\n00002,xa,Xã B,01\n".encode(), "đã có"),
        ("code,kind,name,parent,former\n01,tinh,Tỉnh A,vn,02:7\n".encode(), "tỷ lệ"),
        ("code,kind,name,parent,former\n01,tinh,Tỉnh A,vn,02:x\n".encode(), "tỷ lệ"),
        ("code,kind,name,parent,former\n01,tinh,Tỉnh A,vn,02:NaN\n".encode(), "tỷ lệ"),
        (b"code,kind,name,parent\n01,tinh\n", "tên trống"),
    ],
)
def test_a_bad_list_is_refused_with_its_line(data: bytes, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read_release(data, "x")


def test_unknown_former_codes_are_refused(units: list[UnitView]) -> None:
    lines = [line(unit) for unit in units]
    lines[-1] = line(units[-1], former=(Former("77777", None),))
    with pytest.raises(InvalidInput, match="77777"):
        compare(units, release_of(lines), DAY, 1)
