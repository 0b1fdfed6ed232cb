"""Figures by Excel over plain HTTP: templates go out; filled ones come in, are first tried, then written, or given back marked."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mattranso_app.core import files
from mattranso_app.core.access import Action, current_actor, needs
from mattranso_app.core.errors import InvalidInput
from mattranso_app.core.http import query, route
from mattranso_app.core.reporting.sheets import LARGEST_FILE
from mattranso_app.core.sheets import MEDIA_TYPE
from mattranso_app.registry.service import sheets as service
from mattranso_app.registry.service.sheets import MOST_FILES, SentSheet, TriedSheet
from mattranso_app.registry.text import sheets as text

SHOWN = 200
"""Problems and differences of one file that are listed; all are counted."""
TRY, WRITE, MARK = "kiem-tra", "ghi", "danh-dau"


class Wanted(BaseModel):
    """Which template."""

    bieu: str = Field(max_length=40)
    ky: str = Field(max_length=20)
    to_chuc: str = Field(default="mttq", alias="to-chuc", max_length=20)
    don_vi: str = Field(alias="don-vi", max_length=20)
    pham_vi: str = Field(default="", alias="pham-vi", max_length=10)


@route("/csdl/excel/mau.xlsx")
@needs(Action.REGISTRY_ENTER)
async def template(request: Request) -> Response:
    """Return the template of one unit, or with `pham-vi=duoi` one workbook of all units below it."""
    wanted = query(request, Wanted)
    name, data = await service.template_sheet(
        current_actor(), wanted.bieu, wanted.ky, wanted.to_chuc, wanted.don_vi, below=wanted.pham_vi == "duoi"
    )
    return _file(name, data)


@route("/csdl/excel", methods=["POST"])
@needs(Action.REGISTRY_ENTER)
async def take_sheets(request: Request) -> Response:
    """Try the files (parts `file`) for a form, period and organisation; `viec` = `ghi` writes them, `danh-dau` returns one marked.

    Raises:
        InvalidInput: no file, or faults while writing.
        TooLarge, Unsupported, NotFound, Forbidden, Conflict: see the verbs in `service.sheets`.
    """
    async with files.read_form(request, files.FormLimits(files=MOST_FILES, file_bytes=LARGEST_FILE)) as form:
        sent = [SentSheet(each.name, await asyncio.to_thread(each.path.read_bytes)) for each in form.files_of("file")]
        what = (form.field("bieu")[:40], form.field("ky")[:20], form.field("to-chuc", "mttq")[:20])
        act, reason = form.field("viec", TRY), form.field("ly-do")
    if not sent:
        raise InvalidInput(text.NO_FILE, fields={"file": text.NO_FILE})
    actor = current_actor()
    if act == MARK:
        return _file(*await service.marked_sheet(actor, *what, sent[0]))
    if act == WRITE:
        changed = await service.write_sheets(actor, *what, sent, reason)
        return JSONResponse({"changed": changed, "files": len(sent)}, headers=_KEPT)
    tried = await service.try_sheets(actor, *what, sent)
    return JSONResponse({"files": [_tried(each) for each in tried]}, headers=_KEPT)


_KEPT = {"Cache-Control": "no-store"}


def _file(name: str, data: bytes) -> Response:
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", **_KEPT}
    return Response(data, media_type=MEDIA_TYPE, headers=headers)


def _tried(one: TriedSheet) -> dict[str, object]:
    absent = ", ".join(one.absent[:20]) + (f" (+{len(one.absent) - 20})" if len(one.absent) > 20 else "")
    return {
        "name": one.name, "units": len(one.units), "unit": one.units[0] if len(one.units) == 1 else "",
        "problems": [
            {"row": each.row, "column": each.column, "unit": each.unit, "cell": each.cell, "words": each.words}
            for each in one.problems[:SHOWN]
        ],
        "problem_count": len(one.problems),
        "differences": [
            {"row": each.row, "column": each.column, "unit": each.unit, "cell": each.cell, "before": each.before, "after": each.after}
            for each in one.differences[:SHOWN]
        ],
        "difference_count": len(one.differences),
        "absent": text.ABSENT.format(units=absent) if one.absent else "", "amended": len(one.amended),
    }  # fmt: skip
