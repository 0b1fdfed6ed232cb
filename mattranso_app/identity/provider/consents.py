"""What a person has agreed to: the applications that may know him, and taking the consent back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mattranso_app.core import audit, db
from mattranso_app.core.access import Action, Actor, require
from mattranso_app.core.clock import now
from mattranso_app.core.errors import NotFound, SignInRequired
from mattranso_app.identity.provider import parameters, store, text


@dataclass(frozen=True, slots=True)
class Held:
    """A consent that holds: what the application `name` may learn since `granted_at`; it last got tokens at `last_used_at`."""

    id: int
    client_id: str
    name: str
    scopes: tuple[str, ...]
    granted_at: datetime
    last_used_at: datetime | None


async def list_consents(actor: Actor, before: int | None = None) -> list[Held]:
    """Return one page of the actor's own consents that hold, newest first.

    Args:
        actor: whose they are.
        before: id of the last consent of the page before; None for the first page.

    Raises:
        SignInRequired: nobody is signed in.
    """
    person_id = _own(actor)
    async with db.reading() as session:
        rows = await store.fetch_consents(session, person_id, before)
    return [
        Held(row.id, row.client_id, row.name, tuple(row.scope.split()), row.granted_at, row.last_used_at) for row in rows
    ]


async def withdraw_consent(actor: Actor, client_id: str) -> None:
    """Take the actor's consent back: every token the application holds for him is void at once; it must ask anew.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: he has not agreed to such an application.
    """
    person_id = _own(actor)
    if not parameters.is_clean([client_id]):
        raise NotFound(text.UNKNOWN_APPLICATION)
    moment = now()
    async with db.transaction() as session:
        # Tokens first: an exchange takes its rows in this order too, so the two never wait for one another.
        count = await store.revoke_person_at_client(session, person_id, client_id, moment)
        if not await store.save_consent_withdrawn(session, person_id, client_id, moment):
            raise NotFound(text.UNKNOWN_APPLICATION)
        details = {"client": client_id, "revoked": count}
        await audit.record(session, actor, "application.withdraw_consent", f"person:{person_id}", details)


def _own(actor: Actor) -> UUID:
    require(actor, Action.ACCOUNT_OWN)
    if actor.person_id is None:
        raise SignInRequired()
    return actor.person_id
