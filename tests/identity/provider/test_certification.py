"""Modules of the OpenID plans “basic certification” and “RP-initiated logout”, by their names, that do not stand elsewhere here."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from mattranso_app.core import clock
from tests.identity.factories import PASSWORD
from tests.identity.provider.application import answer_of, question_of
from tests.identity.provider.conftest import make_application
from tests.identity.provider.tables import contents

GOODBYE = "https://hue.example/tam-biet"

GOES_ON = {
    "oidcc-server": {},
    "oidcc-ensure-request-without-nonce-succeeds-for-code-flow": {"nonce": None},
    "oidcc-ensure-other-scope-order-succeeds": {"scope": "profile roles openid"},
    "oidcc-scope-all": {"scope": "openid profile email phone address"},
    "oidcc-ensure-request-with-unknown-parameter-succeeds": {"extra": "foobar"},
    "oidcc-ensure-request-with-acr-values-succeeds": {"acr_values": "urn:mattranso:acr:2 1"},
    "oidcc-display-page": {"display": "page"},
    "oidcc-display-popup": {"display": "popup"},
    "oidcc-ui-locales": {"ui_locales": "se"},
    "oidcc-claims-locales": {"claims_locales": "se"},
    "oidcc-login-hint": {"login_hint": "buffy@op.example"},
    "oidcc-prompt-none-logged-in": {"prompt": "none"},
    "oidcc-max-age-10000": {"max_age": "10000"},
    "oidcc-claims-essential": {"claims": '{"userinfo": {"name": {"essential": true}}}'},
}


@pytest.mark.parametrize("changed", GOES_ON.values(), ids=GOES_ON)
async def test_what_is_only_odd_goes_on(lan, server, hue, changed):
    code = answer_of(await hue.authorize(lan, **changed))["code"]
    got = await hue.exchange(server, code)
    claims = await hue.check(server, got.json()["id_token"])
    assert ("nonce" in claims) == ("nonce" not in changed) and claims["auth_time"] <= claims["iat"] < claims["exp"]


async def test_oidcc_ensure_post_request_succeeds(lan, hue):
    page = await lan.post("/oauth/authorize", form=hue.parameters(), page=True)
    assert page.status_code == 200 and "code=" in page.text


async def test_oidcc_server_client_secret_post(lan, server, hue):
    code = answer_of(await hue.authorize(lan))["code"]
    got = await hue.exchange(server, code, {}, client_id=hue.client_id, client_secret=hue.secret)
    assert got.status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST"], ids=["oidcc-userinfo-get", "oidcc-userinfo-post-header"])
async def test_userinfo(lan, server, hue, method):
    got = (await hue.exchange(server, answer_of(await hue.authorize(lan))["code"])).json()
    told = await server.request(method, "/oauth/userinfo", headers={"authorization": f"Bearer {got['access_token']}"})
    assert told.json()["sub"] == (await hue.check(server, got["id_token"]))["sub"]


async def test_oidcc_id_token_hint(lan, server, hue):
    got = (await hue.exchange(server, answer_of(await hue.authorize(lan))["code"])).json()
    answer = answer_of(await hue.authorize(lan, prompt="none", id_token_hint=got["id_token"]))
    again = (await hue.exchange(server, answer["code"])).json()
    assert (await hue.check(server, again["id_token"]))["sub"] == (await hue.check(server, got["id_token"]))["sub"]


async def test_a_hint_for_a_foreign_audience(lan, server, hue):
    other = await make_application("phan-mem-hai", is_own=True)
    got = (await other.exchange(server, answer_of(await other.authorize(lan))["code"])).json()
    before = await contents()
    assert answer_of(await hue.authorize(lan, id_token_hint=got["id_token"]))["error"] == "invalid_request"
    assert await contents() == before


@pytest.mark.parametrize("asked", [{"prompt": "login"}, {"max_age": "1"}], ids=["oidcc-prompt-login", "oidcc-max-age-1"])
async def test_the_second_proof_is_told(lan, server, hue, asked):
    first = (await hue.exchange(server, answer_of(await hue.authorize(lan))["code"])).json()
    clock.freeze(clock.now() + timedelta(seconds=5))
    sent = await hue.authorize(lan, **asked)
    waiting = parse_qs(urlsplit(sent.headers["location"]).query)["tiep"][0]
    clock.freeze(clock.now() + timedelta(seconds=5))
    await lan.post("/dang-nhap/can-bo", json_body={"user_name": "lan", "password": PASSWORD})
    page = (await lan.get(waiting, page=True)).text
    second = (await hue.exchange(server, page.partition("code=")[2].partition("&")[0])).json()
    before, after = [(await hue.check(server, got["id_token"])) for got in (first, second)]
    assert before["sub"] == after["sub"] and after["auth_time"] - before["auth_time"] >= 9


async def test_oidcc_refresh_token(lan, server, hue):
    got = (await hue.exchange(server, answer_of(await hue.authorize(lan))["code"])).json()
    new = (await hue.refresh(server, got["refresh_token"])).json()
    before, after = [(await hue.check(server, one["id_token"])) for one in (got, new)]
    assert {name: before[name] for name in ("iss", "sub", "aud", "auth_time", "sid")} == {
        name: after[name] for name in ("iss", "sub", "aud", "auth_time", "sid")
    }


LOGOUTS = {
    # module → parameters besides a right hint and address, where it leads (None: the person is asked first)
    "oidcc-rp-initiated-logout": ({}, f"{GOODBYE}?state=s1"),
    "oidcc-rp-initiated-logout-no-state": ({"state": None}, GOODBYE),
    "oidcc-rp-initiated-logout-bad-post-logout-redirect-uri": ({"post_logout_redirect_uri": "https://www.example.com/sai"}, "/"),
    "oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri": ({"post_logout_redirect_uri": f"{GOODBYE}?foo=bar"}, "/"),
    "oidcc-rp-initiated-logout-no-post-logout-redirect-uri": ({"post_logout_redirect_uri": None, "state": None}, "/"),
    "oidcc-rp-initiated-logout-bad-id-token-hint": ({"id_token_hint": "bad.to.ken"}, None),
    "oidcc-rp-initiated-logout-modified-id-token-hint": ({"id_token_hint": "MODIFIED"}, None),
    "oidcc-rp-initiated-logout-no-id-token-hint": ({"id_token_hint": None}, None),
    "oidcc-rp-initiated-logout-no-params": ({"id_token_hint": None, "post_logout_redirect_uri": None, "state": None}, None),
    "oidcc-rp-initiated-logout-only-state": ({"id_token_hint": None, "post_logout_redirect_uri": None}, None),
}


@pytest.mark.parametrize(("changed", "leads_to"), LOGOUTS.values(), ids=LOGOUTS)
async def test_signing_out_at_an_applications_wish(lan, server, hue, changed, leads_to):
    token = (await hue.exchange(server, answer_of(await hue.authorize(lan))["code"])).json()["id_token"]
    known = {"MODIFIED": token[:-20] + token[-20:].swapcase()}
    values = {"id_token_hint": token, "post_logout_redirect_uri": GOODBYE, "state": "s1"} | changed
    query = urlencode({name: known.get(value, value) for name, value in values.items() if value is not None})
    answer = await lan.get(f"/oauth/end_session?{query}", page=True)
    if leads_to is not None:
        assert answer.headers["location"] == leads_to
        assert (await lan.get("/api/v1/me")).json()["kind"] == "anonymous"
        return
    assert "Đăng xuất khỏi Mặt trận số?" in answer.text and (await lan.get("/api/v1/me")).json()["kind"] == "officer"
    gone = await lan.post("/oauth/end_session", form={**question_of(answer), "quyet-dinh": "dang-xuat"}, page=True)
    assert gone.headers["location"] == "/", "an unproved wish leads nowhere else"
    assert (await lan.get("/api/v1/me")).json()["kind"] == "anonymous"
