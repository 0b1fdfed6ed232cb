"""The steps of a browser between the platform and an outside provider, and what the database holds of them."""

from __future__ import annotations

import httpx
from sqlalchemy import text as sql

from mattranso_app.core import db
from mattranso_app.identity.endpoints import OWN_PETITIONS
from tests.identity.browser import Browser
from tests.identity.outside.fake_provider import FakeProvider


async def leave(browser: Browser, path: str = "/dang-nhap/vneid") -> str:
    """Go to the provider; return the address the platform sends the browser to."""
    answer = await browser.get(path, page=True)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def come_back(browser: Browser, query: str, name: str = "vneid") -> httpx.Response:
    """Open the callback."""
    return await browser.get(f"/dang-nhap/{name}/callback?{query}", page=True)


async def sign_in(browser: Browser, provider: FakeProvider, path: str = "/dang-nhap/vneid") -> httpx.Response:
    """Go and come back as the provider's person."""
    return await come_back(browser, provider.authorize(await leave(browser, path)))


async def new_account(browser: Browser, provider: FakeProvider) -> None:
    """Sign in for the first time and make an account."""
    answer = await sign_in(browser, provider)
    assert answer.headers["location"] == "/dang-nhap/vneid/lan-dau", answer.text
    answer = await browser.post("/dang-nhap/vneid/lan-dau", form={"x": "1"}, page=True)
    assert (answer.status_code, answer.headers["location"]) == (303, OWN_PETITIONS), answer.text


async def me(browser: Browser) -> dict[str, object]:
    """Return who is signed in."""
    return (await browser.get("/api/v1/me")).json()


async def rows(table: str) -> int:
    """Count the rows of a table."""
    async with db.reading() as session:
        return int((await session.execute(sql(f"SELECT count(*) FROM {table}"))).scalar_one())


async def acts(action: str) -> list[str]:
    """Return the detail of every audit row of one kind."""
    async with db.reading() as session:
        return list((await session.execute(sql("SELECT detail FROM audit_log WHERE action = :a ORDER BY id"), {"a": action})).scalars())


async def everything() -> dict[str, int]:
    """Return the size of every table that signing in may fill."""
    tables = ("person", "sign_in_session", "sign_in_challenge", "outside_link", "outside_pending", "outside_session")
    return {name: await rows(name) for name in tables}
