"""Role × level × own, parent, child, neighbour and other units × every door, act, verb and search source: nothing leaks.

The oracle is `expected.RIGHTS`, written by hand. Doors and acts are asked in the process; verbs run on the database as far
as their audit row, which stops them, so whoever is let in changes nothing either.
"""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal
from uuid import uuid4

import pytest

from mattranso_app.core import audit, db, http
from mattranso_app.core.access import (
    ANONYMOUS,
    SYSTEM,
    Action,
    Actor,
    Grant,
    Role,
    may,
    require,
    require_itself,
    require_somewhere,
    scopes,
    set_current_actor,
)
from mattranso_app.core.clock import today
from mattranso_app.core.errors import DomainError, Forbidden, NotFound, SecondFactorRequired, SignInRequired
from mattranso_app.core.files import reading
from mattranso_app.core.live import topics
from mattranso_app.core.search.sources import sources
from mattranso_app.identity import guard
from mattranso_app.identity import service as identity
from mattranso_app.petitions import service as petitions
from mattranso_app.units import service as units
from mattranso_app.units.kinds import Kind
from tests.identity.factories import UNITS
from tests.trust import expected
from tests.trust import petitions as made
from tests.trust.cast import EVERYONE, OFFICERS
from tests.trust.conftest import House
from tests.trust.test_records import contents

pytestmark = pytest.mark.asyncio(loop_scope="session")

PATHS = {code: row[4] for code, row in UNITS.items()} | {"t1": "vn/46/19774/t1/"}
"""Central, two provinces, three wards and a residential group of one: to each other own, parent, child, neighbour and other."""

ORGANISATIONS = ("mttq", "cong_doan", "phu_nu")
LIMITED = frozenset({Action.PETITION_READ, Action.ACCOUNT_READ})
"""What the programs of this matrix were given a token for."""

REASON = "Nội dung nêu tên người khác."

Form = Literal["own", "lent", "withheld", "token"]


@dataclass(frozen=True)
class Knocker:
    """Somebody with one role, and how he holds it."""

    role: str
    unit: str
    organisation: str
    form: Form

    def actor(self) -> Actor:
        """Return the actor the platform would make of him."""
        lender = uuid4() if self.form == "lent" else None
        grants = (Grant(Role(self.role), self.organisation, PATHS[self.unit], lender),)
        actor = Actor("officer", person_id=uuid4(), name="thử", session_id=uuid4(), unit_path=PATHS[self.unit], grants=grants)
        if self.form == "withheld":
            return replace(actor, grants=(), withheld=grants)
        return replace(actor, limited_to=LIMITED) if self.form == "token" else actor

    def holds(self, action: str) -> bool:
        """Return whether the expectations give him `action` anywhere, for any organisation."""
        if action == expected.PUBLIC:
            return True
        if self.form == "token" and action not in {str(one) for one in LIMITED}:
            return False
        return carried(self.role, self.unit, action, self.form == "withheld")

    def holds_on(self, action: str, unit: str, organisation: str) -> bool:
        """Return whether he has it on a unit, for an organisation."""
        if "everyone signed in" in expected.RIGHTS[action]:
            return self.holds(action)
        return self.holds(action) and self.organisation == organisation and PATHS[unit].startswith(PATHS[self.unit])


def carried(role: str, unit: str, action: str, is_withheld: bool = False) -> bool:
    """Return whether the hand-written table gives a role on a unit this action."""
    roles = expected.RIGHTS[action]
    if "everyone signed in" in roles:
        return True
    if action in expected.PROVINCE_AND_ABOVE and PATHS[unit].count("/") > 2:
        return False
    return not is_withheld and (role in roles or (unit == "vn" and f"central {role}" in roles))


KNOCKERS = [
    Knocker(role.value, unit, organisation, form)
    for role, unit, organisation, form in itertools.product(Role, PATHS, ORGANISATIONS, ("own", "lent", "withheld", "token"))
]


def refusal(ask: Callable[[], object]) -> type[DomainError] | None:
    """Return how a question was refused, None when it was not."""
    try:
        ask()
    except DomainError as error:
        return type(error)
    return None


async def test_every_door_lets_in_whom_the_table_names_and_nobody_else(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """Each knocker at each declared route, handler, topic and kind of files: what is asked before anything else happens."""
    doors: list[tuple[str, str]] = [(f"{method} {path}", str(action or expected.PUBLIC)) for (method, path), action in
                                    http.declared_routes().items() if " /t/" not in f"{method} {path}"]
    doors += [(name, str(action or expected.PUBLIC)) for name, action in guard.declared_handlers().items()]
    doors += [(f"topic {name}", expected.TOPICS[name]) for name in topics._topics if name in expected.TOPICS]
    doors += [(f"files {kind}", expected.FILES[kind]) for kind in reading._readers if kind in expected.FILES]
    doors += [(f"source {name}", expected.SOURCES[name]) for name in sources if name in expected.SOURCES]
    leaks, checks = [], 0
    for knocker in KNOCKERS:
        actor = knocker.actor()
        for door, action in doors:
            if action == expected.PUBLIC:
                continue
            checks += 1
            found = refusal(lambda action=action, actor=actor: require_somewhere(actor, Action(action)))
            if (found is None) != knocker.holds(action):
                leaks.append((knocker, door, found))
            if knocker.form == "withheld" and found not in (None, SecondFactorRequired):
                leaks.append((knocker, door, found))
    nobody = [door for door, action in doors if action != expected.PUBLIC
              and refusal(lambda action=action: require_somewhere(ANONYMOUS, Action(action))) is not SignInRequired]
    checks += sum(action != expected.PUBLIC for _, action in doors)
    with capsys.disabled():
        told = f"{len(KNOCKERS)} officers and nobody, {len(doors)} doors, public ones not counted"
        print(f"\ndoors: {checks} checks ({told}), {len(leaks) + len(nobody)} leaks")
    assert leaks == [] and nobody == []
    assert checks >= 10_000


async def test_every_act_on_every_unit(capsys: pytest.CaptureFixture[str]) -> None:
    """Each knocker, each act, on each unit and for each organisation: `may`, `require` and the scope of queries say the same."""
    leaks, checks = [], 0
    for knocker in KNOCKERS:
        actor = knocker.actor()
        for action, unit, organisation in itertools.product(Action, PATHS, ORGANISATIONS):
            checks += 1
            wanted = knocker.holds_on(action, unit, organisation)
            answers = {
                may(actor, action, PATHS[unit], organisation),
                refusal(lambda a=action, u=unit, o=organisation, who=actor: require(who, a, PATHS[u], o)) is None,
            }
            if "everyone signed in" not in expected.RIGHTS[action]:
                answers.add(any(PATHS[unit].startswith(scope) for scope in scopes(actor, action, organisation)))
                itself = refusal(lambda a=action, u=unit, o=organisation, who=actor: require_itself(who, a, PATHS[u], o)) is None
                answers.add(itself if knocker.form != "lent" else wanted)
                if knocker.form == "lent" and itself:
                    leaks.append((knocker, action, unit, organisation))
            if answers != {wanted}:
                leaks.append((knocker, action, unit, organisation))
    with capsys.disabled():
        print(f"\nacts: {checks} checks ({len(PATHS)} units, {len(ORGANISATIONS)} organisations), {len(leaks)} leaks")
    assert leaks == []
    assert checks >= 10_000


class Reached(Exception):
    """A verb has come as far as its audit row: it was let in. Everything it wrote is rolled back."""


@dataclass(frozen=True)
class Case:
    """A verb about something of one unit."""

    verb: str
    action: str
    unit: str
    call: Callable[[Actor], Awaitable[Any]]


async def cases(house: House) -> list[Case]:
    """Return every verb that is about something of a unit, once for each unit."""
    found: list[Case] = []
    for code in UNITS:
        unit = house.cast.units[code]
        view = await units.get_unit(unit)
        officer = await identity.create_officer(
            SYSTEM, user_name=f"dich.{code}", name=f"Đích {code}", unit_id=unit, role="reader"
        )
        colleague = f"ban.{code}"
        await identity.create_officer(SYSTEM, user_name=colleague, name="Bạn", unit_id=unit, role="reader")
        moving = await identity.create_officer(SYSTEM, user_name=f"di.{code}", name="Đi", unit_id=unit, role="reader")
        person = officer.person_id
        grant = (await identity.get_lending(SYSTEM, person)).officer.grants[0].id
        loan = (await identity.delegate(
            SYSTEM, person, grant_ids=[grant], to=colleague, first=today() + timedelta(days=30), last=today() + timedelta(days=40)
        ))[0]
        other = house.cast.units["20194" if code != "20194" else "48"]
        going = await identity.propose_transfer(SYSTEM, moving.person_id, other)
        staff: dict[str, Callable[[Actor], Awaitable[Any]]] = {
            "create_officer": lambda a, u=unit: identity.create_officer(a, user_name="moi.tinh", name="Mới", unit_id=u, role="reader"),
            "grant_role": lambda a, p=person, u=unit: identity.grant_role(a, p, role="handler", unit_id=u),
            "revoke_role": lambda a, g=grant: identity.revoke_role(a, g),
            "disable_person": lambda a, p=person: identity.disable_person(a, p),
            "enable_person": lambda a, p=person: identity.enable_person(a, p),
            "issue_password_code": lambda a, p=person: identity.issue_password_code(a, p),
            "reset_factors": lambda a, p=person: identity.reset_factors(a, p),
            "delegate": lambda a, p=person, g=grant, c=colleague: identity.delegate(
                a, p, grant_ids=[g], to=c, first=today(), last=today()
            ),
            "end_delegation": lambda a, n=loan: identity.end_delegation(a, n),
            "get_lending": lambda a, p=person: identity.get_lending(a, p),
            "propose_transfer": lambda a, p=person, u=other: identity.propose_transfer(a, p, u),
            "who_may": lambda a, u=unit: identity.who_may(a, u),
        }
        found += [Case(f"identity.{verb}", "staff.manage", code, call) for verb, call in staff.items()]
        found.append(Case(
            "identity.accept_transfer", "staff.manage", "20194" if code != "20194" else "48",
            lambda a, n=going: identity.accept_transfer(a, n, ["reader"]),
        ))
        found.append(Case("petitions.list_queue", "petition.read", code, lambda a, u=view: petitions.list_queue(a, u, "moi")))
        found.append(Case("petitions.count_queue", "petition.read", code, lambda a, u=view: petitions.count_queue(a, u)))
        if UNITS[code][1] != "commune":
            continue
        found.append(Case("units.add_group", "unit.manage_groups", code, lambda a, u=unit: units.add_group(a, u, Kind.THON, "Số 99")))
        found.append(Case("units.groups_sheet", "unit.manage_groups", code, lambda a, u=unit: units.groups_sheet(a, u)))
        number = (await made.send("Mương thoát nước sạt lở, nước tràn vào ruộng lúa.", unit=code, phone="0912345678")).number
        found += [
            Case("petitions.get_for_officer", "petition.read", code, lambda a, n=number: petitions.get_for_officer(a, n)),
            Case("petitions.take_up", "petition.handle", code, lambda a, n=number: petitions.take_up(a, n, 1)),
            Case("petitions.read_contact", "petition.read_contact", code, lambda a, n=number: petitions.read_contact(a, n, "Hỏi thêm.")),
            Case("petitions.approve_answer", "petition.approve", code, lambda a, n=number: petitions.approve_answer(a, n, 1)),
            Case(
                "petitions.submit_answer", "petition.handle", code,
                lambda a, n=number: petitions.submit_answer(a, n, 1, "solved", made.ANSWER),
            ),
            Case("petitions.withhold_question", "petition.handle", code, lambda a, n=number: petitions.withhold_question(a, n, 1, REASON)),
        ]
    return found


def allowed(name: str, case: Case) -> bool:
    """Return what the expectations say of one of the cast and a case."""
    if name not in OFFICERS:
        return False
    unit, role, organisation = OFFICERS[name]
    return organisation == "mttq" and carried(role, unit, case.action) and PATHS[case.unit].startswith(PATHS[unit])


async def test_every_verb_as_everyone_about_every_unit(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await house.cast.sign_everyone_in()
    todo = await cases(house)
    actors = {name: await house.cast.actor(name) for name in EVERYONE}
    before, leaks, checks = await contents(), [], 0

    async def stop(_session: Any, _actor: Any, action: str, *_: object, **__: object) -> None:
        if action != "staff.refused":
            raise Reached

    monkeypatch.setattr(audit, "record", stop)
    for case, (name, actor) in itertools.product(todo, actors.items()):
        checks += 1
        try:
            await case.call(actor)
            let_in = True
        except (SignInRequired, Forbidden, NotFound):
            let_in = False
        except (Reached, DomainError):  # a step that cannot be taken now is told to who may take it
            let_in = True
        if let_in != allowed(name, case):
            leaks.append((case.verb, case.unit, name, let_in))
    with capsys.disabled():
        print(f"\nverbs: {checks} checks ({len({case.verb for case in todo})} verbs, {len(actors)} people), {len(leaks)} leaks")
    assert leaks == []
    after = await contents()
    del before["petition_draft"], after["petition_draft"]  # an answer that comes too late is kept for its author
    assert after == before, "nobody's act stood"


async def test_no_search_source_gives_anyone_what_is_not_public(house: House) -> None:
    for name in EVERYONE:
        set_current_actor(await house.cast.actor(name))
        for source in expected.SOURCES:
            async with db.reading() as session:
                documents = str(await sources[source].iterate(session, "", 1_000))
            assert "Rác không ai dọn" in documents, "what is published is there"
            assert house.secret not in documents and house.numbers["new"] not in documents, (name, source)
