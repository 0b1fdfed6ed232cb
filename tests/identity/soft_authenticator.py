"""An authenticator made of software: makes passkeys and signs with them, rightly or as an attacker would wish."""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

ORIGIN = "http://localhost:8000"
PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


def to_text(data: bytes) -> str:
    """Return bytes as WebAuthn writes them."""
    return urlsafe_b64encode(data).decode().rstrip("=")


def to_bytes(text: str) -> bytes:
    """Undo `to_text`."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One passkey of one person. What an honest browser and authenticator fill in may be overridden call by call."""

    counter: int = 0
    synced: bool = False
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user_handle: bytes = b""

    def make(self, options: dict[str, Any], **odd: Any) -> str:
        """Answer creation options; returns what the browser would send."""
        self.user_handle = to_bytes(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        cose = odd.get("cose") or cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cose
        client = self._client("webauthn.create", options, odd)
        data = self._data(options["rp"]["id"], odd, ATTESTED) + (attested if not odd.get("no_key") else b"")
        statement = {"fmt": odd.get("fmt", "none"), "attStmt": odd.get("statement", {}), "authData": data}
        return self._answer({"clientDataJSON": to_text(client), "attestationObject": to_text(cbor2.dumps(statement))}, odd)

    def sign(self, options: dict[str, Any], **odd: Any) -> str:
        """Answer request options; returns what the browser would send."""
        client = self._client("webauthn.get", options, odd)
        if not odd.get("keep_counter") and self.counter:
            self.counter += 1
        data = self._data(options["rpId"], odd)
        signature = (odd.get("key") or self.key).sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        if odd.get("alter"):  # after signing
            data = data[:-4] + (9_999).to_bytes(4, "big")
        response = {"clientDataJSON": to_text(client), "authenticatorData": to_text(data), "signature": to_text(signature)}
        handle = odd.get("user_handle", self.user_handle)
        if handle is not None:
            response["userHandle"] = to_text(handle)
        return self._answer(response, odd)

    def _client(self, kind: str, options: dict[str, Any], odd: dict[str, Any]) -> bytes:
        challenge = odd.get("challenge", options["challenge"])
        client = {"type": odd.get("type", kind), "challenge": challenge, "origin": odd.get("origin", ORIGIN)}
        return json.dumps(client | odd.get("client", {})).encode()

    def _data(self, rp_id: str, odd: dict[str, Any], flags: int = 0) -> bytes:
        flags |= odd.get("flags", PRESENT | VERIFIED | (ELIGIBLE | BACKED_UP if self.synced else 0))
        return hashlib.sha256(odd.get("rp_id", rp_id).encode()).digest() + bytes([flags]) + self.counter.to_bytes(4, "big")

    def _answer(self, response: dict[str, Any], odd: dict[str, Any]) -> str:
        shown = odd.get("credential_id", self.credential_id)
        answer = {"id": odd.get("id", to_text(shown)), "rawId": to_text(shown), "type": odd.get("kind", "public-key"), "response": response}
        return json.dumps(answer)
