"""The units as verbs: reading them here, residential groups in `groups` and `groups_sheet`, new lists in `importer`."""

from __future__ import annotations

import re
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.clock import today
from mattranso_app.core.db import reading
from mattranso_app.core.errors import Gone, NotFound
from mattranso_app.core.text import clean_text
from mattranso_app.units import store, text
from mattranso_app.units.groups import add_group, close_group, find_groups, rename_group
from mattranso_app.units.groups_sheet import apply_groups_import, groups_sheet, plan_groups_import
from mattranso_app.units.kinds import Level
from mattranso_app.units.lookup import current_index, lookup
from mattranso_app.units.models import Organisation
from mattranso_app.units.views import UnitMatch, UnitPage, UnitView

LARGEST_PAGE = 5_000
"""Rows of one page of units."""

__all__ = [
    "add_group",
    "apply_groups_import",
    "close_group",
    "find_groups",
    "find_units",
    "get_organisations",
    "get_unit",
    "get_unit_by_code",
    "get_units",
    "glimpse_unit",
    "groups_sheet",
    "list_units",
    "lookup",
    "plan_groups_import",
    "rename_group",
]


async def get_unit(unit_id: int, day: date | None = None) -> UnitView:
    """Return the unit `unit_id` as it was on `day` (today when None).

    Raises:
        NotFound: there was no such unit on that day.
    """
    async with reading() as session:
        unit = await store.fetch_unit(session, unit_id, day or today())
    if unit is None:
        raise NotFound(text.UNIT_UNKNOWN.format(code=unit_id))
    return unit


async def get_units(unit_ids: list[int], day: date | None = None) -> dict[int, UnitView]:
    """Return those of `unit_ids` (at most 5,000) that exist on `day` (today when None), by id: for lists that show names."""
    async with reading() as session:
        return await store.fetch_units(session, unit_ids, day or today())


async def glimpse_unit(which: str | int) -> UnitView:
    """Return the unit with this code or id as this process knew it a few seconds ago.

    For what is looked at again and again, and checked again where something is written.

    Raises:
        NotFound, Gone: as `get_unit_by_code` and `get_unit`.
    """
    index = await current_index()
    if isinstance(which, int):
        return index.on_day(which, today()) or await get_unit(which)
    return index.with_code(which, today()) or await get_unit_by_code(which)


async def get_unit_by_code(code: str, day: date | None = None) -> UnitView:
    """Return the unit with `code` on `day` (today when None).

    Raises:
        NotFound: nothing ever had this code, or not yet on that day.
        Gone: the unit has ended; the words name what it went into.
    """
    when = day or today()
    if not re.fullmatch("[a-z0-9]{1,20}", code):
        raise NotFound(text.UNIT_UNKNOWN.format(code=clean_text(code[:20], 20, multiline=False)))
    async with reading() as session:
        unit = await store.fetch_by_code(session, code, when)
        last = None if unit else await store.fetch_last_with_code(session, code)
    if unit is not None:
        return unit
    if last is None:
        raise NotFound(text.UNIT_UNKNOWN.format(code=code[:20]))
    if last.valid_to is None or last.valid_to > when:
        raise NotFound(text.UNIT_NOT_ON_DAY.format(code=code[:20], day=f"{when:%d/%m/%Y}"))
    heirs = (await current_index()).became(last.id or 0, when)
    words = text.UNIT_CLOSED if heirs else text.UNIT_CLOSED_ALONE
    names = ", ".join(f"{heir.name} ({heir.code})" for heir in heirs)
    raise Gone(words.format(name=last.name, day=f"{last.valid_to:%d/%m/%Y}", successors=names))


async def list_units(
    day: date | None = None,
    level: Level | None = None,
    parent: str | None = None,
    limit: int = 200,
    cursor: str | None = None,
) -> UnitPage:
    """Return one page of units in dictionary order.

    Args:
        day: on which they exist; today when None.
        level: only this level.
        parent: code or path of a unit; only what is below it, at any depth.
        limit: 1–5,000 rows.
        cursor: `next` of the page before.

    Raises:
        NotFound: the parent did not exist on that day.
        BadRequest: the cursor is none of ours.
    """
    when = day or today()
    async with reading() as session:
        below = await _path_of(session, parent, when) if parent else ""
        return await store.fetch_page(session, when, level, below, max(1, min(limit, LARGEST_PAGE)), cursor)


async def find_units(
    query: str, day: date | None = None, level: Level | None = None, parent: str | None = None, limit: int = 20
) -> list[UnitMatch]:
    """Return what answers `query` below `parent` (code or path): provinces and communes, or the groups of a commune.

    Raises:
        NotFound: the parent did not exist on that day.
    """
    when = day or today()
    if parent is None:
        return await lookup(query, when, level, limit=limit)
    async with reading() as session:
        above = await _parent(session, parent, when)
    if above.level is Level.COMMUNE and level in (None, Level.GROUP):
        return await find_groups(above.id, query, when, limit)
    return await lookup(query, when, level, above.path, limit)


async def get_organisations() -> list[Organisation]:
    """Return the Front and the five socio-political organisations in their order."""
    async with reading() as session:
        return await store.fetch_organisations(session)


async def _parent(session: AsyncSession, parent: str, day: date) -> UnitView:
    found = store.fetch_by_path if "/" in parent else store.fetch_by_code
    unit = await found(session, parent[:100], day)
    if unit is None:
        raise NotFound(text.PARENT_UNKNOWN)
    return unit


async def _path_of(session: AsyncSession, parent: str, day: date) -> str:
    return (await _parent(session, parent, day)).path
