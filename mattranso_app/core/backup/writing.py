"""Making an archive: one consistent view of the database, the files its rows name, and a manifest."""

from __future__ import annotations

import errno
import gzip
import hashlib
import io
import os
import subprocess
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from mattranso_app.core import secrets
from mattranso_app.core.backup.manifest import DUMP, FILES, KEY, MANIFEST, TRANSIENT_TABLES, BackupError, Manifest, check_room, count_rows
from mattranso_app.core.backup.programs import connection_words, fault_of, find_program
from mattranso_app.core.files import LocalStore
from mattranso_app.settings import settings

_CHUNK = 1 << 20
_BLOBS = (
    "SELECT sha256 FROM (SELECT sha256 FROM stored_file UNION SELECT thumbnail_sha256 FROM stored_file) AS kept "
    "WHERE sha256 IS NOT NULL ORDER BY sha256"
)


def write(url: str, data_dir: Path, target: Path) -> Manifest:
    """Write the archive; blocking. See `backup`."""
    if target.exists():
        raise BackupError(f"Tệp {target} đã có; hãy chọn tên khác để không ghi đè bản sao lưu cũ.")
    if not target.parent.is_dir():
        raise BackupError(f"Thư mục {target.parent} không tồn tại.")
    draft = target.with_name(f".{target.name}.dang-ghi")
    dump = target.with_name(f".{target.name}.dump")
    store = LocalStore(data_dir / "files")
    try:
        with store.kept(), psycopg.connect(url) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            manifest = _take(connection, url, store, data_dir, draft, dump)
        os.replace(draft, target)
        descriptor = os.open(target.parent, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
        return manifest
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BackupError(f"Đĩa chứa {target.parent} không đủ chỗ cho bản sao lưu; chọn nơi khác.") from error
        raise
    except psycopg.Error as error:
        raise BackupError(f"PostgreSQL không cho sao lưu: {str(error).splitlines()[0]}") from error
    finally:
        draft.unlink(missing_ok=True)
        dump.unlink(missing_ok=True)


def _take(
    connection: psycopg.Connection[Any], url: str, store: LocalStore, data_dir: Path, draft: Path, dump: Path
) -> Manifest:
    snapshot = _one(connection, "SELECT pg_export_snapshot()")
    server_major = connection.info.server_version // 10_000
    dump_sha256 = _dump(url, snapshot, server_major, dump)
    count, size, digest = _survey(connection, store)
    key_file = data_dir / KEY
    has_key = key_file.exists() and not settings().secret_key.get_secret_value()
    manifest = Manifest(
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        server_version=server_major,
        revision=_one(connection, "SELECT version_num FROM alembic_version"),
        tables=count_rows(connection),
        dump_size=dump.stat().st_size,
        dump_sha256=dump_sha256,
        file_count=count,
        file_bytes=size,
        file_digest=digest,
        key_id=secrets.key_ids()[0],
        has_key=has_key,
    )
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as raw:
        # What is inside is compressed already; the envelope's check sum is what we want of gzip.
        with gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=1) as packed, tarfile.open(fileobj=packed, mode="w|") as archive:
            _add_bytes(archive, MANIFEST, manifest.to_json())
            if has_key:
                _add_bytes(archive, KEY, key_file.read_bytes())
            _add_file(archive, DUMP, dump)
            for name in _blob_names(connection):
                check_room(draft.parent)
                _add_blob(archive, store, name)
        raw.flush()
        os.fsync(raw.fileno())
    return manifest


def _one(connection: psycopg.Connection[Any], query: str) -> str:
    row = connection.execute(query).fetchone()
    return str(row[0]) if row else ""


def _dump(url: str, snapshot: str, server_major: int, dump: Path) -> str:
    """Run pg_dump in the given view of the data, hash what it writes on the way; return the SHA-256."""
    words, environment = connection_words(url)
    command = [
        find_program("pg_dump", server_major), "--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--dbname={words}",
        *(f"--exclude-table-data=*.{table}" for table in TRANSIENT_TABLES),
    ]  # fmt: skip
    total = hashlib.sha256()
    descriptor = os.open(dump, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file, dump.with_suffix(".loi").open("w+b") as errors:
        try:
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, env=environment) as process:
                while process.stdout is not None and (chunk := process.stdout.read(_CHUNK)):
                    check_room(dump.parent)
                    total.update(chunk)
                    file.write(chunk)
            if process.returncode:
                errors.seek(0)
                raise fault_of("pg_dump", errors.read(100_000))
        finally:
            dump.with_suffix(".loi").unlink(missing_ok=True)
    return total.hexdigest()


def _blob_names(connection: psycopg.Connection[Any]) -> Iterator[str]:
    """Yield the names of the files that rows name, in order, a few at a time."""
    with connection.cursor(name="blobs") as cursor:
        cursor.itersize = 2_000
        cursor.execute(_BLOBS)
        for (sha256,) in cursor:
            yield bytes(sha256).hex()


def _survey(connection: psycopg.Connection[Any], store: LocalStore) -> tuple[int, int, str]:
    """Return number, bytes and digest of the files that will go in."""
    count = size = 0
    digest = hashlib.sha256()
    for name in _blob_names(connection):
        path = store.path(bytes.fromhex(name))
        if not path.exists():
            raise BackupError(f"Thiếu tệp {name[:12]}… mà cơ sở dữ liệu nhắc đến; không tạo bản sao lưu thiếu.")
        count += 1
        size += path.stat().st_size
        digest.update(name.encode() + b"\n")
    return count, size, digest.hexdigest()


def _add_bytes(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    archive.addfile(_member(name, len(data)), io.BytesIO(data))


def _add_file(archive: tarfile.TarFile, name: str, path: Path) -> None:
    with path.open("rb") as file:
        archive.addfile(_member(name, path.stat().st_size), file)


def _add_blob(archive: tarfile.TarFile, store: LocalStore, name: str) -> None:
    path = store.path(bytes.fromhex(name))
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != name:
            raise BackupError(f"Tệp {name[:12]}… trong kho đã bị hỏng; hãy kiểm tra đĩa rồi sao lưu lại.")
    _add_file(archive, FILES + name, path)


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size = size
    member.mode = 0o600
    return member
