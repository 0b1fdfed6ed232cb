"""Log lines without personal data: of an exception they keep where and what kind it was, never its message.

Messages of exceptions quote what people sent: pydantic repeats the input, PostgreSQL the failing row, a KeyError the key.
"""

from __future__ import annotations

import logging
import sys
import traceback
from types import TracebackType

import psycopg

from mattranso_app.settings import settings

_LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def configure() -> None:
    """Send the log of this process to standard error, in lines without personal data. Once, at its start.

    The setting is for our own lines; libraries only warn (below that they would write down every statement).
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Formatter(_LINE))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("mattranso_app").setLevel(settings().log_level.upper())


class Formatter(logging.Formatter):
    """Writes an exception as `describe` does; what another handler has already made of it is not taken over."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one record as text."""
        record.exc_text = None
        try:
            return super().format(record)
        finally:
            record.exc_text = None

    def formatException(
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        """Return the exception of a record as text."""
        return describe(ei[1]) if ei[1] is not None else ""


def describe(error: BaseException) -> str:
    """Return the kind of `error` and of its causes, and the lines they came through; of database errors code and constraint."""
    parts: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = "".join(traceback.format_tb(current.__traceback__))
        parts.append(f"{frames}{type(current).__module__}.{type(current).__qualname__}{_database_words(current)}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\nwhile handling or because of:\n".join(parts)


def _database_words(error: BaseException) -> str:
    if not isinstance(error, psycopg.Error):
        return ""
    return f" [{error.sqlstate}] table {error.diag.table_name} constraint {error.diag.constraint_name}"
