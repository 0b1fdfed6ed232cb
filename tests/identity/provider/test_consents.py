"""Taking a consent back."""

from __future__ import annotations

import html

import pytest

from mattranso_app.core.access import Actor
from mattranso_app.core.errors import NotFound, SignInRequired
from mattranso_app.identity import service as identity
from mattranso_app.identity.provider import consents
from tests.identity.browser import Browser
from tests.identity.factories import make_officer, sign_in
from tests.identity.provider.application import question_of
from tests.identity.provider.conftest import make_application
from tests.identity.provider.tables import acts, contents


async def code_of(application, browser, page) -> str:
    agreed = await browser.post("/oauth/consent", form=question_of(page) | {"quyet-dinh": "dong-y"}, page=True)
    return html.unescape(agreed.text).split("code=")[1].split("&")[0]


async def actor_of(browser: Browser) -> Actor:
    found = await identity.authenticate(browser.cookies["mts_session"], "10.0.0.1")
    assert found is not None
    return found.actor


async def test_taking_a_consent_back_ends_what_came_from_it(lan, server, units):
    other = await make_application("phan-mem-khac")
    got = (await other.exchange(server, await code_of(other, lan, await other.authorize(lan)))).json()
    actor = await actor_of(lan)
    held = await consents.list_consents(actor)
    assert [(one.client_id, one.scopes) for one in held] == [("phan-mem-khac", ("openid", "profile", "unit", "roles"))]
    again = (await other.authorize(lan)).headers["location"].split("code=")[1].split("&")[0]
    await consents.withdraw_consent(actor, "phan-mem-khac")
    assert await consents.list_consents(actor) == []
    assert (await other.exchange(server, again)).json()["error"] == "invalid_grant", "a code not used yet"
    assert (await other.refresh(server, got["refresh_token"])).json()["error"] == "invalid_grant"
    told = await server.get("/oauth/userinfo", headers={"authorization": f"Bearer {got['access_token']}"})
    assert told.status_code == 401
    assert (await other.authorize(lan)).status_code == 200, "asked anew"
    assert '"revoked": 2' in (await acts("application.withdraw_consent"))[0]


@pytest.mark.parametrize("name", ["phan-mem-khac", "khong-co", "", "a\0", "x" * 5_000])
async def test_nobody_takes_back_the_consent_of_another(lan, units, name):
    other = await make_application("phan-mem-khac")
    await code_of(other, lan, await other.authorize(lan))
    await make_officer("minh", units["46"])
    _, minh = await sign_in("minh")
    before = await contents()
    with pytest.raises(NotFound):
        await consents.withdraw_consent(minh, name)
    with pytest.raises(SignInRequired):
        await consents.withdraw_consent(Actor("anonymous"), name)
    assert await contents() == before
