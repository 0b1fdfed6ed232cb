"""How often something may be tried: sliding windows per account, per address and per known browser.

An attempt is written down before it is judged, in a transaction of its own, so that attempts at the same moment all count
and a refusal is not rolled away. A success is forgiven. Attempts on an account from browsers it has never been used in
share one allowance; a browser that has signed in before (device cookie) has its own, so guessing at somebody's account
does not lock its owner out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address, ip_network

from mattranso_app.core import db
from mattranso_app.core.clock import now
from mattranso_app.core.errors import TooMany
from mattranso_app.core.sql import sql
from mattranso_app.identity import text

KEEP = timedelta(days=1)
"""Longest window; older rows are swept."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` attempts in any `seconds`, for each key."""

    name: str
    count: int
    seconds: int


PASSWORD_PER_ACCOUNT = Limit("password.account", 10, 15 * 60)
PASSWORD_PER_DEVICE = Limit("password.device", 10, 15 * 60)
PASSWORD_PER_ADDRESS = Limit("password.address", 40, 15 * 60)
CODE_PER_CONTACT = Limit("code.contact", 5, 60 * 60)
CODE_PER_DEVICE = Limit("code.device", 5, 60 * 60)
CODE_PER_ADDRESS = Limit("code.address", 60, 60 * 60)  # whole towns share one address on mobile networks
GUESSES_PER_ADDRESS = Limit("guess.address", 120, 15 * 60)
PASSKEYS_PER_ADDRESS = Limit("passkey.address", 600, 15 * 60)  # asking for a challenge; a guess at one is hopeless
INVITATIONS_PER_PERSON = Limit("invitation.person", 100, 60 * 60)
STAFF_SHEETS_PER_PERSON = Limit("staff.sheet", 100, 24 * 60 * 60)  # of 100 rows; those that were sent do not count
RESENDS_PER_INVITATION = Limit("invitation.resend", 5, 24 * 60 * 60)
PROOF_PER_PERSON = Limit("proof.person", 10, 15 * 60)
PROOF_PER_PERSON_AND_DAY = Limit("proof.person.day", 50, 24 * 60 * 60)
PROOF_PER_DEVICE = Limit("proof.device", 10, 15 * 60)
PROOF_PER_SESSION = Limit("proof.session", 5, 15 * 60)
TOKENS_PER_PERSON = Limit("token.person", 20, 24 * 60 * 60)
CONTACT_PER_PERSON = Limit("contact.person", 5, 60 * 60)
EXPORTS_PER_PERSON = Limit("export.person", 5, 24 * 60 * 60)
TOKENS_PER_ADDRESS = Limit("token.address", 60, 15 * 60)
OUTSIDE_PER_ADDRESS = Limit("outside.address", 120, 15 * 60)
POPULATION_PER_PERSON = Limit("population.person", 5, 24 * 60 * 60)
SIGNED_IN_PASSWORD = Limit("password.change", 5, 15 * 60)


def address_key(address: str) -> str:
    """Return what counts as one address: itself, or the /64 of an IPv6 one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    if parsed.version == 6 and parsed.ipv4_mapped is None:
        return str(ip_network(f"{parsed}/64", strict=False))
    return str(parsed)


async def reserve(*wanted: tuple[Limit, str | bytes]) -> tuple[int, ...]:
    """Write down one attempt against every limit.

    Args:
        wanted: limits with the key each is counted by.

    Returns:
        The attempts' numbers, for `forgive`.

    Raises:
        TooMany: one of the limits is used up; nothing is written then.
    """
    moment = now()
    keyed = sorted((_key(limit, key), limit) for limit, key in wanted)
    async with db.transaction() as session:
        for key, limit in keyed:
            # Attempts on one key wait for each other here; otherwise all of a burst would count the same past.
            lock = int.from_bytes(key[:8], "big", signed=True)
            await session.execute(sql("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})
            used = (
                await session.execute(
                    sql("SELECT at FROM throttle_hit WHERE key = :key AND at > :since ORDER BY at DESC LIMIT :limit"),
                    {"key": key, "since": moment - timedelta(seconds=limit.seconds), "limit": limit.count},
                )
            ).scalars().all()
            if len(used) >= limit.count:
                wait = int((used[-1] + timedelta(seconds=limit.seconds) - moment).total_seconds()) + 1
                raise TooMany(text.TOO_MANY, retry_after=max(1, wait))
        written = await session.execute(
            sql("INSERT INTO throttle_hit (key, at) SELECT unnest(CAST(:keys AS bytea[])), :at RETURNING id"),
            {"keys": [key for key, _ in keyed], "at": moment},
        )
        return tuple(written.scalars())


async def forgive(attempts: Sequence[int]) -> None:
    """Take attempts back that turned out well."""
    async with db.transaction() as session:
        await session.execute(sql("DELETE FROM throttle_hit WHERE id = ANY(:ids)"), {"ids": list(attempts)})


async def sweep() -> None:
    """Remove attempts no window looks at any more."""
    async with db.transaction() as session:
        await session.execute(sql("DELETE FROM throttle_hit WHERE at < :before"), {"before": now() - KEEP})


def _key(limit: Limit, key: str | bytes) -> bytes:
    raw = key.encode("utf-8", "surrogatepass") if isinstance(key, str) else key
    return hashlib.sha256(limit.name.encode() + b"\0" + raw).digest()
