"""`/healthz`: the process answers. `/readyz`: it can do its work. `/metrics`: figures for the operator, not public."""

from __future__ import annotations

import gc
import os
import resource
import time

from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from mattranso_app.core.access import public
from mattranso_app.core.db import engine, reading
from mattranso_app.core.errors import DomainError, NotFound
from mattranso_app.core.http import route

_started = time.monotonic()


@route("/healthz")
@public
async def healthz(_request: Request) -> Response:
    """Answer as soon as the process serves at all."""
    return PlainTextResponse("ok", headers={"Cache-Control": "no-store"})


@route("/readyz")
@public
async def readyz(_request: Request) -> Response:
    """Answer 200 when the database answers, 503 otherwise."""
    try:
        async with reading() as session:
            await session.execute(text("SELECT 1"))
    except DomainError:
        return JSONResponse({"database": False}, 503, {"Cache-Control": "no-store"})
    return JSONResponse({"database": True}, headers={"Cache-Control": "no-store"})


@route("/metrics")
@public
async def metrics(request: Request) -> Response:
    """Return OpenMetrics text to callers on this machine; for everybody else it does not exist.

    Raises:
        NotFound: the call came from elsewhere, or through a proxy.
    """
    client = request.client.host if request.client else ""
    if client not in ("127.0.0.1", "::1") or "x-forwarded-for" in request.headers:
        raise NotFound()
    pool = engine().pool
    figures = {
        "mattranso_uptime_seconds": time.monotonic() - _started,
        "mattranso_memory_max_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "mattranso_database_connections_in_use": getattr(pool, "checkedout", lambda: 0)(),
        "mattranso_gc_collections": sum(generation["collections"] for generation in gc.get_stats()),
        "mattranso_process_id": os.getpid(),
    }
    lines = [line for name, value in figures.items() for line in (f"# TYPE {name} gauge", f"{name} {value}")]
    return Response(
        "\n".join([*lines, "# EOF", ""]), media_type="application/openmetrics-text; version=1.0.0; charset=utf-8"
    )
