"""Sessions: opening, looking up, keeping alive, ending. A cookie's token is known to us as a keyed hash only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit, db, secrets
from mattranso_app.core.access import Action, Actor, require
from mattranso_app.core.clock import now
from mattranso_app.core.errors import NotFound, SignInRequired, Unavailable
from mattranso_app.identity import store, text, throttle
from mattranso_app.identity.factors import passkey_store
from mattranso_app.identity.invitations import store as invitation_store
from mattranso_app.identity.models import SignInSession
from mattranso_app.identity.store import LiveSession, SessionRow
from mattranso_app.settings import settings

REFRESH_AFTER = timedelta(seconds=60)
"""How stale the idle deadline may be before a sign of life is written down."""

_TOKEN_LENGTH = 43
_PURPOSE = "session"
_listeners: list[Callable[[Sequence[UUID]], None]] = []
_followers: list[Callable[[AsyncSession, Sequence[UUID]], Awaitable[None]]] = []


def on_ended(listener: Callable[[Sequence[UUID]], None]) -> None:
    """Have `listener` called with the ids of sessions this process has just ended, after the commit. Twice counts once."""
    if listener not in _listeners:
        _listeners.append(listener)


def on_ending(follower: Callable[[AsyncSession, Sequence[UUID]], Awaitable[None]]) -> None:
    """Have `follower` called with the ids of sessions that end, in the transaction that ends them. Twice counts once."""
    if follower not in _followers:
        _followers.append(follower)


def idle_allowance(kind: str) -> timedelta:
    """Return how long somebody of `kind` may stay away: officers shorter than citizens."""
    config = settings()
    return timedelta(seconds=config.session_idle_officer if kind == "officer" else config.session_idle_citizen)


async def authenticate(token: str, address: str) -> LiveSession | None:
    """Return the live session a cookie names, or None: unknown, ended, idle or old, person disabled, malformed.

    Args:
        token: the cookie's value as it came.
        address: the client's network address, for the actor.
    """
    if len(token) != _TOKEN_LENGTH or not token.isascii():
        return None
    return await store.fetch_session_by_token(secrets.token_hashes(token, _PURPOSE), now(), address)


async def recheck(session_id: UUID, address: str) -> LiveSession | None:
    """Return the session `session_id` if it still lives; the guard asks before every event."""
    return await store.fetch_session_by_id(session_id, now(), address)


async def touch(found: LiveSession, at_once: bool = False) -> LiveSession:
    """Note a sign of life: moves the idle deadline, at most once a minute unless `at_once`.

    Where nothing can be written just now (a full disk), the deadline stays: who reads must not be refused for that.
    """
    moment = now()
    if not at_once and moment - found.last_seen_at < REFRESH_AFTER:
        return found
    until = moment + idle_allowance(found.actor.kind)
    try:
        async with db.transaction() as session:
            await store.save_last_seen(session, found.id, moment, until)
    except Unavailable:
        return found
    return replace(found, last_seen_at=moment, idle_expires_at=min(until, found.absolute_expires_at))


async def open_session(
    session: AsyncSession, person_id: UUID, kind: str, address: str, agent: str, replaces: UUID | None, methods: Sequence[str]
) -> tuple[UUID, str]:
    """Open a session in the caller's transaction: always a new id and token, the browser's former session ends.

    Args:
        session: the open transaction.
        person_id: whose it is.
        kind: "citizen" or "officer".
        address: network address of the browser.
        agent: its user agent.
        replaces: the session this browser held.
        methods: how the person proved who he is, in the words of RFC 8176: `pwd`, `otp`, `sms`, `hwk`, `mfa` …

    Returns:
        The session's id and the token for the cookie, which is nowhere else.
    """
    moment = now()
    if replaces is not None:
        await end(session, "replaced", session_id=replaces)
    token = secrets.new_token()
    absolute = moment + timedelta(seconds=settings().session_absolute)
    row = SignInSession(
        id=uuid4(), token_hash=secrets.hash_token(token, _PURPOSE), person_id=person_id, created_at=moment, last_seen_at=moment,
        idle_expires_at=min(moment + idle_allowance(kind), absolute), absolute_expires_at=absolute, address=address,
        agent=agent[:200], methods=list(methods), proved_at=moment,
    )
    session.add(row)
    await session.flush()
    return row.id, token


async def prove(session: AsyncSession, session_id: UUID, methods: Sequence[str]) -> str:
    """Note in the caller's transaction that the person behind a live session has just proved himself again.

    The cookie's token changes, so that one known before is worth nothing; the session itself goes on, with its open
    sockets and with the applications signed in through it.

    Args:
        session: the open transaction.
        session_id: the session.
        methods: what is added to how it was proved (RFC 8176).

    Returns:
        The new token for the cookie.

    Raises:
        SignInRequired: it has ended meanwhile.
    """
    token = secrets.new_token()
    done = await session.execute(
        sql(
            "UPDATE sign_in_session SET token_hash = :token, proved_at = :now, "
            "methods = methods || ARRAY(SELECT unnest(CAST(:methods AS text[])) EXCEPT SELECT unnest(methods) ORDER BY 1) "
            "WHERE id = :id AND ended_at IS NULL RETURNING id"
        ),
        {"token": secrets.hash_token(token, _PURPOSE), "now": now(), "methods": list(methods), "id": session_id},
    )
    if done.one_or_none() is None:
        raise SignInRequired()
    return token


async def end(
    session: AsyncSession, reason: str, *, session_id: UUID | None = None, person_id: UUID | None = None,
    spare: UUID | None = None,
) -> list[UUID]:
    """End sessions in the caller's transaction (arguments as `store.save_session_end`); their sockets are cut after it."""
    ended = await store.save_session_end(session, now(), reason, session_id=session_id, person_id=person_id, spare=spare)
    if ended:
        for follower in _followers:
            await follower(session, ended)
        db.after_commit(session, lambda: _tell(ended))
    return ended


def _tell(ended: Sequence[UUID]) -> None:
    for listener in _listeners:
        listener(ended)


async def sign_out(actor: Actor) -> None:
    """End the session `actor` speaks from; nothing to do for who is not signed in."""
    if actor.session_id is None:
        return
    async with db.transaction() as session:
        await end(session, "signed_out", session_id=actor.session_id)
        await audit.record(session, actor, "session.sign_out", f"person:{actor.person_id}")


async def list_sessions(actor: Actor) -> list[SessionRow]:
    """Return the actor's own live sessions, newest first.

    Raises:
        SignInRequired: nobody is signed in.
    """
    person_id = _own(actor)
    async with db.reading() as session:
        return await store.fetch_sessions(session, person_id, now())


async def end_session(actor: Actor, session_id: UUID) -> None:
    """End one of the actor's own sessions.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: it is not the actor's, or has ended.
    """
    person_id = _own(actor)
    async with db.transaction() as session:
        if not await end(session, "ended_by_owner", session_id=session_id, person_id=person_id):
            raise NotFound(text.UNKNOWN_SESSION)
        await audit.record(session, actor, "session.end", f"person:{person_id}", {"session": str(session_id)})


async def end_all_others(actor: Actor) -> int:
    """End every session of the actor but the one spoken from.

    Returns:
        How many ended.

    Raises:
        SignInRequired: nobody is signed in.
    """
    person_id = _own(actor)
    async with db.transaction() as session:
        ended = await end(session, "ended_by_owner", person_id=person_id, spare=actor.session_id)
        await audit.record(session, actor, "session.end_others", f"person:{person_id}", {"count": len(ended)})
    return len(ended)


def _own(actor: Actor) -> UUID:
    require(actor, Action.ACCOUNT_OWN)
    if actor.person_id is None:
        raise SignInRequired()
    return actor.person_id


async def sweep() -> None:
    """Remove attempts, codes and old sessions nobody looks at any more."""
    await throttle.sweep()
    async with db.transaction() as session:
        await store.sweep(session, now())
        await passkey_store.sweep(session, now())
        await invitation_store.sweep(session, now())
