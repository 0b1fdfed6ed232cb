"""Whole journeys with every logger at its most talkative: no line holds a secret or a person's data."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from secrets import token_urlsafe
from typing import Any

import httpx
import pytest
import pytest_asyncio

from mattranso_app.core import db, logs, notify
from mattranso_app.core.access import SYSTEM
from mattranso_app.identity import service
from mattranso_app.identity.endpoints import OWN_PETITIONS
from tests.identity.browser import ORIGIN, Browser
from tests.trust import petitions
from tests.trust.conftest import House
from tests.trust.talk import STATES, ask
from tests.trust.test_socket import DESK, desk_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHONE, EMAIL, WORDS = "0987 123 465", "nguyen.bi.mat@vidu.vn", "lời kể riêng không ai được chép lại"
PASSWORD = "mot cau that la rieng 9"


@pytest_asyncio.fixture(loop_scope="session")
async def lines(house: House) -> AsyncIterator[list[str]]:
    """Every line any logger writes, as our own log would hold it."""
    kept: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if not record.name.startswith(("httpx", "httpcore")):  # the test's own client
                kept.append(self.format(record))

    keeper, root = Keeper(), logging.getLogger()
    keeper.setFormatter(logs.Formatter("%(levelname)s %(name)s: %(message)s"))
    statements = logging.getLogger("sqlalchemy.engine")
    before = root.level
    root.addHandler(keeper)
    root.setLevel(logging.DEBUG)
    statements.setLevel(logging.INFO)  # it does not inherit
    await db.open_pool(house.database_url)  # an engine decides when it is made whether it logs its statements
    yield kept
    root.removeHandler(keeper)
    root.setLevel(before)
    statements.setLevel(logging.NOTSET)
    await db.open_pool(house.database_url)


async def sign_in_citizen(house: House, secrets: list[str]) -> None:
    browser = Browser(house.app)
    for target in (PHONE, EMAIL):
        await browser.post("/dang-nhap/ma", form={"target": target}, page=True)
        code = (await notify.demo_messages())[0].text[:6]
        wrong = await browser.post("/dang-nhap/xac-nhan", form={"code": f"{(int(code) + 1) % 10**6:06d}"}, page=True)
        right = await browser.post("/dang-nhap/xac-nhan", form={"code": code}, page=True)
        assert "loi=" in wrong.headers["location"] and right.headers["location"] == OWN_PETITIONS
        for answer in (wrong, right):
            assert code not in str(answer.headers) and "0987" not in answer.headers["location"]
        secrets += [f'"{code}"', f"'{code}'", f" {code} ", browser.cookies["mts_session"]]


async def sign_in_officer(house: House, secrets: list[str]) -> None:
    made = await service.create_officer(SYSTEM, user_name="kin.dao", name="Kín", unit_id=house.cast.units["19774"], role="reader")
    browser = Browser(house.app)
    first = {"user_name": "kin.dao", "code": made.code, "new_password": PASSWORD}
    assert (await browser.post("/dang-nhap/lan-dau", json_body=first)).status_code == 200
    for password, status in ((PASSWORD + "x", 422), (PASSWORD, 200)):
        answer = await browser.post("/dang-nhap/can-bo", json_body={"user_name": "kin.dao", "password": password})
        assert answer.status_code == status
    await browser.post("/tai-khoan/mat-khau", json_body={"old_password": PASSWORD, "new_password": PASSWORD + " moi"})
    secrets += [made.code, PASSWORD, browser.cookies["mts_session"], browser.cookies["mts_device"]]


async def send_and_follow(house: House, secrets: list[str]) -> str:
    payload = {"kind": "phan_anh", "body": f"Xin kể: {WORDS}.", "unit": "19774", "phone": PHONE, "email": EMAIL, "consent": True}
    key = token_urlsafe(32)
    sent: dict[str, str] = {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(house.app), base_url=ORIGIN) as client:
        for body in (payload, payload, {**payload, "body": WORDS + " khác"}, {**payload, "unit": WORDS}, {"body": [WORDS]}):
            answer: Any = await client.post(
                "/phan-anh/gui", data={"payload": json.dumps(body)}, files={"photo": ("anh.png", petitions.picture())},
                headers={"origin": ORIGIN, "idempotency-key": key},
            )
            sent = answer.json() if answer.status_code == 201 else sent
    browser = Browser(house.app)
    assert (await browser.post("/api/v1/petitions-follow", json_body={"receipt": sent["receipt"]})).status_code == 200
    await browser.post("/api/v1/petitions-follow", json_body={"receipt": {"x": sent["receipt"]}})
    follow = f"{STATES}.mattranso_app___petitions___states___follow____follow_state.follow"
    async with browser.socket() as socket:
        for form in ({"receipt": sent["receipt"]}, {"receipt": [sent["receipt"]]}, {"receipt": sent["receipt"] * 9}):
            await ask(socket, follow, {"form": form})
        await socket.raw({"name": follow, "payload": {"form": sent["receipt"]}, "router_data": 7})
        await socket.raw(sent["receipt"])
        await ask(socket, f"{STATES}.khong_co", {"x": sent["receipt"]})
    secrets += [key, sent["receipt"], sent["receipt"].replace("-", "")]
    return str(sent["number"])


async def handle(house: House, number: str) -> None:
    async with house.browser("own handler").socket() as socket:
        await ask(socket, f"{DESK}.load", path=desk_of(number))
        await ask(socket, f"{DESK}.take_up")
        await ask(socket, f"{DESK}.read_contact", {"form": {"contact_reason": "Hỏi thêm địa điểm."}})
        assert "987" in str(socket.deltas)
        await ask(socket, f"{DESK}.publish_question", {"form": {"title": "Việc riêng", "body": WORDS, "place": ""}})
        await ask(socket, f"{DESK}.submit_answer", {"form": {"outcome": "solved", "body": f"{petitions.ANSWER} {WORDS}"}})
        await ask(socket, f"{DESK}.submit_answer", {"form": {"outcome": {WORDS: 1}, "body": [WORDS]}})


async def test_no_line_of_the_log_holds_a_secret(house: House, lines: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    secrets = [PHONE, PHONE.replace(" ", ""), "987123465", EMAIL, WORDS]
    await sign_in_citizen(house, secrets)
    await sign_in_officer(house, secrets)
    await handle(house, await send_and_follow(house, secrets))
    await asyncio.sleep(0)
    out, err = capfd.readouterr()
    assert len(lines) > 50, "the loggers were not listened to"
    for secret in secrets:
        assert not [line for line in lines if secret in line], f"{secret} is in the log"
        assert secret not in out + err, f"{secret} was printed"


async def test_a_fault_in_the_middle_of_it_writes_none_either(house: House, lines: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The database refuses the row of a petition, quoting it; a handler fails with what was typed in its words."""
    from mattranso_app.petitions import store

    async def fail(*_: object, **__: object) -> None:
        raise ValueError(f"{PHONE} {WORDS}")

    with monkeypatch.context() as broken:
        broken.setattr(store, "save_petition", fail)
        secrets = [PHONE, "987123465", EMAIL, WORDS]
        with pytest.raises(KeyError):  # nothing was sent, so there is no receipt
            await send_and_follow(house, secrets)
    assert any("fault" in line and "ValueError" in line for line in lines)
    for secret in secrets:
        assert not [line for line in lines if secret in line], f"{secret} is in the log"
