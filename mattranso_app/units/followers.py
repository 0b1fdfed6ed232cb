"""Others that keep unit paths in their rows: told in the same transaction when a path changes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class PathMove:
    """A unit that stood at `old` now stands at `new` (paths), or has gone into the unit there when `is_merged`."""

    unit_id: int
    to_id: int
    old: str
    new: str
    is_merged: bool


Follower = Callable[[AsyncSession, Sequence[PathMove]], Awaitable[None]]

_followers: list[Follower] = []


def on_path_change(follower: Follower) -> Follower:
    """Register `follower`, called inside the transaction of every import with the moves of provinces and communes, if any.

    Codes can be swapped, so one move's `new` may be another's `old`: change all rows in one statement, never move by move.
    """
    _followers.append(follower)
    return follower


async def tell_followers(session: AsyncSession, moves: Sequence[PathMove]) -> None:
    """Call every registered follower."""
    for follower in _followers:
        await follower(session, moves)
