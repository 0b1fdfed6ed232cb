"""Keys that sign: one signs now, the next is already published, earlier ones stay published until nothing of theirs is valid.

A key's place follows from the clock alone, so that processes agree without talking: the newest key whose `signs_from` has
come signs. Rotation is making one more key.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit, db, secrets
from mattranso_app.core.access import SYSTEM
from mattranso_app.core.clock import now
from mattranso_app.core.sql import sql
from mattranso_app.settings import settings

ALGORITHM = "RS256"
KEY_BITS = 2048
PUBLISHED_AFTER = timedelta(days=7)
"""How long a key stays published after its successor began: longer than anything it signed is valid or cached."""
_SEAL = "openid.signing_key"
_LOCK = 726_175


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key as it is kept; `private` is opened where it signs only."""

    kid: str
    private_cipher: bytes
    public: dict[str, Any]
    signs_from: datetime


async def ensure_keys() -> None:
    """Make the keys that are missing: the first one, and always one that has not begun to sign yet. Safe in every process."""
    moment = now()
    async with db.reading() as session:
        newest = (await session.execute(sql("SELECT max(signs_from) FROM signing_key WHERE revoked_at IS NULL"))).scalar()
    if newest is not None and newest > moment:
        return
    made = [await asyncio.to_thread(_generate) for _ in range(1 if newest else 2)]
    async with db.transaction() as session:
        await session.execute(sql("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        newest = (await session.execute(sql("SELECT max(signs_from) FROM signing_key WHERE revoked_at IS NULL"))).scalar()
        if newest is None:
            await _save(session, made.pop(), moment)
            newest = moment
        if newest <= moment:
            following = max(moment, newest) + timedelta(days=settings().signing_key_days)
            await _save(session, made.pop(), following)


async def revoke_and_replace(kid: str) -> None:
    """Take a key out of use at once, because its private part may be known; the next one signs from now on.

    Raises:
        LookupError: no such key.
    """
    made = await asyncio.to_thread(_generate)
    moment = now()
    async with db.transaction() as session:
        await session.execute(sql("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        found = await session.execute(
            sql("UPDATE signing_key SET revoked_at = :now WHERE kid = :kid AND revoked_at IS NULL RETURNING kid"),
            {"now": moment, "kid": kid},
        )
        if found.one_or_none() is None:
            raise LookupError(kid)
        await _save(session, made, moment)
        await audit.record(session, SYSTEM, "openid.revoke_key", f"signing_key:{kid}")
    await ensure_keys()


async def fetch_published(session: AsyncSession) -> list[SigningKey]:
    """Return the keys applications should know, newest first: next, current, and those not long gone."""
    rows = await session.execute(
        sql(
            "SELECT kid, private_cipher, public_jwk, signs_from FROM ("
            "SELECT *, lag(signs_from) OVER (ORDER BY signs_from DESC) AS ended FROM signing_key WHERE revoked_at IS NULL) AS k "
            "WHERE ended IS NULL OR ended > :gone ORDER BY signs_from DESC"
        ),
        {"gone": now() - PUBLISHED_AFTER},
    )
    return [SigningKey(*row) for row in rows]


def current(published: list[SigningKey]) -> SigningKey:
    """Return the key that signs now.

    Where none has begun, because this machine's clock is behind the one that made them, the first to begin signs: it is
    published already.

    Raises:
        LookupError: there is none; `ensure_keys` was not run.
    """
    moment = now()
    for found in published:
        if found.signs_from <= moment:
            return found
    if published:
        return published[-1]
    raise LookupError("there is no signing key")


def private_key(found: SigningKey) -> RSAKey:
    """Return the opened private key, with its kid."""
    return RSAKey.import_key(json.loads(secrets.unseal(found.private_cipher, _SEAL)))


def public_keys(published: list[SigningKey]) -> KeySet:
    """Return the public keys, to check what we signed ourselves."""
    return KeySet([RSAKey.import_key(found.public) for found in published])


def jwks(published: list[SigningKey]) -> dict[str, Any]:
    """Return the document at `jwks_uri`."""
    return {"keys": [found.public for found in published]}


def sign(published: list[SigningKey], claims: dict[str, Any], kind: str = "JWT") -> str:
    """Return `claims` as a signed token of type `kind`."""
    found = current(published)
    return jwt.encode({"alg": ALGORITHM, "kid": found.kid, "typ": kind}, claims, private_key(found), [ALGORITHM])


def _generate() -> RSAKey:
    made = RSAKey.generate_key(KEY_BITS, {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
    assert isinstance(made, RSAKey)
    return made


async def _save(session: AsyncSession, made: RSAKey, signs_from: datetime) -> None:
    kid = str(made.kid)
    await session.execute(
        sql(
            "INSERT INTO signing_key (kid, private_cipher, public_jwk, created_at, signs_from) "
            "VALUES (:kid, :cipher, CAST(:public AS jsonb), :now, :from)"
        ),
        {
            "kid": kid, "cipher": secrets.seal(json.dumps(made.as_dict(private=True)), _SEAL),
            "public": json.dumps(made.as_dict(private=False)), "now": now(), "from": signs_from,
        },
    )
    await audit.record(session, SYSTEM, "openid.make_key", f"signing_key:{kid}", {"signs_from": signs_from.isoformat()})
