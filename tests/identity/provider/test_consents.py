"""Taking a consent back."""

from __future__ import annotations

import asyncio
import html

import pytest
from sqlalchemy import text as sql

from mattranso_app.core import audit, clock, db
from mattranso_app.core.access import Actor
from mattranso_app.core.errors import NotFound, SignInRequired
from mattranso_app.identity import service as identity
from mattranso_app.identity.provider import consents, store
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


async def test_the_page_shows_what_was_agreed_to_and_takes_it_back(lan, server, units):
    other = await make_application("phan-mem-khac")
    code = await code_of(other, lan, await other.authorize(lan))
    shown = (await lan.get("/tai-khoan/ung-dung-da-dong-y", page=True)).text
    assert "Một cửa Huế" in shown and "họ và tên" in shown and "chưa dùng lần nào" in shown and "số điện thoại" not in shown
    got = (await other.exchange(server, code)).json()
    assert "dùng lần cuối" in (await lan.get("/tai-khoan/ung-dung-da-dong-y", page=True)).text
    form = question_of(await lan.get("/tai-khoan/ung-dung-da-dong-y", page=True))
    done = await lan.post("/tai-khoan/ung-dung-da-dong-y/rut", form=form, page=True)
    assert (done.status_code, done.headers["location"]) == (303, "/tai-khoan/ung-dung-da-dong-y?xong=rut")
    after = (await lan.get(done.headers["location"], page=True)).text
    assert "Đã rút lại." in after and "Một cửa Huế" not in after
    assert (await other.refresh(server, got["refresh_token"])).status_code == 400
    before = await contents()
    again = await lan.post("/tai-khoan/ung-dung-da-dong-y/rut", form=form, page=True)
    assert again.status_code == 422 and "đã được rút lại từ trước" in again.text
    for odd in ({"ung-dung": 5}, {}, {"ung-dung": ["phan-mem-khac"]}, {"ung-dung": "x" * 9_000}):
        assert (await lan.post("/tai-khoan/ung-dung-da-dong-y/rut", json_body=odd)).status_code == 404
    assert await contents() == before


@pytest.mark.parametrize("place", ["", "x", "-1", "9" * 400, "%00"])
async def test_any_place_in_the_list_is_a_page(lan, place):
    assert (await lan.get(f"/tai-khoan/ung-dung-da-dong-y?truoc={place}", page=True)).status_code == 200


async def test_pages_of_the_list_follow_one_another(lan, units):
    actor = await actor_of(lan)
    async with db.transaction() as session:
        for number in range(store.PAGE + 1):
            values = {"id": f"so-{number:03}", "now": clock.now(), "person": actor.person_id}
            await session.execute(
                sql("INSERT INTO oauth_client (client_id, name, redirect_uris, created_at) VALUES (:id, :id, '{https://a.vn}', :now)"),
                values,
            )
            await session.execute(
                sql("INSERT INTO oauth_consent (person_id, client_id, scope, granted_at) VALUES (:person, :id, 'openid', :now)"), values
            )
    first = await consents.list_consents(actor)
    rest = await consents.list_consents(actor, first[-1].id)
    assert [one.client_id for one in (*first, *rest)] == [f"so-{number:03}" for number in reversed(range(store.PAGE + 1))]
    shown = (await lan.get("/tai-khoan/ung-dung-da-dong-y", page=True)).text
    assert f"?truoc={first[-1].id}" in shown
    assert "so-000" in (await lan.get(f"/tai-khoan/ung-dung-da-dong-y?truoc={first[-1].id}", page=True)).text


async def test_a_code_of_the_very_moment_a_consent_is_taken_back_gives_nothing(lan, server, units):
    """The code was handed out by a request that still saw the consent; the exchange looks again."""
    other = await make_application("phan-mem-khac")
    code = await code_of(other, lan, await other.authorize(lan))
    async with db.transaction() as session:
        assert await store.save_consent_withdrawn(session, (await actor_of(lan)).person_id, "phan-mem-khac", clock.now())
    refused = await other.exchange(server, code)
    assert (refused.status_code, refused.json()) == (400, {"error": "invalid_grant"})


async def test_taking_back_and_refreshing_at_once_leave_nothing_good(lan, server, units):
    other = await make_application("phan-mem-khac")
    got = (await other.exchange(server, await code_of(other, lan, await other.authorize(lan)))).json()
    actor = await actor_of(lan)
    refreshed, _ = await asyncio.gather(other.refresh(server, got["refresh_token"]), consents.withdraw_consent(actor, "phan-mem-khac"))
    newest = refreshed.json() if refreshed.status_code == 200 else got
    assert (await other.refresh(server, newest["refresh_token"])).status_code == 400
    told = await server.get("/oauth/userinfo", headers={"authorization": f"Bearer {newest['access_token']}"})
    assert told.status_code == 401


async def test_taking_back_and_its_audit_row_stand_and_fall_together(lan, server, units, monkeypatch):
    other = await make_application("phan-mem-khac")
    got = (await other.exchange(server, await code_of(other, lan, await other.authorize(lan)))).json()
    actor, before = await actor_of(lan), await contents()

    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no audit row can be written")

    with monkeypatch.context() as broken:
        broken.setattr(audit, "record", fail)
        with pytest.raises(RuntimeError):
            await consents.withdraw_consent(actor, "phan-mem-khac")
    assert await contents() == before
    assert (await other.refresh(server, got["refresh_token"])).status_code == 200
