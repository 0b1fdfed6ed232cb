"""When a commune goes into another its officers go along without their roles, and are told why and whom to ask."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text as sql

from mattranso_app import rooms
from mattranso_app.core import db as database
from mattranso_app.core import live
from mattranso_app.core.access import WITHOUT_ROLES, Action, require_somewhere
from mattranso_app.core.errors import Forbidden
from mattranso_app.identity import service, text
from mattranso_app.identity.staff_state import _line
from tests.identity.factories import make_officer, sign_in
from tests.petitions.factories import COMMUNE, NEIGHBOUR, PROVINCE, make_country
from tests.petitions.merging import merge, move


@pytest.fixture
async def units(db: str) -> AsyncIterator[dict[str, int]]:
    """Ids of a small country's units by code, with followers registered."""
    rooms.register()
    yield await make_country()
    await live.stop()


async def test_rights_end_with_the_unit_and_are_given_anew_by_the_heir(units: dict[str, int]) -> None:
    gone = await make_officer("can.bo", units[COMMUNE], "handler")
    chief = await make_officer("quan.tri", units[COMMUNE], "administrator")
    await make_officer("lang.gieng", units[NEIGHBOUR], "administrator")
    token, before = await sign_in("can.bo")
    await merge(COMMUNE, NEIGHBOUR)

    seen = await service.authenticate(token, "10.0.0.1")
    assert seen is not None, "the account and its session stay"
    assert (seen.actor.grants, seen.actor.unit_id, len(before.grants)) == ((), units[NEIGHBOUR], 1)
    with pytest.raises(Forbidden) as refused:
        require_somewhere(seen.actor, Action.PETITION_READ)
    assert refused.value.text == WITHOUT_ROLES
    told = await service.why_without_roles(seen.actor)
    assert told == text.UNIT_MERGED.format(unit="Phường Phú Xuân", heir="Phường Thuận Hóa")
    _, former_chief = await sign_in("quan.tri")
    with pytest.raises(Forbidden):
        await service.list_officers(former_chief)

    _, heir = await sign_in("lang.gieng")
    listed = {row.user_name: row for row in await service.list_officers(heir)}
    assert listed.keys() == {"can.bo", "quan.tri", "lang.gieng"}
    assert _line(listed["can.bo"], "")["status"] == text.STATUS_NO_ROLE
    await service.grant_role(heir, gone, role="handler", unit_id=units[NEIGHBOUR])
    again = await service.authenticate(token, "10.0.0.1")
    assert again is not None and [grant.unit_path for grant in again.actor.grants] == ["vn/46/19789/"]
    assert await service.why_without_roles(again.actor) == ""

    async with database.reading() as session:
        rows = await session.execute(sql("SELECT subject, actor_kind, detail FROM audit_log WHERE action = 'staff.unit_merged'"))
        noted = {row.subject: (row.actor_kind, str(row.detail)) for row in rows}
        kept = await session.scalar(sql("SELECT count(*) FROM role_grant WHERE unit_id = :unit"), {"unit": units[COMMUNE]})
    assert noted.keys() == {f"person:{gone}", f"person:{chief}"} and kept == 2
    assert noted[f"person:{gone}"][0] == "system" and "mttq:handler" in noted[f"person:{gone}"][1]


async def test_roles_elsewhere_stay_and_a_commune_that_only_moves_keeps_its_officers(units: dict[str, int]) -> None:
    await make_officer("tren", units[PROVINCE], "administrator")
    _, above = await sign_in("tren")
    both = await make_officer("hai.noi", units[PROVINCE], "reader")
    await service.grant_role(above, both, role="handler", unit_id=units[COMMUNE])
    await make_officer("o.lai", units[NEIGHBOUR])
    await move(NEIGHBOUR, "48")
    assert [grant.unit_path for grant in (await sign_in("o.lai"))[1].grants] == ["vn/48/19789/"]
    await merge(COMMUNE, NEIGHBOUR)
    _, actor = await sign_in("hai.noi")
    assert [(grant.role, grant.unit_path) for grant in actor.grants] == [("reader", "vn/46/")]
    assert actor.unit_id == units[PROVINCE]
    assert "Phường Phú Xuân" in await service.why_without_roles(actor)


async def test_who_has_no_role_for_another_reason_is_told_whom_to_ask_and_others_nothing(units: dict[str, int]) -> None:
    person = await make_officer("dang.lam", units[COMMUNE])
    await make_officer("quan.tri", units[COMMUNE], "administrator")
    _, chief = await sign_in("quan.tri")
    _, actor = await sign_in("dang.lam")
    assert await service.why_without_roles(actor) == ""
    (held,) = next(row.grants for row in await service.list_officers(chief) if row.person_id == person)
    await service.revoke_role(chief, held.id)
    _, actor = await sign_in("dang.lam")
    assert await service.why_without_roles(actor) == text.NO_ROLE
