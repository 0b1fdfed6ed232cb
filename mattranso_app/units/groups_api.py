"""Residential groups by Excel over plain HTTP: the template goes out, a filled sheet comes in, first checked, then written."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mattranso_app.core import files, sheets
from mattranso_app.core.access import Action, current_actor, needs
from mattranso_app.core.errors import InvalidInput, TooLarge
from mattranso_app.core.http import query, route
from mattranso_app.units import service, text
from mattranso_app.units.groups_sheet import SheetRow


class Commune(BaseModel):
    """Whose groups."""

    xa: str = Field(max_length=20)


@route("/don-vi/to-dan-pho/mau.xlsx")
@needs(Action.UNIT_MANAGE_GROUPS)
async def template(request: Request) -> Response:
    """Return a commune's sheet with the groups it has."""
    commune = await service.get_unit_by_code(query(request, Commune).xa)
    sheet = await service.groups_sheet(current_actor(), commune.id)
    name = quote(f"{text.SHEET_TITLE} - {commune.name}.xlsx")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
    return Response(sheet, media_type=sheets.MEDIA_TYPE, headers=headers)


@route("/don-vi/to-dan-pho/excel", methods=["POST"])
@needs(Action.UNIT_MANAGE_GROUPS)
async def import_sheet(request: Request) -> Response:
    """Check the sheet (part `file`) for the commune `xa`; with `ghi=1` write what is new, all of it or nothing.

    Raises:
        InvalidInput: no file, or rows with faults while writing.
        TooLarge, Unsupported, NotFound, Forbidden: see `service.plan_groups_import`.
    """
    async with files.read_form(request, files.FormLimits(files=1)) as form:
        sent = form.files_of("file")
        if not sent:
            raise InvalidInput(text.FILE_MISSING, fields={"file": text.FILE_MISSING})
        if sent[0].size > sheets.LARGEST_SHEET:
            raise TooLarge(sheets.FILE_TOO_LARGE)
        data = await asyncio.to_thread(sent[0].path.read_bytes)
        commune = await service.get_unit_by_code(form.field("xa"))
        writing = form.field("ghi") == "1"
    if writing:
        return JSONResponse({"added": await service.apply_groups_import(current_actor(), commune.id, data)})
    rows = await service.plan_groups_import(current_actor(), commune.id, data)
    return JSONResponse(
        {
            "rows": [_row(row) for row in rows], "faults": sum(bool(row.fault) for row in rows),
            "new": sum(not row.fault and not row.is_known for row in rows),
        },
        headers={"Cache-Control": "no-store"},
    )


def _row(row: SheetRow) -> dict[str, object]:
    kind = text.GROUP_KINDS[row.kind] if row.kind is not None else ""
    return {"number": row.number, "kind": kind, "name": row.name, "fault": row.fault, "known": row.is_known}
