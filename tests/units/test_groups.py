from __future__ import annotations

import asyncio
import io
import zipfile
from datetime import date

import psycopg
import pytest
from openpyxl import Workbook, load_workbook

from mattranso_app.core.access import ANONYMOUS
from mattranso_app.core.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Gone,
    InvalidInput,
    NotFound,
    SignInRequired,
    TooLarge,
    Unsupported,
)
from mattranso_app.units import service
from mattranso_app.units.groups_sheet import LARGEST_SHEET, MOST_ROWS, as_text
from mattranso_app.units.kinds import Kind, Level
from tests.units.factories import BA_DINH, BA_DINH_PATH, administrator, freeze_day

DAY = date(2026, 11, 24)
HERE = administrator(BA_DINH_PATH)


@pytest.fixture(autouse=True)
def _day() -> None:
    freeze_day(DAY)


@pytest.fixture
async def commune(units_db: str) -> int:
    return (await service.get_unit_by_code(BA_DINH)).id


async def _names(day: date | None = None) -> list[str]:
    return [group.name for group in (await service.list_units(day, Level.GROUP, BA_DINH)).items]


@pytest.mark.parametrize(
    ("kind", "entered", "stored"),
    [
        (Kind.TO_DAN_PHO, "5", "Tổ dân phố 5"),
        (Kind.TO_DAN_PHO, "tổ dân phố  5 ", "Tổ dân phố 5"),
        (Kind.THON, "Đoài", "Thôn Đoài"),
        (Kind.THON, "ấp 3", "Ấp 3"),
        (Kind.THON, "Buôn Đôn", "Buôn Đôn"),
        (Kind.BAN, "Lác\u200b", "Bản Lác"),
    ],
)
async def test_a_group_gets_its_full_name(commune: int, kind: Kind, entered: str, stored: str) -> None:
    group = await service.add_group(HERE, commune, kind, entered)
    assert (group.name, group.kind, group.level) == (stored, kind, Level.GROUP)
    assert group.path == f"{BA_DINH_PATH}{group.code}/"
    assert (await service.get_unit(group.id)).parent_name == "Phường Ba Đình"


async def test_names_sort_as_people_count(commune: int) -> None:
    for number in (10, 2, 1):
        await service.add_group(HERE, commune, Kind.TO_DAN_PHO, f"{number}")
    assert await _names() == ["Tổ dân phố 1", "Tổ dân phố 2", "Tổ dân phố 10"]


async def test_only_its_own_administrators(commune: int) -> None:
    neighbour, province = administrator("vn/01/00008/"), administrator("vn/01/")
    with pytest.raises(SignInRequired):
        await service.add_group(ANONYMOUS, commune, Kind.THON, "1")
    with pytest.raises(Forbidden):
        await service.add_group(neighbour, commune, Kind.THON, "1")
    group = await service.add_group(province, commune, Kind.THON, "1")
    for refused in (
        service.rename_group(neighbour, group.id, "2"),
        service.close_group(neighbour, group.id),
        service.groups_sheet(neighbour, commune),
        service.plan_groups_import(neighbour, commune, b""),
        service.apply_groups_import(neighbour, commune, b""),
    ):
        with pytest.raises(Forbidden):
            await refused
    assert await _names() == ["Thôn 1"]


@pytest.mark.parametrize(
    ("kind", "entered"), [(Kind.XA, "1"), (Kind.THON, ""), (Kind.THON, " \u200b\0"), (Kind.THON, "x" * 101), (Kind.THON, "...")]
)
async def test_unusable_names_are_refused(commune: int, kind: Kind, entered: str) -> None:
    with pytest.raises(InvalidInput):
        await service.add_group(HERE, commune, kind, entered)


async def test_where_no_group_can_be(units_db: str) -> None:
    actor = administrator("vn/")
    for unit_id in (1, 2, 999_999):
        with pytest.raises(NotFound):
            await service.add_group(actor, unit_id, Kind.THON, "1")


async def test_a_name_is_given_once_also_at_once(commune: int) -> None:
    results = await asyncio.gather(
        *(service.add_group(HERE, commune, Kind.THON, name) for name in ("Đoài", "ĐOÀI", "Đoai")), return_exceptions=True
    )
    assert sum(isinstance(result, Conflict) for result in results) == 1
    assert len(await _names()) == 2


async def test_a_renamed_group_keeps_its_id_and_past(commune: int) -> None:
    freeze_day(date(2026, 11, 1))
    group = await service.add_group(HERE, commune, Kind.THON, "Cũ")
    other = await service.add_group(HERE, commune, Kind.THON, "Khác")
    freeze_day(DAY)
    assert (await service.rename_group(HERE, group.id, "Mới", Kind.BAN)).name == "Bản Mới"
    assert (await service.get_unit(group.id, date(2026, 11, 23))).name == "Thôn Cũ"
    with pytest.raises(Conflict):
        await service.rename_group(HERE, other.id, "Bản Mới", Kind.BAN)


async def test_a_closed_group_is_gone_from_its_day(commune: int) -> None:
    freeze_day(date(2026, 11, 1))
    group = await service.add_group(HERE, commune, Kind.THON, "1")
    freeze_day(DAY)
    await service.close_group(HERE, group.id)
    assert await _names() == []
    assert await _names(date(2026, 11, 23)) == ["Thôn 1"]
    with pytest.raises(Gone):
        await service.rename_group(HERE, group.id, "2")
    with pytest.raises(Gone):
        await service.get_unit_by_code(group.code)
    assert (await service.add_group(HERE, commune, Kind.THON, "1")).id != group.id


async def test_a_group_closed_on_its_first_day_never_was(commune: int) -> None:
    group = await service.add_group(HERE, commune, Kind.THON, "1")
    await service.close_group(HERE, group.id)
    assert await _names() == []
    with pytest.raises(Gone):
        await service.close_group(HERE, group.id)


async def test_groups_are_found_within_their_commune(commune: int) -> None:
    for name in ("Tổ dân phố 1", "Tổ dân phố 12", "Tổ dân phố Ngọc Hồ", "Tổ dân phố Ngọc Hổ"):
        await service.add_group(HERE, commune, Kind.TO_DAN_PHO, name)
    assert [match.unit.name for match in await service.find_units("to dan pho 1", parent=BA_DINH)] == ["Tổ dân phố 1"]
    assert [match.unit.name for match in await service.find_units("12", parent=BA_DINH_PATH)] == ["Tổ dân phố 12"]
    assert [match.unit.name for match in await service.find_units("ngọc hổ", parent=BA_DINH)][0] == "Tổ dân phố Ngọc Hổ"
    assert len(await service.find_groups(commune, "ng")) == 2
    assert await service.find_groups(commune, "...") == []


async def test_each_write_is_in_the_audit_log(units_db: str, commune: int) -> None:
    group = await service.add_group(HERE, commune, Kind.THON, "1")
    await service.rename_group(HERE, group.id, "2")
    await service.close_group(HERE, group.id)
    await service.apply_groups_import(HERE, commune, _sheet([("Thôn", "3")]))
    with psycopg.connect(units_db) as connection:
        actions = [row[0] for row in connection.execute("SELECT action FROM audit_log WHERE action LIKE 'unit.%' ORDER BY id")]
    assert actions == ["unit.group_add", "unit.group_rename", "unit.group_close", "unit.groups_import"]


# ---- Excel ---------------------------------------------------------------------------------------------------------------


def _sheet(rows: list[tuple[object, ...]], headers: tuple[object, ...] = ("Loại", "Tên")) -> bytes:
    book = Workbook()
    assert book.active is not None
    book.active.append(list(headers))
    for row in rows:
        book.active.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


async def test_a_filled_sheet_is_checked_then_written(commune: int) -> None:
    await service.add_group(HERE, commune, Kind.TO_DAN_PHO, "1")
    data = _sheet([("Tổ dân phố", 1), ("Tổ dân phố", 2.0), (None, "Ấp 3"), ("ban", "Lác"), (None, None)])
    rows = await service.plan_groups_import(HERE, commune, data)
    assert [(row.number, row.name, row.fault, row.is_known) for row in rows] == [
        (2, "Tổ dân phố 1", "", True),
        (3, "Tổ dân phố 2", "", False),
        (4, "Ấp 3", "", False),
        (5, "Bản Lác", "", False),
    ]
    assert await _names() == ["Tổ dân phố 1"]
    assert await service.apply_groups_import(HERE, commune, data) == 3
    assert await service.apply_groups_import(HERE, commune, data) == 0
    assert len(await _names()) == 4


async def test_faulty_rows_are_named_and_nothing_is_written(commune: int) -> None:
    data = _sheet([("Thôn", "1"), ("Thôn", "thôn 1"), ("Xã", "2"), (None, "Không rõ"), ("Thôn", "=1+1"), ("Thôn", "x" * 200)])
    rows = await service.plan_groups_import(HERE, commune, data)
    assert [bool(row.fault) for row in rows] == [False, True, True, True, True, True]
    assert rows[1].fault == "Trùng tên với dòng 2 của bảng."
    with pytest.raises(InvalidInput) as refused:
        await service.apply_groups_import(HERE, commune, data)
    assert set(refused.value.fields) == {"3", "4", "5", "6", "7"}
    assert await _names() == []


async def test_the_sheet_handed_back_changes_nothing(commune: int) -> None:
    for name in ("1", "@x", "=HYPERLINK(1)"):
        await service.add_group(HERE, commune, Kind.THON, name)
    data = await service.groups_sheet(HERE, commune)
    sheet = load_workbook(io.BytesIO(data)).worksheets[0]
    assert [cell.value for cell in sheet[1]] == ["Loại", "Tên"]
    assert sheet.max_row == 4
    assert all(cell.data_type == "s" for row in sheet.iter_rows(min_row=2) for cell in row)
    assert await service.apply_groups_import(HERE, commune, data) == 0


def test_cells_are_no_formulas() -> None:
    assert [as_text(value) for value in ("=1", "+1", "-1", "@a", "a=1", "")] == ["'=1", "'+1", "'-1", "'@a", "a=1", ""]


def _zip(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _with_part(data: bytes, name: str, content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    return _zip({**parts, name: content})


_LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
    b'<c r="A1" t="inlineStr"><is><t>&c;</t></is></c></row></sheetData></worksheet>'
)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", Unsupported),
        (b"Lo\xe1\xba\xa1i,T\xc3\xaan\n", Unsupported),
        (b"PK\x03\x04" + b"\0" * 100, Unsupported),
        (_zip({"a.txt": b"x"}), Unsupported),
        (b"x" * (LARGEST_SHEET + 1), TooLarge),
        (_with_part(_sheet([]), "xl/media/bomb.bin", b"\0" * (9 * 1024 * 1024)), TooLarge),
        (_zip({f"{number}": b"" for number in range(200)}), TooLarge),
        (_with_part(_sheet([]), "xl/worksheets/sheet1.xml", _LAUGHS), Unsupported),
        (_sheet([("Thôn", "1")], headers=("A", "B")), InvalidInput),
        (_sheet([]), InvalidInput),
        (_sheet([("Thôn", str(number)) for number in range(MOST_ROWS + 1)]), InvalidInput),
    ],
    ids=["empty", "csv", "broken zip", "other zip", "large", "bomb", "parts", "laughs", "headers", "no rows", "rows"],
)
async def test_hostile_files_are_refused(commune: int, data: bytes, error: type[DomainError]) -> None:
    with pytest.raises(error) as refused:
        await service.plan_groups_import(HERE, commune, data)
    assert refused.value.text
    assert await _names() == []


async def test_a_row_far_down_costs_nothing(commune: int) -> None:
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>Ten</t></is></c></row>'
        b'<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>Thon 1</t></is></c></row></sheetData></worksheet>'
    )
    with pytest.raises(InvalidInput):
        await service.plan_groups_import(HERE, commune, _with_part(_sheet([]), "xl/worksheets/sheet1.xml", sheet))
