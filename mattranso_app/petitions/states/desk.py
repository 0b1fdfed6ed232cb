"""The desk's state: one page of the queue and the open petition. Every act is one service verb."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import reflex as rx
from pydantic import BaseModel, Field

from mattranso_app.core.access import Action, current_actor, may, needs
from mattranso_app.core.clock import now
from mattranso_app.core.errors import Conflict, DomainError
from mattranso_app.core.http import validated
from mattranso_app.core.masking import mask
from mattranso_app.petitions import service, text, words
from mattranso_app.petitions.models import Publication, State, Step
from mattranso_app.petitions.shapes import TAB_CAP, OfficerPetition


class Reason(BaseModel):
    """A form with a reason."""

    reason: str = Field(default="", max_length=2_000)


class PublicCopy(BaseModel):
    """The public copy as an officer leaves it."""

    title: str = Field(default="", max_length=2_000)
    body: str = Field(default="", max_length=50_000)
    place: str = Field(default="", max_length=2_000)


class Answer(BaseModel):
    """An answer as it is handed in."""

    outcome: str = Field(default="", max_length=20)
    body: str = Field(default="", max_length=50_000)


class DeskState(rx.State):
    """What an officer has on the desk in this tab."""

    unit_name: str = ""
    unit_code: str = ""
    tab: str = "moi"
    tabs: list[dict[str, str]] = []
    items: list[dict[str, str | bool]] = []
    next_cursor: str = ""
    loaded: bool = False
    problem: str = ""

    number: str = ""
    version: int = 0
    title: str = ""
    body: str = ""
    place: str = ""
    kind_words: str = ""
    state_words: str = ""
    sent: str = ""
    due: str = ""
    due_left: str = ""
    due_basis: str = ""
    contact_hint: str = ""
    contact: str = ""
    photos: list[str] = []
    public_title: str = ""
    public_body: str = ""
    public_place: str = ""
    events: list[dict[str, str]] = []
    attachments: list[dict[str, str]] = []
    draft_body: str = ""
    draft_outcome: str = ""
    saved_words: str = ""
    masked_count: int = 0
    masked_words: str = ""
    returned_reason: str = ""
    author: str = ""
    outcome_words: str = ""
    answer_public_body: str = ""
    can_take_up: bool = False
    can_decide_publication: bool = False
    can_answer: bool = False
    can_approve: bool = False
    can_read_contact: bool = False
    act_problem: str = ""
    act_done: str = ""
    busy: bool = False

    @rx.event
    @needs(Action.PETITION_READ)
    async def load(self) -> None:
        """Read the tab and the petition that the address asks for; safe to run again."""
        asked = dict(self.router.url.query_parameters)
        self.tab = asked.get("hang", "moi") if asked.get("hang") in text.TABS else "moi"
        self.problem, self.act_problem, self.act_done = "", "", ""
        try:
            await self._fill_queue()
            wanted = asked.get("mo", "")
            if wanted:
                await self._show(wanted)
            if asked.get("loi"):
                self.act_problem = text.FILE_REFUSED
        except DomainError as error:
            self.problem = error.text
        self.loaded = True

    @rx.event
    @needs(Action.PETITION_READ)
    async def refresh(self) -> None:
        """Look at the queue again because something has changed; what is being written stays as it is."""
        try:
            await self._fill_queue()
        except DomainError as error:
            self.problem = error.text

    @rx.event
    @needs(Action.PETITION_READ)
    async def load_more(self) -> None:
        """Add the next page to the queue; at most ten pages are held."""
        unit = await service.desk_unit(current_actor())
        page = await service.list_queue(current_actor(), unit, self.tab, self.next_cursor)
        self.items = [*self.items, *(words.queue_line(row) for row in page.items)][-300:]
        self.next_cursor = page.next or ""

    @rx.event
    @needs(Action.PETITION_READ)
    async def open(self, number: str) -> None:
        """Open one petition of the queue."""
        self.act_problem, self.act_done = "", ""
        try:
            await self._show(number)
        except DomainError as error:
            self.problem = error.text

    @rx.event
    @needs(Action.PETITION_READ)
    async def close(self) -> None:
        """Close the open petition (a phone goes back to the list)."""
        self.number = ""

    @rx.event
    @needs(Action.PETITION_HANDLE)
    async def take_up(self) -> None:
        """Begin handling."""
        await self._act("take_up", lambda: service.take_up(current_actor(), self.number, self.version))

    @rx.event
    @needs(Action.PETITION_HANDLE)
    async def publish_question(self, form: dict[str, Any]) -> None:
        """Publish the looked-over copy."""
        async def act() -> None:
            copy = validated(PublicCopy, form)
            await service.publish_question(current_actor(), self.number, self.version, copy.title, copy.body, copy.place)

        await self._act("publish", act)

    @rx.event
    @needs(Action.PETITION_HANDLE)
    async def withhold_question(self, form: dict[str, Any]) -> None:
        """Keep the question from being public."""
        async def act() -> None:
            await service.withhold_question(current_actor(), self.number, self.version, validated(Reason, form).reason)

        await self._act("withhold", act)

    @rx.event
    @needs(Action.PETITION_HANDLE)
    async def choose_outcome(self, outcome: str) -> None:
        """Remember the chosen outcome for the draft."""
        self.draft_outcome = outcome[:20]

    @rx.event
    @needs(Action.PETITION_HANDLE)
    async def save_draft(self, body: str) -> None:
        """Keep the unfinished answer."""
        if not self.number or body == self.draft_body:
            return
        try:
            await service.save_draft(current_actor(), self.number, self.version, self.draft_outcome, body)
        except DomainError as error:
            self.act_problem = error.text
            return
        self.draft_body = body
        self.saved_words = text.SAVED.format(time=now().astimezone(words.VN).strftime("%H:%M"))
        self._count_masked(body)

    @rx.event
    @needs(Action.PETITION_HANDLE)
    async def submit_answer(self, form: dict[str, Any]) -> None:
        """Hand the answer in for approval."""
        async def act() -> None:
            answer = validated(Answer, form)
            attached = [UUID(file["id"]) for file in self.attachments]
            outcome = answer.outcome or self.draft_outcome
            await service.submit_answer(current_actor(), self.number, self.version, outcome, answer.body, attached)

        await self._act("submit", act)

    @rx.event
    @needs(Action.PETITION_APPROVE)
    async def approve(self) -> None:
        """Approve and publish the answer."""
        await self._act("approve", lambda: service.approve_answer(current_actor(), self.number, self.version))

    @rx.event
    @needs(Action.PETITION_APPROVE)
    async def return_answer(self, form: dict[str, Any]) -> None:
        """Give the answer back with a reason."""
        async def act() -> None:
            await service.return_answer(current_actor(), self.number, self.version, validated(Reason, form).reason)

        await self._act("return", act)

    @rx.event
    @needs(Action.PETITION_READ_CONTACT)
    async def read_contact(self, form: dict[str, Any]) -> None:
        """Show the sender's contact; audited with the reason."""
        try:
            found = await service.read_contact(current_actor(), self.number, validated(Reason, form).reason)
        except DomainError as error:
            self.act_problem = next(iter(error.fields.values()), error.text)
            return
        self.contact = " · ".join(value for value in found.values() if value)

    async def _act(self, name: str, verb: Callable[[], Awaitable[None]]) -> None:
        """Run one verb; show what came of it and the petition as it now stands."""
        self.act_problem, self.act_done = "", ""
        try:
            await verb()
        except Conflict as error:
            self.act_problem = error.text
            await self._show(self.number)
            return
        except DomainError as error:
            self.act_problem = " ".join(error.fields.values()) or error.text
            return
        self.act_done = text.DONE[name]
        await self._show(self.number)
        await self._fill_queue()

    async def _fill_queue(self) -> None:
        actor = current_actor()
        unit = await service.desk_unit(actor)
        self.unit_name, self.unit_code = unit.name, unit.code
        counts = await service.count_queue(actor, unit)
        self.tabs = [
            {
                "code": code, "words": name, "href": f"/phan-anh/ban-lam-viec?hang={code}",
                "count": f"{TAB_CAP}+" if counts[code] > TAB_CAP else str(counts[code]),
            }
            for code, name in text.TABS.items()
        ]
        page = await service.list_queue(actor, unit, self.tab)
        self.items = [words.queue_line(row) for row in page.items]
        self.next_cursor = page.next or ""

    async def _show(self, number: str) -> None:
        actor = current_actor()
        row = await service.get_for_officer(actor, number)
        self.number, self.version = row.number, row.version
        self.title, self.body, self.place = row.title, row.body, row.place
        self.kind_words, self.state_words = text.KINDS[row.kind], text.STATES[row.state]
        self.sent = words.moment(row.created_at)
        self.due, self.due_basis = words.day_of(row.deadline.due_at), row.deadline.basis
        self.due_left = words.due_left(row.deadline.due_at, row.answered_at)[0]
        self.contact_hint, self.contact = row.contact_hint, ""
        self.photos = [str(file.id) for file in row.photos]
        self.public_title, self.public_body, self.public_place = row.public_title, row.public_body, row.public_place
        self.events = [
            {"name": text.TIMELINE[event.step], "at": words.short_moment(event.at),
             "note": " · ".join(part for part in (event.unit, event.public_note, event.internal_note) if part)}
            for event in row.events
        ]
        self._show_answer(row)
        may_handle = may(actor, Action.PETITION_HANDLE, row.unit_path)
        is_pending = row.publication == Publication.PENDING
        self.can_take_up = may_handle and Step.TAKE_UP in row.steps
        self.can_decide_publication = may_handle and is_pending and Step.PUBLISH_QUESTION in row.steps
        self.can_answer = may_handle and not is_pending and Step.SUBMIT_ANSWER in row.steps
        self.can_approve = may(actor, Action.PETITION_APPROVE, row.unit_path) and Step.APPROVE_ANSWER in row.steps
        self.can_read_contact = may(actor, Action.PETITION_READ_CONTACT, row.unit_path)

    def _show_answer(self, row: OfficerPetition) -> None:
        latest = row.answers[-1] if row.answers else None
        self.author = latest.author_name if latest else ""
        self.outcome_words = text.OUTCOMES[latest.outcome] if latest else ""
        self.answer_public_body = latest.public_body if latest else ""
        self.returned_reason = latest.reason if latest and latest.decision == "returned" and row.state == State.IN_PROGRESS else ""
        self.attachments = [{"id": str(file.id), "name": file.name} for file in row.attachments]
        kept = row.draft
        again = latest if latest and latest.decision == "returned" else None
        self.draft_body = kept.body if kept else again.body if again else ""
        self.draft_outcome = kept.outcome if kept else again.outcome if again else ""
        self.saved_words = text.SAVED.format(time=words.short_moment(kept.saved_at)) if kept else ""
        self._count_masked(self.draft_body)

    def _count_masked(self, body: str) -> None:
        self.masked_count = len(mask(body).spans)
        self.masked_words = text.MASKED.format(count=self.masked_count)
