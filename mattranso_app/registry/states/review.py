"""State of the review: one page of units below, one report open. All of it has an address; each act is one service verb."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

import reflex as rx
from pydantic import BaseModel, Field

from mattranso_app.core.access import Action, current_actor, needs
from mattranso_app.core.errors import DomainError, InvalidInput
from mattranso_app.core.http import validated
from mattranso_app.registry import service
from mattranso_app.registry import upward_words as words
from mattranso_app.registry.service.reviewing import ReviewedReport, Wish
from mattranso_app.registry.service.scope import may_decide, may_forward
from mattranso_app.registry.text import upward as text
from mattranso_app.units.views import UnitView

ADDRESS = "/csdl/duyet"
FIRST_TAB = "cho-duyet"
CELL_FIELD = "o:"
"""Before a cell's key: the field of the reason for this cell."""
UNIT_FIELD = "u:"
"""Before a unit's code: the box that takes it into an approval of many; its value is the revision looked at."""


MISSING_FIELD = "v:"
"""Before a unit's code: the field of the reason why it is missing."""
SHOWN_SINCE = 20
"""Changes since the sending that are named."""


class Reason(BaseModel):
    """A form with a reason."""

    reason: str = Field(default="", max_length=2_000)


class ReviewState(rx.State):
    """What this tab reviews."""

    unit_name: str = ""
    form: str = ""
    period: str = ""
    organisation: str = ""
    unit: str = ""
    unit_code: str = ""
    tab: str = FIRST_TAB
    after: str = ""
    about: str = ""
    due: str = ""
    forms: list[tuple[str, str]] = []
    periods: list[tuple[str, str]] = []
    organisations: list[tuple[str, str]] = []
    tabs: list[dict[str, str]] = []
    items: list[dict[str, str]] = []
    next_href: str = ""
    first_href: str = ""
    list_href: str = ADDRESS
    loaded: bool = False
    problem: str = ""

    sent_words: str = ""
    sent_since: list[str] = []
    sent_below: list[dict[str, str]] = []
    can_forward: bool = False
    can_decide_sent: bool = False

    code: str = ""
    title: str = ""
    state_words: str = ""
    state_kind: str = "plain"
    particulars: str = ""
    figures: list[dict[str, str]] = []
    explained: list[tuple[str, str]] = []
    said: list[str] = []
    events: list[dict[str, str]] = []
    can_approve: bool = False
    can_return: bool = False
    can_reopen: bool = False
    hint: str = ""
    revision: int = 0
    act_problem: str = ""
    act_done: str = ""
    busy: bool = False

    @rx.event
    @needs(Action.REGISTRY_READ)
    async def load(self) -> None:
        """Read what the address asks for. Safe to run again."""
        asked = dict(self.router.url.query_parameters)
        opened = asked.get("mo", "")[:20]
        if opened != self.code:
            self.act_problem, self.act_done = "", ""
        self.problem = ""
        wish = Wish(
            asked.get("bieu", "")[:40], asked.get("ky", "")[:12], asked.get("to-chuc", "")[:20], asked.get("don-vi", "")[:20],
            asked.get("muc", FIRST_TAB)[:20], asked.get("sau", "")[:200],
        )
        try:
            await self._fill(wish)
            await self._show(opened)
        except DomainError as error:
            self.problem, self.items, self.code = error.text, [], ""
        self.loaded = True

    @rx.event
    @needs(Action.REGISTRY_READ)
    async def choose(self, form: dict[str, Any]) -> Any:
        """Go to another form, period or organisation; what the form does not have falls back to its first."""
        code = str(form.get("bieu", ""))[:40]
        parts = {"bieu": code, "muc": self.tab, "don-vi": self.unit}
        if code == self.form:
            parts |= {"ky": str(form.get("ky", ""))[:12], "to-chuc": str(form.get("to-chuc", ""))[:20]}
        return rx.redirect(f"{ADDRESS}?{urlencode({name: value for name, value in parts.items() if value})}")

    @rx.event
    @needs(Action.REGISTRY_APPROVE)
    async def approve(self) -> AsyncIterator[None]:
        """Approve the open report as it was looked at."""
        async def act() -> str:
            await service.approve_reports(current_actor(), *self._about(), [self.code], self.revision)
            return text.APPROVED.format(unit=self.title)

        async for _ in self._act(act):
            yield

    @rx.event
    @needs(Action.REGISTRY_APPROVE)
    async def return_it(self, form: dict[str, Any]) -> AsyncIterator[None]:
        """Give the open report back, with a reason for the whole or for single cells."""
        async def act() -> str:
            reason = validated(Reason, {"reason": form.get("reason", "")}).reason
            cells = {name.removeprefix(CELL_FIELD): str(said) for name, said in form.items() if name.startswith(CELL_FIELD)}
            await service.return_report(current_actor(), *self._about(), self.code, reason, self.revision, cells)
            return text.RETURNED.format(unit=self.title)

        async for _ in self._act(act):
            yield

    @rx.event
    @needs(Action.REGISTRY_APPROVE)
    async def reopen(self, form: dict[str, Any]) -> AsyncIterator[None]:
        """Open an approved or locked report again."""
        async def act() -> str:
            reason = validated(Reason, {"reason": form.get("reason", "")}).reason
            await service.reopen_report(current_actor(), *self._about(), self.code, reason)
            return text.REOPENED.format(unit=self.title)

        async for _ in self._act(act):
            yield

    @rx.event
    @needs(Action.REGISTRY_APPROVE)
    async def approve_many(self, form: dict[str, Any]) -> AsyncIterator[None]:
        """Approve what is ticked, each as it was looked at; all or none."""
        async def act() -> str:
            seen = {
                name.removeprefix(UNIT_FIELD): int(str(value)) for name, value in form.items()
                if name.startswith(UNIT_FIELD) and str(value).isdecimal() and len(str(value)) < 10
            }  # fmt: skip
            if not seen:
                raise InvalidInput(text.NONE_CHOSEN)
            count = await service.approve_reports(current_actor(), *self._about(), list(seen), seen)
            return text.APPROVED_MANY.format(count=count)

        async for _ in self._act(act):
            yield

    @rx.event
    @needs(Action.REGISTRY_APPROVE)
    async def forward(self, form: dict[str, Any]) -> AsyncIterator[None]:
        """Send on what the units below have handed up, with the reasons of who is missing."""
        async def act() -> str:
            reasons = {name.removeprefix(MISSING_FIELD): str(said) for name, said in form.items() if name.startswith(MISSING_FIELD)}
            common, note = str(form.get("common", ""))[:2_000], str(form.get("note", ""))[:2_000]
            missing = await service.forward_reports(current_actor(), *self._about(), self.unit_code, reasons, common, note)
            return text.FORWARDED.format(missing=missing)

        async for _ in self._act(act):
            yield

    @rx.event
    @needs(Action.REGISTRY_APPROVE)
    async def accept_sent(self) -> AsyncIterator[None]:
        """Accept what the unit sent on."""
        async def act() -> str:
            await service.decide_forward(current_actor(), *self._about(), self.unit_code, is_accepted=True)
            return text.FORWARD_ACCEPTED

        async for _ in self._act(act):
            yield

    @rx.event
    @needs(Action.REGISTRY_APPROVE)
    async def return_sent(self, form: dict[str, Any]) -> AsyncIterator[None]:
        """Return what the unit sent on."""
        async def act() -> str:
            reason = validated(Reason, {"reason": form.get("reason", "")}).reason
            await service.decide_forward(current_actor(), *self._about(), self.unit_code, is_accepted=False, reason=reason)
            return text.FORWARD_RETURNED

        async for _ in self._act(act):
            yield

    async def _act(self, verb: Callable[[], Awaitable[str]]) -> AsyncIterator[None]:
        self.act_problem, self.act_done, self.busy = "", "", True
        yield
        try:
            self.act_done = await verb()
            await self._fill(Wish(*self._about(), self.unit, self.tab, self.after))
            await self._show(self.code)
        except DomainError as error:
            self.act_problem = next(iter(error.fields.values()), error.text)
        self.busy = False

    def _about(self) -> tuple[str, str, str]:
        return self.form, self.period, self.organisation

    async def _fill(self, wish: Wish) -> None:
        found = await service.list_review(current_actor(), wish)
        self.unit, self.tab, self.after, self.unit_name = wish.unit, wish.tab, wish.after, found.unit.name
        self.unit_code = found.unit.code
        self.forms, self.periods, self.organisations = found.forms, found.periods, found.organisations
        if found.asked is None:
            self.form = self.period = self.organisation = self.about = ""
            self.items, self.tabs, self.sent_words, self.sent_since, self.sent_below = [], [], "", [], []
            self.can_forward = self.can_decide_sent = False
            return
        self.form, self.period, self.organisation = found.asked.version.code, found.asked.period.key, found.asked.organisation
        named = dict(found.organisations).get(self.organisation, self.organisation)
        self.about = f"{found.asked.definition.title} · {found.asked.period.label} · {named}"
        self.due = text.DUE.format(day=f"{found.asked.due_at:%d/%m/%Y}")
        self.tabs = [
            {"code": code, "words": name, "href": self._address(muc=code), "count": str(found.counts[code])}
            for code, name in text.TABS.items()
        ]
        self.items = [
            {**words.line(row, found.asked.due_at), "href": self._address(muc=self.tab, sau=self.after, mo=row["code"])}
            for row in found.rows
        ]
        self.list_href = self._address(muc=self.tab, sau=self.after)
        self.next_href = self._address(muc=self.tab, sau=found.next) if found.next else ""
        self.first_href = self._address(muc=self.tab) if self.after else ""
        where = {"bieu": self.form, "ky": self.period, "to-chuc": self.organisation}
        self.sent_below = [
            {"name": row["name"], "about": words.sent_below(row), "href": f"{ADDRESS}?{urlencode(where | {'don-vi': row['code']})}"}
            for row in found.sent
        ]
        await self._fill_sent(found.unit)

    async def _fill_sent(self, unit: UnitView) -> None:
        """Say whether the unit has sent on, and what came or changed since."""
        actor = current_actor()
        sent = await service.view_forward(actor, *self._about(), unit.code)
        state = sent.row["state"] if sent is not None else ""
        self.sent_words = words.sent_line(sent) if sent is not None else ""
        self.sent_since = [words.since_line(row) for row in sent.since[:SHOWN_SINCE]] if sent is not None else []
        self.can_forward = may_forward(actor, unit.path, self.organisation) and state in ("", "returned")
        self.can_decide_sent = state == "sent" and may_decide(actor, unit.path, self.organisation)

    async def _show(self, code: str) -> None:
        self.code = ""
        if not code or not self.form:
            return
        found = await service.open_review(current_actor(), *self._about(), code)
        self.code, self.title = code, found.unit.name
        self.state_words, self.state_kind = text.STATES[found.row["state"] or "none"]
        self.particulars = " · ".join(words.marks(found.row, found.row["due_at"] or found.asked.due_at))
        self.figures, self.events = words.figures(found), words.history(found)
        self.explained = found.explained
        self.said = [f"{said['person_name']}: {said['body']}" for said in found.comments if said["key"] == ""]
        self.revision = found.row["revision"] or 0
        self._allow(found)

    def _allow(self, found: ReviewedReport) -> None:
        state = found.row["state"]
        self.can_approve = found.may_decide and state == "submitted" and not found.is_own
        self.can_return = found.may_decide and state == "submitted"
        self.can_reopen = found.may_decide and state == "approved"
        self.hint = text.OWN if found.is_own and state == "submitted" else "" if found.may_decide else text.NOT_DECIDING

    def _address(self, **parts: str) -> str:
        whole = {"bieu": self.form, "ky": self.period, "to-chuc": self.organisation, "don-vi": self.unit, **parts}
        return f"{ADDRESS}?{urlencode({name: value for name, value in whole.items() if value})}"
