"""SQL statements, taken apart once: finding the `:names` in a text costs about as much as sending it."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import TextClause, text


@lru_cache(maxsize=2048)
def sql(statement: str) -> TextClause:
    """Return `statement` with its `:name` parameters, ready to execute.

    Args:
        statement: one of the program's own, never made of what people sent: there must be a bounded number of them.
    """
    return text(statement)
