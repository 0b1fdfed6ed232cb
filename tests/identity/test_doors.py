"""The HTTP layer and the doors of sign-in: cookies, origins, hosts, forms without script, and what a broken request gets."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from starlette.responses import HTMLResponse, JSONResponse

from mattranso_app.core import clock, disk
from mattranso_app.core.access import current_actor
from mattranso_app.core.errors import Unavailable
from mattranso_app.core.http import router
from mattranso_app.identity import text, throttle
from mattranso_app.identity.web import client_address, identified
from mattranso_app.settings import settings
from tests.identity.browser import Browser
from tests.identity.factories import PASSWORD, make_officer, newest_code

PHONE = "0912345678"


async def pages(scope, receive, send):
    """What would be Reflex: a page for each address, and one that says who is seen."""
    if scope["path"] == "/ai":
        actor = current_actor()
        answer = JSONResponse({"kind": actor.kind, "address": actor.address, "client": scope["client"][0]})
    else:
        answer = HTMLResponse("<h1>Trang</h1>")
    await answer(scope, receive, send)


@pytest.fixture
def app():
    return identified(router(pages))


@pytest.fixture
def lan(app):
    return Browser(app)


@pytest.fixture
def setting(monkeypatch):
    """Change settings for one test."""
    return lambda **values: [monkeypatch.setattr(settings(), name, value) for name, value in values.items()]


async def signed_in(browser: Browser, name: str = "lan") -> Browser:
    answer = await browser.post("/dang-nhap/can-bo", json_body={"user_name": name, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return browser


async def test_a_form_signs_an_officer_in_without_script(units, lan):
    await make_officer("lan", units["19774"])
    answer = await lan.post(
        "/dang-nhap/can-bo", form={"user_name": "lan", "password": PASSWORD, "website": ""},
        headers={"referer": "http://localhost:8000/dang-nhap?tiep=%2Fphan-anh%2Fban-lam-viec"}, page=True,
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/phan-anh/ban-lam-viec")
    me = (await lan.get("/api/v1/me")).json()
    assert (me["kind"], me["unit"]["name"], me["roles"][0]["role"]) == ("officer", "Phường Phú Xuân", "handler")


async def test_the_session_cookie_is_out_of_reach_of_scripts(units, lan, setting):
    await make_officer("lan", units["19774"])
    answer = await lan.post("/dang-nhap/can-bo", json_body={"user_name": "lan", "password": PASSWORD})
    session = next(line for line in answer.headers.get_list("set-cookie") if line.startswith("mts_session="))
    assert "HttpOnly" in session and "SameSite=Lax" in session and "Path=/" in session and "Domain" not in session
    assert answer.headers["cache-control"] == "no-store"
    setting(trusted_proxy_hops=1)
    answer = await lan.post("/dang-nhap/can-bo", json_body={"user_name": "lan", "password": PASSWORD})
    cookies = answer.headers.get_list("set-cookie")
    assert any(re.match(r"__Host-mts_session=\S+; Path=/; HttpOnly; SameSite=Lax; Secure$", line) for line in cookies)


async def test_signing_in_makes_a_new_session_and_ends_the_one_before(units, lan):
    await make_officer("lan", units["19774"])
    planted = "A" * 43
    lan.cookies["mts_session"] = planted
    await signed_in(lan)
    first = lan.cookies["mts_session"]
    assert first != planted
    await signed_in(lan)
    assert lan.cookies["mts_session"] != first
    assert (await Browser(lan.app, cookies={"mts_session": first}).get("/api/v1/me")).json()["kind"] == "anonymous"
    assert (await Browser(lan.app, cookies={"mts_session": planted}).get("/api/v1/me")).json()["kind"] == "anonymous"


async def test_failures_go_back_to_the_page_with_a_code(units, lan):
    await make_officer("lan", units["19774"])
    form = {"user_name": "lan", "password": "sai", "tiep": "/phan-anh"}
    answer = await lan.post("/dang-nhap/can-bo", form=form, page=True)
    assert (answer.status_code, answer.headers["location"]) == (303, "/dang-nhap?loi=sai&tiep=%2Fphan-anh#can-bo-sai")
    unknown = await lan.post("/dang-nhap/can-bo", form={**form, "user_name": "khong.co"}, page=True)
    assert unknown.headers["location"] == answer.headers["location"]
    problem = await lan.post("/dang-nhap/can-bo", json_body={"user_name": "lan", "password": "sai"})
    assert (problem.status_code, problem.json()["detail"]) == (422, text.SIGN_IN_REFUSED)
    assert "mts_session" not in lan.cookies


async def test_a_citizen_signs_in_by_code_without_script(units, lan):
    answer = await lan.post("/dang-nhap/ma", form={"target": PHONE, "tiep": "/phan-anh/gui", "website": ""}, page=True)
    assert answer.headers["location"] == "/dang-nhap/ma?tiep=%2Fphan-anh%2Fgui"
    answer = await lan.post(
        "/dang-nhap/xac-nhan", form={"code": await newest_code()}, page=True,
        headers={"referer": "http://localhost:8000/dang-nhap/ma?tiep=%2Fphan-anh%2Fgui"},
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/phan-anh/gui")
    assert "mts_challenge" not in lan.cookies
    assert (await lan.get("/api/v1/me")).json()["kind"] == "citizen"


async def test_programs_that_fill_in_the_trap_get_nothing(units, lan):
    answer = await lan.post("/dang-nhap/ma", form={"target": PHONE, "website": "http://x"}, page=True)
    assert answer.headers["location"].startswith("/dang-nhap?loi=sai")
    assert "mts_challenge" not in lan.cookies


async def test_signing_out_ends_the_session_and_the_cookie(units, lan):
    await make_officer("lan", units["19774"])
    await signed_in(lan)
    token = lan.cookies["mts_session"]
    answer = await lan.post("/dang-xuat", form={"x": "1"}, page=True)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "mts_session" not in lan.cookies
    assert (await Browser(lan.app, cookies={"mts_session": token}).get("/api/v1/me")).json()["kind"] == "anonymous"


@pytest.mark.parametrize("wanted", [
    "//xau.example", "/\\xau.example", "https://xau.example", "javascript:alert(1)", "/\t/xau.example", "/\n", "\\\\xau", "",
    "/dang-nhap?tiep=/x", "/dang-xuat", "/api/v1/me", "/" + "a" * 600, "xau.example",
])
async def test_the_way_on_never_leaves_the_site(units, lan, wanted):
    await make_officer("lan", units["19774"])
    answer = await lan.post("/dang-nhap/can-bo", form={"user_name": "lan", "password": PASSWORD, "tiep": wanted}, page=True)
    assert answer.status_code == 303 and "xau" not in answer.headers["location"]
    assert answer.headers["location"] in ("/", "/dang-nhap?loi=sai#can-bo-sai")  # over-long fields are refused as such


@pytest.mark.parametrize("headers", [
    {"origin": "https://xau.example"}, {"origin": "null"}, {"origin": "http://localhost:8001"}, {"origin": "https://localhost:8000"},
    {"origin": "", "sec-fetch-site": "cross-site"}, {"origin": "", "sec-fetch-site": "same-site"},
    {"origin": "", "referer": "https://xau.example/x"}, {"origin": "", "referer": "http://["}, {"origin": ""},
])
async def test_a_foreign_origin_cannot_act(units, lan, headers):
    await make_officer("lan", units["19774"])
    await signed_in(lan)
    answer = await lan.post("/dang-xuat", json_body={}, headers=headers)
    assert (answer.status_code, answer.json()["detail"]) == (403, text.FOREIGN_ORIGIN)
    assert (await lan.get("/api/v1/me")).json()["kind"] == "officer"


@pytest.mark.parametrize("headers", [
    {}, {"origin": "http://127.0.0.1:8000"}, {"origin": "", "sec-fetch-site": "same-origin"}, {"origin": "", "referer": "http://localhost:8000/x"},
])
async def test_our_own_pages_can(units, lan, headers):
    await make_officer("lan", units["19774"])
    await signed_in(lan)
    assert (await lan.post("/dang-xuat", json_body={}, headers=headers)).status_code == 200


@pytest.mark.parametrize("host", ["xau.example", "localhost:8001", "", "[", "localhost:8000.xau.example"])
async def test_a_foreign_host_name_is_refused(db, lan, host):
    answer = await lan.get("/", headers={"host": host})
    assert (answer.status_code, answer.json()["detail"]) == (400, text.FOREIGN_HOST)


@pytest.mark.parametrize("cookie", [
    "mts_session", "mts_session=", "mts_session=" + "A" * 43, "mts_session=" + "é" * 43, "=;;;=", "mts_session=\"", "x" * 9000,
    "mts_session=" + "A" * 43 + "; mts_session=B", "mts_session=%00", "; ".join(f"c{i}=1" for i in range(300)),
])
async def test_broken_cookies_are_nobodys(db, lan, cookie):
    answer = await lan.get("/api/v1/me", headers={"cookie": cookie})
    assert (answer.status_code, answer.json()["kind"]) == (200, "anonymous")


async def test_a_visitor_gets_a_cookie_with_the_first_page_only(db, lan):
    answer = await lan.get("/", page=True)
    first = lan.cookies["mts_visitor"]
    assert len(first) == 22 and "HttpOnly" in answer.headers["set-cookie"] and "Max-Age" not in answer.headers["set-cookie"]
    assert "set-cookie" not in (await lan.get("/phan-anh", page=True)).headers
    assert "set-cookie" not in (await Browser(lan.app).get("/api/v1/me")).headers
    lan.cookies["mts_visitor"] = "; xấu".encode().decode("latin-1")
    await lan.get("/", page=True)
    assert len(lan.cookies["mts_visitor"]) == 22


async def test_the_address_is_the_clients_only_as_far_as_our_proxies_say(db, lan, setting):
    forwarded = {"x-forwarded-for": "6.6.6.6, 203.0.113.7"}
    seen = (await lan.get("/ai", headers=forwarded)).json()
    assert seen["address"] == seen["client"] == "10.0.0.1"
    setting(trusted_proxy_hops=1)
    seen = (await lan.get("/ai", headers=forwarded)).json()
    assert seen["address"] == seen["client"] == "203.0.113.7"
    setting(trusted_proxy_hops=2)
    assert (await lan.get("/ai", headers=forwarded)).json()["address"] == "6.6.6.6"
    assert (await lan.get("/ai", headers={"x-forwarded-for": "6.6.6.6"})).json()["address"] == "10.0.0.1"  # not through both


async def test_a_line_the_proxy_adds_below_the_callers_own_counts_last(db, lan, setting):
    """Some proxies do not append to the header but add one: the caller's must not be taken for theirs."""
    setting(trusted_proxy_hops=1)
    lines = [(b"x-forwarded-for", b"6.6.6.6"), (b"x-forwarded-for", b"203.0.113.7")]
    assert client_address({"headers": lines, "client": ("10.0.0.1", 1)}) == "203.0.113.7"


async def test_idling_ends_a_session_and_pages_keep_it_alive_but_polling_does_not(units, lan):
    await make_officer("lan", units["19774"])
    start = clock.now()
    clock.freeze(start)
    await signed_in(lan)

    async def kind_at(minutes: float, path: str = "/api/v1/me", page: bool = False) -> str:
        clock.freeze(start + timedelta(minutes=minutes))
        await lan.get(path, page=page)
        return (await lan.get("/api/v1/me")).json()["kind"]

    assert await kind_at(14) == "officer"
    assert await kind_at(14.5, "/phan-anh", page=True) == "officer"
    assert await kind_at(29) == "officer"
    assert await kind_at(29.6) == "anonymous"


async def test_who_reads_is_not_refused_because_nothing_can_be_written(units, lan, monkeypatch):
    await make_officer("lan", units["19774"])
    start = clock.now()
    clock.freeze(start)
    await signed_in(lan)

    def full() -> None:
        raise Unavailable()

    monkeypatch.setattr(disk, "check_room_for_database", full)
    clock.freeze(start + timedelta(minutes=10))
    assert (await lan.get("/phan-anh", page=True)).status_code == 200
    assert (await lan.get("/api/v1/me")).json()["kind"] == "officer"
    clock.freeze(start + timedelta(minutes=15, seconds=1))
    assert (await lan.get("/api/v1/me")).json()["kind"] == "anonymous"


async def test_continue_moves_the_deadline_at_once(units, lan):
    await make_officer("lan", units["19774"])
    start = clock.now()
    clock.freeze(start)
    await signed_in(lan)
    clock.freeze(start + timedelta(seconds=30))
    answer = await lan.post("/api/v1/me/tiep-tuc", json_body={})
    assert answer.json()["idle_until"] == (start + timedelta(minutes=15, seconds=30)).isoformat()
    assert (await Browser(lan.app).post("/api/v1/me/tiep-tuc", json_body={})).status_code == 401


async def test_no_session_outlives_its_absolute_end(units, lan):
    await make_officer("lan", units["19774"])
    start = clock.now()
    clock.freeze(start)
    await signed_in(lan)
    for minute in range(10, 12 * 60, 10):
        clock.freeze(start + timedelta(minutes=minute))
        await lan.post("/api/v1/me/tiep-tuc", json_body={})
    assert (await lan.get("/api/v1/me")).json()["kind"] == "officer"
    clock.freeze(start + timedelta(hours=12, seconds=1))
    assert (await lan.get("/api/v1/me")).json()["kind"] == "anonymous"


async def test_a_form_sent_after_the_session_ended_leads_to_the_sign_in_page(units, lan):
    form = {"old_password": "a", "new_password": "b"}
    answer = await lan.post("/tai-khoan/mat-khau", form=form, page=True, headers={"referer": "http://localhost:8000/tai-khoan?x=1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/dang-nhap?loi=het-phien&tiep=%2Ftai-khoan#het-phien")
    assert (await lan.post("/tai-khoan/mat-khau", json_body=form)).status_code == 401


async def test_sessions_are_ended_by_their_owner_over_http(units, lan):
    await make_officer("lan", units["19774"])
    await signed_in(lan)
    other = await signed_in(Browser(lan.app, address="10.0.0.2"))
    stranger = Browser(lan.app)
    await make_officer("minh", units["19774"])
    await signed_in(stranger, "minh")
    from mattranso_app.identity import service

    found = await service.authenticate(other.cookies["mts_session"], "")
    path = f"/api/v1/sessions/{found.id}/end"
    assert (await stranger.post(path, json_body={})).status_code == 404
    assert (await Browser(lan.app).post(path, json_body={})).status_code == 401
    assert (await lan.post("/api/v1/sessions/khong-phai-ma/end", json_body={})).status_code == 404
    assert (await lan.post(path, json_body={})).status_code == 200
    assert (await other.get("/api/v1/me")).json()["kind"] == "anonymous"
    again = await signed_in(Browser(lan.app))
    assert (await lan.post("/api/v1/sessions/end-others", json_body={})).status_code == 200
    assert (await again.get("/api/v1/me")).json()["kind"] == "anonymous"
    assert (await lan.get("/api/v1/me")).json()["kind"] == "officer"


@pytest.mark.parametrize(("path", "body", "headers", "status"), [
    ("/dang-nhap/can-bo", b"{", {"content-type": "application/json"}, 400),
    ("/dang-nhap/can-bo", b"[]", {"content-type": "application/json"}, 400),
    ("/dang-nhap/can-bo", b"[" * 9000, {"content-type": "application/json"}, 400),
    ("/dang-nhap/can-bo", b'{"user_name": 7, "password": ["x"]}', {"content-type": "application/json"}, 422),
    ("/dang-nhap/can-bo", b'{"user_name": "\\ud800\\u0000", "password": "\\ud800"}', {"content-type": "application/json"}, 422),
    ("/dang-nhap/can-bo", b"x" * 20000, {"content-type": "application/x-www-form-urlencoded"}, 413),
    ("/dang-nhap/can-bo", b"\xff\xfe=1", {"content-type": "application/x-www-form-urlencoded"}, 400),
    ("/dang-nhap/can-bo", b"<x/>", {"content-type": "text/xml"}, 415),
    ("/dang-nhap/ma", b'{"target": "\\u0000"}', {"content-type": "application/json"}, 422),
    ("/dang-nhap/xac-nhan", b'{"code": "1", "challenge": "x"}', {"content-type": "application/json"}, 422),
    ("/dang-nhap/xac-nhan", b'{"code": ""}', {"content-type": "application/json"}, 422),
])
async def test_broken_bodies_are_answered_in_plain_words(db, lan, path, body, headers, status):
    import httpx

    transport = httpx.ASGITransport(lan.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        answer = await client.post(path, content=body, headers={"origin": "http://localhost:8000", **headers})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["detail"]


async def test_too_many_attempts_say_when_to_come_back(units, lan):
    for _ in range(throttle.PASSWORD_PER_ACCOUNT.count):
        await lan.post("/dang-nhap/can-bo", json_body={"user_name": "lan", "password": "x"})
    answer = await lan.post("/dang-nhap/can-bo", json_body={"user_name": "lan", "password": "x"})
    assert answer.status_code == 429 and 0 < int(answer.headers["retry-after"]) <= 901
    answer = await lan.post("/dang-nhap/can-bo", form={"user_name": "lan", "password": "x"}, page=True)
    assert answer.headers["location"] == "/dang-nhap?loi=cho#can-bo-cho"
