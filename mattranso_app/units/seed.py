"""First filling of the units from the data files of this room; later lists come through `importer`."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from psycopg import sql
from sqlalchemy import text as sql_text
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit
from mattranso_app.core.access import SYSTEM
from mattranso_app.core.clock import now
from mattranso_app.core.db import after_commit, transaction
from mattranso_app.core.text import fold, sort_key
from mattranso_app.units import text
from mattranso_app.units.kinds import CENTRAL_CODE, Kind, Level, split_name
from mattranso_app.units.lookup import forget_index

DATA = Path(__file__).parent / "data"

FIRST_DAY = date(2025, 7, 1)
"""The two-level local government begins: Law 72/2025/QH15, Resolution 202/2025/QH15, Decision 19/2025/QĐ-TTg."""

FIRST_BASIS = "19/2025/QĐ-TTg"


@dataclass(frozen=True, slots=True)
class _State:
    """A unit from one day to the day before another, as the data files tell it."""

    id: int
    level: Level
    code: str
    kind: Kind
    name: str
    parent_id: int | None
    path: str
    valid_from: date
    valid_to: date | None
    basis: str

    def described(self) -> tuple[object, ...]:
        """Return the columns of `DESCRIBED`."""
        short = split_name(self.name, self.kind)
        return (
            self.level.value,
            self.code,
            self.kind.value,
            self.name,
            short,
            self.parent_id,
            self.path,
            sort_key(short),
            fold(self.name),
        )


DESCRIBED = ("level", "code", "kind", "name", "short_name", "parent_id", "path", "sort_key", "folded")
"""Columns that say what a unit is, the same in `unit` and `unit_version`."""


@dataclass(frozen=True, slots=True)
class _Facts:
    """Everything the data files say, as rows for COPY."""

    units: list[tuple[object, ...]]
    versions: list[tuple[object, ...]]
    last_change: date
    former: list[tuple[object, ...]]
    successors: list[tuple[object, ...]]


async def seed_units() -> int:
    """Fill an empty database with the units of the data files; leave a filled one as it is.

    Returns:
        The number of units written, 0 when there were some.
    """
    async with transaction() as session:
        await session.execute(sql_text("SELECT pg_advisory_xact_lock(726175)"))
        if (await session.execute(sql_text("SELECT EXISTS (SELECT 1 FROM unit)"))).scalar_one():
            return 0
        facts = await asyncio.to_thread(_read_facts)
        async with _copier(session) as copy:
            await copy("unit", ("id", *DESCRIBED, "valid_from"), facts.units)
            await copy("unit_version", ("unit_id", *DESCRIBED, "valid_from", "valid_to", "basis"), facts.versions)
            await copy("former_unit", ("id", "level", "code", "kind", "name", "parent_id", "until"), facts.former)
            await copy("former_unit_successor", ("former_id", "unit_id", "position", "is_whole"), facts.successors)
        await session.execute(sql_text("SELECT setval('unit_id_seq', (SELECT max(id) FROM unit))"))
        await session.execute(
            sql_text(
                "INSERT INTO unit_release (source, effective, basis, changes, applied_at) "
                "VALUES (:source, :effective, :basis, :changes, :at)"
            ),
            {
                "source": "units/data",
                "effective": facts.last_change,
                "basis": FIRST_BASIS,
                "changes": len(facts.units),
                "at": now(),
            },
        )
        await audit.record(session, SYSTEM, "units.seed", "units", {"units": len(facts.units)})
        after_commit(session, forget_index)
    return len(facts.units)


@asynccontextmanager
async def _copier(session: AsyncSession) -> AsyncIterator[Any]:
    """Give a function that COPYs rows into a table inside the transaction of `session`."""
    connection = await (await session.connection()).get_raw_connection()
    driver = connection.driver_connection
    assert driver is not None

    async def copy(table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        async with driver.cursor() as cursor, cursor.copy(statement) as stream:
            for row in rows:
                await stream.write_row(row)

    yield copy


def _read_facts() -> _Facts:
    states = _states()
    changes = _changes()
    histories = [list(_history(state, changes.get(state.code, []))) for state in states]
    units = [(history[-1].id, *history[-1].described(), history[0].valid_from) for history in histories]
    periods = [state for history in histories for state in history]
    versions = [(state.id, *state.described(), state.valid_from, state.valid_to, state.basis) for state in periods]
    former, successors = _former({state.code: state.id for state in states})
    return _Facts(units, versions, max(state.valid_from for state in periods), former, successors)


def _states() -> list[_State]:
    """Return the units of the first day; ids follow the order of the file, Central is 1."""
    central = _State(
        1, Level.CENTRAL, CENTRAL_CODE, Kind.TRUNG_UONG, text.CENTRAL_NAME, None, f"{CENTRAL_CODE}/", FIRST_DAY, None, FIRST_BASIS
    )
    known = {central.code: central}
    for number, row in enumerate(_rows("units.csv"), start=2):
        above = known[row["parent"]]
        level = Level.PROVINCE if above is central else Level.COMMUNE
        path = f"{above.path}{row['code']}/"
        known[row["code"]] = _State(
            number, level, row["code"], Kind(row["kind"]), row["name"], above.id, path, FIRST_DAY, None, FIRST_BASIS
        )
    return list(known.values())


def _changes() -> dict[str, list[dict[str, str]]]:
    changes: dict[str, list[dict[str, str]]] = {}
    for row in sorted(_rows("changes.csv"), key=lambda row: row["date"]):
        changes.setdefault(row["code"], []).append(row)
    return changes


def _history(first: _State, changes: list[dict[str, str]]) -> Iterator[_State]:
    state = first
    for change in changes:
        day = date.fromisoformat(change["date"])
        yield replace(state, valid_to=day)
        state = replace(state, kind=Kind(change["kind"]), name=change["name"], valid_from=day, basis=change["basis"])
    yield state


def _former(ids: dict[str, int]) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Return the rows of `former_unit` and `former_unit_successor`."""
    former: list[tuple[object, ...]] = []
    successors: list[tuple[object, ...]] = []
    numbers: dict[tuple[str, str], int] = {}
    above = {"district": "province", "commune": "district"}
    for number, row in enumerate(_rows("former_units.csv"), start=1):
        numbers[row["level"], row["code"]] = number
        parent = numbers[above[row["level"]], row["parent"]] if row["parent"] else None
        former.append((number, row["level"], row["code"], row["kind"], row["name"], parent, FIRST_DAY))
        for position, code in enumerate(row["successors"].split()):
            successors.append((number, ids[code.rstrip("*")], position, not code.endswith("*")))
    for number, row in enumerate(_rows("popular_names.csv"), start=len(former) + 1):
        until = date.fromisoformat(row["until"]) if row["until"] else None
        parent = numbers["province", row["parent"]] if row["parent"] else None
        former.append((number, row["level"], "", row["kind"], row["name"], parent, until))
        codes = row["successors"].split()
        successors.extend((number, ids[code], position, len(codes) == 1) for position, code in enumerate(codes))
    return former, successors


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
