"""What a signed-in officer has waiting, for the home page. Nobody else costs a query."""

from __future__ import annotations

import reflex as rx

from mattranso_app.core.access import Action, current_actor, may, public
from mattranso_app.core.errors import DomainError
from mattranso_app.petitions import service
from mattranso_app.petitions import text as petition_text

WAITING = ("moi", "dang-xu-ly", "cho-duyet", "qua-han")


class OfficerState(rx.State):
    """The officer's own unit and the work that waits there; empty for everyone else."""

    unit: str = ""
    waiting: list[dict[str, str]] = []

    @rx.event
    @public
    async def load(self) -> None:
        """Read the counts of the officer's own desk."""
        actor = current_actor()
        self.unit, self.waiting = "", []
        if actor.kind != "officer" or not may(actor, Action.PETITION_READ):
            return
        try:
            unit = await service.desk_unit(actor)
            counts = await service.count_queue(actor, unit)
        except DomainError:
            return  # an account whose unit has ended or lies outside: the home page stays the citizens' one
        self.unit = unit.name
        self.waiting = [
            {
                "words": petition_text.TABS[tab], "count": str(counts[tab]) if counts[tab] <= 1000 else "1.000+",
                "href": f"/phan-anh/ban-lam-viec?hang={tab}", "kind": "late" if tab == "qua-han" and counts[tab] else "",
            }
            for tab in WAITING
        ]
