"""Accepting an invitation: looking changes nothing (mail scanners open links), one POST uses it up and opens the session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit, db, secrets
from mattranso_app.core.access import Actor
from mattranso_app.core.clock import now
from mattranso_app.core.errors import DomainError, Forbidden, Gone, InvalidInput
from mattranso_app.core.text import fold, nfc
from mattranso_app.identity import passwords, throttle
from mattranso_app.identity import text as account_text
from mattranso_app.identity.factors import passkeys
from mattranso_app.identity.invitations import store, text
from mattranso_app.identity.invitations.store import Invitation
from mattranso_app.identity.models import Credential, Person, RoleGrant
from mattranso_app.identity.service import challenges, notices, passkey_proofs
from mattranso_app.identity.service.invitations import TOKEN_PURPOSE
from mattranso_app.identity.service.passkeys import judge_new, save_new
from mattranso_app.identity.service.second_factors import lock_with_first
from mattranso_app.identity.service.second_step import open_session
from mattranso_app.identity.service.sign_in import USER_NAME, normal_user_name
from mattranso_app.identity.service.visits import SignedIn, Visit
from mattranso_app.identity.store import NEED_FACTOR
from mattranso_app.settings import settings

_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Offer:
    """What an invitation offers, as its page shows it."""

    invitation: Invitation
    suggested: str
    needs_factor: bool


@dataclass(frozen=True, slots=True)
class Accepted:
    """An account was made and is signed in; recovery codes are shown this once where a passkey was made."""

    signed: SignedIn
    codes: tuple[str, ...]


async def look_at_invitation(token: str) -> Offer:
    """Return what a link offers. It is not used up by that.

    Raises:
        Gone: unknown, used, withdrawn, run out, or void by what happened to its unit or inviter.
    """
    async with db.reading() as session:
        found = await store.fetch_by_token(session, _hashes(token), now())
        fault = await _fault(session, found)
    if found is None or fault:
        raise Gone(fault)
    needs = settings().requires_second_factor and any(role in NEED_FACTOR for role in found.roles)
    return Offer(found, suggest(found.display_name), needs)


async def options_for_invitation(token: str, user_name: str) -> dict[str, Any]:
    """Return what the invited person's browser is to make in place of a password.

    Raises:
        Gone: as `look_at_invitation`.
        InvalidInput: a malformed or taken user name.
    """
    offer, name = await look_at_invitation(token), _checked(user_name)
    async with db.transaction() as session:
        if await store.is_name_taken(session, name):
            raise _taken()
        challenge = await challenges.issue(session, "invitation", token)
    return passkeys.creation_options(challenge, offer.invitation.person_id, name, offer.invitation.display_name)


async def accept_invitation(
    actor: Actor, token: str, *, user_name: str, password: str = "", answer: str = "", visit: Visit
) -> Accepted:
    """Make the account an invitation offers, give it its roles, and sign it in. The link is used up.

    With a role that needs a second factor and a password alone the session has no rights before one is set up.

    Args:
        actor: who is signed in in this browser, if anybody; never the inviter.
        token: from the link.
        user_name: as wanted.
        password: the new password; empty where a passkey was made.
        answer: what the browser answered to `options_for_invitation`, JSON; empty where a password is set.
        visit: the browser.

    Raises:
        Gone: as `look_at_invitation`; a row says why.
        Forbidden: the inviter himself.
        InvalidInput: a malformed or taken user name, a weak password, a passkey that is not what was asked for.
        TooMany: too many attempts from this address.
    """
    attempts = await throttle.reserve((throttle.GUESSES_PER_ADDRESS, throttle.address_key(visit.address)))
    name = _checked(user_name)
    await _require_standing(actor, token, visit)
    made = await judge_new(answer, "invitation", token) if answer else None
    encoded = None if made else await passwords.hash_password(passwords.check_new_password(password, name))
    moment = now()
    codes: tuple[str, ...] = ()
    try:
        async with db.transaction() as session:
            found = await store.fetch_by_token(session, _hashes(token), moment, lock=True)
            fault = await _fault(session, found, lock=True)
            if found is None or fault:
                raise Gone(fault)
            person_id = found.person_id
            session.add(Person(
                id=person_id, kind="officer", display_name=found.display_name, unit_id=found.unit_id,
                organisation=found.organisation, created_at=moment,
            ))
            await session.flush()
            session.add(Credential(person_id=person_id, user_name=name, password_hash=encoded, changed_at=moment))
            session.add_all(
                RoleGrant(
                    person_id=person_id, role=role, organisation=found.organisation, unit_id=found.unit_id, valid_from=moment,
                    granted_by=found.invited_by,
                )
                for role in found.roles
            )
            await session.flush()
            await store.save_work_contact(
                session, person_id, found.channel, found.contact_cipher, bytes(found.contact_hash), moment
            )
            await store.save_used(session, found.id, moment)
            await audit.record(
                session, Actor("anonymous", address=visit.address), "invitation.accept", f"person:{person_id}",
                {"invitation": found.id, "user_name": name, "by": "passkey" if made else "password", "roles": found.roles,
                 "unit": found.unit_path, "organisation": found.organisation},
            )
            methods: tuple[str, ...] = ("pwd",)
            if made:
                await save_new(session, person_id, made, account_text.PASSKEY)
                methods = passkey_proofs.methods(made.is_synced)
            signed = await open_session(session, person_id, "officer", name, visit, methods, "invitation")
            if made:
                codes = await lock_with_first(session, person_id, signed.session_id)
                words = account_text.factor_added(account_text.PASSKEY)
                await notices.tell(session, person_id, account_text.FACTOR_ADDED_SUBJECT, words, "factor_added")
    except IntegrityError as error:
        async with db.reading() as session:
            if await store.is_name_taken(session, name):
                raise _taken() from error
        raise Gone(text.HAS_ACCOUNT) from error
    await throttle.forgive(attempts)
    return Accepted(signed, codes)


def suggest(display_name: str) -> str:
    """Return a user name made of somebody's name, as it may be kept: "Trần Thị Mai" gives "mai.tran"."""
    plain = ("".join(sign for sign in fold(word) if sign.isascii() and sign.isalnum()) for word in nfc(display_name).split())
    words = [word for word in plain if word]
    made = f"{words[-1]}.{words[0]}" if len(words) > 1 else words[0] if words else ""
    return made[:40] if USER_NAME.fullmatch(made[:40]) else ""


async def _require_standing(actor: Actor, token: str, visit: Visit) -> None:
    """Refuse what cannot be accepted before anything costs much, and leave a row about it.

    Raises:
        Gone, Forbidden: see `accept_invitation`.
    """
    refusal: DomainError | None = None
    async with db.transaction() as session:
        found = await store.fetch_by_token(session, _hashes(token), now())
        fault = await _fault(session, found)
        if fault:
            refusal = Gone(fault)
        elif found is not None and actor.person_id is not None and actor.person_id == found.invited_by:
            refusal = Forbidden(text.NOT_ONESELF)
        if refusal is not None:
            subject = f"invitation:{found.id}" if found else "invitation:unknown"
            who = Actor("anonymous", address=visit.address)
            await audit.record(session, who, "invitation.refused", subject, {"why": refusal.text})
    if refusal is not None:
        raise refusal


async def _fault(session: AsyncSession, found: Invitation | None, lock: bool = False) -> str:
    """Return why an invitation does not hold, in words for the invited person; empty when it does. `lock` keeps it so."""
    if found is None:
        return text.GONE
    if found.expires_at <= now():
        return text.EXPIRED.format(unit=found.unit_name)
    if not found.unit_stands:
        return text.MERGED.format(unit=found.unit_name)
    if found.invited_by is not None and not await store.may_still_invite(
        session, found.invited_by, found.unit_path, found.organisation, now(), lock
    ):
        return text.VOID.format(unit=found.unit_name)
    return ""


def _checked(user_name: str) -> str:
    name = normal_user_name(user_name)
    if not USER_NAME.fullmatch(name):
        raise InvalidInput(account_text.USER_NAME_RULE, fields={"user_name": account_text.USER_NAME_RULE})
    return name


def _taken() -> InvalidInput:
    return InvalidInput(account_text.USER_NAME_TAKEN, fields={"user_name": account_text.USER_NAME_TAKEN})


def _hashes(token: str) -> list[bytes]:
    return secrets.token_hashes(token[:_LONGEST], TOKEN_PURPOSE)
