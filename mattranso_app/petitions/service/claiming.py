"""A petition sent without an account joins the list of the citizen who holds its receipt.

Officers never learn of it: what they see of a petition does not say whether an account stands behind it, and nothing of
the account is copied to it. The audit row names the citizen and, of the petition, only a keyed mark, so that who reads the
log does not learn either who has sent what; with the number at hand the mark can be made again.
"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit, secrets
from mattranso_app.core.access import Action, Actor, require
from mattranso_app.core.db import transaction
from mattranso_app.core.errors import Conflict, Forbidden, NotFound, TooMany
from mattranso_app.core.sql import sql
from mattranso_app.identity import throttle
from mattranso_app.petitions import text
from mattranso_app.petitions.numbers import read_number

CLAIMS_PER_PERSON = throttle.Limit("petition.claim", 10, 10 * 60)
CLAIMS_PER_ADDRESS = throttle.Limit("petition.claim.address", 60, 10 * 60)


async def claim(actor: Actor, typed_number: str, typed_receipt: str) -> str:
    """Put a petition on the actor's list. Each petition joins one list, once.

    Args:
        actor: a citizen who is signed in.
        typed_number: its public number as typed.
        typed_receipt: its receipt as typed.

    Returns:
        Its number.

    Raises:
        SignInRequired: nobody is signed in.
        Forbidden: an officer's account.
        NotFound: no petition has this number and this receipt; which of them is wrong is not told.
        Conflict: it is on a list already.
        TooMany: tried too often; what succeeds does not count.
    """
    require(actor, Action.ACCOUNT_OWN)
    if actor.kind != "citizen" or actor.person_id is None:
        raise Forbidden(text.CLAIM_CITIZENS_ONLY)
    try:
        attempts = await throttle.reserve(
            (CLAIMS_PER_PERSON, actor.person_id.bytes), (CLAIMS_PER_ADDRESS, throttle.address_key(actor.address))
        )
    except TooMany as error:
        raise TooMany(text.RECEIPT_TOO_MANY, retry_after=error.retry_after) from error
    number, receipt = read_number(typed_number), secrets.normalise_receipt(typed_receipt)
    async with transaction() as session:
        outcome = await _write(session, number, receipt, actor) if number and receipt else "unknown"
        if outcome == "unknown":
            raise NotFound(text.CLAIM_UNKNOWN)
        if outcome != "claimed":
            raise Conflict(text.CLAIM_OWN if outcome == "own" else text.CLAIM_TAKEN)
        await audit.record(session, actor, "petition.claim", f"person:{actor.person_id}", {"mark": mark(str(number))})
    await throttle.forgive(attempts)
    return str(number)


def mark(number: str) -> str:
    """Return what the audit log keeps of a claimed petition instead of its number."""
    return secrets.hash_token(number, "petition claim").hex()[:32]


async def _write(session: AsyncSession, number: str, receipt: str, actor: Actor) -> str:
    found = await session.execute(
        sql("SELECT petition_claim(:number, CAST(:hashes AS bytea[]), :person)"),
        {"number": number, "hashes": secrets.receipt_hashes(receipt), "person": actor.person_id},
    )
    return str(found.scalar_one())
