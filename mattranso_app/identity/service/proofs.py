"""Taking a second proof: the code of an authenticator app or a recovery code, each once."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import secrets
from mattranso_app.core.clock import now
from mattranso_app.identity.factors import recovery, store, totp

FACTOR_SEAL = "second factor"
METHODS = ("otp", "mfa")
"""What a second proof adds to how a session was proved (RFC 8176)."""

Proof = Literal["totp", "recovery"]


def digits_of(typed: str) -> str:
    """Return the digits of a typed code; spaces and dashes are fine."""
    return "".join(sign for sign in typed[:60] if sign in "0123456789")


async def take(session: AsyncSession, person_id: UUID, typed: str) -> Proof | None:
    """Use up, in the caller's transaction, the code a person typed.

    The person's factors are locked, so that of two who use one code at once only one succeeds.

    Args:
        session: the open transaction.
        person_id: whose code it must be.
        typed: a code of the app or a recovery code, as typed.

    Returns:
        What it was; None when it is neither.
    """
    moment = now()
    digits = digits_of(typed)
    if len(recovery.normal(typed)) == recovery.LENGTH:
        used = await store.use_recovery_code(session, recovery.code_hashes(person_id, typed), moment)
        return "recovery" if used else None
    for factor in await store.fetch_secrets(session, person_id):
        step = totp.matching_step(secrets.unseal(factor.secret_cipher, FACTOR_SEAL), digits, moment, factor.last_step)
        if step is not None:
            await store.save_step(session, factor.id, step, moment)
            return "totp"
    return None
