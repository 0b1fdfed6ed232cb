"""The doors of signing in with an outside account (DESIGN: addresses for machines) and of a person's own links."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from mattranso_app.core import jobs
from mattranso_app.core.access import Action, current_actor, needs, public
from mattranso_app.core.errors import BadRequest, DomainError, NotFound, ProofRequired, TooLarge, Unavailable
from mattranso_app.core.http import problem, route
from mattranso_app.identity import cookies
from mattranso_app.identity.endpoints import add_cookie, read_body, signed_in
from mattranso_app.identity.factors.endpoints import ACT_FIELD, LINKS
from mattranso_app.identity.factors.pages import prove_page
from mattranso_app.identity.outside import attempts, pages, service
from mattranso_app.identity.outside.client import VALUE_LONGEST
from mattranso_app.identity.outside.providers import provider_named
from mattranso_app.identity.outside.service import Away, Back, FirstTime, Linked
from mattranso_app.identity.service import way_to_prove
from mattranso_app.identity.visit import header, safe_next, visit_of
from mattranso_app.settings import OutsideProvider, settings

LOGOUT_BODY_LIMIT = 20 * 1024
_QUERY_LONGEST = 4 * VALUE_LONGEST
_NO_STORE = {"Cache-Control": "no-store"}


def _is_known(named: dict[str, str]) -> bool:
    return provider_named(named["provider"]) is not None


@route("/dang-nhap/{provider}", applies=_is_known)
@public
async def begin(request: Request) -> Response:
    """Send the browser to an outside provider."""
    provider = _provider(request)
    following = safe_next(request.query_params.get("tiep", ""))
    own = settings().origins()[0]
    if header(request.scope, "host").lower() != own.partition("//")[2].lower():
        # The provider sends people back to one address; the browser's cookie must be of that host.
        query = f"?{urlencode({'tiep': following})}" if following else ""
        return RedirectResponse(f"{own}/dang-nhap/{provider.name}{query}", 303, _NO_STORE)
    try:
        away = await service.begin(provider, _cookie(request, cookies.OUTSIDE), following)
    except DomainError as error:
        return _problem_page(provider, error, following)
    return _with_attempts(RedirectResponse(away.address, 303), away.cookie)


@route("/dang-nhap/{provider}/callback", applies=_is_known)
@public
async def callback(request: Request) -> Response:
    """Take the browser back from an outside provider."""
    provider = _provider(request)
    cookie = _cookie(request, cookies.OUTSIDE)
    try:
        raw = request.scope["query_string"]
        pairs = parse_qsl(raw[:_QUERY_LONGEST].decode("latin-1"), keep_blank_values=True, max_num_fields=40)
    except ValueError:
        pairs = []
    used = attempts.find(cookie, provider.name, dict(pairs).get("state", ""))
    left = attempts.without(cookie, used) if used is not None else cookie
    try:
        back = await service.finish(provider, pairs, cookie, visit_of(request), current_actor())
    except ProofRequired:
        return _with_attempts(RedirectResponse(LINKS, 303), left)
    except DomainError as error:
        return _with_attempts(_problem_page(provider, error, used.following if used else ""), left)
    return _with_attempts(_answer(provider, back), left)


@route("/dang-nhap/{provider}/lan-dau", applies=_is_known)
@public
async def first_time(request: Request) -> Response:
    """Ask somebody who has no account here yet whether to make one or to link one."""
    provider = _provider(request)
    waiting = await service.pending(_cookie(request, cookies.OUTSIDE_NEW))
    if waiting is None:
        return _problem_page(provider, BadRequest(pages.text.PENDING_GONE), "")
    return pages.first_page(waiting)


@route("/dang-nhap/{provider}/lan-dau", methods=("POST",), applies=_is_known)
@public
async def create_account(request: Request) -> Response:
    """Make a citizen's account for who waits in this browser."""
    provider = _provider(request)
    try:
        back = await service.create_account(_cookie(request, cookies.OUTSIDE_NEW), visit_of(request))
    except DomainError as error:
        return _problem_page(provider, error, "")
    return _without_pending(_answer(provider, back))


@route("/dang-nhap/{provider}/backchannel-logout", methods=("POST",), applies=_is_known)
@public
async def backchannel_logout(request: Request) -> Response:
    """Take a provider's news that a session has ended there (OpenID Connect Back-Channel Logout 1.0)."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LOGOUT_BODY_LIMIT:
            raise TooLarge()
    try:
        tokens = [value for name, value in parse_qsl(body.decode("latin-1"), max_num_fields=10) if name == "logout_token"]
        await service.log_out(_provider(request), tokens[0] if len(tokens) == 1 else None)
    except Unavailable:
        return JSONResponse({"error": "temporarily_unavailable"}, 503, _NO_STORE)
    except (BadRequest, ValueError):
        return JSONResponse({"error": "invalid_request"}, 400, _NO_STORE)
    return Response(status_code=200, headers=_NO_STORE)


@route(LINKS)
@needs(Action.ACCOUNT_OWN)
async def links(request: Request) -> Response:
    """Show the person's own links to outside accounts."""
    return await _links(request)


@route("/tai-khoan/lien-ket/xac-nhan", methods=("POST",))
@needs(Action.ACCOUNT_OWN)
async def confirm_link(request: Request) -> Response:
    """Link the account to the outside one that was proved in this browser."""
    async def act() -> Response:
        await service.confirm_link(current_actor(), _cookie(request, cookies.OUTSIDE_NEW))
        return _without_pending(RedirectResponse(LINKS, 303))

    return await _act(request, act)


@route("/tai-khoan/lien-ket/bo-qua", methods=("POST",))
@needs(Action.ACCOUNT_OWN)
async def ignore_link(request: Request) -> Response:
    """Forget the outside account that was proved in this browser."""
    async def act() -> Response:
        await service.forget_pending(_cookie(request, cookies.OUTSIDE_NEW))
        return _without_pending(RedirectResponse(LINKS, 303))

    return await _act(request, act)


@route("/tai-khoan/lien-ket/{provider}/them", methods=("POST",))
@needs(Action.ACCOUNT_OWN)
async def add_link(request: Request) -> Response:
    """Go to a provider to link the account with one there."""
    async def act() -> Response:
        provider = _provider(request)
        away = await service.begin_link(current_actor(), provider, _cookie(request, cookies.OUTSIDE))
        return _going(provider, away)

    return await _act(request, act)


@route("/tai-khoan/lien-ket/{provider}/go", methods=("POST",))
@needs(Action.ACCOUNT_OWN)
async def remove_link(request: Request) -> Response:
    """Take a link away."""
    async def act() -> Response:
        await service.unlink(current_actor(), _provider(request))
        return RedirectResponse(LINKS, 303)

    return await _act(request, act)


async def _act(request: Request, act: Callable[[], Awaitable[Response]]) -> Response:
    """Call an act; what it refuses is said on the page, or as a problem to a program."""
    _, is_form = await read_body(request)
    try:
        return await act()
    except DomainError as error:
        if not is_form:
            return problem(error)
        if isinstance(error, ProofRequired):
            return prove_page(await way_to_prove(current_actor()), [(ACT_FIELD, request.scope["path"])])
        return await _links(request, error.text)


async def _links(request: Request, fault: str = "") -> Response:
    waiting = await service.pending(_cookie(request, cookies.OUTSIDE_NEW))
    return pages.links_page(await service.list_links(current_actor()), waiting, fault)


def _answer(provider: OutsideProvider, back: Back) -> Response:
    outcome = back.outcome
    if isinstance(outcome, Linked):
        return RedirectResponse(LINKS, 303, _NO_STORE)
    if isinstance(outcome, FirstTime):
        response: Response = RedirectResponse(f"/dang-nhap/{provider.name}/lan-dau", 303)
        add_cookie(response, cookies.set_cookie(cookies.OUTSIDE_NEW, outcome.token, int(service.PENDING_LIFE.total_seconds())))
        return response
    return signed_in(outcome, True, back.following)


def _going(provider: OutsideProvider, away: Away) -> Response:
    return _with_attempts(pages.going_page(provider, away), away.cookie)


def _with_attempts(response: Response, cookie: str) -> Response:
    add_cookie(response, cookies.set_cookie(cookies.OUTSIDE, cookie, attempts.LIFE if cookie else 0))
    return response


def _without_pending(response: Response) -> Response:
    add_cookie(response, cookies.set_cookie(cookies.OUTSIDE_NEW, "", 0))
    return response


def _problem_page(provider: OutsideProvider, error: DomainError, following: str) -> Response:
    query = f"?{urlencode({'tiep': following})}" if following else ""
    response = pages.problem_page(provider, error.text, int(error.status), f"/dang-nhap/{provider.name}{query}")
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _provider(request: Request) -> OutsideProvider:
    found = provider_named(request.path_params["provider"])
    if found is None:
        raise NotFound()
    return found


def _cookie(request: Request, name: str) -> str:
    return cookies.read_cookies(request.scope["headers"]).get(name, "")


@jobs.periodic("outside.sweep", "41 * * * *")
async def sweep() -> None:
    """Remove every hour what can no longer be used."""
    await service.sweep()
