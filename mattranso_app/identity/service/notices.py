"""Telling a person what happened to the account, by the contact we know."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import notify, secrets
from mattranso_app.core.access import Role
from mattranso_app.core.clock import now
from mattranso_app.core.sql import sql
from mattranso_app.identity.contacts import CONTACT_SEAL

_CONTACT = """
SELECT coalesce(w.channel, CASE WHEN p.email_cipher IS NULL THEN 'sms' ELSE 'email' END) AS channel,
       coalesce(w.contact_cipher, p.email_cipher, p.phone_cipher) AS sealed
  FROM person p LEFT JOIN work_contact w ON w.person_id = p.id WHERE p.id = :person
"""


_HOLDERS = """
SELECT DISTINCT ON (h.unit_id, h.person_id) h.unit_id, h.person_id FROM held_role h JOIN person p ON p.id = h.person_id
WHERE h.unit_id = ANY(:units) AND h.organisation = :organisation AND h.role = ANY(:roles) AND p.disabled_at IS NULL
  AND h.valid_from <= :now AND (h.valid_to IS NULL OR h.valid_to > :now)
ORDER BY h.unit_id, h.person_id LIMIT :limit
"""


async def fetch_role_holders(
    session: AsyncSession, unit_ids: Sequence[int], organisation: str, roles: Sequence[Role], limit: int
) -> list[tuple[int, UUID]]:
    """Return (unit, person) of who holds one of `roles`, of his own or lent, at one of the units themselves; at most `limit`."""
    values = {"units": list(unit_ids), "organisation": organisation, "roles": list(roles), "now": now(), "limit": limit}
    return [(row.unit_id, row.person_id) for row in await session.execute(sql(_HOLDERS), values)]


async def tell(
    session: AsyncSession, person_id: UUID, subject: str, words: str, template: str, dedupe_key: str | None = None
) -> bool:
    """Put a notice into the outbox, in the caller's transaction; return whether a contact of the person is known.

    A second notice with the same `dedupe_key` is not made.
    """
    row = (await session.execute(sql(_CONTACT), {"person": person_id})).one_or_none()
    if row is None or row.sealed is None:
        return False
    to = secrets.unseal(row.sealed, CONTACT_SEAL)
    await notify.send(session, channel=row.channel, to=to, subject=subject, text=words, template=template, dedupe_key=dedupe_key)
    return True
