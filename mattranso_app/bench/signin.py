"""`bench signin`: officers signing in with the real cost of Argon2, and 10,000 guesses at one officer's password.

Sign-ins come over HTTP, at their own pace whether or not the earlier ones are answered, each from a browser of its own. The
guesses go the same way the endpoint goes, on the platform's own database, spread over one hour of the clock and over as
many addresses as guesses: nobody could be more patient. Meanwhile the owner signs in, from a browser known to the account.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp

from mattranso_app.bench.report import Report, percentile
from mattranso_app.bench.running import Platform, running
from mattranso_app.core import clock, db, embedded_postgres
from mattranso_app.core.errors import InvalidInput, TooMany
from mattranso_app.identity import passwords, service
from mattranso_app.identity.service.visits import SignedIn, Visit
from mattranso_app.settings import settings

BAR = 1_000.0
"""Milliseconds, 95 of 100."""
PER_SECOND = 5
HASHES_BAR = 50
"""Hash checks an hour of guessing at one account may cause."""
OWNER_EVERY = 1_000
"""The owner signs in after so many guesses."""
VICTIM = "phuxuan.xuly"


def main(words: Sequence[str]) -> int:
    """Measure and print; see `--help`."""
    parser = argparse.ArgumentParser(prog="./mattranso bench signin", description=__doc__)
    parser.add_argument("--sign-ins", type=int, default=300, help="số lần đăng nhập, 5 lần mỗi giây")
    parser.add_argument("--guesses", type=int, default=10_000, help="số lần đoán mật khẩu của một cán bộ trong một giờ")
    options = parser.parse_args(words)
    report = Report("signin", {"sign_ins": options.sign_ins, "per_second": PER_SECOND, "guesses": options.guesses})
    with running() as platform:
        asyncio.run(_sign_in_all(report, platform, options.sign_ins))
        asyncio.run(_guess(report, platform, options.guesses))
    return report.finish()


async def _sign_in_all(report: Report, platform: Platform, count: int) -> None:
    accounts = list(platform.accounts().items())
    times: list[float] = []

    async def sign_in(number: int) -> None:
        name, password = accounts[number % len(accounts)]
        started = time.monotonic()
        async with aiohttp.ClientSession() as browser, browser.post(
            f"{platform.origin}/dang-nhap/can-bo", json={"user_name": name, "password": password},
            headers={"Origin": platform.origin}, allow_redirects=False,
        ) as answer:  # fmt: skip
            if answer.status >= 400 or not answer.cookies:
                raise RuntimeError(f"{name} cannot sign in: {answer.status}")
        times.append((time.monotonic() - started) * 1000)

    async with asyncio.TaskGroup() as group:
        started = time.monotonic()
        for number in range(count):
            await asyncio.sleep(max(0.0, started + number / PER_SECOND - time.monotonic()))
            group.create_task(sign_in(number))
    report.add("đăng nhập: p50", percentile(times, 0.5), "ms")
    report.add("đăng nhập: p95", percentile(times, 0.95), "ms", BAR)
    report.add("đăng nhập: chậm nhất", max(times), "ms")


async def _guess(report: Report, platform: Platform, guesses: int) -> None:
    begun = clock.now()
    owner = Visit(address="203.0.113.9", agent="bench")
    password = platform.accounts()[VICTIM]
    refused = wrong = let_in = 0
    async with _on_its_database(platform):
        owner = Visit(owner.address, owner.agent, await _device(password, owner))
        checks = _count_checks()
        own = 0
        for number in range(guesses):
            clock.freeze(begun + timedelta(hours=1) * number / guesses)
            stranger = Visit(address=f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}", agent="bench")
            try:
                await service.sign_in_with_password(VICTIM, f"doan-mat-khau-{number}", stranger)
            except TooMany:
                refused += 1
            except InvalidInput:
                wrong += 1
            if number % OWNER_EVERY == 0:
                own += 1
                let_in += isinstance(await service.sign_in_with_password(VICTIM, password, owner), SignedIn)
        clock.freeze(None)
    report.add("đoán mật khẩu: lần thử", guesses, "lần")
    report.add("đoán mật khẩu: bị từ chối ngay", refused, "lần")
    report.add("đoán mật khẩu: lần băm trong một giờ", len(checks) - own, "lần", HASHES_BAR)
    report.add("đoán mật khẩu: chủ tài khoản không vào được", own - let_in, "lần", 0)
    if wrong != len(checks) - own:
        raise RuntimeError(f"{wrong} guesses were looked at, but {len(checks) - own} hashes were made")


@asynccontextmanager
async def _on_its_database(platform: Platform) -> AsyncIterator[None]:
    """Have this process ask the platform's database with the platform's keys."""
    os.environ |= {"MTS_DATA_DIR": str(platform.data_dir), "MTS_DATABASE_URL": platform.database_url(embedded_postgres.APP)}
    settings.cache_clear()
    await db.open_pool()
    try:
        yield
    finally:
        await db.close_pool()


async def _device(password: str, visit: Visit) -> str:
    """Return the cookie of a browser the owner has signed in with before."""
    signed = await service.sign_in_with_password(VICTIM, password, visit)
    assert isinstance(signed, SignedIn)
    return signed.device


def _count_checks() -> list[str]:
    """Return a list that grows by one with each hash this process checks."""
    checked: list[str] = []
    verify = passwords.verify_password

    async def counted(encoded: str | None, password: str) -> bool:
        checked.append("")
        return await verify(encoded, password)

    passwords.verify_password = counted
    return checked
