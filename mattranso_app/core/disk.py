"""Room on the disk: writes end, clearly, while there is still enough for PostgreSQL to keep running and answer reads.

An embedded PostgreSQL that cannot extend its log stops altogether, and the files people send fill the same disk. So both
leave a reserve alone. A database elsewhere has its own disk, and says itself when it is full.
"""

from __future__ import annotations

import shutil

from mattranso_app.core.errors import Unavailable
from mattranso_app.settings import settings

RESERVE_BYTES = 64 * 1024 * 1024
"""Four segments of PostgreSQL's log."""
FULL = "Hệ thống tạm thời không ghi nhận được (kho dữ liệu đầy). Nội dung vẫn được giữ, hãy thử lại sau."


def check_room() -> None:
    """Let a write pass while the reserve on the data directory's disk is untouched; a look costs microseconds.

    Raises:
        Unavailable: it is not.
    """
    try:
        free = shutil.disk_usage(settings().data_dir).free
    except OSError:  # not made yet: nothing of ours is on it
        return
    if free < RESERVE_BYTES:
        raise Unavailable(FULL)


def check_room_for_database() -> None:
    """As `check_room`, where the database lies on that disk, too.

    Raises:
        Unavailable: the reserve is touched.
    """
    if (settings().data_dir / "postgres" / "postmaster.pid").exists():
        check_room()
