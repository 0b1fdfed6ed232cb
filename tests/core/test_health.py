"""Probes tell the truth, also while the database is away; figures are for the machine itself and in a form its tools read."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from mattranso_app.core import db as database
from mattranso_app.core import health, http, jobs, metrics, notify
from mattranso_app.core.access import public
from mattranso_app.core.db import reading, transaction
from mattranso_app.core.errors import Unavailable

assert health is not None  # its import registers the doors

LABEL = r'[a-z_]+="(?:[^"\\\n]|\\[\\"n])*"'
SAMPLE = re.compile(rf"(?P<name>[a-z_]+)(?P<labels>\{{{LABEL}(?:,{LABEL})*\}})? (?P<value>-?[0-9.e+]+)")


@pytest.fixture(autouse=True)
def _counted_from_nothing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    routes, declared = list(http._routes), dict(http._declared)
    for counter in (metrics._requests, metrics._seconds, metrics._answers):
        counter.clear()
    yield
    http._routes[:] = routes
    http._declared.clear()
    http._declared.update(declared)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """Somebody on this machine."""

    @http.route("/t/{name}/data")
    @public
    async def data(request: Request) -> Response:
        async with reading() as session:
            return JSONResponse((await session.execute(text("SELECT 7"))).scalar_one())

    app = metrics.counted(http.faults_answered(http.router(PlainTextResponse("page"))))
    transport = httpx.ASGITransport(app, client=("127.0.0.1", 4000))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as made:
        yield made


@pytest.fixture
def door(postgres: Any, database_url: str) -> Callable[[bool], None]:
    """Shuts (False) and opens (True) the test's database to everybody, as if its server were down."""
    name = str(conninfo_to_dict(database_url)["dbname"])

    def move(is_open: bool) -> None:
        with psycopg.connect(postgres.url("postgres", "postgres"), autocommit=True) as connection:
            connection.execute(
                sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS {}").format(sql.Identifier(name), sql.SQL(str(is_open)))
            )
            if not is_open:
                connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])

    return move


def samples(body: str) -> dict[str, float]:
    """The samples of an OpenMetrics text, each line of which is checked."""
    lines = body.split("\n")
    assert lines[-2:] == ["# EOF", ""]
    found: dict[str, float] = {}
    typed: dict[str, str] = {}
    for line in lines[:-2]:
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in typed
            typed[name] = kind
            continue
        sample = SAMPLE.fullmatch(line)
        assert sample, line
        base = re.sub("_(total|sum|count)$", "", sample["name"])
        assert base in typed or sample["name"] in typed
        assert (typed.get(base) == "counter") == sample["name"].endswith("_total")
        found[sample["name"] + (sample["labels"] or "")] = float(sample["value"])
    return found


@pytest.mark.usefixtures("db")
async def test_probes_while_the_database_goes_and_comes(client: httpx.AsyncClient, door: Callable[[bool], None]) -> None:
    assert (await client.get("/readyz")).json() == {"database": True}
    for _ in range(2):
        door(False)
        for _ in range(3):
            down = await client.get("/readyz")
            assert (down.status_code, down.json(), down.headers["cache-control"]) == (503, {"database": False}, "no-store")
        assert (await client.get("/healthz")).text == "ok"
        refused = await client.get("/t/x/data")
        assert refused.status_code == 503
        assert "Nội dung vẫn được giữ" in refused.json()["detail"]
        assert samples((await client.get("/metrics")).text)["mattranso_database_up"] == 0
        door(True)
        assert (await client.get("/readyz")).status_code == 200
        assert (await client.get("/t/x/data")).json() == 7


@pytest.mark.usefixtures("db")
async def test_the_figures(client: httpx.AsyncClient) -> None:
    jobs.task("test.metrics")(_nothing)
    async with transaction() as session:
        await jobs.defer(session, "test.metrics")
        await notify.send(session, channel="email", to="a@b.vn", text="x")
        await session.execute(text("INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('q', 't', 'failed')"))
    for path in ("/t/một/data", "/t/hai/data", "/anything", "/other"):
        await client.get(path)
    await client.post("/t/x/data")
    await client.request("BREW", "/anything")
    answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    found = samples(answer.text)
    assert found["mattranso_database_up"] == 1
    assert found['mattranso_jobs{state="failed"}'] == 1
    assert found['mattranso_jobs{state="waiting"}'] == 2
    assert found['mattranso_notices{state="waiting"}'] == 1
    assert found["mattranso_database_connections_most"] == 20
    assert found["mattranso_process_id"] > 1
    assert found['mattranso_http_requests_total{route="/t/{name}/data",method="GET",status="200"}'] == 2
    assert found['mattranso_http_requests_total{route="page",method="GET",status="200"}'] == 2
    assert found['mattranso_http_requests_total{route="page",method="other",status="405"}'] == 1
    assert found['mattranso_http_answer_seconds_count{route="/t/{name}/data"}'] == 2
    assert 0 < found['mattranso_http_answer_seconds_sum{route="/t/{name}/data"}'] < 10
    assert "anything" not in answer.text


async def _nothing() -> None:
    """A task that does nothing."""


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("10.0.0.7", {}),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}),
        ("127.0.0.1", {"X-Real-IP": "10.0.0.7"}),
        ("127.0.0.1", {"Via": "1.1 nginx"}),
        ("127.0.0.1", {"Host": "matrantso.vn"}),
    ],
)
async def test_figures_do_not_exist_for_others(client: httpx.AsyncClient, address: str, headers: dict[str, str]) -> None:
    app = http.router(PlainTextResponse("page"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app, client=(address, 1)), base_url="http://localhost") as other:
        assert (await other.get("/metrics", headers=headers)).status_code == 404
        assert (await other.get("/metrics")).status_code == (404 if address != "127.0.0.1" else 200)


@pytest.mark.usefixtures("db")
async def test_a_pool_that_is_used_up_is_a_503_and_recovers(monkeypatch: pytest.MonkeyPatch, client: httpx.AsyncClient, db: str) -> None:
    pool: Any = database.engine().sync_engine.pool
    monkeypatch.setattr(pool, "_timeout", 0.05)
    held = []
    for _ in range(pool.size()):
        connection = await database.engine().connect()
        held.append(connection)
    busy = await client.get("/t/x/data")
    assert busy.status_code == 503
    with pytest.raises(Unavailable):
        async with transaction() as session:
            await session.execute(text("SELECT 1"))
    assert samples((await client.get("/metrics")).text)["mattranso_database_connections_in_use"] == pool.size()
    for connection in held:
        await connection.close()
    assert (await client.get("/t/x/data")).status_code == 200


@pytest.mark.usefixtures("db")
async def test_what_the_database_refuses_becomes_words() -> None:
    refusals = {
        "SELECT pg_sleep(2)": "quá nhiều thời gian",
        "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = 'disk_full'; END $$": "đầy",
        "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = 'serialization_failure'; END $$": "cùng cập nhật",
    }
    for statement, words in refusals.items():
        with pytest.raises(Unavailable, match=words):
            async with transaction() as session:
                await session.execute(text("SET LOCAL statement_timeout = 50"))
                await session.execute(text(statement))
    with pytest.raises(Unavailable, match="đầy"):
        async with reading() as session:
            await session.execute(text("CREATE TEMPORARY TABLE x (n int)"))
            await session.execute(text("INSERT INTO notice (id) VALUES (gen_random_uuid())"))
