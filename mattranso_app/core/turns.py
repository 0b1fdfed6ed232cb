"""Taking turns: at most so many at once, the others wait in the order they came."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager


class Turnstile:
    """Lets a number of tasks of a loop through at a time: `async with turnstile.turn(): …`.

    Args:
        places: how many at once.
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._loops: dict[asyncio.AbstractEventLoop, asyncio.Semaphore] = {}

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Return a place to be waited for; asyncio's semaphore gives places in the order they were asked for."""
        loop = asyncio.get_running_loop()
        for closed in [known for known in self._loops if known.is_closed()]:
            del self._loops[closed]
        return self._loops.setdefault(loop, asyncio.Semaphore(self._places))
