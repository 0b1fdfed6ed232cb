"""What a filled template says, cell by cell, and what is wrong with it: each fault with its row and column.

Pure, and it blocks: run it in a thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from mattranso_app.core.reporting.forms import Cell, FormDefinition
from mattranso_app.core.reporting.sheets import text
from mattranso_app.core.reporting.sheets import writing as at
from mattranso_app.core.reporting.sheets.reading import FilledTemplate, column_letters
from mattranso_app.core.reporting.sheets.template import columns, heading
from mattranso_app.core.reporting.values import BadValue, parse_value
from mattranso_app.core.sheets import plain
from mattranso_app.core.text import fold

MOST_PROBLEMS = 2_000
"""Faults listed of one file; who has more begins with these."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault: where it is as Excel counts (row from 1, column by letters, "" for the whole row), and what to do.

    Attributes:
        row: 0 when it is about the whole file.
        column: letters.
        unit: name of the unit, if known.
        cell: name of the cell of the form, if known.
        words: what is wrong and what to do.
    """

    row: int
    column: str
    unit: str
    cell: str
    words: str


@dataclass(slots=True)
class Checked:
    """What a file holds: plain values of every cell to fill by unit and key, where each stands, and what is wrong."""

    values: dict[str, dict[str, str | None]] = field(default_factory=dict)
    places: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)


def check(form: FormDefinition, filled: FilledTemplate) -> Checked:
    """Return what the file says.

    Args:
        form: the version it was made by.
        filled: from `read_template`.
    """
    reader = _Reader(form, filled)
    reader.list() if filled.template.shape == "list" else reader.grid()
    reader.found.problems.sort(key=lambda problem: (problem.row, len(problem.column), problem.column))
    del reader.found.problems[MOST_PROBLEMS:]
    return reader.found


class _Reader:
    def __init__(self, form: FormDefinition, filled: FilledTemplate) -> None:
        self.filled, self.rows, self.found = filled, filled.rows, Checked()
        self.cells = {cell.key: cell for cell in columns(form)}
        self.names = {unit.code: unit.name for unit in filled.template.units}

    def at(self, row: int, column: int) -> Any:
        return self.rows[row][column] if row < len(self.rows) and column < len(self.rows[row]) else ""

    def words(self, row: int, column: int) -> str:
        return plain(self.at(row, column))

    def fault(self, row: int, column: int | None, words: str, unit: str = "", cell: Cell | None = None) -> None:
        letters = "" if column is None else column_letters(column)
        self.found.problems.append(Problem(row + 1, letters, self.names.get(unit, ""), cell.name if cell else "", words))

    def list(self) -> None:
        """One unit: a row per cell, known by the key in the hidden first column."""
        unit = self.filled.template.units[0].code
        self.found.values[unit], self.found.rows[unit] = {}, at.ABOUT_ROW + 1
        seen: dict[str, int] = {}
        for row in range(at.KEY_ROW, len(self.rows)):
            cell = self.cells.get(self.words(row, at.KEY_COLUMN))
            if cell is None:
                if stray := self.words(row, at.VALUE_COLUMN):
                    self.fault(row, at.VALUE_COLUMN, text.STRAY.format(value=stray[:40]))
                continue
            if cell.key in seen:
                self.fault(row, at.LABEL_COLUMN, text.ROW_TWICE.format(name=cell.name, row=seen[cell.key] + 1), unit, cell)
                continue
            seen[cell.key] = row
            label = self.words(row, at.LABEL_COLUMN)
            if not _is_same(label, heading(cell)):
                self.fault(row, at.LABEL_COLUMN, text.NAME_CHANGED.format(found=label[:80], name=heading(cell)), unit, cell)
            self.take(unit, cell, row, at.VALUE_COLUMN)
        for cell in self.cells.values():
            if cell.key not in seen and not cell.is_computed:
                self.found.problems.append(Problem(0, "", "", cell.name, text.ROW_GONE.format(name=cell.name)))
        self.merged(at.KEY_ROW)

    def grid(self) -> None:
        """Many units: a row per unit, known by its code; a column per cell, known by the key in the hidden row."""
        placed = dict(self.headers())
        last = max(len(row) for row in self.rows) if self.rows else 0
        for row in range(at.FIRST_ROW, len(self.rows)):
            code = self.code(row)
            is_filled = any(self.words(row, column) for column in placed)
            stray = next((column for column in range(at.FIRST_COLUMN, last) if column not in placed and self.words(row, column)), None)
            if stray is not None:
                self.fault(row, stray, text.STRAY.format(value=self.words(row, stray)[:40]), code)
            if not code:
                if is_filled or self.words(row, at.NAME_COLUMN):
                    self.fault(row, at.CODE_COLUMN, text.NO_UNIT)
            elif code not in self.names:
                self.fault(row, at.CODE_COLUMN, text.NOT_IN_TEMPLATE.format(code=code[:20]))
            elif code in self.found.rows:
                words = text.ROW_TWICE.format(name=self.names[code], row=self.found.rows[code])
                self.fault(row, at.CODE_COLUMN, words, code)
            else:
                self.found.rows[code], self.found.values[code] = row + 1, {}
                name = self.words(row, at.NAME_COLUMN)
                if not _is_same(name, self.names[code]):
                    self.fault(row, at.NAME_COLUMN, text.NAME_CHANGED.format(found=name[:80], name=self.names[code]), code)
                for column, cell in placed.items():
                    self.take(code, cell, row, column)
        self.found.absent = [name for code, name in self.names.items() if code not in self.found.rows]
        self.merged(at.FIRST_ROW)

    def code(self, row: int) -> str:
        """Return the code of a row's unit; where Excel has made a number of it, the zeros in front are back."""
        said = self.words(row, at.CODE_COLUMN).lower()
        padded = (said.zfill(digits) for digits in (len(said), 2, 5))
        return next((code for code in padded if code in self.names), said)

    def headers(self) -> Iterator[tuple[int, Cell]]:
        """Yield where each cell's column stands; one that moved with its hidden key is where it is now."""
        keys = [plain(value) for value in self.rows[at.KEY_ROW]] if len(self.rows) > at.KEY_ROW else []
        seen: set[str] = set()
        for column, key in enumerate(keys):
            cell = self.cells.get(key)
            if cell is None:
                continue
            found = self.words(at.HEADER_ROW, column)
            if key in seen:
                self.fault(at.HEADER_ROW, column, text.HEADER_TWICE.format(name=heading(cell)), cell=cell)
            elif not _is_same(found, heading(cell)):
                self.fault(at.HEADER_ROW, column, text.HEADER_CHANGED.format(found=found[:80], name=heading(cell)), cell=cell)
            else:
                yield column, cell
            seen.add(key)
        for cell in self.cells.values():
            if cell.key not in seen and not cell.is_computed:
                self.fault(at.HEADER_ROW, None, text.HEADER_GONE.format(name=heading(cell)), cell=cell)

    def take(self, unit: str, cell: Cell, row: int, column: int) -> None:
        """Take a value over, or say what is wrong with it. What is computed is never taken from a file."""
        if cell.is_computed:
            return
        self.found.places[unit, cell.key] = (row + 1, column_letters(column))
        value = self.at(row, column)
        if (row, column) in self.filled.formulas:
            self.fault(row, column, text.FORMULA, unit, cell)
            return
        try:
            self.found.values[unit][cell.key] = parse_value(cell, _as_typed(cell, value))
        except BadValue as error:
            self.fault(row, column, str(error), unit, cell)

    def merged(self, first_row: int) -> None:
        for area in self.filled.merged:
            if area.last_row >= first_row:
                cells = f"{column_letters(area.first_column)}{area.first_row + 1}:{column_letters(area.last_column)}{area.last_row + 1}"
                self.fault(max(area.first_row, first_row), area.first_column, text.MERGED.format(cells=cells))


def _as_typed(cell: Cell, value: Any) -> object:
    """Return a value of Excel's as somebody would have typed it.

    Raises:
        BadValue: Excel took it for something else.
    """
    if isinstance(value, datetime) and cell.indicator.type != "date":
        if cell.is_number:
            raise BadValue(text.DAY_IN_NUMBER.format(day=f"{value:%d/%m/%Y}"))
        return f"{value:%d/%m/%Y}"
    if isinstance(value, date) and cell.is_number:
        raise BadValue(text.DAY_IN_NUMBER.format(day=f"{value:%d/%m/%Y}"))
    if isinstance(value, float):
        # Excel keeps 15 digits: 0.30000000000000004 is its 0.3.
        return Decimal(format(value, ".15g")) if cell.is_number else plain(value)
    if isinstance(value, str):
        if value in _ERRORS:
            raise BadValue(text.EXCEL_ERROR.format(value=value))
        return value if cell.is_number else plain(value)
    return value


_ERRORS = {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#DATA!"}


def _is_same(one: str, other: str) -> bool:
    return " ".join(fold(one).split()) == " ".join(fold(other).split())


def shown(cell: Cell, value: str | None) -> str:
    """Return a plain value as people read it: `1.234,5`, `31/12/2026`, the name of a choice."""
    if value is None:
        return ""
    if cell.is_number:
        whole, _, rest = value.partition(".")
        return f"{int(whole):,}".replace(",", ".") + (f",{rest}" if rest else "")
    if cell.indicator.type == "date":
        return f"{date.fromisoformat(value):%d/%m/%Y}"
    if cell.indicator.type == "choice":
        return next((option.name for option in cell.indicator.options if option.code == value), value)
    return value


def by_cell(checked: Checked) -> Mapping[tuple[int, str], list[Problem]]:
    """Return the faults by place."""
    places: dict[tuple[int, str], list[Problem]] = {}
    for problem in checked.problems:
        places.setdefault((problem.row, problem.column), []).append(problem)
    return places
