"""Reading: what everyone, a sender and an officer see, in few statements however many rows there are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from mattranso_app.core import clock, db
from mattranso_app.core.access import ANONYMOUS
from mattranso_app.core.errors import BadRequest, Forbidden, NotFound, SignInRequired
from mattranso_app.petitions import service, sources, store
from tests.petitions.factories import (
    ANSWER,
    BODY,
    COMMUNE,
    NEIGHBOUR,
    REASON,
    People,
    answer,
    answered,
    approve,
    publish,
    row_of,
    send,
    take_up,
    withhold,
)

MONDAY = datetime(2026, 11, 23, 2, tzinfo=UTC)


async def statements(act: Callable[[], Awaitable[object]]) -> int:
    seen: list[str] = []
    stop = db.count_statements(seen)
    try:
        await act()
    finally:
        stop()
    return len(seen)


# ---- what everyone sees


async def test_before_it_is_published_only_its_course_is_public(people: People) -> None:
    sent = await send(photos=1, title="Đường thôn 5")
    for _ in range(2):
        shown = await service.get_public(sent.number)
        assert (shown.title, shown.body, shown.place, shown.photos, shown.answer) == ("", "", "", [], None)
        assert shown.deadline.due_at == sent.due_at and shown.unit.code == COMMUNE
        if shown.state == "received":
            await take_up(people, sent.number)
    assert [step.step for step in shown.timeline] == ["submit", "take_up"]
    assert (await service.list_public(await service.public_filter())).items == []


async def test_the_way_from_question_to_answer(people: People) -> None:
    number = await answered(people, title="Đường thôn 5")
    shown = await service.get_public(number)
    assert (shown.title, shown.body, shown.state, shown.outcome) == ("Đường thôn 5", BODY, "answered", "solved")
    assert shown.answer is not None and shown.answer.body == ANSWER
    assert [step.step for step in shown.timeline] == ["submit", "take_up", "publish_question", "approve_answer"]
    assert (await service.get_public(number.lower().replace("-", " "))).number == number


async def test_waiting_for_approval_is_nobodys_business(people: People) -> None:
    number = (await send()).number
    await take_up(people, number)
    await publish(people, number)
    await answer(people, number)
    shown = await service.get_public(number)
    assert shown.state == "in_progress" and shown.answer is None and ANSWER not in repr(shown)
    assert (await service.list_public(await service.public_filter())).items[0].state == "in_progress"


async def test_a_withheld_petition_shows_why_and_no_text(people: People) -> None:
    sent = await send(photos=1)
    await take_up(people, sent.number)
    await withhold(people, sent.number)
    await answer(people, sent.number)
    await approve(people, sent.number)
    shown = await service.get_public(sent.number)
    assert (shown.withheld_reason, shown.title, shown.answer, shown.photos) == (REASON, "", None, [])
    assert BODY not in repr(shown) and ANSWER not in repr(shown)
    mine = await service.follow(ANONYMOUS, sent.receipt)
    assert mine.body == BODY and mine.answer is not None and mine.answer.body == ANSWER and len(mine.photos) == 1


async def test_a_sender_gets_no_answer_before_it_is_approved(people: People) -> None:
    sent = await send()
    await take_up(people, sent.number)
    await publish(people, sent.number)
    await answer(people, sent.number)
    assert (await service.follow(ANONYMOUS, sent.receipt)).answer is None


async def test_unknown_numbers(people: People) -> None:
    for typed in ("", "PA-0000-00", "x" * 5_000, "'; --"):
        with pytest.raises(NotFound):
            await service.get_public(typed)


# ---- lists


async def test_pages_hold_each_row_once_and_filters_narrow(people: People) -> None:
    clock.freeze(MONDAY)  # all at one moment: the id decides
    done = [await answered(people, kind=kind) for kind in ("phan_anh", "kien_nghi", "cau_hoi")]
    waiting = (await send()).number
    await take_up(people, waiting)
    await publish(people, waiting)
    seen: list[str] = []
    cursor = ""
    while True:
        page = await service.list_public(await service.public_filter(), cursor, 2)
        seen += [item.number for item in page.items]
        if page.next is None:
            break
        cursor = page.next
    assert seen == [waiting, *reversed(done)]

    async def found(*narrowed: object) -> set[str]:
        wanted = await service.public_filter(*narrowed)  # type: ignore[arg-type]
        items = (await service.list_public(wanted)).items
        assert await service.count_public(wanted) == (len(items), False)
        return {item.number for item in items}

    assert await found(COMMUNE) == await found("46") == set(seen)
    assert await found(NEIGHBOUR) == await found("48") == set()
    assert await found("", "kien_nghi") == {done[1]}
    assert await found("", None, True) == set(done)
    assert await found("46", None, False) == {waiting}


@pytest.mark.parametrize("cursor", ["x", "!!!!", "đ", "A" * 22, "f" * 100, "_" * 22, "\n"])
async def test_a_cursor_that_is_none_of_ours(people: People, cursor: str) -> None:
    unit = await service.desk_unit(people.handler)
    for act in (
        lambda: service.list_public(store.PublicFilter(), cursor),
        lambda: service.list_queue(people.handler, unit, "moi", cursor),
    ):
        try:
            assert (await act()).items == []
        except BadRequest as refused:
            assert "mở lại danh sách" in refused.text


async def test_the_desk_sorts_by_deadline_and_counts(people: People) -> None:
    clock.freeze(MONDAY - timedelta(days=40))
    late = (await send()).number
    clock.freeze(MONDAY)
    fresh = (await send()).number
    other = (await send(unit=NEIGHBOUR)).number
    done = await answered(people)
    unit = await service.desk_unit(people.handler)
    assert await service.count_queue(people.handler, unit) == {
        "moi": 2, "dang-xu-ly": 0, "cho-duyet": 0, "qua-han": 1, "da-tra-loi": 1,
    }
    pages = {tab: await service.list_queue(people.handler, unit, tab) for tab in store.TABS}
    tabs = {tab: [item.number for item in page.items] for tab, page in pages.items()}
    assert tabs == {"moi": [late, fresh], "dang-xu-ly": [], "cho-duyet": [], "qua-han": [late], "da-tra-loi": [done]}
    assert other not in str(tabs)
    for who, fault in ((people.neighbour, Forbidden), (people.citizen, Forbidden), (people.nobody, SignInRequired)):
        with pytest.raises(fault):
            await service.list_queue(who, unit, "moi")
        with pytest.raises(fault):
            await service.count_queue(who, unit)
    with pytest.raises(BadRequest):
        await service.list_queue(people.handler, unit, "khac")


# ---- figures


async def test_answered_on_time_and_late(people: People) -> None:
    clock.freeze(MONDAY)
    on_the_dot, late = (await send()).number, (await send()).number
    waiting = (await send()).number
    for number in (on_the_dot, late):
        await take_up(people, number)
        await publish(people, number)
        await answer(people, number)
    due = (await row_of(late))["due_at"]
    async with db.reading() as session:
        figures = await service.national_figures(session)
    assert (figures.received_today, figures.open, figures.answered, figures.overdue) == (3, 3, 0, 0)
    clock.freeze(due)
    await approve(people, on_the_dot)
    clock.freeze(due + timedelta(seconds=1))
    await approve(people, late)
    async with db.reading() as session:
        figures = await service.national_figures(session)
    assert (figures.received_today, figures.open, figures.answered, figures.answered_on_time, figures.overdue) == (0, 1, 2, 1, 1)
    assert (await row_of(waiting))["due_at"] == due
    clock.freeze(due + timedelta(days=31))
    async with db.reading() as session:
        figures = await service.national_figures(session)
    assert (figures.answered, figures.answered_on_time, figures.overdue) == (0, 0, 1), "the share looks back thirty days"


async def test_a_withheld_and_then_answered_petition_counts_as_answered_once(people: People) -> None:
    await answered(people, withheld=True)
    number = await answered(people)
    await withhold(people, number)
    async with db.reading() as session:
        figures = await service.national_figures(session)
    assert (figures.open, figures.answered) == (0, 2)


# ---- few statements


async def _many(people: People, size: int) -> str:
    for place in range(size):
        number = (await send(photos=1 + place % 2)).number
        await take_up(people, number)
        await publish(people, number)
        await answer(people, number)
        await service.return_answer(people.approver, number, 4, "Ghi rõ thời hạn.")
        await answer(people, number)
        if place % 2:
            await approve(people, number)
    return number


async def test_five_statements_at_most_whatever_the_number_of_rows(people: People) -> None:
    async def list_page() -> None:
        wanted = await service.public_filter(COMMUNE)
        await service.list_public(wanted, "", 50)
        await service.count_public(wanted)

    async def desk() -> None:
        unit = await service.desk_unit(people.handler)
        await service.count_queue(people.handler, unit)
        await service.list_queue(people.handler, unit, "cho-duyet")

    async def snapshot(read: Callable[..., Awaitable[object]], **params: str) -> None:
        async with db.reading() as session:
            await read(session, params)

    number = await _many(people, 2)
    acts: dict[str, Callable[[], Awaitable[object]]] = {
        "list": list_page,
        "item": lambda: service.get_public(number),
        "desk": desk,
        "officer": lambda: service.get_for_officer(people.handler, number),
        "portal": lambda: snapshot(sources.portal_snapshot),
        "list topic": lambda: snapshot(sources.list_snapshot),
        "item topic": lambda: snapshot(sources.petition_snapshot, number=number),
        "desk topic": lambda: snapshot(sources.desk_snapshot, unit=COMMUNE),
    }
    few = {name: await statements(act) for name, act in acts.items()}
    await _many(people, 9)
    assert {name: await statements(act) for name, act in acts.items()} == few
    assert {name: used for name, used in few.items() if not 1 <= used <= 5} == {}
