"""Forms that come with the platform, as data beside this module: a catalogue of indicators, and what each form asks of it.

They are samples to begin with: no document prescribes them, which each says in its basis. In a demonstration they are
published; elsewhere they wait as drafts, so that nobody is asked for figures before Central has decided to.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from mattranso_app.core.access import CENTRAL_PATH, SYSTEM
from mattranso_app.core.audit import record
from mattranso_app.core.db import transaction
from mattranso_app.core.reporting.forms import FormDefinition
from mattranso_app.core.reporting.publishing import publish, read_definition
from mattranso_app.registry import design_store

TOOL = "registry"
DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class ReadyForm:
    """A form that comes with the platform, and the first period it is asked for in a demonstration."""

    code: str
    from_period: str
    definition: FormDefinition


@cache
def ready_catalogue() -> Mapping[str, dict[str, Any]]:
    """Return by code the indicators a designer can pick from, each as `{"indicator": …, "categories": […]}`."""
    data = json.loads((DATA / "catalogue.json").read_text())
    categories = {category["code"]: category for category in data["categories"]}
    return {
        indicator["code"]: {"indicator": indicator, "categories": [categories[code] for code in indicator.get("categories", ())]}
        for indicator in data["indicators"]
    }


@cache
def ready_forms() -> tuple[ReadyForm, ...]:
    """Return the ready forms, read once.

    Raises:
        InvalidInput: the data say nothing that could be published.
        KeyError: a form asks for what the catalogue does not have.
    """
    return tuple(_read(path) for path in sorted(DATA.glob("form_*.json")))


def _read(path: Path) -> ReadyForm:
    data = json.loads(path.read_text())
    code, from_period = data.pop("code"), data.pop("from_period")
    categories: dict[str, Any] = {}
    for section in data["sections"]:
        section["indicators"] = [_indicator(asked, categories) for asked in section["indicators"]]
    return ReadyForm(code, from_period, read_definition({**data, "categories": list(categories.values())}))


def _indicator(asked: str | dict[str, Any], categories: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of the catalogue's indicator, changed as the form wants it; notes the categories it needs."""
    changed = {"code": asked} if isinstance(asked, str) else asked
    kept = ready_catalogue()[changed["code"]]
    categories.update({category["code"]: category for category in kept["categories"]})
    return {**kept["indicator"], **changed}


async def seed_ready_forms(published: bool) -> bool:
    """Put the catalogue and the ready forms that are not there yet into the database; return whether any was new.

    Args:
        published: ask for them at once, each from its own first period; else they wait as drafts.
    """
    async with transaction() as session:
        known = await design_store.fetch_codes(session, TOOL)
        new = [form for form in ready_forms() if form.code not in known]
        if not new:
            return False
        await design_store.add_indicators(session, ready_catalogue(), CENTRAL_PATH)
        for form in new:
            if published:
                await publish(session, TOOL, form.code, CENTRAL_PATH, form.definition, form.from_period)
            else:
                await design_store.insert_form(session, TOOL, form.code, CENTRAL_PATH, form.definition.model_dump(mode="json"), None)
        await record(
            session, SYSTEM, "registry.ready_forms", "registry:forms", {"forms": [form.code for form in new], "published": published}
        )
    return True
