"""Open live streams and the sessions behind them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import db, live
from mattranso_app.core.access import Action
from mattranso_app.core.live import topics
from mattranso_app.identity import cookies, service, web
from tests.core.live_stream import Stream
from tests.identity.factories import make_officer, sign_in

REVOKED_WITHIN = 5.0
"""Seconds (TRUST: traps of our stack)."""


async def _value(_session: AsyncSession, _params: live.Params) -> dict[str, Any]:
    return {"waiting": 1}


@pytest.fixture
async def desk(units: dict[str, int]) -> AsyncIterator[dict[str, int]]:
    """A topic for officers and what a web process starts, at its own pace."""
    live.topic("test/officers", readers=Action.PETITION_READ, snapshot=_value)
    await live.start()
    await web.start()
    yield units
    await web.stop()
    await live.stop()
    topics.forget("test/officers")


def _stream(token: str, actor: Any) -> Stream:
    return Stream("/live/test/officers/stream", headers={"Cookie": f"{cookies.SESSION}={token}"}, actor=actor)


async def test_an_ended_session_loses_its_stream_within_five_seconds(desk: dict[str, int]) -> None:
    await make_officer("canbo", desk["19774"])
    await make_officer("khac", desk["19774"])
    token, actor = await sign_in("canbo")
    other_token, other = await sign_in("khac")
    async with _stream(token, actor) as mine, _stream(other_token, other) as others:
        await mine.until(lambda s: s.value == {"waiting": 1})
        await others.until(lambda s: s.value == {"waiting": 1})
        await service.sign_out(actor)
        await mine.until(lambda s: s.finished, within=REVOKED_WITHIN)
        assert mine.events[-1][0] == "end" and mine.events[-1][2] == {"reason": "refused"}
        assert not others.finished, "who is still signed in stays"


async def test_a_withdrawn_right_ends_the_stream_too(desk: dict[str, int]) -> None:
    person = await make_officer("canbo", desk["19774"])
    token, actor = await sign_in("canbo")
    async with _stream(token, actor) as stream:
        await stream.until(lambda s: s.value == {"waiting": 1})
        async with db.transaction() as session:
            await session.execute(sql("UPDATE role_grant SET valid_to = now() WHERE person_id = :id"), {"id": person})
        await stream.until(lambda s: s.finished, within=REVOKED_WITHIN)
        assert stream.events[-1][2] == {"reason": "refused"}


async def test_nobody_is_behind_a_stream_without_a_good_cookie(units: dict[str, int]) -> None:
    await make_officer("canbo", units["19774"])
    token, actor = await sign_in("canbo")

    def scope(cookie: str) -> dict[str, Any]:
        return {"type": "http", "headers": [(b"cookie", cookie.encode())], "client": ("10.0.0.1", 1)}

    assert await web.behind_stream(scope(f"{cookies.SESSION}={token}")) == actor
    for cookie in ("", f"{cookies.SESSION}=", f"{cookies.SESSION}={token[:-1]}x", f"other={token}"):
        assert (await web.behind_stream(scope(cookie))).kind == "anonymous"
