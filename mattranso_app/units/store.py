"""Queries on the units. Every list is bounded and comes in pages by key."""

from __future__ import annotations

import base64
import binascii
import json
from collections import defaultdict
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Row, Select, and_, bindparam, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from mattranso_app.core.errors import BadRequest
from mattranso_app.units import text
from mattranso_app.units.index import FormerName, Succession
from mattranso_app.units.kinds import FormerLevel, Kind, Level
from mattranso_app.units.models import FormerUnit, FormerUnitSuccessor, Organisation, UnitSuccession, UnitVersion
from mattranso_app.units.models import Unit as UnitRow
from mattranso_app.units.views import UnitPage, UnitView

COUNTED_TO = 10_000
"""Lists are counted exactly up to here."""

PAST_EVERY_PATH = "~"
"""Sorts after every character of a path."""


def view(row: UnitRow | UnitVersion, parent_name: str | None) -> UnitView:
    """Return the plain form of a row and the name of the unit above it."""
    return UnitView(
        id=row.unit_id if isinstance(row, UnitVersion) else row.id or 0,
        level=Level(row.level),
        code=row.code,
        kind=Kind(row.kind),
        name=row.name,
        short_name=row.short_name,
        parent_id=row.parent_id,
        parent_name=parent_name or "",
        path=row.path,
        sort_key=row.sort_key,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


def _on_day(version: Any, day: date) -> ColumnElement[bool]:
    return and_(version.valid_from <= day, or_(version.valid_to.is_(None), version.valid_to > day))


def _as_of(day: Any) -> Select[UnitVersion, str]:
    """Return the query for versions valid on `day` (or on what is bound for it), each with its parent's name of that day."""
    parent = aliased(UnitVersion)
    return (
        select(UnitVersion, col(parent.name))
        .outerjoin(parent, and_(col(parent.unit_id) == col(UnitVersion.parent_id), _on_day(parent, day)))
        .where(_on_day(UnitVersion, day))
    )


@cache
def _on_that_day(column: str) -> Select[UnitVersion, str]:
    """Return the query for the version with `wanted` in `column` on `day`; made once, since making it costs more than running it."""
    return _as_of(bindparam("day", type_=Date)).where(getattr(UnitVersion, column) == bindparam("wanted"))


async def _fetch(session: AsyncSession, column: str, wanted: int | str, day: date) -> UnitView | None:
    row = (await session.execute(_on_that_day(column), {"wanted": wanted, "day": day})).first()
    return view(row[0], row[1]) if row else None


async def fetch_unit(session: AsyncSession, unit_id: int, day: date) -> UnitView | None:
    """Return the unit `unit_id` as it was on `day`, None when it did not exist then."""
    return await _fetch(session, "unit_id", unit_id, day)


async def fetch_units(session: AsyncSession, unit_ids: list[int], day: date) -> dict[int, UnitView]:
    """Return those of `unit_ids` (at most 5,000) that existed on `day`, by id."""
    rows = await session.execute(_as_of(day).where(col(UnitVersion.unit_id).in_(unit_ids[:5000])))
    return {row[0].unit_id: view(row[0], row[1]) for row in rows}


async def fetch_by_code(session: AsyncSession, code: str, day: date) -> UnitView | None:
    """Return the unit with the official `code` (codes of levels have different lengths) on `day`."""
    return await _fetch(session, "code", code, day)


async def fetch_by_path(session: AsyncSession, path: str, day: date) -> UnitView | None:
    """Return the unit at `path` on `day`."""
    return await _fetch(session, "path", path, day)


async def fetch_last_with_code(session: AsyncSession, code: str) -> UnitRow | None:
    """Return the unit that had `code` last, whether or not it still exists."""
    versions = (
        select(col(UnitVersion.unit_id))
        .where(col(UnitVersion.code) == code)
        .order_by(col(UnitVersion.valid_from).desc())
        .limit(1)
    )
    return (await session.execute(select(UnitRow).where(col(UnitRow.id).in_(versions)))).scalar_one_or_none()


async def fetch_row(session: AsyncSession, unit_id: int) -> UnitRow | None:
    """Return the current row of a unit, also of one that has ended."""
    return (await session.execute(select(UnitRow).where(col(UnitRow.id) == unit_id))).scalar_one_or_none()


async def fetch_page(
    session: AsyncSession, day: date, level: Level | None, below: str, limit: int, cursor: str | None
) -> UnitPage:
    """Return one page of the units of `day` in dictionary order.

    Args:
        session: an open transaction.
        day: on which they existed.
        level: only this level.
        below: only under this path, itself not included; empty for all.
        limit: rows of a page.
        cursor: `next` of the page before.

    Raises:
        BadRequest: the cursor is none of ours.
    """
    query = _as_of(day)
    if level is not None:
        query = query.where(col(UnitVersion.level) == level.value)
    if below:
        query = query.where(col(UnitVersion.path) > below, col(UnitVersion.path) < below + PAST_EVERY_PATH)
    counted = query.with_only_columns(col(UnitVersion.unit_id)).limit(COUNTED_TO + 1).subquery()
    total = (await session.execute(select(func.count()).select_from(counted))).scalar_one()
    keys = tuple_(col(UnitVersion.sort_key), col(UnitVersion.unit_id))
    if cursor:
        query = query.where(keys > tuple_(*read_cursor(cursor)))
    query = query.order_by(col(UnitVersion.sort_key), col(UnitVersion.unit_id)).limit(limit + 1)
    rows = [view(row[0], row[1]) for row in await session.execute(query)]
    following = make_cursor(rows[limit - 1]) if len(rows) > limit else None
    return UnitPage(rows[:limit], min(total, COUNTED_TO), total > COUNTED_TO, following)


def make_cursor(last: UnitView) -> str:
    """Return the cursor of the page after `last`."""
    return base64.urlsafe_b64encode(json.dumps([last.sort_key, last.id]).encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[str, int]:
    """Return sort key and id of a cursor.

    Raises:
        BadRequest: it is none of ours.
    """
    try:
        key, unit_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if isinstance(key, str) and type(unit_id) is int and "\0" not in key and 0 <= unit_id < 2**31:
            return key, unit_id
    except (ValueError, TypeError, binascii.Error, RecursionError):
        pass
    raise BadRequest(text.CURSOR_BAD)


async def fetch_open_units(session: AsyncSession) -> list[UnitView]:
    """Return Central, the provinces and communes that exist now (about 3,400), as last recorded."""
    parent = aliased(UnitRow)
    query = (
        select(UnitRow, col(parent.name))
        .outerjoin(parent, col(parent.id) == col(UnitRow.parent_id))
        .where(col(UnitRow.valid_to).is_(None), col(UnitRow.level) != Level.GROUP.value)
        .execution_options(populate_existing=True)
    )
    return [view(row[0], row[1]) for row in await session.execute(query)]


async def fetch_all_versions(session: AsyncSession) -> list[UnitView]:
    """Return every version of Central, provinces and communes; the parent's name is its latest."""
    query = (
        select(*_COLUMNS, col(UnitRow.name))
        .outerjoin(UnitRow, col(UnitRow.id) == col(UnitVersion.parent_id))
        .where(col(UnitVersion.level) != Level.GROUP.value)
    )
    return [
        UnitView(row[0], Level(row[1]), row[2], Kind(row[3]), row[4], row[5], row[6], row[11] or "", *row[7:11])
        for row in await session.execute(query)
    ]


_COLUMNS: tuple[Any, ...] = (
    UnitVersion.unit_id,
    UnitVersion.level,
    UnitVersion.code,
    UnitVersion.kind,
    UnitVersion.name,
    UnitVersion.short_name,
    UnitVersion.parent_id,
    UnitVersion.path,
    UnitVersion.sort_key,
    UnitVersion.valid_from,
    UnitVersion.valid_to,
)


async def fetch_successions(session: AsyncSession) -> list[Succession]:
    """Return all mergers and splits since the first day."""
    rows = await session.execute(select(UnitSuccession).order_by(col(UnitSuccession.id)))
    return [Succession(row.from_id, row.to_id, row.on_date) for row in rows.scalars()]


async def fetch_former_names(session: AsyncSession) -> list[FormerName]:
    """Return the former units with what they became; a district became what its communes became, most of them first."""
    columns: tuple[Any, ...] = (
        FormerUnit.id,
        FormerUnit.level,
        FormerUnit.kind,
        FormerUnit.name,
        FormerUnit.parent_id,
        FormerUnit.until,
    )
    former = select(*columns)
    rows: dict[int, Row[Any]] = {row.id: row for row in await session.execute(former)}
    became: dict[int, list[tuple[int, bool]]] = defaultdict(list)
    successors = select(
        col(FormerUnitSuccessor.former_id), col(FormerUnitSuccessor.unit_id), col(FormerUnitSuccessor.is_whole)
    ).order_by(col(FormerUnitSuccessor.former_id), col(FormerUnitSuccessor.position))
    for former_id, unit_id, is_whole in await session.execute(successors):
        became[former_id].append((unit_id, is_whole))
    weights: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for number, row in rows.items():
        if row.level == FormerLevel.COMMUNE and row.parent_id is not None:
            for unit_id, _ in became.get(number, ()):
                weights[row.parent_id][unit_id] += 1 / len(became[number])
    for district, shares in weights.items():
        became[district] += [(unit_id, True) for unit_id, _ in sorted(shares.items(), key=lambda item: (-item[1], item[0]))]
    return [
        FormerName(FormerLevel(row.level), Kind(row.kind), _names_outward(row, rows), row.until, tuple(became[number]))
        for number, row in rows.items()
        if became.get(number)
    ]


def _names_outward(row: Row[Any], rows: dict[int, Row[Any]]) -> tuple[str, ...]:
    names = [row.name]
    while row.parent_id is not None:
        row = rows[row.parent_id]
        names.append(row.name)
    return tuple(names)


async def fetch_organisations(session: AsyncSession) -> list[Organisation]:
    """Return the Front and the five organisations in their order."""
    return list((await session.execute(select(Organisation).order_by(col(Organisation.position)))).scalars())
