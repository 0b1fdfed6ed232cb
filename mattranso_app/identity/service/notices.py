"""Telling a person what happened to the account, by the contact we know."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import notify, secrets
from mattranso_app.core.sql import sql
from mattranso_app.identity.contacts import CONTACT_SEAL

_CONTACT = """
SELECT coalesce(w.channel, CASE WHEN p.email_cipher IS NULL THEN 'sms' ELSE 'email' END) AS channel,
       coalesce(w.contact_cipher, p.email_cipher, p.phone_cipher) AS sealed
  FROM person p LEFT JOIN work_contact w ON w.person_id = p.id WHERE p.id = :person
"""


async def tell(session: AsyncSession, person_id: UUID, subject: str, words: str, template: str) -> bool:
    """Put a notice into the outbox, in the caller's transaction; return whether a contact of the person is known."""
    row = (await session.execute(sql(_CONTACT), {"person": person_id})).one_or_none()
    if row is None or row.sealed is None:
        return False
    to = secrets.unseal(row.sealed, CONTACT_SEAL)
    await notify.send(session, channel=row.channel, to=to, subject=subject, text=words, template=template)
    return True
