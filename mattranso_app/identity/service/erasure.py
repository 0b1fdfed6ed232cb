"""Erasing an account, as verbs: its owner asks, Central acts before the legal clock runs out, and every room forgets in one transaction.

What the law has kept stays without the person: the audit log names a number whose account is empty. Petitions that are
open are finished first; published ones stay as the masked copies they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit, db, notify, personal_data
from mattranso_app.core.access import Action, Actor, require
from mattranso_app.core.calendar import working_calendar
from mattranso_app.core.clock import VN, now, today
from mattranso_app.core.errors import BadRequest, Conflict, InvalidInput, NotFound
from mattranso_app.core.personal_data import Identifiers
from mattranso_app.core.text import clean_text
from mattranso_app.identity.own_data import store, text
from mattranso_app.identity.own_data.holder import contacts_of
from mattranso_app.identity.own_data.store import Request
from mattranso_app.identity.service import sessions
from mattranso_app.identity.service.own_data import channel_of, citizen, unfinished
from mattranso_app.identity.service.step_up import require_fresh
from mattranso_app.settings import settings

REASON_LIMIT = 500
_REASON_MINIMUM = 10


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A request as Central sees it: the account by its masked contact, working days left, what must be finished first."""

    request: Request
    contact: str
    days_left: int
    unfinished: int


def due(asked: datetime, days: int) -> datetime:
    """Return when a period of calendar days ends: at the close of its last day, or of the next working day when that is off.

    Civil Code 2015, article 148.5.

    Args:
        asked: when it was asked for; that day is not counted.
        days: of the calendar, at least 1.
    """
    return working_calendar().add_working_days(asked + timedelta(days=days - 1), 1)


async def ask_erasure(actor: Actor) -> int:
    """Ask for the actor's account to be erased.

    Returns:
        The request's number.

    Raises:
        SignInRequired: nobody is signed in.
        ProofRequired: the last proof is too old.
        Conflict: an officer's account, or asked for already.
    """
    person_id = citizen(actor)
    require_fresh(actor)
    moment = now()
    async with db.transaction() as session:
        made = await store.save_request(
            session, person_id, "erase", moment, due(moment, settings().data_erase_days), settings().data_erase_basis
        )
        if made is None:
            raise Conflict(text.ERASE_AGAIN)
        await audit.record(session, actor, "data.ask_erasure", f"person:{person_id}", {"request": made})
    return made


async def cancel_erasure(actor: Actor, request_id: int) -> None:
    """Take the actor's own request back.

    Raises:
        SignInRequired: nobody is signed in.
        Conflict: an officer's account.
        NotFound: it is not the actor's, or not open.
    """
    person_id = citizen(actor)
    async with db.transaction() as session:
        found = await store.lock_request(session, request_id)
        if found is None or found.person_id != person_id:
            raise NotFound(text.NOT_OPEN)
        await store.save_decision(session, request_id, "cancelled", now(), person_id)
        await audit.record(session, actor, "data.cancel_erasure", f"person:{person_id}", {"request": request_id})


async def list_data_requests(actor: Actor, after: str = "") -> tuple[list[OpenRequest], str]:
    """Return a page of open requests, the nearest deadline first, and the word for the next page (empty on the last).

    Raises:
        SignInRequired, Forbidden: not an administrator of Central.
        BadRequest: `after` is none of ours.
    """
    require(actor, Action.DATA_REQUESTS)
    async with db.reading() as session:
        rows = await store.fetch_open_requests(session, _cursor(after))
        waiting = await unfinished(session, [request.person_id for request, _ in rows])
    shown = []
    for request, person in rows[: store.PAGE]:
        contacts = contacts_of(person)
        left = working_calendar().working_days_between(today(), request.due_at.astimezone(VN).date())
        shown.append(OpenRequest(request, contacts[0].masked if contacts else text.NO_CONTACT, left, waiting[request.person_id]))
    last = shown[-1].request if len(rows) > store.PAGE else None
    return shown, f"{last.due_at.timestamp()}_{last.id}" if last else ""


async def foresee_erasure(actor: Actor, request_id: int) -> dict[str, int]:
    """Return the account's name and in how many texts of officers the erasure would take it out; that it was asked is recorded.

    Raises:
        SignInRequired, Forbidden: not an administrator of Central.
        NotFound: there is no such open request.
    """
    require(actor, Action.DATA_REQUESTS)
    async with db.transaction() as session:
        found = await store.fetch_open_request(session, request_id)
        if found is None:
            raise NotFound(text.NOT_OPEN)
        identifiers = await _identify(session, found.person_id)
        foreseen = dict.fromkeys(sorted(identifiers.names), 0)
        for holder in personal_data.holders():
            for name, texts in (await holder.foresee(session, found.person_id, identifiers)).items():
                foreseen[name] += texts
        await audit.record(session, actor, "data.foresee_erasure", f"person:{found.person_id}", {"request": request_id})
    return foreseen


async def fulfil_erasure(actor: Actor, request_id: int) -> int:
    """Erase the account a request is about: every room forgets the person, all in one transaction.

    Returns:
        In how many rows something was taken out.

    Raises:
        SignInRequired, Forbidden: not an administrator of Central.
        ProofRequired: the last proof is too old.
        NotFound: there is no such open request.
        Conflict: something of the person's is not finished yet; nothing is done then.
    """
    require(actor, Action.DATA_REQUESTS)
    require_fresh(actor)
    async with db.transaction() as session:
        found = await store.lock_request(session, request_id)
        person = await store.fetch_person(session, found.person_id, lock=True) if found else None
        if found is None or person is None:
            raise NotFound(text.NOT_OPEN)
        waiting = (await unfinished(session, [found.person_id]))[found.person_id]
        if waiting:
            raise Conflict(text.DESK_UNFINISHED.format(count=waiting))
        holders = personal_data.holders()
        identifiers = await _identify(session, found.person_id)
        for contact in contacts_of(person)[:1]:
            if notify.gateway_for(channel_of(contact)) is not None:
                await notify.send(
                    session, channel=channel_of(contact), to=contact.value, subject=text.ERASED_SUBJECT, text=text.ERASED_MESSAGE,
                    template="data_erased", useful_for=timedelta(days=1),
                )
        await sessions.end(session, "erased", person_id=found.person_id)
        changed = {holder.name: await holder.erase(session, found.person_id, identifiers) for holder in holders}
        await store.save_decision(session, request_id, "done", now(), actor.person_id)
        await audit.record(session, actor, "data.erase", f"person:{found.person_id}", {"request": request_id, "rows": changed})
    return sum(changed.values())


async def refuse_erasure(actor: Actor, request_id: int, reason: str) -> None:
    """Refuse a request; its owner reads why.

    Raises:
        SignInRequired, Forbidden: not an administrator of Central.
        ProofRequired: the last proof is too old.
        InvalidInput: no reason, or one too long.
        NotFound: there is no such open request.
    """
    require(actor, Action.DATA_REQUESTS)
    require_fresh(actor)
    words = clean_text(reason[: 4 * REASON_LIMIT], 4 * REASON_LIMIT, multiline=False).strip()
    if not _REASON_MINIMUM <= len(words) <= REASON_LIMIT:
        raise InvalidInput(text.REASON_RULE, fields={"ly-do": text.REASON_RULE})
    async with db.transaction() as session:
        found = await store.lock_request(session, request_id)
        if found is None:
            raise NotFound(text.NOT_OPEN)
        await store.save_decision(session, request_id, "refused", now(), actor.person_id, words)
        await audit.record(session, actor, "data.refuse_erasure", f"person:{found.person_id}", {"request": request_id})


async def _identify(session: AsyncSession, person_id: UUID) -> Identifiers:
    return Identifiers().joined([await holder.identify(session, person_id) for holder in personal_data.holders()])


def _cursor(word: str) -> tuple[datetime, int] | None:
    if not word:
        return None
    at, _, number = word[:60].partition("_")
    try:
        return datetime.fromtimestamp(float(at), VN), int(number)
    except (ValueError, OverflowError, OSError) as error:
        raise BadRequest() from error
