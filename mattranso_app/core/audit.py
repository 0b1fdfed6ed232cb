"""The audit log: insert-only, hash-chained, written in the transaction of what it records.

The database makes the chain (trigger `audit_seal`, migration 0001): each row carries the SHA-256 of the row before it in
its chain, and heads are kept apart, so that a changed, removed or cut-off row is found by `verify`. There are several
chains, picked by subject, because one chain would make every commit of the country wait for the one before it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.access import Actor, on_behalf_of
from mattranso_app.core.clock import now
from mattranso_app.core.sql import sql

CHAINS = 32
"""Number of chains; fixed for the life of a database (the trigger takes the chain from the subject)."""


async def record(
    session: AsyncSession, actor: Actor, action: str, subject: str, detail: dict[str, object] | None = None
) -> None:
    """Write one audit row in the caller's transaction. Call it last: the chain is locked until the commit.

    An act done with a role that a colleague has lent says so: `on_behalf_of` in the row's detail.

    Args:
        session: the open transaction.
        actor: who acted.
        action: what was done, e.g. "petition.publish".
        subject: what it was done to, e.g. "petition:PA-7K2M-94".
        detail: plain values worth keeping; never secrets, never more personal data than needed.
    """
    await session.execute(
        sql(
            "INSERT INTO audit_log (at, actor_kind, person_id, session_id, address, action, subject, detail) "
            "VALUES (:at, :kind, :person, :session, :address, :action, :subject, CAST(:detail AS text))"
        ),
        {
            "at": now(),
            "kind": actor.kind,
            "person": actor.person_id,
            "session": actor.session_id,
            "address": actor.address,
            "action": action,
            "subject": subject,
            "detail": json.dumps({**(detail or {}), **_basis(actor)}, ensure_ascii=False, sort_keys=True),
        },
    )


def _basis(actor: Actor) -> dict[str, object]:
    lender = on_behalf_of()
    is_his = any(grant.on_behalf_of == lender for grant in actor.grants)
    return {"on_behalf_of": str(lender)} if lender is not None and is_his else {}


@dataclass(frozen=True, slots=True)
class AuditFault:
    """One place where the log is not what was written: `row_id` is None when a whole tail is missing."""

    chain: int
    row_id: int | None
    reason: str


async def verify(session: AsyncSession) -> tuple[int, list[AuditFault]]:
    """Recompute every chain inside PostgreSQL.

    Returns:
        The number of rows checked and the faults found, at most 100.
    """
    checked = int((await session.execute(sql("SELECT count(*) FROM audit_log"))).scalar_one())
    rows = await session.execute(sql(_VERIFY_SQL))
    return checked, [AuditFault(chain=row[0], row_id=row[1], reason=row[2]) for row in rows]


_VERIFY_SQL = """
WITH chained AS (
  SELECT a.*, lag(hash, 1, '\\x'::bytea) OVER w AS expected_previous,
         lag(ordinal, 1, 0::bigint) OVER w AS last_ordinal
  FROM audit_log a WINDOW w AS (PARTITION BY chain ORDER BY ordinal)
), faults AS (
  SELECT chain, id, 'the row was changed' AS reason FROM chained
    WHERE hash <> audit_hash(chain, ordinal, previous, at, actor_kind, person_id, session_id, address, action, subject, detail)
  UNION ALL
  SELECT chain, id, 'the row before it is missing or was changed' FROM chained
    WHERE previous <> expected_previous OR ordinal <> last_ordinal + 1
  UNION ALL
  SELECT h.chain, NULL, 'the end of the chain is missing' FROM audit_head h
    LEFT JOIN LATERAL (SELECT ordinal, hash FROM audit_log a WHERE a.chain = h.chain ORDER BY ordinal DESC LIMIT 1) l ON true
    WHERE h.ordinal > 0 AND (l.ordinal IS DISTINCT FROM h.ordinal OR l.hash IS DISTINCT FROM h.hash)
)
SELECT chain, id, reason FROM faults ORDER BY chain, id LIMIT 100
"""
