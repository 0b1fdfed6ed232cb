"""Officers: who may create them, give and take roles, disable them; and the officer's own password.

An administrator of a unit manages people of the same organisation in that unit and below. Three rules keep anyone from
rising by it: nobody changes his own roles; a role is given only inside the giver's own subtree and organisation; and what
takes an account over or out (a new password code, disabling) needs every role of that account to lie inside it.
"""

from __future__ import annotations

import secrets as random
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit, db, secrets
from mattranso_app.core.access import Action, Actor, Role, may, require, require_itself, require_somewhere, scopes
from mattranso_app.core.clock import now
from mattranso_app.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from mattranso_app.core.sql import sql
from mattranso_app.core.text import clean_text
from mattranso_app.identity import passwords, store, text, throttle
from mattranso_app.identity.factors.store import void_challenges
from mattranso_app.identity.models import Credential, OneTimeCode, Person, RoleGrant
from mattranso_app.identity.service import access_tokens, sessions
from mattranso_app.identity.service.administrators import keep_one, noting_refusals, refuse_oneself
from mattranso_app.identity.service.sign_in import USER_NAME
from mattranso_app.identity.service.step_up import require_fresh
from mattranso_app.identity.store import Officer

HANDED_CODE_LIFE = timedelta(hours=72)
_HANDED_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class NewOfficer:
    """An officer just created. `code` is shown to the administrator once, for the officer's first sign-in."""

    person_id: UUID
    user_name: str
    code: str


async def create_officer(
    actor: Actor, *, user_name: str, name: str, unit_id: int, role: str, organisation: str = "mttq"
) -> NewOfficer:
    """Create an officer at a unit with a first role there. No password is set: the officer chooses it with the code.

    Raises:
        SignInRequired, Forbidden: the actor is no administrator of that unit or of one above it.
        ProofRequired: the actor's last proof is too old.
        InvalidInput: a malformed or taken user name, an unknown unit, role or organisation.
    """
    wanted = user_name.strip().lower()
    shown = clean_text(name[:300], 300, multiline=False)
    fields = {}
    if not USER_NAME.fullmatch(wanted):
        fields["user_name"] = text.USER_NAME_RULE
    if not 2 <= len(shown) <= 100:
        fields["name"] = text.NAME_RULE
    if role not in set(Role) or organisation not in text.ORGANISATIONS:
        fields["role"] = text.UNKNOWN_ROLE
    require(actor, Action.STAFF_MANAGE, organisation=organisation)
    require_fresh(actor)
    if fields:
        raise InvalidInput(fields=fields)
    person_id = uuid4()
    try:
        async with db.transaction() as session:
            path = await _unit_within(session, actor, unit_id, organisation)
            # By a role of his own only: the first code goes to him, and the account would outlast a loan.
            require_itself(actor, Action.STAFF_MANAGE, path, organisation)
            moment = now()
            session.add(
                Person(
                    id=person_id, kind="officer", display_name=shown, unit_id=unit_id, organisation=organisation,
                    created_at=moment,
                )
            )
            await session.flush()
            session.add(Credential(person_id=person_id, user_name=wanted))
            session.add(new_grant(person_id, role, organisation, unit_id, actor))
            await session.flush()
            code = await _hand_code(session, person_id)
            await audit.record(
                session, actor, "staff.create", f"person:{person_id}",
                {"user_name": wanted, "unit": unit_id, "role": role, "organisation": organisation},
            )
    except IntegrityError as error:
        raise InvalidInput(text.USER_NAME_TAKEN, fields={"user_name": text.USER_NAME_TAKEN}) from error
    return NewOfficer(person_id, wanted, code)


async def issue_password_code(actor: Actor, person_id: UUID) -> str:
    """Return a one-time code with which the officer sets a new password; shown once, handed over in person.

    Raises:
        SignInRequired, Forbidden, NotFound: see `entrusted_officer`.
        ProofRequired: the actor's last proof is too old.
    """
    async with db.transaction() as session:
        officer = await entrusted_officer(session, actor, person_id)
        require_fresh(actor)
        code = await _hand_code(session, officer.person_id)
        await audit.record(session, actor, "staff.password_code", f"person:{person_id}")
    return code


async def grant_role(actor: Actor, person_id: UUID, *, role: str, unit_id: int, organisation: str = "mttq") -> int:
    """Give an officer a role on a unit and all below it.

    Returns:
        The grant's number, for `revoke_role`.

    Raises:
        SignInRequired, Forbidden: outside the actor's subtree or organisation, or to himself.
        ProofRequired: the actor's last proof is too old.
        NotFound: no such officer within the actor's reach.
        InvalidInput: unknown role, organisation or unit.
        Conflict: held already.

    Who administers by a lent role gives none that approves or administers: it would outlast the loan.
    """
    require(actor, Action.STAFF_MANAGE, organisation=organisation)
    require_fresh(actor)
    if role not in set(Role) or organisation not in text.ORGANISATIONS:
        raise InvalidInput(text.UNKNOWN_ROLE, fields={"role": text.UNKNOWN_ROLE})
    try:
        async with noting_refusals(actor, "staff.grant", f"person:{person_id}"), db.transaction() as session:
            officer = await reachable_officer(session, actor, person_id)
            if officer.organisation != organisation:
                raise InvalidInput(text.UNKNOWN_ROLE, fields={"role": text.UNKNOWN_ROLE})
            path = await _unit_within(session, actor, unit_id, organisation)
            if role in store.NEED_FACTOR:
                require_itself(actor, Action.STAFF_MANAGE, path, organisation)
            row = new_grant(person_id, role, organisation, unit_id, actor)
            session.add(row)
            await session.flush()
            await audit.record(
                session, actor, "staff.grant", f"person:{person_id}",
                {"role": role, "unit": unit_id, "organisation": organisation},
            )
    except IntegrityError as error:
        raise Conflict(text.HAS_ROLE) from error
    return int(row.id or 0)


async def revoke_role(actor: Actor, grant_id: int) -> None:
    """Take a role away; it stays in the history with who ended it, and what was lent of it ends too.

    Raises:
        SignInRequired, Forbidden: the actor's own role.
        ProofRequired: the actor's last proof is too old.
        NotFound: no such grant held now within the actor's subtree and organisation.
        Conflict: the unit would have no administrator any more.
    """
    require_somewhere(actor, Action.STAFF_MANAGE)
    require_fresh(actor)
    moment = now()
    async with noting_refusals(actor, "staff.revoke", f"grant:{grant_id}"), db.transaction() as session:
        grant = await store.fetch_grant(session, grant_id, moment)
        if grant is None or not may(actor, Action.STAFF_MANAGE, grant.unit_path, grant.organisation):
            raise NotFound(text.UNKNOWN_PERSON)
        require(actor, Action.STAFF_MANAGE, grant.unit_path, grant.organisation)
        if grant.person_id == actor.person_id:
            await refuse_oneself(session, [grant])
        await keep_one(session, [grant])
        await store.end_grants(session, [grant.id], actor.person_id, moment)
        await audit.record(
            session, actor, "staff.revoke", f"person:{grant.person_id}",
            {"role": grant.role, "unit": grant.unit_id, "organisation": grant.organisation},
        )


async def disable_person(actor: Actor, person_id: UUID) -> None:
    """Disable an officer's account; its sessions and access tokens end at once, the tokens for good, and so does what he has lent.

    Raises:
        SignInRequired, Forbidden, NotFound: see `whole_officer`.
        Conflict: a unit would have no administrator any more.
    """
    async with noting_refusals(actor, "staff.disable", f"person:{person_id}"), db.transaction() as session:
        officer = await whole_officer(session, actor, person_id)
        await keep_one(session, officer.grants)
        await session.execute(
            sql("UPDATE person SET disabled_at = :now WHERE id = :id AND disabled_at IS NULL"), {"now": now(), "id": person_id}
        )
        await sessions.end(session, "disabled", person_id=person_id)
        await access_tokens.revoke_all(session, person_id)
        await audit.record(session, actor, "staff.disable", f"person:{person_id}")


async def enable_person(actor: Actor, person_id: UUID) -> None:
    """Undo `disable_person`; roles and password are as they were.

    Raises:
        SignInRequired, Forbidden, NotFound: see `entrusted_officer`.
        ProofRequired: the actor's last proof is too old.
    """
    async with db.transaction() as session:
        await entrusted_officer(session, actor, person_id)
        require_fresh(actor)
        await session.execute(sql("UPDATE person SET disabled_at = NULL WHERE id = :id"), {"id": person_id})
        await audit.record(session, actor, "staff.enable", f"person:{person_id}")


async def list_officers(actor: Actor, *, organisation: str = "mttq", after: str = "", query: str = "") -> list[Officer]:
    """Return officers of the units the actor administers, by user name, one page (`store.PAGE`).

    Args:
        actor: an administrator.
        organisation: whose officers.
        after: last user name of the page before; empty for the first page.
        query: start of a user name; empty for all.

    Raises:
        SignInRequired, Forbidden: the actor administers nothing for this organisation.
    """
    require(actor, Action.STAFF_MANAGE, organisation=organisation)
    async with db.reading() as session:
        return await store.fetch_officers(
            session, scopes(actor, Action.STAFF_MANAGE, organisation), organisation, now(), after[:60], query.strip().lower()[:60]
        )


async def why_without_roles(actor: Actor) -> str:
    """Return a sentence for an officer whose roles ended because the unit went into another; empty for everyone else."""
    require(actor, Action.ACCOUNT_OWN)
    if actor.kind != "officer" or actor.person_id is None:
        return ""
    async with db.reading() as session:
        row = await store.fetch_merged_away(session, actor.person_id)
    if row is not None:
        return text.UNIT_MERGED.format(unit=row.name, heir=row.heir)
    return "" if actor.grants or actor.is_withheld else text.NO_ROLE


async def change_password(actor: Actor, old: str, new: str) -> None:
    """Change the actor's own password; every other session and the access tokens end.

    Raises:
        SignInRequired, Forbidden: not a signed-in officer.
        InvalidInput: the old one is wrong, the new one weak or the same.
        TooMany: the old one was guessed at too often.
    """
    require(actor, Action.ACCOUNT_OWN)
    if actor.kind != "officer" or actor.person_id is None:
        raise Forbidden()
    attempts = await throttle.reserve((throttle.SIGNED_IN_PASSWORD, actor.person_id.bytes))
    async with db.reading() as session:
        row = (
            await session.execute(
                sql("SELECT user_name, password_hash FROM credential WHERE person_id = :id"), {"id": actor.person_id}
            )
        ).one()
    if not await passwords.verify_password(row.password_hash, old):
        raise InvalidInput(text.OLD_WRONG, fields={"old_password": text.OLD_WRONG})
    chosen = passwords.check_new_password(new, row.user_name)
    if await passwords.verify_password(row.password_hash, chosen):
        raise InvalidInput(text.SAME_AS_OLD, fields={"new_password": text.SAME_AS_OLD})
    encoded = await passwords.hash_password(chosen)
    async with db.transaction() as session:
        await session.execute(
            sql("UPDATE credential SET password_hash = :hash, changed_at = :now WHERE person_id = :id"),
            {"hash": encoded, "now": now(), "id": actor.person_id},
        )
        await void_challenges(session, actor.person_id, now())
        await sessions.end(session, "password_changed", person_id=actor.person_id, spare=actor.session_id)
        await access_tokens.revoke_all(session, actor.person_id)
        await audit.record(session, actor, "password.change", f"person:{actor.person_id}")
    await throttle.forgive(attempts)


async def _unit_within(session: AsyncSession, actor: Actor, unit_id: int, organisation: str) -> str:
    """Return the path of a unit that exists today and that the actor administers."""
    unit = await store.fetch_unit(session, unit_id)
    if unit is None:
        raise InvalidInput(text.UNKNOWN_UNIT, fields={"unit": text.UNKNOWN_UNIT})
    require(actor, Action.STAFF_MANAGE, unit.path, organisation)
    path: str = unit.path
    return path


async def reachable_officer(session: AsyncSession, actor: Actor, person_id: UUID, lock: bool = True) -> Officer:
    """Return an officer, locked unless told otherwise, whose home unit the actor administers; not the actor himself.

    Raises:
        SignInRequired: nobody is signed in.
        Forbidden: the actor administers nothing, or it is himself.
        NotFound: no such officer in the actor's subtree.
    """
    require_somewhere(actor, Action.STAFF_MANAGE)
    officer = await store.fetch_officer(session, person_id, now(), lock=lock)
    if officer is not None and person_id == actor.person_id:
        await refuse_oneself(session, officer.grants)
    if officer is None or not may(actor, Action.STAFF_MANAGE, officer.unit_path, officer.organisation):
        raise NotFound(text.UNKNOWN_PERSON)
    require(actor, Action.STAFF_MANAGE, officer.unit_path, officer.organisation)
    return officer


async def whole_officer(session: AsyncSession, actor: Actor, person_id: UUID) -> Officer:
    """Return an officer, locked, all of whose roles lie where the actor administers.

    Raises:
        SignInRequired, NotFound: see `reachable_officer`.
        Forbidden: the actor administers nothing, it is himself, or some role lies outside.
    """
    officer = await reachable_officer(session, actor, person_id)
    if not all(may(actor, Action.STAFF_MANAGE, grant.unit_path, grant.organisation) for grant in officer.grants):
        raise Forbidden(text.NOT_YOURS_TO_MANAGE)
    return officer


async def entrusted_officer(session: AsyncSession, actor: Actor, person_id: UUID) -> Officer:
    """Return an officer, locked, whose account the actor may open anew, and thereby enter.

    Stricter than `whole_officer`: the actor administers by roles of his own, or a loan would become the lender's account;
    and the roles lent to the officer count as well, those of a loan that has yet to begin too.

    Raises:
        SignInRequired, NotFound, Forbidden: see `whole_officer`; a right the actor was only lent is none here.
    """
    officer = await whole_officer(session, actor, person_id)
    require_itself(actor, Action.STAFF_MANAGE, officer.unit_path, officer.organisation)
    for path, organisation in await store.fetch_places_of_roles(session, person_id, now()):
        if not may(actor, Action.STAFF_MANAGE, path, organisation):
            raise Forbidden(text.NOT_YOURS_TO_MANAGE)
        require_itself(actor, Action.STAFF_MANAGE, path, organisation)
    return officer


def new_grant(person_id: UUID, role: str, organisation: str, unit_id: int, actor: Actor) -> RoleGrant:
    """Return the row of a role given now."""
    return RoleGrant(
        person_id=person_id, role=role, organisation=organisation, unit_id=unit_id, valid_from=now(), granted_by=actor.person_id
    )


async def _hand_code(session: AsyncSession, person_id: UUID) -> str:
    """Make a one-time code for an officer, in the caller's transaction; earlier ones are void."""
    moment = now()
    await session.execute(
        sql("UPDATE one_time_code SET used_at = :now WHERE person_id = :person AND used_at IS NULL"),
        {"now": moment, "person": person_id},
    )
    challenge = uuid4()
    code = "".join(random.choice(_HANDED_ALPHABET) for _ in range(10))
    session.add(
        OneTimeCode(
            id=challenge, purpose="first_password", person_id=person_id, created_at=moment, expires_at=moment + HANDED_CODE_LIFE,
            code_hash=secrets.hash_token(f"{challenge}:{code}", "one-time code"),
        )
    )
    await session.flush()
    return f"{code[:5]}-{code[5:]}"
