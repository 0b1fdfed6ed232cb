"""Taking a petition in: where it goes and why, and one petition for one sending however often it is replayed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from mattranso_app.core import audit, files, live, secrets
from mattranso_app.core.access import Actor
from mattranso_app.core.calendar import working_calendar
from mattranso_app.core.clock import VN, now
from mattranso_app.core.db import glance, transaction
from mattranso_app.core.errors import Conflict, DomainError, Gone, InvalidInput, NotFound, TooMany, Unavailable
from mattranso_app.core.turns import Turnstile
from mattranso_app.identity import throttle
from mattranso_app.petitions import store, text
from mattranso_app.petitions.models import Kind, State, Step
from mattranso_app.petitions.service.contact import seal_contact
from mattranso_app.petitions.submission import Submission, check_client_key
from mattranso_app.settings import settings
from mattranso_app.units import service as units
from mattranso_app.units.kinds import Level
from mattranso_app.units.views import UnitView

SENT_PER_ADDRESS = "petition.submit"
_WINDOW = 10 * 60
_TURNS = Turnstile(12)
"""Taken in at once by one process: fewer than it has connections, so that a burst of petitions keeps nobody from reading."""
_KEY = "petition.key"
_DIGEST = "petition.digest"


@dataclass(frozen=True, slots=True)
class Destination:
    """The unit a petition goes to, and the reason as the citizen reads it before sending."""

    unit: UnitView
    reason: str


@dataclass(frozen=True, slots=True)
class Sent:
    """What the sender gets: the public number and the secret receipt, which is told only here."""

    number: str
    receipt: str
    due_at: datetime
    working_days: int
    basis: str
    reason: str


async def explain_destination(kind: str, unit_code: str) -> Destination:
    """Return where a petition of `kind` addressed to `unit_code` goes, and why.

    Raises:
        InvalidInput: the unit does not exist, exists no longer, or receives nothing itself.
    """
    return await _destination(kind, unit_code, units.get_unit_by_code)


async def _destination(kind: str, unit_code: str, find: Callable[[str], Awaitable[UnitView]]) -> Destination:
    try:
        unit = await find(unit_code)
    except (NotFound, Gone) as error:
        raise InvalidInput(text.SOMETHING_WRONG, fields={"unit": error.text}) from error
    if unit.level is Level.GROUP:
        raise InvalidInput(text.SOMETHING_WRONG, fields={"unit": text.UNIT_IS_GROUP})
    return Destination(unit, _reason(kind, unit.level, unit.name))


def _reason(kind: str, level: Level, name: str) -> str:
    words = {Level.CENTRAL: text.REASON_CENTRAL, Level.PROVINCE: text.REASON_PROVINCE}.get(level, text.REASON_COMMUNE)
    office = text.BODY_CENTRAL if level is Level.CENTRAL else text.BODY.format(unit=name)
    return words.format(body=office, unit=name) + (text.REASON_QUESTION if kind == Kind.QUESTION else "")


async def submit_petition(
    actor: Actor, client_key: str, submission: Submission, photos: Sequence[files.PreparedFile] = (), *, is_sample: bool = False
) -> Sent:
    """Take a petition in, once.

    Args:
        actor: who sends; anonymous is welcome.
        client_key: made by the sender's device for this one sending; replays give the same number and receipt.
        submission: what was sent, checked.
        photos: prepared pictures, in their order.
        is_sample: marks demonstration data.

    Raises:
        InvalidInput: no such unit, a bad key, too many photos.
        Conflict: the key was used for something else.
        TooMany: too many from one network address.
        Unavailable: the unit is being merged or moved, or the sender's account erased, at this moment.
    """
    check_client_key(client_key)
    if len(photos) > settings().photos_per_petition:
        raise InvalidInput(fields={"photo": text.TOO_MANY_PHOTOS.format(limit=settings().photos_per_petition)})
    async with _TURNS.turn():
        return await _submit(actor, client_key, submission, photos, is_sample)


async def _submit(
    actor: Actor, client_key: str, submission: Submission, photos: Sequence[files.PreparedFile], is_sample: bool
) -> Sent:
    content = submission.digest([photo.sent_sha256 for photo in photos]).hex()
    if len(secrets.token_hashes(client_key, _KEY)) > 1:  # the database cannot see that the same key was hashed with an earlier secret
        replayed = await _replay(client_key, content)
        if replayed is not None:
            return replayed
    try:
        destination = await _destination(submission.kind, submission.unit, units.glimpse_unit)
        attempts = await _throttle(actor)
        sent = await _take_in(actor, client_key, content, submission, photos, destination, is_sample)
    except (InvalidInput, TooMany):
        # What was acknowledged once is acknowledged again, even when its unit has since been merged.
        replayed = await _replay(client_key, content)
        if replayed is None:
            raise
        return replayed
    if sent is not None:
        return sent
    await throttle.forgive(attempts)
    replayed = await _replay(client_key, content)
    if replayed is None:
        raise Conflict()
    return replayed


async def _take_in(
    actor: Actor, client_key: str, content: str, submission: Submission, photos: Sequence[files.PreparedFile],
    destination: Destination, is_sample: bool,
) -> Sent | None:
    """Write the petition and all that belongs to it; None when the client key has made one already."""
    receipt = secrets.derive_receipt(client_key)
    at = now()
    day = at.astimezone(VN).date()
    unit = destination.unit
    sender_id = actor.person_id if actor.kind == "citizen" else None
    async with transaction() as session:
        allowed = await store.hold_unit(session, unit.id, unit.path, submission.kind, "answer", day, sender_id)
        if allowed is None:
            await explain_destination(submission.kind, submission.unit)  # when it has ended, its heirs are named
            raise Unavailable(text.UNIT_IS_CHANGING, retry_after=2)
        due_at = working_calendar().add_working_days(at, allowed.working_days)
        made = await store.save_petition(
            session,
            {
                "client_key_hash": secrets.hash_token(client_key, _KEY), "body_digest": secrets.hash_token(content, _DIGEST),
                "receipt_hash": secrets.hash_receipt(receipt), "kind": submission.kind, "title": submission.title,
                "body": submission.body, "place": submission.place, "unit_id": unit.id, "unit_path": unit.path,
                "organisation": "mttq", "channel": submission.channel, "is_sample": is_sample,
                "sender_id": sender_id, "contact_hint": submission.contact_hint,
                "created_at": at, "due_at": due_at, "deadline_rule_id": allowed.id,
            },
            None if submission.is_anonymous else seal_contact(submission.phone, submission.email),
        )
        if made is None:
            return None
        petition_id, number = made
        for photo in photos:
            await files.attach(session, actor, photo, "petition", f"{number}/photo")
        await store.save_event(session, petition_id, State.NEW, Step.SUBMIT, actor, at, unit_id=unit.id)
        await live.mark(session, "portal", f"desk/{unit.code}")
        await audit.record(session, actor, "petition.submit", f"petition:{number}", {"unit": unit.code})
    return Sent(number, receipt, due_at, allowed.working_days, allowed.basis, destination.reason)


async def _replay(client_key: str, content: str) -> Sent | None:
    """Return what was answered when `client_key` was first used, None when it was not.

    Raises:
        Conflict: it was used for something else.
    """
    async with glance() as connection:
        row = await store.fetch_by_client_key(connection, secrets.token_hashes(client_key, _KEY))
    if row is None:
        return None
    if not any(secrets.same(bytes(row["body_digest"]), digest) for digest in secrets.token_hashes(content, _DIGEST)):
        raise Conflict(text.KEY_REUSED.format(number=row["number"]))
    receipt = secrets.derive_receipt(client_key, bytes(row["receipt_hash"]))
    reason = _reason(row["kind"], Level(row["unit_level"]), row["unit_name"])
    return Sent(row["number"], receipt, row["due_at"], row["working_days"], row["basis"], reason)


async def _throttle(actor: Actor) -> tuple[int, ...]:
    most = settings().submissions_per_address
    if not most or actor.kind == "system":
        return ()
    limit = throttle.Limit(SENT_PER_ADDRESS, most, _WINDOW)
    try:
        return await throttle.reserve((limit, throttle.address_key(actor.address)))
    except TooMany as error:
        raise TooMany(text.TOO_MANY_SENT, retry_after=error.retry_after) from error


def photo_problem(place: int, error: DomainError) -> InvalidInput:
    """Return what is wrong with the photo at `place` (from 1) as an error of the form's field."""
    return InvalidInput(text.SOMETHING_WRONG, fields={"photo": text.PHOTO_WRONG.format(place=place, reason=error.text)})
