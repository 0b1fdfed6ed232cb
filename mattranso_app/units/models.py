"""Tables of the units. The migration `0007_units` makes them, with the checks the database itself keeps."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Field, SQLModel


class _Described(SQLModel):
    """What a unit is called and where it stands."""

    level: str
    code: str
    kind: str
    name: str
    short_name: str
    parent_id: int | None = Field(default=None, foreign_key="unit.id")
    path: str
    sort_key: str
    folded: str


class Unit(_Described, table=True):
    """A unit as it is now. Its id never changes, whatever happens to its name, code, kind or parent.

    `valid_from` and `valid_to` bound the life of the unit (half open); `UnitVersion` holds what it was on each day.
    """

    id: int | None = Field(default=None, primary_key=True)
    valid_from: date
    valid_to: date | None = None


class UnitVersion(_Described, table=True):
    """What a unit was from `valid_from` until the day before `valid_to`, and the legal basis of that state."""

    __tablename__ = "unit_version"
    unit_id: int = Field(foreign_key="unit.id", primary_key=True)
    valid_from: date = Field(primary_key=True)
    valid_to: date | None = None
    basis: str = ""


class UnitSuccession(SQLModel, table=True):
    """A unit went into another, wholly or in part, on a day. `share` is the part (0–1), None when nobody published it."""

    __tablename__ = "unit_succession"
    id: int | None = Field(default=None, primary_key=True)
    from_id: int = Field(foreign_key="unit.id")
    to_id: int = Field(foreign_key="unit.id")
    kind: str
    on_date: date
    share: Decimal | None = None
    basis: str = ""


class FormerUnit(SQLModel, table=True):
    """A province, district or commune from before the period of the list, kept so that people find today's unit by it."""

    __tablename__ = "former_unit"
    id: int | None = Field(default=None, primary_key=True)
    level: str
    code: str
    kind: str
    name: str
    parent_id: int | None = Field(default=None, foreign_key="former_unit.id")
    until: date | None = None


class FormerUnitSuccessor(SQLModel, table=True):
    """What a former unit became. `is_whole` is false when only a part of it went there."""

    __tablename__ = "former_unit_successor"
    former_id: int = Field(foreign_key="former_unit.id", primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", primary_key=True)
    position: int
    is_whole: bool


class Organisation(SQLModel, table=True):
    """The Front and the five socio-political organisations in it; each has a body at every unit of every level."""

    code: str = Field(primary_key=True)
    name: str
    short_name: str
    position: int


class UnitRelease(SQLModel, table=True):
    """One import of a list of units; the highest id tells processes whether their look-up index is current."""

    __tablename__ = "unit_release"
    id: int | None = Field(default=None, primary_key=True)
    source: str
    effective: date
    basis: str
    changes: int
    applied_at: datetime
