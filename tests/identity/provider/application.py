"""An application on the other side: what it sends, and how it checks what it gets, by the standards alone."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.identity.browser import ORIGIN, Browser

REDIRECT = "https://hue.example/nhan"


@dataclass
class Application:
    """A registered application with one sign-in under way."""

    client_id: str
    secret: str
    redirect_uri: str = REDIRECT
    scope: str = "openid profile unit roles"
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    def parameters(self, **changed: str | None) -> dict[str, str]:
        """Return a right authorization request with some parameters changed, or left out (None)."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        values: dict[str, str | None] = {
            "response_type": "code", "client_id": self.client_id, "redirect_uri": self.redirect_uri, "scope": self.scope,
            "state": self.state, "nonce": self.nonce, "code_challenge": challenge, "code_challenge_method": "S256",
        }
        return {name: value for name, value in (values | changed).items() if value is not None}

    async def authorize(self, browser: Browser, **changed: str | None) -> httpx.Response:
        """Send the browser to the provider."""
        return await browser.get(f"/oauth/authorize?{urlencode(self.parameters(**changed))}", page=True)

    def credentials(self, secret: str | None = None) -> dict[str, str]:
        """Return the header of client_secret_basic."""
        pair = f"{quote(self.client_id, safe='')}:{quote(secret or self.secret, safe='')}"
        return {"authorization": "Basic " + base64.b64encode(pair.encode()).decode()}

    async def exchange(self, server: Browser, code: str, headers: dict[str, str] | None = None, **changed: str) -> httpx.Response:
        """Ask for tokens, as a server without cookies does."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri, "code_verifier": self.verifier}
        return await server.post("/oauth/token", form=form | changed, headers=self.credentials() if headers is None else headers)

    async def refresh(self, server: Browser, token: str) -> httpx.Response:
        """Ask for new tokens with a refresh token."""
        return await server.post("/oauth/token", form={"grant_type": "refresh_token", "refresh_token": token}, headers=self.credentials())

    async def check(self, server: Browser, id_token: str) -> dict[str, Any]:
        """Return the claims of an ID token after checking signature, issuer, audience and nonce."""
        keys = KeySet.import_key_set((await server.get("/oauth/jwks")).json())
        claims: dict[str, Any] = jwt.decode(id_token, keys, ["RS256"]).claims
        assert claims["iss"] == ORIGIN
        assert claims["aud"] == self.client_id
        return claims


def question_of(page: httpx.Response) -> dict[str, str]:
    """Return the hidden fields of the page that asks for consent or for signing out."""
    assert page.status_code == 200, page.text
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text))


def answer_of(response: httpx.Response) -> dict[str, str]:
    """Return the parameters of a redirect to the application."""
    assert response.status_code == 303, response.text
    parts = urlsplit(response.headers["location"])
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == REDIRECT
    return {name: values[0] for name, values in parse_qs(parts.query).items()}
