"""Expected faults of a command as one clear sentence; what is not expected stays a traceback, for whoever mends it."""

from __future__ import annotations

import errno

import psycopg
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from mattranso_app.core.errors import DomainError

_DISK_FULL = "đĩa đầy; hãy giải phóng chỗ trống rồi chạy lại."


def plain_words(error: BaseException) -> str | None:
    """Return `error` in Vietnamese, None when it is a fault of ours."""
    if isinstance(error, DomainError):
        return " ".join([error.text, *(f"{name}: {words}" for name, words in error.fields.items())])
    if isinstance(error, ValidationError) and error.title == "Settings":
        faults = (f"MTS_{'_'.join(map(str, item['loc'])).upper()} ({item['msg']})" for item in error.errors())
        return f"cấu hình sai: {'; '.join(faults)}."
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, psycopg.errors.DiskFull):
        return f"PostgreSQL báo {_DISK_FULL}"
    if isinstance(cause, psycopg.errors.InsufficientPrivilege):
        return f"tài khoản PostgreSQL thiếu quyền: {_first_line(cause)}"
    if isinstance(cause, psycopg.OperationalError):
        return f"mất kết nối với PostgreSQL: {_first_line(cause)}"
    if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
        return _DISK_FULL
    if isinstance(cause, PermissionError | FileNotFoundError | IsADirectoryError | NotADirectoryError):
        return f"không mở được {cause.filename} ({cause.strerror})."
    return None


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
