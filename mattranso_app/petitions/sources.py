"""What petitions offer the rest of the house: live topics, a search source, readers of files, heads of pages."""

from __future__ import annotations

from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import files, live, search
from mattranso_app.core.access import Action, Actor, may
from mattranso_app.core.errors import NotFound
from mattranso_app.core.page_head import First, Head, page_head
from mattranso_app.core.sql import sql
from mattranso_app.petitions import service, store, text, words
from mattranso_app.petitions.first_view import item_html
from mattranso_app.petitions.store.public import PublicFilter
from mattranso_app.settings import settings
from mattranso_app.units import service as units

DESCRIPTION_LENGTH = 160
HEAD_LENGTH = 10
"""Petitions of the list's live topic."""


async def portal_snapshot(session: AsyncSession, _params: live.Params) -> dict[str, Any]:
    """Return the portal's counts and the latest answers, ready to be shown."""
    figures = await service.national_figures(session)
    latest = await service.latest_answers(session)
    return {
        "received_today": words.number(figures.received_today),
        "open": words.number(figures.open),
        "on_time": words.share(figures.answered_on_time, figures.answered),
        "is_sample": settings().is_demo,
        "latest": [words.item(row) for row in latest],
    }


async def list_snapshot(session: AsyncSession, _params: live.Params) -> dict[str, Any]:
    """Return the numbers of what was published last and of what was answered last."""
    published = await store.fetch_public_page(session, PublicFilter(), None, HEAD_LENGTH)
    answered = await store.fetch_latest_answers(session, HEAD_LENGTH)
    return {"published": [row["number"] for row in published], "answered": [row["number"] for row in answered]}


async def petition_snapshot(session: AsyncSession, params: live.Params) -> dict[str, Any]:
    """Return one petition as everyone may see it."""
    return words.petition(await service.fetch_public(session, params["number"]))


async def desk_snapshot(session: AsyncSession, params: live.Params) -> dict[str, Any]:
    """Return how many petitions came to a unit so far: when it changes, an open desk looks again."""
    row = (
        await session.execute(
            sql(
                "SELECT coalesce(sum(p.version), 0)::bigint AS steps, count(*) AS waiting FROM petition p JOIN unit u ON u.id = p.unit_id "
                "WHERE u.code = :code AND p.answered_at IS NULL"
            ),
            {"code": params["unit"]},
        )
    ).mappings().one()
    return {"waiting": row["waiting"], "steps": row["steps"]}


async def may_read_desk(actor: Actor, params: live.Params) -> bool:
    """Return whether `actor` may read the desk of the unit."""
    if not may(actor, Action.PETITION_READ):
        return False
    try:
        unit = await units.get_unit_by_code(params["unit"])
    except NotFound:
        return False
    return may(actor, Action.PETITION_READ, unit.path)


live.topic("portal", readers=live.PUBLIC, snapshot=portal_snapshot, recompute=True)
live.topic("petitions", readers=live.PUBLIC, snapshot=list_snapshot, recompute=True)
live.topic("petitions/{number}", readers=live.PUBLIC, snapshot=petition_snapshot, recompute=True)
live.topic("desk/{unit}", readers=may_read_desk, snapshot=desk_snapshot, recompute=True)


def _document(row: RowMapping) -> search.Document:
    facets = {
        "province": row["province_path"], "unit": str(row["unit_id"]), "kind": row["kind"],
        "answered": "1" if row["answered_at"] else "0",
    }
    return search.Document(
        ref=str(row["id"]), title=row["public_title"], body=f"{row['public_body']}\n{row['answer']}", facets=facets,
        moment=row["published_at"],
    )


async def _fetch_documents(session: AsyncSession, refs: list[str]) -> list[search.Document]:
    rows = await store.fetch_published_texts(session, 0, len(refs), [int(ref) for ref in refs])
    return [_document(row) for row in rows]


async def _iterate_documents(session: AsyncSession, after: str, limit: int) -> list[search.Document]:
    return [_document(row) for row in await store.fetch_published_texts(session, int(after or 0), limit)]


search.register_source("petitions", fetch=_fetch_documents, iterate=_iterate_documents)


async def may_read_file(session: AsyncSession, actor: Actor, owner_ref: str, file: files.StoredFile) -> bool:
    """Return whether `actor` may read a file that is not public: officers of the unit, and a sender who is signed in.

    A sender has his own photos, and of an answer's files those that were approved. Who has the receipt only gets them by
    signed links (`files.signed_path`).
    """
    number, _, part = owner_ref.partition("/")
    row = await store.fetch_by_number(session, number)
    if row is None:
        return False
    if may(actor, Action.PETITION_READ, row["unit_path"], row["organisation"]):
        return True
    if actor.kind != "citizen" or row["sender_id"] is None or row["sender_id"] != actor.person_id:
        return False
    if part == "photo":
        return True
    answer = await store.fetch_approved_answer(session, row["id"])
    return answer is not None and file.id in answer["files"]


files.register_reader("petition", may_read_file)


@page_head("/phan-anh/{number:str}")
async def petition_head(params: dict[str, str]) -> Head | None:
    """Return what one petition's page says before any script; None where there is no such petition."""
    if params["number"] in _PAGES:
        return Head(_PAGES[params["number"]])
    try:
        found = await service.get_public(params["number"])
    except NotFound:
        return None
    title = found.title or f"{text.ITEM_HEADING} {found.number}"
    data: dict[str, object] = {}
    if found.title:
        data = {"@type": "Question", "name": found.title, "text": found.body, "dateCreated": found.created_at.isoformat()}
        if found.answer:
            data["acceptedAnswer"] = {"@type": "Answer", "text": found.answer.body, "dateCreated": found.answer.at.isoformat()}
    description = (found.body or text.NOT_PUBLIC_YET).replace("\n", " ")[:DESCRIPTION_LENGTH]
    snapshot = words.petition(found)
    first = First(f"petitions/{found.number}", snapshot, item_html(snapshot))
    return Head(title, description, f"{settings().origins()[0]}/phan-anh/{found.number}", data, first)


_PAGES = {"gui": text.SEND_TITLE, "theo-doi": text.FOLLOW_TITLE, "ban-lam-viec": text.DESK_TITLE, "cua-toi": text.MINE_TITLE}
"""Pages that stand where a number could."""
