"""Checking what a provider signed: ID tokens (OpenID Connect Core 1.0, 3.1.3.7) and logout tokens (Back-Channel Logout 1.0, 2.6)."""

from __future__ import annotations

import json
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.util import urlsafe_b64decode

from mattranso_app.core import secrets
from mattranso_app.core.clock import now
from mattranso_app.identity.outside import remote
from mattranso_app.identity.outside.claims import is_number
from mattranso_app.settings import OutsideProvider

LEEWAY = 60
"""Seconds two clocks may differ."""
AGE_MOST = 300
"""Seconds a token may be old: it comes straight from the provider, so an older one tells of a clock that is wrong."""
LONGEST = 16_000
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_FOREIGN_KEYS = ("jku", "jwk", "x5u", "x5c", "x5t", "crit", "b64", "zip", "enc")
"""Header fields by which a token would bring its own key, or rules of its own."""
_registry = jws.JWSRegistry(algorithms=["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"])


class BadToken(Exception):
    """A token that is not to be believed; the message is for our log, without personal data."""


async def check_id_token(provider: OutsideProvider, token: object, nonce: str, access_token: str) -> dict[str, Any]:
    """Return the claims of an ID token after every check.

    Args:
        provider: who must have made it.
        token: as the token endpoint answered.
        nonce: of our request.
        access_token: that came with it, for `at_hash`.

    Raises:
        BadToken: whatever is wrong with it.
        Unreachable: the keys cannot be had.
    """
    header, claims = await _signed(provider, token)
    if str(header.get("typ", "JWT")).upper() not in ("JWT", "APPLICATION/JWT"):
        raise BadToken("typ")
    try:
        CodeIDToken(
            claims, header, {"iss": {"essential": True, "value": provider.issuer}, "aud": {"essential": True, "value": provider.client_id}},
            {"nonce": nonce, "client_id": provider.client_id, "max_age": provider.max_age, "access_token": access_token},
        ).validate(int(now().timestamp()), LEEWAY)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadToken(_reason(error)) from error
    _check_times(claims)
    moment, proved_at = now().timestamp(), claims.get("auth_time")
    if not is_number(proved_at) or not moment - provider.max_age - LEEWAY <= float(proved_at) <= moment + LEEWAY:  # type: ignore[arg-type]
        raise BadToken("auth_time")
    if not isinstance(claims.get("nonce"), str) or not secrets.same(str(claims["nonce"]), nonce):
        raise BadToken("nonce")
    if "events" in claims:
        raise BadToken("events")
    return claims


async def check_logout_token(provider: OutsideProvider, token: object) -> dict[str, Any]:
    """Return the claims of a logout token after every check but the replay of its `jti`.

    Raises:
        BadToken: whatever is wrong with it.
        Unreachable: the keys cannot be had.
    """
    header, claims = await _signed(provider, token)
    if str(header.get("typ", "")).lower() not in ("logout+jwt", "application/logout+jwt"):
        raise BadToken("typ")
    if claims.get("iss") != provider.issuer:
        raise BadToken("iss")
    audience = claims.get("aud")
    if provider.client_id not in (audience if isinstance(audience, list) else [audience]):
        raise BadToken("aud")
    _check_times(claims)
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
        raise BadToken("events")
    if "nonce" in claims:
        raise BadToken("nonce")
    if not _is_name(claims.get("jti")):
        raise BadToken("jti")
    if not (_is_name(claims.get("sub")) or _is_name(claims.get("sid"))):
        raise BadToken("neither sub nor sid")
    return claims


async def _signed(provider: OutsideProvider, token: object) -> tuple[dict[str, Any], dict[str, Any]]:
    if not isinstance(token, str) or not token.isascii() or token.count(".") != 2 or not 0 < len(token) <= LONGEST:
        raise BadToken("no signed token")
    header = _header(token)
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in provider.algorithms:
        raise BadToken("alg")
    if any(name in header for name in _FOREIGN_KEYS):
        raise BadToken("a header that brings its own rules")
    if kid is not None and not _is_name(kid):
        raise BadToken("kid")
    keys = await remote.keys_for(provider, kid, algorithm)
    if not keys:
        raise BadToken("no such key")
    try:
        found = jws.deserialize_compact(token, keys[0], [algorithm], registry=_registry)
        claims = json.loads(found.payload)
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise BadToken(_reason(error)) from error
    if not isinstance(claims, dict):
        raise BadToken("no claims")
    return header, claims


def _header(token: str) -> dict[str, Any]:
    try:
        header = json.loads(urlsafe_b64decode(token.partition(".")[0].encode()))
    except (ValueError, RecursionError) as error:
        raise BadToken("no header") from error
    if not isinstance(header, dict):
        raise BadToken("no header")
    return header


def _check_times(claims: dict[str, Any]) -> None:
    moment = now().timestamp()
    issued, expires = claims.get("iat"), claims.get("exp")
    if not is_number(issued) or not moment - AGE_MOST <= float(issued) <= moment + LEEWAY:  # type: ignore[arg-type]
        raise BadToken("iat")
    if not is_number(expires) or float(expires) <= moment - LEEWAY:  # type: ignore[arg-type]
        raise BadToken("exp")


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= 255 and value.isprintable()


def _reason(error: Exception) -> str:
    return f"{type(error).__name__} {getattr(error, 'claim', '') or ''}".strip()
