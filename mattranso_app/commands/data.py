"""Commands on the data: migrate, seed, import units, reindex, and the worker that runs jobs."""

from __future__ import annotations

import argparse
import asyncio
import os
from datetime import date
from pathlib import Path

from mattranso_app.cli import CommandFailed
from mattranso_app.commands.database import database, revision_of
from mattranso_app.settings import settings


def migrate(options: argparse.Namespace) -> int:
    """Bring the database to a revision; to an older one only with --down."""
    from mattranso_app.migrations import UnknownRevision, WouldGoDown
    from mattranso_app.migrations import migrate as move

    with database(print) as found:
        try:
            move(found.owner_url, options.revision, may_go_down=options.down)
        except UnknownRevision as error:
            raise CommandFailed(f"không có phiên bản {error}; các phiên bản nằm ở alembic/versions.") from error
        except WouldGoDown as error:
            raise CommandFailed(
                f"{error} cũ hơn cơ sở dữ liệu: lùi về đó sẽ xoá dữ liệu của phần mới hơn. Hãy sao lưu, rồi thêm --down."
            ) from error
        reached = revision_of(found.owner_url)
    print(f"Cơ sở dữ liệu đang ở phiên bản: {reached or 'trống'}.")
    return 0


def seed(options: argparse.Namespace) -> int:
    """Load units and, in a demonstration, its data; with --petitions N and --registry also what benches measure on."""
    from mattranso_app.commands.run import prepare

    if (options.petitions or options.registry) and not settings().is_demo:
        raise CommandFailed("chỉ tạo phản ánh và số liệu giả trong chế độ trình diễn, không bao giờ trong vận hành thật.")
    with database(print) as found:
        prepare(found)
        if options.petitions:
            from mattranso_app.seeding import seed_load

            seed_load(found.owner_url, options.petitions, print)
        if options.registry:
            from mattranso_app.seeding import seed_registry

            count = asyncio.run(seed_registry(found.url, found.owner_url, print))
            print(f"Đã tạo {count:,} số liệu.".replace(",", ".") if count else "Số liệu để đo đã có sẵn.")
    return 0


def worker(_options: argparse.Namespace) -> int:
    """Run jobs until stopped. As a child of `run` it ends when `run` does."""
    from mattranso_app.server import die_with_parent, run_worker

    if not settings().database_url:
        raise CommandFailed("./mattranso run đã tự chạy việc nền; chạy riêng thì đặt MTS_DATABASE_URL.")
    if os.environ.get("MTS_CHILD") == "1":
        die_with_parent()
        os.nice(10)  # jobs never delay the live figures of the process that serves
    run_worker()
    return 0


def import_units(options: argparse.Namespace) -> int:
    """Show what a new release of the list of units changes; with --apply write it."""
    from mattranso_app.seeding import import_units as carry_out

    path = Path(options.file)
    if not path.is_file():
        raise CommandFailed(f"không có tệp {path}.")
    try:
        effective = date.fromisoformat(options.effective)
    except ValueError as error:
        raise CommandFailed("ngày hiệu lực phải có dạng 2026-11-24.") from error
    with database(migrated=True) as found:
        print(asyncio.run(carry_out(found.url, path, effective, options.basis, options.apply)))
    return 0


def reindex(options: argparse.Namespace) -> int:
    """Rebuild the search index from the database.

    Raises:
        CommandFailed: there is no such source.
    """
    from mattranso_app.seeding import rebuild_search, search_sources

    known = search_sources()
    if options.source and options.source not in known:
        raise CommandFailed(f"không có chỉ mục “{options.source}”; đang có: {', '.join(known)}.")
    with database(print, migrated=True) as found:
        print(asyncio.run(rebuild_search(found.url, options.source)))
    return 0
