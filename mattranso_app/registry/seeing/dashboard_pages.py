"""Dashboards as they are drawn: each tile answered for who looks, by his own rights; what he may not see says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.responses import HTMLResponse

from mattranso_app.core.access import Actor
from mattranso_app.core.errors import DomainError
from mattranso_app.registry.seeing import downloads, pages, wishes, words
from mattranso_app.registry.seeing.tables import Table
from mattranso_app.registry.service import seeing
from mattranso_app.registry.service.dashboards import Dashboard, Tile
from mattranso_app.registry.service.pivot import see_pivot
from mattranso_app.registry.service.seeing import value_of
from mattranso_app.registry.text import seeing as text

_CHARTS = {"chart": "theo-don-vi", "lines": "theo-ky", "map": "ban-do"}
_MOST_ROWS = 40
"""Rows of a tile's table; all of them stand where the tile leads."""


def list_page(found: list[Dashboard]) -> HTMLResponse:
    """Draw the choice of dashboards."""
    rows = [(each.name, f"{wishes.DASHBOARDS}?so={each.id}", each.is_shared) for each in found]
    return pages.render("dashboards.html", rows=rows)


async def dashboard_page(actor: Actor, dashboard: Dashboard) -> HTMLResponse:
    """Draw one dashboard with the figures of this moment."""
    tiles = [await _tile(actor, tile) for tile in dashboard.tiles]
    topics = sorted({topic for tile in tiles for topic in tile["topics"]})
    return pages.render(
        "dashboard.html", dashboard=dashboard, tiles=tiles, topics=topics, all=wishes.DASHBOARDS, act=f"{wishes.DASHBOARDS}/{dashboard.id}",
    )  # fmt: skip


async def _tile(actor: Actor, tile: Tile) -> dict[str, Any]:
    drawn: dict[str, Any] = {
        "kind": tile.kind, "title": text.TILE_KINDS[tile.kind], "fault": "", "value": "", "chart": None, "table": None, "notes": [],
        "at": "", "href": "", "topics": [],
    }  # fmt: skip
    try:
        if tile.kind == "pivot":
            return drawn | await _pivot(actor, tile)
        return drawn | await _totals(actor, tile)
    except DomainError as error:
        return drawn | {"fault": error.text}


async def _pivot(actor: Actor, tile: Tile) -> dict[str, Any]:
    pivot = await see_pivot(actor, tile.wish, tile.sides)
    if pivot is None:
        return {"fault": text.NO_FORMS}
    sides = dict(zip(("dong", "cot", "cot-2"), pivot.sides, strict=False))
    return {
        "title": f"{pivot.view.place.name}: {' × '.join(text.SIDES[side].lower() for side in pivot.sides)}",
        "table": _short(downloads.pivot_table(pivot)), "notes": downloads.notes(pivot.view, pivot.whole), "at": words.moment(pivot.at),
        "href": wishes.address(wishes.PIVOT, wishes.wish_of(pivot.view), **sides), "topics": pivot.view.topics,
    }  # fmt: skip


async def _totals(actor: Actor, tile: Tile) -> dict[str, Any]:
    seen = await seeing.see_totals(actor, tile.wish)
    if seen is None:
        return {"fault": text.NO_FORMS}
    view = seen.view
    told: dict[str, Any] = {
        "title": f"{view.cell.name} — {view.place.name}", "notes": downloads.notes(view, seen.whole), "at": words.moment(seen.at),
        "href": wishes.address(wishes.TOTALS, wishes.wish_of(view)), "topics": view.topics,
    }  # fmt: skip
    if tile.kind == "total":
        number = value_of(view.definition, seen.whole, view.cell.key)
        told["value"] = f"{words.figure(seen.whole.figures[view.cell.key], number)} {words.measure(view, view.cell)}"
    elif tile.kind == "units":
        told["table"] = _short(downloads.units_table(seen))
    else:
        told["chart"] = downloads.draw(seen, _CHARTS[tile.kind])
        told["fault"] = "" if told["chart"] is not None else text.NO_CHART
    return told


def _short(table: Table) -> Table:
    return replace(table, rows=table.rows[:_MOST_ROWS])
