"""The whole life of a petition under random acts: the model below says what must happen, the database what did."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import text

from mattranso_app.core import audit, live
from mattranso_app.core import db as database
from mattranso_app.core.access import Action, Actor, may
from mattranso_app.core.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound, SignInRequired
from mattranso_app.petitions import service
from mattranso_app.petitions.models import TRANSITIONS, Publication, State, Step
from tests.petitions.factories import ANSWER, COMMUNE_PATH, REASON, fold, make_country, make_people, send

ACTORS = ("handler", "approver", "both", "reader", "neighbour", "province", "citizen", "nobody")
NEEDS = {
    Step.TAKE_UP: Action.PETITION_HANDLE,
    Step.PUBLISH_QUESTION: Action.PETITION_HANDLE,
    Step.WITHHOLD_QUESTION: Action.PETITION_HANDLE,
    Step.SUBMIT_ANSWER: Action.PETITION_HANDLE,
    Step.RETURN_ANSWER: Action.PETITION_APPROVE,
    Step.APPROVE_ANSWER: Action.PETITION_APPROVE,
}
REFUSALS = {"42501", "MP001", "MP002", "MP003", "MP004", "MP005", "MP006", "23001", "23505", "23514"}
"""No right, our own rules, append-only, unique, check: a statement that is merely wrong gives other codes."""


@dataclass
class World:
    """The loop and the database all examples share."""

    loop: asyncio.Runner
    sql: psycopg.Connection
    country: dict[str, int]

    def run(self, act: Awaitable[Any]) -> Any:
        async def awaited() -> Any:
            return await act

        return self.loop.run(awaited())


@dataclass
class Model:
    """What should be stored."""

    state: State = State.RECEIVED
    version: int = 1
    publication: Publication = Publication.PENDING
    steps: list[tuple[Step, UUID | None]] = field(default_factory=list)
    author: UUID | None = None
    audited: int = 1


EVERYTHING = """
SELECT (SELECT to_jsonb(p) FROM petition p WHERE p.id = :id) AS petition,
  (SELECT jsonb_agg(to_jsonb(e) ORDER BY e.seq) FROM petition_event e WHERE e.petition_id = :id) AS events,
  (SELECT jsonb_agg(to_jsonb(a) ORDER BY a.ordinal) FROM petition_answer a WHERE a.petition_id = :id) AS answers,
  (SELECT jsonb_agg(to_jsonb(f) ORDER BY f.ordinal) FROM stored_file f WHERE f.owner_ref LIKE :number || '/%') AS files,
  (SELECT count(*) FROM audit_log WHERE subject = 'petition:' || :number) AS audited,
  (SELECT count(*) FROM audit_log) AS audited_in_all,
  (SELECT count(*) FROM live_change) AS told, (SELECT count(*) FROM search_change) AS touched,
  (SELECT count(*) FROM notice) AS notices,
  (SELECT jsonb_agg(to_jsonb(s) ORDER BY s.day, s.shard) FROM petition_total s) AS totals,
  (SELECT jsonb_agg(to_jsonb(d) ORDER BY d.person_id) FROM petition_draft d WHERE d.petition_id = :id) AS drafts
"""


class Life(RuleBasedStateMachine):
    """One petition, several people, and somebody with the application's database password."""

    world: World

    @initialize()
    def sent(self) -> None:
        self.people = make_people(self.world.country)
        self.audited_before = self.world.run(self._query("SELECT count(*) AS n FROM audit_log"))["n"]
        self.number = self.world.run(send(photos=1)).number
        self.model = Model(steps=[(Step.SUBMIT, None)])
        self.id = self.world.run(self._query("SELECT id FROM petition WHERE number = :number", number=self.number))["id"]

    async def _query(self, statement: str, **values: Any) -> dict[str, Any]:
        async with database.reading() as session:
            return dict((await session.execute(text(statement), values)).mappings().one())

    def stored(self) -> dict[str, Any]:
        return self.world.run(self._query(EVERYTHING, id=self.id, number=self.number))

    def verb(self, step: Step, actor: Actor, version: int) -> Awaitable[None]:
        verbs: dict[Step, Callable[[], Awaitable[None]]] = {
            Step.TAKE_UP: lambda: service.take_up(actor, self.number, version),
            Step.PUBLISH_QUESTION: lambda: service.publish_question(actor, self.number, version, "Đường hỏng", "Đường sạt lở", ""),
            Step.WITHHOLD_QUESTION: lambda: service.withhold_question(actor, self.number, version, REASON),
            Step.SUBMIT_ANSWER: lambda: service.submit_answer(actor, self.number, version, "partly", ANSWER),
            Step.RETURN_ANSWER: lambda: service.return_answer(actor, self.number, version, "Ghi rõ thời hạn."),
            Step.APPROVE_ANSWER: lambda: service.approve_answer(actor, self.number, version),
        }
        return verbs[step]()

    def expected(self, step: Step, actor: Actor, version: int) -> type[DomainError] | None:
        if not may(actor, NEEDS[step]):
            return Forbidden if actor.is_signed_in else SignInRequired
        if not may(actor, Action.PETITION_READ, COMMUNE_PATH):
            return NotFound
        if version != self.model.version or (self.model.state, step) not in TRANSITIONS:
            return Conflict
        if step is Step.SUBMIT_ANSWER and self.model.publication is Publication.PENDING:
            return Conflict
        if step is Step.APPROVE_ANSWER and actor.person_id == self.model.author:
            return Forbidden
        return None

    @rule(step=st.sampled_from(list(NEEDS)), who=st.sampled_from(ACTORS), behind=st.sampled_from((0, 0, 0, 0, 1, -1)))
    def act(self, step: Step, who: str, behind: int) -> None:
        """Anybody tries anything, sometimes from an old screen."""
        self._attempt(step, getattr(self.people, who), self.model.version - behind)

    @rule(who=st.sampled_from(("both", "both", "province", "handler", "approver")), choice=st.integers(0, 9))
    def go_on(self, who: str, choice: int) -> None:
        """Somebody who may does something that is possible now, so that lives get long."""
        possible = [step for state, step in TRANSITIONS if state is self.model.state]
        step = possible[choice % len(possible)]
        actor: Actor = getattr(self.people, who)
        self._attempt(step, actor if may(actor, NEEDS[step]) else self.people.both, self.model.version)

    def _attempt(self, step: Step, actor: Actor, version: int) -> None:
        before = self.seen
        fault = self.expected(step, actor, version)
        if fault is None:
            self.world.run(self.verb(step, actor, version))
            self._note(step, actor)
            return
        with pytest.raises(fault) as refused:
            self.world.run(self.verb(step, actor, version))
        assert type(refused.value) is fault and refused.value.text
        after = self.stored()
        if fault is Conflict and step is Step.SUBMIT_ANSWER:
            mine = [each["body"] for each in after["drafts"] or [] if each["person_id"] == str(actor.person_id)]
            assert mine == [ANSWER], "what the slower officer wrote is kept"
            after["drafts"] = before["drafts"]
        assert after == before, "a refused act leaves nothing behind"

    def _note(self, step: Step, actor: Actor) -> None:
        self.model.state = TRANSITIONS[self.model.state, step]
        self.model.version += 1
        self.model.audited += 1
        self.model.steps.append((step, actor.person_id))
        if step is Step.SUBMIT_ANSWER:
            self.model.author = actor.person_id
        if step is Step.PUBLISH_QUESTION:
            self.model.publication = Publication.PUBLISHED
        if step is Step.WITHHOLD_QUESTION:
            self.model.publication = Publication.WITHHELD

    @rule(who=st.sampled_from(("handler", "both")), reason=st.sampled_from(("", "  ", "ừ", "\u200b" * 9, "x" * 501)))
    def no_reason(self, who: str, reason: str) -> None:
        """A decision that needs a reason is not taken without one."""
        with pytest.raises(InvalidInput) as refused:
            self.world.run(service.withhold_question(getattr(self.people, who), self.number, self.model.version, reason))
        assert set(refused.value.fields) == {"reason"}
        assert self.stored() == self.seen

    @precondition(lambda self: self.model.state is State.AWAITING_APPROVAL)
    @rule()
    def own_answer_past_the_service(self) -> None:
        """Four eyes: the database refuses the author as approver, whoever writes the SQL."""
        values = {"id": self.id, "author": self.model.author}
        decide = (
            "UPDATE petition_answer SET decision = 'approved', decided_by = %(author)s, decided_at = now() "
            "WHERE petition_id = %(id)s AND decision IS NULL"
        )
        assert self._forge([(decide, values)]) == "23514"
        assert self.stored() == self.seen

    @rule(step=st.sampled_from([step for step in Step if step is not Step.SUBMIT]), to=st.sampled_from(list(State)))
    def event_past_the_service(self, step: Step, to: State) -> None:
        """An event by hand: refused where the step is not possible, and where an answer has no part in it."""
        if TRANSITIONS.get((self.model.state, step)) is to and step in (Step.TAKE_UP, Step.PUBLISH_QUESTION, Step.WITHHOLD_QUESTION):
            return  # a legal step by hand is the service's business: it has the rights
        insert = (
            "INSERT INTO petition_event (petition_id, seq, action, from_state, to_state, at, actor_kind, person_id, public_note) "
            "VALUES (%(id)s, 0, %(step)s, %(from)s, %(to)s, now(), 'officer', %(person)s, 'vì sao')"
        )
        values = {
            "id": self.id, "step": step.value, "from": self.model.state.value, "to": to.value, "person": self.people.both.person_id,
        }
        assert self._forge([(insert, values)]) in ("MP001", "MP003")
        assert self.stored() == self.seen

    @rule()
    def sql_past_the_service(self) -> None:
        """What the application's role must not be able to do at all."""
        person = self.people.both.person_id
        values: dict[str, Any] = {"id": self.id, "person": person}
        statements = [
            "UPDATE petition SET state = 'answered' WHERE id = %(id)s",
            "UPDATE petition SET version = version + 1 WHERE id = %(id)s",
            "UPDATE petition SET publication = 'published', published_at = now() WHERE id = %(id)s",
            "UPDATE petition SET body = 'khác' WHERE id = %(id)s",
            "UPDATE petition SET unit_id = unit_id WHERE id = %(id)s",
            "UPDATE petition SET due_at = now() WHERE id = %(id)s",
            "DELETE FROM petition WHERE id = %(id)s",
            "TRUNCATE petition CASCADE",
            "UPDATE petition_event SET at = now() WHERE petition_id = %(id)s",
            "DELETE FROM petition_event WHERE petition_id = %(id)s",
            "DELETE FROM petition_answer WHERE petition_id = %(id)s",
            "UPDATE petition_answer SET body = 'khác' WHERE petition_id = %(id)s",
            "INSERT INTO petition_answer (petition_id, ordinal, outcome, body, public_body, author_id, author_name, created_at, "
            "decision, decided_by, decided_at) SELECT %(id)s, 99, 'solved', 'x', 'x', gen_random_uuid(), 'x', now(), 'approved', "
            "%(person)s, now()",
            "INSERT INTO petition_answer (petition_id, ordinal, outcome, body, public_body, author_id, author_name, created_at) "
            "VALUES (%(id)s, 98, 'solved', 'x', 'x', %(person)s, 'x', now())",
            "UPDATE petition_contact SET sealed = '' WHERE petition_id = %(id)s",
            "DELETE FROM petition_transition",
            "INSERT INTO petition_transition VALUES ('received', 'approve_answer', 'answered', false)",
            "UPDATE petition_total SET answered_on_time = 1000",
            "DELETE FROM deadline_rule",
            "UPDATE audit_log SET detail = '{}'",
            "DELETE FROM audit_log",
            "SELECT petition_follow_merges(ARRAY[(SELECT unit_id FROM petition WHERE id = %(id)s)], "
            "ARRAY[(SELECT id FROM unit WHERE code = '20194')])",
            "SELECT petition_move_all(ARRAY[(SELECT unit_id FROM petition WHERE id = %(id)s)], "
            "ARRAY[(SELECT id FROM unit WHERE code = '20194')])",
        ]
        if self.model.publication is Publication.PUBLISHED:
            statements.append("UPDATE petition SET public_body = 'khác' WHERE id = %(id)s")
        if self.model.author is not None and self.model.state is not State.AWAITING_APPROVAL:
            statements.append(
                "UPDATE petition_answer SET decision = 'approved', decided_by = %(person)s, decided_at = now() WHERE petition_id = %(id)s"
            )
        if self.model.state is State.AWAITING_APPROVAL:
            statements.append(
                "UPDATE petition_answer SET decision = 'approved', decided_by = gen_random_uuid(), decided_at = now() "
                "WHERE petition_id = %(id)s AND decision IS NULL"
            )
        for statement in statements:
            self._forge([(statement, values)])
        assert self.stored() == self.seen

    def _forge(self, statements: list[tuple[str, dict[str, Any]]]) -> str:
        """Run SQL as the application's role; it must be refused by a rule. Return the rule's code."""
        with pytest.raises(psycopg.Error) as refused, self.world.sql.transaction():
            for statement, values in statements:
                self.world.sql.execute(statement, values)
        assert refused.value.sqlstate in REFUSALS, (refused.value.sqlstate, statements)
        return str(refused.value.sqlstate)

    @invariant()
    def stored_is_what_the_events_say(self) -> None:
        stored = self.seen = self.stored()
        folded = fold(stored["events"])
        petition = stored["petition"]
        assert {name: petition[name] for name in folded} == folded
        assert (petition["state"], petition["version"]) == (self.model.state, self.model.version)
        assert petition["publication"] == self.model.publication
        acts = [(event["action"], event["person_id"]) for event in stored["events"]]
        assert acts == [(step, str(person) if person else None) for step, person in self.model.steps]
        assert stored["audited"] == self.model.audited == len(stored["events"])
        assert stored["audited_in_all"] == self.audited_before + self.model.audited
        approved = [each for each in stored["answers"] or [] if each["decision"] == "approved"]
        assert len(approved) == (petition["state"] == "answered")
        assert all(each["author_id"] != each["decided_by"] for each in approved)
        is_public = petition["publication"] == "published"
        assert {file["visibility"] for file in stored["files"]} == {"public" if is_public else "private"}

    def teardown(self) -> None:
        async def verify() -> list[audit.AuditFault]:
            async with database.reading() as session:
                return (await audit.verify(session))[1]

        assert self.world.run(verify()) == []


def test_life(database_url: str) -> None:
    with ExitStack() as stack, asyncio.Runner() as loop:
        loop.run(database.open_pool(database_url))
        try:
            country = loop.run(make_country())
            sql = stack.enter_context(psycopg.connect(database_url, autocommit=True))
            machine = type("LifeHere", (Life,), {"world": World(loop, sql, country)})
            slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=10, stateful_step_count=30, deadline=None, suppress_health_check=slow,
                    # A life is short enough to be read as it is; making it shorter takes minutes.
                    phases=(Phase.generate,), database=None,
                ),
            )
        finally:
            loop.run(live.stop())
            loop.run(database.close_pool())
