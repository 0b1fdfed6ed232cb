"""What waits for the officer in the online database."""

from __future__ import annotations

import reflex as rx

from mattranso_app.core.access import Action, carries, current_actor, may_somewhere, needs
from mattranso_app.core.errors import DomainError
from mattranso_app.registry import due_words, service

_COMMUNE_DEPTH = 3
"""Slashes in the path of a commune."""


class RegistryHomeState(rx.State):
    """The reports of the officer's own units, in three groups, and what else he may do."""

    returned: list[dict[str, str]] = []
    open: list[dict[str, str]] = []
    done: list[dict[str, str]] = []
    may_enter: bool = False
    may_review: bool = False
    may_design: bool = False
    may_link: bool = False
    """Whether he gives residential groups their links: he enters at a commune."""
    loaded: bool = False
    problem: str = ""

    @rx.event
    @needs(Action.REGISTRY_READ)
    async def load(self) -> None:
        """Read what is due."""
        actor = current_actor()
        self.problem = ""
        try:
            items = [due_words.due_item(each) for each in await service.list_due(actor)]
        except DomainError as error:
            items, self.problem = [], error.text
        self.returned = [item for item in items if item["group"] == "returned"]
        self.open = [item for item in items if item["group"] == "open"]
        self.done = [item for item in items if item["group"] == "done"]
        self.may_enter = may_somewhere(actor, Action.REGISTRY_ENTER)
        self.may_review = may_somewhere(actor, Action.REGISTRY_APPROVE)
        self.may_design = may_somewhere(actor, Action.REGISTRY_DESIGN)
        self.may_link = any(
            grant.unit_path.count("/") == _COMMUNE_DEPTH and carries(grant.role, grant.unit_path, Action.REGISTRY_ENTER)
            for grant in actor.grants
        )
        self.loaded = True
