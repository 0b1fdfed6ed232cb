"""The door by which a citizen takes back that officers may reach him about a petition: a plain form of the page "my data"."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from mattranso_app.core.access import Action, current_actor, needs
from mattranso_app.core.http import route
from mattranso_app.identity.endpoints import read_body
from mattranso_app.petitions import service

OWN_DATA = "/tai-khoan/du-lieu"


@route("/phan-anh/rut-lien-he", methods=("POST",))
@needs(Action.ACCOUNT_OWN)
async def withdraw_contact(request: Request) -> Response:
    """Remove the contact from one of the person's own petitions."""
    data, is_form = await read_body(request)
    number = data.get("number", "")
    await service.withdraw_contact(current_actor(), number if isinstance(number, str) else "")
    if is_form:
        return RedirectResponse(f"{OWN_DATA}?xong=rut", 303)
    return JSONResponse({"next": OWN_DATA}, headers={"Cache-Control": "no-store"})
