"""One's own data, as verbs: seeing what is held, correcting it, taking it away. Erasing is in `erasure`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit, db, files, jobs, notify, personal_data, secrets
from mattranso_app.core.access import Action, Actor, require
from mattranso_app.core.clock import now
from mattranso_app.core.errors import Conflict, InvalidInput, NotFound, SignInRequired, Unavailable
from mattranso_app.core.personal_data import Section
from mattranso_app.core.text import clean_text
from mattranso_app.identity import text as identity_text
from mattranso_app.identity import throttle
from mattranso_app.identity.contacts import Contact, parse_contact
from mattranso_app.identity.models import OneTimeCode
from mattranso_app.identity.own_data import store, text
from mattranso_app.identity.own_data.holder import contacts_of
from mattranso_app.identity.own_data.store import Export, Request
from mattranso_app.identity.service import access_tokens, sessions
from mattranso_app.identity.service.sign_in import CODE_GUESSES, CODE_LIFE, CONTACT_HASH, CONTACT_SEAL, Challenge
from mattranso_app.identity.service.step_up import require_fresh
from mattranso_app.settings import settings

SHOWN = 20
"""Rows of a section the page shows; the archive has all."""

EXPORT_TASK = "identity.export_data"
_NAME_LIMIT = 100


@dataclass(frozen=True, slots=True)
class OwnData:
    """What the page shows: sections of what is held, archives, requests, and what must be finished before an erasure."""

    name: str
    sections: list[Section]
    exports: list[Export]
    requests: list[Request]
    unfinished: int


async def view_own_data(actor: Actor) -> OwnData:
    """Return what is held of the actor, contacts masked.

    Raises:
        SignInRequired: nobody is signed in.
    """
    person_id = own(actor)
    moment = now()
    async with db.reading() as session:
        sections = await collect(session, person_id, SHOWN, is_whole=False)
        return OwnData(
            actor.name, sections, await store.fetch_exports(session, person_id, moment),
            await store.fetch_own_requests(session, person_id), (await unfinished(session, [person_id]))[person_id],
        )


async def own_contact(actor: Actor) -> str:
    """Return a contact of the actor's account a code can be sent to, empty for an account without one (an officer's).

    Raises:
        SignInRequired: nobody is signed in.
    """
    person_id = own(actor)
    async with db.reading() as session:
        person = await store.fetch_person(session, person_id)
    held = contacts_of(person) if person is not None else []
    return held[0].value if held else ""


async def change_name(actor: Actor, name: str) -> None:
    """Change the name the actor's account shows; empty for none.

    Raises:
        SignInRequired: nobody is signed in.
        Conflict: an officer, whose name his administrator keeps.
        InvalidInput: too long.
    """
    person_id = citizen(actor)
    shown = clean_text(name[:500], 500, multiline=False).strip()
    if len(shown) > _NAME_LIMIT:
        raise InvalidInput(fields={"ten": text.NAME_RULE})
    async with db.transaction() as session:
        if not await store.save_name(session, person_id, shown, now()):
            raise SignInRequired()
        await audit.record(session, actor, "data.name", f"person:{person_id}")


async def request_contact_code(actor: Actor, target: str) -> Challenge:
    """Send a code to a contact the actor wants to use from now on; the same whether or not it belongs to anybody.

    Raises:
        SignInRequired: nobody is signed in.
        Conflict: an officer's account.
        ProofRequired: the last proof is too old.
        InvalidInput: `target` is no contact.
        TooMany: too many codes for this contact or account.
        Unavailable: no way to send it is configured.
    """
    person_id = citizen(actor)
    require_fresh(actor)
    contact = parse_contact(target)
    channel = channel_of(contact)
    if notify.gateway_for(channel) is None:
        raise Unavailable(identity_text.NO_SMS if channel == "sms" else "")
    await throttle.reserve((throttle.CODE_PER_CONTACT, contact.value), (throttle.CONTACT_PER_PERSON, person_id.bytes))
    code, challenge, moment = secrets.new_code(), uuid4(), now()
    async with db.transaction() as session:
        session.add(
            OneTimeCode(
                id=challenge, purpose="contact", person_id=person_id, code_hash=secrets.hash_token(f"{challenge}:{code}", "one-time code"),
                contact_cipher=secrets.seal(f"{contact.kind}:{contact.value}", CONTACT_SEAL), created_at=moment,
                expires_at=moment + CODE_LIFE,
            )
        )
        await session.flush()
        await notify.send(
            session, channel=channel, to=contact.value, subject=text.CODE_SUBJECT, text=text.code_message(code),
            template="contact_code", useful_for=CODE_LIFE,
        )
        await audit.record(session, actor, "data.contact_code", f"person:{person_id}", {"kind": contact.kind})
    return Challenge(challenge, contact.masked)


async def confirm_contact(actor: Actor, challenge: UUID, typed: str) -> None:
    """Use the contact the code was sent to from now on; the one of that kind before it is told and no longer counts.

    Every other session and every access token ends: who changed it may have taken the account over, or back.

    Raises:
        SignInRequired: nobody is signed in.
        ProofRequired: the last proof is too old.
        InvalidInput: wrong, expired, used, tried five times, or another person's; the words are the same for all.
        Conflict: an officer's account; the contact is another account's, or this one's already.
    """
    person_id = citizen(actor)
    require_fresh(actor)
    moment = now()
    async with db.transaction() as session:
        row = await store.take_guess(session, challenge, person_id, CODE_GUESSES, moment)
    digits = "".join(sign for sign in typed[:40] if sign in "0123456789")
    hashes = secrets.token_hashes(f"{challenge}:{digits}", "one-time code")
    if row is None or not any(secrets.same(row.code_hash, found) for found in hashes):
        raise InvalidInput(identity_text.CODE_REFUSED, fields={"code": identity_text.CODE_REFUSED})
    kind, _, value = secrets.unseal(row.contact_cipher, CONTACT_SEAL).partition(":")
    try:
        async with db.transaction() as session:
            await _take_contact(session, actor, person_id, challenge, Contact("phone" if kind == "phone" else "email", value))
    except IntegrityError as error:
        raise Conflict(text.CONTACT_TAKEN) from error


async def _take_contact(session: AsyncSession, actor: Actor, person_id: UUID, challenge: UUID, contact: Contact) -> None:
    if not await store.use_code(session, challenge, now()):
        raise InvalidInput(identity_text.CODE_REFUSED, fields={"code": identity_text.CODE_REFUSED})
    person = await store.fetch_person(session, person_id, lock=True)
    if person is None:
        raise SignInRequired()
    before = {held.kind: held for held in contacts_of(person)}.get(contact.kind)
    if before == contact:
        raise Conflict(text.CONTACT_SAME)
    await store.save_contact(
        session, person_id, contact.kind, secrets.seal(contact.value, CONTACT_SEAL), secrets.hash_token(contact.value, CONTACT_HASH)
    )
    await sessions.end(session, "contact_changed", person_id=person_id, spare=actor.session_id)
    await access_tokens.revoke_all(session, person_id)
    if before is not None and notify.gateway_for(channel_of(before)) is not None:
        await notify.send(
            session, channel=channel_of(before), to=before.value, subject=text.CHANGED_SUBJECT, text=text.CHANGED_MESSAGE,
            template="contact_changed", useful_for=timedelta(days=1),
        )
    await audit.record(session, actor, "data.contact", f"person:{person_id}", {"kind": contact.kind})


async def request_export(actor: Actor) -> UUID:
    """Have an archive of what is held of the actor made; it can be fetched for a few days.

    Raises:
        SignInRequired: nobody is signed in.
        ProofRequired: the last proof is too old.
        Conflict: one is being made.
        TooMany: too many today.
    """
    person_id = own(actor)
    require_fresh(actor)
    await throttle.reserve((throttle.EXPORTS_PER_PERSON, person_id.bytes))
    export_id, moment = uuid4(), now()
    try:
        async with db.transaction() as session:
            expires = moment + timedelta(days=settings().data_export_days)
            if not await store.save_export(session, export_id, person_id, moment, expires):
                raise SignInRequired()
            await jobs.defer(session, EXPORT_TASK, export=str(export_id))
            await audit.record(session, actor, "data.export", f"person:{person_id}", {"export": str(export_id)})
    except IntegrityError as error:
        raise Conflict(text.EXPORT_WAITS) from error
    return export_id


async def fetch_export(actor: Actor, export_id: UUID) -> files.StoredFile:
    """Return an archive's file to its owner.

    Raises:
        SignInRequired: nobody is signed in.
        ProofRequired: the last proof is too old.
        NotFound: it is another person's, not ready, or its time is over.
    """
    person_id = own(actor)
    require_fresh(actor)
    moment = now()
    async with db.transaction() as session:
        found = await store.fetch_export(session, export_id)
        if found is None or found[0] != person_id or found[1].state != "ready" or found[1].expires_at <= moment:
            raise NotFound(text.EXPORT_GONE)
        file = await files.fetch_file(session, found[1].file_id) if found[1].file_id else None
        if file is None:
            raise NotFound(text.EXPORT_GONE)
        await store.save_fetched(session, export_id, moment)
        await audit.record(session, actor, "data.fetch", f"person:{person_id}", {"export": str(export_id)})
    return file


async def collect(session: AsyncSession, person_id: UUID, most: int, is_whole: bool) -> list[Section]:
    """Return what every room holds of a person, at most `most` rows a section; with contacts whole or masked."""
    return [section for holder in personal_data.holders() for section in await holder.collect(session, person_id, most, is_whole)]


async def unfinished(session: AsyncSession, people: Sequence[UUID]) -> Counter[UUID]:
    """Return how much of each person's affairs must be finished before they can be forgotten."""
    found: Counter[UUID] = Counter()
    for holder in personal_data.holders():
        found.update(await holder.unfinished(session, people))
    return found


def channel_of(contact: Contact) -> notify.Channel:
    """Return the way a notice goes to a contact."""
    return "sms" if contact.kind == "phone" else "email"


def own(actor: Actor) -> UUID:
    """Return who is signed in.

    Raises:
        SignInRequired: nobody is.
    """
    require(actor, Action.ACCOUNT_OWN)
    if actor.person_id is None:
        raise SignInRequired()
    return actor.person_id


def citizen(actor: Actor) -> UUID:
    """Return the citizen who is signed in.

    Raises:
        SignInRequired: nobody is.
        Conflict: an officer is; his account is his administrator's to change.
    """
    person_id = own(actor)
    if actor.kind != "citizen":
        raise Conflict(text.CITIZENS_ONLY)
    return person_id
