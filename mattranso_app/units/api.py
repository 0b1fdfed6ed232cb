"""`/api/v1/units`: the list of units for everybody, as of any day."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date as Date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mattranso_app.core.access import public
from mattranso_app.core.clock import today
from mattranso_app.core.http import query, route
from mattranso_app.units import service
from mattranso_app.units.kinds import Level
from mattranso_app.units.lookup import current_index

SECONDS_CACHED = 300
"""How long a browser or proxy may show provinces and communes without asking again."""


def _iso(value: object) -> object:
    """Let only days as people write them in addresses through: pydantic would take a bare number for a time stamp."""
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        raise ValueError("a day is written 2026-11-24")
    return value


Day = Annotated[Date, BeforeValidator(_iso)]
"""A day in an address."""


class UnitQuery(BaseModel):
    """Parameters of the list."""

    level: Literal["province", "commune", "group"] | None = None
    parent: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[a-z0-9/]+$")] | None = None
    query: Annotated[str, StringConstraints(max_length=200)] | None = None
    date: Day | None = None
    limit: int = Field(default=200, ge=1, le=5000)
    cursor: Annotated[str, StringConstraints(min_length=1, max_length=300)] | None = None


class DayQuery(BaseModel):
    """Parameters of a single unit."""

    date: Day | None = None


@route("/api/v1/units")
@public
async def list_units(request: Request) -> Response:
    """Answer a page of units, or with `query` the best matches (at most 20, in one page)."""
    asked = query(request, UnitQuery)
    level = Level(asked.level) if asked.level else None
    day = asked.date or today()
    # Groups change all day, provinces and communes with a new list only: their pages are known by its revision.
    in_cache = level in (Level.PROVINCE, Level.COMMUNE)
    tag = await _tag(request, day) if in_cache else None
    if tag and request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=_headers(tag))
    if asked.query is not None:
        matches = await service.find_units(asked.query, day, level, asked.parent, min(asked.limit, 20))
        items = [match.as_json() for match in matches]
        body: dict[str, object] = {"items": items, "total": len(items), "total_capped": False, "next": None}
    else:
        page = await service.list_units(day, level, asked.parent, asked.limit, asked.cursor)
        body = {
            "items": [unit.as_json() for unit in page.items],
            "total": page.total,
            "total_capped": page.total_capped,
            "next": page.next,
        }
    return JSONResponse(body, headers=_headers(tag))


@route("/api/v1/units/{code}")
@public
async def get_unit(request: Request) -> Response:
    """Answer one unit by its code; 410 names what an ended one went into."""
    day = query(request, DayQuery).date
    unit = await service.get_unit_by_code(str(request.path_params["code"])[:20], day)
    return JSONResponse(unit.as_json(), headers=_headers(None))


async def _tag(request: Request, day: Date) -> str:
    revision = (await current_index()).revision
    asked = f"{revision} {day} {request.url.query}"
    return f'"{hashlib.sha256(asked.encode()).hexdigest()[:20]}"'


def _headers(tag: str | None) -> Mapping[str, str]:
    if tag is None:
        return {"Cache-Control": "no-cache"}
    return {"Cache-Control": f"public, max-age={SECONDS_CACHED}", "ETag": tag}
