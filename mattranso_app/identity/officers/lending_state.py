"""State of the screen on which an officer, or an administrator for her, lends roles for an absence."""

from __future__ import annotations

from typing import Any

import reflex as rx
from pydantic import BaseModel, Field

from mattranso_app.core.access import Action, current_actor, needs
from mattranso_app.core.clock import today
from mattranso_app.core.errors import InvalidInput
from mattranso_app.core.http import validated
from mattranso_app.identity import service
from mattranso_app.identity import text as account_text
from mattranso_app.identity.officers import text
from mattranso_app.identity.officers.acting import Acting, day_words, last_day_words, person_id, typed_day
from mattranso_app.identity.officers.store import Delegation


class Wish(BaseModel):
    """A loan as somebody enters it; the roles are the fields `role-…` that are ticked."""

    to: str = Field(default="", max_length=60)
    first: str = Field(default="", max_length=20)
    last: str = Field(default="", max_length=20)


class LendingState(Acting, rx.State):
    """What an officer lends and is lent."""

    heading: str = ""
    is_own: bool = True
    roles: list[dict[str, str]] = []
    colleagues: list[tuple[str, str]] = []
    items: list[dict[str, Any]] = []
    first_day: str = ""
    _person: str = ""

    @rx.event
    @needs(Action.ACCOUNT_OWN)
    async def load(self) -> None:
        """Read whose roles the address asks for, one's own without one; safe to run again."""
        self._person = dict(self.router.url.query_parameters).get("ai", "")[:40]
        self.first_day = today().isoformat()
        self.heading, self.roles, self.colleagues, self.items = "", [], [], []
        await self._show()

    @rx.event
    @needs(Action.ACCOUNT_OWN)
    async def lend(self, form: dict[str, Any]) -> None:
        """Lend the ticked roles."""
        async def act() -> None:
            wish = validated(Wish, form)
            first, last = typed_day(wish.first), typed_day(wish.last)
            if first is None or last is None:
                raise InvalidInput(fields={name: text.NOT_A_DAY for name, day in (("first", first), ("last", last)) if day is None})
            ticked = [name.removeprefix("role-") for name, value in form.items() if name.startswith("role-") and value]
            grants = [int(number) for number in ticked[:50] if number.isdecimal() and len(number) < 19]
            lending = await service.get_lending(current_actor(), person_id(self._person) if self._person else None)
            await service.delegate(
                current_actor(), lending.officer.person_id, grant_ids=grants, to=wish.to, first=first, last=last
            )

        await self._act(act, text.LENT)

    @rx.event
    @needs(Action.ACCOUNT_OWN)
    async def end(self, number: int) -> None:
        """End a loan before its last day."""
        await self._act(lambda: service.end_delegation(current_actor(), number), text.LENDING_ENDED)

    async def _refresh(self) -> None:
        actor = current_actor()
        lending = await service.get_lending(actor, person_id(self._person) if self._person else None)
        self.is_own = lending.officer.person_id == actor.person_id
        self.heading = text.LENDING_OF.format(name=lending.officer.display_name)
        self.roles = [
            {"id": f"role-{grant.id}", "words": f"{account_text.ROLES[grant.role]} · {grant.unit_name}"} for grant in lending.officer.grants
        ]
        self.colleagues = lending.colleagues
        self.items = [{"id": row.id, "words": lent_words(row)} for row in lending.delegations]


def lent_words(row: Delegation) -> str:
    """Return a loan in one sentence."""
    return text.LENT_LINE.format(
        lender=row.delegator_name, person=row.person_name, role=account_text.ROLES[row.role], unit=row.unit_name,
        first=day_words(row.valid_from), last=last_day_words(row.valid_to),
    )
