"""The browser a sign-in comes from, and what it leads to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Visit:
    """The browser an attempt comes from.

    Attributes:
        address: network address.
        agent: user agent, for the owner's list of sessions.
        device: value of the device cookie, empty when it has none.
        session_id: the live session it already holds; it ends when a new one begins.
    """

    address: str = ""
    agent: str = ""
    device: str = ""
    session_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session has begun: `token` goes into its cookie, `device` into the long-lived one."""

    session_id: UUID
    person_id: UUID
    kind: Literal["citizen", "officer"]
    token: str
    device: str


@dataclass(frozen=True, slots=True)
class SecondStep:
    """The first proof was right, the account asks for a second: `token` goes into a short-lived cookie of that browser.

    `id` is the half-open sign-in's, for who keeps something beside it.
    """

    token: str
    id: UUID
