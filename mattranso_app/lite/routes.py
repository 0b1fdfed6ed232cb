"""The addresses of the plain version. Importing this module registers them, the one for everything unknown last."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from mattranso_app.core.access import public
from mattranso_app.core.errors import NotFound
from mattranso_app.core.http import route
from mattranso_app.lite import reading, reporting, sending, text
from mattranso_app.lite.rendering import ROOT

pages = (reading, reporting, sending)
"""Named so that the import is seen to be meant."""


@route(f"{ROOT}/{{rest:path}}", methods=["GET", "POST"])
@public
async def nothing_here(request: Request) -> Response:
    """Answer an unknown address; one with a slash too many is sent on."""
    rest = request.path_params["rest"].strip("/")
    if request.method != "POST" and request.scope["path"].endswith("/") and rest in ("", "gui", "theo-doi", "phan-anh"):
        return RedirectResponse(f"{ROOT}/{rest}".rstrip("/"), 308)
    raise NotFound(text.NOTHING_HERE)
