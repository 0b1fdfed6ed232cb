"""Who may do what: one table of role × action, looked at with the unit subtree and the organisation of each grant.

Pure: it knows people and units only as plain values. `identity` fills the actor; the guard (socket events) and the HTTP
layer put the current one where `current_actor()` finds it. Every handler and every route declares itself with `@needs`
or `@public`; what is undeclared stops the start-up.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, TypeVar
from uuid import UUID

from mattranso_app.core.errors import Forbidden, OutOfScope, SecondFactorRequired, SignInRequired

F = TypeVar("F", bound=Callable[..., Any])


class Role(StrEnum):
    """The four roles an officer can hold on a unit subtree for one organisation."""

    READER = "reader"
    HANDLER = "handler"
    APPROVER = "approver"
    ADMINISTRATOR = "administrator"


class Action(StrEnum):
    """Every protected act. Public acts need no action: they are declared `@public`."""

    ACCOUNT_OWN = "account.own"
    ACCOUNT_READ = "account.read"
    STAFF_MANAGE = "staff.manage"
    UNIT_MANAGE_GROUPS = "unit.manage_groups"
    UNIT_IMPORT = "unit.import"
    APPLICATION_MANAGE = "application.manage"
    DATA_REQUESTS = "data.requests"
    AUDIT_READ = "audit.read"
    PETITION_READ = "petition.read"
    PETITION_READ_CONTACT = "petition.read_contact"
    PETITION_HANDLE = "petition.handle"
    PETITION_APPROVE = "petition.approve"
    REGISTRY_READ = "registry.read"
    REGISTRY_ENTER = "registry.enter"
    REGISTRY_APPROVE = "registry.approve"
    REGISTRY_DESIGN = "registry.design"


ROLE_ACTIONS: dict[Role, frozenset[Action]] = {
    Role.READER: frozenset({Action.PETITION_READ, Action.REGISTRY_READ}),
    Role.HANDLER: frozenset(
        {Action.PETITION_READ, Action.PETITION_READ_CONTACT, Action.PETITION_HANDLE, Action.REGISTRY_READ, Action.REGISTRY_ENTER}
    ),
    Role.APPROVER: frozenset(
        {
            Action.PETITION_READ, Action.PETITION_READ_CONTACT, Action.PETITION_APPROVE,
            Action.REGISTRY_READ, Action.REGISTRY_APPROVE, Action.REGISTRY_DESIGN,
        }
    ),
    Role.ADMINISTRATOR: frozenset({Action.STAFF_MANAGE, Action.UNIT_MANAGE_GROUPS, Action.AUDIT_READ}),
}
"""What each role may do inside its unit subtree and organisation. An administrator manages people, not petitions."""

CENTRAL_ONLY: frozenset[Action] = frozenset({Action.UNIT_IMPORT, Action.APPLICATION_MANAGE, Action.DATA_REQUESTS})
"""Acts of a Central administrator alone."""

PROVINCE_AND_ABOVE: frozenset[Action] = frozenset({Action.REGISTRY_DESIGN})
"""Acts of Central and the provinces."""

EVERY_ORGANISATION: frozenset[Action] = frozenset(
    {Action.STAFF_MANAGE, Action.REGISTRY_READ, Action.REGISTRY_ENTER, Action.REGISTRY_APPROVE, Action.REGISTRY_DESIGN}
)
"""Acts that every organisation does for itself; what the others are about belongs to Mặt trận."""

ANY_SIGNED_IN: frozenset[Action] = frozenset({Action.ACCOUNT_OWN, Action.ACCOUNT_READ})
"""Acts of everyone who is signed in, on what is their own. Changing the account is never lent to a program, reading may be."""

CENTRAL_PATH = "vn/"
_PROVINCE_DEPTH = 2
"""Slashes in the path of a province."""

LENT_ONLY = "Quyền được uỷ quyền không giao tiếp cho người khác. Hãy nhờ quản trị viên của đơn vị."
WITHOUT_ROLES = "Tài khoản của anh chị hiện không có vai trò nào. Mở trang Tài khoản để biết vì sao và cần hỏi ai."


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held for one organisation on the units below `unit_path` (itself included).

    `on_behalf_of` is the colleague who has lent the role for the time of an absence; None for a role of one's own.
    """

    role: Role
    organisation: str
    unit_path: str
    on_behalf_of: UUID | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `system` is the platform itself (jobs, seeds); it is never made from a request.

    Attributes:
        kind: what stands behind it.
        person_id: the person, None for nobody and the platform.
        name: as shown.
        session_id: the session spoken from.
        unit_id: an officer's home unit.
        unit_path: its path.
        grants: the roles that count in this session.
        address: network address.
        withheld: roles the person holds that need a second factor this session was opened without.
        proved_at: when the person last proved himself in this session, for acts that need it fresh.
        limited_to: the actions a program may do in the person's name, out of those the person may; None: no such limit.
    """

    kind: Literal["anonymous", "citizen", "officer", "system"]
    person_id: UUID | None = None
    name: str = ""
    session_id: UUID | None = None
    unit_id: int | None = None
    unit_path: str = ""
    grants: tuple[Grant, ...] = ()
    address: str = ""
    withheld: tuple[Grant, ...] = ()
    proved_at: datetime | None = None
    limited_to: frozenset[Action] | None = None

    @property
    def is_signed_in(self) -> bool:
        """Whether a person stands behind this actor."""
        return self.kind in ("citizen", "officer")

    @property
    def is_withheld(self) -> bool:
        """Whether roles of this person do not count in this session for want of a second factor."""
        return bool(self.withheld)


ANONYMOUS = Actor(kind="anonymous")
SYSTEM = Actor(kind="system", name="Hệ thống")


def is_under(unit_path: str, prefix: str) -> bool:
    """Return whether the unit at `unit_path` lies in the subtree of `prefix`; both end with `/`."""
    return bool(prefix) and unit_path.startswith(prefix)


def may(actor: Actor, action: Action, unit_path: str = "", organisation: str = "mttq") -> bool:
    """Return whether `actor` may do `action`.

    Args:
        actor: who asks.
        action: what for.
        unit_path: the unit it is about; empty asks "anywhere at all".
        organisation: the organisation it is about.
    """
    if actor.kind == "system":
        return True
    if action in ANY_SIGNED_IN:
        return actor.is_signed_in and not _is_beyond(actor, action)
    return any(
        prefix == "" or unit_path == "" or is_under(unit_path, prefix)
        for prefix in _prefixes(actor, action, organisation)
    )


def require(actor: Actor, action: Action, unit_path: str = "", organisation: str = "mttq") -> None:
    """Raise unless `actor` may do `action`; arguments as in `may`.

    Raises:
        SignInRequired: nobody is signed in.
        SecondFactorRequired: the person's rights are withheld in this session.
        OutOfScope: a program asks, and this was not lent to it.
        Forbidden: signed in, but without this right here.
    """
    if may(actor, action, unit_path, organisation):
        _note_basis(actor, lambda asked: may(asked, action, unit_path, organisation))
        return
    if _is_beyond(actor, action):
        raise OutOfScope()
    if _would(actor, lambda asked: may(asked, action, unit_path, organisation)):
        raise SecondFactorRequired()
    raise Forbidden() if actor.is_signed_in else SignInRequired()


def require_itself(actor: Actor, action: Action, unit_path: str = "", organisation: str = "mttq") -> None:
    """Raise unless `actor` may do `action` by a role of his own: what is lent is not handed on. Arguments as in `may`.

    Raises:
        SignInRequired, SecondFactorRequired: as `require`.
        Forbidden: no right here, or only a lent one.
    """
    require(actor, action, unit_path, organisation)
    if not may(_by_own_roles(actor), action, unit_path, organisation):
        raise Forbidden(LENT_ONLY)


def may_somewhere(actor: Actor, action: Action) -> bool:
    """Return whether `actor` may do `action` on any unit for any organisation: what a door asks, before it is known where."""
    return any(may(actor, action, organisation=grant.organisation) for grant in actor.grants) or may(actor, action)


def require_somewhere(actor: Actor, action: Action) -> None:
    """Raise unless `actor` may do `action` somewhere, see `may_somewhere`; the service asks again about the very place.

    Raises:
        SignInRequired: nobody is signed in.
        SecondFactorRequired: the person's rights are withheld in this session.
        OutOfScope: a program asks, and this was not lent to it.
        Forbidden: signed in, but without this right anywhere.
    """
    if may_somewhere(actor, action):
        _note_basis(actor, lambda asked: may_somewhere(asked, action))
        return
    if _is_beyond(actor, action):
        raise OutOfScope()
    if _would(actor, lambda asked: may_somewhere(asked, action)):
        raise SecondFactorRequired()
    if actor.kind == "officer" and not actor.grants:
        raise Forbidden(WITHOUT_ROLES)
    raise Forbidden() if actor.is_signed_in else SignInRequired()


def _would(actor: Actor, question: Callable[[Actor], bool]) -> bool:
    """Return whether a second factor is what the actor lacks; who has no right left at all is told so whatever he asks."""
    return actor.is_withheld and (not actor.grants or question(replace(actor, grants=actor.withheld)))


def _by_own_roles(actor: Actor) -> Actor:
    return replace(actor, grants=tuple(grant for grant in actor.grants if grant.on_behalf_of is None))


def _note_basis(actor: Actor, question: Callable[[Actor], bool]) -> None:
    """Remember whose right the answer rests on, for the audit row of what is done with it."""
    lent = [grant for grant in actor.grants if grant.on_behalf_of is not None]
    basis = None
    if lent and not question(_by_own_roles(actor)):
        basis = next((grant.on_behalf_of for grant in lent if question(replace(actor, grants=(grant,)))), None)
    _basis.set(basis)


def on_behalf_of() -> UUID | None:
    """Return the colleague by whose lent role the last requirement in this call was met; None when by one's own."""
    return _basis.get()


def scopes(actor: Actor, action: Action, organisation: str = "mttq") -> tuple[str, ...]:
    """Return the unit-path prefixes inside which `actor` may do `action`; empty means nowhere. For use in queries."""
    if actor.kind == "system":
        return (CENTRAL_PATH,)
    return tuple(sorted(set(_prefixes(actor, action, organisation))))


def _is_beyond(actor: Actor, action: Action) -> bool:
    return actor.limited_to is not None and action not in actor.limited_to


def _prefixes(actor: Actor, action: Action, organisation: str) -> list[str]:
    if _is_beyond(actor, action):
        return []
    return [
        grant.unit_path
        for grant in actor.grants
        if grant.organisation == organisation and carries(grant.role, grant.unit_path, action)
    ]


def carries(role: Role, unit_path: str, action: Action) -> bool:
    """Return whether a role given on the unit at `unit_path` carries `action` for the units there."""
    if action in CENTRAL_ONLY:
        return role is Role.ADMINISTRATOR and unit_path == CENTRAL_PATH
    if action in PROVINCE_AND_ABOVE and unit_path.count("/") > _PROVINCE_DEPTH:
        return False
    return action in ROLE_ACTIONS[role]


def counts_for(action: Action, organisation: str) -> bool:
    """Return whether there is anything `action` could be done to that belongs to `organisation`."""
    return organisation == "mttq" or action in EVERY_ORGANISATION


_DECLARED = "__mts_needs__"


def needs(action: Action) -> Callable[[F], F]:
    """Declare that a handler or route may be called only by who may do `action` somewhere, for any organisation.

    The service checks where and for which.
    """

    def mark(function: F) -> F:
        setattr(function, _DECLARED, action)
        return function

    return mark


def public(function: F) -> F:
    """Declare that anyone may call this handler or route."""
    setattr(function, _DECLARED, None)
    return function


_AUTOMATIC = "__mts_automatic__"


def automatic(function: F) -> F:
    """Mark a handler that a page calls by itself: such a call is no sign of life and keeps no session awake."""
    setattr(function, _AUTOMATIC, True)
    return function


def is_automatic(function: Callable[..., Any]) -> bool:
    """Return whether `function` is marked `@automatic`."""
    return getattr(function, _AUTOMATIC, False) is True


def is_declared(function: Callable[..., Any]) -> bool:
    """Return whether `function` carries `@needs` or `@public`."""
    return hasattr(function, _DECLARED)


def declared_action(function: Callable[..., Any]) -> Action | None:
    """Return the action `function` needs, None for a public one.

    Raises:
        LookupError: it declares nothing.
    """
    if not is_declared(function):
        raise LookupError(f"{function.__qualname__} declares neither @needs nor @public")
    action: Action | None = getattr(function, _DECLARED)
    return action


_current: ContextVar[Actor] = ContextVar("mts_actor", default=ANONYMOUS)
_basis: ContextVar[UUID | None] = ContextVar("mts_basis", default=None)


def current_actor() -> Actor:
    """Return who is calling, as the guard or the HTTP layer found out; anonymous when neither ran."""
    return _current.get()


def set_current_actor(actor: Actor) -> None:
    """Tell the rest of this call who acts. For the guard, the HTTP layer and tests."""
    _current.set(actor)
    _basis.set(None)
