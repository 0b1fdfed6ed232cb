"""Residential groups (thôn, bản, tổ dân phố): the fourth level, kept by the communes themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import text as sql_text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit
from mattranso_app.core.access import Action, Actor, require
from mattranso_app.core.clock import today
from mattranso_app.core.db import reading, transaction
from mattranso_app.core.errors import Conflict, Gone, InvalidInput, NotFound
from mattranso_app.core.text import TextTooLong, clean_text, fold, sort_key
from mattranso_app.units import history, store, text
from mattranso_app.units.kinds import Kind, Level, full_name, kind_of_group
from mattranso_app.units.views import UnitMatch, UnitView
from mattranso_app.units.words import mark_cost, words_of

LONGEST_GROUP_NAME = 100
"""Characters of a residential group's name."""

MOST_GROUPS = 2_000
"""Residential groups of one commune; the largest known have a few hundred."""


async def add_group(actor: Actor, commune_id: int, kind: Kind, name: str) -> UnitView:
    """Add a residential group to a commune, from today on.

    Args:
        actor: an administrator of the commune or above it.
        commune_id: where it belongs.
        kind: thôn, bản or tổ dân phố; what the region calls it stays in the name ("Ấp 3").
        name: with or without the word of its kind.

    Raises:
        Forbidden: not the actor's to do.
        NotFound: no such commune today.
        InvalidInput: no usable name, or one too many.
        Conflict: the commune has one of that name.
    """
    full = group_name(kind, name)
    async with transaction() as session:
        commune = await lock_commune(session, actor, commune_id)
        group_id = (await insert_groups(session, commune, [(kind, full)]))[0]
        view = await _group(session, group_id)
        await audit.record(session, actor, "unit.group_add", f"unit:{view.path}", {"name": full})
    return view


async def rename_group(actor: Actor, group_id: int, name: str, kind: Kind | None = None) -> UnitView:
    """Give a residential group another name (and kind), from today on; its past keeps the old one.

    Raises:
        As `add_group`; Gone: the group has ended.
    """
    async with transaction() as session:
        group = await _group(session, group_id)
        commune = await lock_commune(session, actor, group.parent_id or 0)
        group = await _group(session, group_id)
        new_kind = kind or group.kind
        full = group_name(new_kind, name)
        try:
            await session.execute(
                sql_text(
                    "UPDATE unit SET name = :name, short_name = :name, kind = :kind, sort_key = :sort_key, folded = :folded "
                    "WHERE id = :id"
                ),
                {"id": group_id, "name": full, "kind": new_kind.value, "sort_key": sort_key(full), "folded": fold(full)},
            )
        except IntegrityError as error:
            raise Conflict(text.GROUP_NAME_TAKEN.format(name=full, commune=commune.name)) from error
        await history.write(session, [group_id], today(), text.GROUPS_BASIS.format(commune=commune.name))
        await audit.record(session, actor, "unit.group_rename", f"unit:{group.path}", {"before": group.name, "after": full})
        return await _group(session, group_id)


async def close_group(actor: Actor, group_id: int) -> None:
    """End a residential group today; what refers to it keeps its name.

    Raises:
        Forbidden: not the actor's to do.
        NotFound, Gone: there is no such group, or it has ended already.
    """
    async with transaction() as session:
        group = await _group(session, group_id)
        await lock_commune(session, actor, group.parent_id or 0)
        group = await _group(session, group_id)
        await history.close(session, [group_id], today())
        await audit.record(session, actor, "unit.group_close", f"unit:{group.path}", {"name": group.name})


async def find_groups(commune_id: int, query: str, day: date | None = None, limit: int = 20) -> list[UnitMatch]:
    """Return the residential groups of a commune whose name answers `query`, best first: the whole name, its beginning, words.

    Args:
        commune_id: whose groups.
        query: as people type it.
        day: on which they exist; today when None.
        limit: 1–50.
    """
    typed = words_of(query)
    if not typed.folded:
        return []
    when = day or today()
    async with reading() as session:
        commune = await store.fetch_unit(session, commune_id, when)
        if commune is None:
            return []
        groups = (await store.fetch_page(session, when, Level.GROUP, commune.path, MOST_GROUPS, None)).items
    ranked = []
    for group in groups:
        own = words_of(group.name)
        costs = [
            min((mark_cost(mark, own.marked[at], at == len(own) - 1) for at in _places(word, own.folded)), default=None)
            for word, mark in zip(typed.folded, typed.marked, strict=True)
        ]
        if all(cost is not None for cost in costs):
            starts = own.folded[: len(typed)] == typed.folded
            fit = 0 if own.folded == typed.folded else 1 if starts else 2
            ranked.append((fit, sum(cost or 0 for cost in costs), group.sort_key, group.id, group))
    ranked.sort(key=lambda item: item[:4])
    return [UnitMatch(item[-1], "", item[0] == 0) for item in ranked[: max(1, min(limit, 50))]]


def _places(typed: str, own: Sequence[str]) -> list[int]:
    """Return where in a name a typed word stands: whole, or as the beginning of a word that is no number."""
    return [at for at, word in enumerate(own) if word == typed or (word.startswith(typed) and not typed.isdecimal())]


def group_name(kind: Kind, name: str) -> str:
    """Return the full name of a residential group: as entered when it says what it is ("Ấp 3"), else with its kind.

    Raises:
        InvalidInput: the kind is none of a group, or there is no usable name.
    """
    if kind not in text.GROUP_KINDS:
        raise InvalidInput(fields={"kind": text.GROUP_KIND_BAD})
    try:
        cleaned = clean_text(name, max_length=LONGEST_GROUP_NAME, multiline=False)
    except TextTooLong as error:
        raise InvalidInput(fields={"name": text.GROUP_NAME_LONG}) from error
    if not fold(cleaned):
        raise InvalidInput(fields={"name": text.GROUP_NAME_EMPTY})
    full = cleaned[0].upper() + cleaned[1:] if kind_of_group(cleaned) else full_name(kind, cleaned)
    if len(full) > LONGEST_GROUP_NAME:
        raise InvalidInput(fields={"name": text.GROUP_NAME_LONG})
    return full


async def lock_commune(session: AsyncSession, actor: Actor, commune_id: int) -> UnitView:
    """Return the commune for changing its groups: it stays where it is until the transaction ends.

    Raises:
        Forbidden: the actor may not change groups there.
        NotFound: no such commune today.
    """
    locked = await session.execute(
        sql_text("SELECT path FROM unit WHERE id = :id AND level = 'commune' AND valid_to IS NULL FOR SHARE"), {"id": commune_id}
    )
    path = locked.scalar_one_or_none()
    if path is None:
        raise NotFound(text.NOT_A_COMMUNE)
    require(actor, Action.UNIT_MANAGE_GROUPS, path)
    commune = await store.fetch_unit(session, commune_id, today())
    if commune is None:
        raise NotFound(text.NOT_A_COMMUNE)
    return commune


async def insert_groups(session: AsyncSession, commune: UnitView, groups: Sequence[tuple[Kind, str]]) -> list[int]:
    """Write new groups (kind, full name) of a locked commune and return their ids.

    Raises:
        Conflict: one of the names is taken.
        InvalidInput: the commune would have too many.
    """
    have = await session.execute(
        sql_text("SELECT count(*) FROM unit WHERE parent_id = :id AND valid_to IS NULL"), {"id": commune.id}
    )
    if have.scalar_one() + len(groups) > MOST_GROUPS:
        raise InvalidInput(text.TOO_MANY_GROUPS.format(limit=MOST_GROUPS))
    ids = list(
        await session.scalars(sql_text("SELECT nextval('unit_id_seq') FROM generate_series(1, :count)"), {"count": len(groups)})
    )
    values = [
        {
            "id": group_id,
            "code": f"t{group_id}",
            "kind": kind.value,
            "name": name,
            "parent": commune.id,
            "path": f"{commune.path}t{group_id}/",
            "sort_key": sort_key(name),
            "folded": fold(name),
            "day": today(),
        }
        for group_id, (kind, name) in zip(ids, groups, strict=True)
    ]
    try:
        await session.execute(
            sql_text(
                "INSERT INTO unit (id, level, code, kind, name, short_name, parent_id, path, sort_key, folded, valid_from) "
                "VALUES (:id, 'group', :code, :kind, :name, :name, :parent, :path, :sort_key, :folded, :day)"
            ),
            values,
        )
    except IntegrityError as error:
        raise Conflict(text.GROUP_NAME_TAKEN.format(name=groups[0][1], commune=commune.name)) from error
    await history.write(session, ids, today(), text.GROUPS_BASIS.format(commune=commune.name))
    return ids


async def _group(session: AsyncSession, group_id: int) -> UnitView:
    group = await store.fetch_unit(session, group_id, today())
    if group is None or group.level is not Level.GROUP:
        row = await store.fetch_row(session, group_id)
        if row is not None and row.level == Level.GROUP and row.valid_to is not None:
            raise Gone(text.GROUP_CLOSED.format(name=row.name, day=f"{row.valid_to:%d/%m/%Y}"))
        raise NotFound(text.GROUP_UNKNOWN)
    return group
