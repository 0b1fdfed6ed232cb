"""An officer with a browser, a registered application and its server."""

from __future__ import annotations

import pytest
from starlette.responses import HTMLResponse

from mattranso_app.core.access import SYSTEM
from mattranso_app.core.http import router
from mattranso_app.identity.provider import account, applications, endpoints, logout, register
from mattranso_app.identity.web import identified
from tests.identity.browser import Browser
from tests.identity.factories import PASSWORD, make_officer
from tests.identity.provider.application import REDIRECT, Application

REGISTERED = (account, endpoints, logout, register)  # their import registers the doors and the news of ended sessions


async def _page(scope, receive, send):
    await HTMLResponse("<h1>Trang</h1>")(scope, receive, send)


@pytest.fixture
def app():
    return identified(router(_page))


@pytest.fixture
async def lan(app, units):
    """An officer's browser, signed in."""
    await make_officer("lan", units["19774"])
    browser = Browser(app)
    answer = await browser.post("/dang-nhap/can-bo", json_body={"user_name": "lan", "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return browser


@pytest.fixture
def server(app):
    """The application's own server: no cookies, no origin."""
    return Browser(app, address="10.0.9.9", origin=None)


@pytest.fixture
async def hue(units):
    """The Front's own application."""
    return await make_application(is_own=True)


async def make_application(client_id: str = "hue-mot-cua", **more) -> Application:
    made = await applications.register_application(
        SYSTEM, client_id=client_id, name="Một cửa Huế", redirect_uris=[REDIRECT],
        post_logout_redirect_uris=["https://hue.example/tam-biet"], **more,
    )
    return Application(client_id, made.secret)
