"""The commune's sheet of links for its residential groups: plain pages, no script. A made sheet is shown once, to be printed."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import segno
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from mattranso_app.core.access import Action, current_actor, needs
from mattranso_app.core.clock import VN, today
from mattranso_app.core.errors import DomainError
from mattranso_app.core.http import route
from mattranso_app.core.reporting.periods import parse_period
from mattranso_app.identity import plain_pages
from mattranso_app.identity.endpoints import read_body
from mattranso_app.registry import service
from mattranso_app.registry.service.reviewing import open_periods
from mattranso_app.registry.text import groups as text
from mattranso_app.settings import settings
from mattranso_app.units.service import glimpse_unit

ADDRESS = "/csdl/to-dan-pho"
LINK = "/toi-gian/bao-cao"
"""Where a link leads, before its secret part."""
_PERIODS = 6

_templates = plain_pages.environment("mattranso_app.registry")


@route(ADDRESS)
@needs(Action.REGISTRY_ENTER)
async def links_page(request: Request) -> Response:
    """Show a commune's groups with the state of link and report."""
    return await _page(dict(request.query_params))


@route(ADDRESS, methods=("POST",))
@needs(Action.REGISTRY_ENTER)
async def make(request: Request) -> Response:
    """Make links for all groups or one, and show the sheet with them."""
    asked, _ = await read_body(request)
    where = _where(asked)
    try:
        made_for, links = await service.make_links(current_actor(), *where, _groups(asked))
    except DomainError as error:
        return await _page(asked, next(iter(error.fields.values()), error.text))
    until = (made_for.lock_at or made_for.due_at).astimezone(VN)
    lines = []
    for link in links:
        address = f"{settings().origins()[0]}{LINK}/{link.token}"
        drawn = segno.make(address, error="m").svg_inline(scale=4, border=2, dark="#000", light="#fff", svgclass="qr", omitsize=True)
        lines.append({"name": link.unit.name, "address": address, "code": link.code, "qr": drawn})
    return plain_pages.page(
        _templates, "sheet.html", text.SHEET_TITLE, text, lines=lines, form=made_for.definition.title, period=made_for.period.label,
        until=text.UNTIL.format(day=f"{until:%d/%m/%Y}"), back=_address(*where),
    )


@route(f"{ADDRESS}/thu-hoi", methods=("POST",))
@needs(Action.REGISTRY_ENTER)
async def revoke(request: Request) -> Response:
    """Make links void, of all groups or of one."""
    asked, _ = await read_body(request)
    where = _where(asked)
    try:
        count = await service.revoke_links(current_actor(), *where, _groups(asked))
    except DomainError as error:
        return await _page(asked, next(iter(error.fields.values()), error.text))
    return RedirectResponse(f"{_address(*where)}&xong={count}", 303)


async def _page(asked: dict[str, Any], fault: str = "") -> Response:
    actor = current_actor()
    form, period, organisation, commune = _where(asked)
    commune = commune or (await glimpse_unit(actor.unit_id or 0)).code
    forms = await service.group_forms(actor, commune)
    chosen = next((each for each in forms if each.code == form), forms[0] if forms else None)
    if chosen is None:
        return plain_pages.page(_templates, "links.html", text.TITLE, text, fault or text.NO_FORM, chosen=None)
    periods = open_periods(
        chosen.definition.period_kind, parse_period(chosen.from_period), chosen.definition.opens_days, today(), _PERIODS
    )
    named = organisation if organisation in chosen.definition.organisations else chosen.definition.organisations[0]
    key = period or periods[0].key
    _, lines = await service.list_links(actor, chosen.code, key, named, commune)
    done = str(asked.get("xong", ""))
    return plain_pages.page(
        _templates, "links.html", text.TITLE, text, fault, chosen=chosen, key=key, organisation=named, commune=commune, lines=lines,
        forms=[(each.code, each.definition.title) for each in forms], periods=[(each.key, each.label) for each in periods],
        unit=(await glimpse_unit(commune)).name, done=text.REVOKED.format(count=done) if done.isdecimal() and len(done) < 5 else "",
        review=f"/csdl/duyet?{urlencode({'bieu': chosen.code, 'ky': key, 'to-chuc': named, 'don-vi': commune})}",
    )


def _where(asked: dict[str, Any]) -> tuple[str, str, str, str]:
    form, period, organisation, commune = (str(asked.get(name, "")) for name in ("bieu", "ky", "to-chuc", "xa"))
    return form[:40], period[:12], organisation[:20], commune[:20]


def _groups(asked: dict[str, Any]) -> list[str] | None:
    one = str(asked.get("thon", ""))[:20]
    return [one] if one else None


def _address(form: str, period: str, organisation: str, commune: str) -> str:
    return f"{ADDRESS}?{urlencode({'bieu': form, 'ky': period, 'to-chuc': organisation, 'xa': commune})}"
