"""Queries of the links of residential groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.access import Actor
from mattranso_app.core.db import Reader
from mattranso_app.core.reporting.reports import Asked
from mattranso_app.core.sql import sql

Link = RowMapping
"""A link that counts: id, token_hash, code_hash, form (code), period, organisation, unit_id."""
GroupLine = RowMapping
"""A group: code, name, has_link, used_at, state of its report (None: none)."""


@dataclass(frozen=True, slots=True)
class NewLink:
    """What is kept of a new link."""

    unit_id: int
    unit_path: str
    token_hash: bytes
    code_hash: bytes


async def fetch_groups(session: Reader, path: str, codes: Sequence[str] | None, limit: int) -> list[RowMapping]:
    """Return the residential groups of the commune at `path`: id, path; those with `codes` only, if given."""
    statement = sql(
        "SELECT id, path FROM unit WHERE level = 'group' AND valid_to IS NULL AND path LIKE :below "
        "AND (CAST(:codes AS text[]) IS NULL OR code = ANY(:codes)) ORDER BY path LIMIT :limit"
    )
    values = {"below": f"{path}_%", "codes": None if codes is None else list(codes), "limit": limit}
    return list((await session.execute(statement, values)).mappings())


async def revoke(session: AsyncSession, actor: Actor, asked: Asked, unit_ids: Sequence[int], at: datetime) -> int:
    """Make the links of some groups for a period void; return how many there were."""
    statement = sql(
        "UPDATE reporting_link SET revoked_at = :at, revoked_by = :person WHERE form_id = :form AND period = :period "
        "AND organisation = :organisation AND unit_id = ANY(:units) AND revoked_at IS NULL RETURNING id"
    )
    values = {**_about(asked), "units": list(unit_ids), "at": at, "person": actor.person_id}
    return len((await session.execute(statement, values)).all())


async def insert(session: AsyncSession, actor: Actor, asked: Asked, links: Sequence[NewLink], at: datetime, expires: datetime) -> None:
    """Write links."""
    statement = sql(
        "INSERT INTO reporting_link (token_hash, code_hash, form_id, period, organisation, unit_id, unit_path, made_at, made_by, "
        "expires_at) "
        "SELECT t, c, :form, :period, :organisation, u, p, :at, :person, :expires "
        "FROM unnest(CAST(:tokens AS bytea[]), CAST(:codes AS bytea[]), CAST(:units AS int[]), CAST(:paths AS text[])) AS n (t, c, u, p)"
    )
    values = {
        **_about(asked), "at": at, "person": actor.person_id, "expires": expires, "tokens": [each.token_hash for each in links],
        "codes": [each.code_hash for each in links], "units": [each.unit_id for each in links],
        "paths": [each.unit_path for each in links],
    }  # fmt: skip
    await session.execute(statement, values)


async def fetch_link(session: Reader, hashes: Sequence[bytes], at: datetime) -> Link | None:
    """Return the link with one of `hashes` that counts at the moment `at`, None when there is none."""
    statement = sql(
        "SELECT l.id, l.token_hash, l.code_hash, f.code AS form, l.period, l.organisation, l.unit_id FROM reporting_link l "
        "JOIN reporting_form f ON f.id = l.form_id JOIN unit u ON u.id = l.unit_id "
        "WHERE l.token_hash = ANY(:hashes) AND l.revoked_at IS NULL AND l.expires_at > :at AND u.valid_to IS NULL"
    )
    return (await session.execute(statement, {"hashes": list(hashes), "at": at})).mappings().first()


async def fetch_lines(session: Reader, asked: Asked, path: str, at: datetime, limit: int) -> list[GroupLine]:
    """Return the groups of the commune at `path` with the state of link and report."""
    statement = sql(
        "SELECT u.code, u.name, coalesce(l.expires_at > :at, false) AS has_link, l.used_at, r.state FROM unit u "
        "LEFT JOIN reporting_link l ON l.unit_id = u.id AND l.form_id = :form AND l.period = :period "
        "AND l.organisation = :organisation AND l.revoked_at IS NULL "
        "LEFT JOIN reporting_report r ON r.unit_id = u.id AND r.form_id = :form AND r.period = :period AND r.organisation = :organisation "
        "WHERE u.level = 'group' AND u.valid_to IS NULL AND u.path LIKE :below ORDER BY u.sort_key, u.id LIMIT :limit"
    )
    return list((await session.execute(statement, {**_about(asked), "below": f"{path}_%", "at": at, "limit": limit})).mappings())


async def note_use(session: AsyncSession, link_id: int, at: datetime) -> None:
    """Write down when a link was used last."""
    await session.execute(sql("UPDATE reporting_link SET used_at = :at WHERE id = :id"), {"id": link_id, "at": at})


def _about(asked: Asked) -> dict[str, object]:
    return {"form": asked.version.form_id, "period": asked.period.key, "organisation": asked.organisation}
