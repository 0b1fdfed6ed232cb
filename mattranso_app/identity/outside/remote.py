"""Talking to an outside provider: bounded in time, in bytes, and in where it leads. What it publishes is kept for a while.

A provider that does not answer, or answers nonsense, is left alone for a short time, so that people are told at once
instead of waiting one after the other; the sign-in page says so meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key

from mattranso_app.identity.outside.providers import SIMULATED_ISSUER, may_be_asked
from mattranso_app.settings import OutsideProvider, settings

BYTES_MOST = 256 * 1024
"""Bytes of one answer; discovery documents and key sets have a few thousand."""
KEYS_MOST = 50
METADATA_SECONDS = 3600.0
KEYS_SECONDS = 3600.0
KEYS_AGAIN_SECONDS = 30.0
"""Least time between two looks for a key that is not known: forged tokens must not make us a hammer."""
REST_SECONDS = 20.0
"""How long a provider that failed is not asked."""
CONNECTIONS = 20
RSA_BITS = 2048


class Unreachable(Exception):
    """The provider is down, slow, or answers what no provider would; the message is for our log."""


class Stumbled(Unreachable):
    """The provider answered with a fault of its own (HTTP 5xx)."""


class Refused(Exception):
    """The provider understood and says no; the message is its error code."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is used of a discovery document, checked against the settings."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    announces_issuer: bool


@dataclass(slots=True)
class _Known:
    metadata: Metadata | None = None
    metadata_at: float = 0.0
    keys: dict[str, list[Key]] = field(default_factory=dict)
    keys_at: float | None = None
    keys_asked_at: float | None = None
    rests_until: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


_known: dict[tuple[int, str, str], _Known] = {}
_clients: dict[int, httpx.AsyncClient] = {}


async def close() -> None:
    """Let go of the connections and of what was kept, when a web process ends."""
    loop = id(asyncio.get_running_loop())
    client = _clients.pop(loop, None)
    for key in [key for key in _known if key[0] == loop]:
        del _known[key]
    if client is not None:
        await client.aclose()


def is_resting(provider: OutsideProvider) -> bool:
    """Return whether the provider failed a moment ago."""
    return _of(provider).rests_until > time.monotonic()


async def metadata_of(provider: OutsideProvider) -> Metadata:
    """Return where the provider's doors are (OpenID Connect Discovery 1.0), asked at most once an hour.

    Raises:
        Unreachable: no answer, another issuer than the pinned one, or a door where none is allowed.
    """
    known = _of(provider)
    async with known.lock:
        if known.metadata is None or time.monotonic() - known.metadata_at > METADATA_SECONDS:
            document = await ask(provider, "GET", f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
            known.metadata = _metadata(provider, document)
            known.metadata_at = time.monotonic()
        return known.metadata


async def keys_for(provider: OutsideProvider, kid: str | None, algorithm: str) -> list[Key]:
    """Return the provider's keys that may have made a signature; one that is not known is looked for once.

    Args:
        provider: whose.
        kid: the key's name in the token's header, None when it names none.
        algorithm: of the signature, one of ours.

    Returns:
        The key of that name, or without a name the only one that fits; empty when there is none.

    Raises:
        Unreachable: the keys cannot be had.
    """
    known = _of(provider)
    address = (await metadata_of(provider)).jwks_uri
    async with known.lock:
        moment = time.monotonic()
        is_old = known.keys_at is None or moment - known.keys_at > KEYS_SECONDS
        is_new = kid is not None and kid not in known.keys
        may_look = known.keys_asked_at is None or moment - known.keys_asked_at > KEYS_AGAIN_SECONDS
        if is_old or (is_new and may_look):
            known.keys_asked_at = moment
            known.keys = _keys(await ask(provider, "GET", address))
            known.keys_at = moment
        named = known.keys.get(kid, []) if kid is not None else [key for keys in known.keys.values() for key in keys]
    fitting = [key for key in named if _fits(key, algorithm)]
    return fitting if len(fitting) == 1 else []


async def ask(
    provider: OutsideProvider, method: str, address: str, *, form: dict[str, str] | None = None, headers: dict[str, str] | None = None
) -> dict[str, Any]:
    """Return the JSON object at an address of the provider.

    Raises:
        Unreachable: down, slow, redirecting, too much, no JSON, or just failed a moment ago.
        Refused: a 4xx answer with an OAuth error.
    """
    known = _of(provider)
    if known.rests_until > time.monotonic():
        raise Unreachable("failed a moment ago")
    if not may_be_asked(provider, address):
        raise Unreachable("an address that is not allowed")
    sent = {"accept": "application/json", "accept-encoding": "identity", **(headers or {})}
    try:
        async with (
            asyncio.timeout(settings().outside_patience),
            _client().stream(method, address, data=form, headers=sent) as answer,
        ):
            document = await _document(answer)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, Unreachable) as error:
        # A provider that stumbles over somebody's code (5xx at its token endpoint) is not down for all the others.
        if not (method == "POST" and isinstance(error, Stumbled)):
            known.rests_until = time.monotonic() + REST_SECONDS
        raise Unreachable(str(error) if isinstance(error, Unreachable) else type(error).__name__) from error
    if answer.status_code != 200:
        raise Refused(str(document.get("error", answer.status_code))[:60])
    return document


async def _document(answer: httpx.Response) -> dict[str, Any]:
    if answer.status_code >= 500:
        raise Stumbled(f"HTTP {answer.status_code}")
    if 300 <= answer.status_code < 400:
        raise Unreachable(f"HTTP {answer.status_code}")
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        raise Unreachable("a packed answer")  # a few bytes of it may be gigabytes
    body = bytearray()
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) > BYTES_MOST:
            raise Unreachable("too long an answer")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        if answer.status_code != 200:
            return {}
        raise Unreachable("no JSON") from error
    if not isinstance(document, dict):
        raise Unreachable("no JSON object")
    return document


def _metadata(provider: OutsideProvider, document: dict[str, Any]) -> Metadata:
    if document.get("issuer") != provider.issuer:
        raise _nonsense(provider, "another issuer")
    doors = {}
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"):
        address = document.get(name, "")
        is_optional = name == "userinfo_endpoint" and not address
        if not is_optional and not (isinstance(address, str) and may_be_asked(provider, address)):
            raise _nonsense(provider, f"{name} is not allowed")
        doors[name] = address
    return Metadata(**doors, announces_issuer=document.get("authorization_response_iss_parameter_supported") is True)


def _nonsense(provider: OutsideProvider, words: str) -> Unreachable:
    _of(provider).rests_until = time.monotonic() + REST_SECONDS
    return Unreachable(words)


def _keys(document: dict[str, Any]) -> dict[str, list[Key]]:
    """Return public signing keys by name; what cannot be used is left out, a symmetric one always."""
    found: dict[str, list[Key]] = {}
    listed = document.get("keys")
    for entry in listed[:KEYS_MOST] if isinstance(listed, list) else []:
        if not isinstance(entry, dict) or entry.get("kty") not in ("RSA", "EC", "OKP") or entry.get("use", "sig") != "sig":
            continue
        try:
            key = import_key(entry)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        kid = entry.get("kid")
        found.setdefault(kid if isinstance(kid, str) else "", []).append(key)
    return found


def _fits(key: Key, algorithm: str) -> bool:
    if key.get("alg") not in (None, algorithm):
        return False
    if algorithm == "EdDSA":
        return key.key_type == "OKP" and key.get("crv") == "Ed25519"
    if algorithm.startswith("ES"):
        return key.key_type == "EC" and key.get("crv") == {"ES256": "P-256", "ES384": "P-384"}[algorithm]
    return key.key_type == "RSA" and key.public_key.key_size >= RSA_BITS  # type: ignore[union-attr]


def _of(provider: OutsideProvider) -> _Known:
    try:
        loop = id(asyncio.get_running_loop())
    except RuntimeError:
        loop = 0
    return _known.setdefault((loop, provider.name, provider.issuer), _Known())


def _client() -> httpx.AsyncClient:
    loop = id(asyncio.get_running_loop())
    if loop not in _clients:
        mounts: dict[str, httpx.AsyncBaseTransport] = {}
        if settings().env == "demo":
            from mattranso_app.identity.outside import simulator  # a demonstration's only

            mounts[f"all://{SIMULATED_ISSUER.partition('//')[2]}"] = httpx.ASGITransport(simulator.machine_doors)
        _clients[loop] = httpx.AsyncClient(
            follow_redirects=False, timeout=settings().outside_patience, mounts=mounts,
            limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=5, keepalive_expiry=30),
        )
    return _clients[loop]


