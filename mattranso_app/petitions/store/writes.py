"""Rows of a transaction: making a petition, locking one for a step, its events, answers, drafts and files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import cast
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.access import Actor
from mattranso_app.core.db import Reader
from mattranso_app.core.sql import sql
from mattranso_app.petitions.models import TRANSITIONS, State, Step
from mattranso_app.petitions.numbers import new_number
from mattranso_app.petitions.shapes import Allowance


async def hold_unit(
    session: AsyncSession, unit_id: int, path: str, kind: str, step: str, day: date, sender_id: UUID | None = None
) -> Allowance | None:
    """Keep a unit from being merged or moved until the transaction ends, and look up how long `step` may take there.

    With a sender, his account is kept from being erased as well.

    Returns:
        The rule that holds on `day`; None when the unit no longer stands at `path`, or the sender's account was erased.

    Raises:
        LookupError: Central has set no rule for that day.
    """
    statement = sql(
        "WITH sender AS MATERIALIZED (SELECT erased_at FROM person WHERE id = CAST(:sender AS uuid) FOR KEY SHARE) "
        "SELECT r.id, r.working_days, r.basis FROM unit u LEFT JOIN LATERAL (SELECT * FROM deadline_rule WHERE kind = :kind "
        "AND step = :step AND valid_from <= :day AND (valid_to IS NULL OR valid_to > :day) ORDER BY valid_from DESC LIMIT 1) AS r "
        "ON true WHERE u.id = :id AND u.path = :path AND (u.valid_to IS NULL OR u.valid_to > :day) "
        "AND NOT EXISTS (SELECT FROM sender WHERE erased_at IS NOT NULL) FOR SHARE OF u"
    )
    values = {"id": unit_id, "path": path, "kind": kind, "step": step, "day": day, "sender": sender_id}
    row = (await session.execute(statement, values)).one_or_none()
    if row is None:
        return None
    if row.id is None:
        raise LookupError(f"no rule for {step} of {kind} on {day}")
    return Allowance(row.id, row.working_days, row.basis)


async def fetch_by_client_key(session: Reader, client_key_hashes: Sequence[bytes]) -> RowMapping | None:
    """Return the petition a client key has made, with its unit and the rule of its deadline, or None.

    Args:
        session: where to read.
        client_key_hashes: the key's hash under every root key we have.
    """
    statement = sql(
        "SELECT p.number, p.kind, p.body_digest, p.receipt_hash, p.due_at, r.working_days, r.basis, u.level AS unit_level, "
        "u.name AS unit_name FROM petition p JOIN deadline_rule r ON r.id = p.deadline_rule_id JOIN unit u ON u.id = p.unit_id "
        "WHERE p.client_key_hash = ANY(:hashes)"
    )
    return (await session.execute(statement, {"hashes": list(client_key_hashes)})).mappings().first()


async def follow_merges(session: AsyncSession, gone: Sequence[int], heirs: Sequence[int]) -> None:
    """Lead the petitions and counts of units that have ended to their recorded successors, pair by pair."""
    await session.execute(
        sql("SELECT petition_follow_merges(CAST(:gone AS integer[]), CAST(:heirs AS integer[]))"),
        {"gone": list(gone), "heirs": list(heirs)},
    )


async def fetch_published_ids(session: AsyncSession, unit_ids: Sequence[int], after: int, limit: int) -> list[int]:
    """Return the ids above `after` of published petitions of these units and of all units below them, in order."""
    statement = sql(
        "SELECT p.id FROM petition p WHERE p.published_at IS NOT NULL AND p.id > :after AND (p.unit_id = ANY(:units) OR "
        "p.province_path IN (SELECT u.path FROM unit u WHERE u.id = ANY(:units) AND u.level = 'province')) ORDER BY p.id LIMIT :limit"
    )
    return list((await session.execute(statement, {"units": list(unit_ids), "after": after, "limit": limit})).scalars())


_INSERT = sql(
    "WITH made AS (INSERT INTO petition (number, client_key_hash, body_digest, receipt_hash, kind, title, body, place, unit_id, unit_path, "
    "organisation, channel, is_sample, sender_id, contact_hint, created_at, due_at, deadline_rule_id) VALUES (:number, "
    ":client_key_hash, :body_digest, :receipt_hash, :kind, :title, :body, :place, :unit_id, :unit_path, :organisation, :channel, "
    ":is_sample, :sender_id, :contact_hint, :created_at, :due_at, :deadline_rule_id) ON CONFLICT DO NOTHING RETURNING id), "
    "contact AS (INSERT INTO petition_contact (petition_id, sealed, consented_at) "
    "SELECT id, CAST(:sealed AS bytea), :created_at FROM made WHERE CAST(:sealed AS bytea) IS NOT NULL) SELECT id FROM made"
)


async def save_petition(session: AsyncSession, row: dict[str, object], sealed: bytes | None) -> tuple[int, str] | None:
    """Insert a petition under a new number, with the sealed contact of its sender.

    A transaction that is inserting the same client key at this moment is waited for.

    Args:
        session: the open transaction.
        row: the columns of `petition`, without id and number.
        sealed: how to reach the sender; None for an anonymous one.

    Returns:
        Its (id, number); None when the client key has already made a petition (nothing was written).
    """
    while True:
        number = new_number()
        made = (await session.execute(_INSERT, {**row, "sealed": sealed, "number": number})).scalar()
        if made is not None:
            return int(made), number
        if await fetch_by_client_key(session, [cast(bytes, row["client_key_hash"])]) is not None:
            return None
        # The number was taken: about one in a thousand when there are a million petitions.


async def lock_petition(session: AsyncSession, number: str) -> RowMapping | None:
    """Return the row of `number`, locked until the transaction ends; None when there is none.

    Of two officers who act at once the second waits here and then sees what the first has done.
    """
    statement = sql(
        "SELECT p.*, u.code AS unit_code, u.name AS unit_name FROM petition p JOIN unit u ON u.id = p.unit_id "
        "WHERE p.number = :number FOR UPDATE OF p"
    )
    return (await session.execute(statement, {"number": number})).mappings().first()


async def save_event(
    session: AsyncSession,
    petition_id: int,
    state: State,
    step: Step,
    actor: Actor,
    at: datetime,
    *,
    unit_id: int | None,
    public_note: str = "",
    internal_note: str = "",
) -> State:
    """Insert one event and so move the petition; the database refuses a step that is not possible.

    Args:
        session: the open transaction.
        petition_id: whose.
        state: where it stands.
        step: what happens.
        actor: who does it.
        at: when.
        unit_id: for which unit the actor acts.
        public_note: shown to everyone in the timeline.
        internal_note: shown to officers.

    Returns:
        The state it stands in now.
    """
    reached = TRANSITIONS[state, step]
    await session.execute(
        sql(
            "INSERT INTO petition_event (petition_id, seq, action, from_state, to_state, at, actor_kind, person_id, unit_id, "
            "public_note, internal_note) VALUES (:id, 0, :action, :from_state, :to_state, :at, :kind, :person, :unit, :public, "
            ":internal)"
        ),
        {
            "id": petition_id,
            "action": step,
            "from_state": state,
            "to_state": reached,
            "at": at,
            "kind": actor.kind,
            "person": actor.person_id,
            "unit": unit_id,
            "public": public_note,
            "internal": internal_note,
        },
    )
    return reached


async def save_public_copy(session: AsyncSession, petition_id: int, title: str, body: str, place: str) -> None:
    """Write the masked copy an officer has read over."""
    await session.execute(
        sql("UPDATE petition SET public_title = :title, public_body = :body, public_place = :place WHERE id = :id"),
        {"id": petition_id, "title": title, "body": body, "place": place},
    )


async def save_answer(
    session: AsyncSession, petition_id: int, actor: Actor, at: datetime, outcome: str, body: str, public_body: str, files: Sequence[UUID]
) -> int:
    """Insert an answer that is handed in for approval, as the next one of the petition.

    Returns:
        Its ordinal.
    """
    statement = sql(
        "INSERT INTO petition_answer (petition_id, ordinal, outcome, body, public_body, author_id, author_name, files, "
        "created_at) SELECT :id, coalesce(max(ordinal), 0) + 1, :outcome, :body, :public, :author, :name, :files, :at FROM petition_answer "
        "WHERE petition_id = :id RETURNING ordinal"
    )
    values = {
        "id": petition_id,
        "outcome": outcome,
        "body": body,
        "public": public_body,
        "author": actor.person_id,
        "name": actor.name,
        "files": list(files),
        "at": at,
    }
    return int((await session.execute(statement, values)).scalar_one())


async def fetch_latest_answer(session: AsyncSession, petition_id: int) -> RowMapping | None:
    """Return the answer that was handed in last, or None."""
    statement = sql("SELECT * FROM petition_answer WHERE petition_id = :id ORDER BY ordinal DESC LIMIT 1")
    return (await session.execute(statement, {"id": petition_id})).mappings().first()


async def decide_answer(
    session: AsyncSession, petition_id: int, ordinal: int, decision: str, actor: Actor, at: datetime, reason: str = ""
) -> None:
    """Write what was decided on an answer; the database refuses its author as approver."""
    await session.execute(
        sql(
            "UPDATE petition_answer SET decision = :decision, decided_by = :person, decided_at = :at, reason = :reason "
            "WHERE petition_id = :id AND ordinal = :ordinal"
        ),
        {"id": petition_id, "ordinal": ordinal, "decision": decision, "person": actor.person_id, "at": at, "reason": reason},
    )


async def is_in_an_answer(session: AsyncSession, petition_id: int, file_id: UUID) -> bool:
    """Return whether an answer that was handed in has the file."""
    statement = sql("SELECT EXISTS (SELECT FROM petition_answer WHERE petition_id = :id AND :file = ANY(files))")
    return bool((await session.execute(statement, {"id": petition_id, "file": file_id})).scalar_one())


async def save_draft(
    session: AsyncSession,
    petition_id: int,
    person_id: UUID,
    at: datetime,
    outcome: str,
    body: str,
    public_body: str,
    base_version: int,
) -> None:
    """Keep an officer's unfinished answer, in place of the one he had."""
    await session.execute(
        sql(
            "INSERT INTO petition_draft (petition_id, person_id, outcome, body, public_body, base_version, saved_at) "
            "VALUES (:id, :person, :outcome, :body, :public, :version, :at) ON CONFLICT (petition_id, person_id) DO UPDATE SET "
            "outcome = excluded.outcome, body = excluded.body, public_body = excluded.public_body, "
            "base_version = excluded.base_version, saved_at = excluded.saved_at"
        ),
        {
            "id": petition_id,
            "person": person_id,
            "outcome": outcome,
            "body": body,
            "public": public_body,
            "version": base_version,
            "at": at,
        },
    )


async def delete_draft(session: AsyncSession, petition_id: int, person_id: UUID) -> None:
    """Forget an officer's unfinished answer: it was handed in."""
    await session.execute(
        sql("DELETE FROM petition_draft WHERE petition_id = :id AND person_id = :person"), {"id": petition_id, "person": person_id}
    )


async def fetch_contact(session: AsyncSession, petition_id: int) -> bytes | None:
    """Return the sealed contact of a petition, or None when its sender left none."""
    statement = sql("SELECT sealed FROM petition_contact WHERE petition_id = :id")
    sealed = (await session.execute(statement, {"id": petition_id})).scalar()
    return None if sealed is None else bytes(sealed)
