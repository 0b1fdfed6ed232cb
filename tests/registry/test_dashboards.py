"""Dashboards: kept, shared downwards, changed by their owner alone; each reader sees by his own rights; forgotten with the account."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mattranso_app.core import db
from mattranso_app.core.access import ANONYMOUS
from mattranso_app.core.errors import Conflict, Forbidden, InvalidInput, NotFound, SignInRequired
from mattranso_app.core.sql import sql
from mattranso_app.registry.seeing import dashboard_pages, own_data
from mattranso_app.registry.service import dashboards
from mattranso_app.registry.service.dashboards import Tile
from mattranso_app.registry.service.seeing import Wish
from mattranso_app.registry.text import seeing as text
from tests.core.reporting.factories import enterer
from tests.registry.test_seeing import QUARTER, recount, reported  # noqa: F401 - the fixture

TOTAL = Tile("total", Wish("thu", cell="cuoc", unit="01"))


async def person(path, *roles):
    """An officer whose account is in the database: dashboards belong to somebody."""
    actor = await enterer(path, "mttq", *roles)
    async with db.transaction() as session:
        made = sql("INSERT INTO person (id, kind, display_name, unit_id, created_at) VALUES (:id, 'officer', 'Thử', :unit, now())")
        await session.execute(made, {"id": actor.person_id, "unit": actor.unit_id})
    return actor


async def test_a_dashboard_shows_each_reader_what_is_his(reported):  # noqa: F811
    _, communes, typed = reported
    chief = await person("vn/01/", "reader")
    kept = await dashboards.keep_tile(chief, "Giao ban", TOTAL)
    wishes = Wish("thu", "2026-Q1", QUARTER, unit="01", cell="cuoc")
    for tile in (Tile("lines", wishes), Tile("chart", wishes), Tile("units", wishes), Tile("pivot", wishes, ("place", "period"))):
        assert await dashboards.keep_tile(chief, " Giao ban ", tile) == kept
    drawn = (await dashboard_pages.dashboard_page(chief, await dashboards.open_dashboard(chief, kept))).body.decode()
    assert f"{recount(typed, communes[:3], [QUARTER], 'cuoc')} cuộc" in drawn and drawn.count("<svg") == 2
    assert drawn.count("data-moment") == 5 and "3/" in drawn
    below = await enterer(communes[0][1])
    with pytest.raises(NotFound):
        await dashboards.open_dashboard(below, kept)
    await dashboards.share_dashboard(chief, kept, True)
    opened = await dashboards.open_dashboard(below, kept)
    assert not opened.is_own and [each.name for each in await dashboards.list_dashboards(below)] == ["Giao ban"]
    seen = (await dashboard_pages.dashboard_page(below, opened)).body.decode()
    assert seen.count(Forbidden().text) == 5 and "<svg" not in seen and "/bo-o" not in seen  # the province is not his to see
    beside = await enterer("vn/46/")
    with pytest.raises(NotFound):
        await dashboards.open_dashboard(beside, kept)
    await dashboards.share_dashboard(chief, kept, False)
    assert await dashboards.list_dashboards(below) == []


async def test_only_its_owner_changes_it(reported):  # noqa: F811
    chief = await person("vn/01/", "reader")
    kept = await dashboards.keep_tile(chief, "Giao ban", TOTAL)
    await dashboards.share_dashboard(chief, kept, True)
    other = await person("vn/01/", "approver")
    for act in (
        dashboards.remove_tile(other, kept, 0), dashboards.share_dashboard(other, kept, False), dashboards.delete_dashboard(other, kept),
        dashboards.remove_tile(chief, kept, 1),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await act
    with pytest.raises(SignInRequired):
        await dashboards.list_dashboards(ANONYMOUS)
    with pytest.raises(Forbidden):
        await dashboards.keep_tile(replace(chief, grants=()), "Khác", TOTAL)
    for name, tile in (("", TOTAL), ("x" * 81, TOTAL), ("Tên", replace(TOTAL, kind="khác"))):
        with pytest.raises(InvalidInput):
            await dashboards.keep_tile(chief, name, tile)
    await dashboards.remove_tile(chief, kept, 0)
    assert (await dashboards.open_dashboard(chief, kept)).tiles == ()
    await dashboards.delete_dashboard(chief, kept)
    assert await dashboards.list_dashboards(chief) == []


async def test_there_are_only_so_many_and_an_erasure_leaves_none(reported, monkeypatch):  # noqa: F811
    monkeypatch.setattr(dashboards, "MOST_TILES", 2)
    monkeypatch.setattr(dashboards, "MOST_DASHBOARDS", 2)
    chief = await person("vn/01/", "reader")
    for name in ("Một", "Một", "Hai"):
        await dashboards.keep_tile(chief, name, TOTAL)
    for name in ("Một", "Ba"):
        with pytest.raises(Conflict):
            await dashboards.keep_tile(chief, name, TOTAL)
    async with db.transaction() as session:
        (section,) = await own_data._collect(session, chief.person_id, 10, False)
        assert section.title == text.OWN_DASHBOARDS and [row["name"] for row in section.rows] == ["Hai", "Một"]
        assert await own_data._erase(session, chief.person_id, None) == 2
    assert await dashboards.list_dashboards(chief) == []
