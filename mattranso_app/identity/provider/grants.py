"""Authlib's rules of the protocol, run on rows that were read before: no database and no waiting in here.

Authlib's core asks for a client, a code or a token in the middle of its work and means to get it at once. So a request is
handled in three steps: read the rows it names, let Authlib judge (this module), write what came out of it (`service`).
"""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Request, grants
from authlib.oauth2.rfc6749.errors import InvalidRequestError, InvalidScopeError
from authlib.oauth2.rfc6749.requests import OAuth2Payload
from authlib.oauth2.rfc6749.util import extract_basic_authorization
from authlib.oauth2.rfc7636 import CodeChallenge

from mattranso_app.core import secrets
from mattranso_app.core.clock import now
from mattranso_app.identity.provider.models import Client, Code, Token
from mattranso_app.identity.provider.parameters import Pairs

logging.getLogger("authlib").setLevel(logging.INFO)  # its debug lines hold the tokens it has made

SECRET_HASH = "oauth.client_secret"  # noqa: S105 - the purpose of a hash, no secret
ACCESS_LIFE = 10 * 60
"""Seconds an access token is good for; it also ends with its session."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What Authlib answers: a redirect (`location`) or a document."""

    status: int
    body: dict[str, Any]
    location: str


@dataclass(slots=True)
class Issued:
    """What is to be written after Authlib agreed."""

    tokens: dict[str, Any] = field(default_factory=dict)
    scope: str = ""
    person_id: UUID | None = None


class _Payload(OAuth2Payload):
    def __init__(self, pairs: Pairs) -> None:
        self._values = dict(reversed(list(pairs)))
        self._lists: defaultdict[str, list[str]] = defaultdict(list)
        for name, value in pairs:
            self._lists[name].append(value)

    @property
    def data(self) -> dict[str, str]:
        return self._values

    @property
    def datalist(self) -> defaultdict[str, list[str]]:
        return self._lists


class _Request(OAuth2Request):
    def __init__(self, method: str, pairs: Pairs, headers: dict[str, str]) -> None:
        # Whether the transport is secure is checked at our own door; Authlib looks at the address only.
        super().__init__(method, "https://op.invalid/", headers=headers)
        self.payload = _Payload(pairs)

    @property
    def form(self) -> dict[str, str]:
        values: dict[str, str] = self.payload.data
        return values


class _Client:
    """An application as Authlib asks about it."""

    def __init__(self, row: Client) -> None:
        self.row = row

    def get_client_id(self) -> str:
        return self.row.client_id

    def get_default_redirect_uri(self) -> None:
        """None: the address is always named, so that it is always compared."""

    def get_allowed_scope(self, scope: str | None) -> str | None:
        wanted = [name for name in (scope or "").split() if name in self.row.scopes]
        return " ".join(dict.fromkeys(wanted)) if "openid" in wanted else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.row.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        stored = self.row.secret_hash
        return stored is not None and any(secrets.same(stored, found) for found in secrets.token_hashes(client_secret, SECRET_HASH))

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return (method == "none") == (self.row.secret_hash is None)

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in ("authorization_code", "refresh_token")


class _Code:
    """A code as Authlib asks about it."""

    code_challenge_method = "S256"

    def __init__(self, row: Code) -> None:
        self.row = row
        self.code_challenge = row.code_challenge

    def get_redirect_uri(self) -> str:
        return self.row.redirect_uri

    def get_scope(self) -> str:
        return self.row.scope


class _Refresh:
    """A refresh token as Authlib asks about it."""

    def __init__(self, row: Token) -> None:
        self.row = row

    def check_client(self, client: _Client) -> bool:
        return self.row.client_id == client.row.client_id

    def get_scope(self) -> str:
        return self.row.scope


class _Server(AuthorizationServer):
    def __init__(self, client: Client | None, code: Code | None, refresh: Token | None) -> None:
        super().__init__()
        self.client = client
        self.code = code
        self.refresh = refresh
        self.issued = Issued()
        self.register_grant(_CodeGrant, [_S256(required=True)])
        self.register_grant(_RefreshGrant)
        self.register_token_generator("default", _new_tokens)

    def query_client(self, client_id: str) -> _Client | None:
        found = self.client
        return _Client(found) if found and found.client_id == client_id and found.disabled_at is None else None

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        self.issued.tokens = token

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
        return request

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Answer:
        location = dict(headers).get("Location", "")
        return Answer(status, dict(body) if body else {}, location)


class _CodeGrant(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"]

    def query_authorization_code(self, code: str, client: _Client) -> _Code | None:
        found = self.server.code
        if found is None or found.client_id != client.row.client_id or not found.is_session_live:
            return None
        return _Code(found) if found.used_at is None and found.expires_at > now() else None

    def authenticate_user(self, authorization_code: _Code) -> UUID:
        return authorization_code.row.person_id

    def delete_authorization_code(self, authorization_code: _Code) -> None:
        """The service marks it as used; it stays, to recognise its replay."""


class _RefreshGrant(grants.RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"]
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> _Refresh | None:
        found = self.server.refresh
        if found is None or found.revoked_at or found.used_at or found.expires_at <= now() or not found.is_session_live:
            return None
        return _Refresh(found)

    def validate_token_request(self) -> None:
        super().validate_token_request()
        scope = self.request.payload.scope
        if scope and "openid" not in scope.split():
            raise InvalidScopeError()

    def authenticate_user(self, refresh_token: _Refresh) -> UUID:
        return refresh_token.row.person_id

    def revoke_old_credential(self, refresh_token: _Refresh) -> None:
        """The service marks it as used; it stays, to recognise its replay."""


class _S256(CodeChallenge):
    """PKCE for every application, public or not, and by S256 only (RFC 9700, 2.1.1)."""

    DEFAULT_CODE_CHALLENGE_METHOD = ""
    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        values = grant.request.payload.data
        if not values.get("code_challenge"):
            raise InvalidRequestError("Missing 'code_challenge'")
        if values.get("code_challenge_method") != "S256":
            raise InvalidRequestError("Only the 'code_challenge_method' S256 is supported")
        super().validate_code_challenge(grant, redirect_uri)


def _new_tokens(*, scope: str | None = None, **_: Any) -> dict[str, Any]:
    return {
        "token_type": "Bearer", "access_token": secrets.new_token(), "expires_in": ACCESS_LIFE,
        "refresh_token": secrets.new_token(), "scope": scope,
    }


def named_client(values: dict[str, str], authorization: str) -> str | None:
    """Return the application a token request names, by its Basic credentials or else by its form.

    Returns:
        None where it proves itself in two ways at once, or in none that is understood (RFC 6749, 2.3): Authlib would take
        the first way that fits.
    """
    in_form = values.get("client_id", "")
    if not authorization:
        return in_form
    try:
        named, secret = extract_basic_authorization({"Authorization": authorization})
    except ValueError:  # credentials that are no text
        return None
    if not named or not secret or "client_secret" in values or in_form not in ("", named):
        return None
    return str(named)


def judge_request(client: Client | None, pairs: Pairs) -> tuple[str, str]:
    """Check an authorization request.

    Args:
        client: the application its `client_id` names.
        pairs: the parameters as they came.

    Returns:
        (address to answer at, scope granted at most).

    Raises:
        OAuth2Error: refused; with a `redirect_uri` the application may be told, without one only the person.
    """
    request = _Request("GET", pairs, {})
    server = _Server(client, None, None)
    try:
        grant = server.get_authorization_grant(request)
        grant.validate_no_multiple_request_parameter(request)
        redirect_uri: str = grant.validate_authorization_request()
    except ValueError as error:  # Authlib quotes what came in, and refuses to quote some letters
        raise InvalidRequestError("Malformed parameter.", redirect_uri=request.payload.redirect_uri) from error
    return redirect_uri, str(request.scope)


def judge_token_request(
    pairs: Pairs, headers: dict[str, str], client: Client | None, code: Code | None, refresh: Token | None
) -> tuple[Answer, Issued]:
    """Check a request at the token endpoint and make the tokens.

    Args:
        pairs: the form as it came.
        headers: `Authorization`, as Authlib names it.
        client, code, refresh: the rows the request names, where there are such.

    Returns:
        Authlib's answer, without an ID token yet, and what is to be written; nothing when it refused.
    """
    server = _Server(client, code, refresh)
    try:
        answer = server.create_token_response(_Request("POST", pairs, headers))
    except ValueError:  # Authlib quotes what came in, and refuses to quote some letters
        return Answer(400, {"error": "invalid_request"}, ""), Issued()
    if server.issued.tokens and client is not None:
        # The register may have changed since the code was handed out.
        granted = str(server.issued.tokens.get("scope") or "").split()
        server.issued.scope = answer.body["scope"] = " ".join(name for name in granted if name in client.scopes)
        server.issued.tokens["scope"] = server.issued.scope
    return answer, server.issued


def with_parameters(address: str, parameters: dict[str, str]) -> str:
    """Return `address` with query parameters added."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode(parameters)}"
