"""What an archive holds, written as its first member, so that everything after it can be checked while it is read."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from mattranso_app.core import disk

FORMAT = 1
MANIFEST = "manifest.json"
DUMP = "database.dump"
KEY = "secret.key"
FILES = "files/"

TRANSIENT_TABLES = ("live_change",)
"""Tables whose rows are not kept: they live for an hour and carry transaction numbers of the cluster they were made in."""


class BackupError(Exception):
    """The archive cannot be made or brought back; the words are Vietnamese and say what to do."""


def check_room(folder: Path) -> None:
    """Stop before the disk of `folder` is full: the running system lives on it, too, perhaps.

    Raises:
        BackupError: the reserve is touched.
    """
    if not disk.has_room(folder):
        raise BackupError(f"Đĩa chứa {folder} không đủ chỗ; hãy chọn nơi khác hoặc giải phóng chỗ trống.")


@dataclass(frozen=True, slots=True)
class Manifest:
    """The contents of an archive.

    Attributes:
        made_at: when, ISO 8601 in UTC.
        server_version: PostgreSQL's major version.
        revision: the migration the database was at.
        tables: rows of each table, by "schema.table".
        dump_size: bytes of the database dump.
        dump_sha256: of the dump, hexadecimal.
        file_count: stored files.
        file_bytes: their bytes in all.
        file_digest: SHA-256 over their names (which are their own SHA-256) in order.
        key_id: public name of the root key that sealed data need.
        has_key: whether the archive holds that key (a demonstration's own).
    """

    made_at: str
    server_version: int
    revision: str
    tables: dict[str, int]
    dump_size: int
    dump_sha256: str
    file_count: int
    file_bytes: int
    file_digest: str
    key_id: str
    has_key: bool
    format: int = FORMAT

    def to_json(self) -> bytes:
        """Return it as the archive's first member."""
        return json.dumps(asdict(self), indent=1, sort_keys=True).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Manifest:
        """Return the manifest in `data`.

        Raises:
            BackupError: it is none, or of a later format.
        """
        try:
            values: dict[str, Any] = json.loads(data)
            if values.get("format") != FORMAT:
                raise BackupError("Bản sao lưu do phiên bản phần mềm mới hơn tạo ra; hãy cập nhật phần mềm rồi khôi phục.")
            return cls(**values)
        except (ValueError, TypeError, AttributeError) as error:
            raise BackupError("Bản sao lưu bị hỏng: không đọc được bảng kê.") from error

    def summary(self) -> str:
        """Return a few Vietnamese words for the caretaker."""
        words = f"{len(self.tables)} bảng, {sum(self.tables.values())} dòng, {self.file_count} tệp"
        return words if self.has_key else f"{words}; cần khóa bí mật {self.key_id} để đọc dữ liệu đã mã hóa"


def count_rows(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """Return the rows of every table of ours, in the view of the data that `connection` has."""
    tables = connection.execute(
        "SELECT schemaname, tablename FROM pg_tables "
        "WHERE schemaname <> 'information_schema' AND schemaname NOT LIKE 'pg\\_%' ORDER BY 1, 2"
    ).fetchall()
    counts = {}
    for schema, table in tables:
        if table in TRANSIENT_TABLES:
            counts[f"{schema}.{table}"] = 0
            continue
        row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table))).fetchone()
        counts[f"{schema}.{table}"] = int(row[0]) if row else 0
    return counts

