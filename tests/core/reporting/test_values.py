"""Values as people write them, and what is refused with which words."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mattranso_app.core.reporting import values
from mattranso_app.core.reporting.publishing import read_definition
from mattranso_app.core.reporting.values import BadValue, parse_number, parse_value, with_wholes
from tests.core.reporting.factories import small_form

FORM = read_definition(small_form())


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1.234", "1234"), ("1.234,5", "1234.5"), ("1234,50", "1234.50"), ("1 234 567", "1234567"), ("1234.5", "1234.5"),
        ("12.34", "12.34"), ("0", "0"), ("-3", "-3"), (" 7 ", "7"), (5, "5"), (5.5, "5.5"), (0.1, "0.1"), 
        ("1\u00a0234", "1234"), ("1.234.567,25", "1234567.25"),
    ],
)  # fmt: skip
def test_numbers(written, number):
    assert parse_number(written) == Decimal(number)


@pytest.mark.parametrize("written", ["", None, "  "])
def test_nothing(written):
    assert parse_number(written) is None


@pytest.mark.parametrize(
    "written", ["năm", "1,2,3", "1.23.4", "=1+1", "１２", "1e5", "12 người", True, float("nan"), float("inf"), "--1", "0x1"]
)
def test_no_numbers(written):
    with pytest.raises(BadValue):
        parse_number(written)


@pytest.mark.parametrize(
    ("key", "written", "words"),
    [
        ("cuoc", "1,5", values.NOT_WHOLE), ("cuoc", "1,234", values.AMBIGUOUS.format(value="1,234")), ("cuoc", "-1", values.NEGATIVE),
        ("cuoc", "1" * 16, values.TOO_LARGE), ("hoi_vien", "5", values.COMPUTED), ("ty_le", "5", values.COMPUTED),
        ("cuoc", "=SUM(A1)", values.FORMULA), ("kho_khan", "x" * 5001, values.TOO_LONG),
    ],
)  # fmt: skip
def test_what_a_cell_refuses(key, written, words):
    with pytest.raises(BadValue, match="^" + re.escape(words) + "$"):
        parse_value(FORM.cells[key], written)


def test_days_and_choices():
    form = read_definition(
        small_form(sections=[{"title": "A", "indicators": [
            {"code": "ngay", "name": "Ngày", "type": "date"},
            {"code": "muc", "name": "Mức", "type": "choice", "options": [{"code": "tot", "name": "Tốt"}, {"code": "kha", "name": "Khá"}]},
        ]}])
    )  # fmt: skip
    for written in ("31/12/2026", "31-12-2026", "2026-12-31", date(2026, 12, 31), datetime(2026, 12, 31, 8)):
        assert parse_value(form.cells["ngay"], written) == "2026-12-31"
    for wrong in ("31/2/2026", "hôm nay", "12/31/2026", "46000"):
        with pytest.raises(BadValue):
            parse_value(form.cells["ngay"], wrong)
    assert parse_value(form.cells["muc"], "tốt") == parse_value(form.cells["muc"], "tot") == "tot"
    with pytest.raises(BadValue, match="Tốt, Khá"):
        parse_value(form.cells["muc"], "giỏi")


@given(st.integers(0, 10**15 - 1), st.integers(0, 9999))
def test_a_number_written_the_vietnamese_way_comes_back(whole, fraction):
    number = Decimal(whole) + Decimal(fraction) / 10_000
    said = f"{whole:,}".replace(",", ".") + (f",{fraction:04}" if fraction else "")
    assert parse_number(said) == number


@given(st.dictionaries(st.sampled_from([key for key, cell in FORM.cells.items() if cell.is_number]), st.integers(0, 10**6).map(str)))
def test_wholes_are_the_sum_of_their_parts(typed):
    whole = with_wholes(FORM, typed)
    parts = [int(typed[key]) for key in ("hoi_vien/nam", "hoi_vien/nu") if key in typed]
    assert whole.get("hoi_vien") == (str(sum(parts)) if parts else None) and with_wholes(FORM, whole) == whole
    assert "ty_le" not in whole and whole.get("uy_vien") == typed.get("uy_vien")
