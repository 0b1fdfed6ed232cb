"""Tables of people, accounts, roles, sessions and one-time codes (migration 0008), second factors (0012, 0017)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Identity, LargeBinary, Text
from sqlmodel import Field, SQLModel


def _moment(nullable: bool = True) -> Column:
    return Column(DateTime(timezone=True), nullable=nullable)


class Person(SQLModel, table=True):
    """Somebody the platform knows: a citizen by phone or e-mail, an officer by user name and unit.

    Contacts are kept encrypted; the keyed hash beside each is for look-up only.
    """

    __tablename__ = "person"

    id: UUID = Field(primary_key=True)
    kind: str
    display_name: str = ""
    phone_cipher: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    phone_hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    email_cipher: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    email_hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    unit_id: int | None = None
    organisation: str = "mttq"
    created_at: datetime = Field(sa_column=_moment(nullable=False))
    disabled_at: datetime | None = Field(default=None, sa_column=_moment())


class Credential(SQLModel, table=True):
    """An officer's user name and password hash; no hash until the officer has chosen a password."""

    __tablename__ = "credential"

    person_id: UUID = Field(primary_key=True, foreign_key="person.id")
    user_name: str
    password_hash: str | None = None
    changed_at: datetime | None = Field(default=None, sa_column=_moment())


class RoleGrant(SQLModel, table=True):
    """A role held from `valid_from` until `valid_to`, for one organisation, on a unit and all below it. Rows stay."""

    __tablename__ = "role_grant"

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    person_id: UUID = Field(foreign_key="person.id")
    role: str
    organisation: str = "mttq"
    unit_id: int
    valid_from: datetime = Field(sa_column=_moment(nullable=False))
    valid_to: datetime | None = Field(default=None, sa_column=_moment())
    granted_by: UUID | None = None
    revoked_by: UUID | None = None


class SignInSession(SQLModel, table=True):
    """A signed-in browser. Its cookie's token is kept as a hash; it ends by idling, by age, or by an act (`ended_at`)."""

    __tablename__ = "sign_in_session"

    id: UUID = Field(primary_key=True)
    token_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    person_id: UUID = Field(foreign_key="person.id")
    created_at: datetime = Field(sa_column=_moment(nullable=False))
    last_seen_at: datetime = Field(sa_column=_moment(nullable=False))
    idle_expires_at: datetime = Field(sa_column=_moment(nullable=False))
    absolute_expires_at: datetime = Field(sa_column=_moment(nullable=False))
    address: str = ""
    agent: str = ""
    methods: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))
    proved_at: datetime | None = Field(default=None, sa_column=_moment())
    ended_at: datetime | None = Field(default=None, sa_column=_moment())
    end_reason: str | None = None


class OneTimeCode(SQLModel, table=True):
    """A code somebody was sent or handed: `id` names the browser's attempt, the code itself is kept as a keyed hash."""

    __tablename__ = "one_time_code"

    id: UUID = Field(primary_key=True)
    purpose: str
    contact_cipher: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    person_id: UUID | None = None
    code_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    attempts: int = 0
    created_at: datetime = Field(sa_column=_moment(nullable=False))
    expires_at: datetime = Field(sa_column=_moment(nullable=False))
    used_at: datetime | None = Field(default=None, sa_column=_moment())


class SecondFactor(SQLModel, table=True):
    """An authenticator app of a person, not yet confirmed while its QR code is on the screen, or a passkey. Rows stay."""

    __tablename__ = "second_factor"

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="person.id")
    kind: str
    name: str
    secret_cipher: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    credential_id: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    public_key: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    sign_count: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    is_synced: bool = False
    suspect_at: datetime | None = Field(default=None, sa_column=_moment())
    last_step: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    created_at: datetime = Field(sa_column=_moment(nullable=False))
    confirmed_at: datetime | None = Field(default=None, sa_column=_moment())
    last_used_at: datetime | None = Field(default=None, sa_column=_moment())
    removed_at: datetime | None = Field(default=None, sa_column=_moment())


class SignInChallenge(SQLModel, table=True):
    """A sign-in whose first proof was right: `methods` names it, the account's name is sealed."""

    __tablename__ = "sign_in_challenge"

    id: UUID = Field(primary_key=True)
    token_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    person_id: UUID = Field(foreign_key="person.id")
    kind: str
    account_cipher: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    methods: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    attempts: int = 0
    created_at: datetime = Field(sa_column=_moment(nullable=False))
    expires_at: datetime = Field(sa_column=_moment(nullable=False))
    used_at: datetime | None = Field(default=None, sa_column=_moment())
