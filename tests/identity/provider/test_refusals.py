"""Authorization requests that are refused. Cases with a counterpart in the OpenID basic certification plan carry its name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from mattranso_app.core import clock
from mattranso_app.core.access import SYSTEM
from mattranso_app.identity.provider import applications, service
from tests.identity.browser import ORIGIN, Browser
from tests.identity.factories import PASSWORD, make_officer
from tests.identity.provider.application import REDIRECT, answer_of, question_of
from tests.identity.provider.conftest import make_application
from tests.identity.provider.tables import contents

TWICE = "twice"
"""A parameter sent a second time with the same value."""

ONLY_THE_PERSON_IS_TOLD = {
    "oidcc-ensure-registered-redirect-uri": {"redirect_uri": "https://khac.example/nhan"},
    "oidcc-redirect-uri-query-added": {"redirect_uri": f"{REDIRECT}?them=1"},
    "oidcc-ensure-redirect-uri-in-authorization-request": {"redirect_uri": None},
    "address: one letter more": {"redirect_uri": f"{REDIRECT}x"},
    "address: one letter less": {"redirect_uri": REDIRECT[:-1]},
    "address: a slash more": {"redirect_uri": f"{REDIRECT}/"},
    "address: a path more": {"redirect_uri": f"{REDIRECT}/tiep"},
    "address: out of the path": {"redirect_uri": f"{REDIRECT}/../khac"},
    "address: another port": {"redirect_uri": "https://hue.example:8443/nhan"},
    "address: the port that goes without saying": {"redirect_uri": "https://hue.example:443/nhan"},
    "address: host in capitals": {"redirect_uri": "https://HUE.example/nhan"},
    "address: path in capitals": {"redirect_uri": "https://hue.example/NHAN"},
    "address: http": {"redirect_uri": "http://hue.example/nhan"},
    "address: a user name": {"redirect_uri": "https://hue.example@evil.example/nhan"},
    "address: a fragment": {"redirect_uri": f"{REDIRECT}#x"},
    "address: a longer host": {"redirect_uri": "https://hue.example.evil.example/nhan"},
    "address: script": {"redirect_uri": "javascript:alert(1)"},
    "address: percent for a letter": {"redirect_uri": "https://hue.example/n%68an"},
    "address: a NUL": {"redirect_uri": f"{REDIRECT}\0"},
    "address: a line break": {"redirect_uri": f"{REDIRECT}\r\nset-cookie: a=b"},
    "address: twice": {"redirect_uri": TWICE},
    "application: none": {"client_id": None},
    "application: empty": {"client_id": ""},
    "application: unknown": {"client_id": "khong-co"},
    "application: in capitals": {"client_id": "HUE-MOT-CUA"},
    "application: a blank behind": {"client_id": "hue-mot-cua "},
    "application: a NUL": {"client_id": "hue-mot-cua\0"},
    "application: not ASCII": {"client_id": "huế-một-cửa"},
    "application: a quote": {"client_id": "hue-mot-cua' OR '1'='1"},
    "application: oversized": {"client_id": "h" * 2_001},
    "application: twice": {"client_id": TWICE},
    "state: oversized": {"state": "s" * 2_001},
    "scope: oversized": {"scope": "openid " * 400},
}

THE_APPLICATION_IS_TOLD = {
    "oidcc-response-type-missing": ({"response_type": None}, "invalid_request unsupported_response_type"),
    "response_type: token": ({"response_type": "token"}, "unsupported_response_type"),
    "response_type: id_token": ({"response_type": "id_token"}, "unsupported_response_type"),
    "response_type: code id_token": ({"response_type": "code id_token"}, "unsupported_response_type"),
    "response_type: none": ({"response_type": "none"}, "unsupported_response_type"),
    "response_type: in capitals": ({"response_type": "CODE"}, "unsupported_response_type"),
    "response_type: twice": ({"response_type": TWICE}, "invalid_request"),
    "response_mode: fragment": ({"response_mode": "fragment"}, "invalid_request"),
    "response_mode: form_post": ({"response_mode": "form_post"}, "invalid_request"),
    "scope: missing": ({"scope": None}, "invalid_scope"),
    "scope: without openid": ({"scope": "profile"}, "invalid_scope"),
    "scope: a quote": ({"scope": 'openid" profile'}, "invalid_scope"),
    "scope: twice": ({"scope": TWICE}, "invalid_request"),
    "PKCE: missing": ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    "PKCE: challenge missing": ({"code_challenge": None}, "invalid_request"),
    "PKCE: empty": ({"code_challenge": ""}, "invalid_request"),
    "PKCE: method missing, which means plain": ({"code_challenge_method": None}, "invalid_request"),
    "PKCE: plain": ({"code_challenge_method": "plain"}, "invalid_request"),
    "PKCE: s256 in small letters": ({"code_challenge_method": "s256"}, "invalid_request"),
    "PKCE: 42 letters": ({"code_challenge": "a" * 42}, "invalid_request"),
    "PKCE: 129 letters": ({"code_challenge": "a" * 129}, "invalid_request"),
    "PKCE: letters that do not belong": ({"code_challenge": "ă" * 43}, "invalid_request"),
    "PKCE: challenge twice": ({"code_challenge": TWICE}, "invalid_request"),
    "PKCE: method twice": ({"code_challenge_method": TWICE}, "invalid_request"),
    "nonce: twice": ({"nonce": TWICE}, "invalid_request"),
    "nonce: a NUL": ({"nonce": "a\0b"}, "invalid_request"),
    "state: a NUL": ({"state": "a\0b"}, "invalid_request"),
    "state: twice": ({"state": TWICE}, "invalid_request"),
    "prompt: twice": ({"prompt": ["login", "none"]}, "invalid_request"),
    "prompt: none and login": ({"prompt": "none login"}, "invalid_request"),
    "prompt: none and consent": ({"prompt": "consent none"}, "invalid_request"),
    "prompt: unknown": ({"prompt": "create"}, "invalid_request"),
    "max_age: words": ({"max_age": "lâu"}, "invalid_request"),
    "max_age: negative": ({"max_age": "-1"}, "invalid_request"),
    "max_age: a fraction": ({"max_age": "1.5"}, "invalid_request"),
    "max_age: a digit that is no number": ({"max_age": "²"}, "invalid_request"),
    "max_age: Arabic digits": ({"max_age": "٣"}, "invalid_request"),
    "max_age: endless": ({"max_age": "9" * 1_900}, "invalid_request"),
    "oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported": (
        {"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported",
    ),
    "oidcc-ensure-request-object-with-redirect-uri": ({"request_uri": "https://evil.example/r.jwt"}, "request_uri_not_supported"),
    "oidcc-id-token-hint: no token": ({"id_token_hint": "x.y.z"}, "invalid_request"),
}


def query(application, changed) -> str:
    """Return an authorization request with parameters changed, left out (None), or sent twice."""
    values = application.parameters()
    for name, value in changed.items():
        values[name] = [values[name]] * 2 if value == TWICE else value
    return urlencode({name: value for name, value in values.items() if value is not None}, doseq=True)


@pytest.mark.parametrize("changed", ONLY_THE_PERSON_IS_TOLD.values(), ids=ONLY_THE_PERSON_IS_TOLD)
async def test_nobody_but_the_person_is_told(lan, hue, changed):
    before = await contents()
    page = await lan.get(f"/oauth/authorize?{query(hue, changed)}", page=True)
    assert page.status_code == 400
    assert "location" not in page.headers
    assert "Chưa đăng nhập được vào ứng dụng" in page.text
    assert "evil" not in page.text
    assert await contents() == before


@pytest.mark.parametrize(("changed", "errors"), THE_APPLICATION_IS_TOLD.values(), ids=THE_APPLICATION_IS_TOLD)
@pytest.mark.parametrize("signed_in", [True, False], ids=["signed in", "not signed in"])
async def test_the_application_is_told(app, lan, hue, changed, errors, signed_in):
    before = await contents()
    answer = answer_of(await (lan if signed_in else Browser(app)).get(f"/oauth/authorize?{query(hue, changed)}", page=True))
    assert answer["error"] in errors.split()
    assert answer["iss"] == ORIGIN
    assert "code" not in answer
    if "state" not in changed:
        assert answer["state"] == hue.state
    assert await contents() == before


async def test_a_disabled_application_gets_nothing(lan, hue):
    await applications.disable_application(SYSTEM, "hue-mot-cua")
    before = await contents()
    page = await hue.authorize(lan)
    assert page.status_code == 400
    assert "location" not in page.headers
    assert await contents() == before


async def test_oidcc_prompt_none_not_logged_in(app, hue):
    before = await contents()
    assert answer_of(await hue.authorize(Browser(app), prompt="none"))["error"] == "login_required"
    assert await contents() == before


async def test_a_hint_of_another_person_gets_no_code(app, lan, server, hue, units):
    got = (await hue.exchange(server, answer_of(await hue.authorize(lan))["code"])).json()
    await make_officer("minh", units["46"])
    minh = Browser(app)
    await minh.post("/dang-nhap/can-bo", json_body={"user_name": "minh", "password": PASSWORD})
    for more in ({}, {"prompt": "none"}):
        answer = answer_of(await hue.authorize(minh, id_token_hint=got["id_token"], **more))
        assert answer["error"] == "login_required"
        assert "code" in answer_of(await hue.authorize(lan, id_token_hint=got["id_token"], **more)), "the right person goes on"


async def test_what_waits_for_sign_in_keeps_only_what_has_a_meaning(app, hue):
    anybody = Browser(app)
    assert (await hue.authorize(anybody, rac="x" * 1_500, claims="{}")).status_code == 303
    kept = (await contents())["oauth_request"]
    assert "rac" not in kept and "claims" not in kept and hue.state in kept


async def test_a_waiting_request_is_good_for_a_quarter_of_an_hour(app, hue):
    await hue.authorize(Browser(app))
    sent = await hue.authorize(Browser(app))
    clock.freeze(clock.now() + service.REQUEST_LIFE + timedelta(seconds=1))
    token = sent.headers["location"].rpartition("%3D")[2]
    assert (await Browser(app).get(f"/oauth/authorize?yeu_cau={token}", page=True)).status_code == 400


@pytest.fixture
async def asked(lan, units):
    """Lan's page that asks whether a foreign application may know her; its form."""
    other = await make_application("phan-mem-khac")
    page = await other.authorize(lan)
    return question_of(page) | {"quyet-dinh": "dong-y"}


async def refused(browser, form, **more):
    before = await contents()
    answer = await browser.post("/oauth/consent", form=form, page=True, **more)
    assert "code=" not in answer.text
    assert await contents() == before
    return answer.status_code


async def test_consent_is_answered_once(lan, asked):
    assert "code=" in (await lan.post("/oauth/consent", form=asked, page=True)).text
    assert await refused(lan, asked) == 400


@pytest.mark.parametrize("change", [{"xac_nhan": ""}, {"xac_nhan": "0" * 64}, {"yeu_cau": "khac"}, {"yeu_cau": "\0"}, {"xac_nhan": "ă"}])
async def test_consent_with_forged_fields(lan, asked, change):
    assert await refused(lan, asked | change) == 400


async def test_consent_of_another_person(app, lan, asked, units):
    await make_officer("minh", units["46"])
    minh = Browser(app)
    await minh.post("/dang-nhap/can-bo", json_body={"user_name": "minh", "password": PASSWORD})
    assert await refused(minh, asked) == 400
    assert await refused(minh, asked | {"quyet-dinh": "tu-choi"}) == 400
    assert "code=" in (await lan.post("/oauth/consent", form=asked, page=True)).text, "and Lan's question is still there"


async def test_consent_of_nobody(app, asked):
    assert await refused(Browser(app), asked) == 303


async def test_consent_by_a_foreign_page(lan, asked):
    foreign = replace(lan, origin="https://evil.example")
    assert await refused(foreign, asked) == 403


async def test_consent_after_the_application_was_disabled(lan, asked):
    await applications.disable_application(SYSTEM, "phan-mem-khac")
    assert await refused(lan, asked) == 400


async def test_a_fresh_proof_cannot_be_got_round_by_consenting(app, lan, units):
    """A request that waits for sign-in has shown no question yet: nobody can answer it."""
    other = await make_application("phan-mem-khac")
    clock.freeze(clock.now() + timedelta(seconds=5))
    sent = await other.authorize(lan, prompt="login")
    token = sent.headers["location"].rpartition("%3D")[2]
    assert await refused(lan, {"yeu_cau": token, "xac_nhan": "", "quyet-dinh": "dong-y"}) == 400


@pytest.mark.parametrize("path", ["/oauth/authorize", "/oauth/end_session", "/oauth/token", "/oauth/userinfo"])
async def test_a_foreign_page_cannot_use_a_session(lan, hue, path):
    before = await contents()
    foreign = replace(lan, origin="https://evil.example")
    assert (await foreign.post(path, form=hue.parameters(), page=True)).status_code == 403
    assert await contents() == before


async def test_no_page_lets_itself_be_framed(lan, hue, asked):
    other = await make_application("phan-mem-ba")
    for page in (
        await other.authorize(lan), await lan.get("/oauth/end_session", page=True), await lan.get("/oauth/authorize", page=True),
        await lan.post("/oauth/consent", form=asked, page=True),
    ):
        policy = page.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "script-src 'self'" in policy or "default-src 'none'" in policy
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "same-origin"
