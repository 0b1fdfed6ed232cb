"""What the browser makes of a typed value is what the server makes of it; blocks copied from Excel come apart into their cells."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path
from typing import Any

from mattranso_app.core.reporting.publishing import read_definition
from mattranso_app.core.reporting.values import BadValue, parse_value
from tests.browser.registry_forms import wide_form
from tests.core.reporting.browser import BUN

FORM = read_definition(wide_form())
KINDS = {"moi": {"type": "integer"}, "tien": {"type": "decimal"}, "ngay": {"type": "date"},
         "noi": {"type": "choice", "options": [["nha_van_hoa", "Nhà văn hoá"], ["khac", "Nơi khác"]]}}  # fmt: skip
NUMBERS = ("", " ", "0", "-0", "00", "007", "1.234", "1.234,5", "1,5", "1,234", "12,345", "1.23", "1234.5", "1.2345", "1.23456", "1 234",
           "1\u00a0234", "1.234.567,8900", "-5", "-0,5", "=1+1", "mười", "1.2.3", "1,2,3", ",5", "5,", ".", "1e5", "١٢", "999999999999999",
           "1000000000000000", "0,0000", "0,00001", "0,1000", "+5", "1.000.000.000.000.000", "--1", "１")  # fmt: skip
DAYS = ("31/12/2026", "1/1/2026", "31.12.2026", "31-12-2026", "2026-12-31", "30/02/2026", "12/31/2026", "hôm qua", "1/1/26")
CHOICES = ("khac", "Nơi khác", "noi khac", "NHÀ VĂN HOÁ", "nha van hoa", "đình làng", "")


def in_browser(values: list[Any], blocks: list[str]) -> dict[str, Any]:
    """Return what values.js makes of them, run by the bun that builds the pages."""
    script = Path(__file__).parent / "browser_values.js"
    given = json.dumps({"values": values, "blocks": blocks})
    done = subprocess.run([BUN, "run", script], input=given, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def on_server(key: str, typed: str) -> str | None | type[BadValue]:
    """Return the plain value, None for nothing, BadValue for what the cell cannot take."""
    try:
        return parse_value(FORM.cells[key], typed)
    except BadValue:
        return BadValue


def test_both_read_alike():
    chance = random.Random(7)
    drawn = ["".join(chance.choices("0123456789.,- ", k=chance.randint(1, 9))) for _ in range(600)]
    cases = [(key, typed) for key in ("moi", "tien") for typed in (*NUMBERS, *drawn)]
    cases += [("ngay", typed) for typed in DAYS] + [("noi", typed) for typed in CHOICES]
    answers = in_browser([[KINDS[key], typed] for key, typed in cases], [])["values"]
    for (key, typed), answer in zip(cases, answers, strict=True):
        expected = on_server(key, typed)
        assert (BadValue if answer["error"] else answer["plain"]) == expected, (key, typed, answer)
        if answer["plain"] is not None:
            assert on_server(key, answer["sent"]) == on_server(key, answer["shown"]) == expected, (key, typed, answer)


def test_blocks_come_apart_into_cells():
    blocks = ["1\t2\r\n3\t4\r\n", "1\n2\n3", 'a\t"dòng 1\ndòng ""2"""\tb', "\t\t\n\n5", "chỉ một", ""]
    assert in_browser([], blocks)["blocks"] == [
        [["1", "2"], ["3", "4"]], [["1"], ["2"], ["3"]], [["a", 'dòng 1\ndòng "2"', "b"]],
        [["", "", ""], [""], ["5"]], [["chỉ một"]], [[""]],
    ]  # fmt: skip
