"""Two people look at every answer, and a lent role makes no second person of the first."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from mattranso_app.core.clock import today
from mattranso_app.core.errors import DomainError
from mattranso_app.identity import service as identity
from mattranso_app.petitions import service
from tests.trust import petitions as made
from tests.trust.conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_who_wrote_an_answer_does_not_approve_it_by_a_lent_role(house: House) -> None:
    handler, approver = await house.cast.actor("own handler"), await house.cast.actor("own approver")
    assert handler.person_id is not None and approver.person_id is not None
    lending = await identity.get_lending(approver)
    numbers = await identity.delegate(
        approver, approver.person_id, grant_ids=[lending.officer.grants[0].id], first=today(), last=today() + timedelta(days=6),
        to=next(name for name, shown in lending.colleagues if shown == "own handler"),
    )
    try:
        lent = await house.cast.actor("own handler")
        own, other = [(await made.send("Đèn đường cháy, ngõ tối om đã một tuần nay.")).number for _ in range(2)]
        for number in (own, other):
            await service.take_up(handler, number, await made.version(number))
            await service.publish_question(handler, number, await made.version(number), "Đèn cháy", "Đèn đường cháy.", "")
        await service.submit_answer(lent, own, await made.version(own), "solved", made.ANSWER)
        before = await made.version(own)
        with pytest.raises(DomainError):
            await service.approve_answer(lent, own, before)
        assert await made.version(own) == before
        with psycopg.connect(house.owner_url) as connection, pytest.raises(psycopg.errors.CheckViolation):
            connection.execute(  # and the database itself says so
                "UPDATE petition_answer a SET decision = 'approved', decided_by = author_id, decided_at = now() "
                "FROM petition p WHERE p.id = a.petition_id AND p.number = %s",
                (own,),
            )
        await service.submit_answer(await house.cast.actor("parent handler"), other, await made.version(other), "solved", made.ANSWER)
        await service.approve_answer(lent, other, await made.version(other))
        with psycopg.connect(house.owner_url) as connection:
            rows = connection.execute(
                "SELECT person_id, detail::jsonb ->> 'on_behalf_of' FROM audit_log WHERE action = 'petition.approve_answer' "
                "AND subject = %s", (f"petition:{other}",),
            ).fetchall()
        assert rows == [(lent.person_id, str(approver.person_id))]
    finally:
        await identity.end_delegation(approver, numbers[0])
