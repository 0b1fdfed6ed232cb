"""Hashing costs what it should, and never more at once than there are cores."""

from __future__ import annotations

import asyncio
import os
import threading
import time

import pytest

from mattranso_app.core.errors import Unavailable
from mattranso_app.identity import demo, passwords
from mattranso_app.settings import settings


async def test_a_hash_is_argon2id_with_at_least_nineteen_mebibytes() -> None:
    encoded = await passwords.hash_password("mot cau de nho")
    assert encoded.startswith("$argon2id$")
    memory = dict(part.split("=") for part in encoded.split("$")[3].split(","))
    assert int(memory["m"]) >= 19 * 1024 and int(memory["t"]) >= 2
    assert await passwords.verify_password(encoded, "mot cau de nho")
    assert not await passwords.verify_password(encoded, "mot cau de quen")
    assert not await passwords.verify_password(None, "no account has this password")


async def test_no_more_hashes_at_once_than_cores_and_a_flood_is_told_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    lock, running, most = threading.Lock(), 0, 0

    def slow(*_: object) -> bool:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.002)
        with lock:
            running -= 1
        return False

    monkeypatch.setattr(passwords, "_verify", slow)
    tries = [passwords.verify_password("x", "y") for _ in range(passwords.MAX_WAITING + 20)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert 1 <= most <= (os.cpu_count() or 1)
    assert sum(isinstance(result, Unavailable) for result in results) == 20
    assert await passwords.verify_password("x", "y") is False  # the flood over, the door is open again


async def test_demonstration_accounts_are_made_in_a_demonstration_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "env", "production")
    with pytest.raises(RuntimeError):
        await demo.seed_demo()
