"""What the provider works on: rows of migrations 0011 and 0013 as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

SCOPES = ("openid", "profile", "unit", "roles", "email", "phone")
"""What an application may ask for."""


@dataclass(frozen=True, slots=True)
class Client:
    """An application registered by Central. `secret_hash` is None for a public one, which proves itself by PKCE alone.

    `scopes` is the most it gets, whatever it asks for.
    """

    client_id: str
    name: str
    secret_hash: bytes | None
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    backchannel_logout_uri: str
    is_own: bool
    created_at: datetime
    disabled_at: datetime | None
    scopes: tuple[str, ...] = SCOPES


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code that was handed out: good once, for a minute, for the one application and address."""

    code_hash: bytes
    family: UUID
    client_id: str
    person_id: UUID
    session_id: UUID
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    expires_at: datetime
    used_at: datetime | None
    authenticated_at: datetime
    methods: tuple[str, ...]
    is_session_live: bool


@dataclass(frozen=True, slots=True)
class Token:
    """An access or refresh token as it is kept, with what it hangs on."""

    token_hash: bytes
    kind: str
    family: UUID
    client_id: str
    person_id: UUID
    session_id: UUID
    scope: str
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None
    authenticated_at: datetime
    methods: tuple[str, ...]
    is_session_live: bool
