"""The desk's queue: whose desk, which tab, one page of rows. What is open is in `desk_item`. All of it has an address."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import reflex as rx

from mattranso_app.core.access import Action, current_actor, may, needs, scopes
from mattranso_app.petitions import service, text, words
from mattranso_app.petitions.shapes import TAB_CAP

DESK = "/phan-anh/ban-lam-viec"
FIRST_TAB = "moi"
LATE_TAB = "qua-han"


class DeskState(rx.State):
    """A unit's queue as this tab shows it."""

    me: str = ""
    unit_name: str = ""
    unit_code: str = ""
    asked_unit: str = ""
    can_choose_unit: bool = False
    is_reader: bool = False
    tab: str = FIRST_TAB
    tabs: list[dict[str, str | bool]] = [
        {"code": code, "words": name, "href": f"{DESK}?hang={code}", "count": "", "late": False} for code, name in text.TABS.items()
    ]
    """Part of the page from the start, so that nothing moves when the counts come."""
    items: list[dict[str, str | bool]] = []
    cursor: str = ""
    next_href: str = ""
    previous_href: str = ""
    list_href: str = DESK
    loaded: bool = False
    problem: str = ""
    _before: list[str] = []
    _listed: tuple[str, str, str] | None = None

    number: str = ""

    @rx.event
    @needs(Action.PETITION_READ)
    async def choose_unit(self, form: dict[str, Any]) -> Any:
        """Go to the desk of another unit."""
        code = str(form.get("unit", ""))[:20]
        if not code:
            self.problem = text.OTHER_UNIT_MISSING
            return None
        return rx.redirect(f"{DESK}?{urlencode({'don-vi': code})}")

    async def _fill_queue(self) -> None:
        """Read the counts of the tabs and the page of the queue that `asked_unit`, `tab` and `cursor` name."""
        actor = current_actor()
        unit = await service.desk_unit(actor, self.asked_unit)
        self.me, self.unit_name, self.unit_code = str(actor.person_id or ""), unit.name, unit.code
        self.can_choose_unit = any(path.count("/") < 3 for path in scopes(actor, Action.PETITION_READ))
        self.is_reader = not (may(actor, Action.PETITION_HANDLE, unit.path) or may(actor, Action.PETITION_APPROVE, unit.path))
        counts = await service.count_queue(actor, unit)
        self.tabs = [
            {
                "code": code, "words": name, "href": self._address(tab=code, after=""),
                "count": f"{TAB_CAP}+" if counts[code] > TAB_CAP else str(counts[code]),
                "late": code == LATE_TAB and counts[code] > 0,
            }
            for code, name in text.TABS.items()
        ]
        page = await service.list_queue(actor, unit, self.tab, self.cursor)
        self.list_href = self._address()
        self.items = [{**words.queue_line(row), "href": self._address(number=row.number)} for row in page.items]
        self.next_href = self._address(after=page.next) if page.next else ""
        self.previous_href = self._address(after=self._before[-1] if self._before else "") if self.cursor else ""
        self._listed = (self.asked_unit, self.tab, self.cursor)

    def _is_listed(self) -> bool:
        """Return whether the rows are those the address asks for."""
        return self._listed == (self.asked_unit, self.tab, self.cursor)

    def _clear_queue(self) -> None:
        """Show no rows: what the address asks for could not be read."""
        self.items, self.next_href, self.previous_href, self.unit_name, self.unit_code = [], "", "", "", ""

    def _turn_to(self, tab: str, unit: str, cursor: str) -> None:
        """Remember the way back to the pages before; keys lead forward only."""
        if (tab, unit) != (self.tab, self.asked_unit) or not cursor:
            self._before = []
        elif cursor in self._before:
            self._before = self._before[: self._before.index(cursor)]
        elif cursor != self.cursor:
            self._before = [*self._before, self.cursor] if self.loaded else []
        self.tab, self.asked_unit, self.cursor = tab, unit, cursor

    def _address(self, *, tab: str | None = None, after: str | None = None, number: str = "") -> str:
        """Return the address of the desk as it stands, with another tab, page or open petition."""
        parts = {
            "don-vi": self.asked_unit, "hang": self.tab if tab is None else tab, "sau": self.cursor if after is None else after,
            "mo": number,
        }
        return f"{DESK}?{urlencode({name: value for name, value in parts.items() if value})}"
