"""Nobody raises himself, and no unit loses its last administrator: not by one act, not by two at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text as sql

from mattranso_app.core import db
from mattranso_app.core.access import SYSTEM, Actor
from mattranso_app.core.errors import Conflict, DomainError, Forbidden
from mattranso_app.identity import service, text
from tests.identity.factories import make_officer, sign_in


async def administrators() -> int:
    """Return how many people administer something."""
    async with db.reading() as session:
        found = await session.execute(
            sql(
                "SELECT count(*) FROM role_grant g JOIN person p ON p.id = g.person_id WHERE g.role = 'administrator' "
                "AND g.valid_to IS NULL AND p.disabled_at IS NULL"
            )
        )
        return int(found.scalar_one())


async def refusals(subject: str) -> list[dict[str, Any]]:
    """Return what the audit log says of refusals about `subject`."""
    async with db.reading() as session:
        rows = await session.execute(
            sql("SELECT detail::jsonb FROM audit_log WHERE action = 'staff.refused' AND subject = :subject ORDER BY id"),
            {"subject": subject},
        )
        return list(rows.scalars())


async def own_grant(person_id: UUID) -> int:
    """Return the number of the one role somebody holds."""
    async with db.reading() as session:
        found = await session.execute(
            sql("SELECT id FROM role_grant WHERE person_id = :id AND valid_to IS NULL"), {"id": person_id}
        )
        return int(found.scalar_one())


async def revoke(by: Actor, person_id: UUID) -> None:
    """Take somebody's role."""
    await service.revoke_role(by, await own_grant(person_id))


Act = Callable[[Actor, UUID], Awaitable[None]]


@pytest.mark.parametrize("first", [revoke, service.disable_person])
@pytest.mark.parametrize("second", [revoke, service.disable_person])
async def test_two_administrators_who_remove_each_other_at_once(units: dict[str, int], first: Act, second: Act) -> None:
    for turn in range(4):
        one = await make_officer(f"mot{turn}", units["vn"], "administrator")
        two = await make_officer(f"hai{turn}", units["vn"], "administrator")
        (_, actor_one), (_, actor_two) = await sign_in(f"mot{turn}"), await sign_in(f"hai{turn}")
        done = await asyncio.gather(first(actor_one, two), second(actor_two, one), return_exceptions=True)
        refused = [error for error in done if error is not None]
        assert len(refused) == 1 and isinstance(refused[0], Conflict), done
        assert refused[0].text == text.LAST_ADMINISTRATOR
        assert await administrators() == 1
        async with db.transaction() as session:  # the next turn is about two others
            await session.execute(sql("UPDATE role_grant SET valid_to = now() WHERE valid_to IS NULL"))


async def test_many_at_once_leave_one(units: dict[str, int]) -> None:
    people = [await make_officer(f"nguoi{number}", units["vn"], "administrator") for number in range(6)]
    actors = [(await sign_in(f"nguoi{number}"))[1] for number in range(6)]
    acts = [service.disable_person(actors[place], people[place - 1]) for place in range(6)]
    done = await asyncio.gather(*acts, return_exceptions=True)
    assert all(error is None or isinstance(error, Conflict) for error in done), done
    assert await administrators() == 1 and len([error for error in done if error is None]) == 5


@pytest.mark.parametrize("act", [revoke, service.disable_person])
async def test_the_last_administrator_stays_with_a_word_and_a_row(units: dict[str, int], act: Act) -> None:
    last = await make_officer("cuoi.cung", units["vn"], "administrator")
    _, actor = await sign_in("cuoi.cung")
    grant = await own_grant(last)
    subject = f"grant:{grant}" if act is revoke else f"person:{last}"
    for by, kind in ((actor, Forbidden), (SYSTEM, Conflict)):
        with pytest.raises(kind) as refused:
            await act(by, last)
        assert refused.value.text == text.LAST_ADMINISTRATOR
    assert [row["why"] for row in await refusals(subject)] == [text.LAST_ADMINISTRATOR] * 2
    assert (await sign_in("cuoi.cung"))[1].grants == actor.grants

    await make_officer("ke.nhiem", units["vn"], "administrator")
    _, heir = await sign_in("ke.nhiem")
    with pytest.raises(Forbidden) as refused:
        await act(actor, last)
    assert refused.value.text == text.NOT_OWN_ROLES, "not the last any more, but nobody changes his own rights"
    await act(heir, last)
    assert await administrators() == 1


async def test_a_unit_with_an_administrator_above_it_may_lose_its_own(units: dict[str, int]) -> None:
    await make_officer("tinh", units["46"], "administrator")
    ward = await make_officer("phuong", units["19774"], "administrator")
    _, actor = await sign_in("tinh")
    await service.disable_person(actor, ward)
    assert await administrators() == 1


async def test_another_organisation_and_a_disabled_one_do_not_count(units: dict[str, int]) -> None:
    last = await make_officer("cua.mat.tran", units["vn"], "administrator")
    await make_officer("cong.doan", units["vn"], "administrator", organisation="cong_doan")
    gone = await make_officer("da.khoa", units["vn"], "administrator")
    await service.disable_person(SYSTEM, gone)
    with pytest.raises(Conflict):
        await service.disable_person(SYSTEM, last)


async def test_an_administrator_does_not_raise_himself(units: dict[str, int]) -> None:
    own = await make_officer("quan.tri", units["19774"], "administrator")
    other = await make_officer("nguoi.khac", units["46"], "administrator")
    _, actor = await sign_in("quan.tri")
    attempts: list[Awaitable[object]] = [
        service.grant_role(actor, own, role="approver", unit_id=units["19774"]),
        service.grant_role(actor, own, role="administrator", unit_id=units["vn"]),
        service.grant_role(actor, other, role="reader", unit_id=units["19774"]),  # whom he does not administer
        service.create_officer(actor, user_name="bu.nhin", name="Bù Nhìn", unit_id=units["46"], role="administrator"),
    ]
    for attempt in attempts:
        with pytest.raises(DomainError):
            await attempt
    assert len(await refusals(f"person:{own}")) == 2
    assert (await sign_in("quan.tri"))[1].grants == actor.grants
