"""The ground of the online database's benches: an embedded PostgreSQL with all units and two years of invented figures."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg

from mattranso_app.core import db, embedded_postgres, live
from mattranso_app.migrations import migrate
from mattranso_app.registry.load import seed_registry
from mattranso_app.rooms import register
from mattranso_app.settings import settings
from mattranso_app.units.seed import seed_units


@asynccontextmanager
async def ground(data_dir: str = "") -> AsyncIterator[str]:
    """Give the owner's address of a filled database, with this process's pool open on it.

    Args:
        data_dir: kept and used again; a throw-away directory when empty (filling takes some minutes).
    """
    with tempfile.TemporaryDirectory(prefix="mattranso-bench-") as temporary:
        home = Path(data_dir or temporary)
        await asyncio.to_thread(home.mkdir, parents=True, exist_ok=True)
        os.environ |= {"MTS_DATA_DIR": str(home), "MTS_ENV": "demo"}
        settings.cache_clear()
        server = await asyncio.to_thread(embedded_postgres.start, home / "postgres")
        try:
            with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as connection:
                embedded_postgres.ensure_database(connection, embedded_postgres.DATABASE)
            owner = server.url(embedded_postgres.OWNER)
            await asyncio.to_thread(migrate, owner)
            register()
            os.environ["MTS_DATABASE_URL"] = server.url(embedded_postgres.APP)
            settings.cache_clear()
            await db.open_pool(server.url(embedded_postgres.APP))
            await seed_units()
            await seed_registry(owner, print)
            yield owner
        finally:
            await live.stop()
            await db.close_pool()
            await asyncio.to_thread(server.stop)
