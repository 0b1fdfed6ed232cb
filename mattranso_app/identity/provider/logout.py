"""Telling applications that a session has ended (OpenID Connect Back-Channel Logout 1.0).

One job per application and session, enqueued in the transaction that ends the session: it waits and is tried again when
the application is down.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import db, jobs
from mattranso_app.core.clock import now
from mattranso_app.identity.provider import keys, store
from mattranso_app.identity.provider.service import issuer
from mattranso_app.identity.service import sessions

EVENT = "http://schemas.openid.net/event/backchannel-logout"
TOKEN_LIFE = timedelta(minutes=2)
PATIENCE = 10.0
"""Seconds an application has to answer."""
_TASK = "openid.tell_logout"


class NotHeard(Exception):
    """The application did not accept the news; the job tries again."""


async def announce(session: AsyncSession, ended: Sequence[UUID]) -> None:
    """Enqueue the news that these sessions have ended, in the transaction that ends them."""
    for target in await store.fetch_logout_targets(session, list(ended)):
        await jobs.defer(
            session, _TASK, client_id=target.client_id, session_id=str(target.session_id), person_id=str(target.person_id)
        )


@jobs.task(_TASK, queue="notices", retry=jobs.Retry(attempts=10, first=2.0, longest=1800.0), timeout=60.0)
async def tell(client_id: str, session_id: str, person_id: str) -> None:
    """Post one logout token.

    Raises:
        NotHeard: the application is down, slow, or answered something else than success.
    """
    async with db.reading() as session:
        client = await store.fetch_client(session, client_id)
        published = await keys.fetch_published(session)
    if client is None or client.disabled_at or not client.backchannel_logout_uri:
        return
    moment = now()
    token = keys.sign(
        published,
        {
            "iss": issuer(), "aud": client_id, "iat": int(moment.timestamp()), "exp": int((moment + TOKEN_LIFE).timestamp()),
            "jti": str(uuid4()), "sub": person_id, "sid": session_id, "events": {EVENT: {}},
        },
        "logout+jwt",
    )
    try:
        async with (
            httpx.AsyncClient(timeout=PATIENCE, follow_redirects=False) as http,
            http.stream("POST", client.backchannel_logout_uri, data={"logout_token": token}) as answer,
        ):
            status = answer.status_code  # what else it says is not read: it might never end
    except httpx.HTTPError as error:
        raise NotHeard(f"{client_id}: {type(error).__name__}") from error
    if status not in (200, 204):
        raise NotHeard(f"{client_id}: HTTP {status}")


@jobs.periodic("openid.keys", "11 * * * *")
async def rotate_keys() -> None:
    """See every hour that the next signing key is there before the current one's time is over, and sweep what ran out."""
    await keys.ensure_keys()
    async with db.transaction() as session:
        await store.sweep(session, now() - timedelta(days=1))


sessions.on_ending(announce)
