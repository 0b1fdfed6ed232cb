"""Officers by Excel over plain HTTP: the template goes out, a filled sheet comes in, first checked, then written."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mattranso_app.core import files, sheets
from mattranso_app.core.access import Action, current_actor, needs
from mattranso_app.core.errors import InvalidInput, TooLarge
from mattranso_app.core.http import route
from mattranso_app.identity import service
from mattranso_app.identity import text as account_text
from mattranso_app.identity.officers import text
from mattranso_app.identity.service import StaffRow


@route("/tai-khoan/can-bo/mau.xlsx")
@needs(Action.STAFF_MANAGE)
async def template(_request: Request) -> Response:
    """Return the empty sheet."""
    sheet = await service.staff_sheet(current_actor())
    name = quote(f"{text.SHEET_TITLE}.xlsx")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
    return Response(sheet, media_type=sheets.MEDIA_TYPE, headers=headers)


@route("/tai-khoan/can-bo/excel", methods=["POST"])
@needs(Action.STAFF_MANAGE)
async def import_sheet(request: Request) -> Response:
    """Check the sheet (part `file`) for the organisation `to-chuc`; with `ghi=1` write what is new, all of it or nothing.

    Raises:
        InvalidInput: no file, or rows with faults while writing.
        TooLarge, Unsupported, Forbidden, ProofRequired, Conflict: see `service.apply_staff_import`.
    """
    async with files.read_form(request, files.FormLimits(files=1)) as form:
        sent = form.files_of("file")
        if not sent:
            raise InvalidInput(text.FILE_MISSING, fields={"file": text.FILE_MISSING})
        if sent[0].size > sheets.LARGEST_SHEET:
            raise TooLarge(sheets.FILE_TOO_LARGE)
        data = await asyncio.to_thread(sent[0].path.read_bytes)
        organisation, writing = form.field("to-chuc") or "mttq", form.field("ghi") == "1"
    kept = {"Cache-Control": "no-store"}
    if writing:
        return JSONResponse({"added": await service.apply_staff_import(current_actor(), data, organisation)}, headers=kept)
    rows = await service.plan_staff_import(current_actor(), data, organisation)
    new = sum(not row.fault and not row.is_known for row in rows)
    answer = {"rows": [_row(row) for row in rows], "faults": sum(bool(row.fault) for row in rows), "new": new}
    return JSONResponse(answer, headers=kept)


def _row(row: StaffRow) -> dict[str, object]:
    about = " · ".join(part for part in (row.name, row.contact, row.unit_code) if part)
    return {
        "number": row.number, "kind": account_text.ROLES.get(row.role, ""), "name": about, "fault": row.fault, "known": row.is_known,
    }
