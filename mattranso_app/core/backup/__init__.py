"""Backup and restore: the database and all files in one archive (.tar.gz), streamed, checked by its own manifest.

The archive holds personal data: keep it as you keep the database. Sealed data in it need the root key (setting
`secret_key`), which is not in the archive but for a demonstration that made its own.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from mattranso_app.core import audit
from mattranso_app.core.backup.manifest import BackupError, Manifest
from mattranso_app.core.backup.restoring import read
from mattranso_app.core.backup.writing import write
from mattranso_app.core.db import libpq_url, sqlalchemy_url

__all__ = ["BackupError", "Manifest", "backup", "restore"]


async def backup(url: str, data_dir: Path, target: Path) -> Manifest:
    """Write the database as it is at one moment, and the files it names, into one archive. The system may be running.

    Args:
        url: the owner's connection.
        data_dir: where `files/` lies.
        target: the archive to make; readable by its owner only; complete or not there.

    Returns:
        What went in.

    Raises:
        BackupError: the target exists, a file is missing or damaged, pg_dump is missing, too old or fails.
        OSError: the target cannot be written.
    """
    return await asyncio.to_thread(write, libpq_url(url), data_dir, target)


async def restore(source: Path, url: str, data_dir: Path, *, overwrite: bool = False) -> Manifest:
    """Bring an archive back. It is read and checked whole before anything is written, the database changes in one
    transaction that counts every table's rows before it commits, and at the end the audit log is verified.

    Args:
        source: the archive.
        url: the owner's connection to the database to fill.
        data_dir: where `files/` comes to lie.
        overwrite: replace what the target holds; without it only an empty target is taken.

    Returns:
        What the archive said it holds, now there.

    Raises:
        BackupError: the archive is damaged, the target in use or not empty, pg_restore fails, the result differs.
    """
    manifest = await asyncio.to_thread(read, source, libpq_url(url), data_dir, overwrite)
    engine = create_async_engine(sqlalchemy_url(url))
    try:
        async with AsyncSession(engine) as session:
            _, faults = await audit.verify(session)
    finally:
        await engine.dispose()
    if faults:
        raise BackupError(f"Dữ liệu đã khôi phục, nhưng nhật ký có {len(faults)} chỗ bị can thiệp từ trước khi sao lưu.")
    return manifest
