"""The Excel screen: which form, period and organisation. Files go over plain HTTP, see `registry.sheets_api`."""

from __future__ import annotations

from urllib.parse import urlencode

import reflex as rx

from mattranso_app.core.access import Action, current_actor, needs
from mattranso_app.core.errors import DomainError
from mattranso_app.registry.service.sheet_choices import sheet_choices
from mattranso_app.registry.text import sheets as text


class RegistrySheetsState(rx.State):
    """What the officer can fill by Excel."""

    forms: list[tuple[str, str]] = []
    periods: list[tuple[str, str]] = []
    organisations: list[tuple[str, str]] = []
    form: str = ""
    period: str = ""
    organisation: str = ""
    templates: list[dict[str, str]] = []
    loaded: bool = False
    problem: str = ""

    @rx.event
    @needs(Action.REGISTRY_ENTER)
    async def load(self) -> None:
        """Read what can be chosen; the address says what is. Safe to run again."""
        asked = {name: value[:40] for name, value in dict(self.router.url.query_parameters).items()}
        self.problem = ""
        try:
            found = await sheet_choices(current_actor(), asked.get("bieu", ""), asked.get("ky", ""), asked.get("to-chuc", ""))
        except DomainError as error:
            self.problem, self.loaded = error.text, True
            return
        self.forms, self.periods, self.organisations = list(found.forms), list(found.periods), list(found.organisations)
        self.form, self.period, self.organisation = found.form, found.period, found.organisation
        wanted = {"bieu": found.form, "ky": found.period, "to-chuc": found.organisation}
        self.templates = [
            {
                "words": text.TEMPLATE_BELOW.format(level=text.LEVELS[each.level], unit=each.name)
                if each.below
                else text.TEMPLATE_OWN.format(unit=each.name),
                "href": "/csdl/excel/mau.xlsx?"
                + urlencode(wanted | {"don-vi": each.unit} | ({"pham-vi": "duoi"} if each.below else {})),
            }
            for each in (found.templates if found.period else ())
        ]
        self.loaded = True
