"""A worker in a process of its own, with tasks that say what they do in the table `note`: python -m tests.core.jobs_worker URL."""

from __future__ import annotations

import asyncio
import sys

from sqlalchemy import text

from mattranso_app.core import db, jobs
from mattranso_app.core.jobs import registry, worker


async def note(word: str) -> None:
    """Write `word` into the table `note`."""
    async with db.transaction() as session:
        await session.execute(text("INSERT INTO note VALUES (:word)"), {"word": word})


async def long_task(seconds: float) -> None:
    """Take a while; say so at the start and at the end."""
    await note("began")
    await asyncio.sleep(seconds)
    await note("ended")


async def main(url: str) -> None:
    """Work until stopped."""
    registry.tasks.clear()
    registry.loops.clear()
    jobs.task("test.long")(long_task)
    worker.STOP_PATIENCE = 2.0
    await db.open_pool(url)
    try:
        await jobs.run_worker()
    finally:
        await db.close_pool()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
