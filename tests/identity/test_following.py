"""When a commune goes into another its officers go along without their roles, and are told why and whom to ask."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text as sql

from mattranso_app import rooms
from mattranso_app.core import db as database
from mattranso_app.core import live, notify, secrets
from mattranso_app.core.access import WITHOUT_ROLES, Action, require_somewhere
from mattranso_app.core.clock import now
from mattranso_app.core.errors import Forbidden, NotFound
from mattranso_app.identity import service, text
from mattranso_app.identity.contacts import CONTACT_SEAL
from mattranso_app.identity.invitations import text as invitation_text
from mattranso_app.identity.invitations.store import save_work_contact
from mattranso_app.identity.officers import text as officer_text
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


async def test_an_open_transfer_into_the_unit_goes_on_to_the_heir(units: dict[str, int]) -> None:
    person = await make_officer("nguoi.di", units[PROVINCE])
    await make_officer("tinh", units[PROVINCE], "administrator")
    await make_officer("nha.thua.ke", units[NEIGHBOUR], "administrator")
    _, above = await sign_in("tinh")
    number = await service.propose_transfer(above, person, units[COMMUNE])
    await merge(COMMUNE, NEIGHBOUR)
    _, heir = await sign_in("nha.thua.ke")
    assert [(row.id, row.to_id) for row in await service.list_transfers(heir)] == [(number, units[NEIGHBOUR])]
    await service.accept_transfer(heir, number, ["handler"])
    _, actor = await sign_in("nguoi.di")
    assert [(grant.role, grant.unit_path) for grant in actor.grants] == [("handler", "vn/46/19789/")]
    async with database.reading() as session:
        assert await session.scalar(sql("SELECT count(*) FROM audit_log WHERE action = 'staff.transfer_follow'")) == 1


@pytest.mark.parametrize(("home", "to"), [(COMMUNE, PROVINCE), (COMMUNE, NEIGHBOUR), (NEIGHBOUR, COMMUNE)])
async def test_other_transfers_of_a_merged_unit_end_and_who_proposed_them_is_told(units: dict[str, int], home: str, to: str) -> None:
    """Out of the unit nobody answers for them any more; into the officer's own unit there is nothing left to do."""
    person = await make_officer("nguoi.di", units[home])
    chief = await make_officer("tinh", units[PROVINCE], "administrator")
    _, above = await sign_in("tinh")
    async with database.transaction() as session:
        sealed = secrets.seal("tinh@vidu.vn", CONTACT_SEAL)
        await save_work_contact(session, chief, "email", sealed, b"x" * 32, now())
    number = await service.propose_transfer(above, person, units[to])
    await merge(COMMUNE, NEIGHBOUR)
    assert await service.list_transfers(above) == []
    with pytest.raises(NotFound):
        await service.accept_transfer(above, number, ["reader"])
    assert [(sent.to, sent.subject) for sent in await notify.demo_messages()] == [("tinh@vidu.vn", officer_text.TRANSFER_MERGED_SUBJECT)]
    assert await service.propose_transfer(above, person, units["48"]) > number, "nothing stands in the way of a new one"


async def test_an_invitation_to_the_unit_is_void_its_holder_told_and_the_heir_can_invite(units: dict[str, int]) -> None:
    await make_officer("quan.tri", units[COMMUNE], "administrator")
    await make_officer("nha.thua.ke", units[NEIGHBOUR], "administrator")
    asked = {"name": "Trần Thị Mai", "contact": "mai@vidu.vn", "roles": ["handler"]}
    await service.invite_officer((await sign_in("quan.tri"))[1], unit_id=units[COMMUNE], **asked)
    await merge(COMMUNE, NEIGHBOUR)
    told = [sent.text for sent in await notify.demo_messages() if sent.subject == invitation_text.MERGED_SUBJECT]
    assert told == [invitation_text.MERGED.format(unit="Phường Phú Xuân")]
    _, heir = await sign_in("nha.thua.ke")
    assert await service.list_invitations(heir) == []
    await service.invite_officer(heir, unit_id=units[NEIGHBOUR], **asked)
    assert [row.unit_id for row, _ in await service.list_invitations(heir)] == [units[NEIGHBOUR]]
