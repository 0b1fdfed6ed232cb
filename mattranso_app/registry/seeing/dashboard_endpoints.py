"""The doors to dashboards. Each act is a plain form, answered with the page it leads to."""

from __future__ import annotations

from typing import Any, cast

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from mattranso_app.core.access import Action, current_actor, needs
from mattranso_app.core.errors import NotFound
from mattranso_app.core.http import route
from mattranso_app.identity.endpoints import read_body
from mattranso_app.registry.seeing import dashboard_pages, wishes
from mattranso_app.registry.service import dashboards
from mattranso_app.registry.service.dashboards import Kind, Tile
from mattranso_app.registry.text import seeing as text


@route(f"{wishes.DASHBOARDS}/noi-dung")
@needs(Action.REGISTRY_READ)
async def show(request: Request) -> Response:
    """Draw one dashboard, or the choice of them."""
    actor = current_actor()
    if "so" in request.query_params:
        return await dashboard_pages.dashboard_page(actor, await dashboards.open_dashboard(actor, _number(request.query_params["so"])))
    return dashboard_pages.list_page(await dashboards.list_dashboards(actor))


@route(f"{wishes.DASHBOARDS}/giu", methods=("POST",))
@needs(Action.REGISTRY_READ)
async def keep(request: Request) -> Response:
    """Put what is seen on a dashboard of one's own."""
    data = {name: value for name, value in (await read_body(request))[0].items() if isinstance(value, str)}
    tile = Tile(cast(Kind, data.get("dang", "")), wishes.read_wish(data), wishes.read_sides(data) if data.get("dang") == "pivot" else ())
    return _to(await dashboards.keep_tile(current_actor(), data.get("ten", ""), tile))


@route(f"{wishes.DASHBOARDS}/{{dashboard}}/bo-o", methods=("POST",))
@needs(Action.REGISTRY_READ)
async def remove(request: Request) -> Response:
    """Take a tile off a dashboard of one's own."""
    data, dashboard = await _asked(request)
    await dashboards.remove_tile(current_actor(), dashboard, _number(data.get("o")))
    return _to(dashboard)


@route(f"{wishes.DASHBOARDS}/{{dashboard}}/chia-se", methods=("POST",))
@needs(Action.REGISTRY_READ)
async def share(request: Request) -> Response:
    """Share a dashboard of one's own, or no more."""
    data, dashboard = await _asked(request)
    await dashboards.share_dashboard(current_actor(), dashboard, data.get("chia-se") == "1")
    return _to(dashboard)


@route(f"{wishes.DASHBOARDS}/{{dashboard}}/xoa", methods=("POST",))
@needs(Action.REGISTRY_READ)
async def delete(request: Request) -> Response:
    """Delete a dashboard of one's own."""
    await dashboards.delete_dashboard(current_actor(), (await _asked(request))[1])
    return RedirectResponse(wishes.DASHBOARDS, 303)


async def _asked(request: Request) -> tuple[dict[str, Any], int]:
    return (await read_body(request))[0], _number(request.path_params["dashboard"])


def _number(given: object) -> int:
    if not isinstance(given, str) or not given.isascii() or not given.isdecimal() or len(given) > 18:
        raise NotFound(text.DASHBOARD_UNKNOWN)
    return int(given)


def _to(dashboard: int) -> Response:
    return RedirectResponse(f"{wishes.DASHBOARDS}?so={dashboard}", 303)
