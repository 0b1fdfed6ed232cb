"""The doors of the second step: forms without a script, cookies, what a proof lets go on, and who reaches which page."""

from __future__ import annotations

import re

import pytest

from mattranso_app.core import clock, db
from mattranso_app.core.http import router
from mattranso_app.identity import service, text
from mattranso_app.identity.factors import endpoints
from mattranso_app.identity.web import identified
from mattranso_app.settings import settings
from tests.identity.authenticator import App, enrol, wait
from tests.identity.browser import Browser
from tests.identity.factories import PASSWORD, make_officer, sign_in
from tests.identity.test_doors import pages

FORM = {"content-type": "application/x-www-form-urlencoded"}
assert endpoints


@pytest.fixture
def lan() -> Browser:
    clock.freeze(clock.now())
    return Browser(identified(router(pages)))


async def password(browser: Browser, name: str = "lan", following: str = "") -> str:
    """Send the first step's form; return where it leads."""
    answer = await browser.post(
        "/dang-nhap/can-bo", form={"user_name": name, "password": PASSWORD, "tiep": following, "website": ""}, page=True
    )
    assert answer.status_code == 303
    return answer.headers["location"]


async def test_two_steps_without_a_script(units, lan: Browser) -> None:
    await make_officer("lan", units["19774"])
    app, _, _ = await enrol((await sign_in("lan"))[1])
    assert await password(lan, following="/phan-anh/ban-lam-viec") == "/dang-nhap/buoc-hai?tiep=%2Fphan-anh%2Fban-lam-viec"
    assert "mts_step" in lan.cookies and "mts_session" not in lan.cookies
    page = await lan.get("/dang-nhap/buoc-hai?tiep=%2Fphan-anh%2Fban-lam-viec", page=True)
    assert page.status_code == 200 and page.headers["cache-control"] == "no-store" and "<script" not in page.text
    wrong = await lan.post("/dang-nhap/buoc-hai", form={"code": "12", "tiep": "/phan-anh/ban-lam-viec"}, page=True)
    assert wrong.status_code == 422 and text.PROOF_REFUSED in wrong.text and 'value="/phan-anh/ban-lam-viec"' in wrong.text
    done = await lan.post("/dang-nhap/buoc-hai", form={"code": app.code(), "tiep": "/phan-anh/ban-lam-viec"}, page=True)
    assert (done.status_code, done.headers["location"]) == (303, "/phan-anh/ban-lam-viec")
    assert "mts_step" not in lan.cookies and (await lan.get("/api/v1/me")).json()["kind"] == "officer"


async def test_a_link_opened_in_another_browser_begins_anew(units, lan: Browser) -> None:
    await make_officer("lan", units["19774"])
    app, _, _ = await enrol((await sign_in("lan"))[1])
    await password(lan)
    zalo = Browser(lan.app)
    page = await zalo.get("/dang-nhap/buoc-hai", page=True)
    assert page.status_code == 422 and text.STEP_GONE in page.text and 'href="/dang-nhap"' in page.text and "<form" not in page.text
    refused = await zalo.post("/dang-nhap/buoc-hai", form={"code": app.code()}, page=True)
    assert refused.status_code == 422 and text.STEP_GONE in refused.text and "mts_session" not in zalo.cookies
    assert (await lan.post("/dang-nhap/buoc-hai", form={"code": app.code()}, page=True)).status_code == 303


async def test_programs_get_json(units, lan: Browser) -> None:
    await make_officer("lan", units["19774"])
    app, _, _ = await enrol((await sign_in("lan"))[1])
    answer = await lan.post("/dang-nhap/can-bo", json_body={"user_name": "lan", "password": PASSWORD})
    assert answer.json() == {"second_step": True, "next": "/dang-nhap/buoc-hai"}
    refused = await lan.post("/dang-nhap/buoc-hai", json_body={"code": "1"})
    assert refused.status_code == 422 and refused.json()["fields"] == {"code": text.PROOF_REFUSED}
    for odd in ({"code": 5}, {"code": None}, {}, {"code": "9" * 5000}, {"code": app.code(), "tiep": ["/x"]}):
        answer = await lan.post("/dang-nhap/buoc-hai", json_body=odd)
    assert (answer.status_code, answer.json()) == (422, answer.json()), "five guesses are over"
    await lan.post("/dang-nhap/can-bo", json_body={"user_name": "lan", "password": PASSWORD})
    assert (await lan.post("/dang-nhap/buoc-hai", json_body={"code": app.code()})).json() == {"next": "/"}


async def test_setting_up_by_forms_and_the_codes_are_shown_once(units, lan: Browser) -> None:
    await make_officer("lan", units["19774"])
    await password(lan)
    assert text.TOTP not in (await lan.get("/tai-khoan/bao-mat", page=True)).text
    begun = await lan.post("/tai-khoan/bao-mat/them", headers=FORM, page=True)
    assert begun.headers["location"] == "/tai-khoan/bao-mat/them"
    page = (await lan.get("/tai-khoan/bao-mat/them", page=True)).text
    assert "<svg" in page and "<script" not in page
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page).group(1).replace(" ", "")  # type: ignore[union-attr]
    wrong = await lan.post("/tai-khoan/bao-mat/xac-nhan", form={"code": "1", "ten": "Máy <b>"}, page=True)
    assert wrong.status_code == 422 and secret[:4] in wrong.text and "Máy &lt;b&gt;" in wrong.text
    old = lan.cookies["mts_session"]
    shown = await lan.post("/tai-khoan/bao-mat/xac-nhan", form={"code": App(secret).code(), "ten": "Máy <b>"}, page=True)
    codes = re.findall(r'class="secret">([0-9A-Z-]{11})<', shown.text)
    assert len(codes) == 10 and shown.headers["cache-control"] == "no-store" and lan.cookies["mts_session"] != old
    again = await lan.post("/tai-khoan/bao-mat/xac-nhan", form={"code": App(secret).code(), "ten": ""}, page=True)
    assert text.NOTHING_PENDING in again.text and codes[0] not in again.text
    page = (await lan.get("/tai-khoan/bao-mat", page=True)).text
    assert "Máy &lt;b&gt;" in page and codes[0] not in page


async def test_an_act_that_needs_a_proof_goes_on_after_it_with_nothing_lost(units, lan: Browser) -> None:
    await make_officer("lan", units["19774"])
    await password(lan)
    await lan.post("/tai-khoan/bao-mat/them", headers=FORM, page=True)
    page = (await lan.get("/tai-khoan/bao-mat/them", page=True)).text
    app = App(re.search(r'class="secret">([A-Z2-7 ]+)<', page).group(1).replace(" ", ""))  # type: ignore[union-attr]
    await lan.post("/tai-khoan/bao-mat/xac-nhan", form={"code": app.code(), "ten": "Một"}, page=True)
    wait(11 * 60)
    asked = await lan.post("/tai-khoan/bao-mat/ma-du-phong", headers=FORM, form={"ghi-chu": 'a"b'}, page=True)
    assert asked.status_code == 200 and 'name="viec" value="/tai-khoan/bao-mat/ma-du-phong"' in asked.text
    assert 'name="ghi-chu" value="a&#34;b"' in asked.text
    fields = {"viec": "/tai-khoan/bao-mat/ma-du-phong", "ghi-chu": 'a"b'}
    wrong = await lan.post("/tai-khoan/xac-minh", form={**fields, "xac-minh": "x"}, page=True)
    assert wrong.status_code == 422 and 'name="ghi-chu" value="a&#34;b"' in wrong.text and 'value="x"' not in wrong.text
    gone_on = await lan.post("/tai-khoan/xac-minh", form={**fields, "xac-minh": app.code()}, page=True)
    assert (gone_on.status_code, gone_on.headers["location"]) == (307, "/tai-khoan/bao-mat/ma-du-phong")
    done = await lan.post("/tai-khoan/bao-mat/ma-du-phong", form={**fields, "xac-minh": "used"}, page=True)
    assert len(re.findall(r'class="secret">', done.text)) == 10


@pytest.mark.parametrize("act", ["https://xau.vn/", "//xau.vn", "/tai-khoan/bao-mat/../x\\", "/dang-xuat", "/tai-khoan/mat-khau"])
async def test_a_proof_leads_to_acts_of_ours_only(units, lan: Browser, act: str) -> None:
    await make_officer("lan", units["19774"])
    await password(lan)
    answer = await lan.post("/tai-khoan/xac-minh", form={"viec": act, "xac-minh": PASSWORD}, page=True)
    assert answer.status_code == 200 and "location" not in answer.headers


async def test_without_the_factor_they_reach_the_page_that_sets_it_up(units, lan: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "second_factor", "required")
    await make_officer("lan", units["19774"], "approver")
    await password(lan)
    for path in ("/", "/phan-anh/ban-lam-viec", "/tai-khoan", "/oauth/authorize?client_id=x"):
        answer = await lan.get(path, page=True)
        assert (answer.status_code, answer.headers["location"]) == (303, "/tai-khoan/bao-mat")
    assert (await lan.get("/tai-khoan/bao-mat", page=True)).status_code == 200
    assert (await lan.get("/api/v1/me")).json()["roles"] == []
    await lan.post("/tai-khoan/bao-mat/them", headers=FORM, page=True)
    page = (await lan.get("/tai-khoan/bao-mat/them", page=True)).text
    app = App(re.search(r'class="secret">([A-Z2-7 ]+)<', page).group(1).replace(" ", ""))  # type: ignore[union-attr]
    await lan.post("/tai-khoan/bao-mat/xac-nhan", form={"code": app.code()}, page=True)
    assert (await lan.get("/phan-anh/ban-lam-viec", page=True)).status_code == 200
    assert [role["role"] for role in (await lan.get("/api/v1/me")).json()["roles"]] == ["approver"]


async def test_they_may_sign_out_again(units, lan: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "second_factor", "required")
    await make_officer("lan", units["19774"], "approver")
    await password(lan)
    assert (await lan.post("/dang-xuat", headers=FORM, page=True)).headers["location"] == "/"
    assert "mts_session" not in lan.cookies


async def test_the_look_up_before_everything_stays_one_statement(units, lan: Browser) -> None:
    await make_officer("lan", units["19774"])
    token, _ = await sign_in("lan")
    seen: list[str] = []
    stop = db.count_statements(seen)
    try:
        await service.authenticate(token, "10.0.0.1")
        assert len(seen) == 1
        seen.clear()
        lan.cookies["mts_session"] = token
        await lan.get("/tai-khoan/bao-mat", page=True)
        assert len(seen) <= 3, seen
    finally:
        stop()
