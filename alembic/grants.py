"""What the application's role may do with a table; one line per table in its migration."""

from __future__ import annotations

from typing import Any


def grant_app(op: Any, table: str, rights: str = "select, insert, update, delete") -> None:
    """Give the role `mattranso_app` `rights` (comma-separated SQL privileges) on `table` (a name, or several with commas)."""
    op.execute(f"GRANT {rights} ON {table} TO mattranso_app")
