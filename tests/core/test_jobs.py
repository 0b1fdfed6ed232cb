"""A job exists exactly when its cause was committed, and runs until it is done, whatever happens to workers and database."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from mattranso_app.core import jobs
from mattranso_app.core.access import ANONYMOUS, current_actor
from mattranso_app.core.clock import now
from mattranso_app.core.db import reading, transaction
from mattranso_app.core.jobs import registry, worker
from mattranso_app.settings import ROOT
from tests.core.jobs_worker import long_task, note

pytestmark = pytest.mark.usefixtures("_no_other_tasks", "_fast_worker")


@pytest.fixture
def _no_other_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "tasks", tasks := dict[str, Any]())
    monkeypatch.setattr(registry, "loops", loops := dict[str, Any]())
    for module in (worker, jobs.queue):
        monkeypatch.setattr(module, "tasks", tasks)
    monkeypatch.setattr(worker, "loops", loops)


@pytest.fixture
def _fast_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that notices within parts of a second what takes it seconds otherwise."""
    monkeypatch.setattr(worker, "HEARTBEAT", 0.2)
    monkeypatch.setattr(worker, "STALLED_AFTER", 0.8)
    monkeypatch.setattr(worker, "LOCK_POLL", 0.2)
    monkeypatch.setattr(worker, "STOP_PATIENCE", 1.0)


@pytest.fixture
def notes(owner_url: str, db: str) -> Iterator[None]:
    """The table in which tasks say what they do."""
    with psycopg.connect(owner_url) as connection:
        connection.execute("CREATE TABLE note (word text)")
        connection.execute("GRANT SELECT, INSERT ON note TO mattranso_app")
    yield


async def ask(query: str) -> list[Any]:
    async with reading() as session:
        return [tuple(row) for row in await session.execute(text(query))]


async def words() -> list[str]:
    return [word for (word,) in await ask("SELECT word FROM note")]


async def states() -> list[tuple[str, str, int]]:
    return await ask("SELECT task_name, status::text, attempts FROM procrastinate_jobs ORDER BY id")


async def put(name: str, **options: Any) -> int | None:
    async with transaction() as session:
        return await jobs.defer(session, name, **options)


async def make_due() -> None:
    """Let what waits for another try be due now."""
    async with transaction() as session:
        await session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'"))


async def until(true: Callable[[], Awaitable[bool]], seconds: float = 30.0) -> None:
    async with asyncio.timeout(seconds):
        while not await true():  # noqa: ASYNC110 - the database cannot wake us
            await asyncio.sleep(0.05)


@asynccontextmanager
async def serving(count: int = 1) -> AsyncIterator[None]:
    stop = asyncio.Event()
    workers = [asyncio.create_task(jobs.serve(stop)) for _ in range(count)]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*workers)


async def no_jobs() -> bool:
    return await states() == []


@pytest.mark.usefixtures("db")
async def test_a_job_exists_exactly_when_its_cause_was_committed() -> None:
    ran: list[str] = []

    @jobs.task("test.note")
    async def task(word: str) -> None:
        assert current_actor().kind == "system"
        ran.append(word)

    with pytest.raises(RuntimeError):
        async with transaction() as session:
            await jobs.defer(session, "test.note", word="rolled back")
            raise RuntimeError
    await put("test.note", word="committed")
    await jobs.run_pending()
    assert ran == ["committed"]
    assert await no_jobs()
    assert current_actor() == ANONYMOUS


@pytest.mark.usefixtures("db")
async def test_wrong_jobs_are_refused_where_they_are_made() -> None:
    jobs.task("test.note")(note)
    with pytest.raises(LookupError):
        await put("test.unknown")
    with pytest.raises(TypeError):
        await put("test.note", word=object())
    with pytest.raises(ValueError, match="already"):
        jobs.task("test.note")(long_task)
    assert await no_jobs()


@pytest.mark.usefixtures("db")
async def test_later_means_later_and_once_means_once() -> None:
    ran: list[str] = []

    @jobs.task("test.note")
    async def task(word: str) -> None:
        ran.append(word)

    await put("test.note", run_at=now() + timedelta(hours=1), word="later")
    assert await put("test.note", once="same", word="first") is not None
    assert await put("test.note", once="same", word="second") is None
    await jobs.run_pending()
    assert ran == ["first"]
    assert await put("test.note", once="same", word="third") is not None
    await make_due()
    await jobs.run_pending()
    assert sorted(ran) == ["first", "later", "third"]


@pytest.mark.usefixtures("db")
async def test_a_task_that_raises_is_tried_again_later_and_given_up_in_the_end(caplog: pytest.LogCaptureFixture) -> None:
    ran = 0

    @jobs.task("test.broken", retry=jobs.Retry(attempts=3, first=40))
    async def task(secret: str) -> None:
        nonlocal ran
        ran += 1
        raise ValueError("0912345678")

    await put("test.broken", secret="x")
    waits = []
    for _ in range(2):
        await jobs.run_pending()
        ((wait,),) = await ask("SELECT extract(epoch FROM scheduled_at - now()) FROM procrastinate_jobs")
        waits.append(float(wait))
        assert not [note for note in await jobs.doctor() if "thử nhiều lần" in note]
        await make_due()
    assert 25 < waits[0] < 51
    assert 55 < waits[1] < 101
    await jobs.run_pending()
    assert (ran, await states()) == (3, [("test.broken", "failed", 3)])
    assert any("1 việc nền đã thử nhiều lần" in note for note in await jobs.doctor())
    await make_due()
    await jobs.run_pending()
    assert ran == 3


@pytest.mark.usefixtures("db")
async def test_a_task_that_hangs_is_cut_off_and_counts_as_failed() -> None:
    @jobs.task("test.hangs", retry=jobs.NEVER, timeout=0.1)
    async def task() -> None:
        await asyncio.sleep(60)

    await put("test.hangs")
    await jobs.run_pending()
    assert await states() == [("test.hangs", "failed", 1)]


@given(st.integers(min_value=0, max_value=10_000))
def test_waits_grow_and_stay_bounded(attempts: int) -> None:
    retry = jobs.Retry(first=5, longest=3600)
    assert 3.75 <= retry.wait(attempts) <= 4500
    assert retry.wait(attempts + 2) > retry.wait(attempts) or attempts > 8


async def start_worker(url: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", "-m", "tests.core.jobs_worker", url, cwd=ROOT, stderr=asyncio.subprocess.PIPE
    )


async def began() -> bool:
    return "began" in await words()


@pytest.mark.usefixtures("notes")
async def test_a_job_whose_worker_was_killed_runs_again(db: str) -> None:
    jobs.task("test.long")(long_task)
    await put("test.long", seconds=0.5)
    process = await start_worker(db)
    await until(began)
    process.kill()
    await process.wait()
    assert await words() == ["began"]
    async with serving():
        await until(no_jobs)
    assert await words() == ["began", "began", "ended"]


@pytest.mark.usefixtures("notes")
@pytest.mark.parametrize(("seconds", "said", "left"), [(0.8, ["began", "ended"], 0), (30.0, ["began"], 1)])
async def test_asked_to_stop_a_worker_ends_its_jobs_or_leaves_them_to_others(
    db: str, seconds: float, said: list[str], left: int
) -> None:
    jobs.task("test.long")(long_task)
    await put("test.long", seconds=seconds)
    process = await start_worker(db)
    await until(began)
    process.send_signal(signal.SIGTERM)
    _, errors = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 0, errors
    assert await words() == said
    assert [(name, status) for name, status, _ in await states()] == [("test.long", "todo")] * left


async def test_a_job_that_kills_its_workers_is_given_up_and_told(db: str, owner_url: str) -> None:
    @jobs.task("test.poison")
    async def task() -> None:
        raise AssertionError("must not run once more")

    with psycopg.connect(owner_url) as connection:
        connection.execute(
            "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id) "
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, attempts, worker_id) "
            f"SELECT 'default', 'test.poison', 'doing', {worker.MOST_RESCUES - 1}, id FROM dead"
        )

    async def failed() -> bool:
        return [status for _, status, _ in await states()] == ["failed"]

    async with serving():
        await until(failed)
    assert any("thử nhiều lần" in note for note in await jobs.doctor())


async def test_periodic_tasks_run_once_however_many_workers_there_are(db: str, owner_url: str) -> None:
    ran = 0
    with psycopg.connect(owner_url) as connection:
        connection.execute("CREATE TABLE planned (at text)")
        connection.execute("GRANT SELECT, INSERT ON planned TO mattranso_app")
        connection.execute(
            "CREATE FUNCTION plan() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN INSERT INTO planned VALUES (NEW.args->>'timestamp'); RETURN NULL; END $$"
        )
        connection.execute("CREATE TRIGGER plan AFTER INSERT ON procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION plan()")

    @jobs.periodic("test.clock", cron="* * * * * */1")
    async def task() -> None:
        nonlocal ran
        ran += 1

    async def thrice() -> bool:
        return ran >= 3

    async with serving(2):
        await until(thrice)
    ((planned, distinct),) = await ask("SELECT count(at), count(DISTINCT at) FROM planned")
    assert planned == distinct
    assert 3 <= ran <= planned


async def test_a_database_that_cuts_every_connection_is_waited_for(db: str, postgres: Any) -> None:
    ran: list[str] = []

    @jobs.task("test.note")
    async def task(word: str) -> None:
        ran.append(word)

    async def done() -> bool:
        return len(ran) == count

    async with serving():
        for count in (1, 2, 3):
            await put("test.note", word=str(count))
            await until(done)
            with psycopg.connect(postgres.url("postgres", "postgres"), autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE application_name = 'mattranso jobs' AND pid <> pg_backend_pid()"
                )
    assert ran == ["1", "2", "3"]


async def test_a_background_loop_runs_in_one_worker_at_a_time_and_starts_again(db: str) -> None:
    running = most = starts = 0

    @jobs.background_loop("test.follower")
    async def follow() -> None:
        nonlocal running, most, starts
        running += 1
        starts += 1
        most = max(most, running)
        try:
            await asyncio.sleep(0.3)
            raise ValueError("a fault of the loop")
        finally:
            running -= 1

    async def twice() -> bool:
        return starts >= 2

    async with serving(2):
        await until(twice)
    assert (most, running) == (1, 0)


async def test_without_a_worker_the_caretaker_is_told(db: str) -> None:
    jobs.task("test.note")(note)
    await put("test.note", word="x")
    assert await jobs.doctor() == ["Không có tiến trình việc nền nào đang chạy; 1 việc đang chờ."]
