"""Publishing a version of a form: checked as a whole, frozen, its new cells given slots of their own."""

from __future__ import annotations

from collections.abc import Container
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core.clock import now
from mattranso_app.core.errors import Conflict, InvalidInput
from mattranso_app.core.reporting import computing, store, text
from mattranso_app.core.reporting.expressions import Cell as CellReference
from mattranso_app.core.reporting.expressions import Expression, ExpressionError, check_measures, check_references, refuse_cycle
from mattranso_app.core.reporting.forms import FormDefinition
from mattranso_app.core.reporting.models import ReportingForm, ReportingFormVersion
from mattranso_app.core.reporting.periods import parse_period
from mattranso_app.core.sql import sql


def read_definition(data: Any) -> FormDefinition:
    """Return the definition in `data`, whole and consistent: formulas and checks parse, go in no circle, mix no measures.

    What they ask of other forms is looked at when the form is published.

    Raises:
        InvalidInput: what is wrong, in words of the designer.
    """
    try:
        definition = FormDefinition.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = " › ".join(str(part) for part in first["loc"])
        said = str(first["ctx"]["error"]) if first["type"] == "value_error" else text.DEFINITION_BAD.format(place=place)
        raise InvalidInput(said, fields={"/".join(map(str, each["loc"])): each["msg"] for each in error.errors()[:50]}) from error
    names = {key: cell.name for key, cell in definition.cells.items()}
    measures = {key: cell.indicator.measure for key, cell in definition.cells.items() if cell.is_number}
    try:
        formulas = computing.formulas(definition)
        refuse_cycle({CellReference(key): formula for key, formula in formulas.items()}, names)
        for expression in _expressions(definition):
            check_measures(expression, measures)
    except ExpressionError as error:
        raise InvalidInput(error.text) from error
    for check in computing.checks(definition):
        if not set(check.cells) <= set(definition.cells):
            raise InvalidInput(text.CHECK_CELLS.format(name=check.name))
    return definition


def _expressions(definition: FormDefinition) -> list[Expression]:
    return [*computing.formulas(definition).values(), *(check.expression for check in computing.checks(definition))]


async def _check_whole(session: AsyncSession, tool: str, code: str, definition: FormDefinition, known: Container[str]) -> None:
    """Refuse references to what no form has, and formulas that go in a circle through several forms.

    Raises:
        InvalidInput: names it.
    """
    others = {each.code: each.definition for each in await store.fetch_newest_versions(session, tool) if each.code != code}
    cells = {CellReference(key) for key in definition.cells}
    cells |= {CellReference(key, form) for form, each in others.items() for key in each.cells}
    every = {**others, code: definition}
    names = {CellReference(key, form).address: cell.name for form, each in every.items() for key, cell in each.cells.items()}
    computed = {CellReference(key, form): formula for form, each in every.items() for key, formula in computing.formulas(each).items()}
    try:
        for expression in _expressions(definition):
            check_references(expression, cells, known, code)
        refuse_cycle(computed, names)
    except ExpressionError as error:
        raise InvalidInput(error.text) from error


async def publish(
    session: AsyncSession, tool: str, code: str, owner_path: str, definition: FormDefinition, from_period: str, known: Container[str] = (),
    by: UUID | None = None,
) -> int:
    """Publish a version of a form, the first or the next; earlier periods stay with the version they have.

    Args:
        session: the open transaction; the tool has asked whether this may be.
        tool: whose form it is.
        code: the form.
        owner_path: the unit that asks; only used for a form's first version.
        definition: from `read_definition`.
        from_period: the first period it holds for.
        known: names of the figures formulas and checks may ask of a unit.
        by: who publishes.

    Returns:
        The id of the form.

    Raises:
        InvalidInput: not a period of its kind, a reference to what no form has, or a cell that numbers were given for would mean
            something else.
        Conflict: reports of that period or later exist by the version before, or it begins no later than that one.
    """
    start = parse_period(from_period, definition.period_kind).start
    await _check_whole(session, tool, code, definition, known)
    form_id = await store.fetch_form_id(session, tool, code)
    if form_id is None:
        form = ReportingForm(tool=tool, code=code, owner_path=owner_path, created_by=by, created_at=now())
        session.add(form)
        await session.flush()
        form_id = form.id or 0
    await session.execute(sql("SELECT 1 FROM reporting_form WHERE id = :form FOR UPDATE"), {"form": form_id})
    versions = await store.fetch_versions(session, form_id)
    if versions:
        last = versions[-1].definition
        if start <= parse_period(versions[-1].from_period).start:
            raise Conflict(text.VERSION_TOO_EARLY.format(period=parse_period(versions[-1].from_period).label))
        _check_same_meaning(versions[-1].definition, definition)
        if last.period_kind is not definition.period_kind:
            raise InvalidInput(text.PERIOD_KIND_STAYS)
        begun = sql("SELECT EXISTS (SELECT FROM reporting_report WHERE form_id = :form AND period >= :period)")
        if (await session.execute(begun, {"form": form_id, "period": from_period})).scalar_one():
            raise Conflict(text.VERSION_USED)
    session.add(
        ReportingFormVersion(
            form_id=form_id, version=len(versions) + 1, from_period=from_period, from_day=start,
            definition=definition.model_dump(mode="json"), published_at=now(), published_by=by,
        )
    )  # fmt: skip
    await session.flush()
    await session.execute(sql(_NEW_SLOTS), {"form": form_id, "keys": [k for k, cell in definition.cells.items() if cell.is_number]})
    return form_id


_NEW_SLOTS = """
INSERT INTO reporting_slot (form_id, slot, key)
SELECT :form, (SELECT coalesce(max(slot), 0) FROM reporting_slot WHERE form_id = :form) + row_number() OVER (ORDER BY position), key
FROM unnest(CAST(:keys AS text[])) WITH ORDINALITY AS k (key, position)
WHERE NOT EXISTS (SELECT FROM reporting_slot s WHERE s.form_id = :form AND s.key = k.key)
"""


def _check_same_meaning(before: FormDefinition, after: FormDefinition) -> None:
    """A series must not change its meaning under its name: another unit of measure is another indicator."""
    for key, old in before.cells.items():
        new = after.cells.get(key)
        if new is not None and _meaning(old.indicator) != _meaning(new.indicator):
            raise InvalidInput(text.MEANING_STAYS.format(name=old.indicator.name))


def _meaning(indicator: Any) -> tuple[Any, ...]:
    return (indicator.is_number, indicator.measure, indicator.over_time, indicator.sums_over_units)
