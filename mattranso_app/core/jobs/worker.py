"""The worker: runs jobs, gives back those whose worker died, keeps background loops going, waits for a lost database."""

from __future__ import annotations

import asyncio
import functools
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy import text

from mattranso_app.core import db
from mattranso_app.core.access import SYSTEM, set_current_actor
from mattranso_app.core.clock import now
from mattranso_app.core.jobs.registry import Loop, Retry, Task, TaskFunction, loops, tasks

if TYPE_CHECKING:
    import procrastinate
    from procrastinate.retry import BaseRetryStrategy
    from procrastinate.worker import Worker

AT_ONCE = 4
"""Jobs one worker process runs at the same time; they wait for the database and the network more than they compute."""
HEARTBEAT = 5.0
"""Seconds between a worker's signs of life."""
STALLED_AFTER = 20.0
"""Seconds without a sign of life after which a worker's jobs are given to others."""
MOST_RESCUES = 8
"""A job that was running this often when its worker died is called failed: it is likely what kills them."""
LOCK_POLL = 5.0
"""Seconds between two looks at the lock of a background loop."""
STOP_PATIENCE = 7.0
"""Seconds running jobs have to end when the worker is asked to stop; then they are cut off and run again later."""
MISSED_SECONDS = 26 * 3600
"""How late a periodic task may be caught up after nothing ran, once."""

log = logging.getLogger(__name__)


async def run_worker() -> None:
    """Run jobs, periodic tasks and background loops until SIGINT or SIGTERM. The pool of `core.db` must be open.

    A database that goes away is waited for. Asked to stop, running jobs may end; what is cut off runs again later.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        await serve(stop)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


async def serve(stop: asyncio.Event) -> None:
    """As `run_worker`, until `stop` is set."""
    while not stop.is_set():
        try:
            async with _application() as app:
                await _work(app, stop)
        except (OSError, psycopg.Error, _connector_fault()) as error:
            log.warning("the worker lost the database (%s), it tries again", type(error).__name__)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 2.0)


async def run_pending() -> None:
    """Run the jobs that are due until none is left, then return. For commands and tests."""
    async with _application() as app:
        while True:
            await _worker(app, wait=False).run()
            async with db.reading() as session:
                due = await session.execute(
                    text(
                        "SELECT EXISTS (SELECT 1 FROM procrastinate_jobs WHERE status = 'todo' "
                        "AND (scheduled_at IS NULL OR scheduled_at <= now()))"
                    )
                )
                if not due.scalar_one():
                    return


def _connector_fault() -> type[Exception]:
    from procrastinate.exceptions import ConnectorException

    return ConnectorException


@asynccontextmanager
async def _application() -> AsyncIterator[procrastinate.App]:
    """Open procrastinate on the database of this process, with every registered task."""
    import procrastinate

    connector = procrastinate.PsycopgConnector(
        conninfo=db.database_url(), min_size=1, max_size=AT_ONCE + 2, kwargs={"application_name": "mattranso jobs"}
    )
    app = procrastinate.App(connector=connector, periodic_defaults={"max_delay": MISSED_SECONDS})
    for known in tasks.values():
        added = app.task(name=known.name, queue=known.queue, retry=_strategy(known.retry))(_runner(known))
        if known.cron:
            app.periodic(cron=known.cron, periodic_id="clock", queueing_lock=f"clock {known.name}")(added)
    async with app.open_async():
        yield app


def _runner(known: Task) -> TaskFunction:
    @functools.wraps(known.function)
    async def run(**arguments: Any) -> None:
        set_current_actor(SYSTEM)
        if known.cron:
            arguments.pop("timestamp", None)
        await asyncio.wait_for(known.function(**arguments), known.timeout)

    return run


def _strategy(retry: Retry) -> BaseRetryStrategy:
    from procrastinate.retry import BaseRetryStrategy, RetryDecision

    class Strategy(BaseRetryStrategy):
        def get_retry_decision(self, *, exception: BaseException, job: procrastinate.jobs.Job) -> RetryDecision | None:
            if isinstance(exception, asyncio.CancelledError):
                return RetryDecision(retry_at=now())  # cut off by a stop: not its fault
            if job.attempts + 1 >= retry.attempts:
                return None
            # A log line names the kind of fault only: its words may hold what a person sent.
            log.warning("job %s of %s failed (%s), tried again", job.id, job.task_name, type(exception).__name__)
            return RetryDecision(retry_in={"seconds": max(1, round(retry.wait(job.attempts)))})

    return Strategy()


def _worker(app: procrastinate.App, *, wait: bool) -> Worker:
    from procrastinate.worker import Worker

    return Worker(
        app,
        concurrency=AT_ONCE,
        wait=wait,
        fetch_job_polling_interval=5.0,
        shutdown_graceful_timeout=STOP_PATIENCE,
        listen_notify=wait,
        delete_jobs="successful",
        install_signal_handlers=False,
        update_heartbeat_interval=HEARTBEAT,
        stalled_worker_timeout=STALLED_AFTER,
    )


async def _work(app: procrastinate.App, stop: asyncio.Event) -> None:
    """Run one worker with its rescuer and the background loops, until `stop` or until the database is lost."""
    worker = _worker(app, wait=True)
    running = asyncio.create_task(worker.run())
    stopping = asyncio.create_task(stop.wait())
    beside = [asyncio.create_task(_rescue(app, worker))]
    beside += [asyncio.create_task(_keep_running(loop)) for loop in loops.values()]
    try:
        await asyncio.wait([running, stopping], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for side in [*beside, stopping]:
            side.cancel()
        await asyncio.gather(*beside, stopping, return_exceptions=True)
        worker.stop()
        await running


@dataclass(slots=True)
class _Rescuer:
    """Finds jobs that nobody runs any more: their worker died, or the database was away when they ended."""

    app: procrastinate.App
    worker: Worker
    suspects: set[int] = field(default_factory=set)

    async def look(self) -> None:
        """Give back what is stalled; what looks lost twice in a row, too."""
        manager = self.app.job_manager
        jobs = list(await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER))
        held = list(await manager.list_jobs_async(status="doing", worker_id=self.worker.worker_id))
        running = {context.job.id for context in self.worker._running_jobs.values()}
        lost = [job for job in held if job.id not in running]
        jobs += [job for job in lost if job.id in self.suspects]
        self.suspects = {job.id for job in lost if job.id is not None}
        for job in jobs:
            await self._give_back(job)

    async def _give_back(self, job: procrastinate.jobs.Job) -> None:
        from procrastinate.jobs import Status

        manager = self.app.job_manager
        with suppress(_connector_fault()):  # another worker was faster
            if job.attempts + 1 >= MOST_RESCUES:
                log.error("job %s of %s was running each time its worker died: given up", job.id, job.task_name)
                await manager.finish_job(job=job, status=Status.FAILED, delete_job=False)
            else:
                log.warning("job %s of %s was left by its worker: it runs again", job.id, job.task_name)
                await manager.retry_job(job=job, retry_at=now())


async def _rescue(app: procrastinate.App, worker: Worker) -> None:
    rescuer = _Rescuer(app, worker)
    while True:
        await asyncio.sleep(HEARTBEAT)
        if worker.worker_id is None:
            continue
        try:
            await rescuer.look()
        except (OSError, psycopg.Error, _connector_fault()) as error:
            log.warning("looking for left jobs failed (%s)", type(error).__name__)


async def _keep_running(loop: Loop) -> None:
    """Run a background loop again and again; a single one only while this worker holds its lock."""
    set_current_actor(SYSTEM)
    pause = 1.0
    while True:
        started = asyncio.get_running_loop().time()
        try:
            await (_while_locked(loop) if loop.single else loop.function())
        except Exception as error:  # a loop's fault must not end the worker
            log.warning("background loop %s failed (%s), it starts again", loop.name, type(error).__name__, exc_info=True)
        lasted = asyncio.get_running_loop().time() - started
        pause = 1.0 if lasted > 60 else min(60.0, pause * 2)
        await asyncio.sleep(pause)


async def _while_locked(loop: Loop) -> None:
    """Wait for the lock of `loop`, then run it as long as the connection that holds the lock lives."""
    connection = await psycopg.AsyncConnection.connect(db.database_url(), autocommit=True)
    async with connection:
        while not await _locked(connection, loop.name):  # noqa: ASYNC110 - the other worker cannot tell us
            await asyncio.sleep(LOCK_POLL)
        working = asyncio.ensure_future(loop.function())
        try:
            while not working.done():
                await asyncio.wait([working], timeout=LOCK_POLL)
                await connection.execute("SELECT 1")  # raises when the connection, and the lock with it, is gone
            await working
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)


async def _locked(connection: psycopg.AsyncConnection[Any], name: str) -> bool:
    cursor = await connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [f"loop {name}"])
    row = await cursor.fetchone()
    return bool(row and row[0])
