"""The words of Python and of the database are the same words."""

from __future__ import annotations

import itertools

import psycopg
import pytest

from mattranso_app.core.clock import now
from mattranso_app.petitions import text
from mattranso_app.petitions.models import TRANSITIONS, Channel, Kind, Outcome, Publication, State, Step
from mattranso_app.petitions.numbers import from_bits, new_number, read_bits, read_number
from mattranso_app.petitions.shapes import Cursor
from tests.petitions.factories import People, answer, publish, row_of, rows, send, take_up

REASONED = {Step.WITHHOLD_QUESTION, Step.RETURN_ANSWER}


async def test_transitions_are_those_of_the_database(db: str) -> None:
    found = await rows("SELECT from_state, action, to_state, needs_reason FROM petition_transition")
    assert {(State(row["from_state"]), Step(row["action"])): State(row["to_state"]) for row in found} == TRANSITIONS
    assert {Step(row["action"]) for row in found if row["needs_reason"]} == REASONED


@pytest.mark.parametrize(
    ("table", "column", "words"),
    [
        ("petition", "kind", Kind), ("petition", "state", State), ("petition", "channel", Channel), ("petition", "outcome", Outcome),
        ("petition", "publication", Publication), ("petition_answer", "outcome", Outcome),
    ],
)
async def test_checks_of_the_database_know_each_word(db: str, table: str, column: str, words: type) -> None:
    found = await rows(
        "SELECT pg_get_constraintdef(oid) AS check FROM pg_constraint WHERE conrelid = CAST(:table AS regclass) AND contype = 'c' "
        "AND conkey = ARRAY[(SELECT attnum FROM pg_attribute WHERE attrelid = conrelid AND attname = :column)]",
        table=table, column=column,
    )
    quoted = set().union(*(set(row["check"].split("'")[1::2]) for row in found))
    assert quoted == {str(word) for word in words}


def test_every_word_has_its_vietnamese() -> None:
    assert set(text.KINDS) == set(text.KIND_HINTS) == set(Kind)
    assert set(text.STATES) == set(text.PUBLIC_STATES) == set(State) - {State.NEW}
    assert set(text.OUTCOMES) == set(text.OUTCOME_HINTS) == set(Outcome)
    assert set(text.TIMELINE) == set(Step)
    assert set(text.PUBLICATIONS) == set(Publication)


async def test_a_petition_is_born_without_anything_of_its_own(country: dict[str, int], db: str) -> None:
    number = (await send()).number
    columns = (
        "number, client_key_hash, body_digest, receipt_hash, kind, title, body, unit_id, unit_path, channel, created_at, due_at, "
        "deadline_rule_id"
    )
    copied = "'PA-0000-0' || {n}, sha256(client_key_hash || '{n}'), body_digest, sha256(receipt_hash || '{n}'), " + ", ".join(
        columns.split(", ")[4:]
    )
    forged = {
        "state": "'answered'", "version": "3", "publication, published_at, public_title, public_body": "'published', now(), 'x', 'x'",
        "taken_at": "now()", "outcome": "'solved'", "withheld_reason": "'x'",
    }
    with psycopg.connect(db) as connection:
        for place, (name, value) in enumerate(forged.items()):
            insert = f"INSERT INTO petition ({columns}, {name}) SELECT {copied.format(n=place)}, {value}"
            with pytest.raises(psycopg.Error) as refused:
                connection.execute(f"{insert} FROM petition WHERE number = %s", [number])
            assert refused.value.sqlstate == "MP004", name
            connection.rollback()
        connection.execute(f"INSERT INTO petition ({columns}) SELECT {copied.format(n=9)} FROM petition WHERE number = %s", [number])
        with pytest.raises(psycopg.Error) as refused:
            connection.commit()
        assert refused.value.sqlstate == "MP004", "and one that was never received does not survive its transaction"


async def test_another_step_does_not_make_a_new_public_copy(people: People, db: str) -> None:
    number = (await send()).number
    await take_up(people, number)
    await publish(people, number)
    await answer(people, number)
    values = {"number": number, "person": people.approver.person_id}
    whose = "petition_id = (SELECT id FROM petition WHERE number = %(number)s)"
    copy = "UPDATE petition SET public_body = 'khác' WHERE number = %(number)s"
    returned = (
        f"UPDATE petition_answer SET decision = 'returned', decided_by = %(person)s, decided_at = now() WHERE {whose}",
        "INSERT INTO petition_event (petition_id, seq, action, from_state, to_state, at, actor_kind, person_id, public_note) "
        "SELECT id, 0, 'return_answer', state, 'in_progress', now(), 'officer', %(person)s, 'vì sao' FROM petition "
        "WHERE number = %(number)s",
    )
    with psycopg.connect(db) as connection:
        for statements in ((copy, *returned), (*returned, copy), (copy,)):
            with pytest.raises(psycopg.Error) as refused, connection.transaction():
                for statement in statements:
                    connection.execute(statement, values)
            assert refused.value.sqlstate == "MP005"
        with connection.transaction():
            for statement in returned:
                connection.execute(statement, values)
    assert (await row_of(number))["state"] == "in_progress", "without touching the copy it is a step like any other"


def test_numbers_are_read_as_people_write_them() -> None:
    for typed in ("PA-7K2M-94", "pa7k2m94", " 7k2m 94 ", "PA–7K2M–94", "pa_7k2m.94"):
        assert read_number(typed) == "PA-7K2M-94"
    assert read_number("PA-OIL0-00") == "PA-0110-00"
    for typed in ("", "PA", "PA-7K2M-9", "PA-7K2M-944", "PA-7K2U-94", "x" * 100, "PA-7K2M-94\n; DROP TABLE"):
        assert read_number(typed) is None


def test_numbers_and_bits_are_one_to_one() -> None:
    for bits in itertools.chain(range(0, 1 << 30, 7_654_321), (0, (1 << 30) - 1)):
        assert read_bits(from_bits(bits)) == bits
        assert read_number(from_bits(bits)) == from_bits(bits)
    assert len({new_number() for _ in range(200)}) > 190


def test_a_cursor_comes_back_as_it_was() -> None:
    cursor = Cursor(now(), 2**40)
    assert Cursor.decode(cursor.encode()) == cursor
