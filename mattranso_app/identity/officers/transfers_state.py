"""State of the screen of transfers: who is on the way, letting an officer go, taking one in."""

from __future__ import annotations

from typing import Any

import reflex as rx
from pydantic import BaseModel, Field

from mattranso_app.core.access import Action, Role, current_actor, may, needs
from mattranso_app.core.errors import InvalidInput
from mattranso_app.core.http import validated
from mattranso_app.identity import service
from mattranso_app.identity import text as account_text
from mattranso_app.identity.officers import text
from mattranso_app.identity.officers.acting import Acting, day_words, person_id
from mattranso_app.identity.officers.store import PAGE, Transfer
from mattranso_app.units import service as units


class Wish(BaseModel):
    """Where an officer is to go, as an administrator enters it."""

    unit: str = Field(default="", max_length=20)


class Arrival(BaseModel):
    """Whom a unit takes in; the roles are the fields `role-…` that are ticked."""

    number: int = Field(default=0, ge=0, lt=2**62)


class TransfersState(Acting, rx.State):
    """Transfers from and to the units somebody administers."""

    heading: str = ""
    items: list[dict[str, Any]] = []
    next_after: str = ""
    is_first_page: bool = True
    _person: str = ""
    _after: int = 0
    _organisation: str = "mttq"

    @rx.event
    @needs(Action.STAFF_MANAGE)
    async def load(self) -> None:
        """Read open transfers and, where the address names one, the officer who is to go; safe to run again."""
        asked = dict(self.router.url.query_parameters)
        self._person = asked.get("ai", "")[:40]
        after = asked.get("sau", "")
        self._after = int(after) if after.isdecimal() and len(after) < 19 else 0
        held = sorted({grant.organisation for grant in current_actor().grants if grant.role is Role.ADMINISTRATOR})
        self._organisation = "mttq" if "mttq" in held or not held else held[0]
        self.heading, self.items = "", []
        await self._show()

    @rx.event
    @needs(Action.STAFF_MANAGE)
    async def propose(self, form: dict[str, Any]) -> None:
        """Let the officer of the address go to another unit."""
        async def act() -> None:
            wish = validated(Wish, form)
            if not wish.unit:
                raise InvalidInput(fields={"unit": account_text.UNKNOWN_UNIT})
            unit = await units.get_unit_by_code(wish.unit)
            await service.propose_transfer(current_actor(), person_id(self._person), unit.id)
            self._person = ""

        await self._act(act, text.PROPOSED)

    @rx.event
    @needs(Action.STAFF_MANAGE)
    async def accept(self, form: dict[str, Any]) -> None:
        """Take an officer in with the ticked roles."""
        async def act() -> None:
            wanted = validated(Arrival, form)
            roles = [role.value for role in Role if form.get(f"role-{role.value}")]
            await service.accept_transfer(current_actor(), wanted.number, roles)

        await self._act(act, text.ACCEPTED)

    @rx.event
    @needs(Action.STAFF_MANAGE)
    async def end(self, number: int) -> None:
        """Decline or withdraw a transfer."""
        await self._act(lambda: service.end_transfer(current_actor(), number), text.TRANSFER_ENDED)

    async def _refresh(self) -> None:
        actor = current_actor()
        rows = await service.list_transfers(actor, organisation=self._organisation, after=self._after)
        self.items = [_line(row, may(actor, Action.STAFF_MANAGE, row.to_path, row.organisation)) for row in rows]
        self.is_first_page = self._after == 0
        self.next_after = str(rows[-1].id) if len(rows) == PAGE else ""
        self.heading = ""
        if self._person:
            lending = await service.get_lending(actor, person_id(self._person))
            self.heading = text.MOVE_WHOM.format(name=lending.officer.display_name)


def _line(row: Transfer, can_accept: bool) -> dict[str, Any]:
    return {
        "id": row.id, "name": row.name, "user_name": row.user_name, "can_accept": can_accept,
        "words": text.TRANSFER_LINE.format(old=row.from_name, new=row.to_name, day=day_words(row.proposed_at)),
    }
