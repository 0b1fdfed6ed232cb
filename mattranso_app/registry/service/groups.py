"""Residential groups report by a link and a code: their head has no account, only the sheet the commune gave him.

A link is for one group, one form and one period, and ends with the period's lock. It lends one thing: entering that group's
figures. So whoever holds link and code acts as an actor with this one right, and everything goes through the same verbs as
an officer's figures, with the source `group`; the commune reviews it. Both are kept as keyed hashes only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit, secrets
from mattranso_app.core.access import Action, Actor, Grant, Role
from mattranso_app.core.clock import now
from mattranso_app.core.db import reading, transaction
from mattranso_app.core.errors import InvalidInput, NotFound
from mattranso_app.core.reporting import reports, store
from mattranso_app.core.reporting.models import Source, State
from mattranso_app.core.reporting.reports import Asked
from mattranso_app.identity import throttle
from mattranso_app.registry import links_store as rows
from mattranso_app.registry.service import scope
from mattranso_app.registry.service.entering import TOOL, save_reports, subject, submit_report
from mattranso_app.registry.text import groups as text
from mattranso_app.units.service import get_unit, get_units, glimpse_unit
from mattranso_app.units.views import UnitView

TOKEN_BITS, CODE_DIGITS = 160, 6
WITHOUT_LOCK = timedelta(days=60)
"""How long after the due day a link lives when the form has no day of locking."""
MOST_GROUPS = 500
"""Links made at once: more residential groups than any commune has."""
PER_LINK = throttle.Limit("group.link", 8, 15 * 60)
PER_ADDRESS = throttle.Limit("group.address", 60, 15 * 60)  # a whole commune may sit behind one address

_TOKEN, _CODE = "registry.link", "registry.link.code"


@dataclass(frozen=True, slots=True)
class MadeLink:
    """A link as it is shown this once: the group, the secret part of its address, the code."""

    unit: UnitView
    token: str
    code: str


@dataclass(frozen=True, slots=True)
class Offered:
    """What a link opens: the form for one group, and whether it can still be filled in."""

    asked: Asked
    unit: UnitView


async def make_links(
    actor: Actor, form: str, period: str, organisation: str, commune: str, groups: list[str] | None = None
) -> tuple[Asked, list[MadeLink]]:
    """Make a link and a code for residential groups; their earlier links for the period are void from now on.

    Args:
        actor: enters at the commune.
        form: code of a form of residential groups.
        period: key of the period.
        organisation: whose figures.
        commune: code.
        groups: codes of groups; all of the commune's when None.

    Returns:
        What is asked, and the links in the order of the groups' names.

    Raises:
        Forbidden: not the actor's commune.
        NotFound, Gone: no such form or commune.
        InvalidInput: a form residential groups do not fill in, or no group at all.
    """
    unit = await glimpse_unit(commune)
    scope.require_enter(actor, unit.path, organisation)
    async with transaction() as session:
        asked = await reports.find_asked(session, TOOL, form, period, organisation)
        if "group" not in asked.definition.levels:
            raise InvalidInput(text.NOT_FOR_GROUPS)
        found = await rows.fetch_groups(session, unit.path, groups, MOST_GROUPS)
        if not found:
            raise InvalidInput(text.NO_GROUPS)
        expires = asked.lock_at or asked.due_at + WITHOUT_LOCK
        if expires <= now():
            raise InvalidInput(text.PERIOD_OVER)
        made = {row["id"]: (secrets.new_token(TOKEN_BITS), secrets.new_code(CODE_DIGITS)) for row in found}
        await rows.revoke(session, actor, asked, list(made), now())
        hashes = [
            rows.NewLink(row["id"], row["path"], secrets.hash_token(made[row["id"]][0], _TOKEN), _code_hash(*made[row["id"]]))
            for row in found
        ]
        await rows.insert(session, actor, asked, hashes, now(), expires)
        await audit.record(session, actor, "registry.make_links", subject(asked, [commune]), {"groups": len(made)})
    units = await get_units(list(made))
    return asked, [MadeLink(each, *made[each.id]) for each in sorted(units.values(), key=lambda each: each.sort_key)]


async def revoke_links(actor: Actor, form: str, period: str, organisation: str, commune: str, groups: list[str] | None = None) -> int:
    """Make the links of residential groups void; return how many. Arguments and errors as `make_links`."""
    unit = await glimpse_unit(commune)
    scope.require_enter(actor, unit.path, organisation)
    async with transaction() as session:
        asked = await reports.find_asked(session, TOOL, form, period, organisation)
        found = await rows.fetch_groups(session, unit.path, groups, MOST_GROUPS)
        count = await rows.revoke(session, actor, asked, [row["id"] for row in found], now())
        await audit.record(session, actor, "registry.revoke_links", subject(asked, [commune]), {"links": count})
    return count


async def list_links(actor: Actor, form: str, period: str, organisation: str, commune: str) -> tuple[Asked, list[rows.GroupLine]]:
    """Return the commune's groups with the state of link and report. Errors as `make_links`."""
    unit = await glimpse_unit(commune)
    scope.require_enter(actor, unit.path, organisation)
    async with reading() as session:
        asked = await reports.find_asked(session, TOOL, form, period, organisation)
        return asked, await rows.fetch_lines(session, asked, unit.path, now(), MOST_GROUPS)


async def group_forms(actor: Actor, commune: str) -> list[store.FormVersion]:
    """Return the forms that residential groups of a commune fill in, newest versions. Raises as `make_links`."""
    unit = await glimpse_unit(commune)
    async with reading() as session:
        versions = await store.fetch_newest_versions(session, TOOL)
    found = [each for each in versions if "group" in each.definition.levels and unit.path.startswith(each.owner_path)]
    if found:
        held = {code for each in found for code in each.definition.organisations}
        if not any(scope.may_enter(actor, unit.path, code) for code in held):
            scope.require_enter(actor, unit.path, scope.FRONT)
    return found


async def look_at_link(token: str) -> Offered:
    """Return what a link opens; no code is asked for, so no figure is told.

    Raises:
        NotFound: unknown, void or expired; the words do not say which.
    """
    async with reading() as session:
        return (await _offered(session, token))[0]


async def report_by_link(
    token: str, code: str, values: Mapping[str, object], *, gaps: Mapping[str, str], explanations: Mapping[str, str], reason: str = "",
    address: str = "",
) -> State:
    """Write and hand up a group's figures by its link and code; what was handed up already is amended, with a reason.

    Args:
        token: the secret part of the link.
        code: as the head of the group typed it.
        values: by key of the cell.
        gaps: why compulsory cells are empty.
        explanations: why what a soft check doubts is right.
        reason: why figures that were handed up are changed.
        address: of the network, for throttling.

    Returns:
        The report's state now.

    Raises:
        NotFound: as `look_at_link`.
        TooMany: too many attempts.
        InvalidInput: a wrong code (field `code`), or as `save_reports` and `submit_report`; what was typed is kept as a draft then.
        Conflict: locked or approved.
    """
    async with reading() as session:
        offered, link = await _offered(session, token)
    attempts = await throttle.reserve((PER_LINK, link["token_hash"]), (PER_ADDRESS, throttle.address_key(address)))
    typed = "".join(sign for sign in code if sign.isdecimal())[:20]
    if not any(secrets.same(bytes(link["code_hash"]), each) for each in secrets.token_hashes(f"{token}:{typed}", _CODE)):
        raise InvalidInput(fields={"code": text.WRONG_CODE})
    await throttle.forgive(attempts)
    unit, asked = offered.unit, offered.asked
    actor = _head(unit, asked.organisation, address)
    about = asked.version.code, asked.period.key, asked.organisation
    written = (await save_reports(actor, *about, {unit.code: values}, Source.GROUP, reason=reason))[unit.code]
    if written.state is not State.SUBMITTED:
        written = await submit_report(actor, *about, unit.code, Source.GROUP, gaps, explanations)
    async with transaction() as session:
        await rows.note_use(session, link["id"], now())
    return written.state


def _head(unit: UnitView, organisation: str, address: str) -> Actor:
    """Return the actor a link makes: nobody signed in, with the right to enter at this one group."""
    return Actor(
        "anonymous", name=text.HEAD.format(group=unit.name), unit_id=unit.id, unit_path=unit.path, address=address,
        grants=(Grant(Role.HANDLER, organisation, unit.path),), limited_to=frozenset({Action.REGISTRY_ENTER}),
    )


async def _offered(session: AsyncSession, token: str) -> tuple[Offered, rows.Link]:
    link = await rows.fetch_link(session, secrets.token_hashes(token[:100], _TOKEN), now())
    if link is None:
        raise NotFound(text.LINK_GONE)
    unit = await get_unit(link["unit_id"])
    return Offered(await reports.find_asked(session, TOOL, link["form"], link["period"], link["organisation"]), unit), link


def _code_hash(token: str, code: str) -> bytes:
    """Return what is kept of a code; it belongs to its link, so that equal codes look different."""
    return secrets.hash_token(f"{token}:{code}", _CODE)

