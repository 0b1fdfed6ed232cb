"""Keeping this host's indexes current: a loop in the worker, one writer a host at a time.

The position is a PostgreSQL snapshot, kept beside the index and written after it, so a kill in between leaves at most
work to be done twice, which changes nothing (a document replaces its former self). What the snapshot did not see is new,
whatever order transactions committed in. Where a position says nothing any more (another database behind the address,
one that was set back, changes pruned meanwhile), the index is built anew.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import jobs
from mattranso_app.core.db import reading, transaction
from mattranso_app.core.search import place
from mattranso_app.core.search.index import FORM, entry, has_engine, schema
from mattranso_app.core.search.place import Position
from mattranso_app.core.search.sources import Source, sources

BATCH = 2_000
"""Documents read from the database at once."""
PAUSE = 0.5
"""Seconds between looks."""
KEEP = timedelta(days=7)
"""Changes older than this are pruned; an index that was away for longer is rebuilt."""
_STILL = 3600.0
"""Seconds after which the position of an index nothing happened to is renewed."""
_HEAP, _HEAP_BUILDING = 16 * 2**20, 128 * 2**20

log = logging.getLogger(__name__)


@jobs.background_loop("search.follow", single=False)
async def follow() -> None:
    """Bring every source's index up to date, again and again."""
    if not has_engine():
        await asyncio.Event().wait()
    while True:
        for source in sources.values():
            await catch_up(source)
        await asyncio.sleep(PAUSE)


async def catch_up(source: Source) -> int:
    """Bring the index of `source` up to date; build it when it is missing or of no use.

    Returns:
        How many documents were written or taken out; 0 also while another process of this host writes.
    """
    with place.writing(source.name) as may_write:
        if not may_write:
            return 0
        index = place.current(source.name)
        reached = place.position(index) if index else None
        if index is None or reached is None or reached.form != FORM:
            return await _build(source)
        async with reading() as session:
            now = await _now(session)
            written = None
            if await _continues(session, source.name, reached, now):
                try:
                    written = await _take(session, source, index, reached)
                except ValueError as error:  # what tantivy raises; what is derived can be derived again
                    log.warning("the search index of %s is not usable (%s)", source.name, error)
        if written is None:
            return await _build(source)
        if written or time.time() - (index / "position").stat().st_mtime > _STILL:
            place.keep_position(index, now)
        return written


async def reindex(name: str = "") -> int:
    """Build the index of `name` (all when empty) anew from the database; the old one answers until then.

    Returns:
        How many documents it holds.
    """
    written = 0
    for source in [source for source in sources.values() if name in ("", source.name)]:
        while True:
            with place.writing(source.name) as may_write:
                if may_write:
                    written += await _build(source)
                    break
            await asyncio.sleep(0.05)  # the worker has it, for a moment as a rule
    return written


@jobs.periodic("search.prune", cron="17 3 * * *")
async def prune() -> None:
    """Forget changes every index has read long ago, and note up to where."""
    async with transaction() as session:
        await session.execute(
            text(
                "WITH gone AS (DELETE FROM search_change WHERE created_at < now() - CAST(:keep AS interval) RETURNING xact), "
                "last AS (SELECT xact FROM gone ORDER BY xact DESC LIMIT 1) "
                "UPDATE search_horizon SET pruned = last.xact FROM last WHERE last.xact > pruned"
            ),
            {"keep": KEEP},
        )


async def doctor() -> list[str]:
    """Return in plain words what is missing for searching here."""
    if not has_engine():
        return ["Máy này không có gói tantivy: tìm kiếm theo từ tạm tắt, danh sách và bộ lọc vẫn dùng được."]
    missing = [name for name in sources if place.current(name) is None]
    return [f"Chưa có chỉ mục tìm kiếm “{name}”; worker sẽ tự dựng." for name in missing]


async def _build(source: Source) -> int:
    log.info("building the search index of %s from the database", source.name)
    await asyncio.to_thread(place.clear, source.name)
    await _forget_foreign(source.name)
    index = place.new(source.name)
    writer: Any = None
    try:
        async with reading() as session:
            begun = await _now(session)
        writer = await asyncio.to_thread(_writer, index, _HEAP_BUILDING)
        written, after = 0, ""
        while True:
            async with reading() as session:
                documents = await source.iterate(session, after, BATCH)
            if not documents:
                break
            await asyncio.to_thread(_write, writer, [], documents)
            written, after = written + len(documents), documents[-1].ref
        await asyncio.to_thread(_finish, writer)
        place.keep_position(index, begun)
        place.make_current(source.name, index)
    except BaseException:
        with suppress(Exception):
            writer.wait_merging_threads()  # without a commit: its threads end and let go of the directory
        shutil.rmtree(index, ignore_errors=True)
        raise
    await asyncio.to_thread(place.clear, source.name)
    return written


async def _take(session: AsyncSession, source: Source, index: Path, reached: Position) -> int:
    """Write what changed since `reached` and commit it; return how much that was."""
    writer: Any = None
    written, after = 0, ""
    while refs := await _changed(session, source.name, reached.snapshot, after):
        documents = await source.fetch(session, refs)
        if writer is None:
            writer = await asyncio.to_thread(_writer, index, _HEAP)
        await asyncio.to_thread(_write, writer, refs, documents)
        written, after = written + len(refs), refs[-1]
    if writer is not None:
        await asyncio.to_thread(_finish, writer)
    return written


async def _now(session: AsyncSession) -> Position:
    """Return the position of an index that holds all this transaction sees.

    The table's own number tells a restored database from the one before, the server's a copy on another machine.
    """
    row = (
        await session.execute(
            text(
                "SELECT system_identifier || ' ' || CAST('search_change'::regclass AS oid), pg_current_snapshot()::text "
                "FROM pg_control_system()"
            )
        )
    ).one()
    return Position(FORM, row[0], row[1])


async def _continues(session: AsyncSession, name: str, reached: Position, now: Position) -> bool:
    """Return whether the changes since `reached` are all still to be had here, and none asks for a new index."""
    if reached.database != now.database:
        return False
    found = await session.execute(
        text(
            "SELECT pg_snapshot_xmax(CAST(:reached AS pg_snapshot)) <= pg_snapshot_xmax(pg_current_snapshot()) "
            "AND pruned < pg_snapshot_xmin(CAST(:reached AS pg_snapshot)) "
            "AND NOT EXISTS (SELECT FROM search_change WHERE source = :source AND ref = '' "
            "AND xact >= pg_snapshot_xmin(CAST(:reached AS pg_snapshot)) "
            "AND NOT pg_visible_in_snapshot(xact, CAST(:reached AS pg_snapshot))) FROM search_horizon"
        ),
        {"source": name, "reached": reached.snapshot},
    )
    return bool(found.scalar_one())


async def _changed(session: AsyncSession, name: str, snapshot: str, after: str) -> list[str]:
    """Return the next changed refs after `after`, in their order."""
    rows = await session.execute(
        text(
            "SELECT DISTINCT ref FROM search_change WHERE source = :source AND ref > :after "
            "AND xact >= pg_snapshot_xmin(CAST(:reached AS pg_snapshot)) "
            "AND NOT pg_visible_in_snapshot(xact, CAST(:reached AS pg_snapshot)) ORDER BY ref LIMIT :limit"
        ),
        {"source": name, "reached": snapshot, "after": after, "limit": BATCH},
    )
    return [row[0] for row in rows]


async def _forget_foreign(name: str) -> None:
    """Remove changes a restore brought along from another database: its numbers of transactions mean nothing here.

    Whatever is seen here was committed here with a number below the snapshot's end; the others would look new for ever.
    """
    async with transaction() as session:
        await session.execute(
            text("DELETE FROM search_change WHERE source = :source AND xact >= pg_snapshot_xmax(pg_current_snapshot())"),
            {"source": name},
        )


def _writer(index: Path, heap: int) -> Any:
    import tantivy

    # One thread: the worker is a guest on the machine, and the order of documents stays that of the source.
    return tantivy.Index(schema(), path=str(index)).writer(heap_size=heap, num_threads=1)


def _write(writer: Any, replaced: list[str], documents: list[Any]) -> None:
    for ref in replaced:
        writer.delete_documents_by_term("ref", ref)
    for document in documents:
        writer.add_document(entry(document))


def _finish(writer: Any) -> None:
    writer.commit()
    writer.wait_merging_threads()
