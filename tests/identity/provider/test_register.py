"""Central's register of applications: by forms, with a fresh proof, the secret shown once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import text as sql

from mattranso_app.core import audit, clock, db
from mattranso_app.core.access import SYSTEM
from mattranso_app.core.errors import Conflict, Forbidden, InvalidInput, NotFound, ProofRequired
from mattranso_app.identity.factors import endpoints as factors
from mattranso_app.identity.provider import applications, text
from tests.identity.browser import Browser
from tests.identity.factories import PASSWORD, make_officer, sign_in
from tests.identity.provider.application import REDIRECT, Application, answer_of
from tests.identity.provider.conftest import make_application
from tests.identity.provider.tables import acts, contents

assert factors
FORM = {
    "ma": "hue-mot-cua", "ten": "Một cửa <Huế>", "nhan": f"{REDIRECT}\r\nhttps://hue.example/nhan-2\r\n", "loai": "bi-mat",
    "sau-dang-xuat": "https://hue.example/tam-biet", "bao-het-phien": "https://hue.example/het-phien", "biet-profile": "1",
    "cua-mat-tran": "1",
}
PLAIN = {"content-type": "application/x-www-form-urlencoded"}
NEW = "/tai-khoan/ung-dung-moi"
PAGE = "/tai-khoan/ung-dung/hue-mot-cua"


@pytest.fixture
async def central(app, units):
    """An administrator of Central, signed in."""
    await make_officer("quantri", units["vn"], role="administrator")
    browser = Browser(app)
    answer = await browser.post("/dang-nhap/can-bo", json_body={"user_name": "quantri", "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return browser


def secret_of(page) -> str:
    assert page.status_code == 200, page.text
    return re.search(r'id="khoa">([^<]+)<', page.text)[1]


async def test_from_the_form_to_a_signed_in_person(central, lan, server):
    assert "Chưa có ứng dụng" in (await central.get("/tai-khoan/ung-dung", page=True)).text
    assert (await central.get(NEW, page=True)).status_code == 200
    made = await central.post(NEW, form=FORM, page=True)
    secret = secret_of(made)
    assert made.headers["cache-control"] == "no-store" and "<Huế>" not in made.text
    for address in ("/tai-khoan/ung-dung", PAGE, f"{PAGE}/sua"):
        shown = (await central.get(address, page=True)).text
        assert "Một cửa &lt;Huế&gt;" in shown and secret not in shown
    application = Application("hue-mot-cua", secret)
    got = await application.exchange(server, answer_of(await application.authorize(lan))["code"])
    claims = await application.check(server, got.json()["id_token"])
    assert claims["name"] == "Cán bộ lan" and not {"unit", "roles"} & set(claims), "asked for, but not registered"
    assert got.json()["scope"] == "openid profile"
    async with db.reading() as session:
        kept = "SELECT to_jsonb(c)::text FROM oauth_client c UNION ALL SELECT detail::text FROM audit_log"
        rows = (await session.execute(sql(kept))).scalars()
    assert not [row for row in rows if secret in row]


async def test_a_new_secret_ends_the_old_one(central, lan, server):
    old = Application("hue-mot-cua", secret_of(await central.post(NEW, form=FORM, page=True)))
    new = Application("hue-mot-cua", secret_of(await central.post(f"{PAGE}/khoa-bi-mat", headers=PLAIN, page=True)))
    assert (await old.exchange(server, answer_of(await old.authorize(lan))["code"])).json()["error"] == "invalid_client"
    assert (await new.exchange(server, answer_of(await new.authorize(lan))["code"])).status_code == 200


async def test_disabled_and_let_in_again(central, lan, server):
    application = Application("hue-mot-cua", secret_of(await central.post(NEW, form=FORM, page=True)))
    got = (await application.exchange(server, answer_of(await application.authorize(lan))["code"])).json()
    code = answer_of(await application.authorize(lan))["code"]
    gone = await central.post(f"{PAGE}/ngung", headers=PLAIN, page=True)
    assert gone.headers["location"] == f"{PAGE}?xong=1"
    assert "đã ngừng từ ngày" in (await central.get(PAGE, page=True)).text
    assert (await application.authorize(lan)).status_code == 400
    assert (await central.post(f"{PAGE}/mo-lai", headers=PLAIN, page=True)).status_code == 303
    assert (await application.refresh(server, got["refresh_token"])).status_code == 400, "nothing old comes back to life"
    assert (await application.exchange(server, code)).status_code == 400
    assert (await application.exchange(server, answer_of(await application.authorize(lan))["code"])).status_code == 200


async def test_changing_keeps_the_secret_and_less_voids_tokens(central, lan, server):
    application = Application("hue-mot-cua", secret_of(await central.post(NEW, form=FORM | {"biet-unit": "1"}, page=True)))

    async def signed_in():
        return (await application.exchange(server, answer_of(await application.authorize(lan))["code"])).json()

    got = await signed_in()
    changed = await central.post(f"{PAGE}/sua", form=FORM | {"ten": "Một cửa điện tử", "biet-unit": "1"}, page=True)
    assert changed.headers["location"] == f"{PAGE}?xong=1" and "Đã lưu." in (await central.get(f"{PAGE}?xong=1", page=True)).text
    got = (await application.refresh(server, got["refresh_token"])).json()
    assert "access_token" in got, "a new name takes nothing away"
    await central.post(f"{PAGE}/sua", form=FORM, page=True)
    assert (await application.refresh(server, got["refresh_token"])).json()["error"] == "invalid_grant", "it learns less now"
    assert (await signed_in())["scope"] == "openid profile"
    await central.post(f"{PAGE}/sua", form={name: value for name, value in FORM.items() if name != "cua-mat-tran"}, page=True)
    assert (await application.authorize(lan)).status_code == 200, "no longer the Front's own: asks"
    assert '"before"' in (await acts("application.change"))[-1]


async def test_an_old_proof_is_renewed_and_the_form_sent_again(central):
    clock.freeze(clock.now() + timedelta(minutes=11))
    before = await contents()
    asked = await central.post(NEW, form=FORM, page=True)
    assert asked.status_code == 200 and "Xác minh lại" in asked.text and await contents() == before
    kept = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', asked.text))
    assert kept["viec"] == NEW and kept["nhan"] == FORM["nhan"]
    proved = await central.post("/tai-khoan/xac-minh", form=kept | {"xac-minh": PASSWORD}, page=True)
    assert (proved.status_code, proved.headers["location"]) == (307, NEW)
    assert secret_of(await central.post(NEW, form=FORM, page=True))
    clock.freeze(clock.now() + timedelta(minutes=11))
    for act in ("khoa-bi-mat", "sua", "mo-lai"):
        assert "Xác minh lại" in (await central.post(f"{PAGE}/{act}", form=FORM, page=True)).text
    refused = await central.post(f"{PAGE}/khoa-bi-mat", json_body={})
    assert refused.status_code == 403 and refused.json()["type"].endswith("proof_required")
    assert (await central.post(f"{PAGE}/ngung", headers=PLAIN, page=True)).status_code == 303, "to stop an application is never held up"


@pytest.mark.parametrize(
    "changed, fault",
    [
        ({"ma": "Hue"}, text.IDENTIFIER_RULE), ({"ma": "hu"}, text.IDENTIFIER_RULE), ({"ma": "hue mot cua"}, text.IDENTIFIER_RULE),
        ({"ma": "x" * 61}, text.IDENTIFIER_RULE), ({"ten": " "}, text.NAME_RULE), ({"nhan": " \r\n"}, text.REDIRECT_MISSING),
        ({"nhan": f"{REDIRECT}\r\nhttp://hue.example/nhan"}, text.ADDRESS_HTTP.format(address="http://hue.example/nhan")),
        ({"nhan": "https://hue.example/#x"}, text.ADDRESS_FRAGMENT.format(address="https://hue.example/#x")),
        ({"nhan": "\r\n".join(f"https://hue.example/{n}" for n in range(11))}, text.ADDRESS_MANY),
        ({"sau-dang-xuat": "htps://hue.example/"}, text.ADDRESS_SCHEME.format(address="htps://hue.example/")),
        ({"bao-het-phien": "https://a@hue.example/"}, text.ADDRESS_USER.format(address="https://a@hue.example/")),
        ({"bao-het-phien": "https://*.hue.example/"}, text.ADDRESS_WILDCARD.format(address="https://*.hue.example/")),
    ],
)
async def test_each_wrong_field_is_named_and_nothing_is_lost(central, changed, fault):
    before = await contents()
    page = await central.post(NEW, form=FORM | changed, page=True)
    assert page.status_code == 422 and fault in page.text and 'aria-invalid="true"' in page.text
    kept = {"ten": "Một cửa &lt;Huế&gt;", "sau-dang-xuat": "https://hue.example/tam-biet"}
    assert all(words in page.text for name, words in kept.items() if name not in changed)
    assert await contents() == before


async def test_a_name_is_taken_once(central):
    secret_of(await central.post(NEW, form=FORM, page=True))
    again = await central.post(NEW, form=FORM, page=True)
    assert again.status_code == 422 and text.IDENTIFIER_TAKEN in again.text
    with pytest.raises(Conflict):
        await make_application()


async def test_programs_get_json(central):
    made = await central.post(NEW, json_body={**FORM, "loai": "cong-khai"})
    assert (made.status_code, made.json()) == (201, {"client_id": "hue-mot-cua", "secret": ""})
    assert (await central.post(f"{PAGE}/khoa-bi-mat", json_body={})).status_code == 404, "a public application has none"
    for odd in ({}, {"ma": 5}, {"ma": ["hue-2"]}, {"nhan": {"a": 1}}):
        refused = await central.post(NEW, json_body=odd)
        assert refused.status_code == 422 and refused.json()["fields"]
    assert (await central.post(f"{PAGE}/sua", json_body=FORM)).json() == {"next": PAGE}


@pytest.mark.parametrize("name", ["khong-co", "%00", "x" * 2_000, "a%2Fb", "é"])
async def test_what_does_not_exist(central, name):
    before = await contents()
    for path in (f"/tai-khoan/ung-dung/{name}", f"/tai-khoan/ung-dung/{name}/sua"):
        assert (await central.get(path)).status_code in (404, 200) and "client_id" not in (await central.get(path)).text
    for act in ("khoa-bi-mat", "ngung", "mo-lai", "sua"):
        assert (await central.post(f"/tai-khoan/ung-dung/{name}/{act}", form=FORM)).status_code in (404, 405, 422)
    assert await contents() == before


@pytest.mark.parametrize("unit, role", [("46", "administrator"), ("vn", "handler"), ("vn", "approver"), ("19774", "administrator")])
async def test_only_central_administrators(app, units, unit, role):
    await make_application()
    await make_officer("minh", units[unit], role=role)
    browser = Browser(app)
    await browser.post("/dang-nhap/can-bo", json_body={"user_name": "minh", "password": PASSWORD})
    _, actor = await sign_in("minh")
    before = await contents()
    for path in ("/tai-khoan/ung-dung", NEW, PAGE, f"{PAGE}/sua"):
        assert (await browser.get(path)).status_code == 403
    for path in (NEW, *(f"{PAGE}/{act}" for act in ("khoa-bi-mat", "ngung", "mo-lai", "sua"))):
        assert (await browser.post(path, form=FORM)).status_code == 403
    calls = (
        lambda: applications.renew_secret(actor, "hue-mot-cua"), lambda: applications.disable_application(actor, "hue-mot-cua"),
        lambda: applications.list_applications(actor), lambda: applications.get_application(actor, "hue-mot-cua"),
        lambda: applications.register_application(actor, client_id="moi", name="Mới", redirect_uris=[REDIRECT]),
    )
    for call in calls:
        with pytest.raises(Forbidden):
            await call()
    assert await contents() == before


async def test_the_list_goes_on_after_a_page(central, units):
    async with db.transaction() as session:
        for number in range(51):
            await session.execute(
                sql("INSERT INTO oauth_client (client_id, name, redirect_uris, created_at) VALUES (:id, :id, '{https://a.vn}', :now)"),
                {"id": f"so-{number:03}", "now": clock.now()},
            )
    first = (await central.get("/tai-khoan/ung-dung", page=True)).text
    assert 'href="/tai-khoan/ung-dung?sau=so-049"' in first and "so-050" not in first
    assert "so-050" in (await central.get("/tai-khoan/ung-dung?sau=so-049", page=True)).text


async def test_words_from_outside_are_judged_again_in_the_service(units):
    with pytest.raises(InvalidInput) as refused:
        await applications.register_application(SYSTEM, client_id="a", name="", redirect_uris=[], scopes=["openid", "admin"])
    assert set(refused.value.fields) == {"client_id", "name", "redirect_uris", "scopes"}
    with pytest.raises(NotFound):
        await applications.disable_application(SYSTEM, "a\0")


async def test_the_proof_is_asked_for_in_the_service_too(central, units):
    await make_application()
    _, actor = await sign_in("quantri")
    clock.freeze(clock.now() + timedelta(minutes=11))
    with pytest.raises(ProofRequired):
        await applications.renew_secret(actor, "hue-mot-cua")


VERBS = {
    "application.register": lambda: make_application("khac"),
    "application.change": lambda: applications.change_application(
        SYSTEM, "hue-mot-cua", name="Khác", redirect_uris=[REDIRECT], post_logout_redirect_uris=[], backchannel_logout_uri="",
        is_own=False, scopes=["openid"],
    ),
    "application.renew_secret": lambda: applications.renew_secret(SYSTEM, "hue-mot-cua"),
    "application.disable": lambda: applications.disable_application(SYSTEM, "hue-mot-cua"),
    "application.enable": lambda: applications.enable_application(SYSTEM, "hue-mot-cua"),
}


@pytest.mark.parametrize("action", VERBS)
async def test_each_act_and_its_audit_row_stand_and_fall_together(lan, server, hue, monkeypatch, action):
    assert (await hue.exchange(server, answer_of(await hue.authorize(lan))["code"])).status_code == 200  # tokens to be lost
    before = await contents()

    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no audit row can be written")

    with monkeypatch.context() as broken:
        broken.setattr(audit, "record", fail)
        with pytest.raises(RuntimeError):
            await VERBS[action]()
    assert await contents() == before
    await VERBS[action]()
    assert len(await acts(action)) == (2 if action == "application.register" else 1)
