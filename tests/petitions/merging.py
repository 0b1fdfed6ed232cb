"""Merging communes as an import of a new list does it."""

from __future__ import annotations

from mattranso_app.core.access import SYSTEM
from mattranso_app.core.clock import today
from mattranso_app.units.importer import apply_import, plan_import
from mattranso_app.units.release import Former
from tests.units.factories import current_units, line, release_of


async def merge(gone: str, heir: str) -> None:
    """Let the commune `gone` go into `heir` today."""
    units = await current_units()
    formed = (Former(heir, None), Former(gone, None))
    lines = [line(unit, **({"former": formed} if unit.code == heir else {})) for unit in units if unit.code != gone]
    await apply_import(SYSTEM, await plan_import(release_of(lines), today()), "1/NQ-UBTVQH16")


async def move(commune: str, province: str) -> None:
    """Let a commune go over to another province today."""
    lines = [line(unit, **({"parent": province} if unit.code == commune else {})) for unit in await current_units()]
    await apply_import(SYSTEM, await plan_import(release_of(lines), today()), "2/NQ-UBTVQH16")
