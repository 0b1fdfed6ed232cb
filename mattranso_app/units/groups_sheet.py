"""Residential groups by Excel: a sheet goes out with what is there, comes back filled, is checked row by row, then written."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mattranso_app.core import audit
from mattranso_app.core.access import Action, Actor, require
from mattranso_app.core.clock import today
from mattranso_app.core.db import reading, transaction
from mattranso_app.core.errors import InvalidInput, NotFound, TooLarge, Unsupported
from mattranso_app.core.text import fold
from mattranso_app.units import store, text
from mattranso_app.units.groups import MOST_GROUPS, group_name, insert_groups, lock_commune
from mattranso_app.units.kinds import Kind, Level, kind_of_group
from mattranso_app.units.views import UnitView

LARGEST_SHEET = 1024 * 1024
"""Bytes of a file."""

LARGEST_UNPACKED = 8 * 1024 * 1024
"""Bytes of all parts of a file when unpacked; `zipfile` reads no part beyond the size it declares."""

MOST_PARTS = 100
"""Parts of a file."""

MOST_ROWS = 2_000
"""Rows below the headers."""

_MOST_COLUMNS = 20
_FORMULA_SIGNS = ("=", "+", "-", "@")
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


def as_text(value: str) -> str:
    """Return `value` for a cell so that no program takes it for a formula."""
    return "'" + value if value.startswith(_FORMULA_SIGNS) else value


def _write(commune: UnitView, groups: Iterable[UnitView]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = text.SHEET_TITLE
    sheet.append(list(text.SHEET_HEADERS))
    for group in groups:
        sheet.append([text.GROUP_KINDS[group.kind], as_text(group.name)])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.column_dimensions["A"].width = 16
    sheet.column_dimensions["B"].width = 50
    sheet.freeze_panes = "A2"
    choice = DataValidation(type="list", formula1=f'"{",".join(text.GROUP_KINDS.values())}"', allow_blank=True)
    sheet.add_data_validation(choice)
    choice.add(f"A2:A{MOST_ROWS + 1}")
    notes = book.create_sheet(text.SHEET_HELP_TITLE)
    notes.append([as_text(f"{commune.name}, {commune.parent_name}")])
    notes.append([text.SHEET_HELP])
    notes.column_dimensions["A"].width = 120
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _check(data: bytes, known: set[str]) -> list[SheetRow]:
    """Return the rows of the sheet, each with its fault or whether it is known."""
    rows = []
    seen: dict[str, int] = {}
    for number, kind, name in _read(data):
        row = _read_row(number, kind, name)
        key = row.name.lower()
        if not row.fault and key in seen:
            row = SheetRow(number, row.kind, row.name, text.ROW_TWICE.format(row=seen[key]))
        elif not row.fault:
            seen[key] = number
            row = SheetRow(number, row.kind, row.name, is_known=key in known)
        rows.append(row)
    if not rows:
        raise InvalidInput(text.SHEET_EMPTY)
    return rows


def _read_row(number: int, kind: object, name: object) -> SheetRow:
    entered = _plain(name)
    if isinstance(name, str) and name.startswith("=") or isinstance(kind, str) and kind.startswith("="):
        return SheetRow(number, None, entered[:100], text.ROW_FORMULA)
    said = fold(_plain(kind))
    found = _KINDS.get(said) or (kind_of_group(f"{_plain(kind)} ") if said else kind_of_group(entered))
    if found is None:
        return SheetRow(number, None, entered[:100], text.GROUP_KIND_BAD)
    try:
        return SheetRow(number, found, group_name(found, entered))
    except InvalidInput as error:
        return SheetRow(number, found, entered[:100], next(iter(error.fields.values()), error.text))


def _plain(value: object) -> str:
    """Return the text of a cell: numbers as people write them, the apostrophe that guards a sign taken off."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    plain = str(value).strip()
    return plain[1:] if plain.startswith("'") and plain[1:].startswith(_FORMULA_SIGNS) else plain


def _read(data: bytes) -> list[tuple[int, object, object]]:
    """Return row number, kind and name of every filled row of the first sheet.

    Raises:
        TooLarge, Unsupported, InvalidInput: as `plan_groups_import`.
    """
    from openpyxl import load_workbook

    if len(data) > LARGEST_SHEET:
        raise TooLarge(text.SHEET_TOO_LARGE.format(limit=LARGEST_SHEET // 1024))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
            raise TooLarge(text.SHEET_TOO_LARGE.format(limit=LARGEST_SHEET // 1024))
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        sheet: Any = book.worksheets[0]
        sheet.reset_dimensions()
        table = list(sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=_MOST_COLUMNS, values_only=True))
    except TooLarge:
        raise
    except Exception as error:  # openpyxl raises whatever the broken part of the file provokes
        raise Unsupported(text.SHEET_NOT_EXCEL) from error
    headers = [fold(_plain(value)) for value in table[0]] if table else []
    name_at = next((at for at, header in enumerate(headers) if header in ("ten", "ten goi")), None)
    if name_at is None:
        raise InvalidInput(text.SHEET_NO_HEADER)
    kind_at = next((at for at, header in enumerate(headers) if header == "loai"), None)
    rows = []
    for number, values in enumerate(table[1:], start=2):
        name = values[name_at] if name_at < len(values) else None
        kind = values[kind_at] if kind_at is not None and kind_at < len(values) else None
        if _plain(name) or _plain(kind):
            if number > MOST_ROWS + 1:
                raise InvalidInput(text.SHEET_TOO_LONG.format(limit=MOST_ROWS))
            rows.append((number, kind, name))
    return rows
