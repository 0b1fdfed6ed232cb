"""What can be searched, and the note of a change, written in the transaction that makes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.sql import sql


@dataclass(frozen=True, slots=True)
class Document:
    """A text that everyone may find.

    Attributes:
        ref: names it within its source, as digits or a code; stable.
        title: counts more than the body.
        body: the rest.
        facets: exact values it can be narrowed by.
        moment: newer ones come first among equals.
    """

    ref: str
    title: str
    body: str
    facets: Mapping[str, str] = field(default_factory=dict)
    moment: datetime | None = None


Fetch = Callable[[AsyncSession, list[str]], Awaitable[list[Document]]]
Iterate = Callable[[AsyncSession, str, int], Awaitable[list[Document]]]


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of documents. `fetch` leaves out what is no longer to be found; `iterate` pages through all by ref."""

    name: str
    fetch: Fetch
    iterate: Iterate


sources: dict[str, Source] = {}


def register_source(name: str, fetch: Fetch, iterate: Iterate) -> None:
    """Let documents of `name` be searched; called when a tool is imported.

    Raises:
        ValueError: the name is taken.
    """
    if name in sources:
        raise ValueError(f"the search source {name!r} is already registered")
    sources[name] = Source(name, fetch, iterate)


async def touch(session: AsyncSession, source: str, *refs: str) -> None:
    """Note in the caller's transaction that documents were made, changed or removed.

    An empty ref asks for a new index of the whole source, after rows were loaded past the services.
    """
    if refs:
        await session.execute(
            sql("INSERT INTO search_change (source, ref) SELECT :source, unnest(CAST(:refs AS text[]))"),
            {"source": source, "refs": list(refs)},
        )
