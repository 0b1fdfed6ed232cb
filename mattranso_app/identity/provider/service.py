"""The provider's rules: who may be told what about whom, and for how long.

An authorization request ends in one of four steps: `Redirect` to the application, `SignIn` first, `Consent` first, or a
refusal the person reads because the application cannot be trusted with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from authlib.oauth2 import OAuth2Error
from authlib.oidc.core.util import create_half_hash
from joserfc import jwt
from joserfc.errors import JoseError
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit, db, secrets
from mattranso_app.core.access import Actor
from mattranso_app.core.clock import now
from mattranso_app.core.errors import BadRequest, SignInRequired
from mattranso_app.identity.provider import claims, grants, keys, parameters, store, text
from mattranso_app.identity.provider.grants import Answer
from mattranso_app.identity.provider.models import Client, Code, Token
from mattranso_app.identity.provider.parameters import Pairs
from mattranso_app.identity.service import sessions
from mattranso_app.identity.store import LiveSession
from mattranso_app.settings import settings

REQUEST_LIFE = timedelta(minutes=15)
CODE_LIFE = timedelta(seconds=60)
ID_TOKEN_LIFE = timedelta(minutes=10)
_CONSENT_PROOF = "oauth.consent"


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go to the application: `location` with a code or with an error."""

    location: str
    client_name: str = ""


@dataclass(frozen=True, slots=True)
class SignIn:
    """Sign in first; then `/oauth/authorize?yeu_cau=token` goes on."""

    token: str


@dataclass(frozen=True, slots=True)
class Consent:
    """Ask the person first. `proof` comes back with the answer: this session was asked for this scope."""

    token: str
    proof: str
    client: Client
    scope: str
    redirect_uri: str


Step = Redirect | SignIn | Consent


def issuer() -> str:
    """Return who signs: the portal's own origin."""
    return settings().origins()[0]


async def begin(found: LiveSession | None, pairs: Pairs) -> Step:
    """Take an authorization request (OpenID Connect Core 1.0, 3.1.2).

    Args:
        found: who is signed in, if anybody.
        pairs: the request's parameters as they came.

    Raises:
        BadRequest: unknown application, an address that is not registered, a parameter twice: only the person is told.
    """
    return await _step(found, pairs, None, now())


async def resume(found: LiveSession | None, token: str) -> Step:
    """Go on with a request that waited for sign-in.

    Raises:
        BadRequest: it waited too long or was answered already.
    """
    pairs, since = await _waiting(token)
    return await _step(found, pairs, token, since)


async def answer_consent(found: LiveSession | None, token: str, proof: str, agreed: bool) -> Redirect:
    """Take the person's decision on what an application may learn.

    Args:
        found: who is signed in, if anybody.
        token: names the waiting request.
        proof: what the page that asked held; without it somebody else's question could be answered, or one that was never
            shown because the person was to prove anew who he is.
        agreed: the decision.

    Raises:
        SignInRequired: nobody is signed in any more.
        BadRequest: as `resume`; or not the session that was asked.
    """
    if found is None:
        raise SignInRequired()
    pairs, _ = await _waiting(token)
    try:
        client, redirect_uri, scope = await _judged(pairs)
    except OAuth2Error as error:  # the application was changed or disabled meanwhile
        raise BadRequest(text.BAD_APPLICATION) from error
    if not secrets.same(proof.encode(), _consent_proof(token, found, scope).encode()):
        raise BadRequest(text.REQUEST_GONE)
    values = dict(pairs)
    async with db.transaction() as session:
        await _take(session, token)
        if not agreed:
            return _refusal(redirect_uri, values, "access_denied", client)
        person_id = _person(found)
        # What he agreed to before stays agreed: the application may still hold tokens for it, and his list must say so.
        before = (await store.fetch_consent(session, person_id, client.client_id)).split()
        whole = " ".join(name for name in client.scopes if name in {*before, *scope.split()})
        await store.save_consent(session, person_id, client.client_id, whole, now())
        step = await _hand_code(session, found, client, redirect_uri, scope, values)
        await audit.record(session, found.actor, "application.consent", f"person:{person_id}", {"client": client.client_id, "scope": scope})
    return step


async def exchange(pairs: Pairs, authorization: str) -> Answer:
    """Answer at the token endpoint: a code or a refresh token for tokens (OpenID Connect Core 1.0, 3.1.3 and 12).

    A code or refresh token that comes a second time revokes all that came from it: one of the two who sent it stole it.
    """
    values = dict(pairs)
    if parameters.has_repetition(pairs) or not parameters.is_clean(list(values.values())):
        return Answer(400, {"error": "invalid_request", "error_description": "A parameter occurs twice or is malformed."}, "")
    moment = now()
    client_id = grants.named_client(values, authorization)
    if client_id is None or not parameters.is_clean([client_id]):
        return Answer(401 if authorization else 400, {"error": "invalid_client"}, "")
    headers = {"Authorization": authorization} if authorization else {}
    async with db.transaction() as session:
        client = await store.lock_client(session, client_id)
        code = refresh = None
        if values.get("grant_type") == "authorization_code":
            code = await store.lock_code(session, values.get("code", "")[: parameters.LIMIT], moment)
        elif values.get("grant_type") == "refresh_token":
            refresh = await store.lock_token(session, values.get("refresh_token", "")[: parameters.LIMIT], "refresh", moment)
        answer, issued = grants.judge_token_request(pairs, headers, client, code, refresh)
        if not issued.tokens:
            await _punish_replay(session, client, code, refresh, moment)
            return answer
        source: Code | Token | None = code or refresh
        assert client is not None and source is not None
        if not client.is_own and not await store.save_consent_used(session, source.person_id, client_id, moment):
            return Answer(400, {"error": "invalid_grant"}, "")  # the consent was taken back at this very moment
        if code is not None:
            await store.save_code_used(session, code, moment)
        elif refresh is not None:
            await store.save_token_used(session, refresh, moment)
        return await _issue(session, client, source, issued, moment, nonce=code.nonce if code else "")


async def userinfo(access_token: str) -> dict[str, Any] | None:
    """Return the claims an access token opens, or None when it opens nothing (any more)."""
    moment = now()
    async with db.reading() as session:
        found = await store.fetch_token(session, access_token[: parameters.LIMIT], "access", moment)
        if found is None or found.revoked_at or found.expires_at <= moment or not found.is_session_live:
            return None
        return claims.about(await store.fetch_person(session, found.person_id, moment), found.scope, found.methods)


async def end_session(found: LiveSession | None, values: dict[str, str], confirmed: bool) -> Redirect | None:
    """Sign out at an application's wish (OpenID Connect RP-Initiated Logout 1.0).

    Args:
        found: who is signed in, if anybody.
        values: the request's parameters.
        confirmed: the person pressed the button.

    Returns:
        Where to go now; None when the person must be asked first, because the request does not prove whose session it means.
    """
    hint = await _hint(values.get("id_token_hint", ""))
    if not parameters.is_clean(list(values.values())):
        values = {}
    async with db.reading() as session:
        client = await store.fetch_client(session, str(hint.get("aud", "")) or values.get("client_id", ""))
    if client is not None and values.get("client_id", client.client_id) != client.client_id:
        client = None
    if found is not None:
        if not confirmed and hint.get("sid") != str(found.id):
            return None
        await sessions.sign_out(found.actor)
    back = values.get("post_logout_redirect_uri", "")
    if client is None or client.disabled_at or back not in client.post_logout_redirect_uris:
        return Redirect("/")
    state = {"state": values["state"]} if values.get("state") else {}
    return Redirect(grants.with_parameters(back, state) if state else back, client.name)


async def _step(found: LiveSession | None, pairs: Pairs, token: str | None, since: datetime) -> Step:
    try:
        client, redirect_uri, scope = await _judged(pairs)
    except OAuth2Error as error:
        if not error.redirect_uri:
            raise BadRequest(text.BAD_APPLICATION) from error
        return _refusal(error.redirect_uri, dict(pairs), str(error.error), None, str(error.description or ""))
    values = dict(pairs)
    for name in ("request", "request_uri"):
        if values.get(name):
            return _refusal(redirect_uri, values, f"{name}_not_supported", client)
    prompts = parameters.prompts_of(values)
    expected = ""
    if values.get("id_token_hint"):
        hint = await _hint(values["id_token_hint"])
        expected = str(hint.get("sub", ""))
        if not expected or hint.get("aud") != client.client_id:
            return _refusal(redirect_uri, values, "invalid_request", client, "id_token_hint is no ID token of ours")
    async with db.transaction() as session:
        if found is None or found.actor.is_withheld or await _too_long_ago(session, found, values, prompts, since):
            if prompts == {"none"}:
                return _refusal(redirect_uri, values, "login_required", client)
            return SignIn(token or await _keep(session, pairs))
        if expected and expected != str(_person(found)):
            return _refusal(redirect_uri, values, "login_required", client)
        agreed = set((await store.fetch_consent(session, _person(found), client.client_id)).split())
        if not client.is_own and ("consent" in prompts or not set(scope.split()) <= agreed):
            if prompts == {"none"}:
                return _refusal(redirect_uri, values, "consent_required", client)
            waiting = token or await _keep(session, pairs)
            return Consent(waiting, _consent_proof(waiting, found, scope), client, scope, redirect_uri)
        if token:
            await _take(session, token)
        return await _hand_code(session, found, client, redirect_uri, scope, values)


async def _judged(pairs: Pairs) -> tuple[Client, str, str]:
    if not parameters.is_addressed(pairs):
        raise BadRequest(text.BAD_APPLICATION)
    values = dict(pairs)
    async with db.reading() as session:
        client = await store.fetch_client(session, values["client_id"])
    if client is None or client.disabled_at or values["redirect_uri"] not in client.redirect_uris:
        raise BadRequest(text.BAD_APPLICATION)
    parameters.check(pairs, values["redirect_uri"])
    redirect_uri, scope = grants.judge_request(client, pairs)
    return client, redirect_uri, scope


async def _too_long_ago(session: AsyncSession, found: LiveSession, values: dict[str, str], prompts: set[str], since: datetime) -> bool:
    """Whether the person must prove anew who he is: it is asked for, or the last proof is older than the application allows.

    Age is counted to the moment the request came: counted to now, a proof given for it would already be too old for max_age 0.
    """
    proof = await store.fetch_session_proof(session, found.id)
    if prompts & {"login", "select_account"}:
        return bool(proof.created_at < since)
    age = parameters.max_age_of(values)
    return age is not None and bool(since - proof.proved_at > timedelta(seconds=age))


async def _keep(session: AsyncSession, pairs: Pairs) -> str:
    token = secrets.new_token()
    moment = now()
    kept = [(name, value) for name, value in pairs if name in parameters.KEPT]
    await store.save_request(session, token, kept, moment, moment + REQUEST_LIFE)
    return token


async def _take(session: AsyncSession, token: str) -> None:
    """Take a waiting request out of the table, so that of two answers at the same moment one counts."""
    if not await store.delete_request(session, token):
        raise BadRequest(text.REQUEST_GONE)


def _consent_proof(token: str, found: LiveSession, scope: str) -> str:
    return secrets.hash_token(f"{token} {found.id} {scope}", _CONSENT_PROOF).hex()


async def _waiting(token: str) -> tuple[list[tuple[str, str]], datetime]:
    async with db.reading() as session:
        waiting = await store.fetch_request(session, token[: parameters.LIMIT], now())
    if waiting is None:
        raise BadRequest(text.REQUEST_GONE)
    return waiting


async def _hand_code(
    session: AsyncSession, found: LiveSession, client: Client, redirect_uri: str, scope: str, values: dict[str, str]
) -> Redirect:
    code = secrets.new_token()
    moment = now()
    await store.save_code(
        session, code,
        {
            "family": uuid4(), "client_id": client.client_id, "person_id": _person(found), "session_id": found.id,
            "redirect_uri": redirect_uri, "scope": scope, "nonce": values.get("nonce", ""),
            "code_challenge": values["code_challenge"], "created_at": moment, "expires_at": moment + CODE_LIFE,
        },
    )
    await audit.record(session, found.actor, "application.sign_in", f"person:{found.actor.person_id}", {"client": client.client_id})
    answer = {"code": code, "iss": issuer()} | ({"state": values["state"]} if values.get("state") else {})
    return Redirect(grants.with_parameters(redirect_uri, answer), client.name)


async def _issue(
    session: AsyncSession, client: Client, source: Code | Token, issued: grants.Issued, moment: datetime, nonce: str
) -> Answer:
    ends = {
        "access": moment + timedelta(seconds=grants.ACCESS_LIFE),
        "refresh": moment + timedelta(seconds=settings().session_absolute),
    }
    row = {
        "family": source.family, "client_id": client.client_id, "person_id": source.person_id, "session_id": source.session_id,
        "created_at": moment,
    }
    # A narrower scope is for this access token only; the next refresh may ask for the whole again (RFC 6749, 6).
    scopes = {"access": issued.scope, "refresh": source.scope}
    for kind, until in ends.items():
        values = {**row, "kind": kind, "scope": scopes[kind], "expires_at": until}
        await store.save_token(session, issued.tokens[f"{kind}_token"], values)
    person = await store.fetch_person(session, source.person_id, moment)
    half = create_half_hash(issued.tokens["access_token"], keys.ALGORITHM)
    token: dict[str, Any] = {
        "iss": issuer(), "aud": client.client_id, "iat": int(moment.timestamp()),
        "exp": int((moment + ID_TOKEN_LIFE).timestamp()), "auth_time": int(source.authenticated_at.timestamp()),
        "sid": str(source.session_id), "acr": claims.acr(source.methods), "amr": list(source.methods),
        "at_hash": half.decode() if half else "", **claims.about(person, claims.without_contacts(issued.scope), source.methods),
    }
    if nonce:
        token["nonce"] = nonce
    signed = keys.sign(await keys.fetch_published(session), token)
    return Answer(200, {**issued.tokens, "id_token": signed}, "")


async def _punish_replay(
    session: AsyncSession, client: Client | None, code: Code | None, refresh: Token | None, moment: datetime
) -> None:
    replayed = code or refresh
    if replayed is None or replayed.used_at is None:
        return
    count = await store.revoke_family(session, replayed.family, moment)
    who = Actor("system", name=client.client_id if client else "")
    await audit.record(
        session, who, "application.replay", f"person:{replayed.person_id}", {"client": replayed.client_id, "revoked": count}
    )


async def _hint(token: str) -> dict[str, Any]:
    """Return the claims of an ID token of ours, expired or not; empty when it is none."""
    if not token or len(token) > parameters.HINT_LIMIT:
        return {}
    async with db.reading() as session:
        published = await keys.fetch_published(session)
    if not published:
        return {}
    try:
        found = jwt.decode(token, keys.public_keys(published), [keys.ALGORITHM])
    except (JoseError, ValueError):
        return {}
    is_ours = found.header.get("typ") == "JWT" and found.claims.get("iss") == issuer()  # a logout token is no ID token
    return dict(found.claims) if is_ours else {}


def _refusal(redirect_uri: str, values: dict[str, str], error: str, client: Client | None, description: str = "") -> Redirect:
    answer = {"error": error, "iss": issuer()}
    if description:
        answer["error_description"] = description
    if values.get("state"):
        answer["state"] = values["state"]
    return Redirect(grants.with_parameters(redirect_uri, answer), client.name if client else "")


def _person(found: LiveSession) -> UUID:
    assert found.actor.person_id is not None
    return found.actor.person_id
