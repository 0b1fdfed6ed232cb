"""Links as a lasting way into an account: their owner is told of each change, and what they opened ends with them."""

from __future__ import annotations

from sqlalchemy import text as sql

from mattranso_app.core import db, notify
from mattranso_app.core.access import SYSTEM
from mattranso_app.identity import service
from mattranso_app.identity.factors.endpoints import LINKS
from mattranso_app.identity.outside import store, text
from tests.identity.authenticator import App, wait
from tests.identity.browser import Browser
from tests.identity.factories import PASSWORD, make_officer
from tests.identity.outside.test_flow import by_code, logged_out
from tests.identity.outside.way import come_back, me, rows, sign_in


async def told(words: str) -> list[str]:
    """Return where a notice of this subject went."""
    subject = words.format(label="VNeID")
    return [message.to for message in await notify.demo_messages() if message.subject == subject]


async def linked(browser: Browser, provider) -> None:
    """Have a citizen link her account after both are proved."""
    await sign_in(browser, provider)
    await by_code(browser)
    assert (await browser.post(f"{LINKS}/xac-nhan", form={"x": "1"}, page=True)).headers["location"] == LINKS
    wait(1)


async def linked_officer(browser: Browser, provider, unit: int):
    """Have an officer link his account from within."""
    person = await make_officer("lan", unit)
    await browser.post("/dang-nhap/can-bo", json_body={"user_name": "lan", "password": PASSWORD})
    going = await browser.post(f"{LINKS}/vneid/them", form={"x": "1"}, page=True)
    query = provider.authorize(going.text.partition("url=")[2].partition('"')[0].replace("&amp;", "&"))
    assert (await come_back(browser, query)).headers["location"] == LINKS
    wait(1)
    return person


async def test_the_owner_is_told_of_each_change(outside, browser):
    await linked(browser, outside)
    contact = "+84987654321"
    assert await told(text.LINKED_SUBJECT) == [contact] and not await told(text.RENAMED_SUBJECT)
    outside.person["sub"] = "ten-moi"
    await sign_in(Browser(browser.app), outside)
    assert await told(text.RENAMED_SUBJECT) == [contact]
    await browser.post(f"{LINKS}/vneid/go", form={"x": "1"}, page=True)
    assert await told(text.UNLINKED_SUBJECT) == [contact] and await told(text.LINKED_SUBJECT) == [contact]


async def test_what_a_link_has_opened_ends_with_it(outside, browser, units):
    await linked_officer(browser, outside, units["19774"])
    other = Browser(browser.app)
    await sign_in(other, outside)
    outside.person["sub"] = "ten-moi"
    renamed, by_password = Browser(browser.app), Browser(browser.app)
    await sign_in(renamed, outside)
    await by_password.post("/dang-nhap/can-bo", json_body={"user_name": "lan", "password": PASSWORD})
    app = App((await browser.post("/tai-khoan/bao-mat/them", json_body={})).json()["secret"])
    # The factor is made without ending the sessions beside it, so that the half-open sign-in stands next to open ones.
    async with db.transaction() as session:
        await session.execute(sql("UPDATE second_factor SET confirmed_at = created_at, last_step = 0"))
    half_open = Browser(browser.app)
    assert (await sign_in(half_open, outside)).headers["location"] == "/dang-nhap/buoc-hai"
    acting = renamed
    assert (await acting.post(f"{LINKS}/vneid/go", form={"x": "1"}, page=True)).headers["location"] == LINKS
    wait(60)
    refused = await half_open.post("/dang-nhap/buoc-hai", json_body={"code": app.code()})
    assert refused.status_code == 422 and (await me(half_open))["kind"] == "anonymous"
    assert [(await me(one))["kind"] for one in (other, acting, by_password, browser)] == ["anonymous", "officer", "officer", "officer"]


async def test_factors_removed_in_person_end_the_links_too(outside, browser, units):
    person = await linked_officer(browser, outside, units["19774"])
    await service.reset_factors(SYSTEM, person)
    stranger = Browser(browser.app)
    assert (await sign_in(stranger, outside)).headers["location"].endswith("/lan-dau") and (await me(stranger))["kind"] == "anonymous"
    async with db.reading() as session:
        left = (await session.execute(sql("SELECT number_hash, number_cipher, removed_at FROM outside_link"))).one()
    assert left.number_hash is None and left.number_cipher is None and left.removed_at is not None


async def test_signing_out_leaves_nothing_begun_on_a_shared_computer(outside, browser, units):
    assert (await sign_in(browser, outside)).headers["location"].endswith("/lan-dau")
    assert await rows("outside_pending") == 1
    await by_code(browser)
    kept = dict(browser.cookies)
    await browser.post("/dang-xuat", form={"x": "1"}, page=True)
    assert browser.cookies.keys() <= {"mts_visitor", "mts_device"} and await rows("outside_pending") == 0
    next_one = Browser(browser.app, cookies={"mts_outside_new": kept["mts_outside_new"]})
    await by_code(next_one, "0912 345 678")
    assert text.CONFIRM_LINK not in (await next_one.get(LINKS, page=True)).text


async def test_signing_out_ends_a_half_open_sign_in(outside, browser, units):
    await make_officer("lan", units["19774"])
    await browser.post("/dang-nhap/can-bo", json_body={"user_name": "lan", "password": PASSWORD})
    app = App((await browser.post("/tai-khoan/bao-mat/them", json_body={})).json()["secret"])
    await browser.post("/tai-khoan/bao-mat/xac-nhan", json_body={"code": app.code()})
    wait(60)
    other = Browser(browser.app)
    await other.post("/dang-nhap/can-bo", json_body={"user_name": "lan", "password": PASSWORD})
    step = other.cookies["mts_step"]
    await other.post("/dang-xuat", json_body={})
    assert "mts_step" not in other.cookies
    back = Browser(browser.app, cookies={"mts_step": step})
    assert (await back.post("/dang-nhap/buoc-hai", json_body={"code": app.code()})).status_code == 422
    assert (await me(back))["kind"] == "anonymous"


async def test_one_logout_token_ends_however_many_sessions_there_are(outside, browser, monkeypatch):
    monkeypatch.setattr(store, "SESSIONS_PAGE", 2)
    await linked(browser, outside)
    others = [Browser(browser.app) for _ in range(5)]
    for other in others:
        await sign_in(other, outside)
    assert await logged_out(others[0], outside, sid=None)
    assert {str((await me(other))["kind"]) for other in others} == {"anonymous"}
    assert (await me(browser))["kind"] == "citizen"
