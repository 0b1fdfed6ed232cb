"""The archive of one's own data: JSON for programs, a page for people, the own photos. Made by the worker, gone after some days."""

from __future__ import annotations

import asyncio
import hashlib
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from mattranso_app.core import db, files, jobs
from mattranso_app.core.access import SYSTEM
from mattranso_app.core.clock import VN, now
from mattranso_app.core.files.blobs import incoming_path
from mattranso_app.core.files.kinds import MediaType
from mattranso_app.core.personal_data import Section, holders
from mattranso_app.identity import plain_pages
from mattranso_app.identity.own_data import store, text
from mattranso_app.identity.service.own_data import EXPORT_TASK, collect

MOST_ROWS = 10_000
"""Rows of a section an archive has at most."""

WAIT = timedelta(hours=1)
"""After which an archive that is not made is said to have failed, so that its owner can ask again."""

FILE_KIND = "data_export"
"""Kind of the archive's file. It has no reader: only the page of its owner gives it out."""

_READABLE, _FOR_PROGRAMS = "du-lieu.html", "du-lieu.json"
_templates = plain_pages.environment("mattranso_app.identity.own_data")


@jobs.task(EXPORT_TASK, retry=jobs.Retry(attempts=3))
async def export_data(export: str) -> None:
    """Make one archive. One that could not be made at the third try stays waiting until `sweep_exports` says so."""
    export_id = UUID(export)
    async with db.reading() as session:
        found = await store.fetch_export(session, export_id)
        if found is None or found[1].state != "waiting":
            return
        person_id = found[0]
        sections = await collect(session, person_id, MOST_ROWS, is_whole=True)
        photos = [named for holder in holders() for named in await holder.files(session, person_id)]
    path = incoming_path()
    try:
        await _write(path, sections, photos)
        size, sha256 = await asyncio.to_thread(_measure, path)
        await files.blob_store().put(path, sha256)
    finally:
        await asyncio.to_thread(Path.unlink, path, missing_ok=True)
    async with db.transaction() as session:
        prepared = files.PreparedFile(sha256, sha256, size, MediaType.ZIP, "du-lieu-cua-toi.zip")
        if not await store.lock_waiting_export(session, export_id):
            return  # its person was erased, or its time is over, while it was made
        file = await files.attach(session, SYSTEM, prepared, FILE_KIND, export)
        await store.save_export_state(session, export_id, "ready", file.id, size)


@jobs.periodic("identity.sweep_exports", cron="*/30 * * * *")
async def sweep_exports() -> None:
    """Forget archives whose time is over, and say of those that wait for an hour that they failed.

    The bytes of the former go with the nightly sweep of files without a row.
    """
    async with db.transaction() as session:
        await store.fail_exports(session, now() - WAIT)
        gone = await store.end_exports(session, now())
        await files.remove_files(session, gone)


def readable(sections: list[Section], photos: list[str]) -> str:
    """Return the archive's page, which needs nothing else."""
    lead = text.ARCHIVE_LEAD.format(day=f"{now().astimezone(VN):{text.TIME}}")
    return _templates.get_template("archive.html").render(sections=sections, photos=photos, text=text, lead=lead)


def for_programs(sections: list[Section]) -> str:
    """Return the archive's JSON: the rows of each section under its key."""
    return json.dumps(
        {"made_at": now().isoformat(), **{section.key: section.rows for section in sections}}, ensure_ascii=False, indent=1
    )


async def _write(path: Path, sections: list[Section], photos: list[tuple[str, files.StoredFile]]) -> None:
    """Write the archive piece by piece: photos are never in memory as a whole."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        await asyncio.to_thread(archive.writestr, _FOR_PROGRAMS, for_programs(sections))
        await asyncio.to_thread(archive.writestr, _READABLE, readable(sections, [name for name, _ in photos]))
        for name, file in photos:
            with archive.open(zipfile.ZipInfo(name), "w") as member:  # pictures are packed already: stored as they are
                async for chunk in files.blob_store().read(file.sha256, 0, file.size):
                    await asyncio.to_thread(member.write, chunk)


def _measure(path: Path) -> tuple[int, bytes]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    return path.stat().st_size, digest
