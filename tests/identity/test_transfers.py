"""An officer goes to another unit: history stays, every former right ends, both sides have a row, and nobody pulls a person over alone."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text as sql

from mattranso_app.core import db
from mattranso_app.core.access import LENT_ONLY, SYSTEM, Action, may
from mattranso_app.core.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound
from mattranso_app.identity import service
from mattranso_app.identity import text as account_text
from mattranso_app.identity.officers import text
from tests.identity.factories import make_officer, sign_in
from tests.identity.test_administrators import refusals
from tests.identity.test_delegations import Office

WARD, OTHER = "vn/46/19774/", "vn/46/19789/"


@pytest.fixture
async def office(units: dict[str, int]) -> Office:
    """Two wards with an administrator each, and the one who goes."""
    made = Office(units)
    await made.add("nguoi.di", "approver")
    await made.add("dong.nghiep", "handler")
    await made.add("ben.giao", "administrator")
    await made.add("ben.nhan", "administrator", unit="19789")
    await made.add("tinh", "administrator", unit="46")
    return made


async def propose(office: Office, by: str = "ben.giao", to: str = "19789") -> int:
    """Let the one who goes go."""
    return await service.propose_transfer(await office.actor(by), office.ids["nguoi.di"], office.units[to])


async def audited(subject: str) -> list[str]:
    """Return the actions recorded about a subject."""
    async with db.reading() as session:
        return list(await session.scalars(sql("SELECT action FROM audit_log WHERE subject = :s ORDER BY id"), {"s": subject}))


async def test_one_side_lets_go_and_the_other_takes_in(office: Office) -> None:
    await office.lend("nguoi.di", "dong.nghiep")
    await office.lend("dong.nghiep", "nguoi.di")
    number = await propose(office)
    before = await office.actor("nguoi.di")
    assert may(before, Action.PETITION_APPROVE, WARD), "nothing changes before the other side agrees"
    receiver = await office.actor("ben.nhan")
    assert [row.id for row in await service.list_transfers(receiver)] == [number]

    await service.accept_transfer(receiver, number, ["reader", "handler"])
    after = await office.actor("nguoi.di")  # the same session, looked up again
    assert (after.session_id, after.unit_path) == (before.session_id, OTHER)
    assert {(grant.role, grant.unit_path, grant.on_behalf_of) for grant in after.grants} == {
        ("reader", OTHER, None), ("handler", OTHER, None),
    }
    assert not may(await office.actor("dong.nghiep"), Action.PETITION_APPROVE, WARD), "what he had lent ends too"
    assert (await service.get_lending(SYSTEM, office.ids["nguoi.di"])).delegations == []
    person = office.ids["nguoi.di"]
    assert await audited(f"unit:{WARD}") == ["staff.transfer_out"] and await audited(f"unit:{OTHER}") == ["staff.transfer_in"]
    assert (await audited(f"person:{person}"))[-2:] == ["staff.transfer_propose", "staff.transfer"]
    async with db.reading() as session:
        kept = await session.scalar(sql("SELECT count(*) FROM role_grant WHERE person_id = :id"), {"id": person})
    assert kept == 3, "the former role stays in the history"
    with pytest.raises(NotFound):
        await service.accept_transfer(receiver, number, ["reader"])
    assert "nguoi.di" not in [row.user_name for row in await service.list_officers(await office.actor("ben.giao"))]


async def test_nobody_pulls_or_pushes_alone(office: Office) -> None:
    with pytest.raises(NotFound):  # the receiver knows nothing of the officer
        await propose(office, by="ben.nhan")
    number = await propose(office)
    for name in ("ben.giao", "nguoi.di", "dong.nghiep"):
        with pytest.raises((NotFound, Forbidden)):
            await service.accept_transfer(await office.actor(name), number, ["approver"])
    with pytest.raises(Conflict):
        await propose(office, by="tinh")
    await office.add("nguoi.la", "administrator", unit="48")
    assert await service.list_transfers(await office.actor("nguoi.la")) == []
    with pytest.raises(NotFound):
        await service.end_transfer(await office.actor("nguoi.la"), number)
    assert may(await office.actor("nguoi.di"), Action.PETITION_APPROVE, WARD)


@pytest.mark.parametrize(("by", "decision"), [("ben.giao", "withdrawn"), ("ben.nhan", "declined"), ("tinh", "declined")])
async def test_it_is_withdrawn_or_declined_and_can_be_proposed_again(office: Office, by: str, decision: str) -> None:
    number = await propose(office)
    await service.end_transfer(await office.actor(by), number)
    async with db.reading() as session:
        assert await session.scalar(sql("SELECT decision FROM staff_transfer WHERE id = :id"), {"id": number}) == decision
    with pytest.raises(NotFound):
        await service.accept_transfer(await office.actor("ben.nhan"), number, ["reader"])
    assert may(await office.actor("nguoi.di"), Action.PETITION_APPROVE, WARD)
    await propose(office)


async def test_bad_input_and_what_has_changed_meanwhile(office: Office) -> None:
    for unit in ("19774", None):
        with pytest.raises(InvalidInput):
            await service.propose_transfer(
                await office.actor("ben.giao"), office.ids["nguoi.di"], office.units[unit] if unit else 10**6
            )
    number = await propose(office)
    receiver = await office.actor("ben.nhan")
    for roles in ([], ["king"]):
        with pytest.raises(InvalidInput):
            await service.accept_transfer(receiver, number, roles)
    await service.grant_role(SYSTEM, office.ids["nguoi.di"], role="reader", unit_id=office.units["46"])
    with pytest.raises(Conflict) as refused:  # who proposed it did not know of that role
        await service.accept_transfer(receiver, number, ["reader"])
    assert refused.value.text == text.TRANSFER_STALE
    await service.end_transfer(receiver, number)
    await service.disable_person(SYSTEM, office.ids["nguoi.di"])
    with pytest.raises(Conflict):
        await propose(office, by="tinh")


async def test_the_last_administrator_does_not_leave_by_a_transfer(units: dict[str, int]) -> None:
    last = await make_officer("cuoi.cung", units["vn"], "administrator")
    number = await service.propose_transfer(SYSTEM, last, units["46"])
    with pytest.raises(Conflict) as refused:
        await service.accept_transfer(SYSTEM, number, ["reader"])
    assert refused.value.text == account_text.LAST_ADMINISTRATOR
    assert (await refusals(f"transfer:{number}"))[0]["why"] == account_text.LAST_ADMINISTRATOR
    _, actor = await sign_in("cuoi.cung")
    with pytest.raises(DomainError):
        await service.propose_transfer(actor, last, units["46"])
    assert actor.grants and (await service.list_transfers(actor))[0].id == number


async def test_taken_in_twice_at_once_counts_once(office: Office) -> None:
    number = await propose(office)
    one, two = await office.actor("ben.nhan"), await office.actor("tinh")
    done = await asyncio.gather(
        service.accept_transfer(one, number, ["handler"]), service.accept_transfer(two, number, ["approver"]), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in done) == ["NoneType", "NotFound"]
    assert len((await office.actor("nguoi.di")).grants) == 1


async def test_taking_in_and_taking_the_role_away_at_once_end_well(office: Office) -> None:
    """Whoever comes first, neither hangs and no former role survives."""
    for turn in range(3):
        person: UUID = await office.add(f"di{turn}", "administrator")
        number = await service.propose_transfer(SYSTEM, person, office.units["19789"])
        done = await asyncio.gather(
            service.accept_transfer(await office.actor("ben.nhan"), number, ["reader"]),
            service.revoke_role(SYSTEM, office.grants[f"di{turn}"]), return_exceptions=True,
        )
        assert all(result is None or isinstance(result, DomainError) for result in done), done
        assert {grant.unit_path for grant in (await office.actor(f"di{turn}")).grants} <= {OTHER}


@pytest.mark.parametrize("how", ["revoked", "disabled", "moved down"])
async def test_who_proposed_it_must_still_have_the_right(office: Office, how: str) -> None:
    await office.add("hai", "administrator")
    number = await propose(office)
    if how == "disabled":
        await service.disable_person(SYSTEM, office.ids["ben.giao"])
    else:
        await service.revoke_role(SYSTEM, office.grants["ben.giao"])
    if how == "moved down":
        await service.grant_role(SYSTEM, office.ids["ben.giao"], role="administrator", unit_id=office.units["19789"])
    with pytest.raises(Conflict) as refused:
        await service.accept_transfer(await office.actor("ben.nhan"), number, ["reader"])
    assert refused.value.text == text.TRANSFER_VOID
    assert may(await office.actor("nguoi.di"), Action.PETITION_APPROVE, WARD)
    await service.end_transfer(await office.actor("ben.nhan"), number)
    number = await propose(office, by="hai")
    await service.accept_transfer(await office.actor("ben.nhan"), number, ["reader"])


async def test_a_lent_right_lets_go_while_it_lasts_and_gives_no_approver_on(office: Office) -> None:
    await office.add("thay", "handler", unit="19789")
    await office.lend("ben.nhan", "thay")
    (loan,) = await office.lend("ben.giao", "dong.nghiep")
    number = await propose(office, by="dong.nghiep")
    deputy = await office.actor("thay")
    for role in ("approver", "administrator"):
        with pytest.raises(Forbidden) as refused:
            await service.accept_transfer(deputy, number, ["reader", role])
        assert refused.value.text == LENT_ONLY
    await service.end_delegation(await office.actor("ben.giao"), loan)
    with pytest.raises(Conflict) as void:
        await service.accept_transfer(deputy, number, ["reader"])
    assert void.value.text == text.TRANSFER_VOID
    await service.end_transfer(deputy, number)
    await service.accept_transfer(deputy, await propose(office), ["reader"])
