"""Room on the disk: writes end, clearly, while there is still enough for PostgreSQL to keep running and answer reads.

An embedded PostgreSQL that cannot extend its log stops altogether, and the files people send fill the same disk. So both
leave a reserve alone. A database elsewhere has its own disk, and says itself when it is full.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from mattranso_app.core.errors import Unavailable
from mattranso_app.settings import settings

RESERVE_BYTES = 64 * 1024 * 1024
"""Four segments of PostgreSQL's log."""
FULL = "Hệ thống tạm thời không ghi nhận được (kho dữ liệu đầy). Nội dung vẫn được giữ, hãy thử lại sau."


def has_room(folder: Path) -> bool:
    """Return whether the reserve on the disk of `folder` is untouched; a look costs microseconds."""
    try:
        return shutil.disk_usage(folder).free >= RESERVE_BYTES
    except FileNotFoundError:  # not made yet: nothing of ours is on it
        return True


def check_room() -> None:
    """Let a write pass while the reserve on the data directory's disk is untouched.

    Raises:
        Unavailable: it is not.
    """
    if not has_room(settings().data_dir):
        raise Unavailable(FULL)


def check_room_for_database() -> None:
    """As `check_room`, where the database lies on that disk, too.

    Raises:
        Unavailable: the reserve is touched.
    """
    if (settings().data_dir / "postgres" / "postmaster.pid").exists():
        check_room()
