"""Signing in to an application, from its first request to signing out, as the standards describe it."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from sqlalchemy import text as sql

from mattranso_app.core import audit, clock, db
from mattranso_app.identity.provider import keys
from tests.identity.browser import ORIGIN, Browser
from tests.identity.factories import PASSWORD, make_officer
from tests.identity.provider.application import answer_of, question_of
from tests.identity.provider.conftest import make_application


async def sign_in_to(application, lan, server):
    """Go the whole way; return the token answer."""
    answer = answer_of(await application.authorize(lan))
    got = await application.exchange(server, answer["code"])
    assert got.status_code == 200, got.text
    return got.json()


async def test_code_for_tokens_for_claims(lan, server, hue):
    answer = answer_of(await hue.authorize(lan))
    assert answer["state"] == hue.state
    assert answer["iss"] == ORIGIN
    got = await hue.exchange(server, answer["code"])
    assert got.status_code == 200, got.text
    assert got.headers["cache-control"] == "no-store"
    claims = await hue.check(server, got.json()["id_token"])
    assert claims["nonce"] == hue.nonce
    assert claims["amr"] == ["pwd"]
    assert claims["unit"]["code"] == "19774"
    assert claims["roles"] == [{"role": "handler", "organisation": "mttq", "unit": "19774"}]
    told = await server.get("/oauth/userinfo", headers={"authorization": f"Bearer {got.json()['access_token']}"})
    assert told.json() == {name: claims[name] for name in ("sub", "name", "kind", "unit", "organisation", "roles")}


async def test_scope_limits_what_is_told(lan, server, hue):
    hue.scope = "openid"
    got = await sign_in_to(hue, lan, server)
    claims = await hue.check(server, got["id_token"])
    assert not {"name", "unit", "roles"} & set(claims)
    told = await server.get("/oauth/userinfo", headers={"authorization": f"Bearer {got['access_token']}"})
    assert set(told.json()) == {"sub"}


async def test_who_is_not_signed_in_signs_in_first_and_goes_on(app, units, server, hue):
    await make_officer("minh", units["46"])
    browser = Browser(app)
    sent = await hue.authorize(browser)
    assert sent.status_code == 303
    back = parse_qs(urlsplit(sent.headers["location"]).query)["tiep"][0]
    assert len(back) < 200
    signed = await browser.post(
        "/dang-nhap/can-bo", form={"user_name": "minh", "password": PASSWORD, "tiep": back}, page=True,
    )
    assert signed.headers["location"] == back
    page = await browser.get(back, page=True)
    assert page.status_code == 200
    target = re.search(r'href="(https://hue\.example/nhan[^"]*)"', page.text)
    assert target, "a page goes on to the application: a redirect would be held back by form-action"
    code = parse_qs(urlsplit(target[1].replace("&amp;", "&")).query)["code"][0]
    assert (await hue.exchange(server, code)).status_code == 200
    assert (await browser.get(back, page=True)).status_code == 400, "a waiting request is answered once"


async def test_a_foreign_application_asks_and_is_remembered(lan, server, units):
    other = await make_application("phan-mem-khac")
    page = await other.authorize(lan)
    assert page.status_code == 200
    assert "Họ và tên" in page.text
    assert "form-action 'self'" in page.headers["content-security-policy"]
    refused = await lan.post("/oauth/consent", form=question_of(page) | {"quyet-dinh": "tu-choi"}, page=True)
    assert "error=access_denied" in refused.text
    page = await other.authorize(lan)
    agreed = await lan.post("/oauth/consent", form=question_of(page) | {"quyet-dinh": "dong-y"}, page=True)
    assert "code=" in agreed.text
    assert "code" in answer_of(await other.authorize(lan)), "not asked again"
    other.scope += " phone"
    assert (await other.authorize(lan)).status_code == 200, "asked again for more"
    assert answer_of(await other.authorize(lan, prompt="none"))["error"] == "consent_required"


async def test_refresh_rotates_and_a_replay_revokes_the_family(lan, server, hue):
    first = await sign_in_to(hue, lan, server)
    second = (await hue.refresh(server, first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert "id_token" in second
    stolen = await hue.refresh(server, first["refresh_token"])
    assert stolen.status_code == 400
    assert stolen.json()["error"] == "invalid_grant"
    assert (await hue.refresh(server, second["refresh_token"])).status_code == 400
    told = await server.get("/oauth/userinfo", headers={"authorization": f"Bearer {second['access_token']}"})
    assert told.status_code == 401


async def test_a_replayed_code_revokes_what_came_from_it(lan, server, hue):
    code = answer_of(await hue.authorize(lan))["code"]
    first = (await hue.exchange(server, code)).json()
    assert (await hue.exchange(server, code)).status_code == 400
    told = await server.get("/oauth/userinfo", headers={"authorization": f"Bearer {first['access_token']}"})
    assert told.status_code == 401


async def test_signing_out_here_ends_every_token_and_tells_the_application(lan, server, units):
    hue = await make_application(is_own=True, backchannel_logout_uri="https://hue.example/phien-het")
    got = await sign_in_to(hue, lan, server)
    await lan.post("/dang-xuat", form={}, page=True)
    assert (await hue.refresh(server, got["refresh_token"])).status_code == 400
    assert (await server.get("/oauth/userinfo", headers={"authorization": f"Bearer {got['access_token']}"})).status_code == 401
    async with db.reading() as session:
        waiting = (await session.execute(sql("SELECT args FROM procrastinate_jobs WHERE task_name = 'openid.tell_logout'"))).scalars().all()
    assert [job["client_id"] for job in waiting] == ["hue-mot-cua"]


async def test_the_application_signs_out(lan, server, hue):
    got = await sign_in_to(hue, lan, server)
    query = urlencode({"id_token_hint": got["id_token"], "post_logout_redirect_uri": "https://hue.example/tam-biet", "state": "x1"})
    gone = await lan.get(f"/oauth/end_session?{query}", page=True)
    assert gone.headers["location"] == "https://hue.example/tam-biet?state=x1"
    assert (await lan.get("/api/v1/me")).json()["kind"] == "anonymous"


async def test_signing_out_without_proof_asks_first(lan, hue):
    page = await lan.get("/oauth/end_session?client_id=hue-mot-cua", page=True)
    assert page.status_code == 200
    assert "Đăng xuất khỏi Mặt trận số?" in page.text
    assert (await lan.get("/api/v1/me")).json()["kind"] == "officer"
    gone = await lan.post("/oauth/end_session", form={"client_id": "hue-mot-cua", "quyet-dinh": "dang-xuat"}, page=True)
    assert gone.headers["location"] == "/"
    assert (await lan.get("/api/v1/me")).json()["kind"] == "anonymous"


@pytest.mark.parametrize("asked", [{"prompt": "login"}, {"max_age": "0"}])
async def test_asked_for_a_fresh_proof_the_person_signs_in_again(lan, hue, asked):
    clock.freeze(clock.now() + timedelta(seconds=5))
    sent = await hue.authorize(lan, **asked)
    assert sent.headers["location"].startswith("/dang-nhap?tiep=")
    waiting = parse_qs(urlsplit(sent.headers["location"]).query)["tiep"][0]
    assert (await lan.get(waiting, page=True)).headers["location"].startswith("/dang-nhap"), "the old proof does not do"
    await lan.post("/dang-nhap/can-bo", json_body={"user_name": "lan", "password": PASSWORD})
    clock.freeze(clock.now() + timedelta(seconds=5))
    assert "code=" in (await lan.get(waiting, page=True)).text, "a new one does, however long the page takes to come"


async def test_no_screen_is_shown_where_none_is_wanted(app, lan, hue):
    assert answer_of(await hue.authorize(Browser(app), prompt="none"))["error"] == "login_required"
    clock.freeze(clock.now() + timedelta(seconds=5))
    assert answer_of(await hue.authorize(lan, prompt="none", max_age="1"))["error"] == "login_required"
    assert "code" in answer_of(await hue.authorize(lan, prompt="none", max_age="60"))


async def test_keys_rotate_and_old_signatures_stay_good(lan, server, hue):
    got = await sign_in_to(hue, lan, server)
    first = (await server.get("/oauth/jwks")).json()["keys"]
    assert len(first) == 2
    clock.freeze(clock.now() + timedelta(days=30, minutes=1))
    await keys.ensure_keys()
    second = (await server.get("/oauth/jwks")).json()["keys"]
    assert len(second) == 3
    assert {key["kid"] for key in first} < {key["kid"] for key in second}
    assert (await hue.check(server, got["id_token"]))["sub"]
    clock.freeze(clock.now() + timedelta(days=8))
    assert len((await server.get("/oauth/jwks")).json()["keys"]) == 2
    assert not any("d" in key for key in second), "only public parts are given out"


async def test_a_revoked_key_signs_no_more(server, hue):
    kept = (await server.get("/oauth/jwks")).json()["keys"]
    async with db.reading() as session:
        signing = keys.current(await keys.fetch_published(session))
    await keys.revoke_and_replace(signing.kid)
    left = {key["kid"] for key in (await server.get("/oauth/jwks")).json()["keys"]}
    assert signing.kid not in left
    assert len(left) == 2
    assert len(kept) == 2


async def test_the_record_stays_whole(lan, server, hue):
    await sign_in_to(hue, lan, server)
    async with db.reading() as session:
        _, faults = await audit.verify(session)
        acts = (await session.execute(sql("SELECT action FROM audit_log WHERE action LIKE 'application.%'"))).scalars().all()
    assert not faults
    assert set(acts) == {"application.register", "application.sign_in"}


async def test_before_any_key_was_made_a_hint_is_nothing(lan):
    assert (await lan.get("/oauth/end_session?id_token_hint=a.b.c&client_id=a%00", page=True)).status_code == 200
