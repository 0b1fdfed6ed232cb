"""Templates as .xlsx files: locked but for the cells to fill, with drop-downs, checks and the values of the last period.

No cell is ever taken for a formula but those written as one here. Writing blocks: run it in a thread.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from mattranso_app.core.errors import InvalidInput
from mattranso_app.core.reporting.forms import Cell, FormDefinition, Section
from mattranso_app.core.reporting.sheets import text
from mattranso_app.core.reporting.sheets.template import FACTS, HIDDEN_SHEET, NAMES, Template, choices, columns, heading
from mattranso_app.core.sheets import as_text

MOST_CELLS = 400_000
"""Cells of one template."""
TITLE_ROW, ABOUT_ROW, HELP_ROW, SECTION_ROW, HEADER_ROW, KEY_ROW, FIRST_ROW = range(7)
"""Rows of the data sheet, counted from 0. `KEY_ROW` is hidden; in a list it is a hidden column instead."""
CODE_COLUMN, NAME_COLUMN, FIRST_COLUMN = range(3)
"""Columns of a grid."""
KEY_COLUMN, LABEL_COLUMN, MEASURE_COLUMN, VALUE_COLUMN, PREVIOUS_COLUMN, NOTE_COLUMN = range(6)
"""Columns of a list."""
CHOICES_SHEET = "_lua_chon"
_DIGITS = 15
"""Excel keeps no more; longer numbers are written as text."""


@dataclass(frozen=True, slots=True)
class Filling:
    """What a template shows besides the form.

    Attributes:
        period: the period's label.
        previous: the label of the period before.
        organisation: its name.
        whose: which unit, or which units.
        values: by code of the unit, what is stored.
        before: the same for the period before; empty leaves it out.
    """

    period: str
    previous: str
    organisation: str
    whose: str
    values: Mapping[str, Mapping[str, str]]
    before: Mapping[str, Mapping[str, str]]


def write_template(form: FormDefinition, template: Template, filling: Filling) -> bytes:
    """Return the file. It blocks: run it in a thread.

    Raises:
        InvalidInput: more than `MOST_CELLS`.
    """
    cells = len(form.cells) * len(template.units)
    if cells > MOST_CELLS:
        raise InvalidInput(text.TOO_BIG_TO_MAKE.format(cells=cells, limit=MOST_CELLS))
    return _Writer(form, template, filling).write()


class _Writer:
    def __init__(self, form: FormDefinition, template: Template, filling: Filling) -> None:
        self.form, self.template, self.filling = form, template, filling
        self.cells = columns(form)
        self.stream = io.BytesIO()
        self.book = xlsxwriter.Workbook(
            self.stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        )
        font: dict[str, Any] = {"font_name": "Arial", "font_size": 11, "valign": "vcenter"}
        boxed = font | {"border": 1, "border_color": "#B8B8B8"}
        self.title = self.book.add_format(font | {"bold": True, "font_size": 14})
        self.plain = self.book.add_format(font)
        self.note = self.book.add_format(font | {"italic": True, "font_color": "#444444"})
        self.header = self.book.add_format(boxed | {"bold": True, "text_wrap": True, "bg_color": "#F3E3E1", "align": "center"})
        self.section = self.book.add_format(font | {"bold": True, "font_color": "#8F1D14"})
        self.label = self.book.add_format(boxed | {"text_wrap": True})
        self.inner = self.book.add_format(boxed | {"text_wrap": True, "indent": 1})
        self.open = {kind: self.book.add_format(boxed | {"locked": False} | look) for kind, look in _LOOKS.items()}
        self.locked = {kind: self.book.add_format(boxed | {"bg_color": "#ECECEC"} | look) for kind, look in _LOOKS.items()}

    def write(self) -> bytes:
        sheet = self.book.add_worksheet(text.DATA_SHEET)
        self._top(sheet, self.form.title)
        previous = None
        if self.template.shape == "grid" and self.filling.before:
            previous = self.book.add_worksheet(text.PREVIOUS_SHEET)
            self._top(previous, text.PREVIOUS_NOTE.format(period=self.filling.previous))
        self._choices()
        if self.template.shape == "list":
            self._list(sheet)
        else:
            self._grid(sheet, self.filling.values, is_open=True)
            if previous is not None:
                self._grid(previous, self.filling.before, is_open=False)
        self._hidden()
        self.book.close()
        return self.stream.getvalue()

    def _top(self, sheet: Any, title: str) -> None:
        said = self.filling
        sheet.write_string(TITLE_ROW, NAME_COLUMN, as_text(title), self.title)
        about = text.ABOUT.format(period=said.period, organisation=said.organisation, whose=said.whose)
        sheet.write_string(ABOUT_ROW, NAME_COLUMN, as_text(about), self.plain)
        sheet.write_string(HELP_ROW, NAME_COLUMN, text.HOW_TO, self.note)
        sheet.protect("", {"format_columns": True, "format_rows": True, "select_locked_cells": True})
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)

    def _choices(self) -> None:
        """Lists of drop-downs lie on a hidden sheet: written into a rule they may hold 255 characters only."""
        self.lists: dict[str, str] = {}
        with_options = [cell for cell in self.cells if cell.indicator.type == "choice"]
        if not with_options:
            return
        sheet = self.book.add_worksheet(CHOICES_SHEET)
        for column, cell in enumerate(with_options):
            names = list(choices(cell.indicator).values())
            for row, name in enumerate(names):
                sheet.write_string(row, column, as_text(name))
            first, last = (xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True) for row in (0, len(names) - 1))
            self.lists[cell.key] = f"={CHOICES_SHEET}!{first}:{last}"
        sheet.hide()

    def _grid(self, sheet: Any, values: Mapping[str, Mapping[str, str]], *, is_open: bool) -> None:
        units = self.template.units
        last_row = FIRST_ROW + len(units) - 1
        for column, (key, words, width) in enumerate((("unit", text.CODE, 11), ("name", text.UNIT, 34))):
            sheet.write_string(HEADER_ROW, column, words, self.header)
            sheet.write_string(KEY_ROW, column, key)
            sheet.set_column(column, column, width)
        at = FIRST_COLUMN
        for section in self.form.sections:
            sheet.write_string(SECTION_ROW, at, as_text(section.title), self.section)
            at += len(self._cells_of(section))
        for column, cell in enumerate(self.cells, FIRST_COLUMN):
            sheet.write_string(HEADER_ROW, column, as_text(heading(cell)), self.header)
            sheet.write_string(KEY_ROW, column, cell.key)
            sheet.set_column(column, column, 40 if cell.indicator.type == "text" else 15)
            if is_open and not cell.is_computed:
                self._rule(sheet, cell, FIRST_ROW, column, last_row, column)
        at_of = {cell.key: column for column, cell in enumerate(self.cells, FIRST_COLUMN)}
        for row, unit in enumerate(units, FIRST_ROW):
            sheet.write_string(row, CODE_COLUMN, unit.code, self.label)
            sheet.write_string(row, NAME_COLUMN, as_text(unit.name), self.label)
            stored = values.get(unit.code, {})
            for column, cell in enumerate(self.cells, FIRST_COLUMN):
                places = [xl_rowcol_to_cell(row, at_of[part]) for part in self._parts[cell.key]] if is_open else []
                self._value(sheet, row, column, cell, stored.get(cell.key), places, is_open=is_open)
        sheet.set_row(HEADER_ROW, 75)
        sheet.set_row(KEY_ROW, None, None, {"hidden": True})
        sheet.freeze_panes(FIRST_ROW, FIRST_COLUMN)
        sheet.repeat_rows(HEADER_ROW)

    def _list(self, sheet: Any) -> None:
        unit = self.template.units[0]
        values, before = self.filling.values.get(unit.code, {}), self.filling.before.get(unit.code, {})
        headers = (
            ("", 2), (text.INDICATOR, 60), (text.MEASURE, 13), (text.VALUE, 18),
            (text.PREVIOUS.format(period=self.filling.previous), 18), (text.NOTE, 50),
        )  # fmt: skip
        for column, (words, width) in enumerate(headers):
            sheet.set_column(column, column, width, None, {"hidden": column == KEY_COLUMN})
            sheet.write_string(HEADER_ROW, column, words or "key", self.header)
        row_of, row = {}, KEY_ROW
        for section in self.form.sections:
            sheet.write_string(row, LABEL_COLUMN, as_text(section.title), self.section)
            row += 1
            for cell in self._cells_of(section):
                row_of[cell.key] = row
                row += 1
        for cell in self.cells:
            row = row_of[cell.key]
            sheet.write_string(row, KEY_COLUMN, cell.key)
            sheet.write_string(row, LABEL_COLUMN, as_text(heading(cell)), self.inner if cell.options else self.label)
            sheet.write_string(row, MEASURE_COLUMN, as_text(cell.indicator.measure), self.label)
            places = [xl_rowcol_to_cell(row_of[part], VALUE_COLUMN) for part in self._parts[cell.key]]
            self._value(sheet, row, VALUE_COLUMN, cell, values.get(cell.key), places, is_open=True)
            self._value(sheet, row, PREVIOUS_COLUMN, cell, before.get(cell.key), [], is_open=False)
            sheet.write_string(row, NOTE_COLUMN, as_text("" if cell.options else cell.indicator.help), self.label)
            if not cell.is_computed:
                self._rule(sheet, cell, row, VALUE_COLUMN, row, VALUE_COLUMN)
        sheet.freeze_panes(HEADER_ROW + 1, VALUE_COLUMN)
        sheet.repeat_rows(HEADER_ROW)

    def _cells_of(self, section: Section) -> list[Cell]:
        codes = {indicator.code for indicator in section.indicators}
        return [cell for cell in self.cells if cell.indicator.code in codes]

    @property
    def _parts(self) -> Mapping[str, list[str]]:
        found: Mapping[str, list[str]] | None = getattr(self, "_known_parts", None)
        if found is None:
            found = self._known_parts = {cell.key: self.form.parts_of(cell) for cell in self.cells}
        return found

    def _value(
        self, sheet: Any, row: int, column: int, cell: Cell, value: str | None, parts: Sequence[str], *, is_open: bool
    ) -> None:
        kind = cell.indicator.type
        look = (self.open if is_open and not cell.is_computed else self.locked)[kind]
        if parts:
            whole = f'=IF(COUNT({",".join(parts)})=0,"",SUM({",".join(parts)}))' if len(parts) <= 200 else ""
            if whole:
                sheet.write_formula(row, column, whole, look, "" if value is None else float(value))
                return
        if value is None:
            sheet.write_blank(row, column, None, look)
        elif cell.is_number and len(value.replace(".", "")) <= _DIGITS:
            sheet.write_number(row, column, float(Decimal(value)), look)
        elif kind == "date" and value >= "1900-03-01":
            sheet.write_datetime(row, column, date.fromisoformat(value), look)
        else:
            said = choices(cell.indicator).get(value, value) if kind == "choice" else value
            sheet.write_string(row, column, said if cell.is_number else as_text(said), look)

    def _rule(self, sheet: Any, cell: Cell, first_row: int, first_column: int, last_row: int, last_column: int) -> None:
        kind = cell.indicator.type
        rule: dict[str, Any] = {"error_title": text.BAD_ENTRY, "ignore_blank": True}
        if kind == "integer":
            rule |= {"validate": "integer", "criteria": ">=", "value": 0, "error_message": text.WHOLE_NUMBER}
        elif kind == "decimal":
            rule |= {"validate": "decimal", "criteria": ">=", "value": 0, "error_message": text.DECIMAL_NUMBER}
        elif kind == "date":
            rule |= {"validate": "date", "criteria": ">=", "value": date(1900, 3, 1), "error_message": text.DAY}
        elif kind == "choice":
            rule |= {"validate": "list", "source": self.lists[cell.key], "error_message": text.CHOICE}
        else:
            return
        sheet.data_validation(first_row, first_column, last_row, last_column, rule)

    def _hidden(self) -> None:
        sheet = self.book.add_worksheet(HIDDEN_SHEET)
        for number, row in enumerate(self.template.rows()):
            for column, value in enumerate(row):
                sheet.write(number, column, value)
        for name, defined in NAMES.items():
            place = FACTS.index(name) + 1 if name in FACTS else len(FACTS) + 1
            self.book.define_name(defined, f"={HIDDEN_SHEET}!$B${place + 1}")
        sheet.protect("")
        sheet.very_hidden()


_LOOKS: dict[str, dict[str, Any]] = {
    "integer": {"num_format": "#,##0"},
    "decimal": {"num_format": "#,##0.####"},
    "date": {"num_format": "dd/mm/yyyy"},
    "choice": {},
    "text": {"num_format": "@", "text_wrap": True},
}
