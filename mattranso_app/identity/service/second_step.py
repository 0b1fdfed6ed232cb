"""The second step of signing in: where a second factor is set up, the first proof alone opens no session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit, db, secrets
from mattranso_app.core.access import Actor
from mattranso_app.core.clock import now
from mattranso_app.core.errors import InvalidInput, NotFound
from mattranso_app.identity import devices, text, throttle
from mattranso_app.identity.factors import passkey_store, passkeys, store
from mattranso_app.identity.factors.store import Ways
from mattranso_app.identity.models import SignInChallenge
from mattranso_app.identity.service import challenges, passkey_proofs, proofs, sessions
from mattranso_app.identity.service.visits import SecondStep, SignedIn, Visit

STEP_LIFE = timedelta(minutes=5)
STEP_GUESSES = 5

_PURPOSE = "second step"
_ACCOUNT_SEAL = "second step account"
_LONGEST = 100
_followers: list[Callable[[AsyncSession, UUID, UUID], Awaitable[None]]] = []


def on_finished(follower: Callable[[AsyncSession, UUID, UUID], Awaitable[None]]) -> None:
    """Have `follower` called with a half-open sign-in's id and its new session's, in their transaction. Twice counts once."""
    if follower not in _followers:
        _followers.append(follower)


async def open_or_ask(
    session: AsyncSession, person_id: UUID, kind: Literal["citizen", "officer"], account: str, visit: Visit, methods: Sequence[str],
    by: str,
) -> SignedIn | SecondStep:
    """After a right first proof, open a session in the caller's transaction, or ask for the second one.

    Args:
        session: the open transaction.
        person_id: who it is.
        kind: "citizen" or "officer".
        account: user name or contact, by which the browser is known from then on.
        visit: the browser.
        methods: the first proof (RFC 8176); with `mfa` in it no second one is asked for.
        by: the first proof, for the audit log.
    """
    if "mfa" not in methods:
        await store.lock_person(session, person_id)  # a factor that is being set up at this moment is asked for already
    if "mfa" in methods or not await store.has_factor(session, person_id):
        return await open_session(session, person_id, kind, account, visit, methods, by)
    token = secrets.new_token()
    moment, challenge = now(), uuid4()
    session.add(
        SignInChallenge(
            id=challenge, token_hash=secrets.hash_token(token, _PURPOSE), person_id=person_id, kind=kind,
            account_cipher=secrets.seal(account, _ACCOUNT_SEAL), methods=list(methods), created_at=moment, expires_at=moment + STEP_LIFE,
        )
    )
    await session.flush()
    await audit.record(session, Actor("anonymous", address=visit.address), "session.first_step", f"person:{person_id}", {"by": by})
    return SecondStep(token, challenge)


async def step_ways(token: str) -> Ways | None:
    """Return what a browser's half-open sign-in can be completed with beside recovery codes; None when none waits (any more)."""
    async with db.reading() as session:
        waiting = await store.fetch_challenge(session, _hashes(token), now())
        return await store.fetch_ways(session, waiting.person_id) if waiting is not None else None


async def forget_step(token: str) -> None:
    """End a browser's half-open sign-in, because somebody signs out there; fine when there is none."""
    if not token:
        return
    async with db.transaction() as session:
        await store.void_challenge(session, _hashes(token), now())


async def options_for_step(token: str) -> dict[str, Any]:
    """Return what the browser of a half-open sign-in is to have a passkey sign.

    Raises:
        InvalidInput: with field `step` when there is no half-open sign-in here (any more).
        NotFound: the person has no passkey.
    """
    async with db.transaction() as session:
        waiting = await store.fetch_challenge(session, _hashes(token), now())
        if waiting is None:
            raise _gone()
        allowed = await passkey_store.fetch_credential_ids(session, waiting.person_id)
        if not allowed:
            raise NotFound(text.NO_PASSKEY)
        challenge = await challenges.issue(session, "second_step", token)
    return passkeys.request_options(challenge, allowed, must_verify=False)


async def finish_sign_in(token: str, typed: str, visit: Visit) -> SignedIn:
    """Open a session with a code as the second proof.

    Args:
        token: what the first step left in this browser; empty when there is none.
        typed: the app's code or a recovery code.
        visit: the browser.

    Raises:
        InvalidInput: with field `step` when there is no half-open sign-in here (any more); with field `code` when the code
            is wrong, used or another person's.
        TooMany: too many guesses at this person's codes from browsers new to him, or from this one.
    """
    waiting, account, attempts = await _guess(token, visit)
    signed = None
    async with db.transaction() as session:
        proof = await proofs.take(session, waiting.person_id, typed)
        if proof is None:
            await _note_refusal(session, waiting.person_id, visit)
        else:
            signed = await _complete(session, waiting, account, visit, proofs.METHODS, proof)
    if signed is None:
        raise InvalidInput(text.PROOF_REFUSED, fields={"code": text.PROOF_REFUSED})
    await throttle.forgive(attempts)
    return signed


async def finish_with_passkey(token: str, answer: str, visit: Visit) -> SignedIn:
    """Open a session with a passkey as the second proof.

    Args:
        token: what the first step left in this browser.
        answer: what the browser answered to `options_for_step`, JSON.
        visit: the browser.

    Raises:
        InvalidInput: as `finish_sign_in`.
        TooMany: as `finish_sign_in`.
    """
    waiting, account, attempts = await _guess(token, visit)
    showing = await passkey_proofs.read(answer, "second_step", token)
    signed = None
    async with db.transaction() as session:
        actor = Actor("anonymous", address=visit.address)
        proof = await passkey_proofs.take(session, actor, showing, waiting.person_id, must_verify=False)
        if proof.fault:
            await _note_refusal(session, waiting.person_id, visit)
        else:
            signed = await _complete(session, waiting, account, visit, proof.methods, "passkey")
    if signed is None:
        raise passkey_proofs.refused(proof.fault)
    await throttle.forgive(attempts)
    return signed


async def _guess(token: str, visit: Visit) -> tuple[Any, str, tuple[int, ...]]:
    """Count a guess before it is judged; return the half-open sign-in, its account's name and the attempts to forgive."""
    async with db.reading() as session:
        waiting = await store.fetch_challenge(session, _hashes(token), now())
    if waiting is None:
        raise _gone()
    account = secrets.unseal(waiting.account_cipher, _ACCOUNT_SEAL)
    attempts = await _reserve(waiting.person_id, account, visit)
    async with db.transaction() as session:
        if not await store.take_guess(session, waiting.id, STEP_GUESSES, now()):
            raise _gone()
    return waiting, account, attempts


async def _complete(
    session: AsyncSession, waiting: Any, account: str, visit: Visit, methods: Sequence[str], by: str
) -> SignedIn:
    if not await store.use_challenge(session, waiting.id, now()):
        raise _gone()
    signed = await open_session(session, waiting.person_id, waiting.kind, account, visit, [*waiting.methods, *methods], by)
    for follower in _followers:
        await follower(session, waiting.id, signed.session_id)
    return signed


async def _note_refusal(session: AsyncSession, person_id: UUID, visit: Visit) -> None:
    await audit.record(session, Actor("anonymous", address=visit.address), "session.second_refused", f"person:{person_id}")


async def open_session(
    session: AsyncSession, person_id: UUID, kind: Literal["citizen", "officer"], account: str, visit: Visit, methods: Sequence[str],
    by: str,
) -> SignedIn:
    """Open a session in the caller's transaction, all proofs being right; arguments as `open_or_ask`."""
    session_id, token = await sessions.open_session(
        session, person_id, kind, visit.address, visit.agent, visit.session_id, list(dict.fromkeys(methods))
    )
    actor = Actor(kind, person_id=person_id, session_id=session_id, address=visit.address)
    await audit.record(session, actor, "session.sign_in", f"person:{person_id}", {"by": by})
    return SignedIn(session_id, person_id, kind, token, devices.remember(visit.device, account))


async def _reserve(person_id: UUID, account: str, visit: Visit) -> tuple[int, ...]:
    """Count an attempt before it is judged; a browser the person has used before has an allowance of its own."""
    nonce = devices.known(visit.device, account)
    if nonce:
        return await throttle.reserve((throttle.PROOF_PER_DEVICE, f"{person_id}{nonce}"))
    return await throttle.reserve(
        (throttle.PROOF_PER_PERSON, person_id.bytes), (throttle.PROOF_PER_PERSON_AND_DAY, person_id.bytes),
        (throttle.GUESSES_PER_ADDRESS, throttle.address_key(visit.address)),
    )


def _hashes(token: str) -> list[bytes]:
    return secrets.token_hashes(token[:_LONGEST], _PURPOSE)


def _gone() -> InvalidInput:
    return InvalidInput(text.STEP_GONE, fields={"step": text.STEP_GONE})
