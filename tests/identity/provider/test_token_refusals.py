"""Refusals after the browser's part: codes, tokens, claims, signing out. Nothing is issued, and what was stolen is void."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from datetime import timedelta
from urllib.parse import urlencode

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import text as sql

from mattranso_app.core import clock, db
from mattranso_app.core.access import SYSTEM
from mattranso_app.identity import service as identity
from mattranso_app.identity.provider import applications, keys
from tests.identity.browser import ORIGIN
from tests.identity.provider.application import Application, answer_of
from tests.identity.provider.conftest import make_application
from tests.identity.provider.tables import acts, contents

GOODBYE = "https://hue.example/tam-biet"


@pytest.fixture(autouse=True)
async def signing(units):
    """The keys are there: making them at the first request would be a change."""
    await keys.ensure_keys()


@pytest.fixture
async def code(lan, hue):
    return answer_of(await hue.authorize(lan))["code"]


@pytest.fixture
async def got(server, hue, code):
    """What a right exchange gave."""
    return (await hue.exchange(server, code)).json()


def basic(pair: bytes | str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(pair if isinstance(pair, bytes) else pair.encode()).decode()}


async def is_open(server, token: str) -> bool:
    return (await server.get("/oauth/userinfo", headers={"authorization": f"Bearer {token}"})).status_code == 200


CREDENTIALS = {
    "wrong secret": (lambda a: a.credentials("sai"), {}),
    "empty secret": (lambda a: basic(f"{a.client_id}:"), {}),
    "no secret": (lambda a: {}, {"client_id": "hue-mot-cua"}),
    "nobody": (lambda a: {}, {}),
    "secret in the form, wrong": (lambda a: {}, {"client_id": "hue-mot-cua", "client_secret": "sai"}),
    "Basic and form": (lambda a: a.credentials(), {"client_id": "hue-mot-cua", "client_secret": "sai"}),
    "wrong Basic and right form": (lambda a: a.credentials("sai"), {"client_id": "hue-mot-cua", "client_secret": "SECRET"}),
    "Basic of one, form of another": (lambda a: a.credentials(), {"client_id": "khac"}),
    "Basic that is no base64": (lambda a: {"authorization": "Basic %%%"}, {}),
    "Basic that is no text": (lambda a: basic(b"\xff\xfe:\xff"), {}),
    "Basic without a colon": (lambda a: basic("hue-mot-cua"), {}),
    "Basic with a NUL": (lambda a: basic("hue\0:x"), {}),
    "Basic with a NUL behind a percent sign": (lambda a: basic("hue%00:x"), {}),
    "Basic with a quote": (lambda a: basic("hue' OR 1=1--:x"), {}),
    "Basic not ASCII": (lambda a: {"authorization": "Basic hué"}, {}),
    "Basic oversized": (lambda a: basic("h" * 6_000 + ":x"), {}),
    "Bearer in place of Basic": (
        lambda a: {"authorization": f"Bearer {a.secret}"}, {"client_id": "hue-mot-cua", "client_secret": "SECRET"},
    ),
    "unknown application": (lambda a: basic("khong-co:x"), {}),
}


@pytest.mark.parametrize(("headers", "form"), CREDENTIALS.values(), ids=CREDENTIALS)
async def test_who_cannot_prove_itself_gets_no_token(server, hue, code, headers, form):
    form = {name: hue.secret if value == "SECRET" else value for name, value in form.items()}
    before = await contents()
    answer = await hue.exchange(server, code, headers(hue), **form)
    assert answer.status_code in (400, 401)
    assert answer.json()["error"] == "invalid_client"
    assert ("www-authenticate" in answer.headers) == (answer.status_code == 401)
    assert await contents() == before
    assert (await hue.exchange(server, code)).status_code == 200, "the right one is not hurt by it"


FORMS = {
    "PKCE: verifier missing": ({"code_verifier": ""}, "invalid_request"),
    "PKCE: verifier of another sign-in": ({"code_verifier": secrets.token_urlsafe(48)}, "invalid_grant"),
    "PKCE: verifier too short": ({"code_verifier": "a" * 42}, "invalid_request"),
    "PKCE: verifier too long": ({"code_verifier": "a" * 129}, "invalid_request"),
    "PKCE: challenge sent as verifier": ({"code_verifier": "CHALLENGE"}, "invalid_grant"),
    "PKCE: a NUL": ({"code_verifier": "a" * 43 + "\0"}, "invalid_request"),
    "another address": ({"redirect_uri": "https://hue.example/khac"}, "invalid_grant"),
    "an address one letter off": ({"redirect_uri": "https://hue.example/nhaN"}, "invalid_grant"),
    "no address": ({"redirect_uri": ""}, "invalid_grant"),
    "an empty code": ({"code": ""}, "invalid_grant"),
    "an invented code": ({"code": secrets.token_urlsafe(32)}, "invalid_grant"),
    "a code with a quote": ({"code": "' OR '1'='1"}, "invalid_grant"),
    "a code with a NUL": ({"code": "a\0"}, "invalid_request"),
    "a code not ASCII": ({"code": "mã"}, "invalid_grant"),
    "grant_type missing": ({"grant_type": ""}, "unsupported_grant_type invalid_request"),
    "grant_type password": ({"grant_type": "password", "username": "lan", "password": "x"}, "unsupported_grant_type"),
    "grant_type client_credentials": ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
    "grant_type implicit": ({"grant_type": "implicit"}, "unsupported_grant_type"),
    "a code as a refresh token": ({"grant_type": "refresh_token", "refresh_token": "CODE"}, "invalid_grant"),
}


@pytest.mark.parametrize(("form", "errors"), FORMS.values(), ids=FORMS)
async def test_what_is_not_right_gets_no_token(server, hue, code, form, errors):
    known = {"CODE": code, "CHALLENGE": hue.parameters()["code_challenge"]}
    before = await contents()
    changed = {"code": code} | {name: known.get(value, value) for name, value in form.items()}
    answer = await hue.exchange(server, **changed)
    assert answer.status_code == 400
    assert answer.json()["error"] in errors.split()
    assert answer.headers["cache-control"] == "no-store"
    assert await contents() == before
    assert (await hue.exchange(server, code)).status_code == 200


@pytest.mark.parametrize("body", [b"grant_type=x&" * 60, b"\xff\xfe", b"code=1&code=2", b'{"grant_type":"authorization_code"}'])
async def test_a_body_that_is_no_form(server, hue, body):
    before = await contents()
    async with raw(server) as client:
        answer = await client.post("/oauth/token", content=body, headers=hue.credentials())
    assert answer.status_code == 400
    assert answer.json()["error"] in ("invalid_request", "unsupported_grant_type")
    assert await contents() == before


async def test_a_body_beyond_all_measure(server, hue):
    async with raw(server) as client:
        assert (await client.post("/oauth/token", content=b"a" * 20_000, headers=hue.credentials())).status_code == 413


def raw(server):
    return httpx.AsyncClient(transport=httpx.ASGITransport(server.app), base_url=ORIGIN)


async def test_oidcc_codereuse(server, hue, code, got):
    assert (await hue.exchange(server, code)).json()["error"] == "invalid_grant"
    assert not await is_open(server, got["access_token"])
    assert (await hue.refresh(server, got["refresh_token"])).json()["error"] == "invalid_grant"
    assert '"revoked": 2' in (await acts("application.replay"))[0]


async def test_oidcc_codereuse_30seconds(server, hue, code, got):
    clock.freeze(clock.now() + timedelta(seconds=30))
    assert (await hue.exchange(server, code)).json()["error"] == "invalid_grant"
    assert not await is_open(server, got["access_token"])


async def test_an_old_code(server, hue, code):
    before = await contents()
    clock.freeze(clock.now() + timedelta(seconds=61))
    assert (await hue.exchange(server, code)).json()["error"] == "invalid_grant"
    assert await contents() == before


async def test_a_code_after_signing_out(lan, server, hue, code):
    await lan.post("/dang-xuat", form={}, page=True)
    before = await contents()
    assert (await hue.exchange(server, code)).json()["error"] == "invalid_grant"
    assert await contents() == before


async def test_code_and_refresh_token_of_another_application(server, hue, code):
    other = await make_application("phan-mem-khac", is_own=True)
    before = await contents()
    stolen = await hue.exchange(server, code, other.credentials())
    assert stolen.json()["error"] == "invalid_grant"
    assert await contents() == before
    got = (await hue.exchange(server, code)).json()
    before = await contents()
    assert (await other.refresh(server, got["refresh_token"])).json()["error"] == "invalid_grant"
    assert await contents() == before
    assert (await hue.refresh(server, got["refresh_token"])).status_code == 200


async def test_a_public_application_has_no_secret_to_prove(lan, server, units):
    phone = await make_application("dien-thoai", is_own=True, is_public=True)
    code = answer_of(await phone.authorize(lan))["code"]
    for headers, form in ((basic("dien-thoai:x"), {}), ({}, {"client_id": "dien-thoai", "client_secret": "x"})):
        assert (await phone.exchange(server, code, headers, **form)).json()["error"] == "invalid_client"
    without = await phone.exchange(server, code, {}, client_id="dien-thoai", code_verifier="")
    assert without.json()["error"] == "invalid_request"
    assert (await phone.exchange(server, code, {}, client_id="dien-thoai")).status_code == 200


async def test_refresh_after_its_family_was_revoked(server, hue, got):
    second = (await hue.refresh(server, got["refresh_token"])).json()
    await hue.refresh(server, got["refresh_token"])
    before = await contents()
    assert (await hue.refresh(server, second["refresh_token"])).json()["error"] == "invalid_grant"
    assert await contents() == before


async def test_refresh_of_a_disabled_application(server, hue, got):
    await applications.disable_application(SYSTEM, "hue-mot-cua")
    assert not await is_open(server, got["access_token"])
    before = await contents()
    assert (await hue.refresh(server, got["refresh_token"])).json()["error"] == "invalid_client"
    assert await contents() == before
    await applications.enable_application(SYSTEM, "hue-mot-cua")
    assert (await hue.refresh(server, got["refresh_token"])).json()["error"] == "invalid_grant", "what was void stays void"


async def test_refresh_of_a_disabled_person(server, hue, got):
    async with db.reading() as session:
        person = (await session.execute(sql("SELECT id FROM person WHERE display_name = 'Cán bộ lan'"))).scalar_one()
    await identity.disable_person(SYSTEM, person)
    before = await contents()
    assert (await hue.refresh(server, got["refresh_token"])).json()["error"] == "invalid_grant"
    assert not await is_open(server, got["access_token"])
    assert await contents() == before


async def test_the_old_secret_after_a_new_one(server, hue, code):
    renewed = await applications.renew_secret(SYSTEM, "hue-mot-cua")
    assert (await hue.exchange(server, code)).json()["error"] == "invalid_client"
    hue.secret = renewed
    assert (await hue.exchange(server, code)).status_code == 200


@pytest.mark.parametrize("scope", ["openid email", "profile", "openid profile unit roles phone"])
async def test_refresh_cannot_widen_nor_leave_openid(server, hue, got, scope):
    before = await contents()
    form = {"grant_type": "refresh_token", "refresh_token": got["refresh_token"], "scope": scope}
    answer = await server.post("/oauth/token", form=form, headers=hue.credentials())
    assert answer.json()["error"] == "invalid_scope"
    assert await contents() == before


async def test_a_narrower_refresh_narrows_this_token_only(server, hue, got):
    form = {"grant_type": "refresh_token", "refresh_token": got["refresh_token"], "scope": "openid"}
    narrow = (await server.post("/oauth/token", form=form, headers=hue.credentials())).json()
    assert narrow["scope"] == "openid"
    told = await server.get("/oauth/userinfo", headers={"authorization": f"Bearer {narrow['access_token']}"})
    assert set(told.json()) == {"sub"}
    assert "profile" in (await hue.refresh(server, narrow["refresh_token"])).json()["scope"]


BEARERS = {
    "refresh token": lambda got: {"authorization": f"Bearer {got['refresh_token']}"},
    "ID token": lambda got: {"authorization": f"Bearer {got['id_token']}"},
    "Basic": lambda got: basic(f"x:{got['access_token']}"),
    "one letter off": lambda got: {"authorization": f"Bearer {got['access_token'][:-1]}"},
    "a NUL": lambda got: {"authorization": "Bearer a\0b"},
    "not ASCII": lambda got: {"authorization": "Bearer hué"},
    "oversized": lambda got: {"authorization": "Bearer " + "a" * 9_000},
    "nothing": lambda got: {},
}


@pytest.mark.parametrize("headers", BEARERS.values(), ids=BEARERS)
async def test_claims_are_for_access_tokens(server, got, headers):
    answer = await server.get("/oauth/userinfo", headers=headers(got))
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert not answer.content


async def test_claims_after_the_time_of_a_token_or_with_it_in_the_address(server, got):
    assert (await server.get(f"/oauth/userinfo?access_token={got['access_token']}")).status_code == 401
    assert (await server.post("/oauth/userinfo", form={"access_token": got["access_token"]})).status_code == 401
    clock.freeze(clock.now() + timedelta(minutes=10, seconds=1))
    assert not await is_open(server, got["access_token"])


async def test_contacts_never_travel_in_an_id_token(lan, server, hue):
    hue.scope = "openid email phone"
    got = (await hue.exchange(server, answer_of(await hue.authorize(lan))["code"])).json()
    assert not {"email", "phone_number"} & set(await hue.check(server, got["id_token"]))


def segment(values: dict | bytes) -> str:
    return base64.urlsafe_b64encode(values if isinstance(values, bytes) else json.dumps(values).encode()).rstrip(b"=").decode()


async def forged(kind: str, token: str, application: Application, server) -> str:
    """Return a token with the claims of a right one, signed wrongly."""
    head, body, signature = token.split(".")
    claims = await application.check(server, token)
    async with db.reading() as session:
        published = await keys.fetch_published(session)
    kid = keys.current(published).kid
    if kind == "alg none":
        return f"{segment({'alg': 'none', 'typ': 'JWT'})}.{body}."
    if kind == "HS256 with the public key":
        signed = f"{segment({'alg': 'HS256', 'typ': 'JWT', 'kid': kid})}.{body}"
        public = RSAKey.import_key(keys.current(published).public).as_pem(private=False)
        return f"{signed}.{segment(hmac.digest(public, signed.encode(), hashlib.sha256))}"
    if kind == "another key":
        return jwt.encode({"alg": "RS256", "typ": "JWT", "kid": kid}, claims, RSAKey.generate_key(2048), ["RS256"])
    if kind == "another issuer":
        return keys.sign(published, claims | {"iss": "https://evil.example"})
    if kind == "a logout token":
        return keys.sign(published, claims, "logout+jwt")
    if kind == "claims changed":
        return f"{head}.{segment(claims | {'sub': 'x'})}.{signature}"
    return f"{head}.{body}"


@pytest.mark.parametrize(
    "kind", ["alg none", "HS256 with the public key", "another key", "another issuer", "a logout token", "claims changed", "no signature"],
)
async def test_a_forged_hint_signs_nobody_out(lan, server, hue, got, kind):
    hint = await forged(kind, got["id_token"], hue, server)
    before = await contents()
    page = await lan.get(f"/oauth/end_session?{urlencode({'id_token_hint': hint, 'post_logout_redirect_uri': GOODBYE})}", page=True)
    assert page.status_code == 200, "the person is asked"
    assert (await lan.get("/api/v1/me")).json()["kind"] == "officer"
    assert answer_of(await hue.authorize(lan, id_token_hint=hint))["error"] == "invalid_request"
    assert await contents() == before


async def test_an_old_hint_still_says_whose_session_is_meant(lan, hue, got):
    clock.freeze(clock.now() + timedelta(minutes=11))
    gone = await lan.get(f"/oauth/end_session?{urlencode({'id_token_hint': got['id_token']})}", page=True)
    assert gone.status_code == 303
    assert (await lan.get("/api/v1/me")).json()["kind"] == "anonymous"


@pytest.mark.parametrize(
    "back",
    [
        f"{GOODBYE}x", f"{GOODBYE}/", GOODBYE[:-1], f"{GOODBYE}?a=1", f"{GOODBYE}#a", GOODBYE.upper(), "https://evil.example/",
        "//evil.example", "javascript:alert(1)", f"{GOODBYE}\0", "https://hue.example:443/tam-biet", "https://a@hue.example/tam-biet",
    ],
)
async def test_an_address_after_signing_out_one_off(lan, got, back):
    query = urlencode({"id_token_hint": got["id_token"], "post_logout_redirect_uri": back, "state": "s"})
    gone = await lan.get(f"/oauth/end_session?{query}", page=True)
    assert "evil" not in gone.headers.get("location", "")
    assert gone.headers.get("location", "/") == "/"


async def test_a_hint_of_one_application_and_the_name_of_another(lan, got):
    query = urlencode({"id_token_hint": got["id_token"], "client_id": "khac", "post_logout_redirect_uri": GOODBYE})
    assert (await lan.get(f"/oauth/end_session?{query}", page=True)).headers["location"] == "/"


async def test_signing_out_by_a_form_of_another_site_goes_on_with_the_cookie(app, lan, server, got):
    """The browser sends no cookie with it: the answer leads back as a link, which brings one."""
    sent = await server.post("/oauth/end_session", form={"id_token_hint": got["id_token"], "post_logout_redirect_uri": GOODBYE}, page=True)
    assert sent.status_code == 303
    gone = await lan.get(sent.headers["location"], page=True)
    assert gone.headers["location"] == GOODBYE
    assert (await lan.get("/api/v1/me")).json()["kind"] == "anonymous"
