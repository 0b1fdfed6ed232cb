"""Routes declare who may call them; errors leave as problem documents; bodies and parameters are bounded and named."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from mattranso_app.core import http
from mattranso_app.core.access import Action, Actor, Grant, Role, needs, public, set_current_actor
from mattranso_app.core.errors import TooMany


class Search(BaseModel):
    query: str = ""
    limit: int = Field(default=10, ge=1, le=50)


class Body(BaseModel):
    title: str = Field(min_length=3, max_length=10)


@pytest.fixture(autouse=True)
def _routes_of_this_test_only() -> Iterator[None]:
    routes, declared = list(http._routes), dict(http._declared)
    yield
    http._routes[:] = routes
    http._declared.clear()
    http._declared.update(declared)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    @http.route("/t/open")
    @public
    async def open_route(request: Request) -> Response:
        return JSONResponse(http.query(request, Search).model_dump())

    @http.route("/t/guarded")
    @needs(Action.PETITION_HANDLE)
    async def guarded(request: Request) -> Response:
        return PlainTextResponse("in")

    @http.route("/t/page", methods=["POST"])
    @public
    async def post_door(request: Request) -> Response:
        body = await http.json_body(request, Body, limit=100)
        return PlainTextResponse(body.title)

    @http.route("/t/fault")
    @public
    async def fault(request: Request) -> Response:
        raise ZeroDivisionError("secret 0912345678")

    @http.route("/t/busy")
    @public
    async def busy(request: Request) -> Response:
        raise TooMany(retry_after=7)

    async def pages(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("page")(scope, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(http.router(pages)), base_url="http://test") as made:
        yield made


def test_an_undeclared_route_is_refused_when_it_is_written() -> None:
    with pytest.raises(TypeError, match="declares neither"):

        @http.route("/t/forgotten")
        async def forgotten(request: Request) -> Response:
            return Response()

    assert "/t/forgotten" not in http.declared_routes()


async def test_rights_are_asked_before_the_endpoint_runs(client: httpx.AsyncClient) -> None:
    refused = await client.get("/t/guarded")
    assert refused.status_code == 401
    assert refused.headers["content-type"].startswith("application/problem+json")
    assert refused.json()["detail"].startswith("Phiên làm việc đã hết")
    set_current_actor(Actor(kind="citizen"))
    assert (await client.get("/t/guarded")).status_code == 403
    set_current_actor(Actor(kind="officer", grants=(Grant(Role.HANDLER, "mttq", "vn/01/"),)))
    assert (await client.get("/t/guarded")).text == "in"


async def test_unknown_repeated_and_wrong_parameters_are_named(client: httpx.AsyncClient) -> None:
    assert (await client.get("/t/open?query=a&limit=3")).json() == {"query": "a", "limit": 3}
    for address, name in (("?tim=a", "tim"), ("?limit=0", "limit"), ("?limit=x", "limit"), ("?query=a&query=b", "query")):
        refused = await client.get(f"/t/open{address}")
        assert refused.status_code == 400
        assert name in refused.json()["detail"]


async def test_a_page_and_a_door_may_share_an_address(client: httpx.AsyncClient) -> None:
    assert (await client.get("/t/page")).text == "page"
    assert (await client.post("/t/page", json={"title": "Đèn hỏng"})).text == "Đèn hỏng"
    assert (await client.get("/t/elsewhere")).text == "page"


async def test_bodies_are_bounded_and_checked_per_field(client: httpx.AsyncClient) -> None:
    assert (await client.post("/t/page", content=b"{" + b" " * 200)).status_code == 413
    assert (await client.post("/t/page", content=b"no json")).status_code == 400
    assert (await client.post("/t/page", content=b"[" * 90)).status_code == 400
    refused = await client.post("/t/page", json={"title": "a"})
    assert refused.status_code == 422
    assert refused.json()["fields"] == {"title": "Ngắn quá, xin ghi rõ hơn."}


async def test_a_fault_shows_a_reference_and_no_inside(client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    answer = await client.get("/t/fault")
    assert answer.status_code == 500
    assert "Mã tham chiếu" in answer.json()["detail"]
    assert "ZeroDivision" not in answer.text
    assert "0912345678" not in answer.text
    assert "fault" in caplog.text


async def test_waiting_time_is_told(client: httpx.AsyncClient) -> None:
    answer = await client.get("/t/busy")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
