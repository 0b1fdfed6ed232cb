"""The sender's contact: sealed at rest, opened by one verb only, with a reason, and every opening is audited."""

from __future__ import annotations

import json

from mattranso_app.core import audit, secrets
from mattranso_app.core.access import Action, Actor, may, require
from mattranso_app.core.db import transaction
from mattranso_app.core.errors import InvalidInput, NotFound
from mattranso_app.core.text import clean_text
from mattranso_app.petitions import store, text
from mattranso_app.petitions.numbers import read_number
from mattranso_app.petitions.service.claiming import mark
from mattranso_app.petitions.store import own_data

_PURPOSE = "petition.contact"
REASON_LIMIT = 200
REASON_MINIMUM = 5


def seal_contact(phone: str, email: str) -> bytes:
    """Return the contact encrypted."""
    return secrets.seal(json.dumps({"phone": phone, "email": email}), _PURPOSE)


def unseal_contact(sealed: bytes) -> dict[str, str]:
    """Return `phone` and `email`, each possibly empty."""
    opened: dict[str, str] = json.loads(secrets.unseal(sealed, _PURPOSE))
    return opened


async def read_contact(actor: Actor, typed_number: str, reason: str) -> dict[str, str]:
    """Return how to reach the sender of a petition.

    Args:
        actor: an officer with the right on the petition's unit.
        typed_number: the petition.
        reason: why; kept in the audit log.

    Raises:
        InvalidInput: no reason was given, or one too long for the log.
        SignInRequired: nobody is signed in.
        NotFound: no such petition in the actor's scope, or its sender left no contact.
        Forbidden: the actor may read the petition but not the contact.
    """
    require(actor, Action.PETITION_READ)
    try:
        reason = clean_text(reason, REASON_LIMIT, multiline=False)
    except ValueError as error:
        raise InvalidInput(fields={"reason": text.TOO_LONG.format(limit=REASON_LIMIT)}) from error
    if len(reason) < REASON_MINIMUM:
        raise InvalidInput(fields={"reason": text.REASON_MISSING})
    number = read_number(typed_number)
    async with transaction() as session:
        row = await store.fetch_by_number(session, number) if number else None
        if row is None or not may(actor, Action.PETITION_READ, row["unit_path"], row["organisation"]):
            raise NotFound(text.NUMBER_UNKNOWN)
        require(actor, Action.PETITION_READ_CONTACT, row["unit_path"], row["organisation"])
        sealed = await store.fetch_contact(session, row["id"])
        if sealed is None:
            raise NotFound(text.NOBODY_TO_REACH)
        await audit.record(session, actor, "petition.read_contact", f"petition:{number}", {"reason": reason})
    return unseal_contact(sealed)


async def withdraw_contact(actor: Actor, typed_number: str) -> None:
    """Take back that officers may reach the actor about one of his petitions: the contact is removed from it.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: it is not the actor's, or has no contact (any more).
    """
    require(actor, Action.ACCOUNT_OWN)
    number = read_number(typed_number)
    if number is None or actor.person_id is None:
        raise NotFound(text.NO_CONTACT_TO_WITHDRAW)
    async with transaction() as session:
        if not await own_data.withdraw_contact(session, number, actor.person_id):
            raise NotFound(text.NO_CONTACT_TO_WITHDRAW)
        # As in `claiming`: the log does not say which petition is whose.
        await audit.record(session, actor, "petition.withdraw_contact", f"person:{actor.person_id}", {"mark": mark(number)})
