"""The page behind a residential group's link: its form on a phone, no account, no script. No figure is told without the code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from mattranso_app.core.access import current_actor, public
from mattranso_app.core.clock import VN
from mattranso_app.core.errors import BadRequest, DomainError, NotFound, TooLarge
from mattranso_app.core.http import route
from mattranso_app.lite import text
from mattranso_app.lite.rendering import ROOT, page
from mattranso_app.registry import service
from mattranso_app.registry.service.groups import Offered
from mattranso_app.registry.text import groups as words

ADDRESS = f"{ROOT}/bao-cao/{{token}}"
_BODY_LIMIT = 128 * 1024
_MOST_FIELDS = 2_000
_CELL, _GAP, _CHECK = "o:", "thieu:", "check:"


@route(ADDRESS)
@public
async def open_link(request: Request) -> Response:
    """Show the group's empty form."""
    return _form(request, await service.look_at_link(request.path_params["token"]), {}, {}, "", 200)


@route(ADDRESS, methods=["POST"])
@public
async def send(request: Request) -> Response:
    """Write and hand up what was filled in; show it again with what is wrong."""
    token = request.path_params["token"]
    offered = await service.look_at_link(token)
    typed = await _fields(request)

    def part(prefix: str) -> dict[str, str]:
        return {name.removeprefix(prefix): value for name, value in typed.items() if name.startswith(prefix)}

    values = {key: value for key, value in part(_CELL).items() if value.strip()}
    try:
        await service.report_by_link(
            token, typed.get("code", ""), values, gaps=part(_GAP), explanations=part(_CHECK), reason=typed.get("reason", ""),
            address=current_actor().address,
        )
    except NotFound:
        raise
    except DomainError as error:
        made = _form(request, offered, typed, error.fields, error.text, int(error.status))
        if error.retry_after is not None:
            made.headers["Retry-After"] = str(error.retry_after)
        return made
    asked = offered.asked
    said = words.SENT_LEAD.format(form=asked.definition.title, period=asked.period.label, group=offered.unit.name)
    return page(request, "reported.html", title=words.SENT, full_page="/", is_private=True, said=said, texts=words)


def _form(
    request: Request, offered: Offered, typed: Mapping[str, str], errors: Mapping[str, str], message: str, status: int
) -> Response:
    asked, form = offered.asked, offered.asked.definition
    sections = [
        {"title": section.title, "note": section.note,
         "cells": [cell for cell in form.cells.values() if cell.indicator in section.indicators]}
        for section in form.sections
    ]  # fmt: skip
    checks = {name: said for name, said in errors.items() if name.startswith(_CHECK)}
    due = words.DUE.format(day=f"{asked.due_at.astimezone(VN):%d/%m/%Y}")
    # Errors go by cell; the form's fields have a prefix, so that no cell is taken for `code` or `reason`.
    placed = {name if name in ("code", "reason") or name in checks else f"{_CELL}{name}": said for name, said in errors.items()}
    about: dict[str, Any] = {"group": offered.unit.name, "period": asked.period.label, "due": due, "sections": sections}
    return page(
        request, "report.html", title=form.title, full_page="/", status=status, is_private=True, address=request.scope["path"],
        typed=defaultdict(str, typed), errors=placed, checks=checks, message=message if status != 200 else "", texts=words, **about,
    )


async def _fields(request: Request) -> dict[str, str]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _BODY_LIMIT:
            raise TooLarge(text.NOTHING_HERE)
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise BadRequest(words.WRONG) from error
    return dict(pairs)
