"""Putting jobs into the queue, and what a caretaker should know of it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import db
from mattranso_app.core.jobs.registry import tasks
from mattranso_app.core.sql import sql


async def defer(
    session: AsyncSession, task_name: str, /, *, run_at: datetime | None = None, once: str = "", **arguments: Any
) -> int | None:
    """Enqueue a job inside the caller's transaction: it exists when that commits, and not when it rolls back.

    Args:
        session: the open transaction.
        task_name: a registered task.
        run_at: not before this moment; now when None.
        once: while a job with this word waits, no second one is added. Two transactions that use the same word at once
            wait for each other, so keep it off paths that many people take together.
        arguments: what the task gets; plain JSON values, no personal data.

    Returns:
        The job's number, None when `once` found one waiting.

    Raises:
        LookupError: no such task is registered in this process.
        TypeError: an argument is no JSON value.
    """
    if task_name not in tasks:
        raise LookupError(f"no task is called {task_name!r}")
    row = await session.execute(
        sql(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, args, scheduled_at) "
            "VALUES (:queue, :name, :once, CAST(:arguments AS jsonb), :run_at) "
            "ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING RETURNING id"
        ),
        {
            "queue": tasks[task_name].queue,
            "name": task_name,
            "once": once or None,
            "arguments": json.dumps(arguments),
            "run_at": run_at,
        },
    )
    found = row.scalar_one_or_none()
    return int(found) if found is not None else None


async def figures(session: AsyncSession) -> dict[str, int]:
    """Return how many jobs are due and wait, wait for later, run, and have failed."""
    row = (
        await session.execute(
            sql(
                "SELECT count(*) FILTER (WHERE status = 'todo' AND coalesce(scheduled_at, '-infinity') <= now()) AS waiting, "
                "count(*) FILTER (WHERE status = 'todo' AND scheduled_at > now()) AS later, "
                "count(*) FILTER (WHERE status = 'doing') AS running, count(*) FILTER (WHERE status = 'failed') AS failed "
                "FROM procrastinate_jobs WHERE status IN ('todo', 'doing', 'failed')"
            )
        )
    ).one()
    return dict(row._mapping)


async def doctor() -> list[str]:
    """Return what a caretaker should know about the jobs, in Vietnamese sentences; empty when all is well."""
    async with db.reading() as session:
        row = (
            await session.execute(
                sql(
                    "SELECT (SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'), "
                    "(SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' "
                    "AND coalesce(scheduled_at, '-infinity') <= now()), "
                    "(SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '1 minute')"
                )
            )
        ).one()
    failed, due, workers = row
    words = []
    if not workers:
        words.append(f"Không có tiến trình việc nền nào đang chạy; {due} việc đang chờ.")
    if failed:
        words.append(f"{failed} việc nền đã thử nhiều lần mà không xong (bảng procrastinate_jobs, trạng thái failed).")
    return words
