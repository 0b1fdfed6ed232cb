"""What a provider, a network or a browser may do wrong: each is refused in plain words, written down, and changes nothing."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from pydantic import ValidationError

from mattranso_app.core import clock
from mattranso_app.identity.endpoints import OWN_PETITIONS
from mattranso_app.identity.outside import remote
from mattranso_app.settings import OutsideProvider, Settings, settings
from tests.identity.browser import Browser
from tests.identity.outside.conftest import configure
from tests.identity.outside.fake_provider import FakeProvider, public_of
from tests.identity.outside.way import acts, come_back, everything, leave, me, new_account, rows, sign_in

MINUTES = 60

ID_TOKENS: dict[str, dict[str, Any]] = {
    "no signature": {"sign": "unsigned"},
    "alg none": {"sign": "none"},
    "alg None in another spelling": {"sign": "none", "none": "nOnE"},
    "the public key as an HMAC secret": {"sign": "public key as secret"},
    "an algorithm that is announced but not ours": {"sign": "other algorithm"},
    "another kind of key under its own name": {"sign": "curve", "more_keys": [public_of("curve")]},
    "claims changed after signing": {"sign": "changed"},
    "a strange key under the right name": {"sign": "strange key"},
    "a name of another key of the provider": {"header": {"kid": public_of("other")["kid"]}, "more_keys": [public_of("other")]},
    "a name of no key": {"header": {"kid": "khong-co"}},
    "a name that is no text": {"header": {"kid": {"a": 1}}},
    "no name where several keys would do": {"header": {"kid": None}, "more_keys": [public_of("other")]},
    "two keys of one name": {"more_keys": [{**public_of("other"), "kid": public_of("current")["kid"]}]},
    "a key too small": {"sign": "small key", "more_keys": [public_of("small")]},
    "a key with the token": {"header": {"jwk": public_of("other")}},
    "an address of keys with the token": {"header": {"jku": "http://127.0.0.1:1/jwks"}},
    "a certificate with the token": {"header": {"x5c": ["MIIB"]}},
    "an extension that must be understood": {"header": {"crit": ["b64"], "b64": False}},
    "a type of another use": {"header": {"typ": "logout+jwt"}},
    "keys for encryption only": {"jwks": {"keys": [{**public_of("current"), "use": "enc"}]}},
    "a symmetric key published": {"jwks": {"keys": [public_of("symmetric")]}, "header": {"kid": "chung"}},
    "no keys": {"jwks": {"keys": []}},
    "keys that are none": {"jwks": {"keys": "khoá"}},
    "another issuer": {"claims": {"iss": "https://khac.example"}},
    "the issuer with a slash more": {"claims": {"iss": "http://127.0.0.1/"}},
    "no issuer": {"claims": {"iss": None}},
    "for somebody else": {"claims": {"aud": "ung-dung-khac"}},
    "for nobody": {"claims": {"aud": None}},
    "for several without azp": {"claims": {"aud": ["mat-tran-so", "ung-dung-khac"]}},
    "for several, given to another": {"claims": {"aud": ["mat-tran-so", "ung-dung-khac"], "azp": "ung-dung-khac"}},
    "for us, given to another": {"claims": {"azp": "ung-dung-khac"}},
    "expired": {"claims": {"exp": 1_700_000_000}},
    "without an end": {"claims": {"exp": None}},
    "an end that is no number": {"claims": {"exp": "mai"}},
    "without a beginning": {"claims": {"iat": None}},
    "a beginning that is no number": {"claims": {"iat": True}},
    "a clock ten minutes ahead": {"clock": 10 * MINUTES},
    "a clock ten minutes behind": {"clock": -10 * MINUTES},
    "not valid yet": {"claims": {"nbf": 32_000_000_000}},
    "the nonce of another": {"claims": {"nonce": "khác"}},
    "no nonce": {"claims": {"nonce": None}},
    "another access token's hash": {"claims": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}},
    "a hash that is no text": {"claims": {"at_hash": 7}},
    "no subject": {"claims": {"sub": None}},
    "an empty subject": {"claims": {"sub": ""}},
    "a subject that is no text": {"claims": {"sub": 17}},
    "a subject without end": {"claims": {"sub": "x" * 300}},
    "a sign-in of yesterday": {"claims": {"auth_time": 1_700_000_000}},
    "no time of sign-in": {"claims": {"auth_time": None}},
    "a time of sign-in to come": {"claims": {"auth_time": 32_000_000_000}},
    "events in it": {"claims": {"events": {"http://schemas.openid.net/event/backchannel-logout": {}}}},
    "methods that are no list": {"claims": {"amr": "mfa"}},
}

TOKEN_ANSWERS: dict[str, dict[str, Any]] = {
    "no id_token": {"tokens": {"id_token": None}},
    "an empty id_token": {"tokens": {"id_token": ""}},
    "an id_token that is none": {"tokens": {"id_token": "a.b.c"}},
    "an id_token of five parts": {"tokens": {"id_token": "a.b.c.d.e"}},
    "an id_token that is an object": {"tokens": {"id_token": {"sub": "nguoi-1"}}},
    "an id_token without end": {"tokens": {"id_token": "a." + "b" * 20_000 + ".c"}},
    "no access token": {"tokens": {"access_token": None}},
    "an access token of another kind": {"tokens": {"token_type": "DPoP"}},
    "userinfo of somebody else": {"userinfo": {"sub": "nguoi-khac"}},
    "userinfo of nobody": {"userinfo": {"sub": None}},
    "a name that is no text": {"userinfo": {"name": ["Minh"]}},
    "a name without end": {"userinfo": {"name": "Minh " * 100}},
    "an identity number of eleven digits": {"userinfo": {"citizen_id": "00119012345"}},
    "an identity number in other digits": {"userinfo": {"citizen_id": "٠٠١١٩٠١٢٣٤٥٦"}},
}

DOWN: dict[str, dict[str, Any]] = {
    f"{kind} at {place}": {"http": (kind, place)}
    for kind, place in (
        ("slow", "/.well-known/openid-configuration"), ("drip", "/token"), ("slow", "/jwks"), ("slow", "/userinfo"), ("cut", "/token"),
        ("redirect", "/token"), ("redirect", "/.well-known/openid-configuration"), ("huge", "/token"), ("huge", "/jwks"),
        ("packed", "/token"), ("html", "/token"), ("list", "/jwks"), ("deep", "/.well-known/openid-configuration"), ("down", "/token"),
    )
}

METADATA: dict[str, dict[str, Any]] = {
    "another issuer": {"issuer": "https://khac.example"},
    "no issuer": {"issuer": None},
    "tokens from another host": {"token_endpoint": "https://khac.example/token"},
    "keys from another port": {"jwks_uri": "http://127.0.0.1:1/jwks"},
    "people sent to another host": {"authorization_endpoint": "https://khac.example/authorize"},
    "an address with a name in it": {"authorization_endpoint": "http://127.0.0.1@khac.example/"},
    "an address that is no web address": {"authorization_endpoint": "javascript:alert(1)"},
    "userinfo from another host": {"userinfo_endpoint": "https://khac.example/userinfo"},
    "no place for tokens": {"token_endpoint": None},
    "an address that is no text": {"jwks_uri": ["http://127.0.0.1/jwks"]},
}


@pytest.fixture
async def known(outside, browser):
    """The provider's person has an account, so that a refused sign-in would have something to open."""
    await new_account(browser, outside)
    await remote.close()
    return outside


async def turned(provider: FakeProvider, faults: dict[str, Any]) -> None:
    """Turn the provider's switches, and let the platform forget what it keeps of it."""
    provider.faults.clear()
    provider.faults |= faults
    await remote.close()


async def refused(browser: Browser, provider: FakeProvider, status: int, query: str | None = None) -> str:
    """Sign in (or open the callback with `query`); see that it is refused and that nothing has changed; return the words."""
    before = await everything()
    answer = await (sign_in(browser, provider) if query is None else come_back(browser, query))
    assert answer.status_code == status, answer.text
    assert await everything() == before
    assert (await me(browser))["kind"] == "anonymous" and "mts_session" not in browser.cookies
    assert "Chưa đăng nhập được bằng VNeID" in answer.text and 'href="/dang-nhap"' in answer.text
    return answer.text


async def test_id_tokens(known, app, subtests):
    for number, case in enumerate(ID_TOKENS, 1):
        with subtests.test(case):
            await turned(known, ID_TOKENS[case])
            words = await refused(Browser(app), known, 400)
            assert "không hợp lệ nên không được nhận" in words
            assert len(await acts("outside.refused")) == number


async def test_answers_with_tokens(known, app, subtests):
    for case in TOKEN_ANSWERS:
        with subtests.test(case):
            await turned(known, TOKEN_ANSWERS[case])
            await refused(Browser(app), known, 400)
            detail = (await acts("outside.refused"))[-1]
            assert "nguoi-1" not in detail and "001190" not in detail


async def test_a_provider_that_is_down_slow_or_talks_nonsense(known, app, subtests):
    settings().outside_patience = 0.4
    for case in DOWN:
        with subtests.test(case):
            await turned(known, DOWN[case])
            browser = Browser(app)
            if "openid-configuration" in case:
                answer = await browser.get("/dang-nhap/vneid?tiep=/phan-anh", page=True)
                assert answer.status_code == 503 and "/dang-nhap/vneid?tiep=%2Fphan-anh" in answer.text
            else:
                await refused(browser, known, 503)
            known.faults.clear()
            provider = settings().outside_providers[0]
            assert remote.is_resting(provider) == (case != "down at /token")  # left alone for a moment
            again = await browser.get("/dang-nhap/vneid", page=True)
            assert again.status_code == (503 if remote.is_resting(provider) else 303)
    await turned(known, {})
    assert (await sign_in(Browser(app), known)).headers["location"] == OWN_PETITIONS


async def test_discovery_documents(known, app, subtests):
    before = await everything()
    for case in METADATA:
        with subtests.test(case):
            await turned(known, {"metadata": METADATA[case]})
            answer = await Browser(app).get("/dang-nhap/vneid", page=True)
            assert answer.status_code == 503 and "không phản hồi hoặc trả lời không đúng" in answer.text
            assert await everything() == before


async def test_the_provider_is_not_there(known, app):
    await known.stop()
    answer = await Browser(app).get("/dang-nhap/vneid", page=True)
    assert answer.status_code == 503 and answer.headers["retry-after"] and "Đăng nhập bằng cách khác" in answer.text
    await known.start()


ANSWERS = {
    "no code": {"code": None},
    "an empty code": {"code": ""},
    "a code of nobody": {"code": "khong-co"},
    "no issuer although announced": {"iss": None},
    "another issuer: an answer mixed in": {"iss": "https://khac.example"},
    "the person stopped there": {"code": None, "error": "access_denied"},
    "the provider failed": {"code": None, "error": "server_error"},
    "a code with a line break": {"code": "a\r\nb"},
    "a code without end": {"code": "x" * 5_000},
    "no state": {"state": None},
    "another state": {"state": "x" * 43},
}


async def test_ways_back(known, app, subtests):
    for case in ANSWERS:
        with subtests.test(case):
            browser = Browser(app)
            await refused(browser, known, 400, known.authorize(await leave(browser), **ANSWERS[case]))


async def test_an_answer_of_another_issuer_where_none_is_announced(known, app):
    known.faults["metadata"] = {"authorization_response_iss_parameter_supported": False}
    browser = Browser(app)
    await refused(browser, known, 400, known.authorize(await leave(browser), iss="https://khac.example"))
    assert (await come_back(browser, known.authorize(await leave(browser), iss=None))).headers["location"] == OWN_PETITIONS


async def test_a_parameter_twice(known, app):
    browser = Browser(app)
    query = known.authorize(await leave(browser))
    await refused(browser, known, 400, f"{query}&code=khac")
    await refused(browser, known, 400, "&".join(["a=1"] * 50))


async def test_a_way_back_used_twice(known, app):
    browser = Browser(app)
    query = known.authorize(await leave(browser))
    kept = dict(browser.cookies)
    assert (await come_back(browser, query)).status_code == 303
    thief = Browser(app, cookies=kept)  # with everything the browser had
    assert "trình duyệt khác" in await refused(thief, known, 400, query)


async def test_many_at_once_use_one_way_back(known, app):
    browser = Browser(app)
    query = known.authorize(await leave(browser))
    kept = dict(browser.cookies)
    answers = await asyncio.gather(*(come_back(Browser(app, cookies=dict(kept)), query) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [303, 400, 400, 400, 400]


async def test_a_code_replayed_with_a_state_of_ones_own(known, app):
    """The code somebody lost is no good in another browser: PKCE, and the provider takes it once."""
    victim, thief = Browser(app), Browser(app)
    stolen = parse_qs(known.authorize(await leave(victim)))["code"][0]
    query = known.authorize(await leave(thief), code=stolen)
    await refused(thief, known, 400, query)


async def test_another_browser_opens_the_way_back(known, app):
    query = known.authorize(await leave(Browser(app)))
    words = await refused(Browser(app), known, 400, query)
    assert "Zalo" in words and "Chưa có gì thay đổi" in words


async def test_somebody_plants_his_own_way_back(known, app):
    """Sign-in as the attacker: his answer opens nothing in a browser that did not begin it, even one with an attempt of its own."""
    victim, attacker = Browser(app), Browser(app)
    await leave(victim)
    await refused(victim, known, 400, known.authorize(await leave(attacker)))


async def test_stopped_mid_flow_and_come_back_too_late(known, app):
    browser = Browser(app)
    query = known.authorize(await leave(browser))
    clock.freeze(clock.now() + timedelta(minutes=11))
    assert "quá 10 phút" in await refused(browser, known, 400, query)


@pytest.mark.parametrize("spoil", [lambda value: value[:-4] + "AAAA", lambda value: "x", lambda value: "~~~"])
async def test_a_spoilt_cookie(known, app, spoil):
    browser = Browser(app)
    query = known.authorize(await leave(browser))
    browser.cookies["mts_outside"] = spoil(browser.cookies["mts_outside"])
    await refused(browser, known, 400, query)


async def test_an_answer_at_another_providers_address(known, app):
    configure(known)
    first = settings().outside_providers[0]
    settings().outside_providers = (first, first.model_copy(update={"name": "so-khac", "label": "Nơi khác"}))
    browser = Browser(app)
    query = known.authorize(await leave(browser))
    before = await everything()
    answer = await come_back(browser, query, "so-khac")
    assert answer.status_code == 400 and await everything() == before


async def test_assurance_too_low(known, app):
    known.person["acr"] = "level0"
    words = await refused(Browser(app), known, 403)
    assert "chưa đủ mức định danh" in words
    configure(known, required_level=2)
    known.person["acr"] = "level1"
    await refused(Browser(app), known, 403)


async def test_a_second_account_for_one_person_is_not_made(outside, app):
    """Two browsers at once have the first sign-in open; the second yes comes too late."""
    first, second = Browser(app), Browser(app)
    for browser in (first, second):
        await sign_in(browser, outside)
    assert (await first.post("/dang-nhap/vneid/lan-dau", form={"x": "1"}, page=True)).headers["location"] == OWN_PETITIONS
    answer = await second.post("/dang-nhap/vneid/lan-dau", form={"x": "1"}, page=True)
    assert answer.status_code == 409 and await rows("person") == 1
    again = await first.post("/dang-nhap/vneid/lan-dau", form={"x": "1"}, page=True)
    assert again.status_code == 400 and "đã quá 10 phút hoặc đã xong" in again.text


async def test_making_an_account_from_another_site(outside, app):
    browser = Browser(app)
    await sign_in(browser, outside)
    answer = await browser.post("/dang-nhap/vneid/lan-dau", form={"x": "1"}, headers={"origin": "https://khac.example"})
    assert answer.status_code == 403 and await rows("person") == 0


LOGOUTS: dict[str, dict[str, Any]] = {
    "an ID token's type": {"header": {"typ": "JWT"}},
    "no type": {"header": {"typ": None}},
    "another issuer": {"iss": "https://khac.example"},
    "for somebody else": {"aud": "ung-dung-khac"},
    "no events": {"events": None},
    "another event": {"events": {"http://schemas.openid.net/event/khac": {}}},
    "an event that is no object": {"events": {"http://schemas.openid.net/event/backchannel-logout": 1}},
    "a nonce": {"nonce": "x"},
    "no jti": {"jti": None},
    "about nobody": {"sub": None, "sid": None},
    "expired": {"exp": 1_700_000_000},
    "without an end": {"exp": None},
    "old": {"iat": 1_700_000_000},
    "of the future": {"iat": 32_000_000_000},
}
LOGOUT_SIGNATURES = ("unsigned", "none", "public key as secret", "strange key", "changed", "other algorithm")


async def told(app: Any, token: str | None, **more: Any) -> int:
    server = Browser(app, address="10.9.9.9", origin=None)
    form = {"x": "1"} if token is None else {"logout_token": token}
    return (await server.post("/dang-nhap/vneid/backchannel-logout", form=form, **more)).status_code


async def test_logout_tokens(outside, browser, subtests):
    await new_account(browser, outside)
    for case in LOGOUTS:
        with subtests.test(case):
            assert await told(browser.app, outside.logout_token(**LOGOUTS[case])) == 400
            assert (await me(browser))["kind"] == "citizen"
    for case in LOGOUT_SIGNATURES:
        with subtests.test(case):
            outside.faults["sign"] = case
            assert await told(browser.app, outside.logout_token()) == 400
            assert (await me(browser))["kind"] == "citizen"
    outside.faults.clear()
    assert await told(browser.app, outside.logout_token()) == 200


async def test_a_logout_token_twice_none_and_too_long(outside, browser):
    await new_account(browser, outside)
    token = outside.logout_token(sid="phien-khac")
    assert [await told(browser.app, token), await told(browser.app, token)] == [200, 400]
    assert await told(browser.app, None) == 400
    assert await told(browser.app, "x" * 30_000) == 413
    assert (await me(browser))["kind"] == "citizen"
    id_token = outside.id_token("n", "a")
    assert await told(browser.app, id_token) == 400


async def test_forged_tokens_do_not_make_us_hammer_the_provider(outside, browser):
    await new_account(browser, outside)
    before = outside.asked.count("/jwks")
    for number in range(20):
        assert await told(browser.app, outside.logout_token({"kid": f"khong-co-{number}"})) == 400
    assert outside.asked.count("/jwks") <= before + 1


async def test_bad_answers_from_one_address_are_counted(known, app):
    from mattranso_app.identity import throttle

    browser = Browser(app)
    for _ in range(throttle.OUTSIDE_PER_ADDRESS.count):
        await throttle.reserve((throttle.OUTSIDE_PER_ADDRESS, throttle.address_key(browser.address)))
    await refused(browser, known, 429, "state=x&code=y")


WRONG_SETTINGS: dict[str, dict[str, Any]] = {
    "an issuer without TLS": {"issuer": "http://vneid.example"},
    "an issuer with a query": {"issuer": "https://vneid.example/?a=1"},
    "an issuer that is none": {"issuer": "vneid"},
    "no signatures": {"algorithms": []},
    "HMAC": {"algorithms": ["HS256"]},
    "none": {"algorithms": ["none"]},
    "a name that is an address of ours": {"name": "ma"},
    "a name that is no address": {"name": "VNeID/.."},
    "a setting that does not exist": {"verify": False},
    "a claim nobody reads": {"claims": {"roles": "groups"}},
    "an assurance there is not": {"levels": {"level9": 9}},
}


@pytest.mark.parametrize("case", WRONG_SETTINGS)
def test_settings(case):
    right = {"name": "vneid", "label": "VNeID", "issuer": "https://vneid.example", "client_id": "a"}
    OutsideProvider(**right)
    with pytest.raises(ValidationError):
        OutsideProvider(**{**right, **WRONG_SETTINGS[case]})


def test_settings_as_the_environment_writes_them(monkeypatch):
    right = {"name": "vneid", "label": "VNeID", "issuer": "https://vneid.example", "client_id": "a", "client_secret": "rat-bi-mat"}
    monkeypatch.setenv("MTS_OUTSIDE_PROVIDERS", json.dumps([right]))
    assert Settings().outside_providers[0].client_secret.get_secret_value() == "rat-bi-mat"
    for wrong in ([right, right], [{**right, "issuer": 7}], [{name: right[name] for name in ("name", "client_secret")}]):
        monkeypatch.setenv("MTS_OUTSIDE_PROVIDERS", json.dumps(wrong))
        with pytest.raises(ValidationError) as caught:
            Settings()
        assert "rat-bi-mat" not in str(caught.value)
    monkeypatch.setenv("MTS_OUTSIDE_PROVIDERS", json.dumps([{**right, "issuer": "http://localhost:1"}]))
    assert any("MTS_OUTSIDE_PROVIDERS" in fault for fault in Settings(env="production").production_faults())


async def test_what_is_sent_to_the_provider(outside, browser):
    address = urlsplit(await leave(browser, "/dang-nhap/vneid?tiep=//khac.example"))
    asked = parse_qs(address.query)
    assert f"{address.scheme}://{address.netloc}" == outside.issuer
    assert asked["redirect_uri"] == ["http://localhost:8000/dang-nhap/vneid/callback"] and asked["max_age"] == ["600"]
    assert all(len(asked[name][0]) >= 43 for name in ("state", "nonce", "code_challenge"))
    assert json.dumps(asked).count("khac.example") == 0 and "code_verifier" not in urlencode(asked)
