"""No unit is left without anybody who administers it; and whoever is refused a change of rights leaves a row in the audit log."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit, db
from mattranso_app.core.access import Actor, Role
from mattranso_app.core.clock import now
from mattranso_app.core.errors import Conflict, Forbidden
from mattranso_app.identity import text
from mattranso_app.identity.officers import store
from mattranso_app.identity.store import HeldGrant


async def keep_one(session: AsyncSession, losing: Sequence[HeldGrant]) -> None:
    """Raise when nobody would administer a unit any more, at it or above it, once `losing` is lost. Call it before writing.

    Of two who take each other's role at once the second waits for the first, looks again, and is refused.

    Args:
        session: the open transaction.
        losing: own roles that are about to end or whose holder is about to be disabled.

    Raises:
        Conflict: one of them is the last administrator's.
    """
    held = [grant for grant in losing if grant.role == Role.ADMINISTRATOR]
    for organisation in sorted({grant.organisation for grant in held}):
        await store.lock_administrators(session, organisation)
    for grant in held:
        if not await store.has_other_administrator(session, grant, [other.id for other in held], now()):
            raise Conflict(text.LAST_ADMINISTRATOR)


async def refuse_oneself(session: AsyncSession, grants: Sequence[HeldGrant]) -> None:
    """Refuse somebody who changes his own account; the last administrator hears what has to come first.

    Raises:
        Forbidden: always, in words that say what to do.
    """
    try:
        await keep_one(session, grants)
    except Conflict as error:
        raise Forbidden(error.text) from error
    raise Forbidden(text.NOT_OWN_ROLES)


@asynccontextmanager
async def noting_refusals(actor: Actor, act: str, subject: str) -> AsyncIterator[None]:
    """Write an audit row when the block is refused for want of a right or for the order of things; the refusal goes on.

    It goes around the verb's own transaction, which has been rolled back by then.
    """
    try:
        yield
    except (Forbidden, Conflict) as error:
        async with db.transaction() as session:
            await audit.record(session, actor, "staff.refused", subject, {"act": act, "why": error.text})
        raise
