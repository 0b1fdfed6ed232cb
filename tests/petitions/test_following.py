"""When communes merge or move, their petitions go along: history kept, desk, counts, search and rights with the heir."""

from __future__ import annotations

import psycopg
import pytest

from mattranso_app.core.access import Role
from mattranso_app.core.errors import NotFound
from mattranso_app.petitions import following, service
from tests.petitions.factories import (
    COMMUNE,
    NEIGHBOUR,
    NEIGHBOUR_PATH,
    People,
    answer,
    answered,
    approve,
    count,
    officer,
    publish,
    row_of,
    rows,
    send,
    take_up,
    version_of,
)
from tests.petitions.merging import merge, move


async def history(number: str) -> list[tuple[object, ...]]:
    found = await rows(
        "SELECT e.* FROM petition_event e JOIN petition p ON p.id = e.petition_id WHERE p.number = :number ORDER BY seq", number=number
    )
    return [tuple(row.values()) for row in found]


async def test_a_merged_communes_petitions_lie_on_the_heirs_desk(people: People, country: dict[str, int]) -> None:
    number = (await send(photos=1)).number
    await take_up(people, number)
    await publish(people, number)
    done, own = await answered(people), (await send(unit=NEIGHBOUR)).number
    before = await history(number)
    await merge(COMMUNE, NEIGHBOUR)

    assert await history(number) == before, "what happened in the old unit happened there"
    heir = officer("Anh Nam", NEIGHBOUR_PATH, Role.HANDLER, unit_id=country[NEIGHBOUR])
    unit = await service.desk_unit(heir)
    assert [item.number for item in (await service.list_queue(heir, unit, "dang-xu-ly")).items] == [number]
    assert [item.number for item in (await service.list_queue(heir, unit, "moi")).items] == [own]
    assert [item.number for item in (await service.list_queue(heir, unit, "da-tra-loi")).items] == [done]
    seen = await service.get_for_officer(heir, number)
    assert seen.unit.code == NEIGHBOUR and {event.unit for event in seen.events} == {"Phường Phú Xuân"}
    assert (await service.get_public(number)).unit.name == "Phường Thuận Hóa"
    for former in (people.handler, people.approver):
        with pytest.raises(NotFound):
            await service.get_for_officer(former, number)

    await service.submit_answer(heir, number, await version_of(number), "solved", "Đã làm xong, bà con thấy vướng xin báo lại.")
    await service.approve_answer(people.neighbour, number, await version_of(number))
    assert (await row_of(number))["state"] == "answered"


async def test_counts_go_along_and_add_up(people: People, country: dict[str, int]) -> None:
    for _ in range(2):
        await answered(people)
    await send()
    await send(unit=NEIGHBOUR)
    await merge(COMMUNE, NEIGHBOUR)
    stat = await rows("SELECT unit_id, sum(received) AS received, sum(answered) AS answered FROM petition_stat GROUP BY unit_id")
    assert [(row["unit_id"], row["received"], row["answered"]) for row in stat] == [(country[NEIGHBOUR], 4, 2)]
    assert [(row["unit_id"], row["open"]) for row in await rows("SELECT * FROM petition_open")] == [(country[NEIGHBOUR], 2)]
    assert (await rows("SELECT sum(received) AS n FROM petition_total"))[0]["n"] == 4


async def test_search_and_open_desks_are_told(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "BATCH", 2)
    public = [await answered(people) for _ in range(3)]
    await send()
    last = (await rows("SELECT max(id) AS id FROM search_change"))[0]["id"]
    told = (await rows("SELECT max(id) AS id FROM live_change"))[0]["id"]
    await merge(COMMUNE, NEIGHBOUR)
    touched = {int(row["ref"]) for row in await rows("SELECT ref FROM search_change WHERE id > :last", last=last)}
    assert touched == {(await row_of(number))["id"] for number in public}
    topics = {row["topic"] for row in await rows("SELECT topic FROM live_change WHERE id > :last", last=told)}
    assert topics == {f"desk/{COMMUNE}", f"desk/{NEIGHBOUR}", "portal", "petitions"}


async def test_a_commune_that_changes_its_province_takes_its_petitions_along(people: People) -> None:
    number = await answered(people)
    last = (await rows("SELECT max(id) AS id FROM search_change"))[0]["id"]
    await move(COMMUNE, "48")
    row = await row_of(number)
    assert (row["unit_path"], row["province_path"]) == ("vn/48/19774/", "vn/48/")
    assert (await service.get_public(number)).unit.province == "Thành phố Đà Nẵng"
    assert await count("search_change", "id > :last", last=last) == 1
    with pytest.raises(NotFound):
        await service.get_for_officer(people.province, number)
    found = {code: (await service.list_public(await service.public_filter(code))).items for code in ("46", "48")}
    assert {code: [item.number for item in items] for code, items in found.items()} == {"46": [], "48": [number]}


async def test_petitions_follow_recorded_successions_only(people: People, db: str) -> None:
    number = (await send()).number
    with psycopg.connect(db) as connection, pytest.raises(psycopg.Error) as refused:
        connection.execute(
            "SELECT petition_follow_merges(ARRAY[(SELECT id FROM unit WHERE code = %s)], ARRAY[(SELECT id FROM unit WHERE code = %s)])",
            [COMMUNE, NEIGHBOUR],
        )
    assert refused.value.sqlstate == "MP006"
    assert (await row_of(number))["unit_path"].endswith(f"{COMMUNE}/")


async def test_an_answer_waiting_for_approval_is_approved_by_the_heir(people: People) -> None:
    number = (await send()).number
    await take_up(people, number)
    await publish(people, number)
    await answer(people, number)
    await merge(COMMUNE, NEIGHBOUR)
    with pytest.raises(NotFound):
        await approve(people, number)
    await service.approve_answer(people.neighbour, number, await version_of(number))
    assert (await service.get_public(number)).answer is not None
