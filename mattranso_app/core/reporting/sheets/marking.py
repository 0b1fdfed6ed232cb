"""The file people sent, given back with its wrong cells coloured and commented. It blocks: run it in a thread."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from mattranso_app.core.errors import DomainError, Unsupported
from mattranso_app.core.reporting.sheets import text
from mattranso_app.core.reporting.sheets.checking import Problem
from mattranso_app.core.reporting.sheets.reading import check_bounds, pack, sheet_parts, unpack
from mattranso_app.core.sheets import as_text

_COLOUR = "FFFFC7BF"
_LONGEST = 1_000
"""Characters of a comment."""


def mark(data: bytes, problems: Sequence[Problem]) -> bytes:
    """Return the file with each fault at its cell and all of them on a sheet of their own; earlier marks are gone.

    Raises:
        TooLarge, Unsupported, InvalidInput: as `reading.read_template`.
    """
    parts = unpack(data)
    try:
        for part in sheet_parts(parts).values():
            check_bounds(parts[part])
        book: Any = load_workbook(io.BytesIO(pack(parts)), keep_links=False)
        sheet = book[text.DATA_SHEET]
    except DomainError:
        raise
    except Exception as error:  # openpyxl raises whatever the broken part of the file provokes
        raise Unsupported(text.NOT_EXCEL) from error
    # Only cells that are there: a single comment far away would make the area of `iter_rows` endless.
    for cell in list(sheet._cells.values()):
        if cell.comment is not None and cell.comment.author == text.AUTHOR:
            cell.comment = None
            cell.fill = PatternFill()
    words: dict[str, list[str]] = {}
    for problem in problems:
        if problem.row:
            words.setdefault(f"{problem.column or 'B'}{problem.row}", []).append(problem.words)
    for place, said in words.items():
        cell = sheet[place]
        if type(cell).__name__ == "MergedCell":
            continue
        cell.fill = PatternFill("solid", fgColor=_COLOUR)
        cell.comment = Comment("\n".join(said)[:_LONGEST], text.AUTHOR, height=110, width=320)
    _list(book, problems)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _list(book: Any, problems: Sequence[Problem]) -> None:
    if text.PROBLEMS_SHEET in book.sheetnames:
        del book[text.PROBLEMS_SHEET]
    sheet = book.create_sheet(text.PROBLEMS_SHEET, 1)
    sheet.append([text.PROBLEM_ROW, text.PROBLEM_COLUMN, text.PROBLEM_UNIT, text.PROBLEM_CELL, text.PROBLEM_WORDS])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for problem in problems:
        sheet.append(
            [problem.row or "", problem.column, as_text(problem.unit), as_text(problem.cell), as_text(problem.words)]
        )
    for letter, width in zip("ABCDE", (8, 8, 30, 50, 90), strict=True):
        sheet.column_dimensions[letter].width = width
