"""Excel tables that people fill and send back: read within bounds, written so that no cell is taken for a formula."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mattranso_app.core.errors import InvalidInput, TooLarge, Unsupported
from mattranso_app.core.text import fold

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

LARGEST_SHEET = 1024 * 1024
"""Bytes of a file."""

LARGEST_UNPACKED = 8 * 1024 * 1024
"""Bytes of all parts of a file when unpacked; `zipfile` reads no part beyond the size it declares."""

MOST_PARTS = 100
"""Parts of a file."""

FILE_TOO_LARGE = f"Tệp lớn quá {LARGEST_SHEET // 1024} KB. Hãy chỉ giữ bảng danh sách trong tệp."
NOT_EXCEL = "Tệp này không phải bảng Excel (.xlsx) đọc được. Hãy tải mẫu về, điền rồi gửi lại."
TOO_LONG = "Bảng có nhiều hơn {limit} dòng. Hãy chia thành nhiều tệp."

_MOST_COLUMNS = 20
_FORMULA_SIGNS = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class FilledRow:
    """A filled row: its number as Excel counts (the headers are row 1), the cells by name of their column as they came."""

    number: int
    cells: Mapping[str, object]

    def text(self, column: str) -> str:
        """Return a cell as plain text, empty when it has none."""
        return plain(self.cells.get(column))

    @property
    def has_formula(self) -> bool:
        """Whether some cell holds a formula."""
        return any(isinstance(value, str) and value.startswith("=") for value in self.cells.values())


def as_text(value: str) -> str:
    """Return `value` for a cell so that no program takes it for a formula; `plain` gives it back as it was."""
    return "'" + value if value.lstrip("'").startswith(_FORMULA_SIGNS) else value


def plain(value: object) -> str:
    """Return the text of a cell: numbers as people write them, the apostrophe that guards a sign taken off."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    said = str(value).strip()
    return said[1:] if said.startswith("'") and said.lstrip("'").startswith(_FORMULA_SIGNS) else said


def write_template(
    title: str, headers: Sequence[str], rows: Sequence[Sequence[str]], choices: Mapping[int, Sequence[str]], help_title: str,
    help_lines: Sequence[str], most_rows: int,
) -> bytes:
    """Return an .xlsx file to be filled: a sheet with bold headers and drop-downs, and a sheet of help. It blocks: run it in a thread.

    Args:
        title: name of the sheet.
        headers: its first row.
        rows: what is in it already.
        choices: for a column (counted from 0), what its cells may hold.
        help_title: name of the second sheet.
        help_lines: what it says.
        most_rows: down to which row the drop-downs go.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    sheet.append(list(headers))
    for row in rows:
        sheet.append([as_text(cell) for cell in row])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for column in range(len(headers)):
        letter = get_column_letter(column + 1)
        sheet.column_dimensions[letter].width = 18 if column in choices else 40
        if column in choices:
            choice = DataValidation(type="list", formula1=f'"{",".join(choices[column])}"', allow_blank=True)
            sheet.add_data_validation(choice)
            choice.add(f"{letter}2:{letter}{most_rows + 1}")
    notes = book.create_sheet(help_title)
    for line in help_lines:
        notes.append([as_text(line)])
    notes.column_dimensions["A"].width = 120
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def read_filled(
    data: bytes, columns: Mapping[str, Sequence[str]], needed: Sequence[str], no_header: str, most_rows: int
) -> list[FilledRow]:
    """Return every filled row of the first sheet. It blocks: run it in a thread.

    Args:
        data: an .xlsx file as it came.
        columns: name of each column → the headers it may have, folded.
        needed: columns that must be there.
        no_header: what is said when one of them is not.
        most_rows: rows below the headers.

    Raises:
        TooLarge, Unsupported, InvalidInput: too big, no Excel file, or no such table.
    """
    table = _table(data, most_rows)
    headers = [fold(plain(value)) for value in table[0]] if table else []
    places = {name: next((at for at, header in enumerate(headers) if header in said), None) for name, said in columns.items()}
    if any(places[name] is None for name in needed):
        raise InvalidInput(no_header)
    rows = []
    for number, values in enumerate(table[1:], start=2):
        cells = {name: values[at] for name, at in places.items() if at is not None and at < len(values)}
        if any(plain(value) for value in cells.values()):
            if number > most_rows + 1:
                raise InvalidInput(TOO_LONG.format(limit=most_rows))
            rows.append(FilledRow(number, cells))
    return rows


def _table(data: bytes, most_rows: int) -> list[tuple[object, ...]]:
    from openpyxl import load_workbook

    if len(data) > LARGEST_SHEET:
        raise TooLarge(FILE_TOO_LARGE)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
            raise TooLarge(FILE_TOO_LARGE)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        sheet: Any = book.worksheets[0]
        sheet.reset_dimensions()
        return list(sheet.iter_rows(max_row=most_rows + 2, max_col=_MOST_COLUMNS, values_only=True))
    except TooLarge:
        raise
    except Exception as error:  # openpyxl raises whatever the broken part of the file provokes
        raise Unsupported(NOT_EXCEL) from error
