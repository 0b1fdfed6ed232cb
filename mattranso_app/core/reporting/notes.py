"""What is said about single cells of a report: comments, and the history of what a cell held."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.access import Actor
from mattranso_app.core.db import Reader
from mattranso_app.core.sql import sql

MOST = 100
"""Comments or changes of one cell that are shown, the newest."""


async def add_comment(session: AsyncSession, actor: Actor, report_id: int, key: str, body: str, at: datetime) -> None:
    """Write a comment about a cell."""
    statement = (
        "INSERT INTO reporting_comment (report_id, key, at, person_id, person_name, body) "
        "VALUES (:report, :key, :at, :person, :name, :body)"
    )
    values = {"report": report_id, "key": key, "at": at, "person": actor.person_id, "name": actor.name[:200], "body": body}
    await session.execute(sql(statement), values)


async def fetch_comments(session: Reader, report_id: int, key: str) -> Sequence[RowMapping]:
    """Return the comments about a cell, newest first."""
    statement = sql(
        "SELECT at, person_name, body FROM reporting_comment WHERE report_id = :report AND key = :key ORDER BY id DESC LIMIT :most"
    )
    return (await session.execute(statement, {"report": report_id, "key": key, "most": MOST})).mappings().all()


async def count_comments(session: Reader, report_id: int) -> dict[str, int]:
    """Return how many comments each cell of a report has, those without any left out."""
    statement = sql("SELECT key, count(*) AS said FROM reporting_comment WHERE report_id = :report GROUP BY key LIMIT 1000")
    return {row.key: row.said for row in await session.execute(statement, {"report": report_id})}


async def fetch_cell_history(session: Reader, report_id: int, key: str) -> Sequence[RowMapping]:
    """Return the changes of a cell, newest first: when, act, source, person_name, reason, before, after."""
    statement = sql(
        "SELECT at, act, source, person_name, reason, changes -> :key ->> 0 AS before, changes -> :key ->> 1 AS after "
        "FROM reporting_revision WHERE report_id = :report AND jsonb_exists(changes, :key) ORDER BY revision DESC LIMIT :most"
    )
    return (await session.execute(statement, {"report": report_id, "key": key, "most": MOST})).mappings().all()


async def fetch_last_decisions(session: Reader, report_ids: Sequence[int]) -> dict[int, RowMapping]:
    """Return by report the last time it was given back or reopened: at, act, person_name, reason."""
    statement = sql(
        "SELECT DISTINCT ON (report_id) report_id, at, act, person_name, reason FROM reporting_revision "
        "WHERE report_id = ANY(:reports) AND act IN ('return', 'reopen') ORDER BY report_id, revision DESC"
    )
    return {row["report_id"]: row for row in (await session.execute(statement, {"reports": list(report_ids)})).mappings()}
