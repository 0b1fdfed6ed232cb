"""What a signed-in citizen has sent; the place in the list lives in the address."""

from __future__ import annotations

import reflex as rx

from mattranso_app.core.access import Action, current_actor, needs
from mattranso_app.core.errors import DomainError
from mattranso_app.petitions import service, words

ADDRESS = "/phan-anh/cua-toi"


class MineState(rx.State):
    """One page of the own petitions."""

    items: list[dict[str, str]] = []
    next_address: str = ""
    first_address: str = ""
    problem: str = ""
    loaded: bool = False

    @rx.event
    @needs(Action.ACCOUNT_OWN)
    async def load(self) -> None:
        """Read the page that the address asks for."""
        self.problem, self.next_address, self.first_address = "", "", ""
        place = str(dict(self.router.url.query_parameters).get("tiep", ""))[:100]
        try:
            page = await service.list_mine(current_actor(), place)
            self.items = [words.item(row) for row in page.items]
            self.next_address = f"{ADDRESS}?tiep={page.next}" if page.next else ""
            self.first_address = ADDRESS if place else ""
        except DomainError as error:
            self.items, self.problem = [], error.text
        self.loaded = True
