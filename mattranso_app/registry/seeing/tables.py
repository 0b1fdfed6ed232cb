"""Tables of figures that leave the platform as CSV, Excel or Word: no cell is taken for a formula, coverage and moment go along."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from mattranso_app.core.sheets import MEDIA_TYPE, as_text
from mattranso_app.registry.seeing.words import number

Value = Decimal | int | str | None

MOST_WORD_CELLS = 3_000
"""Cells of a table in a Word document: making one takes about a millisecond a cell, and no page shows more."""

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": MEDIA_TYPE,
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table as people read it.

    Attributes:
        title: its heading.
        notes: lines above it: form, periods, place, coverage, moment.
        headers: names of the columns.
        rows: values; numbers stay numbers where the kind of file has them.
    """

    title: str
    notes: tuple[str, ...]
    headers: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


def write(table: Table, kind: str) -> bytes:
    """Return a table as a file. It blocks: run it in a thread.

    Args:
        table: what is in it.
        kind: key of `MEDIA_TYPES`.
    """
    return {"csv": _csv, "xlsx": _xlsx, "docx": _docx}[kind](table)


def _csv(table: Table) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    for line in (table.title, *table.notes):
        writer.writerow([as_text(line)])
    writer.writerow([])
    writer.writerow([as_text(header) for header in table.headers])
    writer.writerows([[_plain(value) for value in row] for row in table.rows])
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def _plain(value: Value) -> str:
    if value is None:
        return ""
    return as_text(value) if isinstance(value, str) else format(Decimal(value).normalize(), "f")


def _xlsx(table: Table) -> bytes:
    import xlsxwriter

    stream = io.BytesIO()
    # What begins with a sign stays the text it is: no formula, no link is made of any cell.
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(stream, plain)
    sheet = book.add_worksheet("Số liệu")
    bold, figures = book.add_format({"bold": True, "text_wrap": True, "valign": "top"}), book.add_format({"num_format": "#,##0.####"})
    for at, line in enumerate((table.title, *table.notes)):
        sheet.write_string(at, 0, as_text(line), bold if at == 0 else None)
    top = len(table.notes) + 2
    for column, header in enumerate(table.headers):
        sheet.write_string(top, column, as_text(header), bold)
    for at, row in enumerate(table.rows, start=top + 1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(at, column, as_text(value))
            elif value is not None:
                sheet.write_number(at, column, float(value), figures)
    sheet.freeze_panes(top + 1, 1)
    sheet.set_column(0, 0, 38)
    sheet.set_column(1, max(1, len(table.headers) - 1), 16)
    book.close()
    return stream.getvalue()


def _docx(table: Table) -> bytes:
    from docx import Document
    from docx.enum.section import WD_ORIENT
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    document = Document()
    page = document.sections[0]
    page.orientation = WD_ORIENT.LANDSCAPE
    page.page_width, page.page_height = page.page_height, page.page_width
    document.add_heading(table.title, level=1)
    for line in table.notes:
        document.add_paragraph(line)
    drawn = document.add_table(rows=1 + len(table.rows), cols=len(table.headers))
    drawn.style = "Table Grid"
    # Row by row: asking python-docx for each cell by its place costs time squared.
    for at, (row, values) in enumerate(zip(drawn.rows, (table.headers, *table.rows), strict=True)):
        for cell, value in zip(row.cells, values, strict=True):
            paragraph = cell.paragraphs[0]
            paragraph.add_run(value if isinstance(value, str) else "" if value is None else number(value)).bold = at == 0
            if not isinstance(value, str):
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    drawn.rows[0]._tr.get_or_add_trPr().append(repeated)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def headed(parts: Sequence[str]) -> str:
    """Return one heading of several, the outermost first."""
    return " · ".join(part for part in parts if part)
