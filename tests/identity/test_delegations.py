"""Roles lent for an absence: never more than one has, never onward, over by themselves, and named in what is done with them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as budget
from hypothesis import strategies as st
from sqlalchemy import text as sql
from sqlalchemy.exc import IntegrityError

from mattranso_app.core import clock, db
from mattranso_app.core.access import SYSTEM, Action, Actor, Role, may, require
from mattranso_app.core.clock import today
from mattranso_app.core.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound, SecondFactorRequired
from mattranso_app.identity import service
from mattranso_app.identity.officers import text
from mattranso_app.settings import settings
from tests.identity.authenticator import enrol
from tests.identity.factories import make_officer, sign_in

WARD = "vn/46/19774/"


class Office:
    """A ward with a leader who approves, a clerk who handles and an administrator."""

    def __init__(self, units: dict[str, int]) -> None:
        self.units = units
        self.ids: dict[str, UUID] = {}
        self.grants: dict[str, int] = {}
        self.tokens: dict[str, str] = {}

    async def add(self, name: str, role: str, unit: str = "19774", organisation: str = "mttq") -> UUID:
        """Make an officer and sign him in."""
        self.ids[name] = await make_officer(name, self.units[unit], role, organisation)
        lending = await service.get_lending(SYSTEM, self.ids[name])
        self.grants[name] = lending.officer.grants[0].id
        self.tokens[name] = (await sign_in(name))[0]
        return self.ids[name]

    async def actor(self, name: str) -> Actor:
        """Return who is behind somebody's session now."""
        found = await service.authenticate(self.tokens[name], "10.0.0.1")
        assert found is not None
        return found.actor

    async def lend(self, owner: str, to: str, by: str = "", days: tuple[int, int] = (0, 6)) -> list[int]:
        """Lend somebody's role from one day on to another, counted from today; by the owner unless told otherwise."""
        return await service.delegate(
            await self.actor(by or owner), self.ids[owner], grant_ids=[self.grants[owner]], to=to,
            first=today() + timedelta(days=days[0]), last=today() + timedelta(days=days[1]),
        )


@pytest.fixture
async def office(units: dict[str, int]) -> Office:
    """The ward's people, signed in."""
    made = Office(units)
    await made.add("lanh.dao", "approver")
    await made.add("chuyen.vien", "handler")
    await made.add("quan.tri", "administrator")
    await made.add("hang.xom", "handler", unit="19789")
    await made.add("cong.doan", "handler", organisation="cong_doan")
    return made


async def rows(action: str) -> list[dict[str, Any]]:
    """Return the details of audit rows."""
    async with db.reading() as session:
        found = await session.execute(sql("SELECT detail::jsonb FROM audit_log WHERE action = :action ORDER BY id"), {"action": action})
        return list(found.scalars())


async def test_a_lent_role_counts_at_once_and_is_gone_after_its_last_day(office: Office) -> None:
    clock.freeze(clock.now())
    assert not may(await office.actor("chuyen.vien"), Action.PETITION_APPROVE, WARD)
    await office.lend("lanh.dao", "chuyen.vien", days=(0, 2))
    lent = await office.actor("chuyen.vien")
    assert may(lent, Action.PETITION_APPROVE, WARD) and may(lent, Action.PETITION_HANDLE, WARD)
    assert not may(lent, Action.PETITION_APPROVE, "vn/46/19789/") and not may(lent, Action.PETITION_APPROVE, WARD, "cong_doan")
    assert [grant.on_behalf_of for grant in lent.grants] == [None, office.ids["lanh.dao"]]
    assert may(await office.actor("lanh.dao"), Action.PETITION_APPROVE, WARD), "who lends keeps the role"

    midnight = clock.now().astimezone(clock.VN).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=3)
    for moment, counts in ((midnight - timedelta(seconds=1), True), (midnight, False)):
        clock.freeze(moment)
        office.tokens["chuyen.vien"] = (await sign_in("chuyen.vien"))[0]
        assert may(await office.actor("chuyen.vien"), Action.PETITION_APPROVE, WARD) == counts


async def test_a_loan_for_later_begins_on_its_day(office: Office) -> None:
    await office.lend("lanh.dao", "chuyen.vien", days=(3, 5))
    assert not may(await office.actor("chuyen.vien"), Action.PETITION_APPROVE, WARD)
    clock.freeze(clock.now() + timedelta(days=4))
    office.tokens["chuyen.vien"] = (await sign_in("chuyen.vien"))[0]
    assert may(await office.actor("chuyen.vien"), Action.PETITION_APPROVE, WARD)


@pytest.mark.parametrize("by", ["lanh.dao", "chuyen.vien", "quan.tri"])
async def test_it_can_be_ended_early_by_both_and_by_the_administrator(office: Office, by: str) -> None:
    numbers = await office.lend("lanh.dao", "chuyen.vien")
    await service.end_delegation(await office.actor(by), numbers[0])
    assert not may(await office.actor("chuyen.vien"), Action.PETITION_APPROVE, WARD)
    assert (await rows("staff.end_delegation"))[0]["to"] == str(office.ids["chuyen.vien"])
    with pytest.raises(NotFound):
        await service.end_delegation(await office.actor(by), numbers[0])
    await office.lend("lanh.dao", "chuyen.vien")  # and can be lent again


async def test_others_neither_end_nor_see_nor_make_a_loan(office: Office) -> None:
    numbers = await office.lend("lanh.dao", "chuyen.vien")
    await office.add("quan.tri.khac", "administrator", unit="19789")
    for name in ("hang.xom", "cong.doan", "quan.tri.khac"):
        stranger = await office.actor(name)
        with pytest.raises(NotFound):
            await service.end_delegation(stranger, numbers[0])
        with pytest.raises((NotFound, Forbidden)):
            await service.get_lending(stranger, office.ids["lanh.dao"])
        with pytest.raises((NotFound, Forbidden)):
            await office.lend("lanh.dao", "chuyen.vien", by=name, days=(20, 21))
    assert await service.list_delegations(await office.actor("quan.tri.khac"), [office.ids["lanh.dao"]]) == []
    seen = await service.list_delegations(await office.actor("quan.tri"), [office.ids["lanh.dao"]])
    assert [(row.role, row.person_id) for row in seen] == [("approver", office.ids["chuyen.vien"])]


async def test_the_administrator_lends_for_her_but_not_to_himself(office: Office) -> None:
    await office.lend("lanh.dao", "chuyen.vien", by="quan.tri")
    assert may(await office.actor("chuyen.vien"), Action.PETITION_APPROVE, WARD)
    with pytest.raises(Forbidden) as refused:
        await office.lend("lanh.dao", "quan.tri", by="quan.tri", days=(10, 12))
    assert refused.value.text == text.NOT_FOR_ONESELF
    assert (await rows("staff.refused"))[-1] == {"act": "staff.delegate", "why": text.NOT_FOR_ONESELF}
    with pytest.raises(IntegrityError):  # and the database itself says so
        async with db.transaction() as session:
            await session.execute(
                sql(
                    "INSERT INTO role_delegation (grant_id, delegator_id, person_id, valid_from, valid_to, given_by, created_at) "
                    "VALUES (:grant, :owner, :to, now(), now() + interval '1 day', :to, now())"
                ),
                {"grant": office.grants["lanh.dao"], "owner": office.ids["lanh.dao"], "to": office.ids["quan.tri"]},
            )


async def test_what_was_lent_is_not_handed_on(office: Office) -> None:
    await office.lend("lanh.dao", "chuyen.vien")
    await office.add("nguoi.thu.ba", "reader")
    lent = await office.actor("chuyen.vien")
    with pytest.raises((InvalidInput, Forbidden)):  # as if it were his own
        await service.delegate(
            lent, office.ids["chuyen.vien"], grant_ids=[office.grants["lanh.dao"]], to="nguoi.thu.ba", first=today(), last=today()
        )
    with pytest.raises(Forbidden):  # in her name
        await service.delegate(
            lent, office.ids["lanh.dao"], grant_ids=[office.grants["lanh.dao"]], to="nguoi.thu.ba", first=today(), last=today()
        )


async def test_a_lent_administrator_makes_no_administrator_and_lends_nothing(office: Office) -> None:
    await office.add("quan.tri2", "administrator")
    await office.lend("quan.tri", "chuyen.vien")
    lent = await office.actor("chuyen.vien")
    third = await office.add("nguoi.thu.ba", "reader")
    with pytest.raises(Forbidden):
        await service.grant_role(lent, third, role="administrator", unit_id=office.units["19774"])
    with pytest.raises(Forbidden):
        await service.create_officer(lent, user_name="moi", name="Người mới", unit_id=office.units["19774"], role="administrator")
    with pytest.raises(Forbidden):
        await office.lend("lanh.dao", "nguoi.thu.ba", by="chuyen.vien")
    with pytest.raises(Forbidden):
        await service.grant_role(lent, office.ids["chuyen.vien"], role="approver", unit_id=office.units["19774"])
    with pytest.raises(Forbidden):  # nor an approver: that would outlast the loan as well
        await service.grant_role(lent, third, role="approver", unit_id=office.units["19774"])
    await service.grant_role(lent, third, role="handler", unit_id=office.units["19774"])
    granted = (await rows("staff.grant"))[-1]
    assert granted["on_behalf_of"] == str(office.ids["quan.tri"]), "done for somebody, and it says for whom"


async def test_a_lent_administrator_gets_into_no_account(office: Office) -> None:
    """Or the loan would become the lender's own account, without an end."""
    await office.add("quan.tri2", "administrator")
    await office.lend("quan.tri", "chuyen.vien")
    lent = await office.actor("chuyen.vien")
    for lender in (office.ids["quan.tri"], office.ids["quan.tri2"], office.ids["lanh.dao"]):
        for verb in (service.issue_password_code, service.reset_factors, service.enable_person):
            with pytest.raises(Forbidden):
                await verb(lent, lender)
    with pytest.raises(Forbidden):
        await service.create_officer(lent, user_name="moi", name="Người mới", unit_id=office.units["19774"], role="approver")


async def test_an_account_with_a_role_lent_from_above_is_not_opened_below(office: Office) -> None:
    above = await office.add("tren", "approver", unit="46")
    own, borrower = await office.actor("quan.tri"), office.ids["chuyen.vien"]
    async with db.transaction() as session:
        await session.execute(sql("UPDATE person SET unit_id = :unit WHERE id = :id"), {"unit": office.units["19774"], "id": above})
    assert await service.issue_password_code(own, borrower)
    await office.lend("tren", "chuyen.vien", days=(3, 6))
    for verb in (service.issue_password_code, service.reset_factors):
        with pytest.raises(Forbidden):
            await verb(own, borrower)


async def test_a_lent_administrator_does_not_count_as_the_last(office: Office) -> None:
    await office.lend("quan.tri", "chuyen.vien")
    for by in (SYSTEM, await office.actor("chuyen.vien")):
        with pytest.raises(Conflict):
            await service.disable_person(by, office.ids["quan.tri"])


async def test_acts_by_ones_own_role_name_nobody_else(office: Office) -> None:
    await office.lend("lanh.dao", "chuyen.vien")
    await office.add("quan.tri2", "administrator")
    lent = await office.actor("chuyen.vien")
    require(lent, Action.PETITION_HANDLE, WARD)
    async with db.transaction() as session:
        from mattranso_app.core import audit

        await audit.record(session, lent, "thu.own", "x:1")
        require(lent, Action.PETITION_APPROVE, WARD)
        await audit.record(session, lent, "thu.lent", "x:1")
        await audit.record(session, await office.actor("quan.tri"), "thu.other", "x:1")
        require(lent, Action.PETITION_READ, WARD)  # both roles carry it: one's own counts
        await audit.record(session, lent, "thu.both", "x:1")
    assert await rows("thu.own") == await rows("thu.other") == await rows("thu.both") == [{}]
    assert await rows("thu.lent") == [{"on_behalf_of": str(office.ids["lanh.dao"])}]


@pytest.mark.parametrize("end", ["revoked", "disabled"])
async def test_it_ends_with_the_role_and_with_the_account(office: Office, end: str) -> None:
    await office.lend("lanh.dao", "chuyen.vien")
    if end == "revoked":
        await service.revoke_role(SYSTEM, office.grants["lanh.dao"])
    else:
        await service.disable_person(SYSTEM, office.ids["lanh.dao"])
    assert not may(await office.actor("chuyen.vien"), Action.PETITION_APPROVE, WARD)


@pytest.mark.parametrize(
    ("to", "days", "field"),
    [
        ("hang.xom", (0, 1), "to"), ("cong.doan", (0, 1), "to"), ("khong.co", (0, 1), "to"), ("lanh.dao", (0, 1), "to"), ("", (0, 1), "to"),
        ("chuyen.vien", (-1, 1), "first"), ("chuyen.vien", (366, 367), "first"), ("chuyen.vien", (2, 1), "last"),
        ("chuyen.vien", (0, 189), "last"),
    ],
)
async def test_bad_input_is_told_by_field(office: Office, to: str, days: tuple[int, int], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await office.lend("lanh.dao", to, days=days)
    assert list(refused.value.fields) == [field] and refused.value.fields[field]
    assert (await service.get_lending(await office.actor("lanh.dao"))).delegations == []


async def test_the_same_twice_and_somebody_elses_role(office: Office) -> None:
    await office.lend("lanh.dao", "chuyen.vien", days=(0, 5))
    with pytest.raises(Conflict):
        await office.lend("lanh.dao", "chuyen.vien", days=(5, 9))
    await office.lend("lanh.dao", "chuyen.vien", days=(6, 188))
    owner = await office.actor("lanh.dao")
    for grants in ([office.grants["chuyen.vien"]], [office.grants["lanh.dao"], 10**9], []):
        with pytest.raises(InvalidInput):
            await service.delegate(owner, office.ids["lanh.dao"], grant_ids=grants, to="chuyen.vien", first=today(), last=today())


async def test_an_old_proof_is_not_enough(office: Office) -> None:
    clock.freeze(clock.now() + timedelta(minutes=11))
    with pytest.raises(DomainError) as refused:
        await office.lend("lanh.dao", "chuyen.vien")
    assert refused.value.code == "proof_required"


async def test_the_duty_of_a_second_factor_follows_the_lent_role(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    clock.freeze(clock.now())
    await office.lend("lanh.dao", "chuyen.vien", by="quan.tri")
    monkeypatch.setattr(settings(), "second_factor", "required")
    lent = await office.actor("chuyen.vien")
    assert [grant.role for grant in lent.grants] == [Role.HANDLER], "his own work goes on"
    assert [grant.role for grant in lent.withheld] == [Role.APPROVER]
    with pytest.raises(SecondFactorRequired):
        require(lent, Action.PETITION_APPROVE, WARD)
    with pytest.raises(Forbidden) as refused:
        require(lent, Action.STAFF_MANAGE, WARD)
    assert not isinstance(refused.value, SecondFactorRequired), "the factor would not open this door"
    with pytest.raises(SecondFactorRequired):  # who has no factor herself lends nothing
        await office.lend("lanh.dao", "chuyen.vien", days=(10, 11))
    _, token, _ = await enrol(lent)
    office.tokens["chuyen.vien"] = token
    assert may(await office.actor("chuyen.vien"), Action.PETITION_APPROVE, WARD)


@budget(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_a_borrower_never_has_more_than_both_together(office: Office, data: st.DataObject) -> None:
    """Whatever is lent, ended, given and taken in whatever order: nobody has a right that neither he nor a lender holds."""
    names = ("lanh.dao", "chuyen.vien", "quan.tri")
    for _ in range(data.draw(st.integers(1, 5))):
        owner, other = data.draw(st.permutations(names))[:2]
        act = data.draw(st.sampled_from(("lend", "end", "revoke", "give")))
        try:
            if act == "lend":
                await office.lend(owner, other, days=(0, data.draw(st.integers(0, 9))))
            elif act == "end":
                for row in (await service.get_lending(SYSTEM, office.ids[owner])).delegations:
                    await service.end_delegation(SYSTEM, row.id)
            elif act == "revoke":
                await service.revoke_role(SYSTEM, office.grants[owner])
            else:
                role = data.draw(st.sampled_from(("reader", "handler", "approver")))
                office.grants[owner] = await service.grant_role(SYSTEM, office.ids[owner], role=role, unit_id=office.units["19774"])
        except DomainError:
            pass
    own: dict[UUID, set[Role]] = {}
    for name in names:
        held = (await service.get_lending(SYSTEM, office.ids[name])).officer.grants
        own[office.ids[name]] = {Role(grant.role) for grant in held}
    for name in names:
        for grant in (await office.actor(name)).grants:
            holder = grant.on_behalf_of or office.ids[name]
            assert grant.role in own[holder] and (grant.on_behalf_of is None or holder != office.ids[name])
