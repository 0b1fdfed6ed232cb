"""Signing in: citizens with a code sent to phone or e-mail, officers with user name and password.

Whether an account exists shows neither in the words nor in the time of an answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit, db, notify, secrets
from mattranso_app.core.access import Actor
from mattranso_app.core.clock import now
from mattranso_app.core.errors import Forbidden, InvalidInput, Unavailable
from mattranso_app.core.sql import sql
from mattranso_app.identity import devices, passwords, store, text, throttle
from mattranso_app.identity.contacts import CONTACT_SEAL, Contact, parse_contact
from mattranso_app.identity.factors.store import void_challenges
from mattranso_app.identity.models import OneTimeCode, Person
from mattranso_app.identity.service import access_tokens, second_step, sessions
from mattranso_app.identity.service.visits import SecondStep, SignedIn, Visit

CODE_LIFE = timedelta(minutes=5)
CODE_GUESSES = 5

USER_NAME = re.compile(r"[a-z][a-z0-9.-]{2,39}")
CONTACT_HASH = "person.contact"
_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Challenge:
    """A code is on its way: `id` stays in the browser that asked, `masked` is where the code went."""

    id: UUID
    masked: str


async def request_code(target: str, visit: Visit) -> Challenge:
    """Send a one-time code to a phone or an e-mail address; the same whether or not it belongs to anybody.

    Args:
        target: phone number or e-mail address as typed.
        visit: the browser that asks.

    Raises:
        InvalidInput: `target` is neither.
        TooMany: too many codes for this contact or from this address.
        Unavailable: no way to send it is configured.
    """
    contact = parse_contact(target)
    channel: notify.Channel = "sms" if contact.kind == "phone" else "email"
    if notify.gateway_for(channel) is None:
        raise Unavailable(text.NO_SMS if channel == "sms" else "")
    nonce = devices.known(visit.device, contact.value)
    if nonce:
        await throttle.reserve((throttle.CODE_PER_DEVICE, contact.value + nonce))
    else:
        await throttle.reserve(
            (throttle.CODE_PER_CONTACT, contact.value), (throttle.CODE_PER_ADDRESS, throttle.address_key(visit.address))
        )
    code = secrets.new_code()
    challenge = uuid4()
    moment = now()
    async with db.transaction() as session:
        session.add(
            OneTimeCode(
                id=challenge, purpose="sign_in", contact_cipher=secrets.seal(f"{contact.kind}:{contact.value}", CONTACT_SEAL),
                code_hash=_code_hash(challenge, code), created_at=moment, expires_at=moment + CODE_LIFE,
            )
        )
        await session.flush()
        await notify.send(
            session, channel=channel, to=contact.value, subject=text.CODE_SUBJECT, text=text.code_message(code),
            template="sign_in_code", useful_for=CODE_LIFE,
        )
        await audit.record(session, Actor("anonymous", address=visit.address), "code.request", f"challenge:{challenge}")
    return Challenge(challenge, contact.masked)


async def sign_in_with_code(challenge: UUID | None, code: str, visit: Visit) -> SignedIn | SecondStep:
    """Sign a citizen in, or ask for the second step where the account has one; the first time makes the account.

    Args:
        challenge: what `request_code` gave this browser; None when it has none.
        code: the six digits as typed or pasted; spaces are fine.
        visit: the browser that signs in.

    Raises:
        InvalidInput: wrong, expired, used or tried five times; the words are the same for all.
        Forbidden: the account is disabled.
        TooMany: too many guesses from this address.
    """
    attempts = await throttle.reserve((throttle.GUESSES_PER_ADDRESS, throttle.address_key(visit.address)))
    if challenge is None:
        raise _refused_code()
    row = await _take_guess(challenge)
    digits = "".join(sign for sign in code[:40] if sign in "0123456789")
    if row is None or not _matches(row, digits):
        raise _refused_code()
    kind, _, value = secrets.unseal(row.contact_cipher, CONTACT_SEAL).partition(":")
    contact = Contact("phone" if kind == "phone" else "email", value)
    async with db.transaction() as session:
        await _use_up(session, challenge)
        person_id = await _citizen(session, contact)
        methods = ["sms" if kind == "phone" else "otp"]
        signed = await second_step.open_or_ask(session, person_id, "citizen", contact.value, visit, methods, kind)
    await throttle.forgive(attempts)
    return signed


async def sign_in_with_password(user_name: str, password: str, visit: Visit) -> SignedIn | SecondStep:
    """Sign an officer in, or ask for the second step: with a second factor set up, the password alone opens no session.

    Raises:
        InvalidInput: no such account, wrong password, no password yet or disabled; the words are the same for all.
        TooMany: too many attempts on this account from browsers new to it, or from this address.
        Unavailable: too many sign-ins at once.
    """
    name = normal_user_name(user_name)
    nonce = devices.known(visit.device, name)
    if nonce:
        attempts = await throttle.reserve((throttle.PASSWORD_PER_DEVICE, name + nonce))
    else:
        attempts = await throttle.reserve(
            (throttle.PASSWORD_PER_ACCOUNT, name), (throttle.PASSWORD_PER_ADDRESS, throttle.address_key(visit.address))
        )
    account = await _account(name)
    right = await passwords.verify_password(account.password_hash if account else None, password)
    if account is None or not right or account.disabled:
        async with db.transaction() as session:
            subject = f"person:{account.person_id}" if account else "person:unknown"
            await audit.record(session, Actor("anonymous", address=visit.address), "session.refused", subject)
        raise InvalidInput(text.SIGN_IN_REFUSED)
    async with db.transaction() as session:
        signed = await second_step.open_or_ask(session, account.person_id, "officer", name, visit, ["pwd"], "password")
    await throttle.forgive(attempts)
    return signed


async def set_first_password(user_name: str, code: str, new_password: str, visit: Visit) -> SignedIn | SecondStep:
    """Let an officer choose a password with the one-time code an administrator handed over, and sign in with it.

    A second factor that is set up stays, and is asked for. Every other session of the account and its access tokens end.

    Raises:
        InvalidInput: wrong name or code (the same words), or a password that is too weak.
        TooMany: too many attempts on this account or from this address.
    """
    name = normal_user_name(user_name)
    chosen = passwords.check_new_password(new_password, name)
    # Not counted per account: the code has 50 bits, and counting would let a stranger use a newcomer's attempts up.
    attempts = await throttle.reserve((throttle.GUESSES_PER_ADDRESS, throttle.address_key(visit.address)))
    account = await _account(name)
    row = await _handed_code(account.person_id if account else _NOBODY)  # as much work as for a known name
    encoded = await passwords.hash_password(chosen)
    if account is None or account.disabled or row is None or not _matches(row, normal_handed_code(code)):
        raise InvalidInput(text.FIRST_REFUSED)
    async with db.transaction() as session:
        await _use_up(session, row.id)
        await session.execute(
            sql("UPDATE credential SET password_hash = :hash, changed_at = :now WHERE person_id = :person"),
            {"hash": encoded, "now": now(), "person": account.person_id},
        )
        await sessions.end(session, "password_set", person_id=account.person_id)
        await access_tokens.revoke_all(session, account.person_id)
        await void_challenges(session, account.person_id, now())
        actor = Actor("anonymous", address=visit.address)
        await audit.record(session, actor, "password.set", f"person:{account.person_id}")
        signed = await second_step.open_or_ask(session, account.person_id, "officer", name, visit, ["pwd"], "first_password")
    await throttle.forgive(attempts)
    return signed


def normal_user_name(typed: str) -> str:
    """Return a user name as it is kept: lower case, no spaces around it, at most 60 signs."""
    return typed.strip().lower()[:60]


def normal_handed_code(typed: str) -> str:
    """Return a handed-over code as it was made: capitals, no separators."""
    return "".join(sign for sign in typed[:60].upper() if sign.isalnum())


def _refused_code() -> InvalidInput:
    return InvalidInput(text.CODE_REFUSED, fields={"code": text.CODE_REFUSED})


def _code_hash(challenge: UUID, code: str) -> bytes:
    return secrets.hash_token(f"{challenge}:{code}", "one-time code")


def _matches(row: Any, code: str) -> bool:
    return any(secrets.same(row.code_hash, found) for found in secrets.token_hashes(f"{row.id}:{code}", "one-time code"))


async def _take_guess(challenge: UUID) -> Any:
    """Count one guess at a code before it is judged, so that guesses at the same moment cannot exceed the limit."""
    async with db.transaction() as session:
        rows = await session.execute(
            sql(
                "UPDATE one_time_code SET attempts = attempts + 1 WHERE id = :id AND purpose = 'sign_in' AND used_at IS NULL "
                "AND attempts < :most AND expires_at > :now RETURNING id, code_hash, contact_cipher"
            ),
            {"id": challenge, "most": CODE_GUESSES, "now": now()},
        )
        return rows.one_or_none()


async def _use_up(session: AsyncSession, challenge: UUID) -> None:
    """Mark a code used; of two who use it at once only one succeeds."""
    done = await session.execute(
        sql("UPDATE one_time_code SET used_at = :now WHERE id = :id AND used_at IS NULL RETURNING id"),
        {"now": now(), "id": challenge},
    )
    if done.one_or_none() is None:
        raise _refused_code()


async def _account(name: str) -> Any:
    """Return the account of this user name, or None; what cannot be a user name is not looked for."""
    if not USER_NAME.fullmatch(name):
        return None
    async with db.reading() as session:
        return await store.fetch_credential(session, name)


async def _handed_code(person_id: UUID) -> Any:
    async with db.reading() as session:
        rows = await session.execute(
            sql(
                "SELECT id, code_hash FROM one_time_code WHERE person_id = :person AND purpose = 'first_password' "
                "AND used_at IS NULL AND expires_at > :now ORDER BY created_at DESC LIMIT 1"
            ),
            {"person": person_id, "now": now()},
        )
        return rows.one_or_none()


async def _citizen(session: AsyncSession, contact: Contact) -> UUID:
    """Return the citizen with this contact, made now when there is none."""
    hashes = secrets.token_hashes(contact.value, CONTACT_HASH)
    found = await store.fetch_citizen(session, contact.kind, hashes)
    if found is None:
        # Two first sign-ins at once: the unique hash lets one win, the other finds the winner's row.
        lock = int.from_bytes(hashes[0][:8], "big", signed=True)
        await session.execute(sql("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})
        found = await store.fetch_citizen(session, contact.kind, hashes)
    if found is not None:
        if found.disabled:
            raise Forbidden(text.DISABLED)
        person_id: UUID = found.id
        return person_id
    sealed = secrets.seal(contact.value, CONTACT_SEAL)
    person = Person(
        id=uuid4(), kind="citizen", created_at=now(),
        phone_cipher=sealed if contact.kind == "phone" else None, phone_hash=hashes[0] if contact.kind == "phone" else None,
        email_cipher=sealed if contact.kind == "email" else None, email_hash=hashes[0] if contact.kind == "email" else None,
    )
    session.add(person)
    await session.flush()
    return person.id
