"""Excel templates: written so that every reader sees the same, read back within bounds, each fault named with row and column."""

from __future__ import annotations

import contextlib
import io
import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from mattranso_app.core.errors import DomainError, InvalidInput, TooLarge, Unsupported
from mattranso_app.core.reporting.publishing import read_definition
from mattranso_app.core.reporting.sheets import Filling, SheetUnit, Template, check, mark, read_template, write_template
from mattranso_app.core.reporting.sheets.reading import MOST_ROWS, pack, unpack
from mattranso_app.core.reporting.values import plain_number
from tests.core.reporting.factories import small_form

_MORE = {"title": "Thêm", "indicators": [
    {"code": "tien", "name": "Tiền vận động", "type": "decimal", "measure": "triệu đồng", "over_time": "flow"},
    {"code": "ngay", "name": "Ngày đại hội", "type": "date"},
    {"code": "loai", "name": "Xếp loại", "type": "choice",
     "options": [{"code": "tot", "name": "Tốt, xuất sắc"}, {"code": "kha", "name": "Khá"}]},
]}  # fmt: skip
FORM = read_definition(small_form(sections=[*small_form()["sections"], _MORE]))
UNITS = (SheetUnit("00004", "Phường Ừ Đỗ", 3), SheetUnit("00008", "Xã Ngọc Hà", 0))
STORED = {
    "00004": {"hoi_vien": "30", "hoi_vien/nam": "10", "hoi_vien/nu": "20", "cuoc": "4", "kho_khan": "=1+1", "tien": "1.234",
              "ngay": "2026-12-31", "loai": "tot"},
}  # fmt: skip
TYPED = {key for key, cell in FORM.cells.items() if not cell.is_computed}


def made(shape="grid", units=UNITS, stored=STORED, before=None):
    """Return a template file and what it is about."""
    units = units if shape == "grid" else units[:1]
    template = Template("registry", "thu", 1, "2026-Q3", "mttq", shape, units)
    return write_template(FORM, template, Filling("Quý III/2026", "Quý II/2026", "Mặt trận", "Thử", stored, before or {})), template


def edited(data, change):
    """Return the file after `change(data sheet)` in openpyxl, which works as a person who has lifted the protection."""
    book = load_workbook(io.BytesIO(data))
    change(book["Số liệu"])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def held(values):
    return {key: value for key, value in values.items() if value is not None}


@pytest.mark.parametrize("shape", ["grid", "list"])
def test_what_was_written_is_read_back(shape):
    data, template = made(shape, before={"00004": {"cuoc": "3"}})
    filled = read_template(data)
    checked = check(FORM, filled)
    assert filled.template == template and checked.problems == []
    assert held(checked.values["00004"]) == {key: value for key, value in STORED["00004"].items() if key in TYPED}
    assert set(checked.values["00004"]) == TYPED


@pytest.mark.parametrize("shape", ["grid", "list"])
def test_other_programs_read_it_alike(shape):
    data, _ = made(shape)
    book = load_workbook(io.BytesIO(data))
    sheet = book["Số liệu"]
    by_openpyxl = [[cell.value for cell in row] for row in sheet.iter_rows()]
    by_calamine = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name("Số liệu").to_python(skip_empty_area=False)
    strings = {value for row in by_openpyxl for value in row if isinstance(value, str) and not value.startswith("=")}
    assert strings - {""} <= {value for row in by_calamine for value in row if isinstance(value, str)}
    assert "Biểu thử" in strings and "'=1+1" in strings
    assert sheet.protection.sheet and sheet.protection.password is None and sheet.freeze_panes
    assert book["_mau"].sheet_state == "veryHidden" and {"MTS_BIEU", "MTS_KY", "MTS_DAU_VAN_TAY"} <= set(book.defined_names)
    open_cells = sum(not cell.protection.locked for row in sheet.iter_rows() for cell in row)
    assert open_cells == len(TYPED) * (2 if shape == "grid" else 1)
    rules = {rule.type for rule in sheet.data_validations.dataValidation}
    assert rules == {"whole", "decimal", "date", "list"}
    formulas = [value for row in by_openpyxl for value in row if isinstance(value, str) and value.startswith("=")]
    assert len(formulas) == (2 if shape == "grid" else 1) and all(value.startswith("=IF(COUNT(") for value in formulas)


def _grid(row, column, value):
    def change(sheet):
        sheet.cell(row, column).value = value

    return change


def _column_of(key):
    data, _ = made()
    sheet = load_workbook(io.BytesIO(data))["Số liệu"]
    return next(cell.column for cell in sheet[6] if cell.value == key)


@pytest.mark.parametrize(("key", "value", "part"), [
    ("cuoc", "bốn", "không phải số"), ("cuoc", 1.5, "số nguyên"), ("cuoc", -1, "không được âm"), ("cuoc", "=2+2", "công thức"),
    ("cuoc", datetime(2026, 5, 1), "hiểu ô này là ngày 01/05/2026"), ("cuoc", True, "không phải số"), ("cuoc", "1,234", "hai cách"),
    ("tien", "1.234,56789", "4 chữ số"), ("tien", 10**16, "quá lớn"), ("ngay", "31/02/2026", "không phải ngày"),
    ("loai", "Giỏi", "không có trong các lựa chọn"), ("kho_khan", "=HYPERLINK(\"x\")", "công thức"),
])  # fmt: skip
def test_a_wrong_cell_is_named(key, value, part):
    data, _ = made()
    column = _column_of(key)
    problems = check(FORM, read_template(edited(data, _grid(8, column, value)))).problems
    assert len(problems) == 1 and part in problems[0].words
    assert problems[0].row == 8 and problems[0].unit == "Xã Ngọc Hà" and problems[0].cell == FORM.cells[key].name
    assert load_workbook(io.BytesIO(data))["Số liệu"].cell(8, column).column_letter == problems[0].column


@pytest.mark.parametrize(("key", "value", "kept"), [
    ("tien", "1.234,5", "1234.5"), ("cuoc", "1 234", "1234"), ("cuoc", 12.0, "12"), ("tien", 0.1 + 0.2, "0.3"),
    ("ngay", "1/2/2026", "2026-02-01"), ("ngay", datetime(2026, 2, 1), "2026-02-01"), ("ngay", date(2026, 2, 1), "2026-02-01"),
    ("ngay", 46054, "2026-02-01"),
    ("loai", "tốt, xuất sắc", "tot"), ("kho_khan", "'-x", "-x"), ("kho_khan", 5, "5"),
])  # fmt: skip
def test_what_people_write_is_understood(key, value, kept):
    data, _ = made()
    checked = check(FORM, read_template(edited(data, _grid(8, _column_of(key), value))))
    assert checked.problems == [] and held(checked.values["00008"]) == {key: kept}


def test_computed_cells_of_a_file_are_never_taken():
    data, _ = made()
    checked = check(FORM, read_template(edited(data, _grid(7, _column_of("hoi_vien"), 999))))
    assert checked.problems == [] and "hoi_vien" not in checked.values["00004"]


def _merge(sheet):
    sheet.merge_cells("D7:E7")


def _rename(sheet):
    sheet["D5"].value = "Nam giới"


def _drop_column(sheet):
    sheet.delete_cols(4)


def _drop_row(sheet):
    sheet.delete_rows(7)


def _move_values_only(sheet):
    for row in (5, 7, 8):  # as somebody who sorts what he sees: the hidden key stays
        sheet.cell(row, 4).value, sheet.cell(row, 5).value = sheet.cell(row, 5).value, sheet.cell(row, 4).value


def _no_code(sheet):
    sheet["A8"].value, sheet["D8"].value = None, 5


def _strange_code(sheet):
    sheet["A8"].value = "99999"


def _twice(sheet):
    sheet["A8"].value, sheet["B8"].value = "00004", "Phường Ừ Đỗ"


def _other_name(sheet):
    sheet["B8"].value = "Xã Khác"


def _stray(sheet):
    sheet.cell(8, 40).value = "ghi thêm"


@pytest.mark.parametrize(("change", "row", "column", "part"), [
    (_merge, 7, "D", "gộp"), (_rename, 5, "D", "Nam giới"), (_drop_column, 5, "", "không còn"), (_move_values_only, 5, "D", "đã bị đổi"),
    (_no_code, 8, "A", "thiếu mã"), (_strange_code, 8, "A", "không có trong mẫu"), (_twice, 8, "A", "hai lần"),
    (_other_name, 8, "B", "đúng là “Xã Ngọc Hà”"), (_stray, 8, "AN", "ngoài các ô"),
])  # fmt: skip
def test_a_changed_layout_is_named(change, row, column, part):
    data, _ = made()
    problems = check(FORM, read_template(edited(data, change))).problems
    assert any((each.row, each.column) == (row, column) and part in each.words for each in problems), problems


def test_a_column_moved_whole_is_followed_and_a_missing_row_told():
    data, _ = made()

    def swap(sheet):
        for row in range(4, 9):
            sheet.cell(row, 4).value, sheet.cell(row, 5).value = sheet.cell(row, 5).value, sheet.cell(row, 4).value

    checked = check(FORM, read_template(edited(data, swap)))
    assert checked.problems == [] and checked.values["00004"]["hoi_vien/nam"] == "10"
    checked = check(FORM, read_template(edited(data, _drop_row)))
    assert checked.problems == [] and checked.absent == ["Phường Ừ Đỗ"]


def test_a_code_that_excel_made_a_number_is_known():
    data, _ = made()
    checked = check(FORM, read_template(edited(data, _grid(7, 1, 4))))
    assert checked.problems == [] and set(checked.rows) == {"00004", "00008"}


def _other(data, name, change):
    parts = unpack(data)
    parts[name] = change(parts[name])
    return pack(parts)


def _data_part(data):
    return next(name for name, part in unpack(data).items() if b"<pane " in part)


def test_files_that_are_no_template_are_refused_in_words():
    data, _ = made()
    for bad in (b"", b"PK", b"x" * 100, pack({"a": b"b"}), data[:-200]):
        with pytest.raises(Unsupported):
            read_template(bad)
    stream = io.BytesIO()
    load_workbook(io.BytesIO(data)).save(stream)
    assert read_template(stream.getvalue()).template.form == "thu"
    strange = load_workbook(io.BytesIO(data))
    del strange["_mau"]
    stream = io.BytesIO()
    strange.save(stream)
    with pytest.raises(Unsupported, match="không phải mẫu"):
        read_template(stream.getvalue())
    forged = load_workbook(io.BytesIO(data))
    forged["_mau"]["B5"].value = "2025-Q3"
    stream = io.BytesIO()
    forged.save(stream)
    with pytest.raises(InvalidInput, match="Phần ẩn"):
        read_template(stream.getvalue())
    with pytest.raises(Unsupported, match="macro"):
        read_template(pack({**unpack(data), "xl/vbaProject.bin": b"x"}))


def test_a_file_that_readers_would_read_in_two_ways_is_refused():
    data, _ = made()
    part = _data_part(data)
    twice = _other(data, "xl/workbook.xml", lambda xml: xml.replace("Số liệu\" sheetId=\"1\"".encode(), b"_mau\" sheetId=\"1\""))
    for bad in (pack({**unpack(data), part.replace("sheet", "Sheet"): b""}), twice):
        assert bad != data
        with pytest.raises(Unsupported, match="không phải bảng Excel"):
            read_template(bad)


def test_files_without_end_are_refused_before_they_are_parsed():
    data, _ = made()
    part = _data_part(data)
    far = _other(data, part, lambda xml: xml.replace(b'<row r="7"', b'<row r="200000"').replace(b'r="A7"', b'r="A200000"'))
    with pytest.raises(InvalidInput, match=r"200\.000"):
        read_template(far)
    for reference in (b'r="XFD7"', b"r='xfd7'", b'r = "XFD7"', b'x=">" r="XFD7"'):
        wide = _other(data, part, lambda xml, said=reference: xml.replace(b'r="A7"', said))
        with pytest.raises(InvalidInput, match="rộng"):
            read_template(wide)
    merged = b'</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    everywhere = _other(data, part, lambda xml: xml.replace(b"</sheetData>", merged))
    for act in (read_template, lambda file: mark(file, [])):
        with pytest.raises(InvalidInput):
            act(everywhere)
        with pytest.raises(InvalidInput):
            act(wide)
        with pytest.raises(Unsupported):
            act(_other(data, part, lambda xml: xml.decode().encode("utf-16")))
    many = _other(data, part, lambda xml: xml.replace(b"</sheetData>", b"<row></row>" * (MOST_ROWS + 1) + b"</sheetData>"))
    with pytest.raises(InvalidInput, match="dòng"):
        read_template(many)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in unpack(data).items():
            archive.writestr(name, content)
        archive.writestr("xl/bomb.xml", b"0" * (121 * 2**20))
    assert len(stream.getvalue()) < 2**20
    with pytest.raises(TooLarge):
        read_template(stream.getvalue())
    with pytest.raises(TooLarge):
        read_template(b"0" * (13 * 2**20))


def test_a_part_that_holds_more_than_it_declares_is_refused():
    data, _ = made()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in unpack(data).items():
            archive.writestr(name, content)
        info = archive.infolist()[0]
        size = info.file_size
    lying = stream.getvalue().replace(size.to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lying != stream.getvalue()
    with pytest.raises(Unsupported):
        read_template(lying)


@given(some.binary(max_size=300), some.integers(0, 5_000))
def test_a_broken_file_is_refused_and_nothing_else(noise, where):
    data, _ = _MADE
    broken = data[:where] + noise + data[where + len(noise) :]
    with contextlib.suppress(DomainError):
        check(FORM, read_template(broken))


_MADE = made()


def test_faults_are_marked_in_the_file_itself_which_can_be_sent_again():
    data, template = made()
    column = _column_of("cuoc")
    wrong = edited(data, _grid(8, column, "bốn"))
    marked = mark(wrong, check(FORM, read_template(wrong)).problems)
    cell = load_workbook(io.BytesIO(marked))["Số liệu"].cell(8, column)
    assert "không phải số" in cell.comment.text and cell.fill.fgColor.rgb == "FFFFC7BF"
    assert load_workbook(io.BytesIO(marked))["Lỗi cần sửa"]["A2"].value == 8
    mended = edited(marked, _grid(8, column, 4))
    checked = check(FORM, read_template(mended))
    assert checked.problems == [] and read_template(mended).template == template and checked.values["00008"]["cuoc"] == "4"
    assert load_workbook(io.BytesIO(mark(mended, [])))["Số liệu"].cell(8, column).comment is None


_words = some.text(some.characters(blacklist_categories=("Cs", "Cc", "Cf", "Co", "Cn", "Zl", "Zp")), min_size=1, max_size=40)
_values = some.fixed_dictionaries({}, optional={
    "cuoc": some.integers(0, 10**15 - 1).map(str),
    "tien": some.decimals(0, 10**10, places=4, allow_nan=False).map(plain_number),
    "ngay": some.dates(date(1800, 1, 1), date(2100, 1, 1)).map(date.isoformat),
    "loai": some.sampled_from(["tot", "kha"]),
    "kho_khan": some.one_of(_words, some.sampled_from(["=1", "'=1", "''+x", "-", "@a", "'", "1.234", "#REF!x", "31/12/2026", "true"])),
})  # fmt: skip


@given(_values, some.sampled_from(["grid", "list"]))
def test_every_value_comes_back_as_it_was(values, shape):
    from mattranso_app.core.reporting.values import BadValue, parse_value

    try:
        values = {key: parse_value(FORM.cells[key], value) if key == "kho_khan" else value for key, value in values.items()}
    except BadValue:
        return
    values = held(values)
    data, _ = made(shape, stored={"00004": values})
    checked = check(FORM, read_template(data))
    assert checked.problems == [] and held(checked.values["00004"]) == values
