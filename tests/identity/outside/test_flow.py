"""What must work: the first time, the next times, linking after both are proved, levels, second factors, rotation, logout."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import text as sql

from mattranso_app.core import clock, db
from mattranso_app.identity import service
from mattranso_app.identity.endpoints import OWN_PETITIONS
from mattranso_app.identity.factors.endpoints import LINKS
from tests.identity.authenticator import App, wait
from tests.identity.browser import Browser
from tests.identity.factories import PASSWORD, make_officer, newest_code
from tests.identity.outside.conftest import configure
from tests.identity.outside.fake_provider import SECRET
from tests.identity.outside.way import acts, come_back, leave, me, new_account, rows, sign_in


async def by_code(browser: Browser, target: str = "0987 654 321", following: str = "") -> None:
    await browser.post("/dang-nhap/ma", form={"target": target}, page=True)
    answer = await browser.post("/dang-nhap/xac-nhan", form={"code": await newest_code(), "tiep": following}, page=True)
    assert answer.headers["location"] == (following or OWN_PETITIONS)


async def test_the_first_time_asks_and_the_next_ones_do_not(outside, browser):
    await new_account(browser, outside)
    assert (await me(browser))["name"] == "Nguyễn Thị Minh"
    assert await rows("person") == 1 and len(await acts("outside.create")) == 1

    again = Browser(browser.app)
    answer = await sign_in(again, outside, "/dang-nhap/vneid?tiep=/phan-anh/cua-toi")
    assert answer.headers["location"] == "/phan-anh/cua-toi"
    assert (await me(again))["kind"] == "citizen" and await rows("person") == 1


async def test_neither_subject_nor_number_is_kept_in_clear(outside, browser, caplog):
    caplog.set_level(logging.DEBUG)
    await new_account(browser, outside)
    for secret in ("001190123456", "nguoi-1", SECRET, "id_token=", "code="):
        assert not [record for record in caplog.records if secret in record.getMessage() and "vneid/callback" not in record.getMessage()]
    async with db.reading() as session:
        for table in ("outside_link", "outside_session", "outside_pending", "outside_seen", "audit_log", "person"):
            kept = str((await session.execute(sql(f"SELECT array_agg(t::text) FROM {table} t"))).scalar())
            assert "001190123456" not in kept and "nguoi-1" not in kept and b"001190123456".hex() not in kept, table
    page = await browser.get(LINKS, page=True)
    assert "•••• •••• 3456" in page.text and "001190123456" not in page.text


async def test_no_link_by_a_telephone_claim(outside, browser):
    await by_code(browser)
    outside.person |= {"phone_number": "+84987654321", "phone_number_verified": True, "email": "a@vidu.vn", "email_verified": True}
    other = Browser(browser.app)
    await new_account(other, outside)
    assert await rows("person") == 2


async def test_linking_after_signing_in_the_old_way(outside, browser):
    """Outside first, then the code to the account's telephone, then a yes: both are proved in one browser."""
    answer = await sign_in(browser, outside)
    assert answer.headers["location"] == "/dang-nhap/vneid/lan-dau"
    assert "/dang-nhap?tiep=/tai-khoan/lien-ket" in (await browser.get(answer.headers["location"], page=True)).text
    await by_code(browser, following=LINKS)
    assert "Liên kết với tài khoản này" in (await browser.get(LINKS, page=True)).text
    answer = await browser.post(f"{LINKS}/xac-nhan", form={"x": "1"}, page=True)
    assert answer.headers["location"] == LINKS and await rows("person") == 1
    other = Browser(browser.app)
    assert (await sign_in(other, outside)).headers["location"] == OWN_PETITIONS
    assert await rows("person") == 1 and len(await acts("outside.link")) == 1


async def test_linking_from_the_account_needs_a_fresh_proof_and_the_same_session(outside, browser, units):
    await make_officer("lan", units["19774"])
    await browser.post("/dang-nhap/can-bo", json_body={"user_name": "lan", "password": PASSWORD})
    wait(11 * 60)
    answer = await browser.post(f"{LINKS}/vneid/them", form={"x": "1"}, page=True)
    assert "Xác minh lại" in answer.text and await rows("outside_link") == 0
    proved = await browser.post("/tai-khoan/xac-minh", form={"xac-minh": PASSWORD, "viec": f"{LINKS}/vneid/them"}, page=True)
    assert (proved.status_code, proved.headers["location"]) == (307, f"{LINKS}/vneid/them")
    going = await browser.post(f"{LINKS}/vneid/them", form={"x": "1"}, page=True)
    address = going.text.partition('url=')[2].partition('"')[0].replace("&amp;", "&")
    query = outside.authorize(address)
    await service.end_all_others((await service.authenticate(browser.cookies["mts_session"], "")).actor)

    stranger = Browser(browser.app, cookies=dict(browser.cookies))
    await by_code(stranger)  # another person signs in between
    refused = await come_back(stranger, query)
    assert refused.status_code == 400 and "Phiên làm việc đã đổi" in refused.text and await rows("outside_link") == 0


async def test_an_officer_links_and_signs_in_with_it(outside, browser, units):
    await make_officer("lan", units["19774"])
    await browser.post("/dang-nhap/can-bo", json_body={"user_name": "lan", "password": PASSWORD})
    going = await browser.post(f"{LINKS}/vneid/them", form={"x": "1"}, page=True)
    address = going.text.partition('url=')[2].partition('"')[0].replace("&amp;", "&")
    assert (await come_back(browser, outside.authorize(address))).headers["location"] == LINKS
    other = Browser(browser.app)
    await sign_in(other, outside)
    assert (await me(other))["kind"] == "officer"
    again = await browser.post(f"{LINKS}/vneid/them", form={"x": "1"}, page=True)
    assert "đã liên kết với VNeID" in again.text


async def test_an_account_with_a_second_factor_is_asked_for_it(outside, browser, units):
    await make_officer("lan", units["19774"])
    await browser.post("/dang-nhap/can-bo", json_body={"user_name": "lan", "password": PASSWORD})
    going = await browser.post(f"{LINKS}/vneid/them", form={"x": "1"}, page=True)
    await come_back(browser, outside.authorize(going.text.partition('url=')[2].partition('"')[0].replace("&amp;", "&")))
    app = App((await browser.post("/tai-khoan/bao-mat/them", json_body={})).json()["secret"])
    await browser.post("/tai-khoan/bao-mat/xac-nhan", json_body={"code": app.code()})
    wait(60)

    other = Browser(browser.app)
    answer = await sign_in(other, outside)
    assert answer.headers["location"] == "/dang-nhap/buoc-hai" and (await me(other))["kind"] == "anonymous"
    await other.post("/dang-nhap/buoc-hai", form={"code": app.code()}, page=True)
    assert (await me(other))["kind"] == "officer"
    assert await logged_out(other, outside)  # the session is known to come from there although it opened later

    configure(outside, second_factor_acr=["level2"])
    third = Browser(browser.app)
    assert (await sign_in(third, outside)).headers["location"] == "/"
    assert "mfa" in await methods()


async def methods() -> list[str]:
    async with db.reading() as session:
        rows = await session.execute(sql("SELECT methods FROM sign_in_session ORDER BY created_at DESC LIMIT 1"))
        return list(rows.scalar_one())


async def test_acr_and_amr_become_our_words(outside, browser):
    outside.person["amr"] = ["face", "mfa", "lạ", 7]
    await new_account(browser, outside)
    assert await methods() == ["fed", "face"]  # what counts as a second factor, the provider does not decide


async def test_an_old_sign_in_there_is_no_fresh_proof_here(outside, browser):
    outside.faults["claims"] = {"auth_time": int(clock.now().timestamp()) - 590}
    await new_account(browser, outside)
    wait(60)
    answer = await browser.post(f"{LINKS}/vneid/go", form={"x": "1"}, page=True)
    assert "Xác minh lại" in answer.text


async def test_the_only_way_in_cannot_be_taken_away(outside, browser):
    await new_account(browser, outside)
    answer = await browser.post(f"{LINKS}/vneid/go", form={"x": "1"}, page=True)
    assert answer.status_code == 422 and "cách đăng nhập duy nhất" in answer.text and await rows("outside_link") == 1


async def test_taking_a_link_away_forgets_the_number(outside, browser):
    await sign_in(browser, outside)
    await by_code(browser)
    await browser.post(f"{LINKS}/xac-nhan", form={"x": "1"}, page=True)
    assert (await browser.post(f"{LINKS}/vneid/go", form={"x": "1"}, page=True)).headers["location"] == LINKS
    async with db.reading() as session:
        left = (await session.execute(sql("SELECT number_hash, number_cipher, removed_at FROM outside_link"))).one()
    assert left.number_hash is None and left.number_cipher is None and left.removed_at is not None
    other = Browser(browser.app)
    assert (await sign_in(other, outside)).headers["location"].endswith("/lan-dau")


async def test_the_same_number_under_a_new_subject_is_the_same_account(outside, browser):
    await new_account(browser, outside)
    outside.person["sub"] = "ten-moi"
    other = Browser(browser.app)
    assert (await sign_in(other, outside)).headers["location"] == OWN_PETITIONS
    assert await rows("person") == 1 and len(await acts("outside.new_subject")) == 1


@pytest.mark.parametrize("declared_first", [True, False])
async def test_a_number_that_was_only_declared_opens_nobodys_account(outside, browser, declared_first):
    """Below the level at which papers are looked at, anybody may have typed anybody's number."""
    outside.person["acr"] = "level1" if declared_first else "level2"
    await new_account(browser, outside)
    outside.person |= {"sub": "ke-khac", "acr": "level2" if declared_first else "level1"}
    await new_account(Browser(browser.app), outside)
    assert await rows("person") == 2 and await acts("outside.new_subject") == []


async def test_the_provider_changes_its_keys(outside, browser):
    await new_account(browser, outside)
    outside.signing = 1
    clock.freeze(None)
    from mattranso_app.identity.outside import remote
    for known in remote._known.values():
        known.keys_asked_at -= remote.KEYS_AGAIN_SECONDS + 1
    asked = len([path for path in outside.asked if path == "/jwks"])
    assert (await sign_in(Browser(browser.app), outside)).headers["location"] == OWN_PETITIONS
    assert len([path for path in outside.asked if path == "/jwks"]) == asked + 1


async def test_two_tabs_of_one_browser(outside, browser):
    first, second = await leave(browser), await leave(browser)
    assert (await come_back(browser, outside.authorize(first))).headers["location"].endswith("/lan-dau")
    assert (await come_back(browser, outside.authorize(second))).headers["location"].endswith("/lan-dau")


async def test_an_address_of_ours_that_is_not_the_providers(outside, app):
    answer = await Browser(app).get("/dang-nhap/vneid?tiep=/tai-khoan", headers={"host": "127.0.0.1:8000"}, page=True)
    assert answer.headers["location"] == "http://localhost:8000/dang-nhap/vneid?tiep=%2Ftai-khoan"


async def test_pages_of_sign_in_are_no_providers(outside, browser):
    for path in ("/dang-nhap/ma", "/dang-nhap/lan-dau", "/dang-nhap/khong-co"):
        assert "<h1>Trang</h1>" in (await browser.get(path, page=True)).text
    assert (await browser.post("/dang-nhap/khong-co/backchannel-logout", form={})).status_code == 405


async def test_a_disabled_account_stays_shut(outside, browser):
    await new_account(browser, outside)
    async with db.transaction() as session:
        await session.execute(sql("UPDATE person SET disabled_at = now()"))
    answer = await sign_in(Browser(browser.app), outside)
    assert answer.status_code == 403 and "đã bị khoá" in answer.text


async def logged_out(browser: Browser, provider, **changed) -> bool:
    server = Browser(browser.app, address="10.9.9.9", origin=None)
    answer = await server.post("/dang-nhap/vneid/backchannel-logout", form={"logout_token": provider.logout_token(**changed)})
    assert answer.status_code == 200, answer.text
    return (await me(browser))["kind"] == "anonymous"


@pytest.mark.parametrize("named", [{}, {"sid": None}, {"sub": None}])
async def test_news_of_a_logout_end_the_session_here(outside, browser, named):
    await new_account(browser, outside)
    other = Browser(browser.app)
    await by_code(other)
    assert await logged_out(browser, outside, **named)
    assert (await me(other))["kind"] == "citizen"


async def test_news_about_another_session_end_nothing(outside, browser):
    await new_account(browser, outside)
    assert not await logged_out(browser, outside, sid="phien-khac")
    assert not await logged_out(browser, outside, sub="nguoi-khac")
    assert await logged_out(browser, outside)


async def test_statements_of_a_return(outside, browser):
    await new_account(browser, outside)
    other = Browser(browser.app)
    query = outside.authorize(await leave(other))
    seen: list[str] = []
    stop = db.count_statements(seen)
    await come_back(other, query)
    stop()
    assert len(seen) <= 16, "\n".join(seen)
