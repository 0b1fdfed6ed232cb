"""Where the index of a source lies on this host, and how it is exchanged for a new one.

Each index built from the database has a directory of its own; the file `current` names the one that counts and is
replaced at once when a new one is whole. Readers look at it before each search, so a rebuild never interrupts them and
a build that was killed half way was never there. One process writes at a time, whichever takes the lock.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from mattranso_app.settings import settings


@dataclass(frozen=True, slots=True)
class Position:
    """How far an index has followed: which form of index it is, of which database, and the snapshot it holds."""

    form: int
    database: str
    snapshot: str


def home(source: str) -> Path:
    """Return the directory of everything about `source`."""
    return settings().data_dir / "search" / source


def current(source: str) -> Path | None:
    """Return the directory of the index that counts, None when there is none."""
    try:
        name = (home(source) / "current").read_text()
    except FileNotFoundError:
        return None
    place = home(source) / name
    return place if name and place.is_dir() else None


def position(index: Path) -> Position | None:
    """Return how far `index` is, None when that cannot be read: then it has to be built anew."""
    try:
        return Position(**json.loads((index / "position").read_text()))
    except (OSError, ValueError, TypeError):
        return None


def keep_position(index: Path, reached: Position) -> None:
    """Write how far `index` is; after its commit, so that a kill in between means work done twice and nothing else."""
    _write(index / "position", json.dumps(asdict(reached)))


def new(source: str) -> Path:
    """Return an empty directory for an index to be built in."""
    place = home(source) / secrets.token_hex(6)
    place.mkdir(parents=True)
    return place


def make_current(source: str, index: Path) -> None:
    """Let `index` be the one that counts."""
    _write(home(source) / "current", index.name)


def distrust(source: str) -> None:
    """Let the index that counts be built anew: it cannot be read."""
    index = current(source)
    if index is not None:
        (index / "position").unlink(missing_ok=True)


def clear(source: str) -> None:
    """Remove every index of `source` but the one that counts. Open readers keep what they have open."""
    kept = current(source)
    for place in home(source).iterdir():
        if place.is_dir() and place != kept:
            shutil.rmtree(place, ignore_errors=True)


@contextmanager
def writing(source: str) -> Iterator[bool]:
    """Give whether this process may write now; never waits. A killed process loses the lock with its life."""
    home(source).mkdir(parents=True, exist_ok=True)
    with (home(source) / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _write(path: Path, words: str) -> None:
    draft = path.with_name(f".{path.name}.new")
    with draft.open("w") as file:
        file.write(words)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
