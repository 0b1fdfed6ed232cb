"""The layers around Reflex's ASGI app, and what opens and closes with a web process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import ASGIApp

from mattranso_app.core import db, http, live
from mattranso_app.core.headers import security_headers
from mattranso_app.core.page_head import page_heads
from mattranso_app.frontend import inline_script_hashes
from mattranso_app.identity import web as identity_web


def layers(reflex_app: ASGIApp) -> ASGIApp:
    """Wrap Reflex's app: our routes first, then who is calling, then the headers of trust outermost."""
    return security_headers(identity_web.identified(http.router(page_heads(reflex_app))), inline_script_hashes())


@asynccontextmanager
async def lifespan() -> AsyncIterator[None]:
    """Open the pool and the live hub with a web process, close them with it."""
    await db.open_pool()
    await live.start()
    await identity_web.start()
    live.tune_gc()
    try:
        yield
    finally:
        await identity_web.stop()
        await live.stop()
        await db.close_pool()
