"""The doors of passkeys: pages that work without a script, cookies, forms the script has filled in, programs that send JSON."""

from __future__ import annotations

import json

import pytest

from mattranso_app.core import clock
from mattranso_app.core.http import router
from mattranso_app.identity import text
from mattranso_app.identity.factors import passkey_endpoints
from mattranso_app.identity.factors import text as words
from mattranso_app.identity.web import identified
from mattranso_app.settings import settings
from tests.identity.authenticator import wait
from tests.identity.browser import Browser
from tests.identity.factories import make_officer
from tests.identity.soft_authenticator import Authenticator
from tests.identity.test_doors import pages
from tests.identity.test_second_factor_doors import FORM, password

ADD, SECURITY = passkey_endpoints.ADD, passkey_endpoints.SECURITY


@pytest.fixture
def lan() -> Browser:
    clock.freeze(clock.now())
    return Browser(identified(router(pages)))


async def with_passkey(browser: Browser, units: dict[str, int], role: str = "handler") -> Authenticator:
    """Make the officer `lan`, signed in, with a passkey."""
    await make_officer("lan", units["19774"], role)
    await password(browser)
    made = Authenticator()
    answer = made.make((await browser.post(f"{ADD}/thach-thuc", json_body={})).json())
    shown = await browser.post(ADD, form={"passkey": answer, "ten": "Máy <b>"}, page=True)
    assert shown.status_code == 200 and words.CODES_TITLE in shown.text and shown.headers["cache-control"] == "no-store"
    return made


async def test_pages_say_what_to_do_where_passkeys_do_not_work(units, lan: Browser) -> None:
    page = await lan.get("/dang-nhap/passkey?tiep=/phan-anh", page=True)
    assert page.status_code == 200 and words.NO_PASSKEYS_HERE in page.text and 'value="/phan-anh"' in page.text
    assert 'data-passkey="get"' in page.text and "hidden>" in page.text and "<script type=\"module\" src=\"/ui/passkey.js\">" in page.text
    assert "tiep=/phan-anh" in page.text and "data-starts" in page.text
    page = await lan.get("/dang-nhap/passkey?tiep=//xau.vn", page=True)
    assert "xau.vn" not in page.text


async def test_in_alone_and_by_the_second_step(units, lan: Browser) -> None:
    made = await with_passkey(lan, units)
    page = (await lan.get(SECURITY, page=True)).text
    assert "Máy &lt;b&gt;" in page
    phone = Browser(lan.app)
    options = (await phone.post("/dang-nhap/passkey/thach-thuc", json_body={})).json()
    assert options["rpId"] == "localhost" and options["userVerification"] == "required" and options["allowCredentials"] == []
    assert "mts_passkey" in phone.cookies
    done = await phone.post("/dang-nhap/passkey", form={"passkey": made.sign(options), "tiep": "/phan-anh/ban-lam-viec"}, page=True)
    assert (done.status_code, done.headers["location"]) == (303, "/phan-anh/ban-lam-viec")
    assert (await phone.get("/api/v1/me")).json()["kind"] == "officer" and "mts_passkey" not in phone.cookies

    desk = Browser(lan.app)
    await password(desk)
    page = (await desk.get("/dang-nhap/buoc-hai", page=True)).text
    assert words.STEP_PASSKEY in page and 'action="/dang-nhap/buoc-hai"' in page and words.ASK_RECOVERY in page
    wrong = await desk.post("/dang-nhap/buoc-hai", form={"passkey": "{}", "tiep": "/tim"}, page=True)
    assert wrong.status_code == 422 and text.PASSKEY_REFUSED in wrong.text and 'value="/tim"' in wrong.text
    options = (await desk.post("/dang-nhap/buoc-hai/passkey", json_body={})).json()
    done = await desk.post("/dang-nhap/buoc-hai", json_body={"passkey": json.loads(made.sign(options))})
    assert done.json() == {"next": "/"} and (await desk.get("/api/v1/me")).json()["kind"] == "officer"


async def test_an_answer_counts_in_the_browser_that_was_asked(units, lan: Browser) -> None:
    made = await with_passkey(lan, units)
    phone, thief = Browser(lan.app), Browser(lan.app)
    answer = made.sign((await phone.post("/dang-nhap/passkey/thach-thuc", json_body={})).json())
    await thief.post("/dang-nhap/passkey/thach-thuc", json_body={})
    refused = await thief.post("/dang-nhap/passkey", form={"passkey": answer}, page=True)
    assert refused.status_code == 422 and text.PASSKEY_LATE in refused.text and "data-starts" not in refused.text
    assert "mts_session" not in thief.cookies
    assert (await phone.post("/dang-nhap/passkey", form={"passkey": answer}, page=True)).status_code == 303


async def test_no_half_open_sign_in_no_options(units, lan: Browser) -> None:
    answer = await lan.post("/dang-nhap/buoc-hai/passkey", json_body={})
    assert answer.status_code == 422 and "step" in answer.json()["fields"]
    await make_officer("lan", units["19774"])
    await password(lan)
    assert (await lan.post("/tai-khoan/xac-minh/passkey", json_body={})).status_code == 404


async def test_an_act_goes_on_after_the_proof_of_a_passkey(units, lan: Browser) -> None:
    made = await with_passkey(lan, units)
    wait(601)
    asked = await lan.post(f"{ADD}/them", headers=FORM, page=True)
    assert words.PROVE["passkey"] in asked.text and f'name="viec" value="{ADD}/them"' in asked.text
    refused = await lan.post(f"{ADD}/thach-thuc", json_body={})
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:mattranso:error:proof_required")
    late = await lan.post(ADD, form={"passkey": "{}"}, page=True)
    assert late.headers["location"] == "/tai-khoan/xac-minh?tiep=%2Ftai-khoan%2Fbao-mat%2Fpasskey"
    options = (await lan.post("/tai-khoan/xac-minh/passkey", json_body={})).json()
    done = await lan.post("/tai-khoan/xac-minh", form={"passkey": made.sign(options), "viec": f"{ADD}/them"}, page=True)
    assert (done.status_code, done.headers["location"]) == (307, f"{ADD}/them")
    again = await lan.post(f"{ADD}/them", headers=FORM, page=True)
    assert (again.status_code, again.headers["location"]) == (303, ADD)


async def test_what_was_not_made_is_said_beside_the_button(units, lan: Browser) -> None:
    await make_officer("lan", units["19774"])
    await password(lan)
    refused = await lan.post(ADD, form={"passkey": "", "ten": "Máy"}, page=True)
    assert refused.status_code == 422 and text.PASSKEY_NOT_MADE in refused.text and 'value="Máy"' in refused.text
    assert (await lan.post(ADD, json_body={"passkey": ["x"]})).status_code == 422


async def test_approvers_without_a_factor_reach_the_page_that_makes_one(units, lan: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "second_factor", "required")
    await make_officer("lan", units["19774"], "approver")
    await password(lan)
    assert (await lan.get("/phan-anh/ban-lam-viec", page=True)).headers["location"] == SECURITY
    assert words.PASSKEY_WHAT in (await lan.get(ADD, page=True)).text
    await lan.post(ADD, json_body={"passkey": json.loads(Authenticator().make((await lan.post(f"{ADD}/thach-thuc", json_body={})).json()))})
    assert [role["role"] for role in (await lan.get("/api/v1/me")).json()["roles"]] == ["approver"]
