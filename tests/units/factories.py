"""Short ways to make what tests of the units need."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, date, datetime
from uuid import uuid4

from mattranso_app.core import clock
from mattranso_app.core.access import Actor, Grant, Role
from mattranso_app.core.db import reading
from mattranso_app.units import store
from mattranso_app.units.kinds import Kind, Level
from mattranso_app.units.release import Release, ReleaseUnit
from mattranso_app.units.views import UnitView, parent_code

BA_DINH = "00004"
BA_DINH_PATH = "vn/01/00004/"


def freeze_day(day: date) -> None:
    """Make `day` today, at noon in Viet Nam."""
    clock.freeze(datetime(day.year, day.month, day.day, 5, tzinfo=UTC))


def administrator(path: str) -> Actor:
    """Return an administrator of the Front for the units below `path`."""
    grants = (Grant(Role.ADMINISTRATOR, "mttq", path),)
    return Actor(kind="officer", person_id=uuid4(), name="Cán bộ", session_id=uuid4(), unit_path=path, grants=grants)


def line(unit: UnitView, **changes: object) -> ReleaseUnit:
    """Return `unit` as a line of a list, with `changes`."""
    values: dict[str, object] = {
        "code": unit.code,
        "level": unit.level,
        "kind": unit.kind,
        "name": unit.name,
        "parent": parent_code(unit.path) or "",
        "former": (),
    }
    return ReleaseUnit(**{**values, **changes})  # type: ignore[arg-type]


async def current_units() -> list[UnitView]:
    """Return the provinces and communes of now."""
    async with reading() as session:
        return [unit for unit in await store.fetch_open_units(session) if unit.level is not Level.CENTRAL]


def release_of(units: Iterable[ReleaseUnit]) -> Release:
    """Return a list of `units`."""
    return Release("test", tuple(units))


def as_csv(units: Iterable[ReleaseUnit]) -> bytes:
    """Return `units` as a CSV file."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(["code", "kind", "name", "parent", "former"])
    for unit in units:
        former = " ".join(f"{each.code}:{each.share}" if each.share else each.code for each in unit.former)
        writer.writerow([unit.code, unit.kind.value, unit.name, unit.parent, former])
    return stream.getvalue().encode()


def village(number: int) -> tuple[Kind, str]:
    """Return kind and name of an invented village."""
    return Kind.THON, f"Thôn {number}"
