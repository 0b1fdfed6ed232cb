"""Invitations of officers: an administrator asks, the link goes to the invited person alone, who makes the account himself.

The right behind it is looked at twice: when it is sent and when it is accepted. An inviter who has lost it, or a unit that
has gone into another, makes the invitation void. A role lent for an absence invites nobody: what it made would outlive it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit, db, notify, secrets
from mattranso_app.core.access import Action, Actor, Role, may, require, require_itself, require_somewhere, scopes
from mattranso_app.core.clock import VN, now
from mattranso_app.core.errors import Conflict, InvalidInput, NotFound, Unavailable
from mattranso_app.core.text import clean_text
from mattranso_app.identity import text as account_text
from mattranso_app.identity import throttle
from mattranso_app.identity.contacts import CONTACT_SEAL, Contact, parse_contact
from mattranso_app.identity.invitations import store, text
from mattranso_app.identity.invitations.store import Invitation
from mattranso_app.identity.service.administrators import noting_refusals
from mattranso_app.identity.service.step_up import require_fresh
from mattranso_app.identity.store import fetch_unit
from mattranso_app.settings import settings

MOST_DAYS = 7
CONTACT_PURPOSE = "work contact"
TOKEN_PURPOSE = "invitation"  # noqa: S105 - what the hash is for


async def invite_officer(
    actor: Actor, *, name: str, contact: str, unit_id: int, roles: Sequence[str], organisation: str = "mttq", days: int = MOST_DAYS
) -> int:
    """Send somebody an invitation to become an officer.

    Args:
        actor: an administrator of the unit or of one above it, by a role of his own.
        name: the invited person's.
        contact: e-mail address or telephone number the link goes to.
        unit_id: where the person will work.
        roles: held there once accepted.
        organisation: for which.
        days: how long the link may be used.

    Returns:
        The invitation's number.

    Raises:
        SignInRequired, Forbidden: no such right there, or only a lent one.
        ProofRequired: the actor's last proof is too old.
        InvalidInput: something entered is not right.
        Conflict: the contact has an officer's account or an invitation that holds.
        Unavailable: no way to send it is configured.
        TooMany: too many invitations by this administrator.
    """
    require(actor, Action.STAFF_MANAGE, organisation=organisation)
    require_fresh(actor)
    asked, fields = checked_invitation(name, contact, roles, organisation, days)
    if asked is None:
        raise InvalidInput(fields=fields)
    channel_of(asked.contact)
    await reserve_invitation(actor)
    async with noting_refusals(actor, "invitation.send", f"unit:{unit_id}"), db.transaction() as session:
        return await send_invitation(session, actor, asked, unit_id, organisation)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is to be invited, checked in itself: the name as stored, where the link goes, the roles, how many days it holds."""

    name: str
    contact: Contact
    roles: list[str]
    days: int


def checked_invitation(
    name: str, contact: str, roles: Sequence[str], organisation: str, days: int = MOST_DAYS
) -> tuple[Asked | None, dict[str, str]]:
    """Return who is to be invited, or None and what is wrong with what was entered, by field; arguments as `invite_officer`."""
    shown = clean_text(name[:300], 300, multiline=False).strip()
    wanted = list(dict.fromkeys(roles))
    fields = {}
    if not 2 <= len(shown) <= 100:
        fields["name"] = text.NAME_RULE
    if not wanted or not set(wanted) <= set(Role) or organisation not in account_text.ORGANISATIONS:
        fields["roles"] = text.ROLES_RULE
    if not 1 <= days <= MOST_DAYS:
        fields["days"] = text.DAYS_RULE
    try:
        to = parse_contact(contact)
    except InvalidInput as error:
        return None, {**fields, "contact": error.text}
    return (None, fields) if fields else (Asked(shown, to, wanted, days), {})


async def reserve_invitation(actor: Actor) -> None:
    """Count one more invitation by this administrator.

    Raises:
        TooMany: too many of them within an hour.
    """
    await throttle.reserve((throttle.INVITATIONS_PER_PERSON, actor.person_id.bytes if actor.person_id else b""))


async def send_invitation(session: AsyncSession, actor: Actor, asked: Asked, unit_id: int, organisation: str) -> int:
    """Write and send one invitation in the caller's transaction, see `invite_officer`; return its number.

    Raises:
        SignInRequired, Forbidden, InvalidInput, Conflict, Unavailable: as `invite_officer`.
    """
    hashes = secrets.token_hashes(asked.contact.value, CONTACT_PURPOSE)
    token, moment = secrets.new_token(), now()
    unit = await fetch_unit(session, unit_id)
    if unit is None:
        raise InvalidInput(fields={"unit": account_text.UNKNOWN_UNIT})
    require_itself(actor, Action.STAFF_MANAGE, unit.path, organisation)
    owner = await store.fetch_contact_owner(session, hashes)
    if owner is not None:
        raise Conflict(text.NOT_ONESELF if owner == actor.person_id else text.HAS_ACCOUNT)
    if await store.is_invited(session, hashes, moment):
        raise Conflict(text.INVITED_ALREADY)
    expires = moment + timedelta(days=asked.days)
    number = await store.save_invitation(session, {
        "token_hash": secrets.hash_token(token, TOKEN_PURPOSE), "person_id": uuid4(), "display_name": asked.name,
        "channel": channel_of(asked.contact), "contact_cipher": secrets.seal(asked.contact.value, CONTACT_SEAL),
        "contact_hash": hashes[0], "unit_id": unit_id, "organisation": organisation, "roles": asked.roles, "days": asked.days,
        "invited_by": actor.person_id, "now": moment, "expires_at": expires,
    })
    made = await store.fetch_by_id(session, number, moment)
    assert made is not None
    await _send(session, made, token)
    await audit.record(
        session, actor, "invitation.send", f"invitation:{number}",
        {"unit": unit.path, "organisation": organisation, "roles": asked.roles, "until": expires.isoformat()},
    )
    return number


async def resend_invitation(actor: Actor, number: int) -> None:
    """Send an invitation again, run out or not, with a new link; the one sent before is void. The actor answers for it then.

    Raises:
        SignInRequired, Forbidden: see `invite_officer`.
        ProofRequired: the actor's last proof is too old.
        NotFound: used, withdrawn, or outside the actor's units.
        Conflict: the unit has gone into another, or the person has an account by now.
        TooMany: sent again too often.
    """
    require_somewhere(actor, Action.STAFF_MANAGE)
    require_fresh(actor)
    async with noting_refusals(actor, "invitation.resend", f"invitation:{number}"), db.transaction() as session:
        await _own_to_send(session, actor, number)  # whoever has no right uses up nobody's allowance
    await throttle.reserve((throttle.RESENDS_PER_INVITATION, str(number)))
    token, moment = secrets.new_token(), now()
    async with noting_refusals(actor, "invitation.resend", f"invitation:{number}"), db.transaction() as session:
        found = await _own_to_send(session, actor, number)
        if not found.unit_stands:
            raise Conflict(text.MERGED.format(unit=found.unit_name))
        if await store.fetch_contact_owner(session, [bytes(found.contact_hash)]) is not None:
            raise Conflict(text.HAS_ACCOUNT)
        expires = moment + timedelta(days=found.days)
        await store.save_sent_again(session, number, secrets.hash_token(token, TOKEN_PURPOSE), actor.person_id, expires)
        again = await store.fetch_by_id(session, number, moment)
        assert again is not None
        await _send(session, again, token)
        await audit.record(
            session, actor, "invitation.resend", f"invitation:{number}", {"unit": found.unit_path, "until": expires.isoformat()}
        )


async def withdraw_invitation(actor: Actor, number: int) -> None:
    """Make an invitation void for good.

    Raises:
        SignInRequired, Forbidden: the actor administers nothing.
        NotFound: used, withdrawn, or outside the actor's units.
    """
    require_somewhere(actor, Action.STAFF_MANAGE)
    async with db.transaction() as session:
        found = await _own(session, actor, number)
        await store.save_withdrawn(session, number, actor.person_id, now())
        await audit.record(session, actor, "invitation.withdraw", f"invitation:{number}", {"unit": found.unit_path})


async def list_invitations(actor: Actor, *, organisation: str = "mttq", after: int = 0) -> list[tuple[Invitation, str]]:
    """Return invitations nobody has used yet to the units the actor administers, each with its contact masked; newest first.

    Args:
        actor: an administrator.
        organisation: whose.
        after: number of the last one of the page before; 0 for the first page.

    Raises:
        SignInRequired, Forbidden: the actor administers nothing for this organisation.
    """
    require(actor, Action.STAFF_MANAGE, organisation=organisation)
    async with db.reading() as session:
        rows = await store.fetch_open(session, scopes(actor, Action.STAFF_MANAGE, organisation), organisation, now(), after)
    return [(row, contact_of(row).masked) for row in rows]


def contact_of(invitation: Invitation) -> Contact:
    """Return where an invitation goes."""
    value = secrets.unseal(invitation.contact_cipher, CONTACT_SEAL)
    return Contact("phone" if invitation.channel == "sms" else "email", value)


def role_words(roles: Sequence[str]) -> str:
    """Return roles as people call them."""
    return ", ".join(account_text.ROLES[role].lower() for role in roles)


def channel_of(to: Contact) -> notify.Channel:
    """Return how a contact is reached.

    Raises:
        Unavailable: nothing is configured that reaches it.
    """
    channel: notify.Channel = "sms" if to.kind == "phone" else "email"
    if notify.gateway_for(channel) is None:
        raise Unavailable(text.NO_CHANNEL if channel == "sms" else "")
    return channel


async def _own(session: AsyncSession, actor: Actor, number: int) -> Invitation:
    found = await store.fetch_by_id(session, number, now())
    if found is None or not may(actor, Action.STAFF_MANAGE, found.unit_path, found.organisation):
        raise NotFound(text.NO_SUCH)
    return found


async def _own_to_send(session: AsyncSession, actor: Actor, number: int) -> Invitation:
    found = await _own(session, actor, number)
    require_itself(actor, Action.STAFF_MANAGE, found.unit_path, found.organisation)
    return found


async def _send(session: AsyncSession, invitation: Invitation, token: str) -> None:
    """Put the link into the outbox; it is nowhere else."""
    to = contact_of(invitation)
    is_mail = to.kind == "email"
    words = (text.MESSAGE if is_mail else text.SHORT_MESSAGE).format(
        name=invitation.display_name, unit=invitation.unit_name, roles=role_words(invitation.roles),
        until=f"{invitation.expires_at.astimezone(VN):{text.TIME if is_mail else '%H:%M %d/%m'}}",
        address=f"{settings().origins()[0]}/loi-moi/{token}",
    )
    await notify.send(
        session, channel=channel_of(to), to=to.value, subject=text.SUBJECT, text=words, template="invitation",
        useful_for=invitation.expires_at - now(),
    )
