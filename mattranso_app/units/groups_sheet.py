"""Residential groups by Excel: a sheet goes out with what is there, comes back filled, is checked row by row, then written."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from mattranso_app.core import audit, sheets
from mattranso_app.core.access import Action, Actor, require
from mattranso_app.core.clock import today
from mattranso_app.core.db import reading, transaction
from mattranso_app.core.errors import InvalidInput, NotFound
from mattranso_app.core.sheets import LARGEST_SHEET, FilledRow, as_text
from mattranso_app.core.text import fold
from mattranso_app.units import store, text
from mattranso_app.units.groups import MOST_GROUPS, group_name, insert_groups, lock_commune
from mattranso_app.units.kinds import Kind, Level, kind_of_group
from mattranso_app.units.views import UnitView

__all__ = ["LARGEST_SHEET", "MOST_ROWS", "SheetRow", "apply_groups_import", "as_text", "groups_sheet", "plan_groups_import"]

MOST_ROWS = 2_000
"""Rows below the headers."""

_COLUMNS = {"kind": ("loai",), "name": ("ten", "ten goi")}
_KINDS = {fold(label): kind for kind, label in text.GROUP_KINDS.items()}


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row of a filled sheet.

    Attributes:
        number: as Excel counts, the headers being row 1.
        kind: None when it could not be told.
        name: full name as it would be stored, or what was entered when that is no name.
        fault: what must be corrected, in Vietnamese; empty when nothing.
        is_known: the commune has it already; the row is passed over.
    """

    number: int
    kind: Kind | None
    name: str
    fault: str = ""
    is_known: bool = False


async def plan_groups_import(actor: Actor, commune_id: int, data: bytes) -> list[SheetRow]:
    """Return what each row of the sheet in `data` would do; writes nothing.

    Args:
        actor: an administrator of the commune or above it.
        commune_id: where the groups belong.
        data: an .xlsx file.

    Raises:
        Forbidden, NotFound: not the actor's to do; no such commune.
        TooLarge, Unsupported, InvalidInput: too big, no Excel file, or no table as in the template.
    """
    async with reading() as session:
        commune = await store.fetch_unit(session, commune_id, today())
        if commune is None or commune.level is not Level.COMMUNE:
            raise NotFound(text.NOT_A_COMMUNE)
        require(actor, Action.UNIT_MANAGE_GROUPS, commune.path)
        known = (await store.fetch_page(session, today(), Level.GROUP, commune.path, MOST_GROUPS, None)).items
    return await asyncio.to_thread(_check, data, {group.name.lower() for group in known})


async def apply_groups_import(actor: Actor, commune_id: int, data: bytes) -> int:
    """Add the groups of the sheet in `data` that the commune does not have yet; all of them or none.

    Returns:
        The number added.

    Raises:
        As `plan_groups_import`; InvalidInput also while a row has a fault.
    """
    rows = await plan_groups_import(actor, commune_id, data)
    faults = {f"{row.number}": row.fault for row in rows if row.fault}
    if faults:
        raise InvalidInput(text.SHEET_HAS_FAULTS.format(count=len(faults)), fields=faults)
    new = [(row.kind, row.name) for row in rows if row.kind is not None and not row.is_known]
    if not new:
        return 0
    async with transaction() as session:
        commune = await lock_commune(session, actor, commune_id)
        await insert_groups(session, commune, new)
        detail: dict[str, object] = {"count": len(new), "names": [name for _, name in new]}
        await audit.record(session, actor, "unit.groups_import", f"unit:{commune.path}", detail)
    return len(new)


async def groups_sheet(actor: Actor, commune_id: int) -> bytes:
    """Return the .xlsx template of a commune with the groups it has; handed in again unchanged it changes nothing.

    Raises:
        Forbidden, NotFound: not the actor's to do; no such commune.
    """
    async with reading() as session:
        commune = await store.fetch_unit(session, commune_id, today())
        if commune is None or commune.level is not Level.COMMUNE:
            raise NotFound(text.NOT_A_COMMUNE)
        require(actor, Action.UNIT_MANAGE_GROUPS, commune.path)
        groups = (await store.fetch_page(session, today(), Level.GROUP, commune.path, MOST_GROUPS, None)).items
    return await asyncio.to_thread(_write, commune, groups)


def _write(commune: UnitView, groups: Iterable[UnitView]) -> bytes:
    return sheets.write_template(
        text.SHEET_TITLE, text.SHEET_HEADERS, [(text.GROUP_KINDS[group.kind], group.name) for group in groups],
        {0: list(text.GROUP_KINDS.values())}, text.SHEET_HELP_TITLE, (f"{commune.name}, {commune.parent_name}", text.SHEET_HELP), MOST_ROWS,
    )


def _check(data: bytes, known: set[str]) -> list[SheetRow]:
    """Return the rows of the sheet, each with its fault or whether it is known."""
    rows = []
    seen: dict[str, int] = {}
    for filled in sheets.read_filled(data, _COLUMNS, ("name",), text.SHEET_NO_HEADER, MOST_ROWS):
        row = _read_row(filled)
        key = row.name.lower()
        if not row.fault and key in seen:
            row = SheetRow(row.number, row.kind, row.name, text.ROW_TWICE.format(row=seen[key]))
        elif not row.fault:
            seen[key] = row.number
            row = SheetRow(row.number, row.kind, row.name, is_known=key in known)
        rows.append(row)
    if not rows:
        raise InvalidInput(text.SHEET_EMPTY)
    return rows


def _read_row(filled: FilledRow) -> SheetRow:
    kind, entered = filled.text("kind"), filled.text("name")
    if filled.has_formula:
        return SheetRow(filled.number, None, entered[:100], text.ROW_FORMULA)
    said = fold(kind)
    found = _KINDS.get(said) or (kind_of_group(f"{kind} ") if said else kind_of_group(entered))
    if found is None:
        return SheetRow(filled.number, None, entered[:100], text.GROUP_KIND_BAD)
    try:
        return SheetRow(filled.number, found, group_name(found, entered))
    except InvalidInput as error:
        return SheetRow(filled.number, found, entered[:100], next(iter(error.fields.values()), error.text))
