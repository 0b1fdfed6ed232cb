"""A searchable shelf of texts in a table of its own, for tests; and as a program, the processes that search it or are killed.

    python -m tests.core.search_shelf search            answers each line of words with the refs it finds
    python -m tests.core.search_shelf die WHERE         catches up and kills itself there
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import Any

import psycopg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import db, search
from mattranso_app.core.errors import Unavailable
from mattranso_app.core.search import Document, follower
from mattranso_app.core.search.sources import Source, sources

NAME = "shelf"


def make_table(owner_url: str) -> None:
    """Make the shelf's table, as the role that owns the others."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE shelf (id bigint PRIMARY KEY, title text NOT NULL, body text NOT NULL, room text NOT NULL)")
        connection.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON shelf TO mattranso_app")


def _document(row: Any) -> Document:
    return Document(str(row.id), row.title, row.body, {"room": row.room})


async def _fetch(session: AsyncSession, refs: list[str]) -> list[Document]:
    rows = await session.execute(text("SELECT * FROM shelf WHERE id = ANY(:ids)"), {"ids": [int(ref) for ref in refs]})
    return [_document(row) for row in rows]


async def _iterate(session: AsyncSession, after: str, limit: int) -> list[Document]:
    values = {"after": int(after or 0), "limit": limit}
    rows = await session.execute(text("SELECT * FROM shelf WHERE id > :after ORDER BY id LIMIT :limit"), values)
    return [_document(row) for row in rows]


SHELF = Source(NAME, _fetch, _iterate)


async def save(session: AsyncSession, ref: int, title: str, body: str = "", room: str = "a") -> None:
    """Put a text on the shelf, in place of the one that was there, within the caller's transaction."""
    await session.execute(
        text(
            "INSERT INTO shelf VALUES (:id, :title, :body, :room) ON CONFLICT (id) DO UPDATE "
            "SET title = excluded.title, body = excluded.body, room = excluded.room"
        ),
        {"id": ref, "title": title, "body": body, "room": room},
    )
    await search.touch(session, NAME, str(ref))


async def put(*texts: str, room: str = "a", first: int = 1) -> None:
    """Put texts on the shelf, numbered from `first`."""
    async with db.transaction() as session:
        for place, words in enumerate(texts):
            await save(session, first + place, words, room=room)


async def remove(ref: int) -> None:
    """Take a text away."""
    async with db.transaction() as session:
        await session.execute(text("DELETE FROM shelf WHERE id = :id"), {"id": ref})
        await search.touch(session, NAME, str(ref))


async def follow() -> int:
    """Bring the index up to date."""
    return await follower.catch_up(SHELF)


async def find(words: str, **options: Any) -> list[int]:
    """Return the numbers of the texts that answer `words`, best first."""
    return [int(hit.ref) for hit in (await search.query(NAME, words, **options)).hits]


async def _search() -> None:
    for line in sys.stdin:
        try:
            found = " ".join(map(str, await find(line.strip())))
        except Unavailable:
            found = "unavailable"
        print(found, flush=True)


async def _die(where: str) -> None:
    def kill(*_anything: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    finish = follower._finish
    if where == "before-commit":
        follower._finish = kill
    elif where == "after-commit":
        follower._finish = lambda writer: (finish(writer), kill())
    elif where == "locked":
        follower._finish = lambda _writer: (print("locked", flush=True), sys.stdin.read())
    await db.open_pool(os.environ["SHELF_DATABASE"])
    await follow()


if __name__ == "__main__":
    sources[NAME] = SHELF
    asyncio.run(_search() if sys.argv[1] == "search" else _die(sys.argv[2]))
