"""Passkeys, as verbs: adding one to one's account, and signing in with one alone.

A passkey whose holder the authenticator has made sure of (PIN, finger, face) is two proofs in one, so such a sign-in asks
for no second step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit, db, secrets
from mattranso_app.core.access import Action, Actor, require
from mattranso_app.core.clock import now
from mattranso_app.core.errors import Conflict, InvalidInput, SignInRequired
from mattranso_app.identity import text, throttle
from mattranso_app.identity.contacts import CONTACT_SEAL
from mattranso_app.identity.factors import passkey_store, passkeys, store
from mattranso_app.identity.factors.passkeys import NewPasskey, PasskeyRefused
from mattranso_app.identity.models import SecondFactor
from mattranso_app.identity.service import challenges, notices, passkey_proofs, sessions
from mattranso_app.identity.service.second_factors import Confirmed, clean_name, lock_with_first
from mattranso_app.identity.service.second_step import open_session
from mattranso_app.identity.service.step_up import require_fresh
from mattranso_app.identity.service.visits import SignedIn, Visit

_TOKEN_LENGTH = 43


@dataclass(frozen=True, slots=True)
class Asked:
    """What a browser is to have a passkey sign; `token` goes into its cookie and binds the answer to it."""

    options: dict[str, Any]
    token: str


async def options_to_add(actor: Actor) -> dict[str, Any]:
    """Return what the actor's browser is to make.

    Raises:
        SignInRequired: nobody is signed in.
        ProofRequired: the last proof is too old.
        Conflict: the person has as many factors as one may have.
    """
    person_id, session_id = _own(actor)
    require_fresh(actor)
    async with db.transaction() as session:
        await _require_room(session, person_id)
        held = await passkey_store.fetch_credential_ids(session, person_id, usable_only=False)
        account = await store.fetch_account_name(session, person_id) or actor.name or text.CITIZEN
        challenge = await challenges.issue(session, "add", str(session_id))
    return passkeys.creation_options(challenge, person_id, account, actor.name or account, held)


async def add_passkey(actor: Actor, answer: str, name: str = "") -> Confirmed:
    """Add the passkey the actor's browser has made. An officer's first second factor brings recovery codes and ends every
    other session.

    Args:
        actor: the owner.
        answer: what the browser answered to `options_to_add`, JSON.
        name: what the owner calls it; empty for a plain name.

    Raises:
        SignInRequired: nobody is signed in.
        ProofRequired: the last proof is too old.
        InvalidInput: the answer is not what was asked for, or comes too late.
        Conflict: the passkey is known already, or the person has as many factors as one may have.
    """
    person_id, session_id = _own(actor)
    require_fresh(actor)
    made = await judge_new(answer, "add", str(session_id))
    shown = clean_name(name) or text.PASSKEY
    async with db.transaction() as session:
        await store.lock_person(session, person_id)
        await _require_room(session, person_id)
        was_bare = not await store.has_factor(session, person_id)
        factor_id = await save_new(session, person_id, made, shown)
        codes: tuple[str, ...] = ()
        if was_bare and await store.has_factor(session, person_id):
            codes = await lock_with_first(session, person_id, session_id)
        token = await sessions.prove(session, session_id, passkey_proofs.methods(made.is_synced))
        await notices.tell(session, person_id, text.FACTOR_ADDED_SUBJECT, text.factor_added(shown), "factor_added")
        await audit.record(session, actor, "factor.add", f"person:{person_id}", {"kind": "passkey", "factor": str(factor_id)})
    return Confirmed(token, codes)


async def options_to_sign_in(token: str, visit: Visit) -> Asked:
    """Return what a browser nobody is known in is to have a passkey sign.

    Args:
        token: what this browser was given the last time; empty when it has none.
        visit: the browser.

    Raises:
        TooMany: asked too often from this address.
    """
    await throttle.reserve((throttle.PASSKEYS_PER_ADDRESS, throttle.address_key(visit.address)))
    bound_to = token if len(token) == _TOKEN_LENGTH else secrets.new_token()
    async with db.transaction() as session:
        challenge = await challenges.issue(session, "sign_in", bound_to)
    return Asked(passkeys.request_options(challenge), bound_to)


async def sign_in_with_passkey(token: str, answer: str, visit: Visit) -> SignedIn:
    """Sign in whoever the passkey belongs to.

    Args:
        token: what `options_to_sign_in` left in this browser.
        answer: what the browser answered to it, JSON.
        visit: the browser.

    Raises:
        InvalidInput: the answer is not what was asked for, comes too late, or the account is gone or disabled: the same
            words for all but a copied passkey.
        TooMany: too many attempts from this address.
    """
    attempts = await throttle.reserve((throttle.GUESSES_PER_ADDRESS, throttle.address_key(visit.address)))
    showing = await passkey_proofs.read(answer, "sign_in", token)
    actor, signed = Actor("anonymous", address=visit.address), None
    async with db.transaction() as session:
        proof = await passkey_proofs.take(session, actor, showing, None, must_verify=True)
        if proof.fault:
            subject = f"person:{proof.row.person_id}" if proof.row else "person:unknown"
            await audit.record(session, actor, "session.refused", subject, {"by": "passkey"})
        else:
            row = proof.row
            # Who came from an outside provider has neither user name nor contact.
            contact = secrets.unseal(row.contact_cipher, CONTACT_SEAL) if row.contact_cipher else f"outside {row.person_id}"
            account = row.user_name or contact
            signed = await open_session(session, row.person_id, row.kind, account, visit, proof.methods, "passkey")
    if signed is None:
        raise passkey_proofs.refused(proof.fault)
    await throttle.forgive(attempts)
    return signed


async def judge_new(answer: str, purpose: challenges.Purpose, bound_to: str) -> NewPasskey:
    """Return the passkey a browser has made; its challenge is used up.

    Raises:
        InvalidInput: it is not what was asked for, or comes too late.
    """
    try:
        making = passkeys.read_making(answer)
        if not await challenges.take(purpose, bound_to, making.challenge):
            raise InvalidInput(text.PASSKEY_LATE, fields={"passkey": text.PASSKEY_LATE})
        return passkeys.check_making(making, making.challenge)
    except PasskeyRefused as error:
        raise InvalidInput(text.PASSKEY_NOT_MADE, fields={"passkey": text.PASSKEY_NOT_MADE}) from error


async def save_new(session: AsyncSession, person_id: UUID, made: NewPasskey, name: str) -> UUID:
    """Keep a new passkey in the caller's transaction and return its id.

    Raises:
        Conflict: it is known already, to whomever.
    """
    moment = now()
    row = SecondFactor(
        id=uuid4(), person_id=person_id, kind="passkey", name=name, created_at=moment, confirmed_at=moment,
        credential_id=made.credential_id, public_key=made.public_key, sign_count=made.sign_count, is_synced=made.is_synced,
    )
    session.add(row)
    try:
        await session.flush()
    except IntegrityError as error:
        raise Conflict(text.PASSKEY_KNOWN) from error
    return row.id


async def _require_room(session: AsyncSession, person_id: UUID) -> None:
    if len(await store.fetch_factors(session, person_id)) >= store.MOST:
        raise Conflict(text.MOST_FACTORS)


def _own(actor: Actor) -> tuple[UUID, UUID]:
    require(actor, Action.ACCOUNT_OWN)
    if actor.person_id is None or actor.session_id is None:
        raise SignInRequired()
    return actor.person_id, actor.session_id
