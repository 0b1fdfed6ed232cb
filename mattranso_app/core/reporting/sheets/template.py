"""What an Excel template is about, and how that is kept in the file itself so that a strange or old one is known by name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mattranso_app.core.errors import InvalidInput, Unsupported
from mattranso_app.core.reporting.forms import Cell, FormDefinition, Indicator
from mattranso_app.core.reporting.sheets import text
from mattranso_app.core.text import fold

HIDDEN_SHEET = "_mau"
"""The sheet people do not see; everything the file says about itself is there."""
MARKER = "mattranso-mau-1"
"""In its first cell; counts up when the layout changes."""
FACTS = ("tool", "form", "version", "period", "organisation", "shape")
"""Rows below the marker, name and value; the fingerprint follows, then the units."""
NAMES = {
    "form": "MTS_BIEU", "version": "MTS_PHIEN_BAN", "period": "MTS_KY", "organisation": "MTS_TO_CHUC", "fingerprint": "MTS_DAU_VAN_TAY",
}  # fmt: skip
"""Defined names of those cells, for who works with the file."""

Shape = Literal["list", "grid"]
"""One unit, a row per cell of the form; or many units, a row per unit."""


@dataclass(frozen=True, slots=True)
class SheetUnit:
    """A unit in a template: its code, its name as shown, and the revision of its report when the template was made."""

    code: str
    name: str
    revision: int


@dataclass(frozen=True, slots=True)
class Template:
    """What a file is about."""

    tool: str
    form: str
    version: int
    period: str
    organisation: str
    shape: Shape
    units: tuple[SheetUnit, ...]

    @property
    def fingerprint(self) -> str:
        """A checksum of all of it. It finds damage, it proves nothing: rights and revisions are asked when the file comes back."""
        told = [*(getattr(self, name) for name in FACTS), *([unit.code, unit.name, unit.revision] for unit in self.units)]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()[:32]

    def rows(self) -> list[tuple[object, ...]]:
        """Return the rows of the hidden sheet."""
        facts = [(name, str(getattr(self, name))) for name in FACTS]
        return [(MARKER, ""), *facts, ("fingerprint", self.fingerprint), *((unit.code, unit.name, unit.revision) for unit in self.units)]


def template_of(rows: Sequence[Sequence[Any]]) -> Template:
    """Return what the rows of a hidden sheet say.

    Raises:
        Unsupported: they are none of ours.
        InvalidInput: they were changed.
    """
    if not rows or not rows[0] or rows[0][0] != MARKER:
        raise Unsupported(text.NOT_A_TEMPLATE)
    try:
        facts = {str(row[0]): str(row[1]) for row in rows[1 : len(FACTS) + 2]}
        units = tuple(SheetUnit(str(row[0]), str(row[1]), int(row[2])) for row in rows[len(FACTS) + 2 :] if row[0])
        shape: Shape = "list" if facts["shape"] == "list" else "grid"
        found = Template(
            facts["tool"], facts["form"], int(facts["version"]), facts["period"], facts["organisation"], shape, units
        )
        is_whole = facts["fingerprint"] == found.fingerprint
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise InvalidInput(text.DAMAGED) from error
    if not is_whole:
        raise InvalidInput(text.DAMAGED)
    return found


def heading(cell: Cell) -> str:
    """Return what stands above, or before, a cell."""
    measure = f" ({cell.indicator.measure})" if cell.indicator.measure else ""
    return f"{cell.name}{measure}{' *' if cell.is_required else ''}"


def choices(indicator: Indicator) -> dict[str, str]:
    """Return what a drop-down shows for each code: the name, the code where two names look the same."""
    names = [fold(option.name) for option in indicator.options]
    return {option.code: option.name if names.count(fold(option.name)) == 1 else option.code for option in indicator.options}


def columns(form: FormDefinition) -> list[Cell]:
    """Return the cells of a form in the order they stand in a template."""
    return list(form.cells.values())
