"""State of the list of forms: a page of them, and a new one begun."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import reflex as rx

from mattranso_app.core.access import CENTRAL_PATH, Action, current_actor, needs
from mattranso_app.core.errors import DomainError
from mattranso_app.registry import showing
from mattranso_app.registry.service import designing
from mattranso_app.registry.text import designing as words

LIST_ADDRESS = "/csdl/bieu"
EDIT_ADDRESS = "/csdl/bieu/soan"


class DesignListState(rx.State):
    """The forms somebody may design."""

    items: list[dict[str, Any]] = []
    organisations: list[tuple[str, str]] = []
    levels: list[tuple[str, str]] = []
    next_after: str = ""
    loaded: bool = False
    problem: str = ""
    errors: list[tuple[str, str]] = []

    @rx.event
    @needs(Action.REGISTRY_DESIGN)
    async def load(self) -> None:
        """Read the page of forms the address asks for; safe to run again."""
        actor = current_actor()
        self.problem, self.errors = "", []
        owner = actor.unit_path or CENTRAL_PATH
        asked = designing.design_organisations(actor, owner)
        self.organisations = [(code, name) for code, name in words.ORGANISATIONS.items() if code in asked]
        self.levels = [(code, name) for code, name in words.LEVELS.items() if code != "central" or owner == CENTRAL_PATH]
        try:
            found = await designing.list_designs(actor, dict(self.router.url.query_parameters).get("sau", "")[:40])
            self.items = [await showing.form_line(design) for design in found]
            self.next_after = found[-1].code if len(found) == designing.PAGE else ""
        except DomainError as error:
            self.problem = error.text
        self.loaded = True

    @rx.event
    @needs(Action.REGISTRY_DESIGN)
    async def create(self, form: dict[str, Any]) -> Any:
        """Begin a form and go to it."""
        answers = answers_to(form, "moi")
        self.problem, self.errors = "", []
        try:
            code = await designing.create_form(
                current_actor(), str(answers.get("title", "")), str(answers.get("period_kind", "")), chosen_of(answers, "level"),
                chosen_of(answers, "organisation"),
            )
        except DomainError as error:
            self.errors = [(f"moi-{name}", said) for name, said in error.fields.items()]
            self.problem = "" if self.errors else error.text
            return None
        return rx.redirect(f"{EDIT_ADDRESS}?bieu={code}")


def answers_to(form: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Return the answers of one of a page's forms: its fields carry its name, so that no two fields of the page are alike."""
    return {name.removeprefix(f"{prefix}-"): value for name, value in form.items() if name.startswith(f"{prefix}-")}


def chosen_of(answers: Mapping[str, Any], name: str) -> list[str]:
    """Return the codes that are ticked among the boxes `name-code`."""
    return [key.removeprefix(f"{name}-") for key, value in answers.items() if key.startswith(f"{name}-") and value]
