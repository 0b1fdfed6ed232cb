"""What a sheet shows in the browser after what a person, and others meanwhile, have done: typed, pasted, undone, saved, disputed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from mattranso_app.core.reporting import computing
from mattranso_app.core.reporting.publishing import read_definition
from mattranso_app.registry import sheet
from tests.core.reporting.browser import BUN
from tests.core.reporting.factories import small_form

FORM = read_definition(small_form(checks=[
    {"name": "uy_vien", "severity": "hard", "message": "Quá nhiều.", "expression": {"<=": [{"cell": "uy_vien"}, {"cell": "hoi_vien"}]}},
]))  # fmt: skip


def play(values: dict[str, str], steps: list[list[Any]], kept: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Return what is shown after each step on a sheet that holds `values`."""
    held = {
        "sections": [{"title": part.title, "tables": list(sheet.tables(FORM, part))} for part in FORM.sections],
        "cells": {key: sheet.cell_as_json(cell) for key, cell in FORM.cells.items()}, "values": values, "last": {}, "comments": {},
        "judge": computing.for_browser(FORM), "others": {}, "revision": 1,
    }  # fmt: skip
    script = Path(__file__).parent / "browser_model.js"
    given = json.dumps({"sheet": held, "kept": kept and {"sheet": held | {"values": values}, "conflicts": {}, **kept}, "steps": steps})
    done = subprocess.run([BUN, "run", script], input=given, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    answer: list[dict[str, Any]] = json.loads(done.stdout)
    return answer


def test_wholes_formulas_and_checks_follow_what_is_typed():
    first, second, third = play({}, [["type", "hoi_vien/nam", "1.200"], ["type", "hoi_vien/nu", "800"], ["type", "uy_vien", "3000"]])
    assert first["shown"]["hoi_vien"] == "1.200" and first["gaps"] == ["hoi_vien/nu", "cuoc"]
    assert (second["shown"]["hoi_vien"], second["shown"]["ty_le"]) == ("2.000", "40")
    assert third["findings"] == ["uy_vien"] and third["pending"] == {"hoi_vien/nam": "1200", "hoi_vien/nu": "800", "uy_vien": "3000"}


def test_a_block_over_computed_cells_and_the_edge_is_undone_also_after_it_was_saved():
    block = [["99", "5", "x", "7"], ["1", "2"]]
    pasted, saved, undone = play({"hoi_vien/nam": "4"}, [["paste", "hoi_vien", block], ["saved", {"revision": 2}], ["undo"]])
    assert pasted["did"] == {"written": 4, "bad": ["hoi_vien/nu"], "computed": 1, "outside": ["7"]}
    assert pasted["faults"] == ["hoi_vien/nu"] and "hoi_vien/nu" not in pasted["pending"]
    assert saved["pending"] == {} and saved["shown"]["hoi_vien/nu"] == "x"  # nothing typed is lost
    assert undone["pending"] == {"hoi_vien/nam": "4", "uy_vien": None, "uy_vien/dan_toc": None} and undone["faults"] == []


def test_what_others_wrote_meanwhile_is_asked_about_and_nothing_else():
    typed = [["type", "cuoc", "5"], ["type", "uy_vien", "7"], ["type", "kho_khan", "Đường xa"]]
    *_, rebased, mine, theirs = play(
        {"cuoc": "4", "uy_vien": "6"},
        [*typed, ["rebase", {"cuoc": "8", "uy_vien": "7", "hoi_vien/nam": "3"}], ["settle", "cuoc", True], ["settle", "kho_khan", False]],
    )
    assert rebased["conflicts"] == {"cuoc": "8"} and rebased["pending"] == {"kho_khan": "Đường xa"}
    assert rebased["shown"]["cuoc"] == "5" and rebased["shown"]["hoi_vien/nam"] == "3"
    assert mine["conflicts"] == {} and mine["pending"] == {"cuoc": "5", "kho_khan": "Đường xa"}
    assert theirs["pending"] == {"cuoc": "5"}


def test_what_this_device_kept_comes_back_and_a_cell_that_is_gone_does_not_stop_it():
    (only,) = play({"cuoc": "4"}, [["settle", "khong", True]], {"edits": {"cuoc": "mười", "uy_vien": "3", "khong": "1", "ty_le": "9"}})
    assert only["faults"] == ["cuoc"] and only["pending"] == {"uy_vien": "3"}
