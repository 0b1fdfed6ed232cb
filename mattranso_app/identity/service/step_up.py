"""Step-up: acts that matter most need a proof not older than ten minutes. It is kept on the session's row."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit, db
from mattranso_app.core.access import Action, Actor, require
from mattranso_app.core.clock import now
from mattranso_app.core.errors import InvalidInput, NotFound, ProofRequired, SignInRequired
from mattranso_app.identity import passwords, text, throttle
from mattranso_app.identity.factors import passkey_store, passkeys, store
from mattranso_app.identity.service import challenges, passkey_proofs, proofs, sessions

FRESH = timedelta(minutes=10)

Way = Literal["code", "passkey", "code_or_passkey", "password", "passkey_or_sign_in", "sign_in"]
"""How somebody proves himself again: an app's code or a passkey where there is one (a recovery code does for both), else the
password, else by signing in anew."""
_WITH_CODE = ("code", "passkey", "code_or_passkey")


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
    if way not in (*_WITH_CODE, "password"):
        raise InvalidInput(text.SIGN_IN_AGAIN, fields={"code": text.SIGN_IN_AGAIN})
    if way == "password" and not await _is_password(actor, typed):
        raise InvalidInput(text.OLD_WRONG, fields={"code": text.OLD_WRONG})
    token = None
    async with db.transaction() as session:
        proof = await proofs.take(session, actor.person_id, typed) if way in _WITH_CODE else "password"
        if proof is not None:
            token = await sessions.prove(session, actor.session_id, proofs.METHODS if way in _WITH_CODE else ["pwd"])
        action = "session.prove" if proof is not None else "session.second_refused"
        await audit.record(session, actor, action, f"person:{actor.person_id}", {"by": proof or "code"})
    if token is None:
        raise InvalidInput(text.PROOF_REFUSED, fields={"code": text.PROOF_REFUSED})
    await throttle.forgive(attempts)
    return token


async def options_to_prove(actor: Actor) -> dict[str, Any]:
    """Return what the actor's browser is to have a passkey sign, as a fresh proof.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: the person has no passkey.
    """
    require(actor, Action.ACCOUNT_OWN)
    if actor.person_id is None or actor.session_id is None:
        raise SignInRequired()
    async with db.transaction() as session:
        allowed = await passkey_store.fetch_credential_ids(session, actor.person_id)
        if not allowed:
            raise NotFound(text.NO_PASSKEY)
        challenge = await challenges.issue(session, "prove", str(actor.session_id))
    return passkeys.request_options(challenge, allowed)


async def prove_with_passkey(actor: Actor, answer: str) -> str:
    """Take a passkey's signature as a fresh proof and note it on the session.

    Args:
        actor: who is signed in.
        answer: what the browser answered to `options_to_prove`, JSON.

    Returns:
        The new token for the session's cookie.

    Raises:
        SignInRequired: nobody is signed in.
        InvalidInput: the signature is not right, or another person's.
        TooMany: tried too often from this session.
    """
    require(actor, Action.ACCOUNT_OWN)
    if actor.person_id is None or actor.session_id is None:
        raise SignInRequired()
    attempts = await throttle.reserve((throttle.PROOF_PER_SESSION, actor.session_id.bytes))
    showing = await passkey_proofs.read(answer, "prove", str(actor.session_id))
    token = None
    async with db.transaction() as session:
        proof = await passkey_proofs.take(session, actor, showing, actor.person_id, must_verify=True)
        if not proof.fault:
            token = await sessions.prove(session, actor.session_id, proof.methods)
        action = "session.second_refused" if proof.fault else "session.prove"
        await audit.record(session, actor, action, f"person:{actor.person_id}", {"by": "passkey"})
    if token is None:
        raise passkey_proofs.refused(proof.fault)
    await throttle.forgive(attempts)
    return token


async def _way(session: AsyncSession, actor: Actor) -> Way:
    if actor.person_id is None:
        return "sign_in"
    ways = await store.fetch_ways(session, actor.person_id)
    if await store.has_factor(session, actor.person_id):
        if not ways.has_passkey:
            return "code"
        return "code_or_passkey" if ways.has_app else "passkey"
    if actor.kind == "officer":
        return "password"
    return "passkey_or_sign_in" if ways.has_passkey else "sign_in"


async def _is_password(actor: Actor, typed: str) -> bool:
    async with db.reading() as session:
        kept = (
            await session.execute(sql("SELECT password_hash FROM credential WHERE person_id = :id"), {"id": actor.person_id})
        ).scalar()
    return await passwords.verify_password(kept, typed)
