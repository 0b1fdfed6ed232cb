"""Reading what is public, and what a sender may see by his receipt.

A page's ids come from a partial index alone (the narrow filters ride along in it), then its rows by id; the next page
starts after the last row, so the thousandth costs what the first did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.db import Reader
from mattranso_app.core.sql import sql
from mattranso_app.petitions.models import Outcome
from mattranso_app.petitions.shapes import COUNT_CAP, Cursor


@dataclass(frozen=True, slots=True)
class PublicFilter:
    """What a public list is narrowed to. `unit_id` is one unit, `province_path` a whole province.

    Attributes:
        answered: True: answered ones only, False: those still being handled, None: both.
    """

    province_path: str | None = None
    unit_id: int | None = None
    kind: str | None = None
    answered: bool | None = None
    outcome: Outcome | None = None


async def fetch_public_page(
    session: AsyncSession, narrowed: PublicFilter, after: Cursor | None, limit: int
) -> list[RowMapping]:
    """Return up to `limit` published petitions, newest publication first."""
    where, values = _conditions(narrowed)
    if after is not None:
        where += " AND (published_at, id) < (:after_at, :after_id)"
        values |= {"after_at": after.at, "after_id": after.id}
    statement = sql(
        f"WITH page AS MATERIALIZED (SELECT id FROM petition WHERE {where} "
        f"ORDER BY published_at DESC, id DESC LIMIT :limit) {_ITEM} JOIN page USING (id) {_UNIT} "
        "ORDER BY p.published_at DESC, p.id DESC"
    )
    return list((await session.execute(statement, values | {"limit": limit})).mappings())


async def count_public(session: AsyncSession, narrowed: PublicFilter, cap: int = COUNT_CAP) -> int:
    """Return how many published petitions there are, at most `cap` + 1 (which means: more than `cap`)."""
    where, values = _conditions(narrowed)
    statement = sql(f"SELECT count(*) FROM (SELECT 1 FROM petition WHERE {where} LIMIT :cap) AS counted")
    return int((await session.execute(statement, values | {"cap": cap + 1})).scalar_one())


async def fetch_latest_answers(session: AsyncSession, limit: int) -> list[RowMapping]:
    """Return the published petitions that were answered last."""
    statement = sql(
        "WITH page AS MATERIALIZED (SELECT id FROM petition WHERE published_at IS NOT NULL AND answered_at IS NOT NULL "
        f"ORDER BY answered_at DESC, id DESC LIMIT :limit) {_ITEM} JOIN page USING (id) {_UNIT} "
        "ORDER BY p.answered_at DESC, p.id DESC"
    )
    return list((await session.execute(statement, {"limit": limit})).mappings())


async def fetch_public_items(session: AsyncSession, ids: list[int]) -> list[RowMapping]:
    """Return the list rows of those of `ids` that are published, in no particular order; for search results."""
    statement = sql(f"{_ITEM} {_UNIT} WHERE p.id = ANY(:ids) AND p.published_at IS NOT NULL")
    return list((await session.execute(statement, {"ids": ids})).mappings())


async def fetch_sent_by(session: AsyncSession, sender_id: UUID, after: Cursor | None, limit: int) -> list[RowMapping]:
    """Return up to `limit` petitions that a signed-in citizen sent, newest first, published or not."""
    where = "sender_id = :sender"
    values: dict[str, Any] = {"sender": sender_id, "limit": limit}
    if after is not None:
        where += " AND id < :after_id"
        values |= {"after_id": after.id}
    statement = sql(
        f"WITH page AS MATERIALIZED (SELECT id FROM petition WHERE {where} ORDER BY id DESC LIMIT :limit) "
        f"{_ITEM} JOIN page USING (id) {_UNIT} ORDER BY p.id DESC"
    )
    return list((await session.execute(statement, values)).mappings())


async def fetch_by_number(session: Reader, number: str) -> RowMapping | None:
    """Return the row behind a public number with its unit and deadline rule, or None."""
    return await _one(session, "p.number = :number", {"number": number})


async def fetch_by_receipt(session: AsyncSession, receipt_hash: bytes) -> RowMapping | None:
    """Return the row whose receipt has this hash, or None."""
    return await _one(session, "p.receipt_hash = :hash", {"hash": receipt_hash})


async def fetch_timeline(session: AsyncSession, petition_id: int) -> list[RowMapping]:
    """Return the steps of a petition that are nobody's secret, in order."""
    statement = sql(
        "SELECT e.action, e.at, e.public_note, coalesce(u.name, '') AS unit_name FROM petition_event e "
        "LEFT JOIN unit u ON u.id = e.unit_id WHERE e.petition_id = :id "
        "AND e.action IN ('submit', 'take_up', 'publish_question', 'withhold_question', 'approve_answer') ORDER BY e.seq"
    )
    return list((await session.execute(statement, {"id": petition_id})).mappings())


async def fetch_approved_answer(session: AsyncSession, petition_id: int) -> RowMapping | None:
    """Return the approved answer of a petition, or None."""
    statement = sql(
        "SELECT a.ordinal, a.outcome, a.body, a.public_body, a.files, a.decided_at FROM petition_answer a "
        "WHERE a.petition_id = :id AND a.decision = 'approved' ORDER BY a.ordinal DESC LIMIT 1"
    )
    return (await session.execute(statement, {"id": petition_id})).mappings().first()


async def fetch_published_texts(session: AsyncSession, after_id: int, limit: int, ids: list[int] | None = None) -> list[RowMapping]:
    """Return the public copies with their answers, by id: for the search index.

    Args:
        session: where to read.
        after_id: only rows with a greater id.
        limit: rows at most.
        ids: only these rows; all when None.
    """
    chosen = "" if ids is None else "AND p.id = ANY(:ids)"
    statement = sql(
        "SELECT p.id, p.number, p.kind, p.unit_id, p.province_path, p.published_at, p.answered_at, p.public_title, p.public_body, "
        "coalesce((SELECT a.public_body FROM petition_answer a WHERE a.petition_id = p.id AND a.decision = 'approved' "
        "ORDER BY a.ordinal DESC LIMIT 1), '') AS answer FROM petition p "
        f"WHERE p.published_at IS NOT NULL AND p.id > :after {chosen} ORDER BY p.id LIMIT :limit"
    )
    values = {"after": after_id, "limit": limit} | ({} if ids is None else {"ids": ids})
    return list((await session.execute(statement, values)).mappings())


async def _one(session: Reader, condition: str, values: dict[str, Any]) -> RowMapping | None:
    statement = sql(
        "SELECT p.*, r.working_days, r.basis, u.code AS unit_code, u.name AS unit_name, coalesce(v.name, '') AS province_name "
        f"FROM petition p JOIN deadline_rule r ON r.id = p.deadline_rule_id {_UNIT} WHERE {condition}"
    )
    return (await session.execute(statement, values)).mappings().first()


def _conditions(narrowed: PublicFilter) -> tuple[str, dict[str, Any]]:
    parts = ["published_at IS NOT NULL"]
    values: dict[str, Any] = {}
    for column, value in (
        ("province_path", narrowed.province_path),
        ("unit_id", narrowed.unit_id),
        ("kind", narrowed.kind),
        ("outcome", narrowed.outcome),
    ):
        if value is not None:
            parts.append(f"{column} = :{column}")
            values[column] = value
    # Each as the index that serves it says it: the state rides along in those of the country, a province and a unit.
    if narrowed.answered is False:
        parts.append("answered_at IS NULL")
    elif narrowed.outcome is not None:
        parts.append("answered_at IS NOT NULL")
    elif narrowed.answered:
        parts.append("state = 'answered'")
    return " AND ".join(parts), values


_UNIT = "JOIN unit u ON u.id = p.unit_id LEFT JOIN unit v ON v.id = u.parent_id AND v.level = 'province'"
_ITEM = (
    "SELECT p.id, p.number, p.kind, p.public_title, p.title, p.state, p.outcome, p.created_at, p.published_at, p.due_at, "
    "p.answered_at, p.is_sample, u.code AS unit_code, u.name AS unit_name, coalesce(v.name, '') AS province_name, "
    "coalesce((SELECT cardinality(a.files) FROM petition_answer a WHERE a.petition_id = p.id AND a.decision = 'approved' "
    "ORDER BY a.ordinal DESC LIMIT 1), 0) AS evidence "
    "FROM petition p"
)
