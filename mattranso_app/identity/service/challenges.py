"""What a passkey is to sign: random bytes that live five minutes, count once, for one purpose, in one browser or session."""

from __future__ import annotations

import secrets as random
from datetime import timedelta
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import db, secrets
from mattranso_app.core.clock import now
from mattranso_app.identity.factors import passkey_store, passkeys

CHALLENGE_LIFE = timedelta(minutes=5)

Purpose = Literal["add", "sign_in", "second_step", "prove", "invitation"]

_LONGEST = 100


async def issue(session: AsyncSession, purpose: Purpose, bound_to: str) -> bytes:
    """Return a fresh challenge, kept in the caller's transaction; an earlier one of the same purpose and place is void.

    Args:
        session: the open transaction.
        purpose: what the signature will do.
        bound_to: what only the browser or session has that may answer: a cookie's token, a session's id.
    """
    challenge = random.token_bytes(passkeys.CHALLENGE_BYTES)
    await passkey_store.save_challenge(session, purpose, _bindings(bound_to), challenge, now(), CHALLENGE_LIFE)
    return challenge


async def take(purpose: Purpose, bound_to: str, challenge: bytes) -> bool:
    """Use a challenge up, before the answer to it is judged; return whether it held here, for this, now."""
    async with db.transaction() as session:
        return await passkey_store.take_challenge(session, purpose, _bindings(bound_to), challenge, now())


def _bindings(bound_to: str) -> list[bytes]:
    return secrets.token_hashes(bound_to[:_LONGEST], "passkey challenge")
