"""Reading a unit's desk: its queue by tab, the counts of the tabs, and one petition whole."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.db import Reader
from mattranso_app.core.sql import sql
from mattranso_app.petitions.models import State
from mattranso_app.petitions.shapes import TAB_CAP, Cursor

# Tab → which rows, and the column they are ordered by: what waits by deadline, what is done by when it was done.
_WAITING = "answered_at IS NULL AND state = '{state}'"
_TABS = {
    "moi": (_WAITING.format(state=State.RECEIVED.value), "due_at", "ASC"),
    "dang-xu-ly": (_WAITING.format(state=State.IN_PROGRESS.value), "due_at", "ASC"),
    "cho-duyet": (_WAITING.format(state=State.AWAITING_APPROVAL.value), "due_at", "ASC"),
    "qua-han": ("answered_at IS NULL AND due_at < :now", "due_at", "ASC"),
    "da-tra-loi": ("answered_at IS NOT NULL", "answered_at", "DESC"),
}
TABS = tuple(_TABS)
"""The tabs of a desk, in their order."""


async def fetch_queue(
    session: Reader,
    unit_id: int,
    organisation: str,
    tab: str,
    now: datetime,
    reader: UUID | None,
    after: Cursor | None,
    limit: int,
) -> list[RowMapping]:
    """Return up to `limit` petitions of one tab of a unit's desk.

    Args:
        session: where to read.
        unit_id: whose desk.
        organisation: which organisation's.
        tab: one of `TABS`.
        now: what "overdue" is measured by.
        reader: the officer who looks, for the sign that he has a draft.
        after: the last row of the page before.
        limit: rows at most.
    """
    rows, order, direction = _TABS[tab]
    where = f"unit_id = :unit AND organisation = :organisation AND {rows}"
    values: dict[str, object] = {"unit": unit_id, "organisation": organisation, "reader": reader, "limit": limit}
    if ":now" in rows:
        values["now"] = now
    if after is not None:
        where += f" AND ({order}, id) {'>' if direction == 'ASC' else '<'} (:after_at, :after_id)"
        values |= {"after_at": after.at, "after_id": after.id}
    statement = sql(
        f"WITH page AS MATERIALIZED (SELECT id FROM petition WHERE {where} "
        f"ORDER BY {order} {direction}, id {direction} LIMIT :limit) "
        "SELECT p.id, p.number, p.kind, p.title, p.place, p.state, p.created_at, p.due_at, p.answered_at, p.outcome, p.version, "
        "p.is_sample, (SELECT count(*) FROM stored_file f WHERE f.owner_kind = 'petition' AND f.owner_ref = p.number || '/photo') "
        "AS photos, "
        "EXISTS (SELECT FROM petition_draft d WHERE d.petition_id = p.id AND d.person_id = :reader) AS has_my_draft "
        f"FROM petition p JOIN page USING (id) ORDER BY p.{order} {direction}, p.id {direction}"
    )
    return list((await session.execute(statement, values)).mappings())


def queue_cursor(tab: str, row: RowMapping) -> Cursor:
    """Return the cursor that stands after `row` in `tab`."""
    return Cursor(row[_TABS[tab][1]], row["id"])


async def count_tabs(
    session: Reader, unit_id: int, organisation: str, now: datetime, cap: int = TAB_CAP
) -> dict[str, int]:
    """Return the number of petitions per tab, each at most `cap` + 1 (which means: more than `cap`)."""
    mine = "FROM petition WHERE unit_id = :unit AND organisation = :organisation AND"
    columns = ", ".join(
        f"(SELECT count(*) FROM (SELECT 1 {mine} {rows} LIMIT :cap) AS t{place})"
        for place, (rows, _, _) in enumerate(_TABS.values())
    )
    values = {"unit": unit_id, "organisation": organisation, "now": now, "cap": cap + 1}
    row = (await session.execute(sql(f"SELECT {columns}"), values)).one()
    return dict(zip(TABS, (int(value) for value in row), strict=True))


async def fetch_events(session: AsyncSession, petition_id: int) -> list[RowMapping]:
    """Return every event of a petition, in order."""
    statement = sql(
        "SELECT e.*, coalesce(u.name, '') AS unit_name FROM petition_event e LEFT JOIN unit u ON u.id = e.unit_id "
        "WHERE e.petition_id = :id ORDER BY e.seq"
    )
    return list((await session.execute(statement, {"id": petition_id})).mappings())


async def fetch_answers_and_draft(
    session: AsyncSession, petition_id: int, person_id: UUID | None
) -> tuple[list[RowMapping], RowMapping | None]:
    """Return every answer that was handed in, in order, and the draft of the officer who looks. One statement."""
    statement = sql(
        "SELECT ordinal, outcome, body, public_body, author_id, author_name, files, created_at AS at, decision, decided_at, "
        "reason, 0 AS base_version FROM petition_answer WHERE petition_id = :id UNION ALL "
        "SELECT 0, outcome, body, public_body, person_id, '', '{}', saved_at, NULL, NULL, '', base_version FROM petition_draft "
        "WHERE petition_id = :id AND person_id = :person ORDER BY ordinal"
    )
    rows = list((await session.execute(statement, {"id": petition_id, "person": person_id})).mappings())
    drafts = [row for row in rows if row["ordinal"] == 0]
    return [row for row in rows if row["ordinal"] > 0], drafts[0] if drafts else None
