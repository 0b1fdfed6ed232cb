"""PDF attachments of officers: structure checked before they are kept; what could act on a reader's machine is refused."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from mattranso_app.core.errors import Unavailable, Unsupported
from mattranso_app.core.files import text
from mattranso_app.core.turns import Turnstile

PATIENCE = 20.0
"""Seconds after which a file is called too complicated."""
MAX_WAITING = 30

_PROGRAM = Path(__file__).with_name("pdf_inspect.py")
_WORDS = {"locked": text.PDF_LOCKED, "active": text.PDF_ACTIVE}
_inspections = Turnstile(1)
"""One inspection at a time leaves the other core to people."""
_waiting = 0


async def check(path: Path, name: str) -> None:
    """Look into the PDF at `path` in a bounded process of its own.

    Args:
        path: the file as it was sent.
        name: how to call it in a message.

    Raises:
        Unsupported: broken, too complicated, encrypted, or with scripts, attached files or actions in it.
        Unavailable: too many files are waiting already.
    """
    global _waiting
    if _waiting >= MAX_WAITING:
        raise Unavailable(text.BUSY)
    _waiting += 1
    try:
        word = await _inspect(path)
    finally:
        _waiting -= 1
    if word != "ok":
        raise Unsupported(_WORDS.get(word, text.PDF_BROKEN).format(name=name))


async def _inspect(path: Path) -> str:
    async with _inspections.turn():
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", str(_PROGRAM), str(path),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            output, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
        except TimeoutError:
            return "broken"
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    return output.decode(errors="replace") if process.returncode == 0 else "broken"
