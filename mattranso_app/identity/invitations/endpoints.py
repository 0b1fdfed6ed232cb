"""The doors of invitations. Plain forms; JSON to programs. A link is used up by a POST only: programs that look into mail
open links, and a link opened in another browser works as well.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from mattranso_app.core.access import Action, Role, current_actor, needs, public, scopes
from mattranso_app.core.errors import DomainError, InvalidInput, NotFound, ProofRequired
from mattranso_app.core.http import problem, route
from mattranso_app.identity import cookies, service
from mattranso_app.identity.endpoints import add_cookie, read_body, signed_in
from mattranso_app.identity.factors.endpoints import passkey_answer, private_json, proof_asked, text_of
from mattranso_app.identity.factors.pages import codes_page
from mattranso_app.identity.invitations import pages, text
from mattranso_app.identity.visit import visit_of
from mattranso_app.units import service as units

INVITATIONS = "/tai-khoan/can-bo/loi-moi"
OFFER = "/loi-moi/{token}"


@route(INVITATIONS)
@needs(Action.STAFF_MANAGE)
async def index(request: Request) -> Response:
    """Show the form and the invitations that wait."""
    after = request.query_params.get("sau", "")
    form = pages.Form(organisation=_organisation(request.query_params.get("to-chuc", "")))
    done = request.query_params.get("xong", "")
    return await _page(form, after=int(after) if after.isascii() and after.isdecimal() and len(after) < 18 else 0, done=done)


@route(INVITATIONS, methods=("POST",))
@needs(Action.STAFF_MANAGE)
async def invite(request: Request) -> Response:
    """Send an invitation."""
    data, is_form = await read_body(request)
    form = _form_of(data)
    try:
        unit_id = await _unit(form)
        number = await service.invite_officer(
            current_actor(), name=form.name, contact=form.contact, unit_id=unit_id, roles=form.roles,
            organisation=form.organisation, days=int(form.days) if form.days.isascii() and form.days.isdecimal() else 0,
        )
    except DomainError as error:
        if not is_form:
            return problem(error)
        if isinstance(error, ProofRequired):
            return await proof_asked(request, data)
        return await _page(form, fault="" if error.fields else error.text, fields=error.fields)
    return RedirectResponse(f"{INVITATIONS}?xong=moi", 303) if is_form else JSONResponse({"invitation": number}, 201)


@route(INVITATIONS + "/{number}/gui-lai", methods=("POST",))
@needs(Action.STAFF_MANAGE)
async def resend(request: Request) -> Response:
    """Send an invitation again, with a new link."""
    return await _act(request, service.resend_invitation, "gui-lai")


@route(INVITATIONS + "/{number}/thu-hoi", methods=("POST",))
@needs(Action.STAFF_MANAGE)
async def withdraw(request: Request) -> Response:
    """Make an invitation void."""
    return await _act(request, service.withdraw_invitation, "thu-hoi")


@route(OFFER)
@public
async def look(request: Request) -> Response:
    """Show the invited person what is offered; nothing is used up."""
    token = request.path_params["token"]
    try:
        return pages.offer_page(token, await service.look_at_invitation(token))
    except DomainError as error:
        return pages.gone_page(error.text)


@route(OFFER + "/passkey", methods=("POST",))
@public
async def ask_passkey(request: Request) -> Response:
    """Say what the invited person's browser is to make in place of a password."""
    data, _ = await read_body(request)
    return private_json(await service.options_for_invitation(request.path_params["token"], text_of(data, "user_name")))


@route(OFFER, methods=("POST",))
@public
async def accept(request: Request) -> Response:
    """Make the account, sign it in, use the link up."""
    data, is_form = await read_body(request)
    token, user_name = request.path_params["token"], text_of(data, "user_name")
    try:
        done = await service.accept_invitation(
            current_actor(), token, user_name=user_name, password=text_of(data, "new_password"), answer=passkey_answer(data),
            visit=visit_of(request),
        )
    except DomainError as error:
        if not is_form:
            return problem(error)
        return await _not_accepted(error, token, user_name)
    if not is_form or not done.codes:
        # Where the roles ask for a second factor, every page of the app leads to the one that sets it up.
        return signed_in(done.signed, is_form, "/tai-khoan")
    response = codes_page(done.codes)
    add_cookie(response, cookies.set_cookie(cookies.SESSION, done.signed.token))
    add_cookie(response, cookies.set_cookie(cookies.DEVICE, done.signed.device, cookies.YEAR))
    return response


async def _not_accepted(error: DomainError, token: str, user_name: str) -> Response:
    try:
        offer = await service.look_at_invitation(token)
    except DomainError as gone:
        return pages.gone_page(gone.text)
    return pages.offer_page(token, offer, user_name[:60], error.text, error.fields)


async def _act(request: Request, act: Callable[..., Awaitable[None]], done: str) -> Response:
    data, is_form = await read_body(request)
    number = request.path_params["number"]
    try:
        if not (number.isascii() and number.isdecimal() and len(number) < 18):
            raise NotFound(text.NO_SUCH)
        await act(current_actor(), int(number))
    except DomainError as error:
        if not is_form:
            return problem(error)
        if isinstance(error, ProofRequired):
            return await proof_asked(request, data)
        return await _page(pages.Form(organisation=_organisation("")), fault=error.text)
    address = f"{INVITATIONS}?xong={done}"
    return RedirectResponse(address, 303) if is_form else private_json({"next": address})


async def _page(form: pages.Form, *, after: int = 0, **more: Any) -> Response:
    actor = current_actor()
    found = await service.list_invitations(actor, organisation=form.organisation, after=after)
    return pages.invitations_page(found, _held(), form, **more)


async def _unit(form: pages.Form) -> int:
    """Return the unit that was meant: by code, or by name where only one lies in the actor's reach.

    Raises:
        InvalidInput: none or several.
    """
    actor, wanted = current_actor(), form.unit.strip()
    if not wanted:
        return actor.unit_id or 0
    if wanted.isascii() and (wanted.isdecimal() or wanted == "vn"):
        try:
            return (await units.get_unit_by_code(wanted)).id
        except DomainError as error:
            raise InvalidInput(fields={"unit": text.UNIT_UNKNOWN}) from error
    found: dict[int, str] = {}
    for scope in scopes(actor, Action.STAFF_MANAGE, form.organisation)[:5]:
        found |= {match.unit.id: f"{match.unit.name} – {match.unit.code}" for match in await units.lookup(wanted, below=scope, limit=5)}
    if not found:
        raise InvalidInput(fields={"unit": text.UNIT_UNKNOWN})
    if len(found) > 1:
        raise InvalidInput(fields={"unit": text.UNIT_SEVERAL.format(units="; ".join(found.values()))})
    return next(iter(found))


def _held() -> list[str]:
    return sorted({grant.organisation for grant in current_actor().grants if grant.role is Role.ADMINISTRATOR}) or ["mttq"]


def _organisation(wanted: str) -> str:
    held = _held()
    return wanted if wanted in held else "mttq" if "mttq" in held else held[0]


def _form_of(data: dict[str, Any]) -> pages.Form:
    roles = data.get("vai-tro")
    ticked = [role.value for role in Role if text_of(data, f"vai-tro-{role.value}") == "1"]
    chosen = tuple(role for role in roles if isinstance(role, str))[:10] if isinstance(roles, list) else tuple(ticked)
    return pages.Form(
        text_of(data, "ten"), text_of(data, "lien-he"), text_of(data, "don-vi")[:100], _organisation(text_of(data, "to-chuc")),
        chosen, text_of(data, "han")[:3],
    )
