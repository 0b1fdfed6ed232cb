"""Roles lent for an absence: an officer, or an administrator for her, lends a colleague of her unit roles of hers from day to day.

Only roles of her own can be lent, so what was lent is not handed on; each ends by itself with its last day, with the role
itself, or when her account is disabled or moves. What is done with a lent role names her in the audit log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit, db
from mattranso_app.core.access import Action, Actor, may, require, require_itself, scopes
from mattranso_app.core.clock import VN, now, today
from mattranso_app.core.errors import Conflict, Forbidden, InvalidInput, NotFound, SecondFactorRequired, SignInRequired
from mattranso_app.identity.officers import store, text
from mattranso_app.identity.officers.store import Delegation
from mattranso_app.identity.service.administrators import noting_refusals
from mattranso_app.identity.service.staff import reachable_officer
from mattranso_app.identity.service.step_up import require_fresh
from mattranso_app.identity.store import HeldGrant, Officer, fetch_officer

LONGEST = timedelta(days=190)
"""How long a role may be lent: a maternity leave, the longest there is."""

EARLIEST = timedelta(days=365)
"""How long before its beginning it may be entered."""


@dataclass(frozen=True, slots=True)
class Lending:
    """What somebody can lend and to whom, and what is lent already.

    Attributes:
        officer: the one whose roles they are; `grants` are those that can be lent.
        colleagues: user name and name of people of the same unit, the first fifty by user name; others can be named too.
        delegations: what the officer lends or is lent, now or later.
    """

    officer: Officer
    colleagues: list[tuple[str, str]]
    delegations: list[Delegation]


async def get_lending(actor: Actor, person_id: UUID | None = None) -> Lending:
    """Return what `person_id` can lend and lends; the actor himself when None.

    Raises:
        SignInRequired, Forbidden, NotFound: nobody is signed in, no officer, or none the actor administers.
    """
    require(actor, Action.ACCOUNT_OWN)
    async with db.reading() as session:
        officer = await _officer(session, actor, person_id or actor.person_id, lock=False)
        colleagues = await store.fetch_colleagues(session, officer.person_id)
        return Lending(officer, colleagues, await store.fetch_delegations(session, [officer.person_id], now()))


async def list_delegations(actor: Actor, person_ids: Sequence[UUID], organisation: str = "mttq") -> list[Delegation]:
    """Return what these officers lend or are lent, as far as the lender works where the actor administers.

    Raises:
        SignInRequired, Forbidden: the actor administers nothing for this organisation.
    """
    require(actor, Action.STAFF_MANAGE, organisation=organisation)
    reach = scopes(actor, Action.STAFF_MANAGE, organisation)
    async with db.reading() as session:
        found = await store.fetch_delegations(session, list(person_ids)[: store.PAGE], now())
    return [row for row in found if row.organisation == organisation and row.home_path.startswith(reach)]


async def delegate(
    actor: Actor, person_id: UUID, *, grant_ids: Sequence[int], to: str, first: date, last: date
) -> list[int]:
    """Lend roles of an officer to a colleague of the same unit, from the day `first` to the end of the day `last`.

    Args:
        actor: the officer herself, or an administrator of her unit by a role of his own.
        person_id: whose roles they are.
        grant_ids: which of them.
        to: the colleague's user name.
        first: first day; today begins at once.
        last: last day, included.

    Returns:
        The numbers of what has been lent, for `end_delegation`.

    Raises:
        SignInRequired, Forbidden: not the actor's to lend, or to himself.
        SecondFactorRequired: his rights are withheld in this session.
        ProofRequired: the actor's last proof is too old.
        NotFound: no such officer within the actor's reach.
        InvalidInput: no such colleague, no role chosen, days that cannot be.
        Conflict: the colleague has one of them for some of that time already.
    """
    require(actor, Action.ACCOUNT_OWN)
    since, until = _period(first, last)
    if not grant_ids:
        raise InvalidInput(fields={"roles": text.CHOOSE_ROLES})
    async with noting_refusals(actor, "staff.delegate", f"person:{person_id}"), db.transaction() as session:
        officer = await _officer(session, actor, person_id, lock=True)
        require_fresh(actor)
        grants = await store.lock_grants(session, person_id, list(grant_ids)[: store.PAGE], now())
        if len(grants) != len(set(grant_ids)):
            raise InvalidInput(fields={"roles": text.ROLE_GONE})
        _check_is_his_to_lend(actor, officer, grants)
        colleague = await _colleague(session, actor, officer, to)
        made = []
        for grant in grants:
            number = await store.save_delegation(session, grant, colleague, since, until, actor.person_id, now())
            if number is None:
                raise Conflict(text.LENT_ALREADY)
            made.append(number)
        await audit.record(
            session, actor, "staff.delegate", f"person:{person_id}",
            {
                "to": str(colleague), "from": first.isoformat(), "until": last.isoformat(), "numbers": made,
                "roles": [f"{grant.organisation}:{grant.role}:{grant.unit_path}" for grant in grants],
            },
        )
    return made


async def end_delegation(actor: Actor, delegation_id: int) -> None:
    """End a lent role before its last day: by who lends it, who was lent it, or an administrator of the lender's unit.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none, it has ended, or it is not the actor's to end.
    """
    require(actor, Action.ACCOUNT_OWN)
    async with db.transaction() as session:
        found = await store.fetch_delegation(session, delegation_id, now())
        if found is None:
            raise NotFound(text.LENDING_GONE)
        if actor.person_id not in (found.delegator_id, found.person_id):
            if not may(actor, Action.STAFF_MANAGE, found.home_path, found.organisation):
                raise NotFound(text.LENDING_GONE)
            require(actor, Action.STAFF_MANAGE, found.home_path, found.organisation)
        await store.end_delegations(session, now(), actor.person_id, delegation_id=delegation_id)
        await audit.record(
            session, actor, "staff.end_delegation", f"person:{found.delegator_id}",
            {"to": str(found.person_id), "number": delegation_id, "role": found.role},
        )


def _period(first: date, last: date) -> tuple[datetime, datetime]:
    """Return the moments a loan begins and ends, in days of Viet Nam."""
    start = today()
    if not start <= first <= start + EARLIEST:
        raise InvalidInput(fields={"first": text.FIRST_DAY_RULE})
    if not first <= last <= first + LONGEST - timedelta(days=2):
        raise InvalidInput(fields={"last": text.LAST_DAY_RULE})
    begins = datetime.combine(first, time.min, VN)
    return max(begins, now()), datetime.combine(last + timedelta(days=1), time.min, VN)


async def _officer(session: AsyncSession, actor: Actor, person_id: UUID | None, lock: bool) -> Officer:
    """Return the actor as an officer, or another one he administers."""
    if person_id is None:
        raise SignInRequired()
    if person_id != actor.person_id:
        return await reachable_officer(session, actor, person_id, lock=lock)
    officer = await fetch_officer(session, person_id, now(), lock=lock)
    if officer is None:
        raise Forbidden()
    return officer


def _check_is_his_to_lend(actor: Actor, officer: Officer, grants: Sequence[HeldGrant]) -> None:
    """Raise unless each role counts for the actor now, or is one of an officer whom he administers by a role of his own."""
    for grant in grants:
        if officer.person_id != actor.person_id:
            require_itself(actor, Action.STAFF_MANAGE, grant.unit_path, grant.organisation)
        elif not any(
            own.on_behalf_of is None and (own.role, own.organisation, own.unit_path) == (grant.role, grant.organisation, grant.unit_path)
            for own in actor.grants
        ):
            raise SecondFactorRequired() if actor.is_withheld else Forbidden()


async def _colleague(session: AsyncSession, actor: Actor, officer: Officer, user_name: str) -> UUID:
    """Return whom the roles are lent to: an officer of the same unit and organisation, in use, and not who arranges it for another."""
    found = await store.fetch_colleague(session, user_name.strip().lower()[:60])
    if found is None or found.disabled or (found.unit_id, found.organisation) != (officer.unit_id, officer.organisation):
        raise InvalidInput(fields={"to": text.NO_SUCH_COLLEAGUE})
    if found.id == officer.person_id:
        raise InvalidInput(fields={"to": text.NOT_TO_ONESELF})
    if found.id == actor.person_id:
        raise Forbidden(text.NOT_FOR_ONESELF)
    colleague: UUID = found.id
    return colleague
