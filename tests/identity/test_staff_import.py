"""Many invitations from one sheet: each row checked, all or nobody, no formula in or out, hostile files bounded."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import text as sql

from mattranso_app.core import clock, db, notify, sheets
from mattranso_app.core.errors import DomainError, Forbidden, InvalidInput, TooLarge, TooMany, Unsupported
from mattranso_app.identity import service, throttle
from mattranso_app.identity.officers import text
from mattranso_app.identity.service.staff_import import MOST_ROWS
from tests.identity.test_delegations import Office

Row = tuple[object, ...]


def sheet(*rows: Row, headers: Row = text.SHEET_HEADERS) -> bytes:
    """Return a filled sheet."""
    book = Workbook()
    assert book.active is not None
    for row in (headers, *rows):
        book.active.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.fixture
async def office(units: dict[str, int]) -> Office:
    """A province's and a ward's administrator, and a clerk."""
    made = Office(units)
    await made.add("tinh", "administrator", unit="46")
    await made.add("phuong", "administrator")
    await made.add("chuyen.vien", "handler")
    return made


async def invited() -> list[str]:
    """Return the names of everyone invited."""
    async with db.reading() as session:
        return list(await session.scalars(sql("SELECT display_name FROM invitation ORDER BY display_name")))


async def test_checked_then_sent_and_a_second_time_nothing(office: Office) -> None:
    actor = await office.actor("tinh")
    data = sheet(
        ("Lê An", "an@vidu.vn", "Người xử lý", 19774), ("Trần Bình", "0912 345 678", "người duyệt", None), (None, None, None, None),
        ("Phạm Chi", "chi@vidu.vn", "Quản trị viên", "19789"),
    )
    rows = await service.plan_staff_import(actor, data)
    assert [(row.number, row.name, row.role, row.fault, row.is_known) for row in rows] == [
        (2, "Lê An", "handler", "", False), (3, "Trần Bình", "approver", "", False), (5, "Phạm Chi", "administrator", "", False),
    ]
    assert [row.unit_id for row in rows] == [office.units["19774"], office.units["46"], office.units["19789"]]
    assert await invited() == [] and await notify.demo_messages() == []
    assert await service.apply_staff_import(actor, data) == 3
    assert await invited() == ["Lê An", "Phạm Chi", "Trần Bình"]
    assert len(await notify.demo_messages()) == 3
    assert all(row.is_known for row in await service.plan_staff_import(actor, data))
    assert await service.apply_staff_import(actor, data) == 0
    async with db.reading() as session:
        found = await session.execute(
            sql("SELECT action, count(*) FROM audit_log WHERE action ~ 'import|invitation' GROUP BY 1 ORDER BY 1")
        )
        assert [tuple(row) for row in found] == [("invitation.send", 3), ("staff.import", 1)]
        made = await session.scalar(sql("SELECT count(*) FROM person WHERE display_name IN ('Lê An', 'Trần Bình', 'Phạm Chi')"))
        assert made == 0, "no account, no password"


async def test_faulty_rows_are_named_and_nobody_is_invited(office: Office) -> None:
    actor = await office.actor("phuong")
    data = sheet(
        ("Đúng Cả", "dung@vidu.vn", "Người xem", ""), ("A", "a@vidu.vn", "Người xem", ""), ("Sai Thư", "khong phai", "Người xem", ""),
        ("Sai Vai", "vai@vidu.vn", "Vua", ""), ("Trùng", "DUNG@vidu.vn", "Người xem", ""), ("Xã Khác", "xk@vidu.vn", "Người xem", "19789"),
        ("Cấp Trên", "ct@vidu.vn", "Người xem", "46"), ("Không Có", "kc@vidu.vn", "Người xem", "99999"),
        ("=1+1", "cong@vidu.vn", "Người xem", ""), ("x" * 101, "dai@vidu.vn", "Người xem", ""),
    )
    rows = await service.plan_staff_import(actor, data)
    assert [bool(row.fault) for row in rows] == [False] + [True] * 9
    assert rows[4].fault == text.ROW_TWICE.format(row=2) and rows[3].fault == text.ROW_ROLE
    assert {row.fault for row in rows[5:8]} == {text.ROW_UNIT} and rows[8].fault == text.ROW_FORMULA
    with pytest.raises(InvalidInput) as refused:
        await service.apply_staff_import(actor, data)
    assert set(refused.value.fields) == {str(number) for number in range(3, 12)}
    assert await invited() == []


async def test_who_may_and_when(office: Office) -> None:
    data = sheet(("Lê An", "an@vidu.vn", "Người xem", ""))
    for call in (service.plan_staff_import, service.apply_staff_import):
        with pytest.raises(Forbidden):
            await call(await office.actor("chuyen.vien"), data)
        with pytest.raises(Forbidden):
            await call(await office.actor("phuong"), data, "cong_doan")
    await office.lend("phuong", "chuyen.vien")
    lent = await service.plan_staff_import(await office.actor("chuyen.vien"), data)
    assert lent[0].fault, "a lent role invites nobody"
    actor = await office.actor("phuong")
    clock.freeze(clock.now() + timedelta(minutes=11))
    with pytest.raises(DomainError) as refused:
        await service.apply_staff_import(actor, data)
    assert refused.value.code == "proof_required" and await invited() == []


async def test_one_too_many_within_the_hour_and_nobody_is_invited(office: Office) -> None:
    actor = await office.actor("phuong")
    first = sheet(*[(f"Người {number}", f"n{number}@vidu.vn", "Người xem", "") for number in range(MOST_ROWS)])
    assert await service.apply_staff_import(actor, first) == MOST_ROWS
    with pytest.raises(TooMany):
        await service.apply_staff_import(actor, sheet(("Thêm Một", "them@vidu.vn", "Người xem", "")))
    assert "Thêm Một" not in await invited()


async def test_the_template_has_headers_and_choices_and_comes_back_empty(office: Office) -> None:
    actor = await office.actor("phuong")
    data = await service.staff_sheet(actor)
    book = load_workbook(io.BytesIO(data))
    assert tuple(cell.value for cell in book.worksheets[0][1]) == text.SHEET_HEADERS
    choice = book.worksheets[0].data_validations.dataValidation[0]
    assert "Người duyệt" in choice.formula1 and str(choice.sqref) == f"C2:C{MOST_ROWS + 1}"
    with pytest.raises(InvalidInput) as refused:
        await service.plan_staff_import(actor, data)
    assert refused.value.text == text.SHEET_EMPTY


def packed(parts: dict[str, bytes]) -> bytes:
    """Return a zip archive of these parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", Unsupported), (b"Ten,Thu\n", Unsupported), (packed({"a.txt": b"x"}), Unsupported),
        (b"x" * (sheets.LARGEST_SHEET + 1), TooLarge),
        (packed({"xl/bomb.bin": b"\0" * (9 * 1024 * 1024)}), TooLarge), (packed({f"{n}": b"" for n in range(200)}), TooLarge),
        (sheet(("a", "b", "c", "d"), headers=("A", "B", "C", "D")), InvalidInput),
        (sheet(*[("Lê An", f"n{n}@vidu.vn", "Người xem", "") for n in range(MOST_ROWS + 1)]), InvalidInput),
    ],
    ids=["empty", "csv", "other zip", "large", "bomb", "parts", "headers", "rows"],
)
async def test_hostile_files_are_refused(office: Office, data: bytes, error: type[DomainError]) -> None:
    with pytest.raises(error) as refused:
        await service.plan_staff_import(await office.actor("phuong"), data)
    assert refused.value.text and await invited() == []


async def test_checking_is_bounded_and_what_was_sent_does_not_count(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check tells which contacts are known; thirty sheets of a hundred that are sent in the end pass all the same."""
    assert throttle.STAFF_SHEETS_PER_PERSON.count * MOST_ROWS >= 3 * 3_000
    monkeypatch.setattr(throttle, "STAFF_SHEETS_PER_PERSON", throttle.Limit("staff.sheet", 3, 24 * 60 * 60))
    actor = await office.actor("tinh")
    for turn in range(4):
        assert await service.apply_staff_import(actor, sheet((f"Lê An {turn}", f"an{turn}@vidu.vn", "Người xử lý", 19774))) == 1
    guess = sheet(("Lê An", "an1@vidu.vn", "Người xử lý", 19774))
    for act in (service.plan_staff_import, service.apply_staff_import, service.plan_staff_import):
        await act(actor, guess)
    for act in (service.plan_staff_import, service.apply_staff_import):
        with pytest.raises(TooMany) as refused:
            await act(actor, guess)
        assert refused.value.text == text.MOST_SHEETS
    await service.plan_staff_import(await office.actor("phuong"), guess)
