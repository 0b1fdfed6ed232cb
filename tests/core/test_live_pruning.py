"""Old changes are forgotten by a job of the clock."""

from __future__ import annotations

from sqlalchemy import text

from mattranso_app import rooms
from mattranso_app.core import db as database
from mattranso_app.core.jobs import registry
from mattranso_app.core.live.pruning import prune_changes


async def test_the_clock_prunes_every_few_minutes(db: str) -> None:
    task = registry.tasks["live.prune"]
    assert (task.function, task.cron) == (prune_changes, "*/10 * * * *")
    async with database.transaction() as session:
        await session.execute(
            text("INSERT INTO live_change (topic, change, created_at) VALUES ('a', '{}', now() - interval '2 hours'), ('b', '{}', now())")
        )
    await task.function()
    async with database.reading() as session:
        assert list((await session.execute(text("SELECT topic FROM live_change"))).scalars()) == ["b"]


def test_the_worker_knows_the_job() -> None:
    assert "mattranso_app.core.live.pruning" in rooms.ROOMS
