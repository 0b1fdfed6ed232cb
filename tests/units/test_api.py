from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from importlib import import_module

import httpx
import pytest
from starlette.responses import PlainTextResponse

from mattranso_app.core.http import router
from mattranso_app.units import service
from mattranso_app.units.kinds import Kind
from tests.units.factories import BA_DINH_PATH, administrator, freeze_day

DAY = date(2026, 11, 24)


@pytest.fixture
async def client(units_db: str) -> AsyncIterator[httpx.AsyncClient]:
    freeze_day(DAY)
    import_module("mattranso_app.units.api")
    app = router(PlainTextResponse("page", 404))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
        yield client


async def test_the_provinces(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/api/v1/units?level=province")).json()
    assert (len(answer["items"]), answer["total"], answer["total_capped"], answer["next"]) == (34, 34, False, None)
    first = answer["items"][0]
    assert (first["code"], first["name"], first["kind"], first["parent"]) == ("91", "Tỉnh An Giang", "tinh", "vn")


async def test_the_communes_of_a_province_in_one_page(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/api/v1/units?level=commune&parent=01&limit=5000")).json()
    assert len(answer["items"]) == answer["total"] == 126
    assert {item["parent"] for item in answer["items"]} == {"01"}
    whole = (await client.get("/api/v1/units?level=commune&limit=5000")).json()
    assert len(whole["items"]) == 3321


async def test_pages(client: httpx.AsyncClient) -> None:
    seen: list[str] = []
    cursor = ""
    while True:
        answer = (await client.get(f"/api/v1/units?level=province&limit=10{cursor}")).json()
        seen += [item["code"] for item in answer["items"]]
        if answer["next"] is None:
            break
        cursor = f"&cursor={answer['next']}"
    assert len(seen) == len(set(seen)) == 34


async def test_a_query_is_ranked(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/api/v1/units", params={"query": "phường trúc bạch"})).json()
    assert answer["items"][0]["code"] == "00004"
    assert answer["items"][0]["note"] == "trước là phường Trúc Bạch, quận Ba Đình, thành phố Hà Nội"
    inside = (await client.get("/api/v1/units", params={"query": "phu xuan", "level": "commune", "parent": "46"})).json()
    assert [item["code"] for item in inside["items"]][0] == "19753"


async def test_as_of_a_day(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/units/75?date=2026-04-29")).json()["name"] == "Tỉnh Đồng Nai"
    assert (await client.get("/api/v1/units/75")).json()["name"] == "Thành phố Đồng Nai"
    assert (await client.get("/api/v1/units?level=province&date=2025-06-30")).json()["items"] == []


async def test_groups(client: httpx.AsyncClient) -> None:
    commune = await service.get_unit_by_code("00004")
    group = await service.add_group(administrator(BA_DINH_PATH), commune.id, Kind.TO_DAN_PHO, "7")
    answer = await client.get("/api/v1/units?level=group&parent=00004")
    assert [item["code"] for item in answer.json()["items"]] == [group.code]
    assert answer.headers["cache-control"] == "no-cache"
    assert (await client.get(f"/api/v1/units?query=7&parent={BA_DINH_PATH}")).json()["items"][0]["name"] == "Tổ dân phố 7"


async def test_pickers_may_keep_the_list(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/units?level=commune&parent=01")
    assert "max-age" in answer.headers["cache-control"]
    again = await client.get("/api/v1/units?level=commune&parent=01", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = await client.get("/api/v1/units?level=commune&parent=04", headers={"If-None-Match": answer.headers["etag"]})
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/api/v1/units?colour=red", 400, "colour"),
        ("/api/v1/units?level=country", 400, "level"),
        ("/api/v1/units?limit=0", 400, "limit"),
        ("/api/v1/units?limit=5001", 400, "limit"),
        ("/api/v1/units?limit=x", 400, "limit"),
        ("/api/v1/units?date=2026-13-01", 400, "date"),
        ("/api/v1/units?date=yesterday", 400, "date"),
        ("/api/v1/units?date=1", 400, "date"),
        ("/api/v1/units?date=20261124", 400, "date"),
        ("/api/v1/units?cursor=zzz", 400, "cursor"),
        ("/api/v1/units?cursor=W10", 400, "cursor"),
        ("/api/v1/units?level=province&level=commune", 400, "level"),
        ("/api/v1/units?parent=../x", 400, "parent"),
        ("/api/v1/units?parent=77777", 404, "parent"),
        ("/api/v1/units?query=" + "a" * 201, 400, "query"),
        ("/api/v1/units/00001", 404, "00001"),
        ("/api/v1/units/%00", 404, ""),
        ("/api/v1/units/75?colour=red", 400, "colour"),
    ],
)
async def test_what_is_wrong_is_named(client: httpx.AsyncClient, address: str, status: int, words: str) -> None:
    answer = await client.get(address)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in answer.json()["detail"]
