"""A citizen has the data of her own account confirmed: with consent, for one purpose, written down whatever comes of it."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from mattranso_app.core import audit, db, secrets
from mattranso_app.core.access import Action, Actor, require
from mattranso_app.core.clock import now, today
from mattranso_app.core.errors import Conflict, InvalidInput, NotFound, SignInRequired, TooMany, Unavailable
from mattranso_app.core.text.cleaning import TextTooLong, clean_text
from mattranso_app.identity import throttle
from mattranso_app.identity.outside.linking import NUMBER_SEAL
from mattranso_app.identity.population import store, text
from mattranso_app.identity.population.port import ASKED, Fields, Question, Unreachable, confirm, is_there

_NUMBER = re.compile(r"[0-9]{12}")
_NAME_HASH = "population.name"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a citizen's data stand: `confirmed_at` is None until they were confirmed as they are now; the number is masked."""

    name: str
    confirmed_at: datetime | None
    number: str


async def own_standing(actor: Actor) -> Standing:
    """Return how the actor's own data stand.

    Raises:
        SignInRequired: nobody is signed in.
        Conflict: an officer's data are his administrator's.
    """
    person_id = _own(actor)
    async with db.reading() as session:
        person = await store.fetch_person(session, person_id)
        at = await store.fetch_confirmed_at(session, person_id, secrets.token_hashes(person.name, _NAME_HASH))
    sealed = person.number_cipher
    return Standing(person.name, at, f"•••• •••• {secrets.unseal(sealed, NUMBER_SEAL)[-4:]}" if sealed else "")


async def confirm_own_data(actor: Actor, name: str, birth_year: str, number: str, agrees: bool) -> None:
    """Ask the population register whether the actor's own data are right; on a yes the account has that name.

    Args:
        actor: the citizen.
        name: full name as typed.
        birth_year: four digits as typed.
        number: identity number as typed; not needed where a linked account knows it.
        agrees: whether the consent was given, for this once.

    Raises:
        SignInRequired: nobody is signed in.
        Conflict: an officer's data are his administrator's.
        NotFound: there is no register.
        InvalidInput: no consent, something typed wrong, or the data differ; which of them differ is not told.
        TooMany: asked too often today.
        Unavailable: the register is down, slow or talks nonsense.
    """
    person_id = _own(actor)
    if not is_there():
        raise NotFound(text.NO_REGISTER)
    if not agrees:
        raise InvalidInput(text.NEED_CONSENT, fields={"dong-y": text.NEED_CONSENT})
    async with db.reading() as session:
        person = await store.fetch_person(session, person_id)
    known = secrets.unseal(person.number_cipher, NUMBER_SEAL) if person.number_cipher else ""
    question = _question(name, birth_year, known or number)
    try:
        await throttle.reserve((throttle.POPULATION_PER_PERSON, person_id.bytes))
    except TooMany as error:
        raise TooMany(text.MOST, retry_after=error.retry_after) from error
    async with db.transaction() as session:
        # Before anything leaves the house: the row stays whatever becomes of this process or of the answer.
        await audit.record(session, actor, "population.ask", f"person:{person_id}", {"purpose": text.PURPOSE, "consent": True})
    matched: Fields = frozenset()
    reference, outcome = "", "unavailable"
    try:
        reply = await confirm(question)
        matched, reference = reply.matched, reply.reference
        outcome = "confirmed" if matched == ASKED else "differs"
    except Unreachable as error:
        log.warning("population register: %s", error)
    is_right = outcome == "confirmed"
    async with db.transaction() as session:
        await store.save_lookup(session, {
            "id": uuid4(), "person_id": person_id, "asked_by": person_id, "purpose": text.PURPOSE, "consent": text.CONSENT, "at": now(),
            "outcome": outcome, "matched": sorted(matched), "reference": reference,
            "name_hash": secrets.hash_token(question.name, _NAME_HASH) if is_right else None,
        })
        if is_right:
            await store.save_name(session, person_id, question.name, now())
        detail: dict[str, Any] = {"purpose": text.PURPOSE, "outcome": outcome, "matched": sorted(matched), "reference": reference}
        await audit.record(session, actor, "population.look_up", f"person:{person_id}", detail)
    if outcome == "unavailable":
        raise Unavailable(text.DOWN)
    if not is_right:
        raise InvalidInput(text.DIFFERS)


def _question(name: str, birth_year: str, number: str) -> Question:
    faults = {}
    try:
        cleaned = clean_text(name, 100, multiline=False)
    except TextTooLong:
        cleaned = ""
    if len(cleaned) < 2:
        faults["ho-ten"] = text.BAD_NAME
    year = birth_year.strip()
    if not (year.isascii() and year.isdigit() and len(year) == 4 and 1900 <= int(year) <= today().year):
        faults["nam-sinh"] = text.BAD_YEAR
    digits = re.sub(r"[\s.\-]", "", number)
    if not _NUMBER.fullmatch(digits):
        faults["so-dinh-danh"] = text.BAD_NUMBER
    if faults:
        raise InvalidInput(" ".join(faults.values()), fields=faults)
    return Question(digits, cleaned, int(year), text.PURPOSE)


def _own(actor: Actor) -> UUID:
    require(actor, Action.ACCOUNT_OWN)
    if actor.person_id is None:
        raise SignInRequired()
    if actor.kind != "citizen":
        raise Conflict(text.CITIZENS_ONLY)
    return actor.person_id
