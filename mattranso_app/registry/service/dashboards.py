"""Dashboards: named sets of tiles somebody keeps, for himself or shared with the units below his own.

A tile keeps only what is asked. Whoever opens it is answered by his own rights, at the moment he looks.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit
from mattranso_app.core.access import Action, Actor, require_somewhere
from mattranso_app.core.clock import now
from mattranso_app.core.db import reading, transaction
from mattranso_app.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from mattranso_app.core.sql import sql
from mattranso_app.core.text import TextTooLong, clean_text
from mattranso_app.registry.service.pivot import Side
from mattranso_app.registry.service.seeing import Wish
from mattranso_app.registry.text import seeing as text

Kind = Literal["total", "units", "chart", "lines", "map", "pivot"]
MOST_DASHBOARDS = 20
"""Dashboards of one person."""
MOST_TILES = 12
"""Tiles of one dashboard."""
_NAME = 80


@dataclass(frozen=True, slots=True)
class Tile:
    """What one part of a dashboard shows; an empty last period of its wish is always the newest."""

    kind: Kind
    wish: Wish
    sides: tuple[Side, ...] = ()


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A set of tiles. `is_own` tells whether who looks may change it."""

    id: int
    name: str
    tiles: tuple[Tile, ...]
    is_shared: bool
    is_own: bool


_ROW = "SELECT id, name, tiles, is_shared, person_id = :person AS is_own FROM reporting_dashboard "
_SHARED = "is_shared AND starts_with(CAST(:path AS text), unit_path)"


async def list_dashboards(actor: Actor) -> list[Dashboard]:
    """Return the actor's own dashboards, then those shared with his unit by one at or above it (at most 100).

    Raises:
        SignInRequired, SecondFactorRequired, OutOfScope, Forbidden: he sees no figures at all.
    """
    require_somewhere(actor, Action.REGISTRY_READ)
    async with reading() as session:
        order = f"WHERE person_id = :person OR {_SHARED} ORDER BY person_id <> :person, name, id LIMIT 100"
        rows = await session.execute(sql(_ROW + order), {"person": actor.person_id, "path": actor.unit_path})
    return [_dashboard(row) for row in rows.mappings()]


async def open_dashboard(actor: Actor, dashboard: int) -> Dashboard:
    """Return a dashboard that is the actor's own or shared with his unit.

    Raises:
        As `list_dashboards`; NotFound.
    """
    require_somewhere(actor, Action.REGISTRY_READ)
    async with reading() as session:
        asked = {"id": dashboard, "person": actor.person_id, "path": actor.unit_path}
        found = await session.execute(sql(_ROW + f"WHERE id = :id AND (person_id = :person OR {_SHARED})"), asked)
        row = found.mappings().first()
    if row is None:
        raise NotFound(text.DASHBOARD_UNKNOWN)
    return _dashboard(row)


async def keep_tile(actor: Actor, name: str, tile: Tile) -> int:
    """Put a tile on the actor's dashboard of this name, which begins with its first; return the dashboard's id.

    Raises:
        As `list_dashboards`; InvalidInput: no name or no such kind; Conflict: too many dashboards or tiles.
    """
    require_somewhere(actor, Action.REGISTRY_READ)
    said = _name(name)
    if tile.kind not in get_args(Kind) or actor.person_id is None:
        raise InvalidInput(text.TILE_BAD)
    async with transaction() as session:
        # One at a time for each person, so that no limit is passed by two at once.
        await session.execute(sql("SELECT pg_advisory_xact_lock(hashtextextended(:person, 7))"), {"person": f"dashboard {actor.person_id}"})
        asked = {"person": actor.person_id, "name": said}
        of_name = sql("SELECT id, tiles FROM reporting_dashboard WHERE person_id = :person AND name = :name FOR UPDATE")
        row = (await session.execute(of_name, asked)).first()
        if row is None:
            held = sql("SELECT count(*) FROM reporting_dashboard WHERE person_id = :person")
            if (await session.execute(held, {"person": actor.person_id})).scalar_one() >= MOST_DASHBOARDS:
                raise Conflict(text.DASHBOARDS_MANY.format(most=MOST_DASHBOARDS))
            made = sql(
                "INSERT INTO reporting_dashboard (person_id, name, tiles, unit_path, updated_at) "
                "VALUES (:person, :name, CAST(:tiles AS jsonb), :path, :at) RETURNING id"
            )
            values = {**asked, "tiles": json.dumps([asdict(tile)]), "path": actor.unit_path, "at": now()}
            dashboard: int = (await session.execute(made, values)).scalar_one()
        else:
            if len(row.tiles) >= MOST_TILES:
                raise Conflict(text.TILES_MANY.format(most=MOST_TILES))
            dashboard = row.id
            await _write_tiles(session, dashboard, [*row.tiles, asdict(tile)])
        await audit.record(session, actor, "registry.keep_tile", f"dashboard:{dashboard}", {"kind": tile.kind})
    return dashboard


async def remove_tile(actor: Actor, dashboard: int, position: int) -> None:
    """Take a tile off one's own dashboard.

    Args:
        actor: whose it is.
        dashboard: its id.
        position: of the tile, the first is 0.

    Raises:
        As `list_dashboards`; NotFound: no such dashboard of his, or no such tile.
    """
    async with transaction() as session:
        tiles = await _own(session, actor, dashboard)
        if not 0 <= position < len(tiles):
            raise NotFound(text.DASHBOARD_UNKNOWN)
        await _write_tiles(session, dashboard, [each for at, each in enumerate(tiles) if at != position])
        await audit.record(session, actor, "registry.remove_tile", f"dashboard:{dashboard}")


async def share_dashboard(actor: Actor, dashboard: int, is_shared: bool) -> None:
    """Share one's own dashboard with one's unit and those below it, or no more. Raises as `remove_tile`; Forbidden: no unit."""
    async with transaction() as session:
        await _own(session, actor, dashboard)
        if not actor.unit_path:
            raise Forbidden()
        statement = sql("UPDATE reporting_dashboard SET is_shared = :shared, unit_path = :path, updated_at = :at WHERE id = :id")
        await session.execute(statement, {"id": dashboard, "shared": is_shared, "path": actor.unit_path, "at": now()})
        await audit.record(session, actor, "registry.share_dashboard", f"dashboard:{dashboard}", {"is_shared": is_shared})


async def delete_dashboard(actor: Actor, dashboard: int) -> None:
    """Delete one's own dashboard. Raises as `remove_tile`."""
    async with transaction() as session:
        await _own(session, actor, dashboard)
        await session.execute(sql("DELETE FROM reporting_dashboard WHERE id = :id"), {"id": dashboard})
        await audit.record(session, actor, "registry.delete_dashboard", f"dashboard:{dashboard}")


async def fetch_names(session: AsyncSession, person_id: UUID, most: int) -> list[str]:
    """Return the names of somebody's dashboards; for his own data."""
    statement = sql("SELECT name FROM reporting_dashboard WHERE person_id = :person ORDER BY name LIMIT :most")
    return list((await session.execute(statement, {"person": person_id, "most": most})).scalars())


async def forget(session: AsyncSession, person_id: UUID) -> int:
    """Delete somebody's dashboards when his account is erased; return how many."""
    gone = await session.execute(sql("DELETE FROM reporting_dashboard WHERE person_id = :person RETURNING id"), {"person": person_id})
    return len(gone.all())


async def _own(session: AsyncSession, actor: Actor, dashboard: int) -> list[dict[str, Any]]:
    require_somewhere(actor, Action.REGISTRY_READ)
    statement = sql("SELECT tiles FROM reporting_dashboard WHERE id = :id AND person_id = :person FOR UPDATE")
    row = (await session.execute(statement, {"id": dashboard, "person": actor.person_id})).first()
    if row is None:
        raise NotFound(text.DASHBOARD_UNKNOWN)
    tiles: list[dict[str, Any]] = row.tiles
    return tiles


async def _write_tiles(session: AsyncSession, dashboard: int, tiles: list[dict[str, Any]]) -> None:
    statement = sql("UPDATE reporting_dashboard SET tiles = CAST(:tiles AS jsonb), updated_at = :at WHERE id = :id")
    await session.execute(statement, {"id": dashboard, "tiles": json.dumps(tiles), "at": now()})


def _name(name: str) -> str:
    try:
        said = clean_text(name, _NAME, multiline=False)
    except TextTooLong as error:
        raise InvalidInput(text.DASHBOARD_NAME) from error
    if not said:
        raise InvalidInput(text.DASHBOARD_NAME)
    return said


def _dashboard(row: RowMapping) -> Dashboard:
    tiles = tuple(Tile(each["kind"], Wish(**each["wish"]), tuple(each["sides"])) for each in row["tiles"])
    return Dashboard(row["id"], row["name"], tiles, row["is_shared"], row["is_own"])
