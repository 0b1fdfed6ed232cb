"""Second factors, as verbs: setting an app up, listing, removing, recovery codes; and an administrator's reset."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit, db, secrets
from mattranso_app.core.access import Action, Actor, require
from mattranso_app.core.clock import now
from mattranso_app.core.errors import Conflict, Forbidden, InvalidInput, NotFound, SignInRequired
from mattranso_app.core.text import clean_text
from mattranso_app.identity import text, throttle
from mattranso_app.identity.factors import passkey_store, recovery, store, totp
from mattranso_app.identity.factors.store import Factor
from mattranso_app.identity.models import SecondFactor
from mattranso_app.identity.outside import store as outside_store
from mattranso_app.identity.service import access_tokens, notices, proofs, sessions
from mattranso_app.identity.service.staff import entrusted_officer
from mattranso_app.identity.service.step_up import require_fresh
from mattranso_app.identity.store import NEED_FACTOR
from mattranso_app.settings import settings

PENDING_LIFE = timedelta(minutes=30)
"""How long a QR code may be on the screen before a fresh one is drawn."""

_NAME_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an app needs to be set up: a secret, and the same as an otpauth address."""

    secret: str
    otpauth: str


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A factor has been set up. `codes` are shown this once, for the first factor only; `token` goes into the session's cookie."""

    token: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnFactors:
    """A person's factors, the recovery codes left, and whether one factor must stay."""

    factors: list[Factor]
    recovery_left: int
    is_obliged: bool


async def list_factors(actor: Actor) -> OwnFactors:
    """Return the actor's own factors.

    Raises:
        SignInRequired: nobody is signed in.
    """
    person_id = _own(actor)
    async with db.reading() as session:
        return OwnFactors(
            await store.fetch_factors(session, person_id), await store.count_recovery_codes(session, person_id), _is_obliged(actor)
        )


async def begin_totp(actor: Actor) -> Enrolment:
    """Return the secret of an app that is to be set up; the same again for half an hour, until a code of it is confirmed.

    Raises:
        SignInRequired: nobody is signed in.
        ProofRequired: the last proof is too old.
        Conflict: the person has as many factors as one may have.
    """
    person_id = _own(actor)
    require_fresh(actor)
    moment = now()
    async with db.transaction() as session:
        await store.lock_person(session, person_id)
        pending = await store.fetch_pending(session, person_id, moment - PENDING_LIFE)
        if pending is not None:
            secret = secrets.unseal(pending.secret_cipher, proofs.FACTOR_SEAL)
        else:
            if len(await store.fetch_factors(session, person_id)) >= store.MOST:
                raise Conflict(text.MOST_FACTORS)
            await store.save_removed(session, person_id, moment, pending_only=True)
            secret = totp.new_secret()
            session.add(
                SecondFactor(
                    id=uuid4(), person_id=person_id, kind="totp", name=text.TOTP, created_at=moment,
                    secret_cipher=secrets.seal(secret, proofs.FACTOR_SEAL),
                )
            )
            await session.flush()
            await audit.record(session, actor, "factor.begin", f"person:{person_id}", {"kind": "totp"})
        account = await store.fetch_account_name(session, person_id) or actor.name or text.CITIZEN
    return Enrolment(secret, totp.address(secret, account))


async def confirm_totp(actor: Actor, typed: str, name: str = "") -> Confirmed:
    """Set the app up whose code was typed. The first factor brings recovery codes and ends every other session.

    Args:
        actor: the owner.
        typed: the app's code.
        name: what the owner calls the device; empty for a plain name.

    Raises:
        SignInRequired: nobody is signed in.
        ProofRequired: the last proof is too old.
        NotFound: nothing is being set up (any more).
        InvalidInput: the code is wrong, or the clock is more than half a minute off.
        TooMany: guessed at too often.
    """
    person_id = _own(actor)
    require_fresh(actor)
    if actor.session_id is None:
        raise SignInRequired()
    shown = clean_name(name) or text.TOTP
    attempts = await throttle.reserve((throttle.PROOF_PER_SESSION, actor.session_id.bytes))
    moment = now()
    async with db.transaction() as session:
        await store.lock_person(session, person_id)
        pending = await store.fetch_pending(session, person_id, moment - PENDING_LIFE)
        if pending is None:
            raise NotFound(text.NOTHING_PENDING)
        secret = secrets.unseal(pending.secret_cipher, proofs.FACTOR_SEAL)
        step = totp.matching_step(secret, proofs.digits_of(typed), moment, last_step=0)
        if step is None:
            raise InvalidInput(text.FIRST_CODE_REFUSED, fields={"code": text.FIRST_CODE_REFUSED})
        was_bare = not await store.has_factor(session, person_id)
        await store.save_confirmed(session, pending.id, shown, step, moment)
        codes = await lock_with_first(session, person_id, actor.session_id) if was_bare else ()
        token = await sessions.prove(session, actor.session_id, proofs.METHODS)
        await notices.tell(session, person_id, text.FACTOR_ADDED_SUBJECT, text.factor_added(shown), "factor_added")
        await audit.record(session, actor, "factor.add", f"person:{person_id}", {"kind": "totp", "factor": str(pending.id)})
    await throttle.forgive(attempts)
    return Confirmed(token, codes)


async def lock_with_first(session: AsyncSession, person_id: UUID, spare: UUID) -> tuple[str, ...]:
    """Return recovery codes for a person's first second factor; every session opened without one ends but `spare`."""
    await sessions.end(session, "second_factor", person_id=person_id, spare=spare)
    await store.void_challenges(session, person_id, now())
    return await _fresh_codes(session, person_id)


async def cancel_totp(actor: Actor) -> None:
    """Forget the app that was being set up; fine when there is none.

    Raises:
        SignInRequired: nobody is signed in.
    """
    person_id = _own(actor)
    async with db.transaction() as session:
        if await store.save_removed(session, person_id, now(), pending_only=True):
            await audit.record(session, actor, "factor.cancel", f"person:{person_id}")


async def remove_factor(actor: Actor, factor_id: UUID) -> None:
    """Remove one of the actor's own factors; with the last one the recovery codes are void too.

    Raises:
        SignInRequired: nobody is signed in.
        ProofRequired: the last proof is too old.
        NotFound: it is not the actor's, or removed already.
        Forbidden: the last one of somebody who must have one, or the only way in of an officer without a password.
    """
    person_id = _own(actor)
    require_fresh(actor)
    moment = now()
    async with db.transaction() as session:
        await store.lock_person(session, person_id)
        held = await store.fetch_factors(session, person_id)
        found = next((factor for factor in held if factor.id == factor_id), None)
        if found is None:
            raise NotFound(text.UNKNOWN_FACTOR)
        left = [factor for factor in held if factor.id != factor_id and not factor.is_suspect]
        if not left and _is_obliged(actor):
            raise Forbidden(text.LAST_FACTOR)
        if not any(factor.kind == "passkey" for factor in left) and not await passkey_store.has_password(session, person_id):
            raise Forbidden(text.LAST_WAY_IN)
        await store.save_removed(session, person_id, moment, factor_id=factor_id)
        if not await store.has_factor(session, person_id):
            await store.replace_recovery_codes(session, person_id, (), moment)
        await notices.tell(session, person_id, text.FACTOR_REMOVED_SUBJECT, text.factor_removed(found.name), "factor_removed")
        await audit.record(session, actor, "factor.remove", f"person:{person_id}", {"factor": str(factor_id)})


async def renew_recovery_codes(actor: Actor) -> tuple[str, ...]:
    """Return ten fresh recovery codes, shown this once; the earlier ones are void.

    Raises:
        SignInRequired: nobody is signed in.
        ProofRequired: the last proof is too old.
        NotFound: no second factor is set up, so there is nothing to recover.
    """
    person_id = _own(actor)
    require_fresh(actor)
    async with db.transaction() as session:
        await store.lock_person(session, person_id)
        if not await store.has_factor(session, person_id):
            raise NotFound(text.NO_FACTOR_YET)
        codes = await _fresh_codes(session, person_id)
        await audit.record(session, actor, "factor.recovery_codes", f"person:{person_id}")
    return codes


async def reset_factors(actor: Actor, person_id: UUID) -> None:
    """Remove all of an officer's factors, recovery codes and links to outside accounts and end the sessions; the officer has come
    in person. Whoever had got into the account may have linked his own: each link must be proven anew.

    Raises:
        SignInRequired, Forbidden, NotFound: see `staff.entrusted_officer`; nobody resets his own.
        ProofRequired: the last proof is too old.
    """
    async with db.transaction() as session:
        await entrusted_officer(session, actor, person_id)
        require_fresh(actor)
        moment = now()
        removed = await store.save_removed(session, person_id, moment)
        await store.replace_recovery_codes(session, person_id, (), moment)
        await store.void_challenges(session, person_id, moment)
        await sessions.end(session, "factors_reset", person_id=person_id)
        await access_tokens.revoke_all(session, person_id)
        unlinked = await outside_store.remove_links(session, person_id, moment)
        await notices.tell(session, person_id, text.FACTOR_REMOVED_SUBJECT, text.FACTORS_RESET_NOTICE, "factors_reset")
        detail: dict[str, object] = {"removed": len(removed), "unlinked": unlinked}
        await audit.record(session, actor, "staff.reset_factors", f"person:{person_id}", detail)


async def _fresh_codes(session: AsyncSession, person_id: UUID) -> tuple[str, ...]:
    codes = recovery.new_codes()
    await store.replace_recovery_codes(session, person_id, [recovery.code_hash(person_id, code) for code in codes], now())
    return tuple(codes)


def clean_name(typed: str) -> str:
    """Return what an owner calls a device, fit to be kept; empty when nothing is left of it."""
    return clean_text(typed[:300], 300, multiline=False)[:_NAME_LENGTH].strip()


def _is_obliged(actor: Actor) -> bool:
    held = any(grant.role in NEED_FACTOR for grant in actor.grants)
    return actor.is_withheld or (held and settings().requires_second_factor)


def _own(actor: Actor) -> UUID:
    require(actor, Action.ACCOUNT_OWN)
    if actor.person_id is None:
        raise SignInRequired()
    return actor.person_id
