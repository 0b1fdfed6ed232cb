"""Commands that keep the record: backup, restore, audit verify."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from mattranso_app.cli import CommandFailed
from mattranso_app.commands.database import database
from mattranso_app.core import audit as audit_log
from mattranso_app.core import db
from mattranso_app.core.backup import BackupError
from mattranso_app.core.backup import backup as write_archive
from mattranso_app.core.backup import restore as read_archive
from mattranso_app.settings import settings


def backup(options: argparse.Namespace) -> int:
    """Write the database and all files into one archive."""
    target = Path(options.file)
    with database(print, migrated=True) as found:
        try:
            manifest = asyncio.run(write_archive(found.owner_url, settings().data_dir, target))
        except BackupError as error:
            raise CommandFailed(str(error)) from error
    print(f"Đã sao lưu vào {target} ({target.stat().st_size / 2**20:.1f} MB): {manifest.summary()}.")
    return 0


def restore(options: argparse.Namespace) -> int:
    """Bring the database and all files back from an archive, after checking it whole."""
    source = Path(options.file)
    if not source.is_file():
        raise CommandFailed(f"không có tệp {source}.")
    with database(print) as found:
        try:
            manifest = asyncio.run(read_archive(source, found.owner_url, settings().data_dir, overwrite=options.overwrite))
        except BackupError as error:
            raise CommandFailed(str(error)) from error
    print(f"Đã khôi phục từ {source}: {manifest.summary()}.")
    return 0


def audit(_options: argparse.Namespace) -> int:
    """Check the whole audit log; exit 1 when a byte was changed."""

    async def check(url: str) -> tuple[int, list[audit_log.AuditFault]]:
        await db.open_pool(url)
        try:
            async with db.reading() as session:
                return await audit_log.verify(session)
        finally:
            await db.close_pool()

    with database(print, migrated=True) as found:
        checked, faults = asyncio.run(check(found.url))
    if not faults:
        print(f"Nhật ký nguyên vẹn: {checked} dòng, mọi chuỗi liền mạch.")
        return 0
    for fault in faults:
        print(f"  chuỗi {fault.chain}, dòng {fault.row_id or 'cuối'}: {fault.reason}")
    raise CommandFailed(f"nhật ký đã bị can thiệp: {len(faults)} chỗ trong {checked} dòng.")
