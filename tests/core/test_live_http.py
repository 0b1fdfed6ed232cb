"""The two doors of the live core: who may come in, what caches may keep, how many fit."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import Scope

from mattranso_app.core import db as database
from mattranso_app.core import live
from mattranso_app.core.access import ANONYMOUS, Action, Actor, Grant, Role
from mattranso_app.core.errors import SignInRequired, Unavailable
from mattranso_app.core.live import topics
from tests.core.live_stream import Stream, eventually, get

OFFICER = Actor(
    kind="officer", person_id=uuid4(), session_id=uuid4(), grants=(Grant(Role.READER, "mttq", "vn/01/"),), address="10.1.1.1"
)
CITIZEN = Actor(kind="citizen", person_id=uuid4(), session_id=uuid4(), address="10.1.1.2")


async def read(session: AsyncSession, params: live.Params) -> dict[str, Any]:
    return {"name": "Hà Nội", **params}


async def own(actor: Actor, params: live.Params) -> bool:
    return str(actor.person_id) == params["person"]


@pytest.fixture
async def doors(db: str) -> AsyncIterator[None]:
    live.topic("test/public", readers=live.PUBLIC, snapshot=read)
    live.topic("test/desk", readers=Action.PETITION_READ, snapshot=read)
    live.topic("test/own/{person}", readers=own, snapshot=read)
    await live.start(live.Limits(poll=0.3, recheck=0.2, viewers=5, viewers_per_address=3, channels=3))
    yield
    await live.stop()
    live.set_actor_resolver(None)
    for pattern in ("test/public", "test/desk", "test/own/{person}"):
        topics.forget(pattern)


async def opened(path: str, actor: Actor = ANONYMOUS) -> int:
    async with Stream(path, actor=actor) as stream:
        await stream.until(lambda s: s.status and (s.finished or s.value))
        return stream.status


async def test_a_public_snapshot_may_be_cached_and_is_answered_once(doors: None) -> None:
    first = await get("/live/test/public.json")
    assert first.status == 200
    assert first.json()["data"] == {"name": "Hà Nội"}
    assert first.json()["topic"] == "test/public"
    assert first.headers["cache-control"] == "public, max-age=1"
    again = await get("/live/test/public.json", if_none_match=f'"other", {first.headers["etag"]}')
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    async with database.transaction() as session:
        await live.publish(session, "test/public", {"name": "Huế"})

    async def changed() -> bool:
        answer = await get("/live/test/public.json", if_none_match=first.headers["etag"])
        return answer.status == 200 and answer.json()["data"] == {"name": "Huế"}

    await eventually(changed)


async def test_two_processes_give_the_same_tag_for_the_same_value(doors: None) -> None:
    first = (await get("/live/test/public.json")).headers["etag"]
    await live.start()
    assert (await get("/live/test/public.json")).headers["etag"] == first


@pytest.mark.parametrize("end", [".json", "/stream"])
async def test_who_may_read(doors: None, end: str) -> None:
    ask = opened if end == "/stream" else (lambda path, actor=ANONYMOUS: _status(path, actor))
    assert await ask("/live/test/desk" + end) == 401
    assert await ask("/live/test/desk" + end, CITIZEN) == 403
    assert await ask("/live/test/desk" + end, OFFICER) == 200
    assert await ask(f"/live/test/own/{CITIZEN.person_id}" + end, CITIZEN) == 200
    assert await ask(f"/live/test/own/{CITIZEN.person_id}" + end, OFFICER) == 403
    assert await ask(f"/live/test/own/{CITIZEN.person_id}" + end) == 401
    for unknown in ("nothing", "test", "test/own", "test/own/a/b", "test/pub%20lic", "a" * 300, "..", "test/public/"):
        assert await ask(f"/live/{unknown}{end}", OFFICER) == 404


async def _status(path: str, actor: Actor) -> int:
    return (await get(path, actor)).status


async def test_what_not_everyone_may_read_is_kept_by_no_shared_cache(doors: None) -> None:
    answer = await get("/live/test/desk.json", OFFICER)
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["vary"] == "Cookie"


async def test_a_refusal_is_a_problem_document(doors: None) -> None:
    answer = await get("/live/test/desk/stream")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] == "Unauthorized"


async def test_too_many_from_one_address_and_in_all(doors: None) -> None:
    one = [Stream("/live/test/public/stream", address="10.0.0.1") for _ in range(3)]
    two = [Stream("/live/test/public/stream", address="10.0.0.2") for _ in range(2)]
    for stream in one + two:
        await stream.__aenter__()
        await stream.until(lambda s: s.value)
    assert live.hub().figures()["viewers"] == 5
    for address in ("10.0.0.1", "10.0.0.3"):
        async with Stream("/live/test/public/stream", address=address) as refused:
            await refused.until(lambda s: s.finished)
            assert refused.status == 503
            assert 1 <= int(refused.answer_headers["retry-after"]) <= 10
    assert (await get("/live/test/public.json")).status == 200
    for stream in one + two:
        await stream.leave()
    assert live.hub().figures()["viewers"] == 0
    assert await opened("/live/test/public/stream") == 200


async def test_topics_held_at_once_are_bounded(doors: None) -> None:
    """Guessing names costs whoever guesses; who already looks goes on."""
    people = [Actor(kind="citizen", person_id=uuid4(), session_id=uuid4()) for _ in range(4)]
    streams = [Stream(f"/live/test/own/{p.person_id}/stream", actor=p, address=f"10.2.0.{n}") for n, p in enumerate(people)]
    for stream in streams:
        await stream.__aenter__()
        await stream.until(lambda s: s.status and (s.finished or s.value))
    assert [stream.status for stream in streams] == [200, 200, 200, 503]
    for stream in streams:
        await stream.leave()


async def test_a_revoked_session_loses_its_streams_within_five_seconds(doors: None) -> None:
    revoked: set[UUID | None] = set()
    lookups = 0

    async def resolve(scope: Scope) -> Actor:
        nonlocal lookups
        lookups += 1
        if OFFICER.session_id in revoked:
            raise SignInRequired()
        return OFFICER

    live.set_actor_resolver(resolve)
    async with (
        Stream("/live/test/desk/stream", actor=OFFICER) as one,
        Stream("/live/test/desk/stream", actor=OFFICER) as two,
        Stream("/live/test/public/stream", actor=OFFICER) as public,
    ):
        for stream in (one, two, public):
            await stream.until(lambda s: s.value)
        await asyncio.sleep(1.2)
        assert not one.finished
        assert lookups <= 8, "one look-up for all streams of a session"
        revoked.add(OFFICER.session_id)
        await one.until(lambda s: s.finished)
        await two.until(lambda s: s.finished)
        assert one.events[-1][0] == "end"
        assert one.events[-1][2] == {"reason": "refused"}
        assert not public.finished


async def test_the_database_being_away_is_no_reason_to_refuse(doors: None) -> None:
    async def resolve(scope: Scope) -> Actor:
        raise Unavailable()

    live.set_actor_resolver(resolve)
    async with Stream("/live/test/desk/stream", actor=OFFICER) as stream:
        await stream.until(lambda s: s.value)
        await asyncio.sleep(1.2)
        assert not stream.finished


async def test_a_right_withdrawn_ends_the_stream(doors: None) -> None:
    async def resolve(scope: Scope) -> Actor:
        return CITIZEN

    live.set_actor_resolver(resolve)
    async with Stream("/live/test/desk/stream", actor=OFFICER) as stream:
        await stream.until(lambda s: s.finished)
        assert stream.events[-1][2] == {"reason": "refused"}


async def test_a_process_told_to_end_says_goodbye_at_once(doors: None) -> None:
    """The server would wait for the streams before it stops; whatever it does at the signal still happens."""
    heard = asyncio.Event()
    loop = asyncio.get_running_loop()
    before = signal.getsignal(signal.SIGTERM)
    loop.add_signal_handler(signal.SIGTERM, heard.set)
    await live.start()
    try:
        async with Stream("/live/test/public/stream") as stream:
            await stream.until(lambda s: s.value)
            os.kill(os.getpid(), signal.SIGTERM)
            await stream.until(lambda s: s.finished)
            assert stream.events[-1][2] == {"reason": "restart"}
            await asyncio.wait_for(heard.wait(), 2)
    finally:
        await live.stop()
        loop.remove_signal_handler(signal.SIGTERM)
        signal.signal(signal.SIGTERM, before)


async def test_closing_says_goodbye_and_lets_them_come_back(doors: None) -> None:
    async with Stream("/live/test/public/stream") as stream:
        await stream.until(lambda s: s.value)
        await live.stop()
        await stream.until(lambda s: s.finished)
        assert stream.events[-1][2] == {"reason": "restart"}
    assert (await get("/live/test/public.json")).status == 503


async def test_head_asks_without_opening(doors: None) -> None:
    async with Stream("/live/test/public/stream", method="HEAD") as stream:
        await stream.until(lambda s: s.finished)
        assert (stream.status, stream.raw) == (200, b"")
    assert live.hub().figures()["viewers"] == 0
