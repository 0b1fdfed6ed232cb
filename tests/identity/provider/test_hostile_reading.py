"""What somebody found who read the provider against the standards with bad intent (RFC 6749, 9700; OpenID Connect Core 1.0)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import psycopg
from sqlalchemy import text as sql

from mattranso_app.core import clock, db
from mattranso_app.core.access import SYSTEM
from mattranso_app.identity import service as identity
from mattranso_app.identity.provider import consents, service, store
from mattranso_app.settings import settings
from tests.identity.browser import Browser
from tests.identity.provider.application import answer_of, question_of
from tests.identity.provider.conftest import make_application
from tests.identity.provider.test_under_pressure import opens


async def claimed(server, token: str) -> list[dict[str, str]]:
    """Return the roles an access token tells of now."""
    return (await server.get("/oauth/userinfo", headers={"authorization": f"Bearer {token}"})).json()["roles"]


async def officer() -> tuple:
    """Return the officer's id and session."""
    async with db.reading() as session:
        return (await session.execute(sql("SELECT person_id, id FROM sign_in_session WHERE ended_at IS NULL"))).one()


async def test_roles_are_told_as_they_count_in_this_session(lan, server, hue, units, monkeypatch, owner_url):
    got = (await hue.exchange(server, answer_of(await hue.authorize(lan))["code"])).json()
    person, session_id = await officer()
    handler = {"role": "handler", "organisation": "mttq", "unit": "19774"}
    elsewhere = {"role": "reader", "organisation": "mttq", "unit": "19789"}
    await identity.grant_role(SYSTEM, person, role="reader", unit_id=units["19789"])
    assert await claimed(server, got["access_token"]) == [handler, elsewhere]
    with psycopg.connect(owner_url) as connection:
        connection.execute("UPDATE unit SET valid_to = '2026-01-01' WHERE code = '19789'")
    assert await claimed(server, got["access_token"]) == [handler], "a unit that has ended carries no role"

    monkeypatch.setattr(settings(), "second_factor", "required")
    await identity.grant_role(SYSTEM, person, role="approver", unit_id=units["19774"])
    assert await claimed(server, got["access_token"]) == [], "who may approve has no lesser rights either without the second factor"
    refreshed = (await hue.refresh(server, got["refresh_token"])).json()
    assert (await hue.check(server, refreshed["id_token"]))["roles"] == []
    async with db.transaction() as session:
        await session.execute(sql("UPDATE sign_in_session SET methods = methods || '{mfa}' WHERE id = :id"), {"id": session_id})
    assert await claimed(server, refreshed["access_token"]) == [handler, {**handler, "role": "approver"}]


async def test_agreeing_to_less_does_not_hide_what_was_agreed_to_before(lan, server, units):
    """The tokens of the first consent go on; the person's own list must say what the application may learn."""
    other = await make_application("phan-mem-khac")
    other.scope = "openid profile unit"
    await lan.post("/oauth/consent", form=question_of(await other.authorize(lan)) | {"quyet-dinh": "dong-y"}, page=True)
    got = (await other.exchange(server, answer_of(await other.authorize(lan))["code"])).json()
    other.scope = "openid"
    asked = question_of(await other.authorize(lan, prompt="consent"))
    await lan.post("/oauth/consent", form=asked | {"quyet-dinh": "dong-y"}, page=True)
    assert (await fresh_claims(other, server, got)).keys() >= {"name", "unit"}
    actor = (await identity.authenticate(lan.cookies["mts_session"], "")).actor
    assert [held.scopes for held in await consents.list_consents(actor)] == [("openid", "profile", "unit")]


async def fresh_claims(application, server, got) -> dict:
    refreshed = (await application.refresh(server, got["refresh_token"])).json()
    return await application.check(server, refreshed["id_token"])


async def test_a_stolen_code_replayed_while_its_owner_refreshes_voids_what_the_refresh_makes(lan, server, hue, monkeypatch):
    code = answer_of(await hue.authorize(lan))["code"]
    got = (await hue.exchange(server, code)).json()
    issue, waiting = service._issue, sql("SELECT count(*) FROM pg_locks WHERE NOT granted")
    replays: list[asyncio.Task] = []

    async def slow_issue(session, *rest, **more):
        made = await issue(session, *rest, **more)
        if not replays:  # the replay comes in just before the refresh commits
            replays.append(asyncio.create_task(hue.exchange(server, code)))
            async with asyncio.timeout(20):
                while not replays[0].done() and not (await session.execute(waiting)).scalar_one():
                    await asyncio.wait(replays, timeout=0.02)
        return made

    monkeypatch.setattr(service, "_issue", slow_issue)
    refreshed = (await hue.refresh(server, got["refresh_token"])).json()
    assert (await replays[0]).json()["error"] == "invalid_grant"
    assert not await opens(server, refreshed["access_token"])
    assert (await hue.refresh(server, refreshed["refresh_token"])).status_code == 400


async def test_auth_time_is_when_the_person_proved_himself_be_it_elsewhere(lan, server, hue):
    """Who came from an outside provider on a sign-in of half an hour ago has not proved himself now (Core 3.1.2.1, max_age)."""
    _, session_id = await officer()
    proved = clock.now() - timedelta(minutes=30)
    async with db.transaction() as session:
        await session.execute(sql("UPDATE sign_in_session SET proved_at = :at WHERE id = :id"), {"at": proved, "id": session_id})
    got = (await hue.exchange(server, answer_of(await hue.authorize(lan, max_age="3600"))["code"])).json()
    assert (await hue.check(server, got["id_token"]))["auth_time"] == int(proved.timestamp())
    assert answer_of(await hue.authorize(lan, max_age="600", prompt="none"))["error"] == "login_required"


async def test_a_request_as_a_form_of_another_site_finds_who_is_signed_in(lan, hue):
    """The browser sends no cookie with it (SameSite); Core 3.1.2.1 wants POST understood all the same."""
    foreign = Browser(lan.app, origin="https://hue.example")
    sent = await foreign.post("/oauth/authorize", form=hue.parameters(prompt="none"), page=True)
    assert sent.status_code == 303 and sent.headers["location"] == f"/oauth/authorize?{urlencode(hue.parameters(prompt='none'))}"
    assert "code" in answer_of(await lan.get(sent.headers["location"], page=True))


async def test_a_register_changed_at_this_moment_narrows_what_a_code_opens(lan, server, hue):
    code = answer_of(await hue.authorize(lan))["code"]
    async with db.transaction() as session:
        client = await store.fetch_client(session, hue.client_id)
        await store.save_client_changes(session, replace(client, scopes=("openid", "profile")))
    got = (await hue.exchange(server, code)).json()
    assert got["scope"] == "openid profile"
    assert not {"unit", "roles"} & set(await hue.check(server, got["id_token"]))
    told = await server.get("/oauth/userinfo", headers={"authorization": f"Bearer {got['access_token']}"})
    assert set(told.json()) == {"sub", "name", "kind"}


async def test_a_code_is_nobody_elses(lan, server, hue):
    """Mixed up, cut, shown with another application's name or another verifier: nothing, and the rightful one still gets in."""
    other = await make_application("phan-mem-khac", is_own=True)
    other.verifier = hue.verifier
    code = answer_of(await hue.authorize(lan))["code"]
    for answer in (
        await other.exchange(server, code), await hue.exchange(server, code[:-1]), await hue.exchange(server, code, code_verifier="x" * 43),
        await hue.exchange(server, code, redirect_uri=f"{hue.redirect_uri}/"), await hue.exchange(server, code, headers={}),
    ):
        assert answer.status_code in (400, 401) and "access_token" not in answer.json()
    got = (await hue.exchange(server, code)).json()
    stolen = await other.refresh(server, got["refresh_token"])
    assert stolen.json()["error"] == "invalid_grant"
    assert (await hue.refresh(server, got["refresh_token"])).status_code == 200


async def test_signing_out_at_an_applications_wish_leaves_nothing_begun(lan, hue):
    lan.cookies |= {"mts_outside_new": "x", "mts_step": "y"}
    gone = await lan.post("/oauth/end_session", form={"quyet-dinh": "dang-xuat"}, page=True)
    assert gone.status_code == 303 and lan.cookies.keys() <= {"mts_visitor", "mts_device"}
