"""Personal access tokens, as verbs: making one, listing, revoking, and finding out who is behind one.

A token opens what its person may do *and* what it was made for. It is shown once and kept as a keyed hash.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit, db, secrets
from mattranso_app.core.access import Action, Actor, require
from mattranso_app.core.clock import now
from mattranso_app.core.errors import Conflict, InvalidInput, NotFound, SignInRequired, TokenRefused, Unavailable
from mattranso_app.core.text import clean_text
from mattranso_app.identity import throttle
from mattranso_app.identity.factors.store import lock_person
from mattranso_app.identity.service.step_up import require_fresh
from mattranso_app.identity.store import counting_roles
from mattranso_app.identity.tokens import scopes as scoped
from mattranso_app.identity.tokens import store, text
from mattranso_app.identity.tokens.store import OwnToken

LONGEST_DAYS = 365
NAME_LIMIT = 60
REFRESH_AFTER = timedelta(seconds=60)
"""How stale "last used" may be before it is written down again."""

_PURPOSE = "access token"


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made: `token` is told only here."""

    id: UUID
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LiveToken:
    """A token that holds now, with the actor it speaks for."""

    id: UUID
    actor: Actor
    expires_at: datetime
    unit_name: str


async def create_token(actor: Actor, *, name: str, scopes: Sequence[str], days: int) -> NewToken:
    """Make a token for a program of the actor's own.

    Args:
        actor: the owner, in a session proved lately.
        name: what it is for, as the owner will recognise it.
        scopes: what it may do, values of `tokens.scopes.SCOPES`.
        days: how long it holds, 1 to LONGEST_DAYS.

    Raises:
        SignInRequired: nobody is signed in.
        ProofRequired: the last proof is too old.
        InvalidInput: no name, no or an unknown scope, too long a life.
        Conflict: the person holds `store.MOST` already.
        TooMany: too many made today.
    """
    person_id = _own(actor)
    require_fresh(actor)
    if actor.session_id is None:
        raise SignInRequired()
    shown = clean_text(name[:300], 300, multiline=False).strip()
    fields = {}
    if not 1 <= len(shown) <= NAME_LIMIT:
        fields["ten"] = text.NAME_RULE
    if not scopes or not set(scopes) <= set(scoped.SCOPES):
        fields["pham-vi"] = text.SCOPE_RULE
    if not 1 <= days <= LONGEST_DAYS:
        fields["ngay"] = text.DAYS_RULE
    if fields:
        raise InvalidInput(fields=fields)
    await throttle.reserve((throttle.TOKENS_PER_PERSON, person_id.bytes))
    token, moment, token_id = scoped.new_token(), now(), uuid4()
    expires = moment + timedelta(days=days)
    wanted = sorted(set(scopes))
    async with db.transaction() as session:
        await lock_person(session, person_id)  # of two made at once the second counts the first
        if len(await store.fetch_tokens(session, person_id, moment)) >= store.MOST:
            raise Conflict(text.MOST_TOKENS.format(count=store.MOST))
        made = await store.save_token(
            session,
            {
                "id": token_id, "person_id": person_id, "name": shown, "token_hash": secrets.hash_token(token, _PURPOSE),
                "scopes": wanted, "now": moment, "expires_at": expires, "session_id": actor.session_id,
            },
        )
        if not made:
            raise SignInRequired()
        await audit.record(
            session, actor, "token.create", f"person:{person_id}",
            {"token": str(token_id), "scopes": wanted, "expires": expires.isoformat()},
        )
    return NewToken(token_id, token, expires)


async def list_tokens(actor: Actor) -> list[OwnToken]:
    """Return the actor's own living tokens, newest first.

    Raises:
        SignInRequired: nobody is signed in.
        ProofRequired: the last proof is too old.
    """
    person_id = _own(actor)
    require_fresh(actor)
    async with db.reading() as session:
        return await store.fetch_tokens(session, person_id, now())


async def revoke_token(actor: Actor, token_id: UUID) -> None:
    """Revoke one of the actor's own tokens; it opens nothing from then on.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: it is not the actor's, or revoked already.
    """
    person_id = _own(actor)
    async with db.transaction() as session:
        if not await store.save_revoked(session, person_id, now(), token_id):
            raise NotFound(text.UNKNOWN_TOKEN)
        await audit.record(session, actor, "token.revoke", f"person:{person_id}", {"token": str(token_id)})


async def revoke_all(session: AsyncSession, person_id: UUID) -> None:
    """Revoke every token of a person whose account is taken out or taken back, in the caller's transaction."""
    await store.save_revoked(session, person_id, now())


async def authenticate_token(token: str, address: str) -> LiveToken:
    """Return who is behind a token sent with a request.

    Args:
        token: as it came.
        address: the client's network address; wrong tokens are counted by it.

    Raises:
        TokenRefused: unknown, expired, revoked, malformed, or the person is disabled; the words are the same for all.
        TooMany: too many wrong tokens from this address. A right one still opens.
    """
    row = None
    moment = now()
    if scoped.PATTERN.fullmatch(token):
        row = await store.fetch_live(secrets.token_hashes(token, _PURPOSE), moment)
    if row is None:
        await throttle.reserve((throttle.TOKENS_PER_ADDRESS, throttle.address_key(address)))
        raise TokenRefused()
    grants, withheld = counting_roles(row.grants, row.methods)
    actor = Actor(
        kind=row.kind, person_id=row.person_id, name=row.display_name, unit_id=row.unit_id, unit_path=row.unit_path,
        grants=grants, address=address, withheld=withheld, limited_to=scoped.actions(row.scopes),
    )
    if row.last_used_at is None or moment - row.last_used_at >= REFRESH_AFTER:
        await _note_use(row.id, moment)
    return LiveToken(row.id, actor, row.expires_at, row.unit_name)


async def _note_use(token_id: UUID, moment: datetime) -> None:
    try:
        async with db.transaction() as session:
            await store.save_used(session, token_id, moment)
    except Unavailable:
        return  # a full disk: who reads must not be refused for that


def _own(actor: Actor) -> UUID:
    require(actor, Action.ACCOUNT_OWN)
    if actor.person_id is None:
        raise SignInRequired()
    return actor.person_id
