"""Many officers at once by Excel: the sheet goes out, comes back filled, is checked row by row; then each is invited, all or none."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from mattranso_app.core import audit, db, secrets, sheets
from mattranso_app.core.access import LENT_ONLY, Action, Actor, may, require, require_itself, require_somewhere
from mattranso_app.core.clock import now, today
from mattranso_app.core.errors import Forbidden, InvalidInput, TooMany, Unavailable
from mattranso_app.core.sheets import FilledRow
from mattranso_app.core.text import fold
from mattranso_app.identity import text as account_text
from mattranso_app.identity import throttle
from mattranso_app.identity.invitations.store import fetch_taken
from mattranso_app.identity.officers import store, text
from mattranso_app.identity.service.administrators import noting_refusals
from mattranso_app.identity.service.invitations import (
    CONTACT_PURPOSE,
    Asked,
    channel_of,
    checked_invitation,
    reserve_invitation,
    send_invitation,
)
from mattranso_app.identity.service.step_up import require_fresh

MOST_ROWS = 100
"""Rows below the headers: as many as one administrator may invite in an hour."""

_COLUMNS = {
    "name": ("ho va ten", "ho ten", "ten"),
    "contact": ("thu dien tu hoac dien thoai", "thu dien tu", "dien thoai", "email"),
    "role": ("vai tro",),
    "unit": ("ma don vi", "don vi"),
}
_ROLES = {fold(words): role for role, words in account_text.ROLES.items()}


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One row of a filled sheet.

    Attributes:
        number: as Excel counts, the headers being row 1.
        name: as it would be stored, or as entered.
        contact: as entered, for showing back to who entered it.
        role: empty when it could not be told.
        unit_code: as entered; empty for the actor's own unit.
        unit_id: None when there is none within the actor's reach.
        asked: who is to be invited; None while something is wrong with it.
        fault: what must be corrected, in Vietnamese; empty when nothing.
        is_known: the person has an account or an invitation that holds; the row is passed over.
    """

    number: int
    name: str
    contact: str
    role: str
    unit_code: str
    unit_id: int | None = None
    asked: Asked | None = None
    fault: str = ""
    is_known: bool = False


async def staff_sheet(actor: Actor) -> bytes:
    """Return the .xlsx template to be filled with people to be invited.

    Raises:
        SignInRequired, Forbidden: the actor administers nothing.
    """
    require_somewhere(actor, Action.STAFF_MANAGE)
    return await asyncio.to_thread(
        sheets.write_template, text.SHEET_TITLE, text.SHEET_HEADERS, (), {2: list(account_text.ROLES.values())}, text.SHEET_HELP_TITLE,
        text.SHEET_HELP, MOST_ROWS,
    )


async def plan_staff_import(actor: Actor, data: bytes, organisation: str = "mttq") -> list[StaffRow]:
    """Return what each row of the sheet in `data` would do; writes and sends nothing.

    Args:
        actor: an administrator.
        data: an .xlsx file.
        organisation: whose officers they become.

    Raises:
        SignInRequired, Forbidden: the actor administers nothing for this organisation.
        TooLarge, Unsupported, InvalidInput: too big, no Excel file, or no table as in the template.
        TooMany: too many sheets today; a check tells which contacts are known.
    """
    return (await _plan(actor, data, organisation))[0]


async def _plan(actor: Actor, data: bytes, organisation: str) -> tuple[list[StaffRow], tuple[int, ...]]:
    """Return what `plan_staff_import` does, and the attempt to forgive once the sheet was sent."""
    require(actor, Action.STAFF_MANAGE, organisation=organisation)
    needed = ("name", "contact", "role")
    filled = await asyncio.to_thread(sheets.read_filled, data, _COLUMNS, needed, text.SHEET_NO_HEADER, MOST_ROWS)
    if not filled:
        raise InvalidInput(text.SHEET_EMPTY)
    rows = [_read(row, organisation) for row in filled]
    hashes = {row.number: secrets.token_hashes(row.asked.contact.value, CONTACT_PURPOSE) for row in rows if row.asked is not None}
    codes = sorted({row.unit_code for row in rows if row.unit_code})
    try:
        attempts = await throttle.reserve((throttle.STAFF_SHEETS_PER_PERSON, actor.person_id.bytes if actor.person_id else b""))
    except TooMany as error:
        raise TooMany(text.MOST_SHEETS, retry_after=error.retry_after) from error
    async with db.reading() as session:
        units = await store.fetch_units_by_code(session, codes, actor.unit_id, today())
        taken = await fetch_taken(session, [one for several in hashes.values() for one in several], now())
    checked: list[StaffRow] = []
    seen: dict[str, int] = {}
    for row in rows:
        unit_id, path = units.get(row.unit_code, (None, ""))
        fault = row.fault or _fault_of_place(actor, path, organisation)
        if not fault and row.asked is not None and row.asked.contact.value in seen:
            fault = text.ROW_TWICE.format(row=seen[row.asked.contact.value])
        if not fault and row.asked is not None:
            seen[row.asked.contact.value] = row.number
        is_known = not fault and not taken.isdisjoint(hashes[row.number])
        checked.append(replace(row, unit_id=unit_id, fault=fault, is_known=is_known))
    return checked, attempts


async def apply_staff_import(actor: Actor, data: bytes, organisation: str = "mttq") -> int:
    """Invite everyone of the sheet in `data` who is not known yet, each as `invite_officer` does; all of them or nobody.

    Returns:
        How many were invited.

    Raises:
        As `plan_staff_import`; InvalidInput also while a row has a fault.
        ProofRequired: the actor's last proof is too old.
        Conflict: somebody has been invited meanwhile.
        TooMany: too many invitations within an hour.
    """
    require(actor, Action.STAFF_MANAGE, organisation=organisation)
    require_fresh(actor)
    rows, attempts = await _plan(actor, data, organisation)
    faults = {str(row.number): row.fault for row in rows if row.fault}
    if faults:
        raise InvalidInput(text.SHEET_HAS_FAULTS.format(count=len(faults)), fields=faults)
    new = [(row.asked, row.unit_id) for row in rows if row.asked is not None and row.unit_id is not None and not row.is_known]
    if not new:
        return 0
    for _ in new:
        await reserve_invitation(actor)
    subject = f"person:{actor.person_id}"
    async with noting_refusals(actor, "staff.import", subject), db.transaction() as session:
        numbers = [await send_invitation(session, actor, asked, unit_id, organisation) for asked, unit_id in new]
        await audit.record(session, actor, "staff.import", subject, {"invitations": numbers, "organisation": organisation})
    await throttle.forgive(attempts)
    return len(numbers)


def _read(row: FilledRow, organisation: str) -> StaffRow:
    """Return a row with what is wrong with it in itself."""
    role = _ROLES.get(fold(row.text("role")), "")
    asked, faults = checked_invitation(row.text("name"), row.text("contact"), [role] if role else [], organisation)
    fault = text.ROW_FORMULA if row.has_formula else " ".join({**faults, **({} if role else {"roles": text.ROW_ROLE})}.values())
    if asked is not None and not fault:
        try:
            channel_of(asked.contact)
        except Unavailable as error:
            fault = error.text
    return StaffRow(
        row.number, asked.name if asked else row.text("name")[:100], row.text("contact")[:100], role, row.text("unit").lower()[:20],
        asked=asked, fault=fault,
    )


def _fault_of_place(actor: Actor, path: str, organisation: str) -> str:
    """Return why the actor may not invite anybody to the unit at `path`; empty when he may."""
    if not path or not may(actor, Action.STAFF_MANAGE, path, organisation):
        return text.ROW_UNIT
    try:
        require_itself(actor, Action.STAFF_MANAGE, path, organisation)
    except Forbidden:
        return LENT_ONLY
    return ""
