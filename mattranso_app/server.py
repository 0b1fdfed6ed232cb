"""The web server process: granian around the ASGI app, and the worker process for jobs.

`reflex run` is not used: it passes neither backlog nor backpressure to granian, whose defaults stop taking connections
at 1,024 open streams, and live boards hold more.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from pathlib import Path

from starlette.types import ASGIApp

from mattranso_app.core import logs
from mattranso_app.settings import settings

SOCKET_MESSAGE_LIMIT = 256 * 1024
"""Bytes one message over the socket may have; files never travel there."""


def prepare_environment() -> None:
    """Tell Reflex, through its environment, to serve the built pages and compile nothing. Before its app is imported."""
    from reflex_base.constants import Env
    from reflex_base.environment import environment

    environment.REFLEX_ENV_MODE.set(Env.PROD)
    environment.REFLEX_SKIP_COMPILE.set(True)
    environment.REFLEX_MOUNT_FRONTEND_COMPILED_APP.set(True)
    environment.REFLEX_SOCKET_MAX_HTTP_BUFFER_SIZE.set(SOCKET_MESSAGE_LIMIT)


def create_app() -> ASGIApp:
    """Return the ASGI application of one web process. Called by granian in each worker."""
    prepare_environment()
    logs.configure()
    # Ctrl-C reaches every process of a terminal; only the parent may hear it, or it takes our orderly end for a crash.
    os.setpgid(0, 0)
    die_with_parent()
    from mattranso_app.mattranso_app import app

    return app()


class WebProcessFailed(Exception):
    """The web process ended by itself twice within seconds, so it was not started again."""


def serve() -> None:
    """Serve until interrupted. Blocking.

    Raises:
        WebProcessFailed: the web process does not stay up.
    """
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    prepare_environment()
    config = settings()
    server = Server(
        target="mattranso_app.server:create_app",
        factory=True,
        address=config.host,
        port=config.port,
        interface=Interfaces.ASGI,
        workers=config.workers,
        backlog=4096,
        backpressure=20_000,
        websockets=True,
        log_level=LogLevels(config.log_level if config.log_level != "info" else "warning"),
        ssl_cert=Path(config.tls_certificate) if config.tls_certificate else None,
        ssl_key=Path(config.tls_key) if config.tls_key else None,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
    )
    server.serve()
    if not server.interrupt_signal:
        raise WebProcessFailed


def die_with_parent() -> None:
    """End this process soon after its parent is killed, so that the next start finds the port free."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    if parent > 1:
        threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def run_worker() -> None:
    """Run jobs and background loops until interrupted. Blocking."""
    from mattranso_app.core import db, jobs
    from mattranso_app.rooms import register

    async def work() -> None:
        await db.open_pool()
        try:
            await jobs.run_worker()
        finally:
            await db.close_pool()

    logs.configure()
    register()
    asyncio.run(work())
