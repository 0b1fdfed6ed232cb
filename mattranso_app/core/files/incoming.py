"""Bytes that are being received: written to a temporary file, counted and hashed on the way, never held whole in memory."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from mattranso_app.core import disk
from mattranso_app.core.errors import TooLarge
from mattranso_app.core.files import text
from mattranso_app.core.files.blobs import incoming_path, plain_disk_words
from mattranso_app.core.files.kinds import HEAD_BYTES, shown_name

_FLUSH = 512 * 1024
"""Bytes gathered before they are written."""


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file as it was sent, in a temporary place. Whoever received it removes it (`discard`).

    Attributes:
        path: where the bytes lie.
        name: what the sender calls it; never used as a path.
        size: bytes.
        sha256: of the bytes as sent.
        head: its first bytes.
    """

    path: Path
    name: str
    size: int
    sha256: bytes
    head: bytes

    async def discard(self) -> None:
        """Remove the temporary file; it may have been moved away already."""
        await asyncio.to_thread(self.path.unlink, missing_ok=True)


class Receiver:
    """Takes the bytes of one file piece by piece.

    Args:
        name: what the sender calls it.
        limit: most bytes taken.
    """

    def __init__(self, name: str, limit: int) -> None:
        self.name = name
        self.limit = limit
        self.size = 0
        self.path: Path = incoming_path()
        self._hash = hashlib.sha256()
        self._head = b""
        self._waiting = bytearray()
        self._file: BinaryIO | None = None

    def feed(self, data: bytes) -> None:
        """Take `data` into memory; `flush` writes it.

        Raises:
            TooLarge: more than `limit` bytes in all.
        """
        self.size += len(data)
        if self.size > self.limit:
            raise TooLarge(text.TOO_LARGE.format(name=shown_name(self.name), limit=self.limit // 2**20))
        if len(self._head) < HEAD_BYTES:
            self._head += data[: HEAD_BYTES - len(self._head)]
        self._waiting += data

    async def flush(self, at_least: int = _FLUSH) -> None:
        """Write what is waiting, when it is `at_least` so many bytes.

        Raises:
            Unavailable: the disk is full, but for the reserve.
        """
        if len(self._waiting) < at_least:
            return
        disk.check_room()
        data, self._waiting = bytes(self._waiting), bytearray()
        with plain_disk_words():
            await asyncio.to_thread(self._write, data)

    def _write(self, data: bytes) -> None:
        if self._file is None:
            self._file = self.path.open("xb")
        self._hash.update(data)
        self._file.write(data)

    async def finish(self) -> ReceivedFile:
        """Write the rest and return the file."""
        await self.flush(0)
        with plain_disk_words():
            await self._close()
        return ReceivedFile(self.path, self.name, self.size, self._hash.digest(), self._head)

    async def discard(self) -> None:
        """Stop and remove what was written."""
        with suppress(OSError):  # on a full disk closing fails once more, for what was still to be written
            await self._close()
        await asyncio.to_thread(self.path.unlink, missing_ok=True)

    async def _close(self) -> None:
        if self._file is not None:
            file, self._file = self._file, None
            await asyncio.to_thread(file.close)


async def receive(source: AsyncIterator[bytes] | bytes, name: str, limit: int) -> ReceivedFile:
    """Take `source` into a temporary file.

    Raises:
        TooLarge: more than `limit` bytes; reading stops there.
        Unavailable: the disk is full.
    """
    receiver = Receiver(name, limit)
    try:
        if isinstance(source, bytes):
            receiver.feed(source)
        else:
            async for chunk in source:
                receiver.feed(chunk)
                await receiver.flush()
        return await receiver.finish()
    except BaseException:
        await receiver.discard()
        raise
