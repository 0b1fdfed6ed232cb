"""What the provider's tables hold, to see that a refusal changed nothing."""

from __future__ import annotations

from sqlalchemy import text as sql

from mattranso_app.core import db

_TABLES = {
    "oauth_client": "*", "oauth_request": "*", "oauth_code": "*", "oauth_token": "*", "oauth_consent": "*", "audit_log": "id",
    "sign_in_session": "id, ended_at",
}


async def contents() -> dict[str, str]:
    """Return every table the provider writes to, as text."""
    found = {}
    async with db.reading() as session:
        for table, columns in _TABLES.items():
            rows = f"SELECT string_agg(t::text, E'\\n' ORDER BY t::text) FROM (SELECT {columns} FROM {table}) AS t"
            found[table] = (await session.execute(sql(rows))).scalar() or ""
    return found


async def acts(action: str) -> list[str]:
    """Return the detail of every audit row of one kind."""
    async with db.reading() as session:
        return list((await session.execute(sql("SELECT detail FROM audit_log WHERE action = :a ORDER BY id"), {"a": action})).scalars())
