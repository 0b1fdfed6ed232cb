"""From rows to what readers get. What a reader may not see is left out here, not on the screen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import RowMapping

from mattranso_app.core.files import StoredFile
from mattranso_app.petitions.models import TRANSITIONS, Publication, State
from mattranso_app.petitions.shapes import (
    AnswerVersion,
    AnswerView,
    Deadline,
    DraftView,
    EventView,
    OfficerPetition,
    PublicItem,
    PublicPetition,
    QueueItem,
    SenderPetition,
    TimelineStep,
    UnitRef,
)


@dataclass(frozen=True, slots=True)
class Files:
    """The stored files of one petition: the sender's photos, and what officers attached to answers."""

    photos: list[StoredFile]
    attachments: list[StoredFile]

    def of(self, answer: RowMapping) -> list[StoredFile]:
        """Return the attachments of `answer`, in its order."""
        known = {file.id: file for file in self.attachments}
        return [known[file_id] for file_id in answer["files"] if file_id in known]


def public_state(state: str) -> str:
    """Return the state citizens read: waiting for approval is part of being handled."""
    return State.IN_PROGRESS if state == State.AWAITING_APPROVAL else state


def public_item(row: RowMapping) -> PublicItem:
    """Return a row of the public list."""
    return PublicItem(
        number=row["number"],
        kind=row["kind"],
        title=row["public_title"],
        unit=_unit(row),
        state=public_state(row["state"]),
        outcome=row["outcome"],
        created_at=row["created_at"],
        published_at=row["published_at"],
        due_at=row["due_at"],
        answered_at=row["answered_at"],
        evidence=row["evidence"],
        is_sample=row["is_sample"],
    )


def own_item(row: RowMapping) -> PublicItem:
    """Return a row of a sender's own list: under the title he gave it, from the day he sent it."""
    return replace(public_item(row), title=row["title"], published_at=row["created_at"])


def public_petition(
    row: RowMapping, timeline: Iterable[RowMapping], answer: RowMapping | None, files: Files
) -> PublicPetition:
    """Return one petition as everyone may see it."""
    is_public = row["publication"] == Publication.PUBLISHED
    return PublicPetition(
        number=row["number"],
        kind=row["kind"],
        state=public_state(row["state"]),
        version=row["version"],
        unit=_unit(row),
        created_at=row["created_at"],
        deadline=_deadline(row),
        publication=row["publication"],
        withheld_reason=row["withheld_reason"],
        title=row["public_title"] if is_public else "",
        body=row["public_body"] if is_public else "",
        place=row["public_place"] if is_public else "",
        photos=[file for file in files.photos if is_public and file.visibility == "public"],
        outcome=row["outcome"],
        answered_at=row["answered_at"],
        answer=_answer(answer, "public_body", files) if is_public and answer is not None else None,
        timeline=[TimelineStep(event["action"], event["at"], event["unit_name"], event["public_note"]) for event in timeline],
        is_sample=row["is_sample"],
    )


def sender_petition(
    row: RowMapping, timeline: Iterable[RowMapping], answer: RowMapping | None, files: Files
) -> SenderPetition:
    """Return one petition as its sender sees it."""
    return SenderPetition(
        public=public_petition(row, timeline, answer, files),
        title=row["title"],
        body=row["body"],
        place=row["place"],
        photos=files.photos,
        answer=_answer(answer, "body", files) if answer is not None else None,
        contact_hint=row["contact_hint"],
    )


def queue_item(row: RowMapping) -> QueueItem:
    """Return a row of a unit's desk."""
    return QueueItem(**{name: row[name] for name in QueueItem.__slots__})


def officer_petition(
    row: RowMapping,
    events: Iterable[RowMapping],
    answers: Iterable[RowMapping],
    draft: RowMapping | None,
    files: Files,
) -> OfficerPetition:
    """Return one petition as the officers of its unit see it."""
    return OfficerPetition(
        number=row["number"],
        kind=row["kind"],
        state=row["state"],
        version=row["version"],
        unit=_unit(row),
        unit_path=row["unit_path"],
        organisation=row["organisation"],
        channel=row["channel"],
        created_at=row["created_at"],
        deadline=_deadline(row),
        title=row["title"],
        body=row["body"],
        place=row["place"],
        contact_hint=row["contact_hint"],
        publication=row["publication"],
        withheld_reason=row["withheld_reason"],
        public_title=row["public_title"],
        public_body=row["public_body"],
        public_place=row["public_place"],
        photos=files.photos,
        attachments=files.attachments,
        outcome=row["outcome"],
        answered_at=row["answered_at"],
        answers=[_answer_version(answer, files) for answer in answers],
        events=[_event(event) for event in events],
        draft=_draft(draft, row["version"]) if draft is not None else None,
        steps=[step for (state, step) in TRANSITIONS if state == row["state"]],
        is_sample=row["is_sample"],
    )


def _unit(row: RowMapping) -> UnitRef:
    return UnitRef(row["unit_code"], row["unit_name"], row["province_name"])


def _deadline(row: RowMapping) -> Deadline:
    return Deadline(row["due_at"], row["working_days"], row["basis"])


def _answer(row: RowMapping, column: str, files: Files) -> AnswerView:
    decided_at: datetime = row["decided_at"]
    return AnswerView(row["outcome"], row[column], decided_at, files.of(row))


def _answer_version(row: RowMapping, files: Files) -> AnswerVersion:
    return AnswerVersion(
        ordinal=row["ordinal"],
        outcome=row["outcome"],
        body=row["body"],
        public_body=row["public_body"],
        author_id=row["author_id"],
        author_name=row["author_name"],
        created_at=row["at"],
        decision=row["decision"],
        decided_at=row["decided_at"],
        reason=row["reason"],
        files=files.of(row),
    )


def _event(row: RowMapping) -> EventView:
    return EventView(
        seq=row["seq"],
        step=row["action"],
        from_state=row["from_state"],
        to_state=row["to_state"],
        at=row["at"],
        person_id=row["person_id"],
        unit=row["unit_name"],
        public_note=row["public_note"],
        internal_note=row["internal_note"],
    )


def _draft(row: RowMapping, version: int) -> DraftView:
    return DraftView(
        outcome=row["outcome"],
        body=row["body"],
        public_body=row["public_body"],
        base_version=row["base_version"],
        saved_at=row["at"],
        is_stale=row["base_version"] != version,
    )
