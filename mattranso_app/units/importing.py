"""Carrying out an import plan: what every unit becomes is worked out first, then written in a few statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text as sql_text
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.errors import InvalidInput
from mattranso_app.core.text import fold, sort_key
from mattranso_app.units import history, store, text
from mattranso_app.units.followers import PathMove, tell_followers
from mattranso_app.units.kinds import Kind, Level, split_name
from mattranso_app.units.plan import ImportPlan
from mattranso_app.units.release import ReleaseUnit
from mattranso_app.units.views import UnitView

LONGEST_NAME = 120
"""Characters of a name in the database."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a unit is and where it stands after the import."""

    id: int
    level: Level
    code: str
    kind: Kind
    name: str
    parent_id: int
    path: str

    def columns(self) -> dict[str, object]:
        """Return the values of its row."""
        short = split_name(self.name, self.kind)
        return {
            "id": self.id,
            "level": self.level.value,
            "code": self.code,
            "kind": self.kind.value,
            "name": self.name,
            "short": short,
            "parent": self.parent_id,
            "path": self.path,
            "sort_key": sort_key(short),
            "folded": fold(self.name),
        }


async def carry_out(session: AsyncSession, plan: ImportPlan, basis: str) -> None:
    """Write `plan` in the caller's transaction.

    Raises:
        InvalidInput: a unit it touches has changes recorded after the day of effect.
    """
    before = await store.fetch_open_units(session)
    await _refuse_if_later(session, plan)
    fresh = [change.after for change in plan.changes if change.before is None and change.after is not None]
    ids = list(
        await session.scalars(sql_text("SELECT nextval('unit_id_seq') FROM generate_series(1, :count)"), {"count": len(fresh)})
    )
    places = work_out(before, plan, dict(zip([line.code for line in fresh], ids, strict=True)))
    was = {unit.id: unit for unit in before}
    closed = [unit.id for unit in before if unit.id not in places]
    changed = [place for place in places.values() if place.id in was and _differs(place, was[place.id])]
    await history.close(session, closed, plan.effective)
    await _park(session, changed)
    await _insert(session, [places[unit_id] for unit_id in ids], plan)
    await _rewrite(session, changed)
    moves = _moves(before, places, plan)
    groups = await _lead_groups(session, moves, {unit.id: unit.name for unit in before})
    await history.write(session, [place.id for place in changed] + ids + groups, plan.effective, basis)
    await _record_successions(session, plan, places, basis)
    await tell_followers(session, moves)


def work_out(before: Sequence[UnitView], plan: ImportPlan, fresh: dict[str, int]) -> dict[int, Place]:
    """Return what every unit is after `plan`, by id; units that end are left out.

    Args:
        before: Central, provinces and communes of now.
        plan: the changes.
        fresh: code → id of the units that are new.
    """
    lines = {change.before.code: change.after for change in plan.changes if change.before is not None}
    ids = dict(fresh)
    stay: list[tuple[int, ReleaseUnit | UnitView, str]] = []
    parents = {unit.id: unit.code for unit in before}
    renumbered = {code: line.code for code, line in lines.items() if line is not None}
    for unit in before:
        line = lines.get(unit.code, unit)
        if line is not None:
            ids[line.code] = unit.id
            above = parents.get(unit.parent_id or 0, "")
            stay.append((unit.id, line, line.parent if isinstance(line, ReleaseUnit) else renumbered.get(above, above)))
    new = [change.after for change in plan.changes if change.before is None and change.after is not None]
    stay += [(fresh[line.code], line, line.parent) for line in new]
    places: dict[int, Place] = {}
    order = [Level.CENTRAL, Level.PROVINCE, Level.COMMUNE]
    for unit_id, line, above in sorted(stay, key=lambda item: order.index(item[1].level)):
        parent = places[ids[above]] if above else None
        path = f"{parent.path if parent else ''}{line.code}/"
        places[unit_id] = Place(unit_id, line.level, line.code, line.kind, line.name, parent.id if parent else 0, path)
    return places


def _differs(place: Place, unit: UnitView) -> bool:
    return (place.code, place.kind, place.name, place.parent_id, place.path) != (
        unit.code,
        unit.kind,
        unit.name,
        unit.parent_id or 0,
        unit.path,
    )


async def _refuse_if_later(session: AsyncSession, plan: ImportPlan) -> None:
    found = await session.execute(
        sql_text(
            "SELECT u.name, v.valid_from FROM unit_version v JOIN unit u ON u.id = v.unit_id "
            "WHERE v.unit_id = ANY(:ids) AND v.valid_from > :day ORDER BY v.valid_from DESC LIMIT 1"
        ),
        {"ids": [change.before.id for change in plan.changes if change.before], "day": plan.effective},
    )
    row = found.first()
    if row is not None:
        raise InvalidInput(text.PLAN_TOO_EARLY.format(name=row[0], day=f"{row[1]:%d/%m/%Y}"))


async def _park(session: AsyncSession, places: Sequence[Place]) -> None:
    """Give the units codes and paths nobody has, so that they can swap theirs or leave them to new units."""
    await session.execute(
        sql_text(
            "UPDATE unit SET code = 'tmp' || id, path = regexp_replace(path, '[^/]+/$', '') || 'tmp' || id || '/' "
            "WHERE id = ANY(:ids)"
        ),
        {"ids": [place.id for place in places]},
    )


async def _rewrite(session: AsyncSession, places: Sequence[Place]) -> None:
    """Write the new state of units that go on."""
    if not places:
        return
    await session.execute(
        sql_text(
            "UPDATE unit SET code = :code, kind = :kind, name = :name, short_name = :short, parent_id = :parent, "
            "path = :path, sort_key = :sort_key, folded = :folded WHERE id = :id"
        ),
        [place.columns() for place in places],
    )


async def _insert(session: AsyncSession, places: Sequence[Place], plan: ImportPlan) -> None:
    if places:
        await session.execute(
            sql_text(
                "INSERT INTO unit (id, level, code, kind, name, short_name, parent_id, path, sort_key, folded, valid_from) "
                "VALUES (:id, :level, :code, :kind, :name, :short, :parent, :path, :sort_key, :folded, :day)"
            ),
            [{**place.columns(), "day": plan.effective} for place in places],
        )


def _moves(before: Sequence[UnitView], places: dict[int, Place], plan: ImportPlan) -> list[PathMove]:
    """Return where every path goes that is no longer what it was; an ended unit's to its first and largest successor."""
    by_code = {place.code: place for place in places.values()}
    into = {change.before.id: change.successors for change in plan.changes if change.before and change.after is None}
    moves = []
    for unit in before:
        place = places.get(unit.id)
        if place is None:
            largest = max(into[unit.id], key=lambda successor: successor.share or 0)
            heir = by_code[largest.code]
            moves.append(PathMove(unit.id, heir.id, unit.path, heir.path, True))
        elif place.path != unit.path:
            moves.append(PathMove(unit.id, unit.id, unit.path, place.path, False))
    return moves


@dataclass(frozen=True, slots=True)
class _Group:
    id: int
    code: str
    name: str
    parent_id: int


async def _lead_groups(session: AsyncSession, moves: Sequence[PathMove], communes: dict[int, str]) -> list[int]:
    """Move residential groups after their communes and return their ids; equal names in one commune get the old one's."""
    goes = {move.unit_id: move for move in moves}
    concerned = {*goes, *(move.to_id for move in moves)}
    rows = await session.execute(
        sql_text(
            "SELECT id, code, name, parent_id FROM unit WHERE level = 'group' AND valid_to IS NULL AND parent_id = ANY(:ids) "
            "ORDER BY id FOR UPDATE"
        ),
        {"ids": list(concerned)},
    )
    groups = [_Group(*row) for row in rows]
    taken: dict[int, set[str]] = defaultdict(set)
    for group in groups:
        if group.parent_id not in goes or not goes[group.parent_id].is_merged:
            taken[group.parent_id].add(group.name.lower())
    values = []
    for group in groups:
        move = goes.get(group.parent_id)
        if move is None:
            continue
        name = _free_name(group.name, communes[group.parent_id], taken[move.to_id]) if move.is_merged else group.name
        taken[move.to_id].add(name.lower())
        values.append({"id": group.id, "parent": move.to_id, "path": f"{move.new}{group.code}/", "name": name, **_keys(name)})
    if values:
        await session.execute(
            sql_text(
                "UPDATE unit SET parent_id = :parent, path = :path, name = :name, short_name = :short, sort_key = :sort_key, "
                "folded = :folded WHERE id = :id"
            ),
            values,
        )
    return [int(str(value["id"])) for value in values]


def _keys(name: str) -> dict[str, object]:
    return {"short": name, "sort_key": sort_key(name), "folded": fold(name)}


def _free_name(name: str, commune: str, taken: set[str]) -> str:
    """Return `name`, with the old commune's name added while the new one already has it."""
    found = name
    number = 1
    while found.lower() in taken:
        ending = text.GROUP_RENAMED_ON_MERGE.format(name="", commune=commune if number == 1 else f"{commune} {number}")
        found = name[: LONGEST_NAME - len(ending)] + ending
        number += 1
    return found


async def _record_successions(session: AsyncSession, plan: ImportPlan, places: dict[int, Place], basis: str) -> None:
    by_code = {place.code: place.id for place in places.values()}
    values = [
        {
            "from": change.before.id,
            "to": by_code[successor.code],
            "kind": successor.kind,
            "day": plan.effective,
            "share": successor.share if successor.share is not None or len(change.successors) > 1 or change.after else 1,
            "basis": basis,
        }
        for change in plan.changes
        if change.before is not None
        for successor in change.successors
    ]
    if values:
        await session.execute(
            sql_text(
                "INSERT INTO unit_succession (from_id, to_id, kind, on_date, share, basis) "
                "VALUES (:from, :to, :kind, :day, :share, :basis)"
            ),
            values,
        )
