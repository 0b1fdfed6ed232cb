"""Jobs: work that must not keep a person waiting, kept in PostgreSQL until it is done (procrastinate).

A room registers tasks when it is imported and enqueues them inside its own transactions, so that a job exists exactly
when what caused it was committed:

    @jobs.task("petitions.remind")
    async def remind(petition_id: str) -> None: ...

    async with transaction() as session:
        …
        await jobs.defer(session, "petitions.remind", petition_id=str(id))

A job runs at least once: after a kill it runs again, so a task must bear being run twice. Arguments are ids, never
personal data: they are stored and logged as they are.
"""

from mattranso_app.core.jobs.queue import defer, doctor, figures
from mattranso_app.core.jobs.registry import NEVER, Retry, background_loop, periodic, task
from mattranso_app.core.jobs.worker import run_pending, run_worker, serve

__all__ = ["NEVER", "Retry", "background_loop", "defer", "doctor", "figures", "periodic", "run_pending", "run_worker", "serve", "task"]
