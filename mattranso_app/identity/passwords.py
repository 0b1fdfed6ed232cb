"""Officers' passwords: Argon2id in threads of their own, never more at once than there are cores."""

from __future__ import annotations

import asyncio
import os
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from mattranso_app.core.errors import InvalidInput, Unavailable
from mattranso_app.identity import text

MIN_LENGTH = 12
MAX_LENGTH = 128
MAX_WAITING = 64
"""Hashes waiting or running; beyond it sign-in says "busy" at once instead of piling up seconds of work."""

_COMMON = frozenset(
    {"matkhau12345", "matkhau123456", "password1234", "password12345", "passwordpassword", "123456789012",
     "1234567890123", "12345678901234", "qwertyuiop123", "qwertyuiop12", "1q2w3e4r5t6y", "abc123456789",
     "abcdefghijkl", "iloveyou1234", "adminadmin12", "administrator", "administrator1", "welcome12345",
     "vietnam12345", "vietnam123456", "vietnamvietnam", "mattranso123", "mattran12345", "mattranmattran",
     "hochiminh123", "hochiminh1234", "hanoi1234567", "111111111111", "000000000000", "123123123123", "987654321098",
     "qwerty123456", "letmein12345", "anhyeuem1234", "anhyeuem123456", "matkhaumatkhau", "khongcomatkhau"}
)
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's floor: 19 MiB, two passes
_threads = ThreadPoolExecutor(max_workers=os.cpu_count() or 1, thread_name_prefix="argon2")
_waiting = 0


def check_new_password(password: str, user_name: str) -> str:
    """Return `password` in the form that is hashed, or say what is wrong with it.

    Args:
        password: what the person chose.
        user_name: the account's name, which must not be part of it.

    Raises:
        InvalidInput: too short, too long, too plain or well known.
    """
    wanted = unicodedata.normalize("NFC", password)
    plain = wanted.casefold()
    fault = ""
    if len(wanted) < MIN_LENGTH:
        fault = text.WEAK_SHORT
    elif len(wanted) > MAX_LENGTH:
        fault = text.WEAK_LONG
    elif plain in _COMMON or len(set(plain)) < 5 or (user_name and user_name.casefold() in plain):
        fault = text.WEAK_PLAIN
    if fault:
        raise InvalidInput(fault, fields={"new_password": fault})
    return wanted


async def hash_password(password: str) -> str:
    """Return the Argon2id hash of `password` (NFC) in its encoded form.

    Raises:
        Unavailable: too many hashes are being made already.
    """
    return str(await _run(_hasher.hash, unicodedata.normalize("NFC", password)))


async def verify_password(encoded: str | None, password: str) -> bool:
    """Return whether `password` belongs to `encoded`. With None as much work is done for nothing, so that time tells nothing.

    Raises:
        Unavailable: too many hashes are being made already.
    """
    return bool(await _run(_verify, encoded, unicodedata.normalize("NFC", password[: 4 * MAX_LENGTH])))


def _verify(encoded: str | None, password: str) -> bool:
    try:
        return _hasher.verify(encoded or _nobodys_hash(), password) and encoded is not None
    except (Argon2Error, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return _hasher.hash("no account has this password")


async def _run(function, *arguments: object) -> object:  # type: ignore[no-untyped-def]
    global _waiting
    if _waiting >= MAX_WAITING:
        raise Unavailable()
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, function, *arguments)
    finally:
        _waiting -= 1
