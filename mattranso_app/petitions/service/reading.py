"""Reading petitions: what is public, what a sender sees by receipt, what an officer has on the desk."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import files, search, secrets
from mattranso_app.core.access import Action, Actor, may, require, scopes
from mattranso_app.core.clock import now, today
from mattranso_app.core.db import glance, reading
from mattranso_app.core.errors import BadRequest, Forbidden, NotFound, TooMany
from mattranso_app.identity import throttle
from mattranso_app.petitions import store, text
from mattranso_app.petitions.numbers import read_number
from mattranso_app.petitions.service import assemble
from mattranso_app.petitions.shapes import (
    COUNT_CAP,
    Cursor,
    OfficerPetition,
    Page,
    PublicItem,
    PublicPetition,
    QueueItem,
    SenderPetition,
)
from mattranso_app.petitions.store.public import PublicFilter
from mattranso_app.units import service as units
from mattranso_app.units.kinds import Level
from mattranso_app.units.views import UnitView

FOLLOW_PER_ADDRESS = throttle.Limit("petition.follow", 60, 10 * 60)


@dataclass(frozen=True, slots=True)
class Figures:
    """The country's counts, as the portal shows them."""

    received_today: int
    open: int
    answered: int
    answered_on_time: int
    overdue: int


async def public_filter(unit_code: str = "", kind: str | None = None, answered: bool | None = None) -> PublicFilter:
    """Return the filter for the words of an address.

    Raises:
        NotFound, Gone: there is no such unit.
    """
    if not unit_code:
        return PublicFilter(kind=kind, answered=answered)
    unit = await units.get_unit_by_code(unit_code)
    if unit.level is Level.PROVINCE:
        return PublicFilter(province_path=unit.path, kind=kind, answered=answered)
    return PublicFilter(unit_id=unit.id, kind=kind, answered=answered)


async def list_public(narrowed: PublicFilter, cursor: str = "", limit: int = 20) -> Page[PublicItem]:
    """Return a page of published petitions, newest first.

    Raises:
        BadRequest: the cursor is none of ours.
    """
    after = Cursor.decode(cursor) if cursor else None
    async with reading() as session:
        rows = await store.fetch_public_page(session, narrowed, after, limit + 1)
    shown = rows[:limit]
    more = Cursor(shown[-1]["published_at"], shown[-1]["id"]).encode() if len(rows) > limit else None
    return Page([assemble.public_item(row) for row in shown], more)


async def count_public(narrowed: PublicFilter) -> tuple[int, bool]:
    """Return how many published petitions there are, and whether the count stops there (at 10,000)."""
    async with reading() as session:
        counted = await store.count_public(session, narrowed)
    return min(counted, COUNT_CAP), counted > COUNT_CAP


async def search_public(words: str, narrowed: PublicFilter, offset: int = 0, limit: int = 20) -> tuple[list[PublicItem], int, bool]:
    """Return a page of published petitions that answer `words`, best first; a petition's own number first of all.

    The index may be a moment behind, so every row is read again: what is no longer public is left out.

    Returns:
        The items, how many were found, and whether that count is capped.
    """
    number = read_number(words)
    if number is not None:
        async with reading() as session:
            row = await store.fetch_by_number(session, number)
            found = await store.fetch_public_items(session, [row["id"]]) if row is not None else []
        if found:
            return [assemble.public_item(row) for row in found], 1, False
    facets: dict[str, str] = {}
    if narrowed.province_path:
        facets["province"] = narrowed.province_path
    if narrowed.unit_id:
        facets["unit"] = str(narrowed.unit_id)
    if narrowed.kind:
        facets["kind"] = narrowed.kind
    if narrowed.answered is not None:
        facets["answered"] = "1" if narrowed.answered else "0"
    page = await search.query("petitions", words, facets=facets, limit=limit, offset=offset)
    ids = [int(hit.ref) for hit in page.hits]
    async with reading() as session:
        rows = {row["id"]: row for row in await store.fetch_public_items(session, ids)}
    return [assemble.public_item(rows[ref]) for ref in ids if ref in rows], page.total, page.total_capped


async def list_mine(actor: Actor, cursor: str = "", limit: int = 20) -> Page[PublicItem]:
    """Return a page of what a signed-in citizen has sent, newest first, published or not.

    Raises:
        SignInRequired: nobody is signed in.
        BadRequest: the cursor is none of ours.
    """
    require(actor, Action.ACCOUNT_READ)
    if actor.person_id is None:
        return Page([], None)
    after = Cursor.decode(cursor) if cursor else None
    async with reading() as session:
        rows = await store.fetch_sent_by(session, actor.person_id, after, limit + 1)
    shown = rows[:limit]
    more = Cursor(shown[-1]["created_at"], shown[-1]["id"]).encode() if len(rows) > limit else None
    return Page([assemble.own_item(row) for row in shown], more)


async def latest_answers(session: AsyncSession, limit: int = 5) -> list[PublicItem]:
    """Return what was answered last, within an open read transaction."""
    return [assemble.public_item(row) for row in await store.fetch_latest_answers(session, limit)]


async def national_figures(session: AsyncSession) -> Figures:
    """Return the country's counts, within an open read transaction."""
    row = await store.fetch_national(session, today(), now())
    return Figures(row["received_today"], row["open"], row["answered"], row["answered_on_time"], row["overdue"])


async def fetch_public(session: AsyncSession, typed_number: str) -> PublicPetition:
    """Return one petition as everyone may see it, within an open read transaction.

    Raises:
        NotFound: there is no such number.
    """
    number = read_number(typed_number)
    row = await store.fetch_by_number(session, number) if number else None
    if row is None:
        raise NotFound(text.NUMBER_UNKNOWN)
    return assemble.public_petition(row, *await _rest(session, row))


async def get_public(typed_number: str) -> PublicPetition:
    """Return one petition as everyone may see it.

    Raises:
        NotFound: there is no such number.
    """
    async with reading() as session:
        return await fetch_public(session, typed_number)


async def follow(actor: Actor, typed_receipt: str) -> SenderPetition:
    """Return one petition as its sender sees it.

    Args:
        actor: who asks; only for the limit per network address.
        typed_receipt: the receipt as people copy it.

    Raises:
        NotFound: no petition has this receipt.
        TooMany: too many tries from one address.
    """
    try:
        attempts = await throttle.reserve((FOLLOW_PER_ADDRESS, throttle.address_key(actor.address)))
    except TooMany as error:
        raise TooMany(text.RECEIPT_TOO_MANY, retry_after=error.retry_after) from error
    receipt = secrets.normalise_receipt(typed_receipt)
    async with reading() as session:
        row = None
        for hashed in secrets.receipt_hashes(receipt) if receipt else ():
            row = row or await store.fetch_by_receipt(session, hashed)
        if row is None:
            raise NotFound(text.RECEIPT_UNKNOWN)
        found = assemble.sender_petition(row, *await _rest(session, row))
    await throttle.forgive(attempts)
    return found


async def list_queue(actor: Actor, unit: UnitView, tab: str, cursor: str = "", limit: int = 30) -> Page[QueueItem]:
    """Return a page of one tab of a unit's desk.

    Raises:
        SignInRequired, Forbidden: the actor may not read this unit's petitions.
        BadRequest: no such tab, or the cursor is none of ours.
    """
    require(actor, Action.PETITION_READ, unit.path)
    if tab not in store.TABS:
        raise BadRequest()
    after = Cursor.decode(cursor) if cursor else None
    async with glance() as connection:
        rows = await store.fetch_queue(connection, unit.id, "mttq", tab, now(), actor.person_id, after, limit + 1)
    shown = rows[:limit]
    more = store.queue_cursor(tab, shown[-1]).encode() if len(rows) > limit else None
    return Page([assemble.queue_item(row) for row in shown], more)


async def count_queue(actor: Actor, unit: UnitView) -> dict[str, int]:
    """Return how many petitions wait in each tab of a unit's desk (1,001 means: more than a thousand)."""
    require(actor, Action.PETITION_READ, unit.path)
    async with glance() as connection:
        return await store.count_tabs(connection, unit.id, "mttq", now())


async def desk_unit(actor: Actor, code: str = "") -> UnitView:
    """Return the unit whose desk the actor works at: the one asked for, else the one of his account.

    Args:
        actor: an officer.
        code: of a unit inside the actor's scope; empty for his own.

    Raises:
        SignInRequired, Forbidden: he may not read that unit's petitions, or none at all.
        NotFound, Gone: there is no such unit, or the account belongs to none.
    """
    require(actor, Action.PETITION_READ)
    if code:
        unit = await units.glimpse_unit(code)
        if not may(actor, Action.PETITION_READ, unit.path):
            raise Forbidden(text.UNIT_NOT_YOURS)
        return unit
    if actor.unit_id is None or not scopes(actor, Action.PETITION_READ):
        raise NotFound(text.OFFICER_ONLY)
    return await units.glimpse_unit(actor.unit_id)


async def get_for_officer(actor: Actor, typed_number: str) -> OfficerPetition:
    """Return one petition whole, for an officer of its unit or a unit above.

    Raises:
        SignInRequired, Forbidden: the actor may read petitions nowhere.
        NotFound: no such petition in the actor's scope.
    """
    require(actor, Action.PETITION_READ)
    number = read_number(typed_number)
    async with reading() as session:
        row = await store.fetch_by_number(session, number) if number else None
        if row is None or not may(actor, Action.PETITION_READ, row["unit_path"], row["organisation"]):
            raise NotFound(text.NUMBER_UNKNOWN)
        events = await store.fetch_events(session, row["id"])
        answers, draft = await store.fetch_answers_and_draft(session, row["id"], actor.person_id)
        return assemble.officer_petition(row, events, answers, draft, await _files(session, row["number"]))


async def current_version(actor: Actor, number: str) -> int:
    """Return the version a petition now has, for those who look whether what lies open before them still holds.

    Raises:
        SignInRequired, Forbidden: the actor may read petitions nowhere.
        NotFound: no such petition in the actor's scope.
    """
    require(actor, Action.PETITION_READ)
    async with glance() as connection:
        row = await store.fetch_by_number(connection, number)
    if row is None or not may(actor, Action.PETITION_READ, row["unit_path"], row["organisation"]):
        raise NotFound(text.NUMBER_UNKNOWN)
    version: int = row["version"]
    return version


async def _rest(
    session: AsyncSession, row: RowMapping
) -> tuple[list[RowMapping], RowMapping | None, assemble.Files]:
    timeline = await store.fetch_timeline(session, row["id"])
    answer = await store.fetch_approved_answer(session, row["id"]) if row["answered_at"] else None
    return timeline, answer, await _files(session, row["number"])


async def _files(session: AsyncSession, number: str) -> assemble.Files:
    photo, answer = f"{number}/photo", f"{number}/answer"
    found = await files.list_files(session, "petition", [photo, answer])
    return assemble.Files(found[photo], found[answer])


