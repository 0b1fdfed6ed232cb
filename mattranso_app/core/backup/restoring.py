"""Bringing an archive back: everything is checked before anything is written, and compared again at the end."""

from __future__ import annotations

import hashlib
import re
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql

from mattranso_app.core.backup.manifest import DUMP, FILES, KEY, MANIFEST, BackupError, Manifest, count_rows
from mattranso_app.core.backup.programs import connection_words, fault_of, find_program
from mattranso_app.core.files import LocalStore

_CHUNK = 1 << 20
_MANIFEST_LIMIT = 4 << 20
_KEY_LIMIT = 4096
_BLOB = re.compile(re.escape(FILES) + "[0-9a-f]{64}")
_DAMAGED = "Bản sao lưu bị hỏng hoặc bị sửa ({what}); chưa có gì được khôi phục."


def read(source: Path, url: str, data_dir: Path, overwrite: bool) -> Manifest:
    """Check the archive whole, then bring it back; blocking. See `restore`."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".khoi-phuc-", dir=data_dir) as scratch:
        dump = Path(scratch) / DUMP
        try:
            manifest, key = _check(source, dump)
        except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
            raise BackupError(_DAMAGED.format(what=type(error).__name__)) from error
        store = LocalStore(data_dir / "files")
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                program = _ready(connection, manifest, key, data_dir, overwrite)
                for name, file in _members(source):
                    if name.startswith(FILES):
                        _put(store, file, name[len(FILES) :], Path(scratch) / "blob")
                if key is not None:
                    _keep_key(data_dir / KEY, key)
                if overwrite:
                    _empty(connection)
                _load(program, url, dump)
                _compare(connection, manifest)
        except psycopg.Error as error:
            raise BackupError(f"PostgreSQL không cho khôi phục: {str(error).splitlines()[0]}") from error
    return manifest


def _members(source: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield the plain files of the archive in order; anything else in it is a fault."""
    with tarfile.open(source, mode="r|gz") as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isreg() else None
            if file is None:
                raise BackupError(_DAMAGED.format(what="nội dung lạ"))
            yield member.name, file


def _check(source: Path, dump: Path) -> tuple[Manifest, bytes | None]:
    """Read the whole archive against its manifest; the dump is laid at `dump` on the way."""
    members = _members(source)
    name, file = next(members, ("", None))
    if name != MANIFEST or file is None:
        raise BackupError("Tệp này không phải bản sao lưu của Mặt trận số.")
    manifest = Manifest.from_json(file.read(_MANIFEST_LIMIT))
    key: bytes | None = None
    dumped = False
    count = size = 0
    last = ""
    digest = hashlib.sha256()
    for name, file in members:
        if name == KEY:
            key = file.read(_KEY_LIMIT)
        elif name == DUMP and not dumped:
            dumped = True
            with dump.open("wb") as target:
                found, length = _copy(file, target)
            if (found, length) != (manifest.dump_sha256, manifest.dump_size):
                raise BackupError(_DAMAGED.format(what="cơ sở dữ liệu"))
        elif _BLOB.fullmatch(name) and name > last:
            last = name
            found, length = _copy(file, None)
            if found != name[len(FILES) :]:
                raise BackupError(_DAMAGED.format(what="một tệp"))
            count, size = count + 1, size + length
            digest.update(found.encode() + b"\n")
        else:
            raise BackupError(_DAMAGED.format(what="nội dung lạ"))
    if not dumped or (key is not None) != manifest.has_key:
        raise BackupError(_DAMAGED.format(what="thiếu phần"))
    if (count, size, digest.hexdigest()) != (manifest.file_count, manifest.file_bytes, manifest.file_digest):
        raise BackupError(_DAMAGED.format(what="thiếu tệp"))
    return manifest, key


def _copy(source: IO[bytes], target: IO[bytes] | None) -> tuple[str, int]:
    total = hashlib.sha256()
    size = 0
    while chunk := source.read(_CHUNK):
        total.update(chunk)
        size += len(chunk)
        if target is not None:
            target.write(chunk)
    return total.hexdigest(), size


def _ready(
    connection: psycopg.Connection[Any], manifest: Manifest, key: bytes | None, data_dir: Path, overwrite: bool
) -> str:
    """Refuse a target that is in use or holds something; return the path of pg_restore."""
    server_major = connection.info.server_version // 10_000
    if server_major < manifest.server_version:
        raise BackupError(f"Bản sao lưu từ PostgreSQL {manifest.server_version}, máy chủ ở đây là {server_major}: cần máy chủ mới hơn.")
    program = find_program("pg_restore", max(server_major, manifest.server_version))
    others = connection.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND backend_type = 'client backend'"
    ).fetchone()
    if others and others[0]:
        raise BackupError("Hệ thống đang chạy trên cơ sở dữ liệu này; hãy dừng (Ctrl-C) rồi khôi phục.")
    if overwrite:
        return program
    if count_rows(connection):
        raise BackupError("Cơ sở dữ liệu đích đã có dữ liệu; chọn nơi trống, hoặc thêm --overwrite để thay toàn bộ.")
    if any((data_dir / "files").glob("??/??/*")):
        raise BackupError("Kho tệp đích đã có tệp; chọn nơi trống, hoặc thêm --overwrite.")
    kept = data_dir / KEY
    if key is not None and kept.exists() and kept.read_bytes().strip() != key.strip():
        raise BackupError("Thư mục dữ liệu đích đã có khóa bí mật khác; chọn nơi trống, hoặc thêm --overwrite.")
    return program


def _put(store: LocalStore, file: IO[bytes], name: str, scratch: Path) -> None:
    with scratch.open("wb") as target:
        found, _ = _copy(file, target)
    if found != name:  # the archive changed since it was checked
        raise BackupError(_DAMAGED.format(what="một tệp"))
    store.put_now(scratch, bytes.fromhex(name))
    scratch.unlink(missing_ok=True)


def _keep_key(path: Path, key: bytes) -> None:
    draft = path.with_name(f".{path.name}.moi")
    draft.touch(0o600)
    draft.write_bytes(key)
    draft.replace(path)


def _empty(connection: psycopg.Connection[Any]) -> None:
    """Remove every schema of ours with all that is in it; `public` is made anew as a fresh database has it."""
    schemas = connection.execute(
        "SELECT nspname FROM pg_namespace WHERE nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%'"
    ).fetchall()
    with connection.transaction():
        for (schema,) in schemas:
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
        connection.execute("CREATE SCHEMA public")
        connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")


def _load(program: str, url: str, dump: Path) -> None:
    words, environment = connection_words(url)
    done = subprocess.run(
        [program, "--no-owner", "--exit-on-error", "--single-transaction", f"--dbname={words}", str(dump)],
        env=environment, capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise fault_of("pg_restore", done.stderr)


def _compare(connection: psycopg.Connection[Any], manifest: Manifest) -> None:
    found = count_rows(connection)
    wrong = sorted(name for name in found.keys() | manifest.tables.keys() if found.get(name) != manifest.tables.get(name))
    if wrong:
        raise BackupError(f"Số dòng sau khôi phục không khớp bảng kê ở: {', '.join(wrong[:5])}.")
