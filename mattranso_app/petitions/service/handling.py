"""What officers do with a petition: take it up, decide on its publication, answer, and a second person's decision.

Each verb takes the version of the petition the officer was looking at. When somebody else was faster it raises `Conflict`
and keeps what was being written as the officer's draft, so of two answers neither is lost.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit, files, live, notify, search
from mattranso_app.core.access import Action, Actor, may, require
from mattranso_app.core.clock import now
from mattranso_app.core.db import transaction
from mattranso_app.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from mattranso_app.core.masking import Masked, mask_apart
from mattranso_app.core.text import clean_text
from mattranso_app.petitions import store, text, words
from mattranso_app.petitions.models import TRANSITIONS, Outcome, Publication, State, Step
from mattranso_app.petitions.numbers import read_number
from mattranso_app.petitions.service.contact import unseal_contact
from mattranso_app.petitions.submission import BODY_LIMIT, PLACE_LIMIT, TITLE_LIMIT
from mattranso_app.settings import settings

ANSWER_LIMIT = 20_000
ANSWER_MINIMUM = 20
REASON_LIMIT = 500
REASON_MINIMUM = 5
MOST_ATTACHMENTS = 20
"""Files officers may attach to one petition's answers."""
_MASK_GROWTH = 2
"""A public copy may be longer than what was sent: the marks are longer than what they cover."""


async def take_up(actor: Actor, number: str, version: int) -> None:
    """Begin handling a petition; its public copy is prepared with personal data masked, for an officer to look over.

    Raises:
        NotFound, Forbidden, Conflict: see the module.
    """
    async with _step(actor, number, version, Step.TAKE_UP, Action.PETITION_HANDLE) as (session, row):
        title, body, place = [(await mask_apart(row[name])).text for name in ("title", "body", "place")]
        await store.save_public_copy(session, row["id"], title, body, place)
        await _record(session, actor, row, Step.TAKE_UP)


async def publish_question(actor: Actor, number: str, version: int, title: str, body: str, place: str) -> None:
    """Publish the question in the copy the officer has looked over; what the masking still finds in it is covered again.

    Raises:
        InvalidInput: the public copy is empty.
        NotFound, Forbidden, Conflict: see the module.
    """
    title = (await mask_apart(_cleaned("title", title, TITLE_LIMIT * _MASK_GROWTH, multiline=False))).text
    body = (await mask_apart(_cleaned("body", body, BODY_LIMIT * _MASK_GROWTH))).text
    place = (await mask_apart(_cleaned("place", place, PLACE_LIMIT * _MASK_GROWTH, multiline=False))).text
    missing = {name: text.PUBLIC_COPY_MISSING for name, value in (("title", title), ("body", body)) if not value}
    if missing:
        raise InvalidInput(fields=missing)
    async with _step(actor, number, version, Step.PUBLISH_QUESTION, Action.PETITION_HANDLE) as (session, row):
        await store.save_public_copy(session, row["id"], title, body, place)
        await files.set_visibility(session, "petition", f"{row['number']}/photo", "public")
        await _record(session, actor, row, Step.PUBLISH_QUESTION)


async def withhold_question(actor: Actor, number: str, version: int, reason: str) -> None:
    """Keep the question from being public, with a reason everyone can read; also after it was published.

    Raises:
        InvalidInput: no reason.
        NotFound, Forbidden, Conflict: see the module.
    """
    reason = (await mask_apart(_reason(reason))).text
    async with _step(actor, number, version, Step.WITHHOLD_QUESTION, Action.PETITION_HANDLE) as (session, row):
        for part in ("photo", "answer"):
            await files.set_visibility(session, "petition", f"{row['number']}/{part}", "private")
        await _record(session, actor, row, Step.WITHHOLD_QUESTION, public_note=reason)


async def save_draft(actor: Actor, number: str, version: int, outcome: str, body: str) -> Masked:
    """Keep an officer's unfinished answer; return what is masked in it.

    Raises:
        InvalidInput: longer than an answer may be.
        NotFound, Forbidden: the petition is not in the officer's scope.
    """
    body = _cleaned("body", body, ANSWER_LIMIT)
    async with transaction() as session:
        row = await _locked(session, actor, number, Action.PETITION_HANDLE)
        return await _keep_draft(session, actor, row, version, outcome, body)


async def submit_answer(
    actor: Actor, number: str, version: int, outcome: str, body: str, attachments: Sequence[UUID] = ()
) -> None:
    """Hand an answer in for approval. Its public copy is masked; the sender gets it as it was written.

    Args:
        actor: its author.
        number: the petition.
        version: the one the author was looking at.
        outcome: what it brings.
        body: the answer.
        attachments: files uploaded for this petition, in their order.

    Raises:
        InvalidInput: no outcome, or an answer too short to say what was done.
        Conflict: somebody else was faster, or publication is not decided yet; the text is kept as a draft.
        NotFound, Forbidden: see the module.
    """
    body = _cleaned("body", body, ANSWER_LIMIT)
    wrong: dict[str, str] = {}
    if outcome not in set(Outcome):
        wrong["outcome"] = text.OUTCOME_MISSING
    if len(body) < ANSWER_MINIMUM:
        wrong["body"] = text.ANSWER_SHORT if body else text.ANSWER_MISSING
    if wrong:
        raise InvalidInput(fields=wrong)
    draft = {"outcome": outcome, "body": body}
    async with _step(actor, number, version, Step.SUBMIT_ANSWER, Action.PETITION_HANDLE, draft) as (session, row):
        if not set(attachments) <= {file.id for file in await _attached(session, row)}:
            raise InvalidInput(fields={"file": text.FILE_NOT_YOURS})
        await store.save_answer(session, row["id"], actor, now(), outcome, body, (await mask_apart(body)).text, attachments)
        if actor.person_id is not None:
            await store.delete_draft(session, row["id"], actor.person_id)
        await _record(session, actor, row, Step.SUBMIT_ANSWER)


async def return_answer(actor: Actor, number: str, version: int, reason: str) -> None:
    """Give an answer back to its author with what has to change.

    Raises:
        InvalidInput: no reason.
        NotFound, Forbidden, Conflict: see the module.
    """
    reason = _reason(reason)
    async with _step(actor, number, version, Step.RETURN_ANSWER, Action.PETITION_APPROVE) as (session, row):
        answer = await _waiting(session, row)
        await store.decide_answer(session, row["id"], answer["ordinal"], "returned", actor, now(), reason)
        await _record(session, actor, row, Step.RETURN_ANSWER, internal_note=reason)


async def approve_answer(actor: Actor, number: str, version: int) -> None:
    """Approve an answer, which publishes it and tells the sender. Never its own author: the database refuses that too.

    Raises:
        Forbidden: the author himself.
        NotFound, Conflict: see the module.
    """
    async with _step(actor, number, version, Step.APPROVE_ANSWER, Action.PETITION_APPROVE) as (session, row):
        answer = await _waiting(session, row)
        if answer["author_id"] == actor.person_id:
            raise Forbidden(text.FOUR_EYES)
        await store.decide_answer(session, row["id"], answer["ordinal"], "approved", actor, now())
        if row["publication"] == Publication.PUBLISHED:
            await files.set_visibility(session, "petition", f"{row['number']}/answer", "public", only=list(answer["files"]))
        await _record(session, actor, row, Step.APPROVE_ANSWER)
        await _tell_sender(session, row, answer["outcome"])


async def attach_evidence(actor: Actor, number: str, prepared: files.PreparedFile) -> UUID:
    """Keep a file for the answer that is being written; private until the answer is approved.

    Raises:
        NotFound, Forbidden: the petition is not in the officer's scope.
        Conflict: no answer is being written.
        InvalidInput: it has `MOST_ATTACHMENTS` already.
    """
    async with transaction() as session:
        row = await _locked(session, actor, number, Action.PETITION_HANDLE)
        if row["state"] != State.IN_PROGRESS:
            raise Conflict(text.STEP_IMPOSSIBLE.format(state=text.STATES[row["state"]]))
        if len(await _attached(session, row)) >= MOST_ATTACHMENTS:
            raise InvalidInput(fields={"file": text.TOO_MANY_ATTACHMENTS.format(limit=MOST_ATTACHMENTS)})
        file = await files.attach(session, actor, prepared, "petition", f"{row['number']}/answer")
        await audit.record(session, actor, "petition.attach", f"petition:{row['number']}", {"file": str(file.id)})
    return file.id


async def _attached(session: AsyncSession, row: RowMapping) -> list[files.StoredFile]:
    owner = f"{row['number']}/answer"
    return (await files.list_files(session, "petition", [owner]))[owner]


@asynccontextmanager
async def _step(
    actor: Actor, number: str, version: int, step: Step, action: Action, draft: dict[str, str] | None = None
) -> AsyncIterator[tuple[AsyncSession, RowMapping]]:
    """Open the transaction of a step on the locked petition, after looking at right, version and state.

    When the step is refused for what others have done, `draft` is kept.
    """
    require(actor, action)
    if actor.person_id is None:
        raise Forbidden(text.OFFICER_ONLY)
    async with transaction() as session:
        row = await _locked(session, actor, number, action)
        refusal = _refusal(row, version, step)
        if not refusal:
            yield session, row
            return
        if draft is not None:
            await _keep_draft(session, actor, row, version, draft["outcome"], draft["body"])
    raise Conflict(refusal)


def _refusal(row: RowMapping, version: int, step: Step) -> str:
    """Return why `step` cannot be taken now, empty when it can."""
    if row["version"] != version:
        return text.MOVED_ON
    if (State(row["state"]), step) not in TRANSITIONS:
        return text.STEP_IMPOSSIBLE.format(state=text.STATES[row["state"]])
    if step is Step.SUBMIT_ANSWER and row["publication"] == Publication.PENDING:
        return text.PUBLICATION_PENDING
    return ""


async def _locked(session: AsyncSession, actor: Actor, typed_number: str, action: Action) -> RowMapping:
    number = read_number(typed_number)
    row = await store.lock_petition(session, number) if number else None
    if row is None or not may(actor, Action.PETITION_READ, row["unit_path"], row["organisation"]):
        require(actor, action)  # whoever may nothing anywhere hears that; others learn nothing of foreign petitions
        raise NotFound(text.NUMBER_UNKNOWN)
    require(actor, action, row["unit_path"], row["organisation"])
    return row


async def _keep_draft(session: AsyncSession, actor: Actor, row: RowMapping, version: int, outcome: str, body: str) -> Masked:
    if actor.person_id is None:
        raise Forbidden(text.OFFICER_ONLY)
    chosen = outcome if outcome in set(Outcome) else ""
    masked = await mask_apart(body)
    await store.save_draft(session, row["id"], actor.person_id, now(), chosen, body, masked.text, version)
    return masked


async def _waiting(session: AsyncSession, row: RowMapping) -> RowMapping:
    answer = await store.fetch_latest_answer(session, row["id"])
    if answer is None or answer["decision"] is not None:
        raise Conflict(text.MOVED_ON)
    return answer


async def _record(
    session: AsyncSession, actor: Actor, row: RowMapping, step: Step, *, public_note: str = "", internal_note: str = ""
) -> None:
    """Write the event and everything that follows from it, the audit row last."""
    number: str = row["number"]
    await store.save_event(
        session, row["id"], State(row["state"]), step, actor, now(), unit_id=actor.unit_id or row["unit_id"],
        public_note=public_note, internal_note=internal_note,
    )
    changed = [f"petitions/{number}", f"desk/{row['unit_code']}"]
    if step in (Step.PUBLISH_QUESTION, Step.WITHHOLD_QUESTION, Step.APPROVE_ANSWER):
        changed += ["portal", "petitions"]
        await search.touch(session, "petitions", str(row["id"]))
    await live.mark(session, *changed)
    detail: dict[str, object] = {"version": row["version"] + 1}
    await audit.record(session, actor, f"petition.{step}", f"petition:{number}", detail)


async def _tell_sender(session: AsyncSession, row: RowMapping, outcome: str) -> None:
    sealed = await store.fetch_contact(session, row["id"])
    if sealed is None:
        return
    contact = unseal_contact(sealed)
    number: str = row["number"]
    told: dict[str, Any] = {
        "body": text.BODY.format(unit=row["unit_name"]), "kind": text.KINDS[row["kind"]].lower(), "number": number,
        "outcome": text.OUTCOMES[outcome].lower(), "address": f"{settings().origins()[0]}/phan-anh/{number}",
    }
    for channel, to in (("email", contact["email"]), ("sms", contact["phone"])):
        if to:
            await notify.send(
                session, channel=channel, to=to, subject=text.ANSWERED_SUBJECT.format(number=number),  # type: ignore[arg-type]
                text=text.ANSWERED_BODY.format(**told) if channel == "email" else text.ANSWERED_SMS.format(**told),
                template="petition.answered", dedupe_key=f"petition.answered:{number}:{channel}",
            )


def _cleaned(field: str, value: str, limit: int, *, multiline: bool = True) -> str:
    try:
        return clean_text(value, limit, multiline=multiline)
    except ValueError as error:
        raise InvalidInput(fields={field: text.TOO_LONG.format(limit=words.number(limit))}) from error


def _reason(value: str) -> str:
    reason = _cleaned("reason", value, REASON_LIMIT)
    if len(reason) < REASON_MINIMUM:
        raise InvalidInput(text.REASON_MISSING, fields={"reason": text.REASON_MISSING})
    return reason
