"""The screen of rights tells the truth: it agrees with what each session really may do, and costs one question."""

from __future__ import annotations

import pytest

from mattranso_app.core import db
from mattranso_app.core.access import ANY_SIGNED_IN, SYSTEM, Action, Role, counts_for, may
from mattranso_app.core.errors import Forbidden, NotFound
from mattranso_app.identity import service
from mattranso_app.identity.officers import text
from mattranso_app.identity.officers.store import PAGE
from mattranso_app.settings import settings
from tests.identity.authenticator import enrol
from tests.identity.factories import UNITS
from tests.identity.test_delegations import Office

PEOPLE = {
    "tw.quantri": ("administrator", "vn", "mttq"), "tinh.duyet": ("approver", "46", "mttq"),
    "tinh.quantri": ("administrator", "46", "mttq"),
    "phuong.xem": ("reader", "19774", "mttq"), "phuong.xuly": ("handler", "19774", "mttq"), "phuong.duyet": ("approver", "19774", "mttq"),
    "phuong.quantri": ("administrator", "19774", "mttq"), "cong.doan": ("administrator", "19774", "cong_doan"),
    "hang.xom": ("handler", "19789", "mttq"), "danang": ("approver", "48", "mttq"),
}


@pytest.fixture
async def office(units: dict[str, int]) -> Office:
    """People at every level, a loan, somebody disabled."""
    made = Office(units)
    for name, (role, unit, organisation) in PEOPLE.items():
        await made.add(name, role, unit, organisation)
    await made.lend("phuong.duyet", "phuong.xuly")
    await made.add("da.khoa", "handler")
    await service.disable_person(SYSTEM, made.ids["da.khoa"])
    return made


@pytest.mark.parametrize("required", [False, True])
@pytest.mark.parametrize("organisation", ["mttq", "cong_doan"])
async def test_it_agrees_with_every_session(office: Office, monkeypatch: pytest.MonkeyPatch, organisation: str, required: bool) -> None:
    """For each unit, person and act: listed and not withheld exactly if the person's own session may do it."""
    if required:
        for name in ("phuong.xuly", "tinh.duyet"):
            _, office.tokens[name], _ = await enrol(await office.actor(name))
        monkeypatch.setattr(settings(), "second_factor", "required")
    actors = {name: await office.actor(name) for name in PEOPLE}
    checked = 0
    for code, (_, _, _, _, path) in UNITS.items():
        page = await service.who_may(SYSTEM, office.units[code], organisation=organisation)
        told = {(row.user_name, right.action) for row in page.people for right in row.rights if not right.is_withheld}
        for name, actor in actors.items():
            for action in set(Action) - ANY_SIGNED_IN:
                truth = counts_for(action, organisation) and may(actor, action, path, organisation)
                assert ((name, action) in told) == truth, (name, action, path)
                checked += 1
        assert "da.khoa" not in {row.user_name for row in page.people}
    assert checked == len(UNITS) * len(PEOPLE) * len(set(Action) - ANY_SIGNED_IN)


async def test_it_says_why(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    chief = await office.actor("phuong.quantri")
    monkeypatch.setattr(settings(), "second_factor", "required")
    page = await service.who_may(chief, office.units["19774"])
    rows = {row.user_name: {right.action: right for right in row.rights} for row in page.people}
    lent = rows["phuong.xuly"][Action.PETITION_APPROVE]
    assert [(reason.role, reason.lender) for reason in lent.reasons] == [(Role.APPROVER, "Cán bộ phuong.duyet")]
    assert lent.reasons[0].until is not None and lent.is_withheld
    assert not rows["phuong.xuly"][Action.PETITION_HANDLE].is_withheld
    assert rows["tinh.duyet"][Action.PETITION_READ].reasons[0].unit_name == "Thành phố Huế"
    assert rows["phuong.duyet"][Action.PETITION_READ].is_withheld
    assert "danang" not in rows and "hang.xom" not in rows and "cong.doan" not in rows


async def test_filters_and_pages(office: Office) -> None:
    chief = await office.actor("tinh.quantri")
    ward = office.units["19774"]
    for number in range(PAGE):
        await office.add(f"nv{number:02}", "reader")
    first = await service.who_may(chief, ward)
    second = await service.who_may(chief, ward, after=first.next)
    names = [row.user_name for row in (*first.people, *second.people)]
    assert len(first.people) == PAGE and second.next == "" and names == sorted(set(names))
    assert {row.user_name for row in (await service.who_may(chief, ward, action=Action.PETITION_APPROVE)).people} == {
        "tinh.duyet", "phuong.duyet", "phuong.xuly",
    }
    only = await service.who_may(chief, ward, action=Action.UNIT_IMPORT)
    assert [row.user_name for row in only.people] == ["tw.quantri"]
    assert [row.user_name for row in (await service.who_may(chief, ward, query="PHUONG.XU")).people] == ["phuong.xuly"]
    assert [row.user_name for row in (await service.who_may(chief, ward, query="bộ tinh.d")).people] == ["tinh.duyet"]
    assert (await service.who_may(chief, ward, query="%")).people == []


async def test_only_an_administrator_asks_and_only_about_his_units(office: Office) -> None:
    for name, unit in (("phuong.quantri", "46"), ("phuong.quantri", "19789"), ("phuong.xuly", "19774"), ("cong.doan", "19774")):
        with pytest.raises(Forbidden):
            await service.who_may(await office.actor(name), office.units[unit])
    with pytest.raises(NotFound):
        await service.who_may(await office.actor("tw.quantri"), 10**6)
    await service.who_may(await office.actor("cong.doan"), office.units["19774"], organisation="cong_doan")


async def test_one_question_however_many_people(office: Office) -> None:
    chief = await office.actor("tw.quantri")
    statements: list[str] = []
    stop = db.count_statements(statements)
    try:
        await service.who_may(chief, office.units["19774"])
    finally:
        stop()
    assert len(statements) == 2, "the unit, then everyone with every reason"


def test_every_act_has_its_words() -> None:
    assert set(text.ACTIONS) == set(Action) - ANY_SIGNED_IN
