"""What an erasure leaves alone: common words, other people's names and petitions; and what happens beside it at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mattranso_app.core import clock, db
from mattranso_app.core.access import Actor
from mattranso_app.core.errors import NotFound, SignInRequired, Unavailable
from mattranso_app.core.http import router
from mattranso_app.core.personal_data import GONE, Identifiers
from mattranso_app.core.sql import sql
from mattranso_app.identity import service
from mattranso_app.identity.factors import store as factors
from mattranso_app.identity.own_data import archive, store, text
from mattranso_app.identity.service import SecondStep
from mattranso_app.identity.web import identified
from mattranso_app.petitions import service as petitions
from tests.identity.authenticator import enrol, wait
from tests.identity.browser import Browser
from tests.identity.factories import PASSWORD, newest_code
from tests.identity.people import HERE, citizen, person_id_of
from tests.identity.test_erasure import central, people
from tests.identity.test_own_data import pages
from tests.petitions.factories import People, answer, approve, publish, row_of, rows, send, take_up

FIXTURES = (central, people)
PHONE = "0912345678"


async def answered(people: People, number: str, words: str) -> None:
    await take_up(people, number)
    await publish(people, number, title="Việc ở xã", body=words)
    await answer(people, number, body=words)
    await approve(people, number)


async def answer_after(people: People, central: Actor, name: str, words: str, later: str = "") -> str:
    """Return what is left of an office's words once the account of this name is erased; renamed after sending, if `later`."""
    sender = await citizen(PHONE, name)
    number = (await send(sender)).number
    wait(60)
    if later:
        await service.change_name(sender, later)
    await answered(people, number, words)
    request = await service.ask_erasure(sender)
    assert await service.foresee_erasure(central, request) == {later or name: 0}
    await service.fulfil_erasure(central, request)
    assert (await row_of(number))["sender_id"] is None
    return str((await rows("SELECT body FROM petition_answer"))[0]["body"])


@pytest.mark.parametrize("name", ["nước", "Ủy ban", "Hồ nước", "Phú Xuân", "Nguyễn Văn An Toàn"])
async def test_a_common_word_as_a_name_blanks_nothing(people: People, central: Actor, name: str) -> None:
    words = "Ủy ban phường Phú Xuân đã cho nước vào hồ nước, Ủy ban mời bà con giám sát."
    assert await answer_after(people, central, name, words) == words
    columns = "a.public_body AS answer, p.public_body AS question"
    kept = await rows(f"SELECT {columns} FROM petition p JOIN petition_answer a ON a.petition_id = p.id")
    assert kept == [{"answer": words, "question": words}]


async def test_a_name_taken_after_sending_counts_no_more_and_one_borne_then_does(people: People, central: Actor) -> None:
    words = "Đã trả lời bà Nguyễn Thị Hoà và ông TRẦN VĂN BÌNH ngày 20/11/2026."
    assert await answer_after(people, central, "Trần Văn Bình", words, later="Nguyễn Thị Hoà") == words
    wait(60)
    sender = await citizen("0987654321", "Trần Văn Bình")
    number = (await send(sender)).number
    await answered(people, number, words)
    request = await service.ask_erasure(sender)
    assert await service.foresee_erasure(central, request) == {"Trần Văn Bình": 1}, "the published copies were masked before"
    await service.fulfil_erasure(central, request)
    with pytest.raises(NotFound):
        await service.foresee_erasure(central, request)
    (kept,) = await rows("SELECT a.body FROM petition p JOIN petition_answer a ON a.petition_id = p.id WHERE number = :n", n=number)
    assert kept["body"] == f"Đã trả lời bà Nguyễn Thị Hoà và ông {GONE} ngày 20/11/2026."


async def test_the_name_of_who_answered_stays(people: People, central: Actor) -> None:
    lan = replace(people.handler, name="Lê Thị Lan Anh")
    words = "Mọi việc xin hỏi bà Lê Thị Lan."
    assert await answer_after(replace(people, handler=lan), central, "Lê Thị Lan", words) == words


def test_the_words_of_others_lose_only_what_is_written_as_a_name() -> None:
    moment = clock.now()
    borne = Identifiers(frozenset({"hồ văn bé", "nước"}), named_at=moment)
    theirs = borne.for_words_of_others(moment)
    assert theirs.hide("Ông Hồ Văn Bé ở hồ văn bé, có nước.") == f"Ông {GONE} ở hồ văn bé, có nước."
    assert borne.for_words_of_others(moment - timedelta(seconds=1)).names == frozenset()
    assert borne.for_words_of_others(moment, ["Đường Hồ Văn Bé"]).names == frozenset()
    assert borne.hide("Hồ Văn Bé: nước đục") == f"{GONE}: {GONE} đục", "in the own words any of them goes"


async def test_a_claimed_petition_only_leaves_the_list(people: People, central: Actor) -> None:
    """Who claims one by its receipt need not be who wrote it: neither its words nor its contact are hers to take away."""
    nhung = await citizen(PHONE, "Nguyễn Thị Nhung")
    done, waiting = [await send(body=f"Tôi là Nguyễn Thị Nhung, việc {n}.", phone="0987654321", consent=True) for n in "ab"]
    for sent in (done, waiting):
        await petitions.claim(nhung, sent.number, sent.receipt)
        with pytest.raises(NotFound):
            await petitions.withdraw_contact(nhung, sent.number)
    await answered(people, done.number, "Bà Nguyễn Thị Nhung (0987654321) báo.")
    columns = "to_jsonb(p) - 'sender_id' AS kept, a.body, c.sealed, e.person_id"
    everything = (
        f"SELECT {columns} FROM petition p LEFT JOIN petition_answer a ON a.petition_id = p.id JOIN petition_contact c "
        "ON c.petition_id = p.id JOIN petition_event e ON e.petition_id = p.id ORDER BY p.id, e.seq"
    )
    before = await rows(everything)
    assert (await service.view_own_data(nhung)).unfinished == 0, "what others have sent need not be finished"
    await service.fulfil_erasure(central, await service.ask_erasure(nhung))
    assert await rows(everything) == before and await rows("SELECT 1 FROM petition WHERE sender_id IS NOT NULL") == []
    assert await petitions.read_contact(people.handler, waiting.number, "Hỏi thêm địa điểm.")


async def somebody_waits() -> None:
    """Return when a transaction waits for a lock."""
    async with asyncio.timeout(20):
        while True:
            async with db.reading() as session:
                if (await session.execute(sql("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))).scalar_one():
                    return
            await asyncio.sleep(0.01)


ACTS: dict[str, tuple[Callable[[Actor, Any], Awaitable[object]], type[Exception]]] = {
    "send": (lambda her, _: send(her), Unavailable),
    "claim": (lambda her, sent: petitions.claim(her, sent.number, sent.receipt), NotFound),
    "name": (lambda her, _: service.change_name(her, "Tên mới"), SignInRequired),
    "export": (lambda her, _: service.request_export(her), SignInRequired),
}


@pytest.mark.parametrize("act", ACTS)
async def test_nothing_joins_an_account_that_is_being_erased(people: People, act: str) -> None:
    nhung = await citizen(PHONE, "Nguyễn Thị Nhung")
    other = await send()
    do, refusal = ACTS[act]
    async with db.transaction() as session:
        await store.fetch_person(session, await person_id_of(nhung), lock=True)
        task = asyncio.ensure_future(do(nhung, other))
        await somebody_waits()
        await session.execute(sql("UPDATE person SET display_name = '', erased_at = now() WHERE id = :id"), {"id": nhung.person_id})
    with pytest.raises(refusal):
        await task
    assert await rows("SELECT 1 FROM petition WHERE sender_id IS NOT NULL") == [] == await rows("SELECT 1 FROM data_export")
    assert (await rows("SELECT display_name FROM person WHERE id = :id", id=nhung.person_id))[0]["display_name"] == ""


async def test_an_archive_that_is_finished_while_its_owner_is_erased_leaves_no_file(people: People) -> None:
    nhung = await citizen(PHONE)
    export = await service.request_export(nhung)
    async with db.transaction() as session:
        await store.end_exports(session, clock.now(), nhung.person_id)
        task = asyncio.ensure_future(archive.export_data(str(export)))
        await somebody_waits()
    await task
    assert await rows("SELECT state, file_id FROM data_export") == [{"state": "gone", "file_id": None}]
    assert await rows("SELECT 1 FROM stored_file WHERE owner_kind = 'data_export'") == []


async def test_a_factor_that_is_being_set_up_is_asked_for_already(people: People) -> None:
    nhung = await citizen(PHONE)
    await enrol(nhung)
    person = await person_id_of(nhung)
    async with db.transaction() as session:
        await session.execute(sql("UPDATE second_factor SET removed_at = now() WHERE person_id = :id"), {"id": person})
    wait(60)
    challenge = await service.request_code(PHONE, HERE)
    code = await newest_code()
    async with db.transaction() as session:
        await factors.lock_person(session, person)
        await session.execute(sql("UPDATE second_factor SET removed_at = NULL WHERE person_id = :id"), {"id": person})
        task = asyncio.ensure_future(service.sign_in_with_code(challenge.id, code, HERE))
        await somebody_waits()
    assert isinstance(await task, SecondStep)


async def test_the_screen_of_requests_asks_as_much_for_many_as_for_one(people: People, central: Actor) -> None:
    counts = []
    for number in range(6):
        await service.ask_erasure(await citizen(f"09123456{number:02d}"))
        if number in (0, 5):
            statements: list[str] = []
            stop = db.count_statements(statements)
            found, _ = await service.list_data_requests(central)
            stop()
            assert len(found) == number + 1
            counts.append(len(statements))
    assert counts[0] == counts[1] <= 2, statements


async def signed_in(name: str) -> Browser:
    browser = Browser(identified(router(pages)))
    assert (await browser.post("/dang-nhap/can-bo", json_body={"user_name": name, "password": PASSWORD})).status_code == 200
    return browser


async def test_central_reads_what_goes_before_it_is_done(people: People, central: Actor) -> None:
    sender = await citizen(PHONE, "Trần <b>")
    request = await service.ask_erasure(sender)
    browser = await signed_in("trunguong")
    desk = "/tai-khoan/yeu-cau-du-lieu"
    shown = (await browser.get(desk, page=True)).text
    assert f'href="{desk}/{request}"' in shown and f'action="{desk}/{request}/xoa"' not in shown, "seen first, done then"
    before = (await browser.get(f"{desk}/{request}", page=True)).text
    assert "“Trần &lt;b&gt;”: không che trong văn bản nào" in before and f'action="{desk}/{request}/xoa"' in before
    plain = {"content-type": "application/x-www-form-urlencoded"}
    done = await browser.post(f"{desk}/{request}/xoa", headers=plain, page=True)
    assert done.headers["location"] == f"{desk}?xong=xoa"
    gone = await browser.get(f"{desk}/{request}", page=True)
    assert text.NOT_OPEN in gone.text and f"{desk}/{request}/xoa" not in gone.text


async def test_an_officer_is_not_called_what_citizens_are(people: People, central: Actor) -> None:
    page = (await (await signed_in("trunguong")).get("/tai-khoan/du-lieu", page=True)).text
    assert text.LEAD_OFFICER in page and "bà con" not in page.lower()
