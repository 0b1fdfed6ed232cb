"""An officer goes to another unit: one side lets go, the other takes in. The person and all history stay, every former right ends."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit, db
from mattranso_app.core.access import Action, Actor, Role, may, require, require_itself, require_somewhere, scopes
from mattranso_app.core.clock import now
from mattranso_app.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from mattranso_app.identity import text as account_text
from mattranso_app.identity.officers import store, text
from mattranso_app.identity.officers.store import Transfer
from mattranso_app.identity.service.administrators import keep_one, noting_refusals
from mattranso_app.identity.service.staff import new_grant, whole_officer
from mattranso_app.identity.service.step_up import require_fresh
from mattranso_app.identity.store import NEED_FACTOR, Officer, end_grants, fetch_officer, fetch_unit


async def propose_transfer(actor: Actor, person_id: UUID, unit_id: int) -> int:
    """Let an officer go to another unit. Nothing changes for him before that side takes him in.

    Args:
        actor: an administrator of all the officer's roles.
        person_id: the officer.
        unit_id: where he is to work.

    Returns:
        The transfer's number, for `accept_transfer` and `end_transfer`.

    Raises:
        SignInRequired, Forbidden, NotFound: see `staff.whole_officer`.
        ProofRequired: the actor's last proof is too old.
        InvalidInput: no such unit, or the officer's own.
        Conflict: a transfer is open already, or the account is disabled.
    """
    async with noting_refusals(actor, "staff.transfer_propose", f"person:{person_id}"), db.transaction() as session:
        officer = await whole_officer(session, actor, person_id)
        require_fresh(actor)
        unit = await fetch_unit(session, unit_id)
        if unit is None:
            raise InvalidInput(fields={"unit": account_text.UNKNOWN_UNIT})
        if unit.id == officer.unit_id:
            raise InvalidInput(fields={"unit": text.SAME_UNIT})
        if officer.disabled:
            raise Conflict(text.TRANSFER_DISABLED)
        number = await store.save_transfer(session, person_id, officer.unit_id, unit.id, actor.person_id, now())
        if number is None:
            raise Conflict(text.MOVING_ALREADY)
        await audit.record(
            session, actor, "staff.transfer_propose", f"person:{person_id}",
            {"number": number, "from": officer.unit_path, "to": unit.path},
        )
    return number


async def accept_transfer(actor: Actor, transfer_id: int, roles: Sequence[str]) -> None:
    """Take an officer in: every role and loan he has ends, the unit becomes his home, `roles` are given there.

    His sessions go on and have the new rights with their next act.

    Args:
        actor: an administrator of the unit he comes to.
        transfer_id: number of the transfer.
        roles: what he may do there, at least one.

    Raises:
        SignInRequired, Forbidden: the actor administers nothing, or it is himself, or by a lent role he would give one that
            approves or administers.
        ProofRequired: the actor's last proof is too old.
        NotFound: no such open transfer to where the actor administers.
        InvalidInput: unknown or no roles, or the unit has ended.
        Conflict: the officer's roles or unit have changed since it was proposed, who proposed it has lost the right to, or the
            officer's unit would be left without an administrator.
    """
    require_somewhere(actor, Action.STAFF_MANAGE)
    require_fresh(actor)
    wanted = sorted(set(roles))
    if not wanted:
        raise InvalidInput(fields={"roles": text.CHOOSE_NEW_ROLES})
    if not set(wanted) <= set(Role):
        raise InvalidInput(fields={"roles": account_text.UNKNOWN_ROLE})
    moment = now()
    async with noting_refusals(actor, "staff.transfer", f"transfer:{transfer_id}"), db.transaction() as session:
        transfer = await _transfer(session, actor, transfer_id)
        if not set(NEED_FACTOR).isdisjoint(wanted):  # what one has on loan one does not give on
            require_itself(actor, Action.STAFF_MANAGE, transfer.to_path, transfer.organisation)
        if await fetch_unit(session, transfer.to_id) is None:
            raise InvalidInput(account_text.UNKNOWN_UNIT)
        officer = await _unchanged(session, transfer)
        held = await store.lock_grants(session, officer.person_id, [grant.id for grant in officer.grants], moment)
        await keep_one(session, held)
        await end_grants(session, [grant.id for grant in held], actor.person_id, moment)
        loans = await store.end_delegations(session, moment, actor.person_id, person_id=officer.person_id)
        await store.save_home(session, officer.person_id, transfer.to_id)
        session.add_all(new_grant(officer.person_id, role, transfer.organisation, transfer.to_id, actor) for role in wanted)
        await session.flush()
        await store.save_transfer_decision(session, transfer_id, "accepted", actor.person_id, moment)
        person = f"person:{officer.person_id}"
        await audit.record(session, actor, "staff.transfer_out", f"unit:{transfer.from_path}", {"person": str(officer.person_id)})
        await audit.record(session, actor, "staff.transfer_in", f"unit:{transfer.to_path}", {"person": str(officer.person_id)})
        await audit.record(
            session, actor, "staff.transfer", person,
            {
                "from": transfer.from_path, "to": transfer.to_path, "roles": wanted, "loans_ended": loans,
                "ended": [f"{grant.organisation}:{grant.role}:{grant.unit_path}" for grant in held],
            },
        )


async def end_transfer(actor: Actor, transfer_id: int) -> None:
    """Decline a transfer to a unit of one's own, or withdraw one from it; the officer stays where he is.

    Raises:
        SignInRequired, Forbidden: the actor administers nothing, or it is himself.
        NotFound: no such open transfer from or to where the actor administers.
    """
    require_somewhere(actor, Action.STAFF_MANAGE)
    async with noting_refusals(actor, "staff.transfer_end", f"transfer:{transfer_id}"), db.transaction() as session:
        transfer = await _transfer(session, actor, transfer_id, or_from=True)
        is_receiver = may(actor, Action.STAFF_MANAGE, transfer.to_path, transfer.organisation)
        decision = "declined" if is_receiver else "withdrawn"
        await store.save_transfer_decision(session, transfer_id, decision, actor.person_id, now())
        await audit.record(
            session, actor, "staff.transfer_end", f"person:{transfer.person_id}", {"number": transfer_id, "decision": decision}
        )


async def list_transfers(actor: Actor, *, organisation: str = "mttq", after: int = 0) -> list[Transfer]:
    """Return open transfers from or to units the actor administers, oldest first, one page (`store.PAGE`).

    Raises:
        SignInRequired, Forbidden: the actor administers nothing for this organisation.
    """
    require(actor, Action.STAFF_MANAGE, organisation=organisation)
    async with db.reading() as session:
        return await store.fetch_transfers(session, scopes(actor, Action.STAFF_MANAGE, organisation), organisation, after)


async def _transfer(session: AsyncSession, actor: Actor, transfer_id: int, or_from: bool = False) -> Transfer:
    """Return an open transfer, locked, to where the actor administers, or with `or_from` from there; never his own."""
    found = await store.fetch_transfer(session, transfer_id)
    paths = [found.to_path, *([found.from_path] if or_from else [])] if found else []
    mine = [path for path in paths if found and may(actor, Action.STAFF_MANAGE, path, found.organisation)]
    if found is None or not mine:
        raise NotFound(text.TRANSFER_GONE)
    if found.person_id == actor.person_id:
        raise Forbidden(account_text.NOT_OWN_ROLES)
    require(actor, Action.STAFF_MANAGE, mine[0], found.organisation)
    return found


async def _unchanged(session: AsyncSession, transfer: Transfer) -> Officer:
    """Return the officer, locked, unless something has changed that whoever proposed the transfer did not know of."""
    officer = await fetch_officer(session, transfer.person_id, now(), lock=True)
    if officer is None or officer.unit_id != transfer.from_id:
        raise Conflict(text.TRANSFER_STALE)
    if officer.disabled:
        raise Conflict(text.TRANSFER_DISABLED)
    if await store.count_grants_since(session, transfer.person_id, transfer.proposed_at, now()):
        raise Conflict(text.TRANSFER_STALE)
    if transfer.proposed_by is not None:
        reach = await store.fetch_managed_paths(session, transfer.proposed_by, transfer.organisation, now())
        if not all(path.startswith(reach) for path in (transfer.from_path, *(grant.unit_path for grant in officer.grants))):
            raise Conflict(text.TRANSFER_VOID)
    return officer
