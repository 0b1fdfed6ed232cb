"""A citizen has the own data confirmed: right, wrong, slow, down, without consent, too often; and who knows which register it is."""

from __future__ import annotations

import asyncio
import logging
from configparser import ConfigParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text as sql
from starlette.responses import HTMLResponse

from mattranso_app.core import db
from mattranso_app.core.errors import InvalidInput
from mattranso_app.core.http import router
from mattranso_app.identity.population import Question, endpoints, service, text
from mattranso_app.identity.population.endpoints import ADDRESS
from mattranso_app.identity.web import identified
from mattranso_app.settings import ROOT, Settings, settings
from tests.identity.browser import Browser
from tests.identity.factories import PASSWORD, make_officer, newest_code
from tests.identity.people import in_clear

REGISTERED = endpoints
RIGHT = {"ho-ten": "Nguyễn Thị Minh", "nam-sinh": "1990", "so-dinh-danh": "999190 000 001", "dong-y": "1"}


@pytest.fixture
def app():
    async def page(scope, receive, send):
        await HTMLResponse("<h1>Trang</h1>")(scope, receive, send)

    return identified(router(page))


@pytest.fixture
async def minh(db, app):
    """A citizen's browser, and a register that is right."""
    settings().population = "simulator"
    browser = Browser(app)
    await browser.post("/dang-nhap/ma", form={"target": "0987 654 321"}, page=True)
    await browser.post("/dang-nhap/xac-nhan", form={"code": await newest_code()}, page=True)
    yield browser
    settings().population = ""
    settings().population_simulator = "right"
    settings().population_patience = 5.0


async def lookups() -> list:
    async with db.reading() as session:
        statement = "SELECT outcome, matched, purpose, consent, name_hash, reference FROM population_lookup ORDER BY at"
        return list(await session.execute(sql(statement)))


async def name() -> str:
    async with db.reading() as session:
        return str((await session.execute(sql("SELECT display_name FROM person"))).scalar_one())


async def test_a_yes(minh, caplog):
    caplog.set_level(logging.DEBUG)
    assert text.NOT_YET in (await minh.get(ADDRESS, page=True)).text
    answer = await minh.post(ADDRESS, form=RIGHT, page=True)
    assert (answer.status_code, answer.headers["location"]) == (303, ADDRESS), answer.text
    assert "đã xác nhận ngày" in (await minh.get(ADDRESS, page=True)).text and await name() == "Nguyễn Thị Minh"
    row = (await lookups())[0]
    assert (row.outcome, row.matched, row.purpose, row.consent) == ("confirmed", ["birth_year", "name"], text.PURPOSE, text.CONSENT)
    for table, stands_there in (("population_lookup", text.PURPOSE), ("audit_log", "birth_year"), ("person", "Nguyễn Thị Minh")):
        kept = (await in_clear(table)).replace(row.reference, "")  # the register's receipt: random letters and digits
        assert stands_there in kept and "999190000001" not in kept and "1990" not in kept, table
    async with db.reading() as session:
        acts = (await session.execute(sql("SELECT detail FROM audit_log WHERE action = 'population.look_up'"))).scalars().all()
    assert len(acts) == 1 and "birth_year" in acts[0]
    assert "999190000001" not in caplog.text and "999190000001" not in repr(Question("999190000001", "Minh", 1990, "x"))


async def test_a_name_that_changes_later_is_not_confirmed_any_more(minh):
    await minh.post(ADDRESS, form=RIGHT, page=True)
    async with db.transaction() as session:
        await session.execute(sql("UPDATE person SET display_name = 'Tên khác'"))
    assert text.NOT_YET in (await minh.get(ADDRESS, page=True)).text


@pytest.mark.parametrize("changed", [{"nam-sinh": "1991"}, {"ho-ten": "Nguyễn Thị Mịnh"}, {"so-dinh-danh": "999085000002"}])
async def test_data_that_differ(minh, changed):
    """All the same words: the page is no way to learn somebody's data piece by piece."""
    answer = await minh.post(ADDRESS, form=RIGHT | changed, page=True)
    assert answer.status_code == 422 and text.DIFFERS in answer.text and "aria-invalid" not in answer.text
    assert [row.outcome for row in await lookups()] == ["differs"] and await name() == ""
    assert 'value="999' not in answer.text  # typed anew, never sent back


async def test_a_register_that_is_down_slow_or_wrong(minh, subtests):
    settings().population_patience = 0.2
    for mood in ("down", "slow", "wrong"):
        with subtests.test(mood):
            settings().population_simulator = mood
            answer = await minh.post(ADDRESS, form=RIGHT, page=True)
            assert answer.status_code == 503 and text.DOWN in answer.text and 'value="Nguyễn Thị Minh"' in answer.text
    assert [row.outcome for row in await lookups()] == ["unavailable"] * 3 and await name() == ""


@pytest.mark.parametrize("fault", [RuntimeError, AttributeError, ZeroDivisionError, ExceptionGroup("x", [ValueError()])])
async def test_a_register_whose_own_code_breaks_is_one_that_is_down(minh, monkeypatch, fault):
    async def answer(_question):
        raise fault

    monkeypatch.setattr("mattranso_app.identity.population.simulator.answer", answer)
    refused = await minh.post(ADDRESS, form=RIGHT, page=True)
    assert refused.status_code == 503 and text.DOWN in refused.text
    assert [row.outcome for row in await lookups()] == ["unavailable"]


async def test_a_question_leaves_a_row_even_when_the_answer_never_comes(minh, monkeypatch):
    """As when the process is stopped while it waits."""
    async def answer(_question):
        raise asyncio.CancelledError

    monkeypatch.setattr("mattranso_app.identity.population.simulator.answer", answer)
    with pytest.raises(asyncio.CancelledError):
        await minh.post(ADDRESS, form=RIGHT, page=True)
    async with db.reading() as session:
        (asked,) = (await session.execute(sql("SELECT person_id, detail FROM audit_log WHERE action = 'population.ask'"))).all()
        assert asked.person_id == (await session.execute(sql("SELECT id FROM person"))).scalar_one()
    assert text.PURPOSE in asked.detail and "999190000001" not in asked.detail


BAD = {
    "no consent": ({"dong-y": ""}, text.NEED_CONSENT), "another consent": ({"dong-y": "có"}, text.NEED_CONSENT),
    "no name": ({"ho-ten": " \u200b "}, text.BAD_NAME), "a name without end": ({"ho-ten": "a" * 101}, text.BAD_NAME),
    "a year to come": ({"nam-sinh": "2999"}, text.BAD_YEAR), "two digits": ({"nam-sinh": "90"}, text.BAD_YEAR),
    "other digits": ({"nam-sinh": "١٩٩٠"}, text.BAD_YEAR), "eleven digits": ({"so-dinh-danh": "1" * 11}, text.BAD_NUMBER),
    "letters": ({"so-dinh-danh": "12345678901x"}, text.BAD_NUMBER),
}


async def test_what_is_typed_wrong_goes_nowhere(minh, subtests):
    for case, (changed, words) in BAD.items():
        with subtests.test(case):
            answer = await minh.post(ADDRESS, form=RIGHT | changed, page=True)
            assert answer.status_code == 422 and words in answer.text
    assert await lookups() == []


async def test_five_times_a_day(minh):
    for _ in range(5):
        await minh.post(ADDRESS, form=RIGHT | {"nam-sinh": "1991"}, page=True)
    answer = await minh.post(ADDRESS, form=RIGHT, page=True)
    assert answer.status_code == 429 and text.MOST in answer.text and len(await lookups()) == 5


async def test_officers_strangers_and_no_register(minh, app, units):
    await make_officer("lan", units["19774"])
    lan = Browser(app)
    await lan.post("/dang-nhap/can-bo", json_body={"user_name": "lan", "password": PASSWORD})
    assert text.CITIZENS_ONLY in (await lan.post(ADDRESS, form=RIGHT, page=True)).text
    assert (await lan.post(ADDRESS, json_body=RIGHT)).status_code == 409
    assert (await Browser(app).post(ADDRESS, json_body=RIGHT)).status_code == 401
    settings().population = ""
    assert text.NO_REGISTER in (await minh.get(ADDRESS, page=True)).text
    assert (await minh.post(ADDRESS, json_body=RIGHT)).status_code == 404
    assert await lookups() == []


@given(st.text(max_size=150), st.text(max_size=12), st.text(max_size=30))
def test_whatever_is_typed(name, year, number):
    try:
        asked = service._question(name, year, number)
    except InvalidInput as error:
        assert error.fields
        return
    assert 2 <= len(asked.name) <= 100 and 1900 <= asked.birth_year <= 2100 and len(asked.number) == 12 and asked.number.isascii()


def test_a_simulator_confirms_nobody_in_production():
    faults = Settings(env="production", population="simulator").production_faults()
    assert any("MTS_POPULATION" in fault for fault in faults) and Settings(env="production").population_register == ""


def test_nobody_knows_which_register_it_is():
    """The import rule that says so is there, and the only place that names it is the port."""
    rules = ConfigParser()
    rules.read(ROOT / ".importlinter")
    assert rules["importlinter:contract:population"]["protected_modules"].split() == ["mattranso_app.identity.population.simulator"]
    named = [
        path.name for path in (ROOT / "mattranso_app").rglob("*.py")
        if "population.simulator" in path.read_text() or "from mattranso_app.identity.population import simulator" in path.read_text()
    ]
    assert named == ["port.py"]
