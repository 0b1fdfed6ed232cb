"""Petitions for programs people run themselves, by personal access token: what one has sent, and a unit's desk. Reading only."""

from __future__ import annotations

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mattranso_app.core.access import Action, current_actor, needs
from mattranso_app.core.http import query, route
from mattranso_app.petitions import service, words
from mattranso_app.petitions.shapes import PAGE_LIMIT, PublicItem, QueueItem

NEW = "moi"
"""The desk's tab that is listed when none is asked for."""


class MineQuery(BaseModel):
    """Parameters of the own list."""

    limit: int = Field(default=20, ge=1, le=PAGE_LIMIT)
    cursor: str = Field(default="", max_length=100)


class DeskQuery(MineQuery):
    """Parameters of a unit's desk: without `unit`, the officer's own."""

    unit: str = Field(default="", max_length=20)
    tab: str = Field(default=NEW, max_length=20)


@route("/api/v1/me/petitions")
@needs(Action.ACCOUNT_READ)
async def list_mine(request: Request) -> Response:
    """Return a page of what the person has sent, newest first, published or not."""
    wanted = query(request, MineQuery)
    page = await service.list_mine(current_actor(), wanted.cursor, wanted.limit)
    return _private({"items": [_mine(row) for row in page.items], "next": page.next})


@route("/api/v1/desk/petitions")
@needs(Action.PETITION_READ)
async def list_desk(request: Request) -> Response:
    """Return a page of one tab of a unit's desk, in the desk's order."""
    wanted = query(request, DeskQuery)
    actor = current_actor()
    unit = await service.desk_unit(actor, wanted.unit)
    page = await service.list_queue(actor, unit, wanted.tab, wanted.cursor, wanted.limit)
    return _private({"unit": unit.code, "tab": wanted.tab, "items": [_waiting(row) for row in page.items], "next": page.next})


def _mine(row: PublicItem) -> dict[str, object]:
    return {
        "number": row.number, "kind": row.kind, "title": row.title,
        "unit": {"code": row.unit.code, "name": words.unit_words(row.unit)}, "state": row.state, "outcome": row.outcome,
        "created_at": row.created_at.isoformat(), "due_at": row.due_at.isoformat(),
        "answered_at": row.answered_at.isoformat() if row.answered_at else None,
    }


def _waiting(row: QueueItem) -> dict[str, object]:
    return {
        "number": row.number, "kind": row.kind, "title": row.title, "place": row.place, "state": row.state, "outcome": row.outcome,
        "version": row.version, "created_at": row.created_at.isoformat(), "due_at": row.due_at.isoformat(),
        "answered_at": row.answered_at.isoformat() if row.answered_at else None,
    }


def _private(body: dict[str, object]) -> Response:
    return JSONResponse(body, headers={"Cache-Control": "no-store"})
