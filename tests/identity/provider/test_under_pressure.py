"""Two at once, clocks that disagree, how often the database is asked, and where secrets end up."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text as sql

from mattranso_app.core import clock, db
from mattranso_app.identity.provider import keys
from mattranso_app.identity.provider.keys import SigningKey
from tests.identity.provider.application import answer_of, question_of
from tests.identity.provider.conftest import make_application
from tests.identity.provider.tables import acts


async def opens(server, token: str) -> bool:
    return (await server.get("/oauth/userinfo", headers={"authorization": f"Bearer {token}"})).status_code == 200


@pytest.mark.parametrize("many", [2, 12])
async def test_exchanges_of_one_code_at_once(lan, server, hue, many):
    code = answer_of(await hue.authorize(lan))["code"]
    answers = await asyncio.gather(*(hue.exchange(server, code) for _ in range(many)))
    good = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(good) == 1 and {answer.json().get("error") for answer in answers} == {None, "invalid_grant"}
    assert not await opens(server, good[0]["access_token"]), "one of the senders stole it"
    assert (await hue.refresh(server, good[0]["refresh_token"])).status_code == 400
    assert len(await acts("application.replay")) == many - 1


@pytest.mark.parametrize("many", [2, 12])
async def test_refreshes_of_one_token_at_once(lan, server, hue, many):
    got = (await hue.exchange(server, answer_of(await hue.authorize(lan))["code"])).json()
    answers = await asyncio.gather(*(hue.refresh(server, got["refresh_token"]) for _ in range(many)))
    good = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(good) == 1
    for token in (got["access_token"], good[0]["access_token"]):
        assert not await opens(server, token), "the whole family is void"
    assert (await hue.refresh(server, good[0]["refresh_token"])).status_code == 400


async def test_two_answers_to_one_question_at_once(lan, units):
    other = await make_application("phan-mem-khac")
    form = question_of(await other.authorize(lan)) | {"quyet-dinh": "dong-y"}
    answers = await asyncio.gather(*(lan.post("/oauth/consent", form=form, page=True) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400]
    assert len(await acts("application.consent")) == 1


async def test_signing_out_and_refreshing_at_once(lan, server, hue):
    got = (await hue.exchange(server, answer_of(await hue.authorize(lan))["code"])).json()
    refreshed, _ = await asyncio.gather(hue.refresh(server, got["refresh_token"]), lan.post("/dang-xuat", form={}))
    newest = refreshed.json() if refreshed.status_code == 200 else got
    assert not await opens(server, newest["access_token"])
    assert (await hue.refresh(server, newest["refresh_token"])).status_code == 400


async def test_a_clock_ten_minutes_ahead(lan, server, hue):
    """The process that answers is ten minutes ahead of the one that handed out: what is short-lived has run out there."""
    code = answer_of(await hue.authorize(lan))["code"]
    got = (await hue.exchange(server, answer_of(await hue.authorize(lan))["code"])).json()
    clock.freeze(clock.now() + timedelta(minutes=10, seconds=1))
    assert (await hue.exchange(server, code)).json()["error"] == "invalid_grant"
    assert not await opens(server, got["access_token"])
    assert (await hue.refresh(server, got["refresh_token"])).status_code == 200


async def test_a_clock_ten_minutes_behind(lan, server, hue):
    """Behind even the first key: it signs all the same, times in the token are that clock's, nothing lives longer for it."""
    code = answer_of(await hue.authorize(lan))["code"]
    right = clock.now()
    await keys.ensure_keys()
    clock.freeze(right - timedelta(minutes=10))
    got = (await hue.exchange(server, code)).json()
    claims = await hue.check(server, got["id_token"])
    assert claims["iat"] == int((right - timedelta(minutes=10)).timestamp())
    clock.freeze(right + timedelta(seconds=1))
    assert not await opens(server, got["access_token"]), "its ten minutes were that clock's"


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=6, unique=True))
def test_one_published_key_signs_at_any_moment(days):
    """The newest that has begun, else the first to begin."""
    moment = clock.now()
    published = [SigningKey(str(day), b"", {}, moment + timedelta(days=day)) for day in sorted(days, reverse=True)]
    begun = [day for day in days if day <= 0]
    clock.freeze(moment)
    assert keys.current(published).kid == str(max(begun) if begun else min(days))


async def test_how_often_the_database_is_asked(lan, server, hue):
    code = answer_of(await hue.authorize(lan))["code"]  # what is looked up once a process is there now
    first = (await hue.exchange(server, code)).json()
    counts = {}

    async def counted(name, call):
        seen: list[str] = []
        stop = db.count_statements(seen)
        answer = await call
        stop()
        counts[name] = len(seen)
        return answer

    answer = await counted("authorize", hue.authorize(lan))
    await counted("exchange", hue.exchange(server, answer_of(answer)["code"]))
    got = (await counted("refresh", hue.refresh(server, first["refresh_token"]))).json()
    await counted("userinfo", server.get("/oauth/userinfo", headers={"authorization": f"Bearer {got['access_token']}"}))
    most = {"authorize": 6, "exchange": 9, "refresh": 9, "userinfo": 2}
    assert {name: count for name, count in counts.items() if count > most[name]} == {}, counts


async def test_secrets_are_nowhere_in_clear(lan, server, units, caplog):
    caplog.set_level(logging.DEBUG)
    other = await make_application("phan-mem-khac", backchannel_logout_uri="https://hue.example/het-phien")
    other.scope = "openid profile"
    form = question_of(await other.authorize(lan)) | {"quyet-dinh": "dong-y"}
    page = await lan.post("/oauth/consent", form=form, page=True)
    code = page.text.partition("code=")[2].partition("&")[0]
    got = (await other.exchange(server, code)).json()
    new = (await other.refresh(server, got["refresh_token"])).json()
    await other.refresh(server, got["refresh_token"])  # a replay, which leaves a row
    await other.exchange(server, code, other.credentials("khoa-sai-khong-duoc-ghi"))
    await lan.post("/dang-xuat", form={})
    hidden = {
        "secret": other.secret, "code": code, "verifier": other.verifier, "wrong secret": "khoa-sai-khong-duoc-ghi",
        "request": form["yeu_cau"], "proof": form["xac_nhan"],
        **{f"{name} {place}": one[name] for place, one in enumerate((got, new)) for name in ("access_token", "refresh_token", "id_token")},
    }
    kept = []
    async with db.reading() as session:
        readable = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        for table in (await session.execute(sql(f"{readable} AND has_table_privilege(oid, 'SELECT')"))).scalars().all():
            kept += (await session.execute(sql(f'SELECT CAST(t AS text) FROM "{table}" AS t'))).scalars().all()
        private = keys.private_key(keys.current(await keys.fetch_published(session))).as_dict(private=True)["d"]
    text = "\n".join([*kept, caplog.text])
    assert "phan-mem-khac" in text and [name for name, value in {**hidden, "signing key": private}.items() if value in text] == []
