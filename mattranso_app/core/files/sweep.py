"""Bytes without a row: what was prepared and never attached, or whose row is gone, is removed after a day."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import psycopg

from mattranso_app.core import db, jobs
from mattranso_app.core.files import clamav, text
from mattranso_app.core.files.blobs import blob_store
from mattranso_app.settings import settings

ORPHAN_SECONDS = 24 * 3600

log = logging.getLogger(__name__)


@jobs.periodic("files.sweep", cron="25 18 * * *")  # 01:25 in Viet Nam
async def sweep() -> None:
    """Remove old bytes that no row names, and what broken uploads left behind."""
    removed = await sweep_orphans()
    if removed:
        log.info("removed %s files without a row", removed)


async def sweep_orphans(older_than: float = ORPHAN_SECONDS) -> int:
    """Do it now; return how many were removed.

    Args:
        older_than: seconds since the bytes were last put; younger ones may be about to get their row.
    """
    url = db.database_url()

    def in_use(hashes: list[bytes]) -> Iterable[bytes]:
        with psycopg.connect(url) as connection:
            rows = connection.execute(
                "SELECT sha256 FROM stored_file WHERE sha256 = ANY(%(all)s) "
                "UNION SELECT thumbnail_sha256 FROM stored_file WHERE thumbnail_sha256 = ANY(%(all)s)",
                {"all": hashes},
            ).fetchall()
        return [row[0] for row in rows]

    return await blob_store().sweep(older_than, in_use)


async def doctor() -> list[str]:
    """Return what a caretaker should know about files, in Vietnamese sentences; empty when all is well."""
    if not settings().clamd_socket:
        return [text.NO_SCANNER]
    return [] if await clamav.answers() else [text.SCANNER_SILENT]
