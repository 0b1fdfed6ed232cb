"""Secrets: keys for each purpose, hashes of tokens, receipts of petitions, encryption of short personal data.

Everything comes from one root key, the setting `secret_key`; in a demonstration it is made once and kept in the data
directory, readable by its owner only. Each purpose has a key of its own (HKDF, RFC 5869), so that what one part of the
house makes means nothing to another.

To change the root key, move the old one to `secret_keys_previous`: what was made with it is still understood.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
import unicodedata
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from mattranso_app.settings import settings

KEY_FILE = "secret.key"
"""Name of the demonstration's root key in the data directory."""

RECEIPT_BITS = 80
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans("OIL", "011")
_RECEIPT = re.compile(f"[{_ALPHABET}]{{16}}")
_SEPARATORS = re.compile(r"[\s\-\u00ad\u2010-\u2015\u2212._]+")

_SEAL_VERSION = b"\x01"
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12


class SealBroken(Exception):
    """Sealed data that no key of ours opens: the key was lost, or a byte was changed."""


def ensure_secret_key() -> None:
    """Make the demonstration's root key when there is none yet. Call it before several processes start.

    Raises:
        RuntimeError: production without the setting `secret_key`.
        OSError: the data directory cannot be written.
    """
    _roots()


def _roots() -> tuple[bytes, ...]:
    """Return the root keys, the current one first."""
    config = settings()
    current = config.secret_key.get_secret_value()
    previous = [part.strip() for part in config.secret_keys_previous.get_secret_value().split(",")]
    if current:
        first = current.encode()
    elif config.is_demo:
        first = _kept_key(config.data_dir / KEY_FILE)
    else:
        raise RuntimeError("MTS_SECRET_KEY is not set")
    return first, *(key.encode() for key in previous if key)


@lru_cache
def _kept_key(path: Path) -> bytes:
    """Return the key kept at `path`, made now when missing. Of two processes that make it at once, one wins for both."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes().strip()


@lru_cache(maxsize=256)
def _derive(root: bytes, purpose: str, size: int = 32) -> bytes:
    return HKDF(SHA256(), length=size, salt=b"mattranso/1", info=purpose.encode()).derive(root)


def key(purpose: str, size: int = 32) -> bytes:
    """Return the key of `size` bytes that belongs to `purpose`, e.g. "csrf"."""
    return _derive(_roots()[0], f"key:{purpose}", size)


def new_token(bits: int = 256) -> str:
    """Return a random token of at least `bits` bits, in letters that are safe in a cookie or an address."""
    return secrets.token_urlsafe((bits + 7) // 8)


def new_code(digits: int = 6) -> str:
    """Return a random code of `digits` digits, for a person to type."""
    return f"{secrets.randbelow(10**digits):0{digits}d}"


def hash_token(token: str, purpose: str = "token") -> bytes:
    """Return the 32 bytes that stand for `token` in the database: HMAC-SHA-256 with the key of `purpose`.

    Keyed, so that whoever reads a copy of the database cannot try six-digit codes against it.

    Args:
        token: a session, receipt (as `normalise_receipt` gives it), one-time code …
        purpose: what it is for; hashes of different purposes never match.
    """
    return token_hashes(token, purpose)[0]


def token_hashes(token: str, purpose: str = "token") -> list[bytes]:
    """Return `hash_token` under every root key, the current one first, to look up what an earlier key has hashed."""
    message = unicodedata.normalize("NFC", token).encode("utf-8", "surrogatepass")
    return [hmac.digest(_derive(root, f"hash:{purpose}"), message, "sha256") for root in _roots()]


def same(left: str | bytes, right: str | bytes) -> bool:
    """Return whether both are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(_bytes(left), _bytes(right))


def _bytes(value: str | bytes) -> bytes:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value


def derive_receipt(client_key: str, stored: bytes | None = None) -> str:
    """Return the receipt of the submission with `client_key`, e.g. "7K2M-94QX-0B3D-HNRT" (80 bits).

    It is computed, not drawn: a replayed submission gets the same receipt although only its hash is kept. Who does not
    hold both our root key and the client's key cannot make it.

    Args:
        client_key: the key the client made for this one submission; it has ≥ 128 random bits.
        stored: on a replay, the hash that was stored (`hash_receipt`); finds the receipt an earlier root key made.
    """
    receipts = [_receipt(root, client_key) for root in _roots()]
    if stored is not None:
        for receipt in receipts:
            if any(same(stored, found) for found in token_hashes(receipt, "receipt")):
                return receipt
    return receipts[0]


def _receipt(root: bytes, client_key: str) -> str:
    message = unicodedata.normalize("NFC", client_key).encode("utf-8", "surrogatepass")
    digest = hmac.digest(_derive(root, "receipt"), message, "sha256")
    bits = int.from_bytes(digest[: RECEIPT_BITS // 8], "big")
    return _grouped("".join(_ALPHABET[bits >> shift & 31] for shift in range(RECEIPT_BITS - 5, -5, -5)))


def _grouped(signs: str) -> str:
    return "-".join(signs[start : start + 4] for start in range(0, len(signs), 4))


def normalise_receipt(typed: str) -> str | None:
    """Return the receipt a person typed, in its one form, or None when it cannot be one.

    Small or full-width letters, missing or other dashes, spaces, and O, I, L for 0 and 1 are understood.
    """
    if len(typed) > 100:
        return None
    signs = _SEPARATORS.sub("", unicodedata.normalize("NFKC", typed)).upper().translate(_LOOKALIKES)
    return _grouped(signs) if _RECEIPT.fullmatch(signs) else None


def hash_receipt(receipt: str) -> bytes:
    """Return what is stored of a receipt (in the form `normalise_receipt` or `derive_receipt` gives)."""
    return hash_token(receipt, "receipt")


def receipt_hashes(receipt: str) -> list[bytes]:
    """Return every hash under which `receipt` may be stored; look it up with `= ANY(…)`."""
    return token_hashes(receipt, "receipt")


def seal(plain: str, purpose: str) -> bytes:
    """Return `plain` encrypted (AES-256-GCM) for storage: version, key id, nonce, cipher text with its tag.

    Args:
        plain: a telephone number, an e-mail address, a name: short personal data.
        purpose: what it is, e.g. "petition.contact"; the same word opens it again, any other does not.
    """
    root = _roots()[0]
    nonce = secrets.token_bytes(_NONCE_BYTES)
    head = _SEAL_VERSION + _key_id(root)
    cipher = AESGCM(_derive(root, f"seal:{purpose}"))
    return head + nonce + cipher.encrypt(nonce, plain.encode(), head + purpose.encode())


def unseal(sealed: bytes, purpose: str) -> str:
    """Return what `seal` hid.

    Raises:
        SealBroken: another purpose, a changed byte, or a root key we no longer have.
    """
    sealed = bytes(sealed)
    head, rest = sealed[: 1 + _KEY_ID_BYTES], sealed[1 + _KEY_ID_BYTES :]
    if head[:1] != _SEAL_VERSION or len(rest) < _NONCE_BYTES + 16:
        raise SealBroken("not sealed data")
    for root in _roots():
        if _key_id(root) != head[1:]:
            continue
        cipher = AESGCM(_derive(root, f"seal:{purpose}"))
        try:
            return cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], head + purpose.encode()).decode()
        except InvalidTag as error:
            raise SealBroken("the data were changed or belong to another purpose") from error
    raise SealBroken("sealed with a root key that is not in secret_key or secret_keys_previous")


def _key_id(root: bytes) -> bytes:
    return _derive(root, "key id", _KEY_ID_BYTES)


def key_ids() -> list[str]:
    """Return the public names of our root keys, the current one first; a backup notes which it needs."""
    return [_key_id(root).hex() for root in _roots()]
