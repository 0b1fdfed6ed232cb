"""State of the screen that answers who may do what on a unit, and why."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import reflex as rx

from mattranso_app.core.access import Action, current_actor, needs
from mattranso_app.identity import service
from mattranso_app.identity import text as account_text
from mattranso_app.identity.officers import text
from mattranso_app.identity.officers.acting import Acting, last_day_words
from mattranso_app.identity.officers.rights_store import CountingRole
from mattranso_app.identity.service import PersonRights
from mattranso_app.units import service as units

ADDRESS = "/tai-khoan/quyen"


class RightsState(Acting, rx.State):
    """One page of people with what they may do on one unit."""

    unit: str = ""
    unit_code: str = ""
    organisation: str = "mttq"
    organisations: list[tuple[str, str]] = []
    action: str = ""
    query: str = ""
    items: list[dict[str, Any]] = []
    next_page: str = ""
    is_first_page: bool = True
    _after: str = ""

    @rx.event
    @needs(Action.STAFF_MANAGE)
    async def load(self) -> None:
        """Read what the address asks for; one's own unit and organisation without. Safe to run again."""
        asked = dict(self.router.url.query_parameters)
        held = {grant.organisation for grant in current_actor().grants if grant.role == "administrator"}
        self.organisations = [(code, name) for code, name in account_text.ORGANISATIONS.items() if code in held]
        wanted = asked.get("to-chuc", "")
        self.organisation = wanted if wanted in held else next((code for code, _ in self.organisations), "mttq")
        self.unit_code = asked.get("don-vi", "")[:20]
        self.action = asked.get("viec", "") if asked.get("viec", "") in text.ACTIONS else ""
        self.query = asked.get("tim", "")[:60]
        self._after = asked.get("sau", "")[:60]
        self.unit, self.items, self.next_page = "", [], ""
        await self._show()

    @rx.event
    @needs(Action.STAFF_MANAGE)
    async def ask(self, form: dict[str, Any]) -> Any:
        """Go to the answer to what the form asks."""
        chosen = {"don-vi": form.get("unit"), "to-chuc": form.get("organisation"), "viec": form.get("action"), "tim": form.get("query")}
        kept = {name: str(value)[:60] for name, value in chosen.items() if value}
        return rx.redirect(f"{ADDRESS}?{urlencode(kept)}" if kept else ADDRESS)

    async def _refresh(self) -> None:
        actor = current_actor()
        unit = await units.get_unit_by_code(self.unit_code) if self.unit_code else await units.get_unit(actor.unit_id or 0)
        page = await service.who_may(
            actor, unit.id, organisation=self.organisation, action=Action(self.action) if self.action else None, query=self.query,
            after=self._after,
        )
        self.unit = text.RIGHTS_AT.format(unit=page.unit_name)
        self.items = [_person(row) for row in page.people]
        self.is_first_page = not self._after
        kept = {"don-vi": self.unit_code, "to-chuc": self.organisation, "viec": self.action, "tim": self.query, "sau": page.next}
        self.next_page = f"{ADDRESS}?{urlencode({name: value for name, value in kept.items() if value})}" if page.next else ""


def _person(row: PersonRights) -> dict[str, Any]:
    """Return somebody for the screen: what the same roles give stands in one line."""
    lines: dict[tuple[tuple[CountingRole, ...], bool], list[str]] = {}
    for right in row.rights:
        lines.setdefault((right.reasons, right.is_withheld), []).append(text.ACTIONS[right.action])
    return {
        "user_name": row.user_name, "name": row.name, "unit": row.unit_name,
        "rights": [
            {"what": " · ".join(actions), "why": "; ".join(_why(reason) for reason in reasons), "withheld": is_withheld}
            for (reasons, is_withheld), actions in lines.items()
        ],
    }


def _why(reason: CountingRole) -> str:
    role = account_text.ROLES[reason.role]
    if reason.lender and reason.until is not None:
        return text.LENT_REASON.format(role=role, unit=reason.unit_name, lender=reason.lender, last=last_day_words(reason.until))
    return text.OWN_REASON.format(role=role, unit=reason.unit_name)
