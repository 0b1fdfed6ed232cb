"""The registry of live topics: what each is called, who may read it and how it is read afresh."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.access import Action, Actor, may
from mattranso_app.core.errors import Forbidden, SignInRequired

Params = dict[str, str]
"""The values of a pattern's `{names}` in one topic."""
Readers = Literal["public"] | Action | Callable[[Actor, Params], Awaitable[bool]]
Snapshot = Callable[[AsyncSession, Params], Awaitable[dict[str, Any]]]

PUBLIC: Final = "public"
"""Everyone may read: aggregates and published rows only."""

NAME_LIMIT = 200
"""Characters a topic's name may have."""
_NAME = re.compile(r"[A-Za-z0-9_.~-]+(?:/[A-Za-z0-9_.~-]+)*", re.ASCII)
_PLACE = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Topic:
    """A family of live topics.

    Attributes:
        pattern: its address, e.g. `petitions/{number}`.
        readers: who may read.
        snapshot: reads the whole of one topic.
        recompute: whether changes only say "something changed" and the hub reads afresh.
        form: `pattern` as a regular expression.
    """

    pattern: str
    readers: Readers
    snapshot: Snapshot
    recompute: bool
    form: re.Pattern[str]

    @property
    def is_public(self) -> bool:
        """Whether everyone may read, so that caches may keep it."""
        return self.readers == PUBLIC

    async def may_read(self, actor: Actor, params: Params) -> bool:
        """Return whether `actor` may read the topic given by `params`."""
        if isinstance(self.readers, Action):
            return may(actor, self.readers)
        if isinstance(self.readers, str):
            return self.is_public
        return await self.readers(actor, params)


async def require_reader(topic: Topic, params: Params, actor: Actor) -> None:
    """Raise unless `actor` may read the topic given by `params`.

    Raises:
        SignInRequired: nobody is signed in.
        Forbidden: signed in, but without the right.
    """
    if not await topic.may_read(actor, params):
        raise Forbidden() if actor.is_signed_in else SignInRequired()


_topics: dict[str, Topic] = {}


def topic(pattern: str, *, readers: Readers, snapshot: Snapshot, recompute: bool = False) -> Topic:
    """Register a topic; called when a tool is imported.

    Args:
        pattern: its address; `{name}` stands for one segment.
        readers: `PUBLIC`, the action a reader must be allowed somewhere, or `async (actor, params) -> bool`.
        snapshot: `async (session, params) -> dict`, run in one read-only snapshot of the database. Raises `NotFound`
            for what does not exist. JSON values; null means absent.
        recompute: False: changes are RFC 7396 patches of the snapshot, published after the row was written, in the same
            transaction. True: the hub runs `snapshot` again, at once and then at most ten times a second, and sends
            what differs.

    Returns:
        The registered topic.

    Raises:
        ValueError: the pattern is already taken.
    """
    if pattern in _topics:
        raise ValueError(f"the live topic {pattern!r} is already registered")
    parts = _PLACE.split(pattern)
    form = "".join(f"(?P<{part}>[^/]+)" if place % 2 else re.escape(part) for place, part in enumerate(parts))
    _topics[pattern] = entry = Topic(pattern, readers, snapshot, recompute, re.compile(form))
    return entry


def forget(pattern: str) -> None:
    """Take a topic out of the registry; for tests."""
    _topics.pop(pattern, None)


def is_name(name: str) -> bool:
    """Return whether `name` could be the name of a topic."""
    return len(name) <= NAME_LIMIT and _NAME.fullmatch(name) is not None


def find(name: str) -> tuple[Topic, Params] | None:
    """Return the topic called `name` with its parameters, or None. A pattern without places goes first."""
    if not is_name(name):
        return None
    if (exact := _topics.get(name)) is not None:
        return exact, {}
    for entry in _topics.values():
        if (found := entry.form.fullmatch(name)) is not None:
            return entry, found.groupdict()
    return None
