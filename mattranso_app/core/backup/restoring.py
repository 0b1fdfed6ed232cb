"""Bringing an archive back: everything is checked before anything is written, and the database changes in one transaction.

What was there is dropped, what is in the archive comes in and is counted, all or nothing: whatever goes wrong on the way,
the database is as it was. Files are put beside those that are there; what nobody names is swept later.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import re
import subprocess
import tarfile
import tempfile
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql

from mattranso_app.core.backup.manifest import DUMP, FILES, KEY, MANIFEST, BackupError, Manifest, check_room, count_rows
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
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise BackupError(f"Đĩa chứa {data_dir} không đủ chỗ; chưa có gì được khôi phục.") from error
            raise BackupError(_DAMAGED.format(what="không đọc được hết")) from error
        store = LocalStore(data_dir / "files")
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                programs = _ready(connection, manifest, key, data_dir, overwrite)
                for name, file in _members(source):
                    if name.startswith(FILES):
                        _put(store, file, name[len(FILES) :], Path(scratch) / "blob")
                _replace(connection, programs, url, dump, manifest, overwrite)
                if key is not None:
                    _keep_key(data_dir / KEY, key)
                connection.execute("ANALYZE")
        except psycopg.Error as error:
            raise BackupError(f"PostgreSQL không cho khôi phục: {str(error).splitlines()[0]}") from error
    return manifest


def _members(source: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield the plain files of the archive in order; anything else in it is a fault."""
    with gzip.open(source) as packed, tarfile.open(fileobj=packed, mode="r|") as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isreg() else None
            if file is None:
                raise BackupError(_DAMAGED.format(what="nội dung lạ"))
            yield member.name, file
        while packed.read(_CHUNK):  # to the very end, where the envelope's own check sum stands
            pass


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
            check_room(Path(target.name).parent)
            target.write(chunk)
    return total.hexdigest(), size


def _ready(
    connection: psycopg.Connection[Any], manifest: Manifest, key: bytes | None, data_dir: Path, overwrite: bool
) -> tuple[str, str]:
    """Refuse a target that is in use or holds something; return the paths of pg_restore and psql."""
    server_major = connection.info.server_version // 10_000
    if server_major < manifest.server_version:
        raise BackupError(f"Bản sao lưu từ PostgreSQL {manifest.server_version}, máy chủ ở đây là {server_major}: cần máy chủ mới hơn.")
    wanted = max(server_major, manifest.server_version)
    programs = find_program("pg_restore", wanted), find_program("psql", wanted)
    # Whose backend it is, PostgreSQL tells everyone; of what type, only its owner. Its own helpers have no user.
    others = connection.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename IS NOT NULL"
    ).fetchone()
    if others and others[0]:
        raise BackupError("Hệ thống đang chạy trên cơ sở dữ liệu này; hãy dừng (Ctrl-C) rồi khôi phục.")
    if overwrite:
        return programs
    if count_rows(connection):
        raise BackupError("Cơ sở dữ liệu đích đã có dữ liệu; chọn nơi trống, hoặc thêm --overwrite để thay toàn bộ.")
    if any((data_dir / "files").glob("??/??/*")):
        raise BackupError("Kho tệp đích đã có tệp; chọn nơi trống, hoặc thêm --overwrite.")
    kept = data_dir / KEY
    if key is not None and kept.exists() and kept.read_bytes().strip() != key.strip():
        raise BackupError("Thư mục dữ liệu đích đã có khóa bí mật khác; chọn nơi trống, hoặc thêm --overwrite.")
    return programs


def _put(store: LocalStore, file: IO[bytes], name: str, scratch: Path) -> None:
    with scratch.open("wb") as target:
        found, _ = _copy(file, target)
    if found != name:  # the archive changed since it was checked
        raise BackupError(_DAMAGED.format(what="một tệp"))
    store.put_now(scratch, bytes.fromhex(name))
    scratch.unlink(missing_ok=True)


def _keep_key(path: Path, key: bytes) -> None:
    """Lay the archive's root key at `path`; another one that is there is moved aside, never lost."""
    if path.exists() and path.read_bytes().strip() != key.strip():
        path.rename(path.with_name(f"{path.name}.{time.time_ns()}"))
    draft = path.with_name(f".{path.name}.moi")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _replace(
    connection: psycopg.Connection[Any], programs: tuple[str, str], url: str, dump: Path, manifest: Manifest, overwrite: bool
) -> None:
    """Feed psql one transaction: drop what is there (with `overwrite`), the dump as SQL, counts, commit.

    Raises:
        BackupError: a statement failed or a count differs; then nothing has changed.
    """
    restorer, shell = programs
    words, environment = connection_words(url)
    before = ["BEGIN;", _ROLE, *(_dropping(connection) if overwrite else [])]
    after = [_counting(connection, manifest), "COMMIT;"]
    with (
        tempfile.TemporaryFile() as restorer_said,
        tempfile.TemporaryFile() as shell_said,
        subprocess.Popen(
            [restorer, "--no-owner", "--file=-", str(dump)], stdout=subprocess.PIPE, stderr=restorer_said, env=environment
        ) as source,
        subprocess.Popen(
            [shell, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--dbname={words}"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=shell_said, env=environment,
        ) as target,
    ):  # fmt: skip
        pump = threading.Thread(target=_pump, args=(source, target, before, after))
        pump.start()
        target.wait()
        source.kill()  # when psql ended early, nobody reads on
        pump.join()
        source.wait()
        if target.returncode == 0:
            return
        for said in (restorer_said, shell_said):
            said.seek(0)
        raise fault_of("pg_restore", restorer_said.read(100_000) or shell_said.read(100_000))


def _pump(source: subprocess.Popen[bytes], target: subprocess.Popen[bytes], before: list[str], after: list[str]) -> None:
    """Write the transaction into psql; without its end when pg_restore failed, so that nothing is committed."""
    if source.stdout is None or target.stdin is None:
        raise RuntimeError("both programs are started with pipes")
    with suppress(BrokenPipeError):  # psql ends at a fault, and tells it
        target.stdin.write("\n".join([*before, ""]).encode())
        while chunk := source.stdout.read(_CHUNK):
            target.stdin.write(chunk)
        last = after if source.wait() == 0 else ["ROLLBACK;", "DO $$ BEGIN RAISE 'pg_restore failed'; END $$;"]
        target.stdin.write("\n".join(["", *last, ""]).encode())
    with suppress(BrokenPipeError):
        target.stdin.close()


_ROLE = (
    "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'mattranso_app') "
    "THEN CREATE ROLE mattranso_app LOGIN; END IF; END $$;"
)
"""The dump grants rights to the application's role, which a new server does not have yet."""


def _dropping(connection: psycopg.Connection[Any]) -> list[str]:
    """Return what removes every schema of ours with all that is in it; `public` is made anew as a fresh database has it."""
    schemas = connection.execute(
        "SELECT nspname FROM pg_namespace WHERE nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%'"
    ).fetchall()
    drops = [sql.SQL("DROP SCHEMA {} CASCADE;").format(sql.Identifier(schema)).as_string(connection) for (schema,) in schemas]
    return ["SET client_min_messages = warning;", *drops, "CREATE SCHEMA public;", "GRANT USAGE ON SCHEMA public TO PUBLIC;"]


def _counting(connection: psycopg.Connection[Any], manifest: Manifest) -> str:
    """Return what fails when a table of the manifest is missing or has another number of rows."""
    checks = [
        sql.SQL("IF (SELECT count(*) FROM {}) <> {} THEN RAISE EXCEPTION 'rows differ: %', {}; END IF;").format(
            sql.Identifier(*name.split(".", 1)), sql.Literal(rows), sql.Literal(name)
        )
        for name, rows in manifest.tables.items()
    ]
    return sql.SQL("DO $count$ BEGIN {} END $count$;").format(sql.SQL("\n").join(checks)).as_string(connection)
