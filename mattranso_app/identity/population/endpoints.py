"""The plain page on which a citizen has the own data confirmed. No script is needed; the number never enters the state of a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from mattranso_app.core.access import Action, current_actor, needs
from mattranso_app.core.clock import VN
from mattranso_app.core.errors import DomainError
from mattranso_app.core.http import problem, route
from mattranso_app.identity import plain_pages
from mattranso_app.identity.endpoints import read_body
from mattranso_app.identity.population import is_there, service, text
from mattranso_app.settings import settings

ADDRESS = "/tai-khoan/xac-nhan-thong-tin"
_FIELDS = ("ho-ten", "nam-sinh", "so-dinh-danh")

_templates = plain_pages.environment("mattranso_app.identity.population")


@route(ADDRESS)
@needs(Action.ACCOUNT_OWN)
async def standing(_request: Request) -> Response:
    """Show how the own data stand."""
    return await _form({})


@route(ADDRESS, methods=("POST",))
@needs(Action.ACCOUNT_OWN)
async def confirm(request: Request) -> Response:
    """Have the own data confirmed."""
    data, is_form = await read_body(request)
    typed = {name: str(data.get(name, ""))[:200] for name in _FIELDS}
    try:
        agrees = str(data.get("dong-y", "")) == "1"
        await service.confirm_own_data(current_actor(), typed["ho-ten"], typed["nam-sinh"], typed["so-dinh-danh"], agrees)
    except DomainError as error:
        return await _form(typed, error) if is_form else problem(error)
    return RedirectResponse(ADDRESS, 303) if is_form else JSONResponse({"next": ADDRESS})


async def _form(typed: Mapping[str, str], error: DomainError | None = None) -> HTMLResponse:
    if current_actor().kind != "citizen":
        return _page({}, fault=text.CITIZENS_ONLY, is_open=False)
    own = await service.own_standing(current_actor())
    confirmed = text.CONFIRMED.format(day=f"{own.confirmed_at.astimezone(VN):{text.DAY}}") if own.confirmed_at else ""
    return _page(
        {"ho-ten": own.name, **typed}, fault=error.text if error else "", status=int(error.status) if error else 200,
        faults=error.fields if error else {}, confirmed=confirmed, is_open=is_there(),
        number=text.HAS_NUMBER.format(number=own.number) if own.number else "",
    )


def _page(typed: Mapping[str, str], status: int = 200, **values: Any) -> HTMLResponse:
    kept = {
        "fault": "", "faults": {}, "confirmed": "", "number": "", "is_simulated": settings().population_register == "simulator",
        "typed": {name: typed.get(name, "") for name in _FIELDS}, **values,
    }
    response = plain_pages.page(_templates, "confirm.html", text.TITLE, text, **kept)
    response.status_code = status
    return response
