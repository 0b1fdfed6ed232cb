"""Filling a database: units always, demonstration data and accounts where they may exist, invented petitions for load."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

from sqlalchemy import text

from mattranso_app.core import db, live, search
from mattranso_app.core.clock import today
from mattranso_app.core.db import reading
from mattranso_app.core.search.sources import sources
from mattranso_app.identity import demo as demo_people
from mattranso_app.petitions import demo as demo_petitions
from mattranso_app.petitions import load
from mattranso_app.registry import demo as demo_reports
from mattranso_app.registry import load as registry_load
from mattranso_app.registry.ready_forms import seed_ready_forms
from mattranso_app.rooms import register
from mattranso_app.settings import settings
from mattranso_app.units import importer
from mattranso_app.units.seed import seed_units

Say = Callable[[str], None]


@asynccontextmanager
async def _pool(url: str) -> AsyncIterator[None]:
    register()
    await db.open_pool(url)
    try:
        yield
    finally:
        await live.stop()
        await db.close_pool()


async def seed_all(url: str, owner_url: str, say: Say) -> None:
    """Fill the database at `url` as far as it is not filled yet; safe to run at every start.

    Args:
        url: the application's libpq address.
        owner_url: the owner's.
        say: where progress goes.
    """
    async with _pool(url):
        async with reading() as session:
            has_units = (await session.execute(text("SELECT EXISTS (SELECT FROM unit)"))).scalar_one()
        if not has_units:
            say("Nạp 34 tỉnh, thành phố và 3.321 xã, phường, đặc khu…")
            await seed_units()
        if await seed_ready_forms(published=settings().is_demo):
            say("Nạp biểu báo cáo mẫu…")
        if settings().is_demo:
            if await demo_people.seed_demo():
                say("Tạo tài khoản trình diễn…")
            if await demo_petitions.seed_demo(owner_url):
                say("Tạo phản ánh minh hoạ…")
            if await demo_reports.seed_demo():
                say("Tạo số liệu báo cáo minh hoạ…")


def seed_load(owner_url: str, count: int, say: Say) -> None:
    """Add `count` invented petitions with their events, for benches. Blocking."""
    load.seed_petitions(owner_url, count, say)


async def seed_registry(url: str, owner_url: str, say: Say) -> int:
    """Fill two years of every unit's figures by forms for measuring; return how many values (0: they are there already)."""
    async with _pool(url):
        return await registry_load.seed_registry(owner_url, say)


async def import_units(url: str, path: Path, effective: date, basis: str, apply: bool) -> str:
    """Return in words what a new list of units changes from `effective` on; write it when `apply`."""
    async with _pool(url):
        plan = await importer.import_units(path, effective, dry_run=not apply, basis=basis)
    head = "Đã ghi" if apply else f"Xem trước (chưa ghi gì), tính từ {today():%d/%m/%Y}"
    return f"{head}:\n{plan.describe()}"


async def rebuild_search(url: str, source: str) -> str:
    """Rebuild the index of `source` (all when empty) from the database; return what was done in words."""
    async with _pool(url):
        count = await search.reindex(source)
    return f"Đã dựng lại chỉ mục: {count} văn bản."


def search_sources() -> list[str]:
    """Return the names of what can be searched."""
    register()
    return sorted(sources)


if __name__ == "__main__":
    # A process of its own: what seeding leaves in memory (locks of its event loop) must not be inherited by forked servers.
    asyncio.run(seed_all(sys.argv[1], sys.argv[2], lambda words: print(words, flush=True)))
