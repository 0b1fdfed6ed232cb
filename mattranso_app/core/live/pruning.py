"""Old changes are forgotten by the clock; a module of its own, since web processes publish but run no jobs."""

from __future__ import annotations

from mattranso_app.core import jobs
from mattranso_app.core.live.publish import prune


@jobs.periodic("live.prune", cron="*/10 * * * *")
async def prune_changes() -> None:
    """Delete the changes every hub has read long ago."""
    await prune()
