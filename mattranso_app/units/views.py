"""What the rest of the platform sees of a unit: plain values, no table rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mattranso_app.units.kinds import Kind, Level


@dataclass(frozen=True, slots=True)
class UnitView:
    """A unit as it was on one day.

    Attributes:
        id: stable for ever.
        code: of the official list (`vn`, two digits, five digits), or our own for a residential group.
        path: `vn/01/00004/`; the subtree is everything whose path begins with it.
        valid_from: since when the unit is what is shown here.
        valid_to: the day from which it no longer is, None while it still is.
    """

    id: int
    level: Level
    code: str
    kind: Kind
    name: str
    short_name: str
    parent_id: int | None
    parent_name: str
    path: str
    sort_key: str
    valid_from: date
    valid_to: date | None

    def as_json(self) -> dict[str, object]:
        """Return the public form, as `/api/v1/units` gives it."""
        return {
            "id": self.id,
            "code": self.code,
            "level": self.level.value,
            "kind": self.kind.value,
            "name": self.name,
            "short_name": self.short_name,
            "parent": parent_code(self.path),
            "parent_name": self.parent_name or None,
            "path": self.path,
            "valid_from": self.valid_from.isoformat(),
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
        }


def parent_code(path: str) -> str | None:
    """Return the code of the unit above the one at `path`, None for Central."""
    parts = path.split("/")
    return parts[-3] if len(parts) > 2 else None


@dataclass(frozen=True, slots=True)
class UnitMatch:
    """One answer to a look-up.

    Attributes:
        unit: the unit of the day asked for.
        note: why it is here when its own name does not say it ("trước là Phường Trúc Bạch, …"); else empty.
        is_exact: whether the words typed are its whole name (or former name), not only a beginning or a part.
    """

    unit: UnitView
    note: str
    is_exact: bool

    def as_json(self) -> dict[str, object]:
        """Return the public form: the unit with its note."""
        return {**self.unit.as_json(), "note": self.note or None}


@dataclass(frozen=True, slots=True)
class UnitPage:
    """One page of a list. `total` is exact up to 10,000, then `total_capped`; `next` asks for the page after."""

    items: list[UnitView]
    total: int
    total_capped: bool
    next: str | None
