"""Rows of one citizen's own petitions: what is shown, and what an erasure takes out of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.sql import sql

BATCH = 400
"""Petitions taken at once: with five photos each, what one list of files may hold."""


async def fetch_own(session: AsyncSession, sender_id: UUID, most: int, before: int | None = None) -> Sequence[RowMapping]:
    """Return a citizen's petitions with unit, sealed contact and `is_own`, newest first.

    Of a petition that was claimed by its receipt (not `is_own`) the contact is left out: who holds the receipt need not be
    whose it is. With `before`, only those of a smaller id.
    """
    statement = sql(
        "SELECT p.*, u.name AS unit_name, c.sealed, c.consented_at, petition_is_own(p.id, p.sender_id) AS is_own FROM petition p "
        "JOIN unit u ON u.id = p.unit_id LEFT JOIN petition_contact c ON c.petition_id = p.id AND petition_is_own(p.id, p.sender_id) "
        "WHERE p.sender_id = :sender AND (CAST(:before AS bigint) IS NULL OR p.id < :before) ORDER BY p.id DESC LIMIT :most"
    )
    return (await session.execute(statement, {"sender": sender_id, "most": most, "before": before})).mappings().all()


async def fetch_readers(session: AsyncSession, sender_id: UUID, most: int) -> Sequence[RowMapping]:
    """Return who has opened the contact of these petitions: when, from which unit, why; not by name."""
    statement = sql(
        "SELECT a.at, a.subject, a.detail, coalesce(u.name, '') AS unit_name FROM petition p "
        "JOIN audit_log a ON a.subject = 'petition:' || p.number AND a.action = 'petition.read_contact' "
        "LEFT JOIN person q ON q.id = a.person_id LEFT JOIN unit u ON u.id = q.unit_id "
        "WHERE p.sender_id = :sender ORDER BY a.id DESC LIMIT :most"
    )
    return (await session.execute(statement, {"sender": sender_id, "most": most})).mappings().all()


async def count_open(session: AsyncSession, senders: Sequence[UUID]) -> dict[UUID, int]:
    """Return how many petitions of each of these citizens are not answered yet; claimed ones do not count."""
    statement = sql(
        "SELECT sender_id, count(*) FROM petition p WHERE sender_id = ANY(:senders) AND answered_at IS NULL "
        "AND petition_is_own(p.id, p.sender_id) GROUP BY sender_id"
    )
    return {row[0]: row[1] for row in await session.execute(statement, {"senders": list(senders)})}


async def fetch_contacts(session: AsyncSession, sender_id: UUID) -> Sequence[bytes]:
    """Return the sealed contacts of the petitions a citizen has sent himself; of claimed ones they may be others'."""
    statement = sql(
        "SELECT c.sealed FROM petition_contact c JOIN petition p ON p.id = c.petition_id WHERE p.sender_id = :sender "
        "AND petition_is_own(p.id, p.sender_id)"
    )
    return (await session.execute(statement, {"sender": sender_id})).scalars().all()


Words = tuple[str, int, dict[str, str]]
"""What officers wrote in one step or answer of a petition: (place, ordinal, texts)."""


async def fetch_words(session: AsyncSession, petitions: Sequence[int]) -> dict[int, list[Words]]:
    """Return of each of these petitions what officers wrote in its steps and answers."""
    found: dict[int, list[Words]] = {petition: [] for petition in petitions}
    for place, statement in _WORDS.items():
        for row in (await session.execute(sql(statement), {"ids": list(petitions)})).mappings():
            texts = dict(row)
            found[texts.pop("petition_id")].append((place, texts.pop("ordinal"), texts))
    return found


_WORDS = {
    "event": "SELECT petition_id, seq AS ordinal, public_note, internal_note FROM petition_event WHERE petition_id = ANY(:ids) "
    "ORDER BY seq",
    "answer": "SELECT petition_id, ordinal, body, public_body, reason FROM petition_answer WHERE petition_id = ANY(:ids) ORDER BY ordinal",
}


async def fetch_officers(session: AsyncSession, petitions: Sequence[int]) -> dict[int, list[str]]:
    """Return of each of these petitions the names of those who handled or answered it."""
    statement = sql(
        "SELECT e.petition_id, p.display_name FROM petition_event e JOIN person p ON p.id = e.person_id WHERE e.petition_id = ANY(:ids) "
        "AND e.action <> 'submit' UNION SELECT petition_id, author_name FROM petition_answer WHERE petition_id = ANY(:ids)"
    )
    found: dict[int, list[str]] = {petition: [] for petition in petitions}
    for petition, name in await session.execute(statement, {"ids": list(petitions)}):
        found[petition].append(name)
    return found


async def fetch_units_named(session: AsyncSession, words: str) -> Sequence[str]:
    """Return names of units, past ones too, in which these words stand, a few."""
    statement = sql("SELECT name FROM unit WHERE strpos(name, :words) > 0 LIMIT 3")
    return (await session.execute(statement, {"words": words})).scalars().all()


async def unclaim(session: AsyncSession, petition_id: int, sender_id: UUID) -> None:
    """Take a claimed petition off a citizen's list; the database refuses one he has sent himself."""
    await session.execute(sql("SELECT petition_unclaim(:id, :sender)"), {"id": petition_id, "sender": sender_id})


async def forget(session: AsyncSession, petition_id: int, sender_id: UUID, texts: dict[str, str]) -> None:
    """Take the sender out of a closed petition; the database refuses an open one, and one of somebody else."""
    await session.execute(
        sql("SELECT petition_forget(:id, :sender, CAST(:texts AS jsonb))"),
        {"id": petition_id, "sender": sender_id, "texts": json.dumps(texts)},
    )


async def forget_words(session: AsyncSession, petition_id: int, place: str, ordinal: int, texts: dict[str, str]) -> None:
    """Write a step's or an answer's texts without the sender, after `forget` in the same transaction."""
    await session.execute(
        sql("SELECT petition_forget_words(:id, :place, :ordinal, CAST(:texts AS jsonb))"),
        {"id": petition_id, "place": place, "ordinal": ordinal, "texts": json.dumps(texts)},
    )


async def delete_drafts(session: AsyncSession, petition_id: int) -> None:
    """Forget unfinished answers to a petition that is closed."""
    await session.execute(sql("DELETE FROM petition_draft WHERE petition_id = :id"), {"id": petition_id})


async def withdraw_contact(session: AsyncSession, number: str, sender_id: UUID) -> bool:
    """Remove the contact from a citizen's own petition; False when it is not his or has none."""
    done = await session.execute(sql("SELECT petition_withdraw_contact(:number, :sender)"), {"number": number, "sender": sender_id})
    return bool(done.scalar_one())
