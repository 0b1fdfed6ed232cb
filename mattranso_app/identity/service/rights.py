"""Who may do what on a unit, and why: the declared table of `core.access` laid over the roles that count there."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from mattranso_app.core import db
from mattranso_app.core.access import ANY_SIGNED_IN, CENTRAL_ONLY, CENTRAL_PATH, Action, Actor, Role, carries, counts_for, require
from mattranso_app.core.clock import now, today
from mattranso_app.core.errors import NotFound
from mattranso_app.identity import text
from mattranso_app.identity.officers import rights_store
from mattranso_app.identity.officers.rights_store import CountingRole, Holder
from mattranso_app.identity.officers.store import PAGE
from mattranso_app.identity.store import NEED_FACTOR, fetch_unit
from mattranso_app.settings import settings


@dataclass(frozen=True, slots=True)
class Right:
    """One thing somebody may do on the unit.

    Attributes:
        action: what.
        reasons: each role that gives it; the first alone would do.
        is_withheld: none of them counts before the person has set a second factor up.
    """

    action: Action
    reasons: tuple[CountingRole, ...]
    is_withheld: bool


@dataclass(frozen=True, slots=True)
class PersonRights:
    """Somebody with rights on the unit, in the order of `Action`."""

    person_id: UUID
    user_name: str
    name: str
    unit_name: str
    rights: tuple[Right, ...]


@dataclass(frozen=True, slots=True)
class RightsPage:
    """One page of people; `next` is the user name to go on after, empty on the last page."""

    unit_name: str
    people: list[PersonRights]
    next: str


async def who_may(
    actor: Actor, unit_id: int, *, organisation: str = "mttq", action: Action | None = None, query: str = "", after: str = ""
) -> RightsPage:
    """Return who may do what on a unit, by user name, one page.

    Args:
        actor: an administrator of the unit or of one above it, for this organisation.
        unit_id: the unit.
        organisation: for whom the acts would be.
        action: only who may do this; None for everything.
        query: beginning of a user name or part of a name.
        after: `next` of the page before.

    Raises:
        SignInRequired, Forbidden: not the actor's to see.
        NotFound: no such unit today.
    """
    require(actor, Action.STAFF_MANAGE, organisation=organisation)
    asked = [one for one in Action if one not in ANY_SIGNED_IN and counts_for(one, organisation) and action in (None, one)]
    roles = [role for role in Role if any(carries(role, CENTRAL_PATH, one) for one in asked)]
    async with db.reading() as session:
        unit = await fetch_unit(session, unit_id)
        if unit is None:
            raise NotFound(text.UNKNOWN_UNIT)
        require(actor, Action.STAFF_MANAGE, unit.path, organisation)
        above = [CENTRAL_PATH] if set(asked) <= CENTRAL_ONLY else _above(unit.path)
        found = await rights_store.fetch_holders(
            session, above, organisation, roles, now(), today(), after[:60], query.strip()[:60]
        )
    people = [_person(holder, asked) for holder in found[:PAGE]]
    return RightsPage(unit.name, people, people[-1].user_name if len(found) > PAGE else "")


def _above(path: str) -> list[str]:
    """Return the paths of a unit and of all above it, from Central down."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[: depth + 1]) + "/" for depth in range(len(parts))]


def _person(holder: Holder, asked: list[Action]) -> PersonRights:
    rights = []
    for action in asked:
        reasons = tuple(role for role in holder.roles if carries(role.role, role.unit_path, action))
        if reasons:
            rights.append(Right(action, reasons, all(_is_withheld(holder, reason) for reason in reasons)))
    return PersonRights(holder.person_id, holder.user_name, holder.name, holder.unit_name, tuple(rights))


def _is_withheld(holder: Holder, reason: CountingRole) -> bool:
    """Return whether a role counts in no session this person can open yet; the same rule as `store.counting_roles`."""
    asks = holder.must_have_factor or reason.role in NEED_FACTOR
    return asks and not holder.has_factor and settings().requires_second_factor
