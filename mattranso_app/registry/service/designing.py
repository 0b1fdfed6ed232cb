"""Designing forms: drafts that are saved step by step, published from a period on, retired from a period on.

Who designs for Mặt trận at Central or a province asks all organisations below that unit; who designs for an organisation asks
that organisation alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import audit
from mattranso_app.core.access import CENTRAL_PATH, Action, Actor, may, require, scopes
from mattranso_app.core.db import reading, transaction
from mattranso_app.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from mattranso_app.core.reporting import publishing
from mattranso_app.core.reporting.forms import FormDefinition
from mattranso_app.core.reporting.periods import parse_period
from mattranso_app.registry import comparing, design_store, drafting
from mattranso_app.registry.drafting import Draft, Step
from mattranso_app.registry.service.entering import TOOL
from mattranso_app.registry.service.scope import FRONT
from mattranso_app.registry.store import KNOWN_FIGURES
from mattranso_app.registry.text import designing as text

PAGE = design_store.PAGE
_EVERY = tuple(text.ORGANISATIONS)


@dataclass(frozen=True, slots=True)
class Design:
    """A form as its designer sees it.

    Attributes:
        code: of the form, for ever.
        owner_path: the unit that asks.
        draft: the next version, None when none is being made.
        revision: of the draft; a step says which one it was taken on.
        published: the newest version, None before the first.
        version: its number, 0 before the first.
        from_period: the first period it holds for.
        published_at: when it was published.
        closed_from: the first period that is not asked for any more.
    """

    code: str
    owner_path: str
    draft: Draft | None
    revision: int
    published: FormDefinition | None
    version: int
    from_period: str
    published_at: datetime | None
    closed_from: str | None

    @property
    def title(self) -> str:
        """The name of the form: the draft's, else the published one's."""
        return str(self.draft["title"]) if self.draft else self.published.title if self.published else self.code


def design_organisations(actor: Actor, owner_path: str) -> frozenset[str]:
    """Return the organisations `actor` may ask for figures below a unit; empty when he may not design there."""
    if may(actor, Action.REGISTRY_DESIGN, owner_path, FRONT):
        return frozenset(_EVERY)
    return frozenset(code for code in _EVERY if may(actor, Action.REGISTRY_DESIGN, owner_path, code))


async def list_designs(actor: Actor, after: str = "") -> list[Design]:
    """Return a page of the forms `actor` may design, by code, beginning after the code `after`."""
    owners = sorted({path for code in _EVERY for path in scopes(actor, Action.REGISTRY_DESIGN, code)})
    if not owners:
        require(actor, Action.REGISTRY_DESIGN)
    async with reading() as session:
        rows = await design_store.fetch_designs(session, TOOL, owners, after)
    return [_design(row) for row in rows]


async def get_design(actor: Actor, code: str) -> Design:
    """Return one form.

    Raises:
        NotFound: no such form.
        Forbidden: not the actor's to design.
    """
    async with reading() as session:
        row = await design_store.fetch_design(session, TOOL, code)
    if row is None:
        raise NotFound(text.UNKNOWN_FORM)
    _require(actor, row)
    return _design(row)


async def get_history(actor: Actor, code: str) -> list[RowMapping]:
    """Return the published versions of a form, newest first. Raises as `get_design`."""
    await get_design(actor, code)
    async with reading() as session:
        row = await design_store.fetch_design(session, TOOL, code)
        return await design_store.fetch_history(session, row["id"]) if row else []


async def create_form(
    actor: Actor, title: str, period_kind: str, levels: Sequence[str], organisations: Sequence[str], owner_path: str = ""
) -> str:
    """Begin a new form, as a draft.

    Args:
        actor: designs.
        title: its name.
        period_kind: see `periods.PeriodKind`.
        levels: who reports.
        organisations: codes of who reports.
        owner_path: the unit that asks; the actor's own when empty.

    Returns:
        Its code.

    Raises:
        Forbidden: not there, or not for these organisations.
        InvalidInput: `fields` names the question.
    """
    owner = owner_path or actor.unit_path or CENTRAL_PATH
    draft = drafting.blank(title, period_kind, levels, organisations)
    _require_asked(actor, owner, draft)
    async with transaction() as session:
        code = drafting.new_code(title, await design_store.fetch_codes(session, TOOL))
        if not await design_store.insert_form(session, TOOL, code, owner, draft, actor.person_id):
            raise Conflict(text.DESIGNED_MEANWHILE)
        await audit.record(session, actor, "registry.design_begin", f"registry:form/{code}", {"owner": owner})
    return code


async def begin_version(actor: Actor, code: str) -> None:
    """Begin the draft of a form's next version, as a copy of the one that holds.

    Raises:
        NotFound, Forbidden: as `get_design`.
        Conflict: there is a draft.
    """
    async with transaction() as session:
        row = await _locked(session, actor, code)
        if row["draft"] is not None:
            raise Conflict(text.DRAFT_THERE)
        await design_store.save_draft(session, row["id"], row["definition"])
        await audit.record(session, actor, "registry.design_begin", f"registry:form/{code}", {"after": row["version"]})


async def change_draft(actor: Actor, code: str, seen: int, step: Step, what: str = "step") -> int:
    """Take one step in the draft of a form, and keep it.

    Args:
        actor: designs.
        code: the form.
        seen: the revision the step was taken on.
        step: from `drafting`.
        what: names the step in the audit row.

    Returns:
        The draft's revision now.

    Raises:
        NotFound, Forbidden: as `get_design`.
        Conflict: no draft, or somebody else has changed it since.
        InvalidInput: what the step says.
    """
    async with transaction() as session:
        row = await _locked(session, actor, code)
        draft = drafting.apply(_seen(row, seen), step)
        if row["version"] is not None and draft["period_kind"] != row["definition"]["period_kind"]:
            raise InvalidInput(fields={"period_kind": text.KIND_STAYS})
        _require_asked(actor, row["owner_path"], draft)
        revision = await design_store.save_draft(session, row["id"], draft)
        await audit.record(session, actor, "registry.design", f"registry:form/{code}", {"step": what, "revision": revision})
    return revision


async def discard_draft(actor: Actor, code: str, seen: int) -> None:
    """Throw the draft of a next version away; what holds stays. Raises as `change_draft`; Conflict also before a first version."""
    async with transaction() as session:
        row = await _locked(session, actor, code)
        _seen(row, seen)
        if row["version"] is None:
            raise Conflict(text.NOT_PUBLISHED_YET)
        await design_store.save_draft(session, row["id"], None)
        await audit.record(session, actor, "registry.design_discard", f"registry:form/{code}", {"revision": seen})


async def publish_draft(actor: Actor, code: str, seen: int, from_period: str) -> None:
    """Publish the draft as the version that holds from a period on; earlier periods stay with theirs.

    Raises:
        NotFound, Forbidden, Conflict: as `change_draft`; Conflict also as `publishing.publish`.
        InvalidInput: nothing is asked, or as `publishing.publish`.
    """
    async with transaction() as session:
        row = await _locked(session, actor, code)
        draft = _seen(row, seen)
        _require_asked(actor, row["owner_path"], draft)
        definition = drafting.definition_of(draft)
        await publishing.publish(session, TOOL, code, row["owner_path"], definition, from_period, KNOWN_FIGURES, actor.person_id)
        await design_store.save_draft(session, row["id"], None)
        await design_store.add_indicators(session, _for_catalogue(definition), row["owner_path"])
        await audit.record(
            session, actor, "registry.publish", f"registry:form/{code}", {"from": from_period, "cells": len(definition.cells)}
        )


async def retire_form(actor: Actor, code: str, from_period: str) -> None:
    """Stop asking for a form from a period on; what was reported stays. Without a period it is asked for again.

    Raises:
        NotFound, Forbidden: as `get_design`.
        InvalidInput: no period of its kind, or not after its first.
        Conflict: there are reports of that period or later.
    """
    async with transaction() as session:
        row = await _locked(session, actor, code)
        if row["version"] is None:
            raise Conflict(text.NOT_PUBLISHED_YET)
        if from_period:
            period = parse_period(from_period, FormDefinition.model_validate(row["definition"]).period_kind)
            first = parse_period((await design_store.fetch_history(session, row["id"]))[-1]["from_period"])
            if period.start <= first.start:
                raise InvalidInput(text.RETIRED_BEFORE_BEGIN.format(period=first.label))
            if count := await design_store.count_reports_since(session, row["id"], period.start):
                raise Conflict(text.RETIRED_USED.format(count=count))
        await design_store.close_form(session, row["id"], from_period or None)
        await audit.record(session, actor, "registry.retire", f"registry:form/{code}", {"from": from_period})


async def list_changes(actor: Actor, code: str) -> list[str]:
    """Return in words what publishing the draft changes for the units that are asked. Raises as `get_design`.

    Raises:
        InvalidInput: the draft cannot be published.
        Conflict: there is none.
    """
    design = await get_design(actor, code)
    if design.draft is None:
        raise Conflict(text.NO_DRAFT)
    after = drafting.definition_of(design.draft)
    async with reading() as session:
        units = await design_store.count_units(session, design.owner_path, after.levels)
    return comparing.differences(design.published, after, units)


async def list_catalogue(actor: Actor, owner_path: str) -> dict[str, Mapping[str, Any]]:
    """Return by code the indicators Central and the unit at `owner_path` keep: `{"indicator": …, "categories": […]}`."""
    if not design_organisations(actor, owner_path):
        raise Forbidden()
    async with reading() as session:
        rows = await design_store.fetch_catalogue(session, sorted({CENTRAL_PATH, owner_path}))
    return {row["code"]: row["definition"] for row in rows}


def _for_catalogue(definition: FormDefinition) -> dict[str, Any]:
    """Return what other forms may pick from a form: all but what rests on its own cells."""
    categories = {category.code: category.model_dump(mode="json") for category in definition.categories}
    return {
        each.code: {"indicator": each.model_dump(mode="json"), "categories": [categories[code] for code in each.categories]}
        for each in definition.indicators
        if each.formula is None
    }


async def _locked(session: AsyncSession, actor: Actor, code: str) -> RowMapping:
    row = await design_store.lock_design(session, TOOL, code)
    if row is None:
        raise NotFound(text.UNKNOWN_FORM)
    _require(actor, row)
    return row


def _seen(row: RowMapping, seen: int) -> Draft:
    if row["draft"] is None:
        raise Conflict(text.NO_DRAFT)
    if row["draft_revision"] != seen:
        raise Conflict(text.DESIGNED_MEANWHILE)
    draft: Draft = row["draft"]
    return draft


def _require(actor: Actor, row: RowMapping) -> None:
    """Raise unless the form is the actor's to design: every organisation it asks is his to ask."""
    for asked in (row["draft"], row["definition"]):
        if asked is not None:
            _require_asked(actor, row["owner_path"], asked)


def _require_asked(actor: Actor, owner_path: str, asked: Mapping[str, Any]) -> None:
    if may(actor, Action.REGISTRY_DESIGN, owner_path, FRONT):
        require(actor, Action.REGISTRY_DESIGN, owner_path, FRONT)
    else:
        for organisation in asked["organisations"] or [FRONT]:
            require(actor, Action.REGISTRY_DESIGN, owner_path, organisation)
    if not set(asked["organisations"]) <= set(_EVERY):
        raise InvalidInput(fields={"organisations": text.ORGANISATION_MISSING})
    if owner_path != CENTRAL_PATH and "central" in asked["levels"]:
        raise InvalidInput(fields={"levels": text.LEVEL_ABOVE})


def _design(row: RowMapping) -> Design:
    published = FormDefinition.model_validate(row["definition"]) if row["definition"] else None
    return Design(
        row["code"], row["owner_path"], row["draft"], row["draft_revision"], published, row["version"] or 0, row["from_period"] or "",
        row["published_at"], row["closed_from"],
    )
