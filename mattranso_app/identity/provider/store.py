"""Queries of the provider; no rules."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import secrets
from mattranso_app.core.clock import VN
from mattranso_app.core.sql import sql
from mattranso_app.identity.provider.models import Client, Code, Token

PAGE = 50
CODE_HASH = "oauth.code"
TOKEN_HASH = "oauth.token"  # noqa: S105 - the purpose of a hash, no secret
REQUEST_HASH = "oauth.request"

_CLIENT = (
    "SELECT client_id, name, secret_hash, redirect_uris, post_logout_redirect_uris, backchannel_logout_uri, is_own, created_at, "
    "disabled_at, scopes FROM oauth_client"
)
# What hangs on a session is good while that session has not been ended. Idling in the portal does not end it: the person
# may be working in the other application all the while.
_SESSION = (
    "coalesce(s.proved_at, s.created_at) AS authenticated_at, s.methods, "
    "(s.ended_at IS NULL AND s.absolute_expires_at > :now AND p.disabled_at IS NULL) AS is_session_live"
)
_JOINS = "JOIN sign_in_session s ON s.id = t.session_id JOIN person p ON p.id = t.person_id"


async def fetch_client(session: AsyncSession, client_id: str) -> Client | None:
    """Return a registered application, disabled ones too, or None."""
    row = (await session.execute(sql(f"{_CLIENT} WHERE client_id = :id"), {"id": client_id[:100]})).one_or_none()
    return _client(row) if row else None


async def lock_client(session: AsyncSession, client_id: str) -> Client | None:
    """Return a registered application that cannot be disabled before this transaction ends, or None."""
    row = (await session.execute(sql(f"{_CLIENT} WHERE client_id = :id FOR SHARE"), {"id": client_id[:100]})).one_or_none()
    return _client(row) if row else None


async def lock_client_to_change(session: AsyncSession, client_id: str) -> Client | None:
    """Return a registered application that nobody else uses or changes before this transaction ends, or None."""
    row = (await session.execute(sql(f"{_CLIENT} WHERE client_id = :id FOR NO KEY UPDATE"), {"id": client_id[:100]})).one_or_none()
    return _client(row) if row else None


async def fetch_clients(session: AsyncSession, after: str) -> list[Client]:
    """Return one page of applications by their identifier, those after `after`."""
    statement = sql(f"{_CLIENT} WHERE client_id > :after ORDER BY client_id LIMIT :limit")
    return [_client(row) for row in await session.execute(statement, {"after": after, "limit": PAGE})]


async def save_client(session: AsyncSession, client: Client, created_by: UUID | None) -> None:
    """Write a new application. Its identifier must be free (IntegrityError otherwise)."""
    await session.execute(
        sql(
            "INSERT INTO oauth_client (client_id, name, secret_hash, redirect_uris, post_logout_redirect_uris, "
            "backchannel_logout_uri, is_own, scopes, created_at, created_by) VALUES (:client_id, :name, :secret_hash, :redirects, "
            ":logouts, :backchannel, :is_own, :scopes, :now, :by)"
        ),
        {
            "client_id": client.client_id, "name": client.name, "secret_hash": client.secret_hash,
            "redirects": list(client.redirect_uris), "logouts": list(client.post_logout_redirect_uris),
            "backchannel": client.backchannel_logout_uri, "is_own": client.is_own,
            "scopes": list(client.scopes), "now": client.created_at, "by": created_by,
        },
    )


async def save_client_disabled(session: AsyncSession, client_id: str, at: datetime | None) -> bool:
    """Disable an application or, with None, enable it; return whether there is such a one."""
    statement = sql("UPDATE oauth_client SET disabled_at = :at WHERE client_id = :id RETURNING client_id")
    return (await session.execute(statement, {"at": at, "id": client_id})).one_or_none() is not None


async def save_client_changes(session: AsyncSession, client: Client) -> None:
    """Write what may change of an application: all but its identifier, its kind and its secret."""
    statement = sql(
        "UPDATE oauth_client SET name = :name, redirect_uris = :redirects, post_logout_redirect_uris = :logouts, "
        "backchannel_logout_uri = :backchannel, is_own = :is_own, scopes = :scopes WHERE client_id = :client_id"
    )
    values = {
        "client_id": client.client_id, "name": client.name, "redirects": list(client.redirect_uris),
        "logouts": list(client.post_logout_redirect_uris), "backchannel": client.backchannel_logout_uri, "is_own": client.is_own,
        "scopes": list(client.scopes),
    }
    await session.execute(statement, values)


async def save_client_secret(session: AsyncSession, client_id: str, secret_hash: bytes) -> bool:
    """Replace the secret of a confidential application; return whether there is such a one."""
    statement = sql(
        "UPDATE oauth_client SET secret_hash = :hash WHERE client_id = :id AND secret_hash IS NOT NULL RETURNING client_id"
    )
    return (await session.execute(statement, {"hash": secret_hash, "id": client_id})).one_or_none() is not None


async def save_request(session: AsyncSession, token: str, parameters: list[tuple[str, str]], now: datetime, expires: datetime) -> None:
    """Keep an authorization request that waits for sign-in or consent; drop those that waited too long."""
    await session.execute(sql("DELETE FROM oauth_request WHERE expires_at < :now"), {"now": now})
    await session.execute(
        sql(
            "INSERT INTO oauth_request (token_hash, parameters, created_at, expires_at) "
            "VALUES (:hash, CAST(:parameters AS jsonb), :now, :expires)"
        ),
        {"hash": secrets.hash_token(token, REQUEST_HASH), "parameters": json.dumps(parameters), "now": now, "expires": expires},
    )


async def fetch_request(session: AsyncSession, token: str, now: datetime) -> tuple[list[tuple[str, str]], datetime] | None:
    """Return (parameters, when it came) of a waiting request, or None."""
    row = (
        await session.execute(
            sql("SELECT parameters, created_at FROM oauth_request WHERE token_hash = ANY(:hashes) AND expires_at > :now"),
            {"hashes": secrets.token_hashes(token, REQUEST_HASH), "now": now},
        )
    ).one_or_none()
    return ([(str(name), str(value)) for name, value in row.parameters], row.created_at) if row else None


async def delete_request(session: AsyncSession, token: str) -> bool:
    """Forget a waiting request, because it is answered; return whether it still waited."""
    statement = sql("DELETE FROM oauth_request WHERE token_hash = ANY(:hashes) RETURNING 1")
    return (await session.execute(statement, {"hashes": secrets.token_hashes(token, REQUEST_HASH)})).one_or_none() is not None


async def save_code(session: AsyncSession, code: str, row: dict[str, Any]) -> None:
    """Write a code that is handed out (`row`: the columns but the hash)."""
    await session.execute(
        sql(
            "INSERT INTO oauth_code (code_hash, family, client_id, person_id, session_id, redirect_uri, scope, nonce, code_challenge, "
            "created_at, expires_at) VALUES (:hash, :family, :client_id, :person_id, :session_id, :redirect_uri, :scope, :nonce, "
            ":code_challenge, :created_at, :expires_at)"
        ),
        {"hash": secrets.hash_token(code, CODE_HASH), **row},
    )


async def lock_code(session: AsyncSession, code: str, now: datetime) -> Code | None:
    """Return the code that was handed out, locked, whether or not it is still good; None when it never was.

    Its session's row is locked first, as in `lock_token`: a code that comes twice revokes what another makes at this moment.
    """
    await session.execute(
        sql(
            "SELECT 1 FROM sign_in_session WHERE id = (SELECT session_id FROM oauth_code WHERE code_hash = ANY(:hashes) LIMIT 1) "
            "FOR NO KEY UPDATE"
        ),
        {"hashes": secrets.token_hashes(code, CODE_HASH)},
    )
    statement = sql(
        "SELECT t.code_hash, t.family, t.client_id, t.person_id, t.session_id, t.redirect_uri, t.scope, t.nonce, t.code_challenge, "
        f"t.expires_at, t.used_at, {_SESSION} FROM oauth_code t {_JOINS} WHERE t.code_hash = ANY(:hashes) FOR UPDATE OF t"
    )
    row = (await session.execute(statement, {"hashes": secrets.token_hashes(code, CODE_HASH), "now": now})).one_or_none()
    return Code(**{**row._mapping, "methods": tuple(row.methods)}) if row else None


async def save_code_used(session: AsyncSession, code: Code, now: datetime) -> None:
    """Mark a code as used."""
    await session.execute(sql("UPDATE oauth_code SET used_at = :now WHERE code_hash = :hash"), {"now": now, "hash": code.code_hash})


async def lock_token(session: AsyncSession, token: str, kind: str, now: datetime) -> Token | None:
    """Return a token, locked, whether or not it is still good; None when it never was.

    Its session's row is locked first: otherwise a token made at this moment would escape the revocation of its family.
    """
    await session.execute(
        sql(
            "SELECT 1 FROM sign_in_session WHERE id = (SELECT session_id FROM oauth_token WHERE token_hash = ANY(:hashes) LIMIT 1) "
            "FOR NO KEY UPDATE"
        ),
        {"hashes": secrets.token_hashes(token, TOKEN_HASH)},
    )
    return await _token(session, token, kind, now, "FOR UPDATE OF t")


async def fetch_token(session: AsyncSession, token: str, kind: str, now: datetime) -> Token | None:
    """Return a token whether or not it is still good, or None."""
    return await _token(session, token, kind, now, "")


async def _token(session: AsyncSession, token: str, kind: str, now: datetime, lock: str) -> Token | None:
    statement = sql(
        "SELECT t.token_hash, t.kind, t.family, t.client_id, t.person_id, t.session_id, t.scope, t.expires_at, t.used_at, t.revoked_at, "
        f"{_SESSION} FROM oauth_token t {_JOINS} WHERE t.token_hash = ANY(:hashes) AND t.kind = :kind {lock}"
    )
    values = {"hashes": secrets.token_hashes(token, TOKEN_HASH), "kind": kind, "now": now}
    row = (await session.execute(statement, values)).one_or_none()
    return Token(**{**row._mapping, "methods": tuple(row.methods)}) if row else None


async def save_token(session: AsyncSession, token: str, row: dict[str, Any]) -> None:
    """Write a token that is handed out (`row`: the columns but the hash)."""
    await session.execute(
        sql(
            "INSERT INTO oauth_token (token_hash, kind, family, client_id, person_id, session_id, scope, created_at, expires_at) "
            "VALUES (:hash, :kind, :family, :client_id, :person_id, :session_id, :scope, :created_at, :expires_at)"
        ),
        {"hash": secrets.hash_token(token, TOKEN_HASH), **row},
    )


async def save_token_used(session: AsyncSession, token: Token, now: datetime) -> None:
    """Mark a refresh token as used."""
    await session.execute(sql("UPDATE oauth_token SET used_at = :now WHERE token_hash = :hash"), {"now": now, "hash": token.token_hash})


async def revoke_family(session: AsyncSession, family: UUID, now: datetime) -> int:
    """Revoke every token that comes from one code; return how many were still good."""
    statement = sql("UPDATE oauth_token SET revoked_at = :now WHERE family = :family AND revoked_at IS NULL RETURNING 1")
    return len((await session.execute(statement, {"now": now, "family": family})).all())


async def revoke_client(session: AsyncSession, client_id: str, now: datetime) -> int:
    """Revoke every token of one application, and codes not used yet; return how many tokens were still good."""
    await session.execute(sql("DELETE FROM oauth_code WHERE client_id = :id AND used_at IS NULL"), {"id": client_id})
    statement = sql("UPDATE oauth_token SET revoked_at = :now WHERE client_id = :id AND revoked_at IS NULL RETURNING 1")
    return len((await session.execute(statement, {"now": now, "id": client_id})).all())


async def fetch_consent(session: AsyncSession, person_id: UUID, client_id: str) -> str:
    """Return the scope a person has agreed to for an application, empty when none."""
    statement = sql("SELECT scope FROM oauth_consent WHERE person_id = :person AND client_id = :client AND withdrawn_at IS NULL")
    return str((await session.execute(statement, {"person": person_id, "client": client_id})).scalar() or "")


async def save_consent(session: AsyncSession, person_id: UUID, client_id: str, scope: str, now: datetime) -> None:
    """Write a person's consent; an earlier one to the same application is closed, and stays."""
    values = {"person": person_id, "client": client_id, "scope": scope, "now": now}
    await session.execute(
        sql(
            "UPDATE oauth_consent SET withdrawn_at = :now WHERE person_id = :person AND client_id = :client "
            "AND withdrawn_at IS NULL"
        ),
        values,
    )
    await session.execute(
        sql("INSERT INTO oauth_consent (person_id, client_id, scope, granted_at) VALUES (:person, :client, :scope, :now)"), values
    )


async def fetch_consents(session: AsyncSession, person_id: UUID, before: int | None) -> list[Row[Any]]:
    """Return (id, client_id, name, scope, granted_at, last_used_at) of the consents a person holds, newest first.

    One page: those before the consent `before`, or the first page.
    """
    statement = sql(
        "SELECT k.id, k.client_id, c.name, k.scope, k.granted_at, k.last_used_at FROM oauth_consent k "
        "JOIN oauth_client c ON c.client_id = k.client_id WHERE k.person_id = :person AND k.withdrawn_at IS NULL "
        "AND (CAST(:before AS bigint) IS NULL OR k.id < :before) ORDER BY k.id DESC LIMIT :limit"
    )
    return list(await session.execute(statement, {"person": person_id, "before": before, "limit": PAGE}))


async def save_consent_used(session: AsyncSession, person_id: UUID, client_id: str, now: datetime) -> bool:
    """Note on a person's consent that the application made use of it; return whether it holds."""
    statement = sql(
        "UPDATE oauth_consent SET last_used_at = :now WHERE person_id = :person AND client_id = :client AND withdrawn_at IS NULL "
        "RETURNING 1"
    )
    values = {"person": person_id, "client": client_id, "now": now}
    return (await session.execute(statement, values)).one_or_none() is not None


async def save_consent_withdrawn(session: AsyncSession, person_id: UUID, client_id: str, now: datetime) -> bool:
    """Close a person's consent; return whether there was one."""
    statement = sql(
        "UPDATE oauth_consent SET withdrawn_at = :now WHERE person_id = :person AND client_id = :client AND withdrawn_at IS NULL "
        "RETURNING 1"
    )
    values = {"person": person_id, "client": client_id[:100], "now": now}
    return (await session.execute(statement, values)).one_or_none() is not None


async def revoke_person_at_client(session: AsyncSession, person_id: UUID, client_id: str, now: datetime) -> int:
    """Revoke every token an application holds for a person, and codes not used yet; return how many tokens were still good.

    The sessions' rows are locked first, as `lock_token` does: a token made at this moment does not escape.
    """
    values = {"person": person_id, "client": client_id, "now": now}
    await session.execute(
        sql("SELECT 1 FROM sign_in_session WHERE person_id = :person AND ended_at IS NULL ORDER BY id FOR NO KEY UPDATE"), values
    )
    await session.execute(sql("DELETE FROM oauth_code WHERE person_id = :person AND client_id = :client AND used_at IS NULL"), values)
    statement = sql(
        "UPDATE oauth_token SET revoked_at = :now WHERE person_id = :person AND client_id = :client AND revoked_at IS NULL RETURNING 1"
    )
    return len((await session.execute(statement, values)).all())


async def fetch_session_proof(session: AsyncSession, session_id: UUID) -> Row[Any]:
    """Return `created_at` of a session, and `proved_at`: when its person last proved who he is, be it elsewhere and before."""
    statement = sql("SELECT created_at, coalesce(proved_at, created_at) AS proved_at FROM sign_in_session WHERE id = :id")
    return (await session.execute(statement, {"id": session_id})).one()


async def fetch_logout_targets(session: AsyncSession, session_ids: list[UUID]) -> list[Row[Any]]:
    """Return (client_id, session_id, person_id) of every application to be told that these sessions have ended."""
    statement = sql(
        "SELECT DISTINCT c.client_id, t.session_id, t.person_id FROM oauth_token t JOIN oauth_client c ON c.client_id = t.client_id "
        "WHERE t.session_id = ANY(:ids) AND c.backchannel_logout_uri <> '' AND c.disabled_at IS NULL"
    )
    return list(await session.execute(statement, {"ids": session_ids}))


async def fetch_person(session: AsyncSession, person_id: UUID, now: datetime) -> Row[Any]:
    """Return what claims are made of: the person, the unit and the roles held now. One statement.

    `roles` holds role, organisation, unit path, lender and unit code of each; which of them count, `claims.about` says.
    """
    statement = sql(
        "SELECT p.id, p.kind, p.display_name, p.organisation, p.email_cipher, p.phone_cipher, u.code AS unit_code, u.name AS unit_name, "
        "u.level AS unit_level, u.path AS unit_path, "
        "(SELECT jsonb_agg(jsonb_build_array(g.role, g.organisation, gu.path, g.delegator_id, gu.code) ORDER BY g.grant_id) "
        "FROM held_role g JOIN unit gu ON gu.id = g.unit_id WHERE g.person_id = p.id AND g.valid_from <= :now "
        "AND (g.valid_to IS NULL OR g.valid_to > :now) AND (gu.valid_to IS NULL OR gu.valid_to > :today)) AS roles "
        "FROM person p LEFT JOIN unit u ON u.id = p.unit_id WHERE p.id = :id"
    )
    return (await session.execute(statement, {"id": person_id, "now": now, "today": now.astimezone(VN).date()})).one()


async def sweep(session: AsyncSession, before: datetime) -> None:
    """Remove requests, codes and tokens that ran out before `before`."""
    for statement in (
        "DELETE FROM oauth_request WHERE expires_at < :before",
        "DELETE FROM oauth_code WHERE expires_at < :before",
        "DELETE FROM oauth_token WHERE expires_at < :before",
    ):
        await session.execute(sql(statement), {"before": before})


def _client(row: Row[Any]) -> Client:
    lists = {name: tuple(getattr(row, name)) for name in ("redirect_uris", "post_logout_redirect_uris", "scopes")}
    return Client(**{**row._mapping, **lists})
