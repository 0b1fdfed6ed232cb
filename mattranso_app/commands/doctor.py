"""`./mattranso doctor`: what this machine has, in plain words."""

from __future__ import annotations

import argparse
import asyncio
import platform
import shutil

from mattranso_app import frontend
from mattranso_app.chromium import NAMES
from mattranso_app.cli import CommandFailed
from mattranso_app.commands.database import check_migrated, database
from mattranso_app.commands.run import MIN_FREE_BYTES
from mattranso_app.core import db, files, jobs, notify, search
from mattranso_app.rooms import register
from mattranso_app.settings import settings


def doctor(_options: argparse.Namespace) -> int:
    """Print what is there and what is missing; exit 1 when the platform could not run."""
    config = settings()
    free = shutil.disk_usage(next(folder for folder in (config.data_dir, *config.data_dir.parents) if folder.exists())).free
    print(f"Python {platform.python_version()}; đĩa còn {free // 2**20} MB; giao diện {'đã' if frontend.is_built() else 'chưa'} dựng.")
    print(f"Chromium: {next(filter(None, map(shutil.which, NAMES)), 'không có (chỉ cần khi chạy kiểm thử)')}")
    faults = config.production_faults()
    if free < MIN_FREE_BYTES:
        faults.append("Đĩa gần đầy.")
    with database() as found:
        print(f"PostgreSQL: {'đi kèm' if found.server else 'theo MTS_DATABASE_URL'}, nối được.")
        try:
            check_migrated(found.owner_url)
        except CommandFailed as error:
            faults.append(str(error))
        else:
            for note in asyncio.run(_notes(found.url)):
                print(f"Lưu ý: {note}")
    for fault in faults:
        print(f"Phải sửa: {fault}")
    return 1 if faults else 0


async def _notes(url: str) -> list[str]:
    register()
    await db.open_pool(url)
    try:
        return [note for check in (files.doctor, jobs.doctor, notify.doctor, search.doctor) for note in await check()]
    finally:
        await db.close_pool()
