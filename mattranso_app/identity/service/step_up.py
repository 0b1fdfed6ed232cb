"""Step-up: acts that matter most need a proof not older than ten minutes. It is kept on the session's row."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit, db
from mattranso_app.core.access import Action, Actor, require
from mattranso_app.core.clock import now
from mattranso_app.core.errors import InvalidInput, ProofRequired, SignInRequired
from mattranso_app.identity import passwords, text, throttle
from mattranso_app.identity.factors import store
from mattranso_app.identity.service import proofs, sessions

FRESH = timedelta(minutes=10)

Way = Literal["code", "password", "sign_in"]
"""How somebody proves himself again: a code where a second factor is set up, else the password, else by signing in anew."""


def require_fresh(actor: Actor) -> None:
    """Raise unless the person behind `actor` has proved himself lately. Goes after the check of rights.

    Raises:
        ProofRequired: the proof is older than FRESH; nothing has been done.
    """
    if actor.kind == "system":
        return
    if actor.proved_at is None or now() - actor.proved_at > FRESH:
        raise ProofRequired()


async def way_to_prove(actor: Actor) -> Way:
    """Return how `actor` proves himself again.

    Raises:
        SignInRequired: nobody is signed in.
    """
    require(actor, Action.ACCOUNT_OWN)
    async with db.reading() as session:
        return await _way(session, actor)


async def prove(actor: Actor, typed: str) -> str:
    """Take a fresh proof and note it on the session.

    Args:
        actor: who is signed in.
        typed: the app's code, a recovery code, or the password where there is no second factor.

    Returns:
        The new token for the session's cookie.

    Raises:
        SignInRequired: nobody is signed in.
        InvalidInput: the proof is wrong or used.
        TooMany: guessed at too often from this session.
    """
    require(actor, Action.ACCOUNT_OWN)
    if actor.person_id is None or actor.session_id is None:
        raise SignInRequired()
    attempts = await throttle.reserve((throttle.PROOF_PER_SESSION, actor.session_id.bytes))
    way = await way_to_prove(actor)
    if way == "sign_in":
        raise InvalidInput(text.SIGN_IN_AGAIN, fields={"code": text.SIGN_IN_AGAIN})
    if way == "password" and not await _is_password(actor, typed):
        raise InvalidInput(text.OLD_WRONG, fields={"code": text.OLD_WRONG})
    token = None
    async with db.transaction() as session:
        proof = await proofs.take(session, actor.person_id, typed) if way == "code" else "password"
        if proof is not None:
            token = await sessions.prove(session, actor.session_id, proofs.METHODS if way == "code" else ["pwd"])
        action = "session.prove" if proof is not None else "session.second_refused"
        await audit.record(session, actor, action, f"person:{actor.person_id}", {"by": proof or "code"})
    if token is None:
        raise InvalidInput(text.PROOF_REFUSED, fields={"code": text.PROOF_REFUSED})
    await throttle.forgive(attempts)
    return token


async def _way(session: AsyncSession, actor: Actor) -> Way:
    if actor.person_id is not None and await store.has_factor(session, actor.person_id):
        return "code"
    return "password" if actor.kind == "officer" else "sign_in"


async def _is_password(actor: Actor, typed: str) -> bool:
    async with db.reading() as session:
        kept = (
            await session.execute(sql("SELECT password_hash FROM credential WHERE person_id = :id"), {"id": actor.person_id})
        ).scalar()
    return await passwords.verify_password(kept, typed)
