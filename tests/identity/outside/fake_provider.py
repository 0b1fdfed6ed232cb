"""An OpenID provider on a port of its own that keeps to the standards, until a test turns one of its switches.

A switch is a key of `faults`; what it does stands where it is read.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import warnings
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from mattranso_app.core.clock import now

CLIENT, SECRET = "mat-tran-so", "bi mat: 100% & riêng"
SLOW_SECONDS = 30

_keys = [RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True) for _ in range(3)]
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it is meant to be too small
    _small_key = RSAKey.import_key({**RSAKey.generate_key(1024).as_dict(private=True), "kid": "nho"})
_curve_key = ECKey.generate_key("P-256", {"use": "sig"}, auto_kid=True)


def _b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


@dataclass
class FakeProvider:
    """The provider; `person` is who is signed in at it."""

    person: dict[str, Any] = field(default_factory=lambda: {
        "sub": "nguoi-1", "name": "Nguyễn Thị Minh", "citizen_id": "001190123456", "acr": "level2", "amr": ["pwd", "face"],
        "sid": "phien-1",
    })
    faults: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    port: int = 0
    signing: int = 0
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        """Its name."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen."""
        app = web.Application(middlewares=[self._misbehave])
        app.router.add_get("/.well-known/openid-configuration", self._discovery)
        app.router.add_get("/jwks", self._jwks)
        app.router.add_post("/token", self._token)
        app.router.add_get("/userinfo", self._userinfo)
        self._runner = web.AppRunner(app, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening: connections are refused from then on."""
        await self._runner.cleanup()

    def authorize(self, address: str, **changed: str | None) -> str:
        """Sign the person in at the address the platform sent the browser to; return the query of the way back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["code_challenge_method"] == "S256" and asked["response_type"] == "code" and "openid" in asked["scope"].split()
        assert asked["client_id"] == CLIENT and asked["redirect_uri"].endswith("/callback")
        code = secrets.token_urlsafe(24)
        self._codes[code] = asked
        answer: dict[str, str | None] = {"code": code, "state": asked["state"], "iss": self.issuer, **changed}
        return urlencode({name: value for name, value in answer.items() if value is not None})

    def logout_token(self, header: dict[str, Any] | None = None, **changed: Any) -> str:
        """Return a right logout token with some claims changed, or left out (None)."""
        moment = int(now().timestamp())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "iat": moment, "exp": moment + 120, "jti": secrets.token_urlsafe(12),
            "sub": self.person["sub"], "sid": self.person["sid"], "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        } | changed
        return self._sign({name: value for name, value in claims.items() if value is not None}, {"typ": "logout+jwt", **(header or {})})

    @web.middleware
    async def _misbehave(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.asked.append(request.path)
        kind, place = self.faults.get("http", (None, None))
        if place is None or request.path != place:
            return await handler(request)
        if kind == "slow":
            await asyncio.sleep(SLOW_SECONDS)
        elif kind == "cut":
            request.transport.close()
        elif kind == "redirect":
            return web.Response(status=302, headers={"location": f"{self.issuer}/jwks"})
        elif kind == "huge":
            return web.Response(text=json.dumps({"x": "y" * 300_000}), content_type="application/json")
        elif kind == "packed":
            import gzip
            return web.Response(
                body=gzip.compress(json.dumps({"x": "y" * 10_000_000}).encode()), headers={"content-encoding": "gzip"},
                content_type="application/json",
            )
        elif kind == "drip":
            answer = web.StreamResponse()
            await answer.prepare(request)
            for _ in range(SLOW_SECONDS * 10):
                await answer.write(b" ")
                await asyncio.sleep(0.1)
        return web.Response(**{
            "html": {"text": "<h1>Bảo trì</h1>", "content_type": "text/html"}, "list": {"text": "[]", "content_type": "application/json"},
            "deep": {"text": "[" * 100_000, "content_type": "application/json"}, "down": {"status": 503},
        }.get(kind, {"status": 500}))

    async def _discovery(self, _request: web.Request) -> web.Response:
        return web.json_response({
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize", "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks", "userinfo_endpoint": f"{self.issuer}/userinfo",
            "authorization_response_iss_parameter_supported": True,
            "id_token_signing_alg_values_supported": ["none", "HS256", "RS256"], **self.faults.get("metadata", {}),
        })

    async def _jwks(self, _request: web.Request) -> web.Response:
        keys = [_keys[self.signing].as_dict(private=False), *self.faults.get("more_keys", ())]
        return web.json_response(self.faults.get("jwks", {"keys": keys}))

    async def _token(self, request: web.Request) -> web.Response:
        form = dict(await request.post())
        expected = "Basic " + base64.b64encode(f"{CLIENT}:bi+mat%3A+100%25+%26+ri%C3%AAng".encode()).decode()
        asked = self._codes.pop(str(form.get("code", "")), None)  # good for once
        challenge = _b64(hashlib.sha256(str(form.get("code_verifier", "")).encode()).digest())
        if request.headers.get("authorization") != expected:
            return web.json_response({"error": "invalid_client"}, status=401)
        if asked is None or challenge != asked["code_challenge"] or form.get("redirect_uri") != asked["redirect_uri"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        access_token = secrets.token_urlsafe(24)
        answer = {"access_token": access_token, "token_type": "Bearer", "id_token": self.id_token(asked["nonce"], access_token)}
        answer |= self.faults.get("tokens", {})
        return web.json_response({name: value for name, value in answer.items() if value is not None})

    async def _userinfo(self, request: web.Request) -> web.Response:
        assert request.headers["authorization"].startswith("Bearer ")
        return web.json_response({**self.person, **self.faults.get("userinfo", {})})

    def id_token(self, nonce: str, access_token: str) -> str:
        """Return an ID token as the switches want it."""
        moment = int(now().timestamp()) + self.faults.get("clock", 0)
        claims = {
            "iss": self.issuer, "sub": self.person["sub"], "aud": CLIENT, "iat": moment, "exp": moment + 300, "auth_time": moment - 5,
            "nonce": nonce, "at_hash": _b64(hashlib.sha256(access_token.encode()).digest()[:16]), "acr": self.person["acr"],
            "amr": self.person["amr"], "sid": self.person["sid"],
        } | self.faults.get("claims", {})
        return self._sign({name: value for name, value in claims.items() if value is not None}, {})

    def _sign(self, claims: dict[str, Any], header: dict[str, Any]) -> str:
        kind, key = self.faults.get("sign", "right"), _keys[self.signing]
        header = {"alg": "RS256", "kid": key.kid, "typ": "JWT"} | header | self.faults.get("header", {})
        header = {name: value for name, value in header.items() if value is not None}
        if kind == "none":
            return self._by_hand({**header, "alg": self.faults.get("none", "none")}, claims, lambda _: b"")
        if kind == "public key as secret":
            secret = key.as_pem(private=False)
            return self._by_hand({**header, "alg": "HS256"}, claims, lambda text: hmac.digest(secret, text, "sha256"))
        if kind == "unsigned":
            return self._by_hand(header, claims, lambda _: b"")
        if kind == "strange key":
            key = _keys[2]  # published nowhere, under the name of the right one
        elif kind == "small key":
            key, header["kid"] = _small_key, "nho"
        elif kind == "other algorithm":
            return jwt.encode({**header, "alg": "RS512"}, claims, RSAKey.import_key(_bare(key)), ["RS512"])
        elif kind == "curve":
            return jwt.encode({**header, "alg": "ES256", "kid": _curve_key.kid}, claims, _curve_key, ["ES256"])
        whole = self._by_rsa(header, claims, key)
        if kind == "changed":
            head, body, mark = whole.split(".")
            changed = json.loads(base64.urlsafe_b64decode(body + "==")) | {"sub": "nguoi-khac"}
            return f"{head}.{_b64(json.dumps(changed).encode())}.{mark}"
        return whole

    def _by_rsa(self, header: dict[str, Any], claims: dict[str, Any], key: RSAKey) -> str:
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        return self._by_hand(header, claims, lambda text: key.private_key.sign(text, PKCS1v15(), SHA256()))

    @staticmethod
    def _by_hand(header: dict[str, Any], claims: dict[str, Any], mark: Any) -> str:
        text = f"{_b64(json.dumps(header).encode())}.{_b64(json.dumps(claims).encode())}"
        return f"{text}.{_b64(mark(text.encode()))}"


def _bare(key: RSAKey) -> dict[str, Any]:
    return {name: value for name, value in key.as_dict(private=True).items() if name not in ("use", "alg", "kid")}


def public_of(kind: str) -> dict[str, Any]:
    """Return a public key as a key set lists it."""
    return {
        "small": _small_key.as_dict(private=False), "curve": _curve_key.as_dict(private=False),
        "symmetric": {"kty": "oct", "kid": "chung", "k": _b64(b"x" * 32)},
        "other": _keys[1].as_dict(private=False), "current": _keys[0].as_dict(private=False),
    }[kind]
