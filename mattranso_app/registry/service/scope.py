"""Whose figures an officer sees, enters and decides on.

An organisation enters its own figures. Mặt trận, whose database it is, also sees and decides on those of the five
organisations in its subtree; an organisation sees and decides on its own in its subtree. Nobody sees a sibling's.
"""

from __future__ import annotations

from mattranso_app.core.access import CENTRAL_PATH, Action, Actor, may, require, scopes
from mattranso_app.core.errors import Forbidden

FRONT = "mttq"


def require_enter(actor: Actor, unit_path: str, organisation: str) -> None:
    """Raise unless `actor` may enter figures of `organisation` at the unit.

    Raises:
        SignInRequired, SecondFactorRequired, OutOfScope, Forbidden: see `access.require`.
    """
    require(actor, Action.REGISTRY_ENTER, unit_path, organisation)


def may_enter(actor: Actor, unit_path: str, organisation: str) -> bool:
    """Return whether `actor` may enter figures of `organisation` at the unit."""
    return may(actor, Action.REGISTRY_ENTER, unit_path, organisation)


def require_read(actor: Actor, unit_path: str, organisation: str) -> None:
    """Raise unless `actor` may see figures of `organisation` at the unit. Raises as `require_enter`."""
    if not may(actor, Action.REGISTRY_READ, unit_path, FRONT):
        require(actor, Action.REGISTRY_READ, unit_path, organisation)


def above_of(unit_path: str) -> str:
    """Return the path of the unit that decides on the reports of the one at `unit_path`; Central decides on its own."""
    return unit_path if unit_path == CENTRAL_PATH else unit_path.rstrip("/").rpartition("/")[0] + "/"


def may_decide(actor: Actor, unit_path: str, organisation: str) -> bool:
    """Return whether `actor` approves for the level above the unit."""
    above = above_of(unit_path)
    return may(actor, Action.REGISTRY_APPROVE, above, FRONT) or may(actor, Action.REGISTRY_APPROVE, above, organisation)


def require_decide(actor: Actor, unit_path: str, organisation: str) -> None:
    """Raise unless `actor` approves for the level above the unit; Central's own reports are decided on at Central.

    Raises:
        As `require_enter`.
    """
    above = above_of(unit_path)
    if not may(actor, Action.REGISTRY_APPROVE, above, FRONT):
        require(actor, Action.REGISTRY_APPROVE, above, organisation)


def may_forward(actor: Actor, unit_path: str, organisation: str) -> bool:
    """Return whether `actor` approves at the unit itself, below Central, and so sends on what is below it."""
    own = may(actor, Action.REGISTRY_APPROVE, unit_path, FRONT) or may(actor, Action.REGISTRY_APPROVE, unit_path, organisation)
    return own and unit_path != CENTRAL_PATH


def require_forward(actor: Actor, unit_path: str, organisation: str) -> None:
    """Raise unless `actor` approves at the unit itself, which sends on what is below it. Raises as `require_enter`."""
    if not may(actor, Action.REGISTRY_APPROVE, unit_path, FRONT):
        require(actor, Action.REGISTRY_APPROVE, unit_path, organisation)


def readable(actor: Actor, organisation: str) -> tuple[str, ...]:
    """Return the path prefixes below which `actor` may see figures of `organisation`; empty means nowhere. For queries."""
    own = scopes(actor, Action.REGISTRY_READ, organisation)
    return tuple(sorted({*own, *scopes(actor, Action.REGISTRY_READ, FRONT)}))


def require_other_person(actor: Actor, submitted_by: object) -> None:
    """Raise when the person who submitted a report would also approve it.

    Raises:
        Forbidden: four eyes.
    """
    if actor.person_id is not None and actor.person_id == submitted_by:
        raise Forbidden("Người gửi báo cáo không tự duyệt. Hãy nhờ người khác duyệt.")
