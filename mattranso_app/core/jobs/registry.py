"""What there is to run: tasks, periodic tasks and background loops, registered when the rooms are imported."""

from __future__ import annotations

import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

TaskFunction = Callable[..., Coroutine[Any, Any, None]]
LoopFunction = Callable[[], Coroutine[Any, Any, None]]
T = TypeVar("T", bound=TaskFunction)
L = TypeVar("L", bound=LoopFunction)


@dataclass(frozen=True, slots=True)
class Retry:
    """When a task that raised is run again.

    Attributes:
        attempts: how often it may run in all.
        first: seconds before the second run; doubled each time, with jitter.
        longest: most seconds between two runs.
    """

    attempts: int = 8
    first: float = 5.0
    longest: float = 3600.0

    def wait(self, attempts: int) -> float:
        """Return the seconds to wait after `attempts` failed runs before the last one."""
        return min(self.longest, self.first * 2 ** min(attempts, 30)) * random.uniform(0.75, 1.25)  # noqa: S311 - spreads load


NEVER = Retry(attempts=1)


@dataclass(frozen=True, slots=True)
class Task:
    """A registered task."""

    name: str
    function: TaskFunction
    queue: str
    retry: Retry
    timeout: float
    cron: str = ""


@dataclass(frozen=True, slots=True)
class Loop:
    """A registered background loop."""

    name: str
    function: LoopFunction
    single: bool


tasks: dict[str, Task] = {}
loops: dict[str, Loop] = {}


def task(
    name: str, queue: str = "default", retry: Retry | None = None, timeout: float = 900.0, *, cron: str = ""
) -> Callable[[T], T]:
    """Register an async function as a task.

    Args:
        name: "room.verb"; stored with each job, so it must not change while jobs wait.
        queue: jobs of a queue can be served by workers of their own.
        retry: when it is run again after it raised.
        timeout: seconds after which a run is cut off and counts as failed.
        cron: when it runs by itself, in UTC, e.g. "*/10 * * * *"; then it takes no arguments. What was missed while
            nothing ran is caught up once.

    Raises:
        ValueError: another task has this name.
    """

    def register(function: T) -> T:
        if name in tasks and tasks[name].function is not function:
            raise ValueError(f"a task is called {name!r} already")
        tasks[name] = Task(name, function, queue, retry or Retry(), timeout, cron)
        return function

    return register


def periodic(name: str, cron: str, queue: str = "default", timeout: float = 900.0) -> Callable[[T], T]:
    """Register an async function without arguments that runs by the clock; as `task` with `cron`, tried three times."""
    return task(name, queue, Retry(attempts=3), timeout, cron=cron)


def background_loop(name: str, *, single: bool = True) -> Callable[[L], L]:
    """Register an async function that runs as long as the worker does, such as a follower of changes.

    It is started again when it ends or raises, and cancelled when the worker stops.

    Args:
        name: "room.what".
        single: of several workers, only one runs it at a time.
    """

    def register(function: L) -> L:
        if name in loops and loops[name].function is not function:
            raise ValueError(f"a background loop is called {name!r} already")
        loops[name] = Loop(name, function, single)
        return function

    return register
