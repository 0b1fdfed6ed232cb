"""The doors to figures: fragments for the pages, each asked for by address, so that what is seen can be sent on as a link."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from mattranso_app.core.access import Action, current_actor, needs
from mattranso_app.core.http import route
from mattranso_app.registry.seeing import pages, wishes
from mattranso_app.registry.service import seeing
from mattranso_app.registry.service.outliers import see_outliers
from mattranso_app.registry.service.pivot import see_pivot


@route(f"{wishes.TOTALS}/noi-dung")
@needs(Action.REGISTRY_READ)
async def totals(request: Request) -> Response:
    """Draw totals with their coverage, or who is missing in them."""
    actor, asked = current_actor(), request.query_params
    wish = wishes.read_wish(asked)
    if asked.get("xem") == "con-thieu":
        missing = await seeing.see_missing(actor, wish, asked.get("sau", "")[:200] or None)
        return pages.missing_page(missing) if missing else pages.empty_page()
    seen = await seeing.see_totals(actor, wish)
    return pages.totals_page(seen, await seeing.see_reports(actor, seen.view)) if seen else pages.empty_page()


@route(f"{wishes.PIVOT}/noi-dung")
@needs(Action.REGISTRY_READ)
async def pivot(request: Request) -> Response:
    """Draw a pivot."""
    found = await see_pivot(current_actor(), wishes.read_wish(request.query_params), wishes.read_sides(request.query_params))
    return pages.pivot_page(found) if found else pages.empty_page()


@route(f"{wishes.OUTLIERS}/noi-dung")
@needs(Action.REGISTRY_READ)
async def outliers(request: Request) -> Response:
    """Draw what is out of line."""
    asked = request.query_params
    after = int(asked["sau"][:18]) if asked.get("sau", "").isascii() and asked.get("sau", "").isdecimal() else 0
    found = await see_outliers(current_actor(), wishes.read_wish(asked), after)
    return pages.outliers_page(found, is_first=not after) if found else pages.empty_page()
