"""When something of ours breaks: words and a reference number for the person, the place for us, the inside for nobody."""

from __future__ import annotations

import logging
import re
from typing import Any

import psycopg
import pytest
from sqlalchemy.exc import IntegrityError

from mattranso_app.core import logs
from mattranso_app.core.errors import Unavailable
from mattranso_app.petitions import store
from tests.trust.conftest import House
from tests.trust.talk import ask
from tests.trust.test_socket import DESK, desk_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

INSIDE = "bí mật trong lỗi 0912345678"
REFERENCE = re.compile(r"Mã tham chiếu: ([0-9a-f]{8})")


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that fails in the middle of everything."""

    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError(INSIDE)

    monkeypatch.setattr(store, "fetch_by_number", fail)
    monkeypatch.setattr(store, "fetch_by_receipt", fail)


@pytest.fixture
def log() -> Any:
    """What our own log would hold, at its most talkative."""
    lines: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    keeper, root = Keeper(), logging.getLogger()
    keeper.setFormatter(logs.Formatter("%(levelname)s %(name)s: %(message)s"))
    before = root.level
    root.addHandler(keeper)
    root.setLevel(logging.DEBUG)
    yield lines
    root.removeHandler(keeper)
    root.setLevel(before)


def reference_in(words: str, log: list[str]) -> None:
    """Assert that `words` name a fault that the log knows, and that neither says what was in it."""
    found = REFERENCE.search(words)
    assert found, words
    entry = next(line for line in log if f"fault {found[1]}" in line)
    assert "RuntimeError" in entry and "test_faults.py" in entry
    assert "bí mật" not in words and "Traceback" not in words and "RuntimeError" not in words
    assert not any(INSIDE in line for line in log)


@pytest.mark.parametrize("page", [False, True])
async def test_over_http(house: House, broken: None, log: list[str], page: bool) -> None:
    answer = await house.browser().get("/api/v1/petitions/PA-7K2M-94", page=page)
    assert answer.status_code in (404, 500)
    answer = await house.browser().get(f"/api/v1/petitions/{house.numbers['published']}", page=page)
    assert answer.status_code == 500 and answer.headers["cache-control"] == "no-store"
    reference_in(answer.text, log)


async def test_over_the_socket(house: House, broken: None, log: list[str]) -> None:
    async with house.browser("own handler").socket() as socket:
        reaction = await ask(socket, f"{DESK}.load", path=desk_of(house.numbers["new"]))
        reference_in(" ".join(reaction.notices), log)


async def test_on_a_live_topic(house: House, broken: None, log: list[str]) -> None:
    for address in (f"/live/petitions/{house.numbers['new']}.json", f"/live/petitions/{house.numbers['new']}/stream"):
        answer = await house.browser().get(address)
        assert answer.status_code == 500
        reference_in(answer.text, log)


async def test_in_the_head_of_a_page_the_page_itself_still_comes(house: House, broken: None, log: list[str]) -> None:
    answer = await house.browser().get(f"/phan-anh/{house.numbers['published']}", page=True)
    assert answer.status_code == 500 and "<html" in answer.text and "bí mật" not in answer.text
    assert any("fault" in line and "petition_head" in line for line in log) and not any(INSIDE in line for line in log)


async def test_in_a_reader_of_files(house: House, broken: None, log: list[str]) -> None:
    answer = await house.browser("own handler").get(f"/tep/{house.numbers['private file']}")
    assert answer.status_code == 500
    reference_in(answer.text, log)


async def test_in_the_layer_that_asks_who_is_calling(house: House, monkeypatch: pytest.MonkeyPatch, log: list[str]) -> None:
    from mattranso_app.identity import service

    async def fail(*_: object) -> None:
        raise RuntimeError(INSIDE)

    monkeypatch.setattr(service, "authenticate", fail)
    answer = await house.browser("own handler").get("/api/v1/me")
    assert answer.status_code == 500 and answer.headers["x-content-type-options"] == "nosniff"
    reference_in(answer.text, log)
    reference_in((await house.browser("own handler").get("/", page=True)).text, log)


async def test_a_database_that_is_away_is_said_to_be_busy(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> None:
        raise Unavailable()

    monkeypatch.setattr(store, "fetch_by_number", away)
    assert (await house.browser().get(f"/api/v1/petitions/{house.numbers['new']}")).status_code == 503
    assert (await house.browser().get(f"/phan-anh/{house.numbers['new']}", page=True)).status_code == 503


async def test_the_log_names_constraints_and_never_rows(house: House) -> None:
    """PostgreSQL quotes the failing row, SQLAlchemy the parameters, pydantic the input."""
    from pydantic import TypeAdapter, ValidationError
    from sqlalchemy import text as sql

    from mattranso_app.core import db

    try:
        async with db.transaction() as session:
            await session.execute(sql("INSERT INTO throttle_hit (key, at) VALUES (:key, NULL)"), {"key": INSIDE.encode()})
        pytest.fail("a row without a moment was taken")
    except IntegrityError as error:
        assert isinstance(error.orig, psycopg.Error)
        assert INSIDE not in str(error).replace("\\x", "")
        written = logs.describe(error)
        assert "NotNullViolation [23502] table throttle_hit" in written and "test_faults" in written
        assert INSIDE.encode().hex() not in written
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(int).validate_python(INSIDE)
    assert INSIDE in str(caught.value) and INSIDE not in logs.describe(caught.value)
