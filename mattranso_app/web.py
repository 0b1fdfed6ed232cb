"""The layers around Reflex's ASGI app, and what opens and closes with a web process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.types import ASGIApp, Receive, Scope, Send

from mattranso_app.core import db, http, live, metrics
from mattranso_app.core.errors import DomainError, NotFound
from mattranso_app.core.headers import security_headers
from mattranso_app.core.page_head import page_heads
from mattranso_app.core.problem_page import problem_pages
from mattranso_app.frontend import CLIENT, inline_script_hashes
from mattranso_app.identity import web as identity_web
from mattranso_app.lite.rendering import plain_problems
from mattranso_app.settings import settings
from mattranso_app.tool_hosts import tool_hosts
from mattranso_app.units.lookup import current_index

DEMONSTRATION_PREFIX = "/trinh-dien/"
"""Addresses that exist on a machine of one's own only."""


def layers(reflex_app: ASGIApp) -> ASGIApp:
    """Wrap Reflex's app: our routes first, then who is calling, then faults in plain words, the headers of trust,
    and outermost the count of it all."""
    doors = identity_web.identified(tool_hosts(http.router(page_heads(plain_addresses(reflex_app)))))
    answers = security_headers(problem_pages(plain_problems(http.faults_answered(doors))), inline_script_hashes())
    return metrics.counted(answers)


def plain_addresses(app: ASGIApp) -> ASGIApp:
    """Serve a built page at its address as it is: the file server would send `/phan-anh` on to `/phan-anh/`.

    The demonstration's own pages are built everywhere; outside a demonstration they do not exist.
    """
    folders = {f"/{page.parent.relative_to(CLIENT).as_posix()}" for page in CLIENT.glob("**/index.html")} - {"/."}

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in folders:
            path = scope["path"] + "/"
            scope = {**scope, "path": path, "raw_path": path.encode()}
        if scope["type"] == "http" and scope["path"].startswith(DEMONSTRATION_PREFIX) and not settings().is_demo:
            await http.problem(NotFound())(scope, receive, send)
            return
        await app(scope, receive, send)

    return serve


@asynccontextmanager
async def lifespan() -> AsyncIterator[None]:
    """Open the pool and the live hub with a web process, close them with it."""
    await db.open_pool()
    await live.start()
    await identity_web.start()
    with suppress(DomainError):  # a database that is being started again is waited for by those who ask, not by the process
        await current_index()  # so that nobody's first look-up waits for it
    live.tune_gc()
    try:
        yield
    finally:
        await identity_web.stop()
        await live.stop()
        await db.close_pool()
