"""A platform that knows the fake provider, and a browser."""

from __future__ import annotations

import pytest
from starlette.responses import HTMLResponse

from mattranso_app.core.http import router
from mattranso_app.identity.factors import endpoints as factor_endpoints
from mattranso_app.identity.outside import endpoints, remote
from mattranso_app.identity.web import identified
from mattranso_app.settings import OutsideProvider, settings
from tests.identity.browser import Browser
from tests.identity.outside.fake_provider import CLIENT, SECRET, FakeProvider

REGISTERED = (endpoints, factor_endpoints)  # their import registers the doors


async def _page(scope, receive, send):
    await HTMLResponse("<h1>Trang</h1>")(scope, receive, send)


@pytest.fixture
def app():
    return identified(router(_page))


@pytest.fixture
async def outside(db):
    """The fake provider, listening, known to the platform as "vneid"."""
    provider = FakeProvider()
    await provider.start()
    configure(provider)
    yield provider
    settings().outside_providers = ()
    settings().outside_patience = 6.0
    await remote.close()
    await provider.stop()


def configure(provider: FakeProvider, **changed) -> None:
    """Put the provider into the settings."""
    values = {
        "name": "vneid", "label": "VNeID", "profile": "vneid", "issuer": provider.issuer, "client_id": CLIENT, "client_secret": SECRET,
    } | changed
    settings().outside_providers = (OutsideProvider(**values),)


@pytest.fixture
def browser(app):
    return Browser(app)
