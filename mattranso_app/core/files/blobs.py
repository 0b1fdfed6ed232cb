"""Where the bytes lie: a store addressed by content. Now a folder of this machine; an object store later, same interface.

A blob is durable before its row commits (file and folder are synced), so a row never points at nothing. A blob without
a row is swept after a day.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from mattranso_app.core.errors import Unavailable
from mattranso_app.core.files import text
from mattranso_app.settings import settings

CHUNK = 256 * 1024
"""Bytes read and sent at a time."""
INCOMING = ".incoming"
"""Folder of what is being received, beside the blobs so that a rename suffices."""
KEEP = ".keep"
"""File whose lock keeps sweeps away."""


class FileStore(Protocol):
    """A store of immutable blobs named by the SHA-256 of their bytes."""

    async def put(self, source: Path, sha256: bytes) -> None:
        """Keep the file at `source` durably under `sha256`; the file at `source` may be moved away."""

    def read(self, sha256: bytes, start: int, length: int) -> AsyncIterator[bytes]:
        """Yield `length` bytes from offset `start`; FileNotFoundError when there is no such blob."""

    async def sweep(self, older_than: float, in_use: Callable[[list[bytes]], Iterable[bytes]]) -> int:
        """Delete blobs not touched for `older_than` seconds that `in_use` does not return; return how many."""


class LocalStore:
    """Blobs in a folder: ab/cd/abcd….

    Args:
        root: the folder; made when missing.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, sha256: bytes) -> Path:
        """Return where the blob `sha256` lies."""
        name = sha256.hex()
        return self.root / name[:2] / name[2:4] / name

    async def put(self, source: Path, sha256: bytes) -> None:
        """Move the file at `source` in, synced; a blob that is there already is only marked as fresh."""
        with plain_disk_words():
            await asyncio.to_thread(self.put_now, source, sha256)

    def put_now(self, source: Path, sha256: bytes) -> None:
        """As `put`, blocking; for commands."""
        target = self.path(sha256)
        # A sweep must not take away what is found here and about to get a row.
        with self._guard(fcntl.LOCK_SH):
            if target.exists():
                os.utime(target)
                return
            for folder in (target.parent.parent, target.parent):
                if not folder.exists():
                    folder.mkdir(parents=True, exist_ok=True)
                    _sync(folder.parent)
            with source.open("rb") as file:
                os.fsync(file.fileno())
            source.chmod(0o600)
            os.utime(source)
            os.replace(source, target)
            _sync(target.parent)

    async def read(self, sha256: bytes, start: int, length: int) -> AsyncIterator[bytes]:
        """Yield `length` bytes from offset `start`."""
        file = await asyncio.to_thread(self.path(sha256).open, "rb")
        try:
            await asyncio.to_thread(file.seek, start)
            while length > 0 and (chunk := await asyncio.to_thread(file.read, min(CHUNK, length))):
                length -= len(chunk)
                yield chunk
        finally:
            file.close()

    async def sweep(self, older_than: float, in_use: Callable[[list[bytes]], Iterable[bytes]]) -> int:
        """Delete old blobs without a row, and what was left of broken uploads; `in_use` is called in a thread."""
        return await asyncio.to_thread(self._sweep, time.time() - older_than, in_use)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep sweeps away, in whatever process, while the block runs: for a backup, whose view of the rows grows old."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / KEEP).open("a") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            yield

    def _sweep(self, before: float, in_use: Callable[[list[bytes]], Iterable[bytes]]) -> int:
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / KEEP).open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return 0  # a backup runs; the next sweep finds the same
            return self._sweep_now(before, in_use)

    def _sweep_now(self, before: float, in_use: Callable[[list[bytes]], Iterable[bytes]]) -> int:
        removed = 0
        for folder in sorted(self.root.glob("[0-9a-f][0-9a-f]")):
            old = [path for path in folder.glob("??/*") if len(path.name) == 64 and path.stat().st_mtime < before]
            if not old:
                continue
            with self._guard(fcntl.LOCK_EX):
                used = {bytes(found).hex() for found in in_use([bytes.fromhex(path.name) for path in old])}
                for path in old:
                    if path.name not in used and path.exists() and path.stat().st_mtime < before:
                        path.unlink()
                        removed += 1
        for path in (self.root / INCOMING).glob("*"):
            if path.stat().st_mtime < before:
                path.unlink(missing_ok=True)
                removed += 1
        return removed

    @contextmanager
    def _guard(self, kind: int) -> Iterator[None]:
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("a") as file:
            fcntl.flock(file, kind)
            yield


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def blob_store() -> LocalStore:
    """Return the store of this process's settings."""
    return LocalStore(settings().data_dir / "files")


def incoming_path() -> Path:
    """Return a fresh path for bytes that are being received; the folder is made."""
    folder = settings().data_dir / "files" / INCOMING
    folder.mkdir(parents=True, exist_ok=True)
    return folder / uuid4().hex


@contextmanager
def plain_disk_words() -> Iterator[None]:
    """Turn "no space left" into words a person can act on."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise Unavailable(text.DISK_FULL) from error
        raise
