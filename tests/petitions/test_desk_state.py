"""What the desk's states do, one tab at a time: pages, tabs, units, what is open, and what refreshing leaves alone."""

from __future__ import annotations

from inspect import isasyncgen
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from reflex.istate.data import RouterData
from reflex.state import State

from mattranso_app.core.access import SYSTEM, Actor, set_current_actor
from mattranso_app.core.db import count_statements
from mattranso_app.petitions import service, text
from mattranso_app.petitions.models import State as PetitionStage
from mattranso_app.petitions.states.desk import DESK, DeskState
from mattranso_app.petitions.states.desk_item import PetitionState
from tests.petitions.factories import (
    NEIGHBOUR,
    PROVINCE,
    People,
    answer,
    count,
    publish,
    row_of,
    send,
    take_up,
    version_of,
)

WITHIN_LOAD = 6
"""Statements of one load: unit, counts of the tabs, page of the queue; petition, events, answers with draft, files.

The guard before it looks the session up: one more."""


class Tab:
    """One open page of the desk: the states behind it, called as the guard calls them."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        state: Any = State(_reflex_internal_init=True)  # type: ignore[call-arg]
        for part in PetitionState.get_full_name().split(".")[1:]:
            state = state.substates[part]
            self.state = state
        self.statements: list[str] = []

    async def call(self, handler: str, *values: Any) -> Any:
        """Run one handler and note the statements it sent."""
        set_current_actor(self.actor)
        self.statements = []
        stop = count_statements(self.statements)
        try:
            owner = PetitionState if handler in PetitionState.event_handlers else DeskState
            called = owner.event_handlers[handler].fn(self.state, *values)
            if isasyncgen(called):  # an act: acknowledged first, then drawn anew
                return [each async for each in called]
            return await called
        finally:
            stop()
            # Whether the units have changed is asked every few seconds, by whoever comes along then.
            self.statements = [statement for statement in self.statements if "unit_release" not in statement]

    async def open(self, address: str = DESK) -> None:
        """Go to an address of the desk."""
        self.state.parent_state.parent_state.router = RouterData.from_router_data({"pathname": DESK, "asPath": address, "headers": {}})
        await self.call("load")

    @property
    def numbers(self) -> list[str]:
        """The petitions on this page, in order."""
        return [str(parse_qs(urlsplit(str(item["href"])).query)["mo"][0]) for item in self.state.items]


async def test_250_petitions_page_by_page_there_and_back(people: People) -> None:
    sent = {(await send(SYSTEM)).number for _ in range(250)}
    tab = Tab(people.handler)
    await tab.open()
    pages = [tab.numbers]
    while tab.state.next_href:
        await tab.open(tab.state.next_href)
        pages.append(tab.numbers)
        assert len(tab.statements) == 2, tab.statements
    assert [len(page) for page in pages] == [30] * 8 + [10]
    assert sorted(sum(pages, [])) == sorted(sent), "each one once, none left out"
    back = [tab.numbers]
    while tab.state.previous_href or tab.state.cursor:
        await tab.open(tab.state.previous_href)
        back.append(tab.numbers)
    assert back == pages[::-1]
    assert tab.state.tabs[0]["count"] == "250"


async def test_a_load_sends_as_many_statements_for_one_petition_as_for_forty(people: People) -> None:
    tab, sent = Tab(people.handler), [(await send(photos=1)).number]
    figures = []
    for more in (0, 39):
        sent += [(await send(photos=1)).number for _ in range(more)]
        await tab.open()
        queue = len(tab.statements)
        await tab.open(f"{DESK}?mo={sent[0]}")
        figures.append((queue, len(tab.statements)))
    assert figures == [(2, WITHIN_LOAD)] * 2, tab.statements
    await tab.call("show_changed")
    assert len(tab.statements) == WITHIN_LOAD - 2


async def test_tabs_hold_what_their_names_say(people: People) -> None:
    waiting, taken, handed = [(await send()).number for _ in range(3)]
    for number in (taken, handed):
        await take_up(people, number)
    await publish(people, handed)
    await answer(people, handed)
    tab = Tab(people.handler)
    for name, held in (("moi", [waiting]), ("dang-xu-ly", [taken]), ("cho-duyet", [handed]), ("qua-han", []), ("da-tra-loi", [])):
        await tab.open(f"{DESK}?hang={name}")
        assert (tab.state.tab, tab.numbers) == (name, held)
    await tab.open(f"{DESK}?hang=khong-co")
    assert (tab.state.tab, tab.numbers, tab.state.problem) == ("moi", [waiting], "")
    await tab.open(f"{DESK}?sau=khong-phai-khoa")
    assert tab.state.problem and tab.numbers == [], "an address somebody has bent shows words and no rows"
    await tab.open()
    assert (tab.numbers, tab.state.problem) == ([waiting], "")


async def test_another_units_desk_is_chosen_below_the_own_one_only(people: People, country: dict[str, int]) -> None:
    here, there = (await send()).number, (await send(unit=NEIGHBOUR)).number
    above = Tab(people.province)
    await above.open()
    assert above.state.can_choose_unit and above.numbers == []
    assert await above.call("choose_unit", {}) is None
    assert above.state.problem == text.OTHER_UNIT_MISSING
    assert await above.call("choose_unit", {"unit": NEIGHBOUR}) is not None
    await above.open(f"{DESK}?don-vi={NEIGHBOUR}")
    assert (above.numbers, above.state.unit_name, above.state.problem) == ([there], "Phường Thuận Hóa", "")

    own = Tab(people.handler)
    await own.open()
    assert not own.state.can_choose_unit and own.numbers == [here]
    for code in (NEIGHBOUR, PROVINCE, "khongco"):
        await own.open(f"{DESK}?don-vi={code}")
        assert own.state.problem and own.numbers == [] and own.state.unit_name == "", code


async def test_a_number_of_another_unit_opens_nothing(people: People) -> None:
    here, foreign = (await send()).number, (await send(unit=NEIGHBOUR, body="Chuyện riêng của phường bên cạnh, xin xử lý kín.")).number
    tab = Tab(people.handler)
    await tab.open(f"{DESK}?mo={here}")
    assert tab.state.number == here
    for wanted in (foreign, "PA-0000-00", "khong phai so"):
        await tab.open(f"{DESK}?mo={wanted}")
        assert (tab.state.number, tab.state.problem) == ("", text.NUMBER_UNKNOWN)
        assert "Chuyện riêng" not in str(tab.state.parts)
        assert tab.numbers == [here], "the queue stays where it is"


async def test_refreshing_brings_new_rows_and_leaves_what_is_being_written(people: People) -> None:
    number = (await send()).number
    await take_up(people, number)
    await publish(people, number)
    tab = Tab(people.handler)
    await tab.open(f"{DESK}?hang=dang-xu-ly&mo={number}")
    assert tab.state.can_answer
    await service.save_draft(people.handler, number, await version_of(number), "solved", "Đang viết dở.")
    before = {name: getattr(tab.state, name) for name in ("number", "version", "draft", "tab", "cursor", "title")}
    other = (await send()).number
    await take_up(people, other)
    await tab.call("refresh")
    assert set(tab.numbers) == {number, other} and not tab.state.changed_elsewhere
    await answer(people, number)
    await tab.call("refresh")
    assert tab.state.changed_elsewhere and tab.numbers == [other]
    assert {name: getattr(tab.state, name) for name in before} == before, "what is open changes only when it is asked for"
    await tab.call("show_changed")
    assert (tab.state.changed_elsewhere, tab.state.version) == (False, await version_of(number))

    reader = Tab(people.reader)
    await reader.open(f"{DESK}?mo={other}")
    await publish(people, other)
    await reader.call("refresh")
    assert reader.state.version == await version_of(other), "who writes nothing sees the newest at once"


@pytest.mark.parametrize("act", ["take_up", "publish_question"])
async def test_an_act_on_what_has_moved_on_changes_nothing_and_shows_how_it_stands(people: People, act: str) -> None:
    number = (await send()).number
    if act == "publish_question":
        await take_up(people, number)
    tab = Tab(people.both)
    await tab.open(f"{DESK}?mo={number}")
    copy = dict(tab.state.public_copy)
    await (take_up if act == "take_up" else publish)(people, number)
    events = await count("petition_event")
    await tab.call(act, *([copy] if act == "publish_question" else []))
    assert (tab.state.act_problem, tab.state.act_done) == (text.MOVED_ON, "")
    assert tab.state.version == await version_of(number)
    assert await count("petition_event") == events


async def test_an_answer_to_what_has_moved_on_is_kept_as_a_draft(people: People) -> None:
    number = (await send()).number
    await take_up(people, number)
    await publish(people, number)
    tab = Tab(people.both)
    await tab.open(f"{DESK}?mo={number}")
    await answer(people, number)
    await service.return_answer(people.approver, number, await version_of(number), "Ghi rõ ngày.")
    written = "Đã thay bóng đèn ở đầu ngõ, gọi 0912 345 678 nếu còn hỏng."
    await tab.call("submit_answer", {"outcome": "solved", "body": written})
    assert (tab.state.act_problem, tab.state.draft["body"]) == (text.MOVED_ON, written)
    assert tab.state.draft_masked == ["1 số điện thoại sẽ được che"]
    assert tab.state.can_answer
    await tab.call("submit_answer", {"outcome": "solved", "body": written})
    assert tab.state.act_done == text.DONE["submit"]
    assert (await row_of(number))["state"] == PetitionStage.AWAITING_APPROVAL
