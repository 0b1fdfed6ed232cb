"""Citizens who have signed in by code, for the tests of what is theirs."""

from __future__ import annotations

import re
from uuid import UUID

from sqlalchemy import text as sql

from mattranso_app.core import db
from mattranso_app.core.access import Actor
from mattranso_app.identity import service
from mattranso_app.identity.service import SignedIn, Visit
from tests.identity.authenticator import wait
from tests.identity.factories import newest_code

HERE = Visit(address="10.0.0.1", agent="Mozilla/5.0 (Android 14) Firefox/130.0")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


async def citizen(target: str = "0912345678", name: str = "") -> Actor:
    """Sign a citizen in by code, for the first time or again; with a name when one is given."""
    wait(1)  # the newest message is the one sent last
    challenge = await service.request_code(target, HERE)
    signed = await service.sign_in_with_code(challenge.id, await newest_code(), HERE)
    assert isinstance(signed, SignedIn)
    found = await service.authenticate(signed.token, "10.0.0.1")
    assert found is not None
    if name:
        await service.change_name(found.actor, name)
    return found.actor


async def person_id_of(actor: Actor) -> UUID:
    """Return who it is."""
    assert actor.person_id is not None
    return actor.person_id


async def mentions(*needles: str) -> list[str]:
    """Return every place (table.column) of the database whose text holds one of the needles, in any case, digits however grouped."""
    async with db.reading() as session:
        columns = (
            await session.execute(
                sql(
                    "SELECT c.table_name, c.column_name FROM information_schema.columns c JOIN pg_class k ON k.relname = c.table_name "
                    "AND k.relkind = 'r' AND k.relnamespace = 'public'::regnamespace WHERE c.table_schema = 'public' "
                    "AND (c.data_type IN ('text', 'character varying', 'json', 'jsonb') OR c.udt_name IN ('_text', '_varchar')) "
                    "AND has_column_privilege(k.oid, c.column_name, 'SELECT')"
                )
            )
        ).all()
        assert len(columns) > 80, "the application's role sees the columns it may read"
        found = []
        for table, column in columns:
            for needle in needles:
                # A number is looked for in the digits alone; nine signs of it do not stand anywhere by chance.
                plain = f"CAST({column} AS text)"
                seen = f"regexp_replace({plain}, '[\\s.()-]', '', 'g')" if needle.isdigit() else plain
                rows = await session.execute(
                    sql(f"SELECT count(*) FROM {table} WHERE strpos(lower({seen}), lower(CAST(:needle AS text))) > 0"),
                    {"needle": needle},
                )
                if rows.scalar_one():
                    found.append(f"{table}.{column}: {needle}")
    return found


async def in_clear(table: str) -> str:
    """Return a table's rows as JSON, of them only what stands there in clear.

    Hashes, ciphers, ids and moments are left out by the types of their columns, ids within texts by their form: any four
    digits one looks for turn up in those by chance.
    """
    async with db.reading() as session:
        kept = await session.execute(
            sql(
                "SELECT array_agg(CAST(column_name AS text)) FROM information_schema.columns WHERE table_schema = 'public' "
                "AND table_name = :table AND data_type NOT IN ('bytea', 'uuid', 'timestamp with time zone')"
            ),
            {"table": table},
        )
        columns = ", ".join(kept.scalar_one())
        rows = await session.execute(sql(f"SELECT CAST(jsonb_agg(to_jsonb(t)) AS text) FROM (SELECT {columns} FROM {table}) t"))
        return _UUID.sub("", rows.scalar_one() or "")
