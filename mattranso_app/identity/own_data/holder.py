"""What accounts hold of a person: shown, put into the archive, and forgotten."""

from __future__ import annotations

import secrets as random
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import files, personal_data, secrets
from mattranso_app.core.clock import VN, now
from mattranso_app.core.personal_data import Identifiers, Section
from mattranso_app.identity.agents import agent_words
from mattranso_app.identity.contacts import Contact
from mattranso_app.identity.own_data import store, text
from mattranso_app.identity.service.sign_in import CONTACT_SEAL


def moment(value: datetime | None) -> str:
    """Return a moment as people read it, empty for none."""
    return f"{value.astimezone(VN):{text.TIME}}" if value else ""


def contacts_of(row: Row[Any]) -> list[Contact]:
    """Return the contacts of an account's row: telephone first."""
    found = []
    if row.phone_cipher and (phone := secrets.unseal(row.phone_cipher, CONTACT_SEAL)):
        found.append(Contact("phone", phone))
    if row.email_cipher and (email := secrets.unseal(row.email_cipher, CONTACT_SEAL)):
        found.append(Contact("email", email))
    return found


async def _collect(session: AsyncSession, person_id: UUID, most: int, is_whole: bool) -> list[Section]:
    person = await store.fetch_person(session, person_id)
    if person is None:
        return []
    account = {"name": person.display_name, "created_at": moment(person.created_at)} | {
        contact.kind: contact.value if is_whole else contact.masked for contact in contacts_of(person)
    }
    sections = [Section("account", text.ACCOUNT, text.ACCOUNT_LABELS, [account])]
    for key, title, labels, shape in _SECTIONS:
        rows = await store.fetch_rows(session, key, person_id, now(), most)
        sections.append(Section(key, title, labels, [shape(row) for row in rows]))
    return sections


_Shape = Callable[[Any], dict[str, str]]
_SECTIONS: tuple[tuple[str, str, dict[str, str], _Shape], ...] = (
    (
        "sessions", text.SESSIONS, text.SESSION_LABELS,
        lambda row: {
            "created_at": moment(row.created_at), "last_seen_at": moment(row.last_seen_at), "address": row.address,
            "agent": agent_words(row.agent), "state": text.OPEN if row.is_open else text.ENDED,
        },
    ),
    (
        "tokens", text.TOKENS, text.TOKEN_LABELS,
        lambda row: {
            "name": row.name, "scopes": ", ".join(row.scopes), "created_at": moment(row.created_at),
            "expires_at": moment(row.expires_at), "state": text.VALID if row.is_open else text.REVOKED,
        },
    ),
    (
        "factors", text.FACTORS, text.FACTOR_LABELS,
        lambda row: {"name": row.name, "created_at": moment(row.created_at), "last_used_at": moment(row.last_used_at)},
    ),
    (
        "applications", text.APPLICATIONS, text.APPLICATION_LABELS,
        lambda row: {
            "name": row.name, "scope": row.scope, "granted_at": moment(row.granted_at), "withdrawn_at": moment(row.withdrawn_at)
        },
    ),
    (
        "links", text.LINKS, text.LINK_LABELS,
        lambda row: {
            "provider": row.provider, "created_at": moment(row.created_at), "last_used_at": moment(row.last_used_at),
            "removed_at": moment(row.removed_at),
        },
    ),
    (
        "lookups", text.LOOKUPS, text.LOOKUP_LABELS,
        lambda row: {
            "at": moment(row.at), "purpose": row.purpose, "outcome": text.OUTCOMES[row.outcome],
            "by": text.BY_SELF if row.by_self else text.BY_OFFICER,
        },
    ),
    (
        "requests", text.REQUESTS, text.REQUEST_LABELS,
        lambda row: {
            "kind": text.KINDS[row.kind], "state": text.STATES[row.state], "asked_at": moment(row.asked_at),
            "due_at": moment(row.due_at), "decided_at": moment(row.decided_at), "reason": row.reason,
        },
    ),
)


async def _identify(session: AsyncSession, person_id: UUID) -> Identifiers:
    person = await store.fetch_person(session, person_id)
    if person is None:
        return Identifiers()
    held = contacts_of(person)
    return Identifiers(
        frozenset(filter(None, [person.display_name])), frozenset(each.value for each in held if each.kind == "phone"),
        frozenset(each.value for each in held if each.kind == "email"), person.named_at,
    )


async def _erase(session: AsyncSession, person_id: UUID, identifiers: Identifiers) -> int:
    moment_ = now()
    await files.remove_files(session, await store.end_exports(session, moment_, person_id))
    codes = await _codes_sent_to(session, identifiers)
    return await store.empty_account(
        session, person_id, moment_, random.token_bytes(32), secrets.seal("", CONTACT_SEAL), codes
    )


async def _codes_sent_to(session: AsyncSession, identifiers: Identifiers) -> list[UUID]:
    """Return the one-time codes of the last day that went to the person: they name no account, only a sealed contact."""
    wanted = {f"phone:{phone}" for phone in identifiers.phones} | {f"email:{email}" for email in identifiers.emails}
    found: list[UUID] = []
    last: UUID | None = None
    while rows := await store.fetch_codes_sent(session, last):
        found += [row.id for row in rows if secrets.unseal(row.contact_cipher, CONTACT_SEAL) in wanted]
        last = rows[-1].id
    return found


personal_data.register_holder(personal_data.Holder("accounts", collect=_collect, erase=_erase, identify=_identify))
