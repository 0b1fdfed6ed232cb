"""`/healthz`: the process answers. `/readyz`: it can do its work. `/metrics`: figures for the operator, not public."""

from __future__ import annotations

from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from mattranso_app.core import metrics as figures
from mattranso_app.core.access import public
from mattranso_app.core.db import reading
from mattranso_app.core.errors import DomainError, NotFound
from mattranso_app.core.http import route

_HERE = ("127.0.0.1", "::1", "localhost")
_PROXY_MARKS = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


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
    # What a proxy on this machine passes on comes from here too, but carries its marks or the public name.
    if client not in _HERE or request.url.hostname not in _HERE or any(name in request.headers for name in _PROXY_MARKS):
        raise NotFound()
    return Response(await figures.text(), media_type=figures.CONTENT_TYPE, headers={"Cache-Control": "no-store"})
