"""The server of `bench live --core`: granian as in production, the live core's routes, two topics to measure on."""

from __future__ import annotations

import os
import sys
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import ASGIApp, Receive, Scope, Send

from mattranso_app.core import db, http, live
from mattranso_app.settings import settings

PID_FILE = "bench-server.pid"
"""Under the data directory: the process whose memory is measured."""


async def read_board(session: AsyncSession, params: live.Params) -> dict[str, Any]:
    """Return the whole board, as a wall in a meeting room shows it: 34 rows."""
    rows = (await session.execute(text("SELECT unit, received, answered FROM bench_board"))).all()
    number = max(row.received for row in rows)
    return {"number": number, "rows": {row.unit: {"received": row.received, "answered": row.answered} for row in rows}}


async def read_totals(session: AsyncSession, params: live.Params) -> dict[str, Any]:
    """Return figures that are counted afresh whenever something changes."""
    query = "SELECT max(received) AS number, sum(answered) AS answered FROM bench_board"
    row = (await session.execute(text(query))).one()
    return {"number": row.number, "answered": row.answered}


def create_app() -> ASGIApp:
    """Return the application; granian calls it in its worker."""
    live.topic("bench/board", readers=live.PUBLIC, snapshot=read_board)
    live.topic("bench/totals", readers=live.PUBLIC, snapshot=read_totals, recompute=True)
    if os.environ["MTS_BENCH_GC"] == "default":
        live.tune_gc = lambda: None
    (settings().data_dir / PID_FILE).write_text(str(os.getpid()))
    return _core_app()


def _core_app() -> ASGIApp:
    async def nothing_else(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    routes = http.router(nothing_else)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await routes(scope, receive, send)
            return
        await receive()
        await db.open_pool()
        await live.start()
        live.tune_gc()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await live.stop()
        await db.close_pool()
        await send({"type": "lifespan.shutdown.complete"})

    return app


def serve(port: int) -> None:
    """Serve until told to stop. Blocking."""
    from granian.constants import Interfaces
    from granian.server import Server

    Server(
        target="mattranso_app.bench.live.server:create_app", factory=True, interface=Interfaces.ASGI,
        address="127.0.0.1", port=port, workers=1, backlog=4096, backpressure=20_000, log_enabled=False,
        workers_kill_timeout=5,
    ).serve()  # fmt: skip


if __name__ == "__main__":
    serve(int(sys.argv[1]))
