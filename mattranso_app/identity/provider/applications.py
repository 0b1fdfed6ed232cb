"""The register of applications: Central enters them, and hands a secret over once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from sqlalchemy.exc import IntegrityError

from mattranso_app.core import audit, db, secrets
from mattranso_app.core.access import Action, Actor, require
from mattranso_app.core.clock import now
from mattranso_app.core.errors import Conflict, InvalidInput, NotFound
from mattranso_app.core.text import clean_text
from mattranso_app.identity.provider import store, text
from mattranso_app.identity.provider.grants import SECRET_HASH
from mattranso_app.identity.provider.models import Client
from mattranso_app.settings import settings

_IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9-]{2,59}")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")
_ADDRESS_LIMIT = 500
_ADDRESSES_MOST = 10


@dataclass(frozen=True, slots=True)
class Registered:
    """An application just entered. `secret` is shown once and kept as a hash only; empty for a public application."""

    client: Client
    secret: str


async def register_application(
    actor: Actor, *, client_id: str, name: str, redirect_uris: Sequence[str], post_logout_redirect_uris: Sequence[str] = (),
    backchannel_logout_uri: str = "", is_own: bool = False, is_public: bool = False,
) -> Registered:
    """Enter an application.

    Args:
        actor: an administrator of Central.
        client_id: small letters, digits and dashes.
        name: what people read on the consent page.
        redirect_uris: exact addresses answers may go to; https, or http on this machine in a demonstration.
        post_logout_redirect_uris: exact addresses to return to after signing out.
        backchannel_logout_uri: where to tell that a session has ended; empty for none.
        is_own: the Front's own software, for which nobody is asked to agree.
        is_public: it cannot keep a secret (an app on a phone); PKCE alone proves it.

    Raises:
        SignInRequired, Forbidden: the actor is no administrator of Central.
        InvalidInput: a malformed identifier, name or address; `fields` says which.
        Conflict: the identifier is taken.
    """
    require(actor, Action.APPLICATION_MANAGE)
    shown = clean_text(name[:300], 100, multiline=False)
    fields = {}
    if not _IDENTIFIER.fullmatch(client_id):
        fields["client_id"] = text.IDENTIFIER_RULE
    if len(shown) < 2:
        fields["name"] = text.NAME_RULE
    if not redirect_uris:
        fields["redirect_uris"] = text.REDIRECT_MISSING
    addresses = {
        "redirect_uris": redirect_uris, "post_logout_redirect_uris": post_logout_redirect_uris,
        "backchannel_logout_uri": [backchannel_logout_uri] if backchannel_logout_uri else [],
    }
    for field, values in addresses.items():
        wrong = next((value for value in values if not is_safe_address(value)), None)
        if wrong is not None or len(values) > _ADDRESSES_MOST:
            fields[field] = text.ADDRESS_RULE.format(address=(wrong or "")[:100])
    if fields:
        raise InvalidInput(fields=fields)
    secret = "" if is_public else secrets.new_token()
    client = Client(
        client_id, shown, secrets.hash_token(secret, SECRET_HASH) if secret else None, tuple(redirect_uris),
        tuple(post_logout_redirect_uris), backchannel_logout_uri, is_own, now(), None,
    )
    try:
        async with db.transaction() as session:
            await store.save_client(session, client, actor.person_id)
            await audit.record(
                session, actor, "application.register", f"application:{client_id}",
                {"name": shown, "redirect_uris": list(redirect_uris), "own": is_own, "public": is_public},
            )
    except IntegrityError as error:
        raise Conflict(text.IDENTIFIER_TAKEN) from error
    return Registered(client, secret)


async def renew_secret(actor: Actor, client_id: str) -> str:
    """Replace an application's secret and return the new one, shown once; the old one is void at once.

    Raises:
        SignInRequired, Forbidden, NotFound: not allowed; no such confidential application.
    """
    require(actor, Action.APPLICATION_MANAGE)
    secret = secrets.new_token()
    async with db.transaction() as session:
        if not await store.save_client_secret(session, client_id, secrets.hash_token(secret, SECRET_HASH)):
            raise NotFound(text.UNKNOWN_APPLICATION)
        await audit.record(session, actor, "application.renew_secret", f"application:{client_id}")
    return secret


async def disable_application(actor: Actor, client_id: str) -> None:
    """Keep an application out from now on; every token it holds is void.

    Raises:
        SignInRequired, Forbidden, NotFound: not allowed; no such application.
    """
    require(actor, Action.APPLICATION_MANAGE)
    moment = now()
    async with db.transaction() as session:
        if not await store.save_client_disabled(session, client_id, moment):
            raise NotFound(text.UNKNOWN_APPLICATION)
        count = await store.revoke_client(session, client_id, moment)
        await audit.record(session, actor, "application.disable", f"application:{client_id}", {"revoked": count})


async def enable_application(actor: Actor, client_id: str) -> None:
    """Undo `disable_application`; its people sign in anew.

    Raises:
        SignInRequired, Forbidden, NotFound: not allowed; no such application.
    """
    require(actor, Action.APPLICATION_MANAGE)
    async with db.transaction() as session:
        if not await store.save_client_disabled(session, client_id, None):
            raise NotFound(text.UNKNOWN_APPLICATION)
        await audit.record(session, actor, "application.enable", f"application:{client_id}")


async def list_applications(actor: Actor, after: str = "") -> list[Client]:
    """Return one page of registered applications by identifier, without their secrets' hashes.

    Raises:
        SignInRequired, Forbidden: the actor is no administrator of Central.
    """
    require(actor, Action.APPLICATION_MANAGE)
    async with db.reading() as session:
        found = await store.fetch_clients(session, after[:60])
    return [replace(client, secret_hash=b"" if client.secret_hash is not None else None) for client in found]


def is_safe_address(address: str) -> bool:
    """Return whether `address` may be registered: https, no fragment, no user name, no wildcard (RFC 9700, 2.1)."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        parts.port  # noqa: B018 - raises when it is no number
    except ValueError:
        return False
    if len(address) > _ADDRESS_LIMIT or not address.isascii() or not address.isprintable() or " " in address:
        return False
    if set(address) & set("#@*\\\"'<>") or not _HOST.fullmatch(parts.netloc):
        return False
    return parts.scheme == "https" or (settings().is_demo and parts.scheme == "http" and host in ("localhost", "127.0.0.1"))
