"""Sessions end for good: signed out, revoked, disabled, idle or old, their sockets and private streams are cut."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text as sql

from mattranso_app.core import clock, db
from mattranso_app.core.access import SYSTEM
from mattranso_app.identity import service, sockets
from tests.identity.browser import Browser
from tests.trust.conftest import House
from tests.trust.talk import STATES, ask
from tests.trust.test_socket import DESK, asks_to_sign_in, desk_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

WITHIN = 5.0
"""Seconds in which a revoked session loses its sockets and streams (TRUST)."""


async def fresh(house: House, name: str = "own handler") -> Browser:
    """Return a browser with a session of its own, so that ending it disturbs no other test."""
    return Browser(house.app, cookies={"mts_session": await house.cast.sign_in(name)})


async def session_of(browser: Browser) -> UUID:
    """Return the id of a browser's session."""
    found = await service.authenticate(browser.cookies["mts_session"], "")
    assert found is not None
    return found.id


@asynccontextmanager
async def stream(browser: Browser, topic: str) -> Any:
    """Open a live stream; gives the list of what has come and an event set when it ends."""
    chunks: list[bytes] = []
    first, ended = asyncio.Event(), asyncio.Event()
    never: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
    inbox: list[dict[str, Any]] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        return inbox.pop() if inbox else await asyncio.shield(never)

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.body":
            chunks.append(message.get("body", b""))
            first.set()
            if not message.get("more_body"):
                ended.set()

    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http", "root_path": "",
        "path": f"/live/{topic}/stream", "raw_path": f"/live/{topic}/stream".encode(), "query_string": b"",
        "headers": [(b"host", b"localhost:8000"), (b"cookie", cookie.encode())], "client": ("10.0.0.1", 1), "server": ("localhost", 8000),
    }
    task = asyncio.create_task(browser.app(scope, receive, send))
    try:
        await asyncio.wait_for(first.wait(), 10)
        yield chunks, ended
    finally:
        if not never.done():
            never.set_result({"type": "http.disconnect"})
        await asyncio.wait_for(asyncio.gather(task, return_exceptions=True), 10)


async def test_signing_out_in_one_tab_ends_the_others(house: House) -> None:
    browser = await fresh(house)
    kept = dict(browser.cookies)
    async with browser.socket() as first, browser.socket() as second:
        await ask(first, f"{DESK}.load")
        assert (await browser.post("/dang-xuat", json_body={})).status_code == 200
        await first.until(lambda: first.closed == sockets.CUT, WITHIN)
        await second.until(lambda: second.closed == sockets.CUT, WITHIN)
    async with Browser(house.app, cookies=kept).socket() as again:
        assert asks_to_sign_in(await ask(again, f"{DESK}.load"))


async def end_by_owner(house: House, browser: Browser) -> None:
    other = await fresh(house)
    address = f"/api/v1/sessions/{await session_of(browser)}/end"
    assert (await other.post(address, json_body={})).status_code == 200


async def end_in_another_process(house: House, browser: Browser) -> None:
    async with db.transaction() as session:
        await session.execute(
            sql("UPDATE sign_in_session SET ended_at = now(), end_reason = 'x' WHERE id = :id"), {"id": await session_of(browser)}
        )


async def disable(house: House, browser: Browser) -> None:
    await service.disable_person(SYSTEM, house.cast.people["own handler"])


@pytest.mark.parametrize("revoke", [end_by_owner, end_in_another_process, disable])
async def test_a_revoked_session_loses_sockets_and_private_streams_within_five_seconds(house: House, revoke: Any) -> None:
    browser = await fresh(house)
    try:
        async with browser.socket() as socket, stream(browser, "desk/19774") as (chunks, ended), stream(browser, "portal") as (_, board):
            await ask(socket, f"{DESK}.load")
            await revoke(house, browser)
            async with asyncio.timeout(WITHIN):
                await asyncio.gather(socket.until(lambda: socket.closed == sockets.CUT, WITHIN), ended.wait())
            assert b"refused" in b"".join(chunks)
            assert not board.is_set()  # what everyone may see goes on
        assert (await browser.get("/api/v1/me")).json()["kind"] == "anonymous"
        assert (await browser.get("/live/desk/19774.json")).status_code == 401
        assert (await browser.get(f"/tep/{house.numbers['private file']}")).status_code == 404
    finally:
        await service.enable_person(SYSTEM, house.cast.people["own handler"])
        await house.cast.sign_everyone_in()


async def test_a_withdrawn_role_closes_the_desk_at_the_next_event_and_its_stream(house: House) -> None:
    browser = await fresh(house)
    person = house.cast.people["own handler"]
    async with db.reading() as session:
        held = sql("SELECT id FROM role_grant WHERE person_id = :id AND valid_to IS NULL")
        grant = (await session.execute(held, {"id": person})).scalar_one()
    async with browser.socket() as socket, stream(browser, "desk/19774") as (_, ended):
        assert (await ask(socket, f"{DESK}.load", path=desk_of(house.numbers["new"]))).values["desk_state.number"]
        await service.revoke_role(SYSTEM, grant)
        try:
            reaction = await ask(socket, f"{DESK}.load", path=desk_of(house.numbers["new"]))
            assert "petition_state.body" not in reaction.values and reaction.notices
            await asyncio.wait_for(ended.wait(), WITHIN)
        finally:
            await service.grant_role(SYSTEM, person, role="handler", unit_id=house.cast.units["19774"])


@pytest.mark.parametrize(("name", "minutes"), [("own handler", 15), ("citizen", 60)])
async def test_idling_ends_a_session_for_its_socket_too(house: House, name: str, minutes: int) -> None:
    clock.freeze(clock.now())
    browser = await fresh(house, name)
    account = f"{STATES}.mattranso_app___identity___state____account_state.load"
    async with browser.socket() as socket:
        clock.freeze(clock.now() + timedelta(minutes=minutes - 1))
        assert "account_state.name" in (await ask(socket, account)).values  # an act: the deadline moves
        clock.freeze(clock.now() + timedelta(minutes=minutes - 1))
        assert (await browser.get("/api/v1/me")).json()["kind"] != "anonymous"  # asking is none
        clock.freeze(clock.now() + timedelta(minutes=1, seconds=1))
        assert asks_to_sign_in(await ask(socket, account))
        await socket.until(lambda: socket.closed == sockets.CUT, WITHIN)


async def test_no_socket_outlives_the_absolute_end_of_its_session(house: House) -> None:
    start = clock.now()
    clock.freeze(start)
    browser = await fresh(house)
    async with browser.socket() as socket:
        for step in range(1, 60):
            clock.freeze(start + timedelta(minutes=12 * step))
            await browser.post("/api/v1/me/tiep-tuc", json_body={})
        assert not asks_to_sign_in(await ask(socket, f"{DESK}.load"))
        clock.freeze(start + timedelta(hours=12, seconds=1))
        assert asks_to_sign_in(await ask(socket, f"{DESK}.load"))


async def test_the_cookies_of_production_are_host_bound_and_secure(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from mattranso_app.settings import settings

    monkeypatch.setattr(settings(), "trusted_proxy_hops", 1)
    browser = Browser(house.app)
    lines = (await browser.get("/", page=True)).headers.get_list("set-cookie")
    lines += (await browser.post("/dang-nhap/ma", json_body={"target": "0912345678"})).headers.get_list("set-cookie")
    assert {line.partition("=")[0] for line in lines} == {"__Host-mts_visitor", "__Host-mts_challenge"}
    for line in lines:
        assert {"Path=/", "HttpOnly", "SameSite=Lax", "Secure"} <= set(line.split("; ")) and "Domain" not in line
    plain = Browser(house.app, cookies={"mts_session": house.cast.tokens["own handler"]})  # planted by a sibling host or over http
    assert (await plain.get("/api/v1/me")).json()["kind"] == "anonymous"
    bound = Browser(house.app, cookies={"__Host-mts_session": house.cast.tokens["own handler"]})
    assert (await bound.get("/api/v1/me")).json()["kind"] == "officer"


async def test_pages_opened_by_somebody_signed_in_are_not_kept_by_the_browser(house: House) -> None:
    for address in ("/phan-anh/ban-lam-viec", "/tai-khoan", "/"):
        assert (await house.browser("own handler").get(address, page=True)).headers["cache-control"] == "no-store"
    assert "no-store" not in (await house.browser().get("/", page=True)).headers.get("cache-control", "")
