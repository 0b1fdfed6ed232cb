"""Taking a passkey's signature as a proof: in time, once, by a passkey that is held, with a counter that went on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit
from mattranso_app.core.access import Actor
from mattranso_app.core.clock import now
from mattranso_app.core.errors import InvalidInput
from mattranso_app.identity import text
from mattranso_app.identity.factors import passkey_store, passkeys
from mattranso_app.identity.factors.passkeys import PasskeyRefused, Showing
from mattranso_app.identity.service import challenges, notices

Fault = Literal["", "refused", "suspect"]


@dataclass(frozen=True, slots=True)
class PasskeyProof:
    """What became of a signature: whose passkey it was, what it adds to how a session was proved, and what was wrong."""

    fault: Fault
    row: Any = None
    methods: tuple[str, ...] = ()


async def read(answer: str, purpose: challenges.Purpose, bound_to: str) -> Showing:
    """Return a browser's answer whose challenge has just been used up.

    Raises:
        InvalidInput: it is no answer, or its challenge does not hold here, for this, any more.
    """
    try:
        showing = passkeys.read_showing(answer)
    except PasskeyRefused as error:
        raise refused("refused") from error
    if not await challenges.take(purpose, bound_to, showing.challenge):
        raise InvalidInput(text.PASSKEY_LATE, fields={"code": text.PASSKEY_LATE})
    return showing


async def take(
    session: AsyncSession, actor: Actor, showing: Showing, person_id: UUID | None, *, must_verify: bool
) -> PasskeyProof:
    """Judge a signature in the caller's transaction, which is to be committed whatever comes out.

    Args:
        session: the open transaction.
        actor: for the audit log.
        showing: the browser's answer, its challenge used up.
        person_id: whose passkey it must be; None for whoever's it is, who must then be named by the passkey itself.
        must_verify: whether the authenticator must have made sure who holds it.
    """
    row = await passkey_store.fetch_passkey(session, showing.credential_id)
    if row is None or row.disabled or (person_id is not None and row.person_id != person_id):
        return PasskeyProof("refused", row)
    handle = showing.user_handle
    if (handle is None and person_id is None) or (handle is not None and handle != row.person_id.bytes):
        return PasskeyProof("refused", row)
    try:
        shown = passkeys.check_showing(showing, showing.challenge, bytes(row.public_key), must_verify)
    except PasskeyRefused:
        return PasskeyProof("refused", row)
    subject = f"person:{row.person_id}"
    if row.is_suspect:
        return PasskeyProof("suspect", row)
    if (shown.sign_count or row.sign_count) and shown.sign_count <= row.sign_count:
        await passkey_store.save_suspect(session, row.id, now())
        await audit.record(
            session, actor, "factor.suspect", subject, {"factor": str(row.id), "kept": row.sign_count, "shown": shown.sign_count}
        )
        await notices.tell(session, row.person_id, text.SUSPECT_SUBJECT, text.SUSPECT_NOTICE, "factor_suspect")
        return PasskeyProof("suspect", row)
    await passkey_store.save_use(session, row.id, shown.sign_count, shown.is_synced, now())
    return PasskeyProof("", row, methods(shown.is_synced))


def methods(is_synced: bool) -> tuple[str, ...]:
    """Return what a passkey's proof is in the words of RFC 8176: a key in hardware, or in its maker's cloud; user present."""
    return ("swk" if is_synced else "hwk", "user", "mfa")


def refused(fault: Fault) -> InvalidInput:
    """Return the refusal to raise; who holds no right signature learns nothing from its words."""
    words = text.PASSKEY_SUSPECT if fault == "suspect" else text.PASSKEY_REFUSED
    return InvalidInput(words, fields={"code": words})
