"""Filled templates, read within bounds: a file that unpacks without end, or claims a million rows, is refused before it is parsed.

What the reader library gets to see is an archive packed anew from the parts that were looked at, so the file cannot show
it something else. Reading blocks: run it in a thread.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from defusedxml import ElementTree
from python_calamine import CalamineError, CalamineWorkbook

from mattranso_app.core.errors import DomainError, InvalidInput, TooLarge, Unsupported
from mattranso_app.core.reporting.sheets import text
from mattranso_app.core.reporting.sheets.template import HIDDEN_SHEET, Template, template_of

LARGEST_FILE = 12 * 2**20
"""Bytes of a file."""
LARGEST_UNPACKED = 120 * 2**20
"""Bytes of all its parts when unpacked."""
MOST_PARTS = 200
MOST_ROWS = 5_000
MOST_COLUMNS = 700
MOST_AREA = 1_000_000
"""Rows × columns of a sheet: the reader keeps them all."""

_REFERENCE = re.compile(rb"""\sr\s*=\s*["']\s*([A-Za-z]{0,9})(\d{1,9})\s*["']""")
_RANGE = re.compile(rb"""\sref\s*=\s*["']\s*[A-Za-z]{1,9}\d{1,9}:([A-Za-z]{1,9})(\d{1,9})\s*["']""")
_DIMENSION = re.compile(rb"<(?:\w+:)?dimension\b[^>]*>")
_FORMULA = re.compile(rb"""<(?:\w+:)?c\b[^>]*?\sr=["']([A-Z]{1,3})(\d{1,7})["'][^>]*>\s*<(?:\w+:)?f\b""")
_ROW, _CELL = re.compile(rb"<(?:\w+:)?row\b"), re.compile(rb"<(?:\w+:)?c[\s>/]")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True, slots=True)
class Area:
    """Cells merged into one, rows and columns counted from 0, both ends included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(frozen=True, slots=True)
class FilledTemplate:
    """A file as it was read: what it says it is, and its cells.

    Attributes:
        template: from the hidden sheet.
        rows: the cells of the data sheet from its first row and column on; an empty one is "".
        formulas: places (row, column from 0) that hold a formula; `rows` has its last result.
        merged: merged cells.
    """

    template: Template
    rows: Sequence[Sequence[Any]]
    formulas: frozenset[tuple[int, int]]
    merged: Sequence[Area]


def column_letters(column: int) -> str:
    """Return a column, counted from 0, as Excel names it."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number - 1


def unpack(data: bytes) -> dict[str, bytes]:
    """Return the parts of an .xlsx file by name.

    Raises:
        TooLarge: too big, or bigger when unpacked.
        Unsupported: not such a file, or one with macros.
    """
    too_large = TooLarge(text.TOO_LARGE.format(limit=LARGEST_FILE // 2**20))
    if len(data) > LARGEST_FILE:
        raise too_large
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
                raise too_large
            names = {part.filename for part in parts}
            if len({name.lower() for name in names}) != len(parts) or "xl/workbook.xml" not in names:
                raise Unsupported(text.NOT_EXCEL)
            if any(name.lower().endswith((".bin", ".vba")) and "vba" in name.lower() for name in names):
                raise Unsupported(text.MACROS)
            # zipfile stops at the size a part declares, and the checksum tells when it held more.
            return {part.filename: archive.read(part) for part in parts}
    except DomainError:
        raise
    except Exception as error:  # zipfile raises whatever the broken part of the file provokes
        raise Unsupported(text.NOT_EXCEL) from error


def pack(parts: Mapping[str, bytes]) -> bytes:
    """Return an archive of the parts, not compressed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def read_template(data: bytes) -> FilledTemplate:
    """Return a filled template.

    Raises:
        TooLarge, Unsupported: too big, no Excel file, not a template of ours.
        InvalidInput: what it says about itself was changed, or it has too many rows.
    """
    parts = unpack(data)
    try:
        places = sheet_parts(parts)
        if HIDDEN_SHEET not in places:
            raise Unsupported(text.NOT_A_TEMPLATE)
        if text.DATA_SHEET not in places:
            raise InvalidInput(text.NO_DATA_SHEET)
        content = parts[places[text.DATA_SHEET]]
        for name in (HIDDEN_SHEET, text.DATA_SHEET):
            check_bounds(parts[places[name]])
        needed = {name: part for name, part in parts.items() if _is_needed(name, places)}
        with CalamineWorkbook.from_filelike(io.BytesIO(pack(needed))) as book:
            template = template_of(_rows(book, HIDDEN_SHEET))
            sheet = book.get_sheet_by_name(text.DATA_SHEET)
            merged = [Area(*first, *last) for first, last in sheet.merged_cell_ranges or ()]
            rows = sheet.to_python(skip_empty_area=False)
    except DomainError:
        raise
    except (CalamineError, ValueError, KeyError, ElementTree.ParseError) as error:
        raise Unsupported(text.NOT_EXCEL) from error
    formulas = frozenset((int(row) - 1, _column(letters)) for letters, row in _FORMULA.findall(content))
    return FilledTemplate(template, rows, formulas, merged)


def _rows(book: CalamineWorkbook, name: str) -> list[list[Any]]:
    return book.get_sheet_by_name(name).to_python(skip_empty_area=False)


def sheet_parts(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Return the part of each sheet by the sheet's name.

    Raises:
        Unsupported: two sheets of one name, or one whose part is not plainly named: readers would disagree on what they see.
    """
    relations = ElementTree.fromstring(parts["xl/_rels/workbook.xml.rels"])
    targets = {each.get("Id"): each.get("Target", "") for each in relations}
    found = {}
    for sheet in ElementTree.fromstring(parts["xl/workbook.xml"]).iter(f"{_MAIN}sheet"):
        target = targets.get(sheet.get(_RELATION), "")
        name = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if name not in parts or sheet.get("name", "") in found:
            raise Unsupported(text.NOT_EXCEL)
        found[sheet.get("name", "")] = name
    return found


def _is_needed(name: str, places: Mapping[str, str]) -> bool:
    sheets = {places[HIDDEN_SHEET], places[text.DATA_SHEET]}
    return name in sheets or not name.startswith("xl/") or name.startswith("xl/_rels/") or name.count("/") == 1


def check_bounds(content: bytes) -> None:
    """Raise when a sheet reaches further than a template does, by a cell or by a merged area: readers go through all in between.

    Raises:
        InvalidInput: it does.
        Unsupported: its encoding hides it.
    """
    if b"\0" in content:  # an encoding in which the patterns find nothing
        raise Unsupported(text.NOT_EXCEL)
    last_row = last_column = 0
    for letters, row in (*_REFERENCE.findall(content), *_RANGE.findall(_DIMENSION.sub(b"", content, count=1))):
        last_row = max(last_row, int(row))
        if letters:
            last_column = max(last_column, _column(letters) + 1)
    last_row = max(last_row, len(_ROW.findall(content)))
    if last_row > MOST_ROWS:
        raise InvalidInput(text.TOO_MANY_ROWS.format(rows=f"{last_row:,}".replace(",", "."), limit=f"{MOST_ROWS:,}".replace(",", ".")))
    if last_column > MOST_COLUMNS or last_row * last_column > MOST_AREA or len(_CELL.findall(content)) > MOST_AREA:
        raise InvalidInput(text.TOO_MANY_COLUMNS)
