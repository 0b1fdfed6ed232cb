"""Hearing that the process is to end while its streams are still open.

A server waits for open responses before it runs the lifespan's end, and a stream never ends by itself: without this
every stop would take as long as the server's patience and then be a kill.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Farewell:
    """Calls `say` in the event loop when the process is told to end; whatever handled the signal before still does.

    asyncio's own handlers, which the server uses, live beside it: they are fed through the wake-up file descriptor
    whatever Python function is installed.
    """

    def __init__(self, say: Callable[[], None]) -> None:
        self._say = say
        self._before: dict[int, Any] = {}
        self._loop = asyncio.get_running_loop()
        if threading.current_thread() is not threading.main_thread():
            return
        for number in _SIGNALS:
            before = signal.getsignal(number)
            # Without a handler the signal just ends the process, as it should.
            if callable(before):
                self._before[number] = before
                self._install(number, self._heard)

    def _heard(self, number: int, frame: FrameType | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended before us
            self._loop.call_soon_threadsafe(self._say)
        self._before[number](number, frame)

    def remove(self) -> None:
        """Put back what was there."""
        for number, before in self._before.items():
            if signal.getsignal(number) == self._heard:
                self._install(number, before)

    @staticmethod
    def _install(number: int, handler: Any) -> None:
        signal.signal(number, handler)
        signal.siginterrupt(number, False)
