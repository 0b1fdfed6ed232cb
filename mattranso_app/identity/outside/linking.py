"""Which account here belongs to an outside person: hashes to find it by, links, new citizens. All in the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit, secrets
from mattranso_app.core.access import Actor
from mattranso_app.core.clock import now
from mattranso_app.core.errors import Conflict, Forbidden
from mattranso_app.core.sql import sql
from mattranso_app.identity import text as words
from mattranso_app.identity.outside import store, text
from mattranso_app.identity.outside.claims import OutsidePerson
from mattranso_app.identity.service import notices
from mattranso_app.settings import OutsideProvider

NUMBER_SEAL = "person.identity_number"
_NUMBER_HASH = "person.identity_number"
_SUBJECT_HASH = "outside.subject"
_SID_HASH = "outside.sid"
PROVEN = 2
"""Level from which a provider has looked at the person's papers; below it a number is what somebody typed."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account here that an outside person may open."""

    person_id: UUID
    kind: Literal["citizen", "officer"]


def subject_hashes(provider: OutsideProvider, subject: str) -> list[bytes]:
    """Return what a subject of a provider may be kept as."""
    return secrets.token_hashes(f"{provider.issuer}\n{subject}", _SUBJECT_HASH)


def sid_hashes(provider: OutsideProvider, sid: str) -> list[bytes]:
    """Return what the provider's name of a session may be kept as."""
    return secrets.token_hashes(f"{provider.issuer}\n{sid}", _SID_HASH)


async def find(session: AsyncSession, provider: OutsideProvider, person: OutsidePerson, actor: Actor) -> Account | None:
    """Return the account linked to an outside person and note the use of the link; None when there is none.

    Raises:
        Forbidden: the account is disabled.
        Conflict: subject and identity number belong to two different accounts.
    """
    await _lock(session, provider, person)
    found = await _linked(session, provider, person)
    if not found:
        return None
    if len({row.person_id for row in found}) > 1:
        raise Conflict(text.NOT_BELIEVED.format(label=provider.label))
    row = found[0]
    if row.disabled:
        raise Forbidden(words.DISABLED)
    await store.save_use(session, row.id, _columns(provider, person))
    if not row.is_subject:
        # The same identity number by the same issuer is the same human being, whom the provider calls by a new name.
        await tell(session, provider, row.person_id, text.RENAMED_SUBJECT, text.RENAMED_NOTICE, "link_renamed")
        await audit.record(session, actor, "outside.new_subject", f"person:{row.person_id}", {"provider": provider.name})
    return Account(row.person_id, row.kind)


async def link(session: AsyncSession, provider: OutsideProvider, person: OutsidePerson, person_id: UUID) -> None:
    """Link an outside person to an account, and tell its owner where a contact is known.

    Raises:
        Conflict: either of them has a link at this provider already.
    """
    await _lock(session, provider, person)
    await store.lock_person(session, person_id)
    found = await _linked(session, provider, person)
    if any(row.person_id != person_id for row in found):
        raise Conflict(text.LINKED_ELSEWHERE.format(label=provider.label))
    if any(held.provider == provider.name for held in await store.fetch_links(session, person_id)):
        raise Conflict(text.HAS_LINK.format(label=provider.label))
    await store.save_link(session, {
        "id": uuid4(), "person_id": person_id, "provider": provider.name, "issuer": provider.issuer, **_columns(provider, person),
    })
    await tell(session, provider, person_id, text.LINKED_SUBJECT, text.LINKED_NOTICE, "link_added")


async def tell(session: AsyncSession, provider: OutsideProvider, person_id: UUID, subject: str, message: str, template: str) -> None:
    """Tell an account's owner what happened to a link; `subject` and `message` have the provider's `label` filled in."""
    await notices.tell(session, person_id, subject.format(label=provider.label), message.format(label=provider.label), template)


async def new_citizen(session: AsyncSession, provider: OutsideProvider, person: OutsidePerson) -> UUID:
    """Make a citizen's account for an outside person and link it.

    Raises:
        Conflict: he has been linked meanwhile.
    """
    person_id = uuid4()
    await store.save_citizen(session, person_id, person.name, provider.name, now())
    await link(session, provider, person, person_id)
    return person_id


async def _linked(session: AsyncSession, provider: OutsideProvider, person: OutsidePerson) -> list[Any]:
    number = _proven_number(person)
    numbers = secrets.token_hashes(number, _NUMBER_HASH) if number else []
    return await store.fetch_linked(session, provider.issuer, subject_hashes(provider, person.subject), numbers)


async def _lock(session: AsyncSession, provider: OutsideProvider, person: OutsidePerson) -> None:
    """Let two sign-ins of one outside person wait for each other."""
    lock = int.from_bytes(subject_hashes(provider, person.subject)[0][:8], "big", signed=True)
    await session.execute(sql("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})


def _proven_number(person: OutsidePerson) -> str:
    """Return the identity number where the provider has proven it: one that was only declared may be anybody's."""
    return person.number if person.level >= PROVEN else ""


def _columns(provider: OutsideProvider, person: OutsidePerson) -> dict[str, Any]:
    number = _proven_number(person)
    return {
        "subject_hash": subject_hashes(provider, person.subject)[0], "level": person.level, "now": now(),
        "number_hash": secrets.hash_token(number, _NUMBER_HASH) if number else None,
        "number_cipher": secrets.seal(number, NUMBER_SEAL) if number else None,
    }
