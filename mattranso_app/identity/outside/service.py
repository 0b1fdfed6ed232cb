"""Signing in with an outside account, as verbs: going there, coming back, deciding the first time, linking, unlinking, logout."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit, db, secrets
from mattranso_app.core.access import Action, Actor, require
from mattranso_app.core.clock import now
from mattranso_app.core.errors import BadRequest, Conflict, DomainError, SignInRequired, Unavailable
from mattranso_app.identity import throttle
from mattranso_app.identity.outside import attempts, client, linking, remote, store, text, tokens
from mattranso_app.identity.outside.attempts import Attempt
from mattranso_app.identity.outside.claims import OutsidePerson
from mattranso_app.identity.outside.client import Unbelievable
from mattranso_app.identity.outside.linking import Account
from mattranso_app.identity.outside.providers import provider_named, providers
from mattranso_app.identity.service import second_step, sessions
from mattranso_app.identity.service.step_up import require_fresh
from mattranso_app.identity.service.visits import SecondStep, SignedIn, Visit
from mattranso_app.settings import OutsideProvider

PENDING_LIFE = timedelta(minutes=10)
_PENDING_SEAL = "outside.pending"
_STATE = "outside.state"
_JTI = "outside.jti"


@dataclass(frozen=True, slots=True)
class Away:
    """Send the browser to `address`; `cookie` is the new value of its cookie."""

    address: str
    cookie: str


@dataclass(frozen=True, slots=True)
class FirstTime:
    """The person has no account here yet and decides; `token` goes into a short-lived cookie."""

    token: str


@dataclass(frozen=True, slots=True)
class Linked:
    """The account was linked that asked for it."""


@dataclass(frozen=True, slots=True)
class Back:
    """What came of a way to the provider, and where to go on to."""

    outcome: SignedIn | SecondStep | FirstTime | Linked
    following: str


@dataclass(frozen=True, slots=True)
class Pending:
    """A first sign-in that waits for a decision."""

    provider: OutsideProvider
    person: OutsidePerson
    following: str


@dataclass(frozen=True, slots=True)
class OwnLink:
    """A provider as a person's own page shows it: `link` is None where there is none; the number is masked."""

    provider: OutsideProvider
    link: store.Link | None
    number: str


async def begin(provider: OutsideProvider, cookie: str, following: str) -> Away:
    """Begin to sign somebody in at a provider.

    Args:
        provider: where.
        cookie: the browser's cookie of attempts as it came.
        following: our own address to go on to.

    Raises:
        Unavailable: the provider is down.
    """
    attempt = attempts.new_attempt(provider.name, following)
    return Away(await client.way_to(provider, attempt), attempts.add(cookie, attempt))


async def begin_link(actor: Actor, provider: OutsideProvider, cookie: str) -> Away:
    """Begin to link the actor's account to one at a provider.

    Raises:
        SignInRequired: nobody is signed in.
        ProofRequired: the actor's last proof is too old.
        Conflict: the account has a link there.
        Unavailable: the provider is down.
    """
    person_id, session_id = _own(actor)
    require_fresh(actor)
    async with db.reading() as session:
        if any(held.provider == provider.name for held in await store.fetch_links(session, person_id)):
            raise Conflict(text.HAS_LINK.format(label=provider.label))
    attempt = attempts.new_attempt(provider.name, "", str(session_id))
    return Away(await client.way_to(provider, attempt), attempts.add(cookie, attempt))


async def finish(provider: OutsideProvider, pairs: Sequence[tuple[str, str]], cookie: str, visit: Visit, actor: Actor) -> Back:
    """Take the browser's way back from a provider.

    Args:
        provider: whose callback was opened.
        pairs: parameters as they came.
        cookie: the browser's cookie of attempts.
        visit: the browser.
        actor: who is signed in there already.

    Raises:
        BadRequest: another browser, too late, used already, or an answer that is not to be believed; nothing has changed.
        Forbidden: account disabled, or assurance too low.
        Conflict: the accounts may not be linked.
        ProofRequired: for linking, the actor's last proof is too old.
        TooMany: too many bad answers from this address.
        Unavailable: the provider is down.
    """
    counted = await throttle.reserve((throttle.OUTSIDE_PER_ADDRESS, throttle.address_key(visit.address)))
    try:
        answer = client.parameters(provider, pairs)
        attempt = await _use_up(provider, answer.get("state", ""), cookie)
        person = await client.person_behind(provider, attempt, answer)
        back = await _decide(provider, attempt, person, visit, actor)
    except DomainError as error:
        await _note_refusal(provider, error, actor, visit)
        raise
    await throttle.forgive(counted)
    return back


async def pending(token: str) -> Pending | None:
    """Return the first sign-in that waits in a browser, None when there is none."""
    if not token:
        return None
    async with db.reading() as session:
        return await _pending(session, token)


async def create_account(token: str, visit: Visit) -> Back:
    """Make a citizen's account for who waits in this browser, and sign him in.

    Raises:
        BadRequest: nobody waits here any more.
        Conflict: he has been linked meanwhile.
    """
    actor = Actor("anonymous", address=visit.address)
    async with db.transaction() as session:
        waiting = await _take_pending(session, token)
        person_id = await linking.new_citizen(session, waiting.provider, waiting.person)
        await audit.record(session, actor, "outside.create", f"person:{person_id}", {"provider": waiting.provider.name})
        signed = await _open(session, waiting.provider, waiting.person, Account(person_id, "citizen"), visit)
    return Back(signed, waiting.following)


async def confirm_link(actor: Actor, token: str) -> None:
    """Link the actor's account to the outside one that waits in this browser: both are proved.

    Raises:
        SignInRequired: nobody is signed in.
        ProofRequired: the actor's last proof is too old.
        BadRequest: nobody waits here any more.
        Conflict: either has a link already.
    """
    person_id, _ = _own(actor)
    require_fresh(actor)
    async with db.transaction() as session:
        waiting = await _take_pending(session, token)
        await linking.link(session, waiting.provider, waiting.person, person_id)
        await audit.record(session, actor, "outside.link", f"person:{person_id}", {"provider": waiting.provider.name})


async def forget_pending(token: str) -> None:
    """Forget who waits in this browser, because he said no or somebody signs out there."""
    if not token:
        return
    async with db.transaction() as session:
        await store.delete_pending(session, _pending_hashes(token))


async def unlink(actor: Actor, provider: OutsideProvider) -> None:
    """Take the actor's own link to a provider away, and the identity number with it. What it has opened ends, but for the session
    spoken from.

    Raises:
        SignInRequired: nobody is signed in.
        ProofRequired: the actor's last proof is too old.
        Conflict: there is no such link, or it is the only way into the account.
    """
    person_id, session_id = _own(actor)
    require_fresh(actor)
    moment = now()
    async with db.transaction() as session:
        person = await store.lock_person(session, person_id)
        held = await store.fetch_links(session, person_id)
        if not any(link.provider == provider.name for link in held):
            raise Conflict(text.NO_LINK.format(label=provider.label))
        if not (person.has_contact or person.has_password or len(held) > 1):
            raise Conflict(text.ONLY_WAY)
        await store.remove_links(session, person_id, moment, provider.name)
        await store.void_half_open_of(session, person_id, provider.name, moment)
        ended: list[UUID] = []
        for opened in await store.fetch_sessions_of(session, person_id, provider.name, but=session_id):
            ended += await sessions.end(session, "unlinked", session_id=opened)
        await linking.tell(session, provider, person_id, text.UNLINKED_SUBJECT, text.UNLINKED_NOTICE, "link_removed")
        detail: dict[str, object] = {"provider": provider.name, "sessions": len(ended)}
        await audit.record(session, actor, "outside.unlink", f"person:{person_id}", detail)


async def list_links(actor: Actor) -> list[OwnLink]:
    """Return every provider with the actor's own link to it, where there is one.

    Raises:
        SignInRequired: nobody is signed in.
    """
    person_id, _ = _own(actor)
    async with db.reading() as session:
        held = {link.provider: link for link in await store.fetch_links(session, person_id)}
    return [OwnLink(provider, held.get(provider.name), _masked(held.get(provider.name))) for provider in providers()]


async def log_out(provider: OutsideProvider, token: object) -> int:
    """Take a provider's news that a session has ended there; those that came from it end here too.

    Returns:
        How many ended.

    Raises:
        BadRequest: the token is not to be believed, or was used already.
        Unavailable: the provider's keys cannot be had.
    """
    try:
        claims = await tokens.check_logout_token(provider, token)
    except (remote.Unreachable, remote.Refused) as error:
        raise Unavailable(text.DOWN.format(label=provider.label)) from error
    except tokens.BadToken as error:
        raise Unbelievable(provider, str(error)) from error
    subject, sid = claims.get("sub"), claims.get("sid")
    subjects = linking.subject_hashes(provider, subject) if subject else []
    sids = linking.sid_hashes(provider, sid) if sid else []
    jti = secrets.hash_token(f"{provider.issuer}\n{claims['jti']}", _JTI)
    moment = now()
    async with db.transaction() as session:
        if not await store.save_seen(session, jti, moment + timedelta(seconds=2 * tokens.AGE_MOST)):
            raise Unbelievable(provider, "jti")
        await store.void_half_open(session, provider.name, subjects, sids, moment)
        ended: list[UUID] = []
        while found := await store.fetch_sessions(session, provider.name, subjects, sids):
            for session_id in found:
                ended += await sessions.end(session, "outside_logout", session_id=session_id)
        actor = Actor("anonymous")
        await audit.record(session, actor, "outside.logout", f"provider:{provider.name}", {"sessions": len(ended)})
    return len(ended)


async def _use_up(provider: OutsideProvider, state: str, cookie: str) -> Attempt:
    """Return the attempt an answer belongs to; from now on nobody else can."""
    attempt = attempts.find(cookie, provider.name, state) if state else None
    if attempt is None:
        raise BadRequest(text.OTHER_BROWSER)
    expires = now() + timedelta(seconds=2 * attempts.LIFE)
    async with db.transaction() as session:
        if not await store.save_seen(session, secrets.hash_token(state, _STATE), expires):
            raise BadRequest(text.OTHER_BROWSER)
    return attempt


async def _decide(provider: OutsideProvider, attempt: Attempt, person: OutsidePerson, visit: Visit, actor: Actor) -> Back:
    if attempt.session_id:
        return await _link(provider, attempt, person, actor)
    anonymous = Actor("anonymous", address=visit.address)
    async with db.transaction() as session:
        account = await linking.find(session, provider, person, anonymous)
        if account is not None:
            return Back(await _open(session, provider, person, account, visit), attempt.following)
        token = secrets.new_token()
        moment = now()
        await store.save_pending(session, {
            "token_hash": _pending_hashes(token)[0], "provider": provider.name, "following": attempt.following, "now": moment,
            "person_cipher": secrets.seal(json.dumps(asdict(person)), _PENDING_SEAL), "expires": moment + PENDING_LIFE,
        })
        await audit.record(session, anonymous, "outside.first_time", f"provider:{provider.name}", {"level": person.level})
    return Back(FirstTime(token), attempt.following)


async def _link(provider: OutsideProvider, attempt: Attempt, person: OutsidePerson, actor: Actor) -> Back:
    if actor.person_id is None or str(actor.session_id) != attempt.session_id:
        raise BadRequest(text.SESSION_CHANGED)
    require_fresh(actor)
    async with db.transaction() as session:
        await linking.link(session, provider, person, actor.person_id)
        detail: dict[str, object] = {"provider": provider.name, "level": person.level}
        await audit.record(session, actor, "outside.link", f"person:{actor.person_id}", detail)
    return Back(Linked(), "")


async def _open(
    session: AsyncSession, provider: OutsideProvider, person: OutsidePerson, account: Account, visit: Visit
) -> SignedIn | SecondStep:
    signed = await second_step.open_or_ask(
        session, account.person_id, account.kind, f"outside {account.person_id}", visit, person.methods, f"outside:{provider.name}"
    )
    await store.save_session(session, {
        "session_id": signed.session_id if isinstance(signed, SignedIn) else None,
        "challenge_id": signed.id if isinstance(signed, SecondStep) else None,
        "provider": provider.name, "subject_hash": linking.subject_hashes(provider, person.subject)[0], "now": now(),
        "sid_hash": linking.sid_hashes(provider, person.sid)[0] if person.sid else None,
    })
    if isinstance(signed, SignedIn):
        await store.save_proved_at(session, signed.session_id, min(now(), datetime.fromtimestamp(person.proved_at, UTC)))
    return signed


async def _pending(session: AsyncSession, token: str, lock: bool = False) -> Pending | None:
    row = await store.fetch_pending(session, _pending_hashes(token), now(), lock)
    provider = provider_named(row.provider) if row else None
    if row is None or provider is None:
        return None
    kept = json.loads(secrets.unseal(row.person_cipher, _PENDING_SEAL))
    return Pending(provider, OutsidePerson(**{**kept, "methods": tuple(kept["methods"])}), row.following)


async def _take_pending(session: AsyncSession, token: str) -> Pending:
    waiting = await _pending(session, token, lock=True) if token else None
    if waiting is None:
        raise BadRequest(text.PENDING_GONE)
    await store.delete_pending(session, _pending_hashes(token))
    return waiting


async def _note_refusal(provider: OutsideProvider, error: DomainError, actor: Actor, visit: Visit) -> None:
    reason = error.reason if isinstance(error, Unbelievable) else error.code
    who = actor if actor.is_signed_in else Actor("anonymous", address=visit.address)
    async with db.transaction() as session:
        await audit.record(session, who, "outside.refused", f"provider:{provider.name}", {"reason": reason})


def _pending_hashes(token: str) -> list[bytes]:
    return secrets.token_hashes(token[:100], _PENDING_SEAL)


def _masked(link: store.Link | None) -> str:
    if link is None or link.number_cipher is None:
        return ""
    return f"•••• •••• {secrets.unseal(link.number_cipher, linking.NUMBER_SEAL)[-4:]}"


def _own(actor: Actor) -> tuple[UUID, UUID]:
    require(actor, Action.ACCOUNT_OWN)
    if actor.person_id is None or actor.session_id is None:
        raise SignInRequired()
    return actor.person_id, actor.session_id


async def sweep() -> None:
    """Remove what can no longer be used."""
    async with db.transaction() as session:
        await store.sweep(session, now())


second_step.on_finished(store.save_session_opened)
