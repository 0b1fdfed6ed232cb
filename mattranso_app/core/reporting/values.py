"""Values of cells: read as people write them in Vietnam, kept in one plain form.

A number is kept as a decimal without needless zeros (`1234.5`), a day as ISO, words cleaned. `None` is an empty cell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from mattranso_app.core.reporting.forms import Cell, FormDefinition
from mattranso_app.core.text import TextTooLong, clean_text, fold

LARGEST = Decimal(10) ** 15
"""Numbers are smaller than this, either way."""
DECIMALS = 4
"""Digits after the decimal sign."""
LONGEST_WORDS = 5_000
"""Characters of a cell of words."""

NOT_A_NUMBER = "“{value}” không phải số. Hãy nhập số, ví dụ 1.234 hoặc 1234."
NOT_WHOLE = "Ô này cần số nguyên, không có phần lẻ."
AMBIGUOUS = "“{value}” có thể hiểu hai cách. Hãy viết 1.234 (một nghìn hai trăm ba mươi tư) hoặc 1234."
NEGATIVE = "Số không được âm."
TOO_LARGE = "Số quá lớn. Hãy kiểm tra lại."
TOO_FINE = f"Chỉ nhập nhiều nhất {DECIMALS} chữ số sau dấu phẩy."
TOO_LONG = f"Chữ dài quá {LONGEST_WORDS} ký tự. Hãy viết ngắn lại."
NOT_A_DAY = "“{value}” không phải ngày. Hãy nhập như 31/12/2026."
NOT_A_CHOICE = "“{value}” không có trong các lựa chọn: {choices}."
COMPUTED = "Ô này máy tự tính, không nhập."
FORMULA = "Ô có công thức. Hãy dán giá trị thay cho công thức."

_VIETNAMESE = re.compile(r"-?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?")
_POINT = re.compile(r"-?\d+\.\d+")
_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009")


class BadValue(ValueError):
    """A value a cell cannot take; its words say why and what to do."""


def parse_number(value: object) -> Decimal | None:
    """Return the number that was written, None for nothing: `1.234,5`, `1 234`, `1234.5`, or a number of Excel's own.

    Raises:
        BadValue: no number.
    """
    if value is None or isinstance(value, bool):
        if isinstance(value, bool):
            raise BadValue(NOT_A_NUMBER.format(value=value))
        return None
    if isinstance(value, int | float | Decimal):
        number = Decimal(str(value))
        if not number.is_finite():
            raise BadValue(NOT_A_NUMBER.format(value=value))
        return number
    said = str(value).strip().translate(_SPACES)
    if not said:
        return None
    if said.startswith("="):
        raise BadValue(FORMULA)
    if _VIETNAMESE.fullmatch(said) and said.isascii():
        return Decimal(said.replace(".", "").replace(",", "."))
    if _POINT.fullmatch(said) and said.isascii():
        return Decimal(said)
    raise BadValue(NOT_A_NUMBER.format(value=str(value).strip()[:40]))


def _number(cell: Cell, value: object) -> str | None:
    number = parse_number(value)
    if number is None:
        return None
    if cell.indicator.type == "integer" and number != number.to_integral_value():
        is_unclear = isinstance(value, str) and re.fullmatch(r"\d{1,3},\d{3}", value.strip())
        raise BadValue(AMBIGUOUS.format(value=value) if is_unclear else NOT_WHOLE)
    if number < 0:
        raise BadValue(NEGATIVE)
    if number >= LARGEST:
        raise BadValue(TOO_LARGE)
    if number != round(number, DECIMALS):
        raise BadValue(TOO_FINE)
    return plain_number(number)


def plain_number(number: Decimal) -> str:
    """Return the one way a number is kept."""
    said = f"{number.copy_abs() if number.is_zero() else number:f}"  # zero has no sign
    return said.rstrip("0").rstrip(".") if "." in said else said


def _day(value: object) -> str | None:
    if isinstance(value, datetime | date):
        return (value.date() if isinstance(value, datetime) else value).isoformat()
    said = str(value or "").strip()
    if not said:
        return None
    found = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", said)
    try:
        return (date(int(found[3]), int(found[2]), int(found[1])) if found else date.fromisoformat(said)).isoformat()
    except ValueError:
        raise BadValue(NOT_A_DAY.format(value=said[:40])) from None


def parse_value(cell: Cell, value: object) -> str | None:
    """Return what `value` is in `cell`, in its plain form; None for nothing.

    Args:
        cell: where it goes.
        value: as typed, pasted, or read from a sheet.

    Raises:
        BadValue: the cell cannot take it.
    """
    if cell.is_computed:
        raise BadValue(COMPUTED)
    if cell.is_number:
        return _number(cell, value)
    if cell.indicator.type == "date":
        return _day(value)
    try:
        said = clean_text("" if value is None else str(value), max_length=LONGEST_WORDS, multiline=True)
    except TextTooLong:
        raise BadValue(TOO_LONG) from None
    if not said:
        return None
    if cell.indicator.type == "choice":
        for option in cell.indicator.options:
            if said == option.code or fold(said) == fold(option.name):
                return option.code
        choices = ", ".join(option.name for option in cell.indicator.options)
        raise BadValue(NOT_A_CHOICE.format(value=said[:40], choices=choices))
    return said


def with_wholes(form: FormDefinition, values: Mapping[str, str]) -> dict[str, str]:
    """Return the typed values with the wholes their parts add up to; a whole none of whose parts is filled stays empty."""
    filled = {key: value for key, value in values.items() if key in form.cells and not form.cells[key].is_computed}
    for key, cell in form.cells.items():
        parts = [Decimal(filled[part]) for part in form.parts_of(cell) if part in filled]
        if parts:
            filled[key] = plain_number(sum(parts, Decimal(0)))
    return filled
