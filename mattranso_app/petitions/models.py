"""Tables of the petitions, as migration 0009 makes them, and the words their columns are made of.

A petition is a row and the events of its life. The row's state, version and publication change only by inserting an
event: the database looks the step up in `petition_transition`, locks the row and moves it (triggers of migration 0009).
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Uuid
from sqlmodel import Field, SQLModel


class Kind(StrEnum):
    """What a petition is. Complaints and denunciations follow laws of their own and are not among them (DOMAIN 2.1)."""

    REPORT = "phan_anh"
    PROPOSAL = "kien_nghi"
    QUESTION = "cau_hoi"


class State(StrEnum):
    """Where a petition stands. `new` exists only between two statements of the transaction that makes it."""

    NEW = "new"
    RECEIVED = "received"
    IN_PROGRESS = "in_progress"
    AWAITING_APPROVAL = "awaiting_approval"
    ANSWERED = "answered"


class Step(StrEnum):
    """What can happen to a petition: the `action` of its events."""

    SUBMIT = "submit"
    TAKE_UP = "take_up"
    PUBLISH_QUESTION = "publish_question"
    WITHHOLD_QUESTION = "withhold_question"
    SUBMIT_ANSWER = "submit_answer"
    RETURN_ANSWER = "return_answer"
    APPROVE_ANSWER = "approve_answer"


class Publication(StrEnum):
    """Whether the question itself is public: not decided yet, public in its masked copy, or kept back with a reason."""

    PENDING = "pending"
    PUBLISHED = "published"
    WITHHELD = "withheld"


class Outcome(StrEnum):
    """What an answer brings."""

    SOLVED = "solved"
    PARTLY = "partly"
    EXPLAINED = "explained"
    REFUSED = "refused"


class Channel(StrEnum):
    """The door a petition came in by."""

    WEB = "web"
    LITE = "lite"
    OFFLINE = "offline"
    DEMO = "demo"


TRANSITIONS: dict[tuple[State, Step], State] = {
    (State.NEW, Step.SUBMIT): State.RECEIVED,
    (State.RECEIVED, Step.TAKE_UP): State.IN_PROGRESS,
    (State.IN_PROGRESS, Step.PUBLISH_QUESTION): State.IN_PROGRESS,
    (State.IN_PROGRESS, Step.WITHHOLD_QUESTION): State.IN_PROGRESS,
    (State.IN_PROGRESS, Step.SUBMIT_ANSWER): State.AWAITING_APPROVAL,
    (State.AWAITING_APPROVAL, Step.RETURN_ANSWER): State.IN_PROGRESS,
    (State.AWAITING_APPROVAL, Step.APPROVE_ANSWER): State.ANSWERED,
    (State.ANSWERED, Step.WITHHOLD_QUESTION): State.ANSWERED,
}
"""The steps as the database knows them; a test compares both. Here they say what a screen may offer."""


def _moment(**options: object) -> datetime:
    return Field(sa_type=DateTime(timezone=True), **options)  # type: ignore[call-overload]


class DeadlineRule(SQLModel, table=True):
    """How many working days a step may take, by kind, with its legal basis and the dates it holds for."""

    __tablename__ = "deadline_rule"

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    step: str
    working_days: int
    basis: str
    valid_from: date
    valid_to: date | None = None


class Petition(SQLModel, table=True):
    """One petition. `unit_path` is that of the unit when it was sent; texts called `public_…` are the masked copies."""

    __tablename__ = "petition"

    id: int | None = Field(default=None, primary_key=True)
    number: str
    client_key_hash: bytes
    body_digest: bytes
    receipt_hash: bytes
    kind: str
    title: str
    body: str
    place: str = ""
    unit_id: int
    unit_path: str
    organisation: str = "mttq"
    channel: str
    is_sample: bool = False
    sender_id: UUID | None = None
    contact_hint: str = ""
    state: str = State.NEW
    version: int = 0
    created_at: datetime = _moment()
    due_at: datetime = _moment()
    deadline_rule_id: int
    taken_at: datetime | None = _moment(default=None)
    taken_by: UUID | None = None
    publication: str = Publication.PENDING
    published_at: datetime | None = _moment(default=None)
    withheld_reason: str = ""
    public_title: str = ""
    public_body: str = ""
    public_place: str = ""
    outcome: str | None = None
    answered_at: datetime | None = _moment(default=None)


class PetitionContact(SQLModel, table=True):
    """How to reach the sender, encrypted; read by one verb only, with a reason, audited."""

    __tablename__ = "petition_contact"

    petition_id: int = Field(primary_key=True)
    sealed: bytes
    consented_at: datetime = _moment()


class PetitionEvent(SQLModel, table=True):
    """One step of a petition's life; append-only. `seq` is given by the database."""

    __tablename__ = "petition_event"

    petition_id: int = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    action: str
    from_state: str
    to_state: str
    at: datetime = _moment()
    actor_kind: str
    person_id: UUID | None = None
    unit_id: int | None = None
    public_note: str = ""
    internal_note: str = ""


class PetitionAnswer(SQLModel, table=True):
    """An answer as it was handed in for approval; a returned one stays beside the next."""

    __tablename__ = "petition_answer"

    petition_id: int = Field(primary_key=True)
    ordinal: int = Field(primary_key=True)
    outcome: str
    body: str
    public_body: str
    author_id: UUID
    author_name: str
    files: list[UUID] = Field(default_factory=list, sa_type=ARRAY(Uuid))
    created_at: datetime = _moment()
    decision: str | None = None
    decided_by: UUID | None = None
    decided_at: datetime | None = _moment(default=None)
    reason: str = ""


class PetitionDraft(SQLModel, table=True):
    """An officer's unfinished answer, one per officer and petition, with the version he was looking at."""

    __tablename__ = "petition_draft"

    petition_id: int = Field(primary_key=True)
    person_id: UUID = Field(primary_key=True)
    outcome: str = ""
    body: str
    public_body: str = ""
    base_version: int
    saved_at: datetime = _moment()
