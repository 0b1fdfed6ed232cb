"""What readers get: plain values for the public, the sender and the officer. Nothing here knows of rows or rights."""

from __future__ import annotations

import base64
import binascii
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar
from uuid import UUID

from mattranso_app.core.errors import BadRequest
from mattranso_app.core.files import StoredFile

T = TypeVar("T")

PAGE_LIMIT = 100
"""Rows a page may have at most on our own screens."""
COUNT_CAP = 10_000
"""Public lists are counted exactly up to here (DESIGN 3)."""
TAB_CAP = 1_000
"""The desk's tabs are counted exactly up to here."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many working days a step may take by a rule of Central's, and the rule's legal basis."""

    id: int
    working_days: int
    basis: str


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page: its moment in the list's order and its id. The next page begins after it."""

    at: datetime
    id: int

    def encode(self) -> str:
        """Return it as a word for an address or a state."""
        micros = (self.at - _EPOCH) // timedelta(microseconds=1)
        return base64.urlsafe_b64encode(struct.pack(">qq", micros, self.id)).decode().rstrip("=")

    @classmethod
    def decode(cls, word: str) -> Cursor:
        """Return the cursor written as `word`.

        Raises:
            BadRequest: it is none of ours.
        """
        try:
            micros, row = struct.unpack(">qq", base64.urlsafe_b64decode(word.encode("ascii") + b"=="))
            return cls(_EPOCH + timedelta(microseconds=micros), row)
        except (ValueError, binascii.Error, struct.error, OverflowError) as error:
            raise BadRequest("Vị trí trang không hợp lệ. Bà con mở lại danh sách từ đầu.") from error


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; `next` is the word for the page after it, None on the last."""

    items: list[T]
    next: str | None


@dataclass(frozen=True, slots=True)
class UnitRef:
    """A unit as people read it: its own name with its kind, and its province's ("" for a province and Central)."""

    code: str
    name: str
    province: str


@dataclass(frozen=True, slots=True)
class PublicItem:
    """A row of the public list."""

    number: str
    kind: str
    title: str
    unit: UnitRef
    state: str
    outcome: str | None
    created_at: datetime
    published_at: datetime
    due_at: datetime
    answered_at: datetime | None
    evidence: int
    is_sample: bool


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """One step of a petition's life as a reader may see it."""

    step: str
    at: datetime
    unit: str
    note: str


@dataclass(frozen=True, slots=True)
class AnswerView:
    """An approved answer, in the copy the reader may see."""

    outcome: str
    body: str
    at: datetime
    files: list[StoredFile]


@dataclass(frozen=True, slots=True)
class Deadline:
    """Until when the answer is due, and by which rule."""

    due_at: datetime
    working_days: int
    basis: str


@dataclass(frozen=True, slots=True)
class PublicPetition:
    """One petition as everyone may see it. Texts are empty unless `publication` is "published"."""

    number: str
    kind: str
    state: str
    version: int
    unit: UnitRef
    created_at: datetime
    deadline: Deadline
    publication: str
    withheld_reason: str
    title: str
    body: str
    place: str
    photos: list[StoredFile]
    outcome: str | None
    answered_at: datetime | None
    answer: AnswerView | None
    timeline: list[TimelineStep]
    is_sample: bool


@dataclass(frozen=True, slots=True)
class SenderPetition:
    """One petition as its sender sees it: his own words, and the answer as it was written to him."""

    public: PublicPetition
    title: str
    body: str
    place: str
    photos: list[StoredFile]
    answer: AnswerView | None
    contact_hint: str


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A row of a unit's desk."""

    number: str
    kind: str
    title: str
    place: str
    state: str
    created_at: datetime
    due_at: datetime
    answered_at: datetime | None
    outcome: str | None
    version: int
    photos: int
    has_my_draft: bool
    is_sample: bool


@dataclass(frozen=True, slots=True)
class EventView:
    """One event as officers see it."""

    seq: int
    step: str
    from_state: str
    to_state: str
    at: datetime
    person_id: UUID | None
    unit: str
    public_note: str
    internal_note: str


@dataclass(frozen=True, slots=True)
class AnswerVersion:
    """An answer that was handed in, with what was decided on it."""

    ordinal: int
    outcome: str
    body: str
    public_body: str
    author_id: UUID
    author_name: str
    created_at: datetime
    decision: str | None
    decided_at: datetime | None
    reason: str
    files: list[StoredFile]


@dataclass(frozen=True, slots=True)
class DraftView:
    """An officer's own unfinished answer. `is_stale` when the petition has moved on since."""

    outcome: str
    body: str
    public_body: str
    base_version: int
    saved_at: datetime
    is_stale: bool


@dataclass(frozen=True, slots=True)
class OfficerPetition:
    """One petition on an officer's desk. The contact itself is read by `read_contact` only; here is a hint."""

    number: str
    kind: str
    state: str
    version: int
    unit: UnitRef
    unit_path: str
    organisation: str
    channel: str
    created_at: datetime
    deadline: Deadline
    title: str
    body: str
    place: str
    contact_hint: str
    publication: str
    withheld_reason: str
    public_title: str
    public_body: str
    public_place: str
    photos: list[StoredFile]
    attachments: list[StoredFile]
    outcome: str | None
    answered_at: datetime | None
    answers: list[AnswerVersion]
    events: list[EventView]
    draft: DraftView | None
    steps: list[str]
    is_sample: bool


@dataclass(frozen=True, slots=True)
class TabCounts:
    """How many petitions wait in each tab of a desk, counted up to `TAB_CAP`."""

    received: int
    in_progress: int
    awaiting_approval: int
    overdue: int
    answered: int
