"""Officers follow their unit when it goes into another: the account and its home go along, the roles there end.

Open transfers into the old unit go on to the heir, whose administrator has to agree anyway; those out of it end, as whoever
proposed them answers for the officer no more. Invitations to it are void: the invited person is told.

A role was given by somebody who answered for the old unit; nobody of the heir has decided on it. So it ends with the unit,
stays in the history, and the heir's administrator, who finds the officer in his list, gives roles anew.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit, notify
from mattranso_app.core.access import SYSTEM
from mattranso_app.core.clock import now
from mattranso_app.identity import store
from mattranso_app.identity.invitations import store as invitations
from mattranso_app.identity.invitations import text as invitation_text
from mattranso_app.identity.officers import store as transfers
from mattranso_app.identity.officers import text as officer_text
from mattranso_app.identity.service import notices
from mattranso_app.identity.service.invitations import contact_of
from mattranso_app.units.followers import PathMove, on_path_change


@on_path_change
async def follow_units(session: AsyncSession, moves: Sequence[PathMove]) -> None:
    """Lead officers of merged units to the heirs without their roles; those of moved units keep all, roles name the unit itself."""
    merged = {move.unit_id: move.to_id for move in moves if move.is_merged}
    if not merged:
        return
    ended = await store.end_roles_on(session, list(merged), now())
    moved = await store.move_homes(session, list(merged), list(merged.values()))
    for person_id in sorted(ended.keys() | moved.keys()):
        detail: dict[str, object] = {"roles": ended.get(person_id, [])}
        if person_id in moved:
            detail["unit"] = moved[person_id]
        await audit.record(session, SYSTEM, "staff.unit_merged", f"person:{person_id}", detail)
    await _follow_transfers(session, merged)
    await _tell_invited(session, list(merged))


async def _follow_transfers(session: AsyncSession, merged: dict[int, int]) -> None:
    units, heirs = list(merged), list(merged.values())
    for ended in await transfers.end_transfers_of_merged(session, units, heirs, now()):
        if ended.proposed_by is not None:
            words = officer_text.TRANSFER_MERGED.format(name=ended.name)
            await notices.tell(session, ended.proposed_by, officer_text.TRANSFER_MERGED_SUBJECT, words, "transfer_merged")
        detail: dict[str, object] = {"number": ended.id, "decision": "unit_merged"}
        await audit.record(session, SYSTEM, "staff.transfer_end", f"person:{ended.person_id}", detail)
    for led in await transfers.lead_transfers_to_heirs(session, units, heirs):
        detail = {"number": led.id, "unit": led.to_unit_id}
        await audit.record(session, SYSTEM, "staff.transfer_follow", f"person:{led.person_id}", detail)


async def _tell_invited(session: AsyncSession, units: list[int]) -> None:
    """Tell whoever holds a link that leads nowhere now, by the address it went to; the page behind it says the same."""
    for invitation in await invitations.fetch_waiting_at(session, units, now()):
        to = contact_of(invitation)
        words = invitation_text.MERGED.format(unit=invitation.unit_name)
        channel: notify.Channel = "sms" if to.kind == "phone" else "email"
        if notify.gateway_for(channel) is not None:
            await notify.send(
                session, channel=channel, to=to.value, subject=invitation_text.MERGED_SUBJECT, text=words, template="invitation_merged"
            )
        await audit.record(session, SYSTEM, "invitation.unit_merged", f"invitation:{invitation.id}")
