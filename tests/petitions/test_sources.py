"""What petitions offer the house: topics that are always current and never tell what is not public, files, page heads."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import pytest

from mattranso_app.core import clock, db, files, live
from mattranso_app.core.access import Actor
from mattranso_app.core.live import topics
from mattranso_app.core.live.patch import normal
from mattranso_app.core.search.sources import sources as searched
from mattranso_app.petitions import service, sources
from tests.core.live_stream import Stream, get
from tests.petitions.factories import (
    ANSWER,
    BODY,
    COMMUNE,
    NEIGHBOUR,
    People,
    answer,
    answered,
    approve,
    picture,
    publish,
    row_of,
    rows,
    send,
    take_up,
    version_of,
    withhold,
)

SECRETS = ("bímậtmột", "bímậthai", "bímậtba")


@pytest.fixture
async def hub(country: dict[str, int]) -> AsyncIterator[None]:
    """The live hub, looking often."""
    await live.start(live.Limits(poll=0.2, recheck=0.2))
    yield
    await live.stop()


async def fresh(name: str) -> Any:
    """Read a topic's value from the database now."""
    found = topics.find(name)
    assert found is not None
    topic, params = found
    async with db.reading() as session:
        return normal(await topic.snapshot(session, params))


async def test_every_step_reaches_every_open_page(hub: None, people: People) -> None:
    """Each act is told to all topics it changes: what a page shows is what a fresh look would show."""
    clock.freeze(datetime(2026, 11, 24, 3, tzinfo=UTC))
    number = (await send(photos=1, body=f"{BODY} {SECRETS[0]}")).number
    names = {"portal": people.nobody, "petitions": people.nobody, f"petitions/{number}": people.nobody, f"desk/{COMMUNE}": people.handler}

    async def return_it() -> None:
        await service.return_answer(people.approver, number, await version_of(number), f"Sửa lại {SECRETS[2]}")

    acts: list[tuple[Callable[[], Awaitable[object]], set[str]]] = [
        (lambda: send(), {"portal", f"desk/{COMMUNE}"}),
        (lambda: take_up(people, number), {f"petitions/{number}", f"desk/{COMMUNE}"}),
        (lambda: publish(people, number, body="Đường sạt lở, xin gia cố."), {"petitions", f"petitions/{number}", f"desk/{COMMUNE}"}),
        (lambda: withhold(people, number), {"petitions", f"petitions/{number}", f"desk/{COMMUNE}"}),
        (lambda: publish(people, number, body="Đường sạt lở, xin gia cố."), {"petitions", f"petitions/{number}", f"desk/{COMMUNE}"}),
        (lambda: answer(people, number, f"{ANSWER} {SECRETS[1]}"), {f"desk/{COMMUNE}"}),
        (return_it, {f"desk/{COMMUNE}"}),
        (lambda: answer(people, number), {f"desk/{COMMUNE}"}),
        (lambda: approve(people, number), {"portal", "petitions", f"petitions/{number}", f"desk/{COMMUNE}"}),
        (lambda: withhold(people, number), {"portal", "petitions", f"petitions/{number}"}),
    ]
    async with AsyncExitStack() as stack:
        streams = {
            name: await stack.enter_async_context(Stream(f"/live/{name}/stream", actor=reader)) for name, reader in names.items()
        }
        for stream in streams.values():
            await stream.until(lambda s: s.value is not None)
        for act, changed in acts:
            before = {name: await fresh(name) for name in names}
            await act()
            for name, stream in streams.items():
                value = await fresh(name)
                assert (value != before[name]) is (name in changed), name
                await stream.until(lambda s, value=value: s.value == value)
            for name, reader in names.items():
                if reader is people.nobody:
                    heard = json.dumps(streams[name].events, ensure_ascii=False)
                    assert not [secret for secret in SECRETS if secret in heard], "unpublished text leaves no trace on any topic"
        assert streams[f"petitions/{number}"].value["body"] == ""


async def test_the_snapshot_is_the_page_and_holds_only_public_copies(hub: None, people: People) -> None:
    number = await answered(people, body=f"{BODY} Gọi 0912345678.", phone="0987654321", consent=True)
    for name in ("portal", "petitions", f"petitions/{number}"):
        seen = await get(f"/live/{name}.json")
        assert seen.status == 200
        assert "0912345678" not in seen.body.decode() and "987654321" not in seen.body.decode()
    shown = (await get(f"/live/petitions/{number}.json")).json()["data"]
    assert shown["answer"] == ANSWER and BODY in shown["body"]
    assert (await get("/live/portal.json")).json()["data"]["latest"][0]["number"] == number
    assert (await get("/live/petitions.json")).json()["data"] == {"published": [number], "answered": [number]}


async def test_a_desk_is_for_its_officers(hub: None, people: People) -> None:
    expected = {
        "nobody": 401, "citizen": 403, "neighbour": 403, "reader": 200, "handler": 200, "approver": 200, "both": 200, "province": 200,
    }
    found = {who: (await get(f"/live/desk/{COMMUNE}.json", getattr(people, who))).status for who in expected}
    assert found == expected
    assert (await get(f"/live/desk/{NEIGHBOUR}.json", people.neighbour)).status == 200
    for unknown in ("99999", "x", "VN"):
        assert (await get(f"/live/desk/{unknown}.json", people.handler)).status in (403, 404)
    assert (await get("/live/petitions/PA-0000-00.json")).status == 404


# ---- files


async def readable(actor: Actor, file_id: object) -> bool:
    async with db.reading() as session:
        file = await files.fetch_file(session, file_id)  # type: ignore[arg-type]
        assert file is not None
        return await files.may_read(session, actor, file)


async def file_ids(number: str, part: str) -> list[Any]:
    found = await rows("SELECT id FROM stored_file WHERE owner_ref = :ref ORDER BY ordinal", ref=f"{number}/{part}")
    return [row["id"] for row in found]


async def test_private_photos_are_for_the_sender_and_the_office(people: People) -> None:
    number = (await send(people.citizen, photos=1)).number
    (photo_id,) = await file_ids(number, "photo")
    stranger = Actor(kind="citizen", person_id=people.handler.person_id)
    expected = {
        people.nobody: False, stranger: False, people.neighbour: False, people.citizen: True, people.reader: True,
        people.handler: True, people.province: True,
    }
    assert {actor: await readable(actor, photo_id) for actor in expected} == expected
    await take_up(people, number)
    await publish(people, number)
    assert all([await readable(actor, photo_id) for actor in expected])
    await withhold(people, number)
    assert {actor: await readable(actor, photo_id) for actor in expected} == expected


async def test_an_anonymous_senders_photos_are_no_anonymous_readers(people: People) -> None:
    number = (await send(photos=1)).number
    (photo_id,) = await file_ids(number, "photo")
    assert not await readable(people.nobody, photo_id)
    assert not await readable(Actor(kind="citizen", person_id=None), photo_id)
    assert not await readable(people.citizen, photo_id)


async def test_answer_files_are_the_senders_once_approved(people: People) -> None:
    number = (await send(people.citizen)).number
    await take_up(people, number)
    await withhold(people, number)
    for name in ("a.jpg", "thua.jpg"):
        prepared = await files.prepare(picture("navy"), name, files.Purpose.ATTACHMENT)
        await service.attach_evidence(people.handler, number, prepared)
    used, unused = await file_ids(number, "answer")
    await answer(people, number, attachments=(used,))
    assert [await readable(people.citizen, each) for each in (used, unused)] == [False, False]
    assert await readable(people.approver, used)
    await approve(people, number)
    assert [await readable(people.citizen, each) for each in (used, unused)] == [True, False]
    assert not await readable(people.nobody, used), "the question is withheld, so the answer is the sender's alone"


# ---- search and page heads


async def test_the_search_source_holds_what_is_public(people: People) -> None:
    public, withheld = await answered(people), await answered(people, withheld=True)
    waiting = (await send()).number
    source = searched["petitions"]
    async with db.reading() as session:
        everything = await source.iterate(session, "", 100)
        ids = [str((await row_of(number))["id"]) for number in (public, withheld, waiting)]
        some = await source.fetch(session, ids)
    assert [document.ref for document in everything] == [document.ref for document in some] == [ids[0]]
    assert BODY in everything[0].body and ANSWER in everything[0].body
    assert everything[0].facets["answered"] == "1"
    touched = {row["ref"] for row in await rows("SELECT ref FROM search_change")}
    assert touched == set(ids[:2]), "what was never published or withheld has no place in the index"


async def test_page_heads_tell_only_what_is_public(people: People) -> None:
    number = (await send(title="Chuyện riêng")).number
    head = await sources.petition_head({"number": number})
    assert head is not None and "Chuyện riêng" not in repr(head) and BODY not in repr(head)
    done = await answered(people, title="Đường thôn 5")
    head = await sources.petition_head({"number": done})
    assert head is not None and "Đường thôn 5" in repr(head)
    assert await sources.petition_head({"number": "PA-0000-00"}) is None
