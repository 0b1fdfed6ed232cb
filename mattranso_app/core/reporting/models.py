"""Tables of the reporting engine, as migration 0022 makes them with the rules the database itself keeps."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Column, DateTime, Integer, Numeric
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class State(StrEnum):
    """Where a report stands. It counts in totals when it is submitted or approved."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"


class Act(StrEnum):
    """What can happen to a report: the `act` of its revisions."""

    SAVE = "save"
    SUBMIT = "submit"
    AMEND = "amend"
    RETURN = "return"
    APPROVE = "approve"
    REOPEN = "reopen"


class Source(StrEnum):
    """The door a change came in by."""

    FORM = "form"
    OFFLINE = "offline"
    EXCEL = "excel"
    API = "api"
    GROUP = "group"
    SEED = "seed"


TRANSITIONS: dict[tuple[State, Act], State] = {
    (State.DRAFT, Act.SAVE): State.DRAFT,
    (State.DRAFT, Act.REOPEN): State.DRAFT,
    (State.DRAFT, Act.SUBMIT): State.SUBMITTED,
    (State.SUBMITTED, Act.AMEND): State.SUBMITTED,
    (State.SUBMITTED, Act.RETURN): State.RETURNED,
    (State.SUBMITTED, Act.APPROVE): State.APPROVED,
    (State.APPROVED, Act.REOPEN): State.RETURNED,
    (State.RETURNED, Act.SAVE): State.RETURNED,
    (State.RETURNED, Act.SUBMIT): State.SUBMITTED,
}
"""A report's life. A returned report does not count until it is submitted again, which shows as an amendment.

The level above reopens what is locked: an approved report, or a draft whose day of locking has passed.
"""


def _moment(**options: object) -> datetime:
    return Field(sa_type=DateTime(timezone=True), **options)  # type: ignore[call-overload]


class ReportingForm(SQLModel, table=True):
    """A form: who asks, the draft of its next version, and when it stops being asked."""

    __tablename__ = "reporting_form"
    id: int | None = Field(default=None, primary_key=True)
    tool: str
    code: str
    owner_path: str
    draft: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    draft_revision: int = 0
    created_at: datetime = _moment()
    created_by: UUID | None = None
    closed_from: str | None = None


class ReportingFormVersion(SQLModel, table=True):
    """One published definition, which holds from a period on until the next one does."""

    __tablename__ = "reporting_form_version"
    form_id: int = Field(foreign_key="reporting_form.id", primary_key=True)
    version: int = Field(primary_key=True)
    from_period: str
    from_day: date
    definition: dict[str, Any] = Field(sa_type=JSONB)
    published_at: datetime = _moment()
    published_by: UUID | None = None


class ReportingReport(SQLModel, table=True):
    """What a unit reports by a form, for an organisation and a period. `cells` is as edited, `numbers` what counts."""

    __tablename__ = "reporting_report"
    id: int | None = Field(default=None, primary_key=True)
    form_id: int
    version: int
    organisation: str
    period: str
    period_end: date
    unit_id: int
    unit_path: str
    reported_path: str
    level: str
    state: str = State.DRAFT
    revision: int = 0
    cells: dict[str, str] = Field(default_factory=dict, sa_type=JSONB)
    numbers: list[Decimal | None] | None = Field(default=None, sa_type=ARRAY(Numeric))
    gaps: dict[str, str] = Field(default_factory=dict, sa_type=JSONB)
    explanations: dict[str, str] = Field(default_factory=dict, sa_type=JSONB)
    due_at: datetime = _moment()
    lock_at: datetime | None = _moment(default=None)
    submitted_at: datetime | None = _moment(default=None)
    submitted_by: UUID | None = None
    is_late: bool = False
    amendments: int = 0
    decided_at: datetime | None = _moment(default=None)
    decided_by: UUID | None = None
    updated_at: datetime = _moment()


class ReportingRevision(SQLModel, table=True):
    """One change of a report: who, when, by which door, why, and per cell what it held before and after."""

    __tablename__ = "reporting_revision"
    report_id: int = Field(foreign_key="reporting_report.id", primary_key=True)
    revision: int = Field(primary_key=True)
    at: datetime = _moment()
    act: str
    source: str
    person_id: UUID | None = None
    person_name: str = ""
    changes: dict[str, list[str | None]] = Field(default_factory=dict, sa_type=JSONB)
    reason: str = ""


class ReportingTotal(SQLModel, table=True):
    """Sums of the reports of one province, or of Central, by level of who reported; `filled` counts the numbers in each sum."""

    __tablename__ = "reporting_total"
    form_id: int = Field(primary_key=True)
    organisation: str = Field(primary_key=True)
    period: str = Field(primary_key=True)
    group_path: str = Field(primary_key=True)
    level: str = Field(primary_key=True)
    sums: list[Decimal | None] = Field(sa_type=ARRAY(Numeric))
    filled: list[int] = Field(sa_type=ARRAY(Integer))
    reports: int
    late: int
    amended: int
    approved: int
