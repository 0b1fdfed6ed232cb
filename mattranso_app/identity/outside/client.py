"""The way to a provider and back: authorization code with PKCE, state and nonce bound to the browser (OpenID Connect Core, 3.1)."""

from __future__ import annotations

import base64
import logging
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote_plus

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from mattranso_app.core.errors import BadRequest, Forbidden, Unavailable
from mattranso_app.identity.outside import claims, remote, text, tokens
from mattranso_app.identity.outside.attempts import Attempt
from mattranso_app.identity.outside.claims import BadAnswer, OutsidePerson
from mattranso_app.identity.outside.providers import profile_of, redirect_uri
from mattranso_app.identity.outside.remote import Metadata, Refused, Unreachable
from mattranso_app.settings import OutsideProvider

VALUE_LONGEST = 4_000

log = logging.getLogger(__name__)


class Unbelievable(BadRequest):
    """The answer breaks a rule of the protocol; `reason` is for the audit log, without personal data."""

    def __init__(self, provider: OutsideProvider, reason: str) -> None:
        super().__init__(text.NOT_BELIEVED.format(label=provider.label))
        self.reason = reason


async def way_to(provider: OutsideProvider, attempt: Attempt) -> str:
    """Return the address at the provider to send the browser to.

    Raises:
        Unavailable: the provider is down.
    """
    try:
        if remote.is_resting(provider):
            raise Unreachable("failed a moment ago")
        metadata = await remote.metadata_of(provider)
    except (Unreachable, Refused) as error:
        raise _down(provider, error) from error
    profile = profile_of(provider)
    wanted = {
        "nonce": attempt.nonce, "code_challenge": create_s256_code_challenge(attempt.verifier), "code_challenge_method": "S256",
        "max_age": str(provider.max_age), "ui_locales": "vi",
    }
    if profile.levels:
        wanted["acr_values"] = " ".join(acr for acr, level in profile.levels.items() if level >= max(1, profile.required_level))
    return str(
        prepare_grant_uri(
            metadata.authorization_endpoint, provider.client_id, "code", redirect_uri(provider), profile.scope, attempt.state, **wanted
        )
    )


def parameters(provider: OutsideProvider, pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return the parameters of an answer, each once and short.

    Raises:
        Unbelievable: otherwise.
    """
    known = [(name, value) for name, value in pairs if name in ("code", "state", "iss", "error")]
    if len(dict(known)) != len(known):
        raise Unbelievable(provider, "a parameter twice")
    if any(len(value) > VALUE_LONGEST or not value.isprintable() for _, value in known):
        raise Unbelievable(provider, "a parameter that is none")
    return dict(known)


async def person_behind(provider: OutsideProvider, attempt: Attempt, answer: dict[str, str]) -> OutsidePerson:
    """Exchange the code of an answer and return whom the provider vouches for.

    Args:
        provider: where the answer says it comes from.
        attempt: the browser's own, whose state the answer brought back.
        answer: its parameters.

    Raises:
        Unbelievable: the answer or a token breaks a rule.
        BadRequest: the person or the provider said no.
        Forbidden: the provider's assurance is lower than what is needed.
        Unavailable: the provider is down.
    """
    try:
        metadata = await remote.metadata_of(provider)
        # RFC 9207: against answers of another provider mixed in; also where it is told without having been announced.
        if answer.get("iss", "" if metadata.announces_issuer else provider.issuer) != provider.issuer:
            raise Unbelievable(provider, "iss")
        if "error" in answer:
            log.info("outside provider %s answered %r", provider.name, answer["error"][:60])
            raise BadRequest(text.DECLINED.format(label=provider.label))
        if not answer.get("code"):
            raise Unbelievable(provider, "no code")
        told = await _tokens(provider, metadata, attempt, answer["code"])
        access_token = told.get("access_token")
        if not isinstance(access_token, str) or not access_token or str(told.get("token_type", "")).lower() != "bearer":
            raise Unbelievable(provider, "no access token")
        checked = await tokens.check_id_token(provider, told.get("id_token"), attempt.nonce, access_token)
        found = claims.read(provider, {**await _userinfo(provider, metadata, access_token, checked["sub"]), **checked})
    except Refused as error:
        raise Unbelievable(provider, f"refused: {error}") from error
    except Unreachable as error:
        raise _down(provider, error) from error
    except (tokens.BadToken, BadAnswer) as error:
        raise Unbelievable(provider, str(error)) from error
    if found.level < profile_of(provider).required_level:
        raise Forbidden(text.LEVEL_TOO_LOW.format(label=provider.label))
    return found


async def _tokens(provider: OutsideProvider, metadata: Metadata, attempt: Attempt, code: str) -> dict[str, Any]:
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri(provider), "code_verifier": attempt.verifier,
    }
    headers = {}
    secret = provider.client_secret.get_secret_value()
    if secret and provider.secret_in == "header":  # noqa: S105 - where the secret is sent
        # RFC 6749, 2.3.1 wants both encoded first, which Authlib's client_secret_basic leaves out.
        pair = f"{quote_plus(provider.client_id)}:{quote_plus(secret)}"
        headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        form |= {"client_id": provider.client_id, **({"client_secret": secret} if secret else {})}
    return await remote.ask(provider, "POST", metadata.token_endpoint, form=form, headers=headers)


async def _userinfo(provider: OutsideProvider, metadata: Metadata, access_token: str, subject: object) -> dict[str, Any]:
    if not metadata.userinfo_endpoint:
        return {}
    told = await remote.ask(provider, "GET", metadata.userinfo_endpoint, headers={"authorization": f"Bearer {access_token}"})
    if told.get("sub") != subject:
        raise BadAnswer("userinfo of somebody else")
    # What was signed and checked is not taken from an unsigned answer.
    return {name: value for name, value in told.items() if name not in ("acr", "amr", "auth_time", "sid", "iss", "aud")}


def _down(provider: OutsideProvider, error: Exception) -> Unavailable:
    log.warning("outside provider %s: %s", provider.name, error)
    return Unavailable(text.DOWN.format(label=provider.label), retry_after=int(remote.REST_SECONDS))
