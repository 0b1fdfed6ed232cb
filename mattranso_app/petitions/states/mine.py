"""What a signed-in citizen has sent; the place in the list lives in the address."""

from __future__ import annotations

from typing import Any

import reflex as rx
from pydantic import BaseModel, Field

from mattranso_app.core.access import Action, current_actor, needs
from mattranso_app.core.errors import DomainError
from mattranso_app.core.http import validated
from mattranso_app.petitions import service, text, words

ADDRESS = "/phan-anh/cua-toi"
MOST_KNOWN = 200
"""Own numbers a tab remembers, so that the device does not offer what is on the list."""


class ClaimForm(BaseModel):
    """Number and receipt of a petition sent without an account."""

    number: str = Field(default="", max_length=100)
    receipt: str = Field(default="", max_length=100)


class MineState(rx.State):
    """One page of the own petitions, and what came of claiming another one. The receipt is not kept."""

    items: list[dict[str, str]] = []
    next_address: str = ""
    first_address: str = ""
    problem: str = ""
    loaded: bool = False
    numbers: list[str] = []
    claimed: str = ""
    claim_problem: str = ""

    @rx.event
    @needs(Action.ACCOUNT_OWN)
    async def load(self) -> None:
        """Read the page that the address asks for."""
        self.claimed, self.claim_problem = "", ""
        await self._fill()

    @rx.event
    @needs(Action.ACCOUNT_OWN)
    async def claim(self, form: dict[str, Any]) -> None:
        """Put the petition of a number and its receipt on the list: typed ones, or those this device has kept."""
        self.claimed, self.claim_problem = "", ""
        known = {name: form[name] for name in ("number", "receipt") if name in form}
        try:
            wanted = validated(ClaimForm, known)
            number = await service.claim(current_actor(), wanted.number, wanted.receipt)
        except DomainError as error:
            self.claim_problem = error.text
            return
        self.claimed = text.CLAIMED.format(number=number)
        self.numbers = [*self.numbers, number]
        await self._fill()

    async def _fill(self) -> None:
        self.problem, self.next_address, self.first_address = "", "", ""
        place = str(dict(self.router.url.query_parameters).get("tiep", ""))[:100]
        try:
            page = await service.list_mine(current_actor(), place)
            self.items = [words.item(row) for row in page.items]
            self.numbers = sorted({*self.numbers, *(row.number for row in page.items)})[-MOST_KNOWN:]
            self.next_address = f"{ADDRESS}?tiep={page.next}" if page.next else ""
            self.first_address = ADDRESS if place else ""
        except DomainError as error:
            self.items, self.problem = [], error.text
        self.loaded = True
