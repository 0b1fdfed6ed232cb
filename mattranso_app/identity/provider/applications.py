"""The register of applications: Central enters them, and hands a secret over once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.exc import IntegrityError

from mattranso_app.core import audit, db, secrets
from mattranso_app.core.access import Action, Actor, require
from mattranso_app.core.clock import now
from mattranso_app.core.errors import Conflict, InvalidInput, NotFound
from mattranso_app.core.text import clean_text
from mattranso_app.identity.provider import addresses, parameters, store, text
from mattranso_app.identity.provider.grants import SECRET_HASH
from mattranso_app.identity.provider.models import SCOPES, Client
from mattranso_app.identity.service.step_up import require_fresh

_IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9-]{2,59}")


@dataclass(frozen=True, slots=True)
class Registered:
    """An application just entered. `secret` is shown once and kept as a hash only; empty for a public application."""

    client: Client
    secret: str


async def register_application(
    actor: Actor, *, client_id: str, name: str, redirect_uris: Sequence[str], post_logout_redirect_uris: Sequence[str] = (),
    backchannel_logout_uri: str = "", is_own: bool = False, is_public: bool = False, scopes: Sequence[str] = SCOPES,
) -> Registered:
    """Enter an application.

    Args:
        actor: an administrator of Central who has proved himself lately.
        client_id: small letters, digits and dashes.
        name: what people read on the consent page.
        redirect_uris: exact addresses answers may go to; https, or http on this machine in a demonstration.
        post_logout_redirect_uris: exact addresses to return to after signing out.
        backchannel_logout_uri: where to tell that a session has ended; empty for none.
        is_own: the Front's own software, for which nobody is asked to agree.
        is_public: it cannot keep a secret (an app on a phone); PKCE alone proves it.
        scopes: the most it gets; `openid` is always among them.

    Raises:
        SignInRequired, Forbidden: the actor is no administrator of Central.
        ProofRequired: his last proof is too old.
        InvalidInput: a malformed identifier, name, address or scope; `fields` says which.
        Conflict: the identifier is taken.
    """
    require(actor, Action.APPLICATION_MANAGE)
    client = _judged(
        client_id, name, redirect_uris, post_logout_redirect_uris, backchannel_logout_uri, is_own=is_own, scopes=scopes
    )
    require_fresh(actor)
    secret = "" if is_public else secrets.new_token()
    client = replace(client, secret_hash=secrets.hash_token(secret, SECRET_HASH) if secret else None)
    try:
        async with db.transaction() as session:
            await store.save_client(session, client, actor.person_id)
            await audit.record(
                session, actor, "application.register", f"application:{client_id}", {**_details(client), "public": is_public}
            )
    except IntegrityError as error:
        raise Conflict(text.IDENTIFIER_TAKEN, fields={"client_id": text.IDENTIFIER_TAKEN}) from error
    return Registered(client, secret)


async def change_application(
    actor: Actor, client_id: str, *, name: str, redirect_uris: Sequence[str], post_logout_redirect_uris: Sequence[str],
    backchannel_logout_uri: str, is_own: bool, scopes: Sequence[str],
) -> Client:
    """Change what is known of an application; its identifier, kind and secret stay.

    Where it may learn less than before, or is no longer the Front's own, every token it holds is void: its people sign in
    anew, and are asked where they must be.

    Args: as `register_application`.

    Raises:
        SignInRequired, Forbidden, ProofRequired, InvalidInput: as `register_application`.
        NotFound: no such application.
    """
    require(actor, Action.APPLICATION_MANAGE)
    wanted = _judged(
        client_id, name, redirect_uris, post_logout_redirect_uris, backchannel_logout_uri, is_own=is_own, scopes=scopes
    )
    require_fresh(actor)
    async with db.transaction() as session:
        before = await store.lock_client_to_change(session, client_id)
        if before is None:
            raise NotFound(text.UNKNOWN_APPLICATION)
        await store.save_client_changes(session, wanted)
        details = _details(wanted)
        if set(before.scopes) - set(wanted.scopes) or (before.is_own and not is_own):
            details["revoked"] = await store.revoke_client(session, client_id, now())
        await audit.record(session, actor, "application.change", f"application:{client_id}", {**details, "before": _details(before)})
    return replace(wanted, created_at=before.created_at, disabled_at=before.disabled_at)


async def renew_secret(actor: Actor, client_id: str) -> str:
    """Replace an application's secret and return the new one, shown once; the old one is void at once.

    Raises:
        SignInRequired, Forbidden, ProofRequired, NotFound: not allowed; no such confidential application.
    """
    require(actor, Action.APPLICATION_MANAGE)
    _check_name(client_id)
    require_fresh(actor)
    secret = secrets.new_token()
    async with db.transaction() as session:
        if not await store.save_client_secret(session, client_id, secrets.hash_token(secret, SECRET_HASH)):
            raise NotFound(text.UNKNOWN_APPLICATION)
        await audit.record(session, actor, "application.renew_secret", f"application:{client_id}")
    return secret


async def disable_application(actor: Actor, client_id: str) -> None:
    """Keep an application out from now on; every token it holds is void. In a hurry: asks for no fresh proof.

    Raises:
        SignInRequired, Forbidden, NotFound: not allowed; no such application.
    """
    require(actor, Action.APPLICATION_MANAGE)
    _check_name(client_id)
    moment = now()
    async with db.transaction() as session:
        if not await store.save_client_disabled(session, client_id, moment):
            raise NotFound(text.UNKNOWN_APPLICATION)
        count = await store.revoke_client(session, client_id, moment)
        await audit.record(session, actor, "application.disable", f"application:{client_id}", {"revoked": count})


async def enable_application(actor: Actor, client_id: str) -> None:
    """Undo `disable_application`; its people sign in anew.

    Raises:
        SignInRequired, Forbidden, ProofRequired, NotFound: not allowed; no such application.
    """
    require(actor, Action.APPLICATION_MANAGE)
    _check_name(client_id)
    require_fresh(actor)
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
    return [_without_hash(client) for client in found]


async def get_application(actor: Actor, client_id: str) -> Client:
    """Return one registered application, without its secret's hash.

    Raises:
        SignInRequired, Forbidden, NotFound: not allowed; no such application.
    """
    require(actor, Action.APPLICATION_MANAGE)
    _check_name(client_id)
    async with db.reading() as session:
        client = await store.fetch_client(session, client_id)
    if client is None:
        raise NotFound(text.UNKNOWN_APPLICATION)
    return _without_hash(client)


def _judged(
    client_id: str, name: str, redirect_uris: Sequence[str], post_logout_redirect_uris: Sequence[str], backchannel_logout_uri: str,
    *, is_own: bool, scopes: Sequence[str],
) -> Client:
    shown = clean_text(name[:300], 100, multiline=False)
    fields = {}
    if not _IDENTIFIER.fullmatch(client_id):
        fields["client_id"] = text.IDENTIFIER_RULE
    if len(shown) < 2:
        fields["name"] = text.NAME_RULE
    if not redirect_uris:
        fields["redirect_uris"] = text.REDIRECT_MISSING
    given = {
        "redirect_uris": redirect_uris, "post_logout_redirect_uris": post_logout_redirect_uris,
        "backchannel_logout_uri": [backchannel_logout_uri] if backchannel_logout_uri else [],
    }
    for field, values in given.items():
        fault = next(filter(None, map(addresses.fault_of, values)), "")
        if fault or len(values) > addresses.MOST:
            fields[field] = fault or text.ADDRESS_MANY
    if not set(scopes) <= set(SCOPES):
        fields["scopes"] = text.SCOPE_RULE
    if fields:
        raise InvalidInput(fields=fields)
    granted = tuple(scope for scope in SCOPES if scope == "openid" or scope in scopes)
    return Client(
        client_id, shown, None, tuple(dict.fromkeys(redirect_uris)), tuple(dict.fromkeys(post_logout_redirect_uris)),
        backchannel_logout_uri, is_own, now(), None, granted,
    )


def _details(client: Client) -> dict[str, Any]:
    return {
        "name": client.name, "redirect_uris": list(client.redirect_uris), "backchannel": client.backchannel_logout_uri,
        "post_logout_redirect_uris": list(client.post_logout_redirect_uris), "own": client.is_own, "scopes": list(client.scopes),
    }


def _without_hash(client: Client) -> Client:
    return replace(client, secret_hash=b"" if client.secret_hash is not None else None)


def _check_name(client_id: str) -> None:
    if len(client_id) > 60 or not parameters.is_clean([client_id]):
        raise NotFound(text.UNKNOWN_APPLICATION)
