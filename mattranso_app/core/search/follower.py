"""Keeping this host's indexes current: a loop in the worker, one writer a host.

The position is a PostgreSQL snapshot, kept beside the index and written after it, so a kill in between leaves at most
work to be done twice, which changes nothing (a document replaces its former self). What the snapshot did not see is new,
whatever order transactions committed in.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import jobs
from mattranso_app.core.db import reading, transaction
from mattranso_app.core.search.index import directory, entry, schema
from mattranso_app.core.search.sources import Source, sources

BATCH = 2_000
PAUSE = 0.5
"""Seconds between looks."""
KEEP = timedelta(days=7)
"""Changes older than this are pruned; an index that was away for longer is rebuilt."""
_HEAP = 64 * 1024 * 1024

log = logging.getLogger(__name__)


@jobs.background_loop("search.follow", single=False)
async def follow() -> None:
    """Bring every source's index up to date, again and again."""
    if not _has_engine():
        await asyncio.Event().wait()
    while True:
        for source in sources.values():
            await catch_up(source)
        await asyncio.sleep(PAUSE)


async def catch_up(source: Source) -> int:
    """Bring the index of `source` up to date; build it when it is missing. Return how many documents were written."""
    writer = await asyncio.to_thread(_writer, source.name)
    position = await asyncio.to_thread(_position, source.name)
    if position == "":
        return await _build(source, writer)
    async with reading() as session:
        snapshot = await _snapshot(session)
        refs = await _changed(session, source.name, position)
        if not refs:
            return 0
        found = {document.ref: document for document in await source.fetch(session, refs)}
    for ref in refs:
        writer.delete_documents_by_term("ref", ref)
        if ref in found:
            writer.add_document(entry(found[ref]))
    await asyncio.to_thread(_commit, writer, source.name, snapshot if len(refs) < BATCH else position)
    if len(refs) >= BATCH:
        await _clear(source.name, refs)
    return len(refs)


async def reindex(name: str = "") -> int:
    """Build the index of `name` (all when empty) anew from the database. Return how many documents it holds."""
    written = 0
    for source in sources.values():
        if name in ("", source.name):
            _writers.pop(source.name, None)
            await asyncio.to_thread(shutil.rmtree, directory(source.name), True)
            written += await _build(source, await asyncio.to_thread(_writer, source.name))
    return written


@jobs.periodic("search.prune", cron="17 3 * * *")
async def prune() -> None:
    """Forget changes every index has read long ago."""
    async with transaction() as session:
        await session.execute(text("DELETE FROM search_change WHERE created_at < now() - CAST(:keep AS interval)"), {"keep": KEEP})


async def doctor() -> list[str]:
    """Return in plain words what is missing for searching here."""
    if not _has_engine():
        return ["Máy này không có gói tantivy: tìm kiếm theo từ tạm tắt, danh sách và bộ lọc vẫn dùng được."]
    missing = [name for name in sources if not directory(name).is_dir()]
    return [f"Chưa có chỉ mục tìm kiếm “{name}”; worker sẽ tự dựng." for name in missing]


async def _build(source: Source, writer: Any) -> int:
    log.warning("building the search index of %s from the database", source.name)
    async with reading() as session:
        snapshot = await _snapshot(session)
    written, after = 0, ""
    while True:
        async with reading() as session:
            documents = await source.iterate(session, after, BATCH)
        if not documents:
            break
        await asyncio.to_thread(lambda batch: [writer.add_document(entry(document)) for document in batch], documents)
        written, after = written + len(documents), documents[-1].ref
    await asyncio.to_thread(_commit, writer, source.name, snapshot)
    return written


async def _snapshot(session: AsyncSession) -> str:
    return str((await session.execute(text("SELECT pg_current_snapshot()::text"))).scalar_one())


async def _changed(session: AsyncSession, name: str, position: str) -> list[str]:
    rows = await session.execute(
        text(
            "SELECT DISTINCT ref FROM search_change WHERE source = :source "
            "AND xact >= pg_snapshot_xmin(CAST(:position AS pg_snapshot)) "
            "AND NOT pg_visible_in_snapshot(xact, CAST(:position AS pg_snapshot)) LIMIT :limit"
        ),
        {"source": name, "position": position, "limit": BATCH},
    )
    return [row[0] for row in rows]


async def _clear(name: str, refs: list[str]) -> None:
    """Take a full batch's changes away, so that the next look sees the rest: they are in the index now."""
    async with transaction() as session:
        await session.execute(
            text("DELETE FROM search_change WHERE source = :source AND ref = ANY(:refs)"), {"source": name, "refs": refs}
        )


_writers: dict[str, tuple[str, Any]] = {}


def _writer(name: str) -> Any:
    """Return the writer of this host's index, which holds tantivy's lock as long as this process lives."""
    import tantivy

    place = directory(name)
    known = _writers.get(name)
    if known is None or known[0] != str(place):
        place.mkdir(parents=True, exist_ok=True)
        try:
            index = tantivy.Index(schema(), path=str(place))
            known = (str(place), index.writer(heap_size=_HEAP, num_threads=1))
        except ValueError as error:
            if "lock" in str(error).lower():
                raise
            # Another schema, or damaged: what is derived can be derived again.
            log.warning("the search index of %s is not usable (%s), building it anew", name, error)
            shutil.rmtree(place)
            return _writer(name)
        _writers[name] = known
    return known[1]


def _position(name: str) -> str:
    path = directory(name) / "position"
    return path.read_text() if path.is_file() else ""


def _commit(writer: Any, name: str, position: str) -> None:
    # The index first: a position that is behind only means work done twice.
    writer.commit()
    path = directory(name) / "position"
    fresh = path.with_suffix(".new")
    fresh.write_text(position)
    fresh.replace(path)


def _has_engine() -> bool:
    try:
        import tantivy  # noqa: F401
    except ImportError:
        return False
    return True
