"""State of the screen of residential groups: one page of a commune's groups; every act is one service verb."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import reflex as rx
from pydantic import BaseModel, Field

from mattranso_app.core.access import Action, current_actor, needs, require
from mattranso_app.core.errors import DomainError, InvalidInput
from mattranso_app.core.http import validated
from mattranso_app.units import service, text
from mattranso_app.units.kinds import Kind, Level

PAGE = 50
ADDRESS = "/don-vi/to-dan-pho"


class Entered(BaseModel):
    """A group as somebody enters it."""

    kind: str = Field(default="", max_length=20)
    name: str = Field(default="", max_length=500)
    group: int = Field(default=0, ge=0, lt=2**31, description="which, when it is there already")


class GroupsState(rx.State):
    """A commune's residential groups."""

    commune: str = ""
    commune_code: str = ""
    items: list[dict[str, Any]] = []
    count: str = ""
    cursor: str = ""
    next_cursor: str = ""
    loaded: bool = False
    problem: str = ""
    done: str = ""

    @rx.event
    @needs(Action.UNIT_MANAGE_GROUPS)
    async def load(self) -> None:
        """Read the commune and page the address asks for; the own commune without one. Safe to run again."""
        asked = dict(self.router.url.query_parameters)
        self.problem, self.done = "", ""
        self.cursor = asked.get("sau", "")[:200]
        actor = current_actor()
        try:
            code = asked.get("xa", "")[:20]
            unit = await service.get_unit_by_code(code) if code else await service.get_unit(actor.unit_id or 0)
            self.commune, self.commune_code, self.items = "", "", []
            require(actor, Action.UNIT_MANAGE_GROUPS, unit.path)
            if unit.level is Level.COMMUNE:
                self.commune, self.commune_code = f"{unit.name}, {unit.parent_name}", unit.code
                await self._fill()
        except DomainError as error:
            self.problem = error.text
        self.loaded = True

    @rx.event
    @needs(Action.UNIT_MANAGE_GROUPS)
    async def choose(self, form: dict[str, Any]) -> Any:
        """Go to another commune."""
        code = str(form.get("unit", ""))[:20]
        if code.isalnum():
            return rx.redirect(f"{ADDRESS}?xa={code}")
        self.problem = text.NOT_A_COMMUNE
        return None

    @rx.event
    @needs(Action.UNIT_MANAGE_GROUPS)
    async def look_again(self) -> None:
        """Read the page again after an import."""
        self.cursor = ""
        await self._act(_nothing)

    @rx.event
    @needs(Action.UNIT_MANAGE_GROUPS)
    async def add(self, form: dict[str, Any]) -> None:
        """Add a group to the commune."""
        async def act() -> str:
            entered = validated(Entered, form)
            commune = await service.get_unit_by_code(self.commune_code)
            made = await service.add_group(current_actor(), commune.id, _kind(entered.kind), entered.name)
            return text.GROUP_ADDED.format(name=made.name)

        await self._act(act)

    @rx.event
    @needs(Action.UNIT_MANAGE_GROUPS)
    async def rename(self, form: dict[str, Any]) -> None:
        """Give a group another name from today on."""
        async def act() -> str:
            entered = validated(Entered, form)
            changed = await service.rename_group(current_actor(), entered.group, entered.name)
            return text.GROUP_RENAMED.format(name=changed.name)

        await self._act(act)

    @rx.event
    @needs(Action.UNIT_MANAGE_GROUPS)
    async def close(self, group_id: int) -> None:
        """End a group today."""
        async def act() -> str:
            name = next((str(item["name"]) for item in self.items if item["id"] == group_id), "")
            await service.close_group(current_actor(), group_id)
            return text.GROUP_ENDED.format(name=name)

        await self._act(act)

    async def _act(self, verb: Callable[[], Awaitable[str]]) -> None:
        self.problem, self.done = "", ""
        try:
            self.done = await verb()
            await self._fill()
        except DomainError as error:
            self.problem = next(iter(error.fields.values()), error.text)

    async def _fill(self) -> None:
        if not self.commune_code:  # nothing is looked at: without a parent the list would be the country's
            return
        page = await service.list_units(level=Level.GROUP, parent=self.commune_code, limit=PAGE, cursor=self.cursor or None)
        self.items = [{"id": group.id, "name": group.name, "kind": text.GROUP_KINDS[group.kind]} for group in page.items]
        self.count = text.GROUP_COUNT.format(count=page.total)
        self.next_cursor = page.next or ""


def _kind(value: str) -> Kind:
    try:
        return Kind(value)
    except ValueError as error:
        raise InvalidInput(fields={"kind": text.GROUP_KIND_BAD}) from error


async def _nothing() -> str:
    return ""
