"""An outside provider beside the whole platform: its news of a logout cut sockets within 5 s; when it is down, the sign-in page says so."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from mattranso_app.identity import sockets
from mattranso_app.identity.outside import remote
from mattranso_app.settings import settings
from tests.identity.browser import Browser
from tests.identity.outside.conftest import configure
from tests.identity.outside.fake_provider import FakeProvider
from tests.identity.outside.way import new_account
from tests.trust.conftest import House
from tests.trust.talk import STATES, ask
from tests.trust.test_sessions import WITHIN
from tests.trust.test_socket import DESK

LOAD = f"{STATES}.mattranso_app___identity___state____sign_in_state.load"

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def outside(house: House) -> AsyncIterator[FakeProvider]:
    """The fake provider, listening, known to the platform as "vneid"."""
    provider = FakeProvider()
    await provider.start()
    configure(provider)
    yield provider
    settings().outside_providers = ()
    await remote.close()
    await provider.stop()


async def test_a_logout_there_cuts_the_socket_here(house: House, outside: FakeProvider) -> None:
    browser = Browser(house.app)
    await new_account(browser, outside)
    async with browser.socket() as socket:
        await ask(socket, f"{DESK}.load")
        server = Browser(house.app, address="10.9.9.9", origin=None)
        answer = await server.post("/dang-nhap/vneid/backchannel-logout", form={"logout_token": outside.logout_token()})
        assert answer.status_code == 200, answer.text
        await socket.until(lambda: socket.closed == sockets.CUT, WITHIN)


async def test_the_sign_in_page_says_which_way_is_shut(house: House, outside: FakeProvider) -> None:
    """The link is there with the address to go on to; after a failure words stand in its place, and the other ways stay."""
    async with Browser(house.app).socket() as socket:
        shown = (await ask(socket, LOAD, path="/dang-nhap?tiep=/tai-khoan")).values["sign_in_state.outside"]
        assert shown == [{"address": "/dang-nhap/vneid?tiep=%2Ftai-khoan", "words": "Đăng nhập bằng VNeID"}]
        outside.faults["http"] = ("down", "/.well-known/openid-configuration")
        await remote.close()
        assert (await Browser(house.app).get("/dang-nhap/vneid", page=True)).status_code == 503
        shown = (await ask(socket, LOAD, path="/dang-nhap")).values["sign_in_state.outside"]
        assert shown[0]["address"] == "" and "VNeID đang không phản hồi" in shown[0]["words"]
