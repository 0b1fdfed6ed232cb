"""Virus scanning by ClamAV's daemon, where the setting `clamd_socket` names one; without it nothing is scanned."""

from __future__ import annotations

import asyncio
import struct
from pathlib import Path

from mattranso_app.core.errors import Unavailable, Unsupported
from mattranso_app.core.files import text
from mattranso_app.settings import settings

PATIENCE = 30.0
"""Seconds the daemon has for one file."""
_CHUNK = 64 * 1024


async def scan(path: Path, name: str) -> None:
    """Have the file at `path` scanned.

    Args:
        path: the file as it was sent.
        name: how to call it in a message.

    Raises:
        Unsupported: the daemon found something.
        Unavailable: a daemon is configured but does not answer: then nothing is taken in unscanned.
    """
    if not settings().clamd_socket:
        return
    try:
        verdict = await asyncio.wait_for(_ask(path), PATIENCE)
    except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise Unavailable(text.SCANNER_DOWN) from error
    if verdict.endswith("FOUND"):
        raise Unsupported(text.INFECTED.format(name=name))
    if not verdict.endswith("OK"):
        raise Unavailable(text.SCANNER_DOWN)


async def answers() -> bool:
    """Return whether the configured daemon answers; for `doctor`."""
    try:
        reader, writer = await asyncio.wait_for(_connect(), 5)
        try:
            writer.write(b"zPING\0")
            return await asyncio.wait_for(reader.readuntil(b"\0"), 5) == b"PONG\0"
        finally:
            writer.close()
    except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return False


async def _connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    place = settings().clamd_socket
    if place.startswith("/"):
        return await asyncio.open_unix_connection(place)
    host, _, port = place.rpartition(":")
    return await asyncio.open_connection(host or "127.0.0.1", int(port))


async def _ask(path: Path) -> str:
    reader, writer = await _connect()
    try:
        writer.write(b"zINSTREAM\0")
        with await asyncio.to_thread(path.open, "rb") as file:
            while chunk := await asyncio.to_thread(file.read, _CHUNK):
                writer.write(struct.pack("!I", len(chunk)) + chunk)
                await writer.drain()
        writer.write(struct.pack("!I", 0))
        await writer.drain()
        return (await reader.readuntil(b"\0")).rstrip(b"\0").decode(errors="replace").strip()
    finally:
        writer.close()
