"""Searching published petitions: the number first, filters inside, and never what is not public."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psycopg
import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from mattranso_app.core import db, http
from mattranso_app.core.access import Actor, Grant, Role
from mattranso_app.core.search import follower
from mattranso_app.core.search.sources import sources
from mattranso_app.petitions import load, service
from mattranso_app.petitions.store import PublicFilter
from mattranso_app.rooms import register
from mattranso_app.settings import settings

EVERYTHING = PublicFilter()
OFFICER = Actor(
    kind="officer", person_id=uuid.uuid4(), name="Cán bộ", session_id=uuid.uuid4(), unit_path="vn/",
    grants=(Grant(Role.HANDLER, "mttq", "vn/"), Grant(Role.APPROVER, "mttq", "vn/")),
)  # fmt: skip


@pytest.fixture
async def petitions(
    filled_database: None, owner_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[psycopg.Connection]:
    """400 invented petitions and their index; gives the owner's connection."""
    register()
    monkeypatch.setattr(settings(), "data_dir", tmp_path)
    load.seed_petitions(owner_url, 400, seed=8)
    await follow()
    with psycopg.connect(owner_url, autocommit=True) as connection:
        yield connection


async def follow() -> int:
    """Bring the index of petitions up to date."""
    return await follower.catch_up(sources["petitions"])


async def found(words: str, narrowed: PublicFilter = EVERYTHING, limit: int = 100) -> list[str]:
    """Return the numbers of what answers `words`."""
    return [row.number for row in (await service.search_public(words, narrowed, limit=limit))[0]]


def one(connection: psycopg.Connection, condition: str) -> tuple[int, str, int, str]:
    """Return id, number, version and title of some petition."""
    row = connection.execute(
        f"SELECT id, number, version, title FROM petition WHERE {condition} ORDER BY id LIMIT 1"  # type: ignore[arg-type]
    ).fetchone()
    assert row is not None
    return row


async def test_only_what_is_published_is_in_the_index(petitions: psycopg.Connection) -> None:
    published = petitions.execute("SELECT count(*) FROM petition WHERE published_at IS NOT NULL").fetchone()
    assert published is not None and 0 < published[0] < 400
    assert await service.search_public("ở", EVERYTHING) and (await follower.reindex("petitions")) == published[0]


async def test_the_number_comes_first_however_it_is_typed(petitions: psycopg.Connection) -> None:
    _, number, _, title = one(petitions, "published_at IS NOT NULL")
    for typed in (number, number.lower(), number[3:].replace("-", " "), f" {number} "):
        assert await found(typed) == [number]
    _, hidden, _, _ = one(petitions, "published_at IS NULL")
    assert hidden not in await found(hidden)
    assert number in await found(title)


async def test_filters_hold_inside_the_query(petitions: psycopg.Connection) -> None:
    place = petitions.execute(
        "SELECT province_path, unit_id FROM petition WHERE published_at IS NOT NULL AND answered_at IS NULL ORDER BY id LIMIT 1"
    ).fetchone()
    assert place is not None
    for narrowed, condition in (
        (PublicFilter(kind="cau_hoi"), "kind = 'cau_hoi'"),
        (PublicFilter(answered=False), "answered_at IS NULL"),
        (PublicFilter(answered=True, kind="phan_anh"), "answered_at IS NOT NULL AND kind = 'phan_anh'"),
        (PublicFilter(province_path=place[0]), f"province_path = '{place[0]}'"),
        (PublicFilter(unit_id=place[1], answered=False), f"unit_id = {place[1]} AND answered_at IS NULL"),
    ):
        wanted = petitions.execute(
            "SELECT number FROM petition WHERE published_at IS NOT NULL AND (public_title || public_body) ILIKE '%không%' AND "
            + condition
        ).fetchall()
        rows, total, _ = await service.search_public("không", narrowed, limit=100)
        numbers = {row.number for row in rows}
        assert total >= len(wanted) and len(rows) == min(total, 100)
        assert wanted or narrowed.unit_id
        if total <= 100:
            assert {number for (number,) in wanted} <= numbers


async def test_what_is_withheld_is_never_shown_and_soon_gone(petitions: psycopg.Connection) -> None:
    _, number, version, title = one(petitions, "published_at IS NOT NULL AND state = 'in_progress'")
    assert number in await found(f'"{title}"')
    await service.withhold_question(OFFICER, number, version, "Có nêu tên người khác.")
    assert number not in await found(f'"{title}"')
    assert number not in await found(number)
    before = (await service.search_public(f'"{title}"', EVERYTHING))[1]
    assert await follow() == 1
    assert (await service.search_public(f'"{title}"', EVERYTHING))[1] == before - 1


async def test_published_and_answered_ones_are_found_by_their_public_copy(petitions: psycopg.Connection) -> None:
    _, number, version, _ = one(petitions, "publication = 'pending' AND state = 'received'")
    await service.take_up(OFFICER, number, version)
    await follow()
    assert await found('"cây bàng bật gốc"') == []
    await service.publish_question(OFFICER, number, version + 1, "Cây bàng bật gốc", "Cây đổ, gọi 0912345678 gấp.", "")
    await follow()
    assert await found('"cay bang bat goc"') == [number]
    assert await found("0912345678") == []


async def test_a_search_needs_few_statements(petitions: psycopg.Connection) -> None:
    for words in ("đường", one(petitions, "published_at IS NOT NULL")[1], "PA-0000-00"):
        statements: list[str] = []
        stop = db.count_statements(statements)
        await service.search_public(words, EVERYTHING)
        stop()
        assert len(statements) <= 5, statements


async def test_pages_of_a_search_over_http(petitions: psycopg.Connection) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(http.router(http_not_found)), base_url="http://localhost") as client:
        seen: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            answer = await client.get("/api/v1/petitions", params={"query": "khong", "limit": 40, "cursor": cursor})
            body = answer.json()
            assert answer.status_code == 200 and set(body) == {"items", "total", "total_capped", "next"}
            seen += [item["number"] for item in body["items"]]
            cursor = body["next"]
        assert len(seen) == len(set(seen)) == body["total"] > 80
        for ugly in ("\"'", "a AND (", "\x01", "💧", "%00"):
            assert (await client.get("/api/v1/petitions", params={"query": ugly})).status_code == 200
        refused = await client.get("/api/v1/petitions", params={"query": "ế" * 5_000})
        assert refused.status_code == 400 and "query" in refused.json()["detail"]


async def http_not_found(scope: Scope, receive: Receive, send: Send) -> None:
    """What is behind our routes: nothing."""
    await Response(status_code=404)(scope, receive, send)
