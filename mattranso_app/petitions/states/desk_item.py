"""The petition that lies open on the desk. Every act is one service verb; what can be done is decided by state and right."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import reflex as rx
from pydantic import BaseModel, Field

from mattranso_app.core.access import Action, automatic, current_actor, may, needs
from mattranso_app.core.errors import Conflict, DomainError, NotFound
from mattranso_app.core.http import validated
from mattranso_app.core.masking import find_personal_data_apart
from mattranso_app.core.turns import Turnstile
from mattranso_app.petitions import desk_words, service, text, words
from mattranso_app.petitions.models import Publication, State, Step
from mattranso_app.petitions.shapes import OfficerPetition
from mattranso_app.petitions.states.desk import FIRST_TAB, DeskState

_REDRAWS = Turnstile(2)
"""Petitions drawn anew at a time after an act: the acts of others, who still wait for an answer, go first."""

FILE_FIELD = "file-"
"""A ticked box of this name and the file's id sends the file along."""


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


class PetitionState(DeskState):
    """The open petition of this tab."""

    version: int = 0
    title: str = ""
    parts: list[tuple[str, str]] = []
    place_parts: list[tuple[str, str]] = []
    has_personal_data: bool = False
    about: str = ""
    state_words: str = ""
    due: str = ""
    due_left: str = ""
    due_kind: str = ""
    due_rule: str = ""
    due_basis: str = ""
    contact_hint: str = ""
    contact: str = ""
    photos: list[str] = []
    publication: str = ""
    withheld_reason: str = ""
    public_copy: dict[str, str] = {}
    on_publishing: list[str] = []
    events: list[dict[str, str]] = []
    attachments: list[dict[str, str | bool]] = []
    draft: dict[str, str] = {}
    draft_is_stale: bool = False
    draft_masked: list[str] = []
    saved_words: str = ""
    returned_reason: str = ""
    author: str = ""
    is_own_answer: bool = False
    outcome_words: str = ""
    answer_parts: list[tuple[str, str]] = []
    answer_files: list[dict[str, str]] = []
    on_approving: list[str] = []
    can_take_up: bool = False
    can_decide_publication: bool = False
    can_withdraw: bool = False
    can_answer: bool = False
    can_approve: bool = False
    can_read_contact: bool = False
    changed_elsewhere: bool = False
    act_problem: str = ""
    act_done: str = ""

    @rx.event
    @needs(Action.PETITION_READ)
    async def load(self) -> None:
        """Read what the address asks for: unit, tab, page, petition. Safe to run again."""
        asked = dict(self.router.url.query_parameters)
        tab = asked.get("hang", "")
        self._turn_to(tab if tab in text.TABS else FIRST_TAB, asked.get("don-vi", "")[:20], asked.get("sau", "")[:100])
        wanted = asked.get("mo", "")[:20]
        self.problem = ""
        if wanted != self.number:
            self.act_problem, self.act_done = "", ""
        try:
            await self._fill_queue()
            if wanted:
                await self._show(wanted)
            else:
                self._close()
        except DomainError as error:
            self.problem = error.text
            if not self._is_listed():
                self._clear_queue()
            self._close()
        self.loaded = True

    @rx.event
    @needs(Action.PETITION_READ)
    @automatic
    async def refresh(self) -> None:
        """Look again because something has changed. What is being written, the selection and the page stay."""
        try:
            await self._fill_queue()
            if not self.number or await service.current_version(current_actor(), self.number) == self.version:
                return
            if self.can_answer or self.can_decide_publication:
                self.changed_elsewhere = True
            else:
                await self._show(self.number)
        except DomainError as error:
            self.problem = error.text

    @rx.event
    @needs(Action.PETITION_READ)
    async def show_changed(self) -> None:
        """Show the open petition as it now stands."""
        self.act_problem, self.act_done = "", ""
        try:
            await self._show(self.number)
        except DomainError as error:
            self.act_problem = error.text

    @rx.event
    @needs(Action.PETITION_HANDLE)
    async def take_up(self) -> AsyncIterator[None]:
        """Begin handling."""
        if self.can_take_up:  # a second press of the same button is no second wish
            async for _ in self._act("take_up", lambda: service.take_up(current_actor(), self.number, self.version)):
                yield

    @rx.event
    @needs(Action.PETITION_HANDLE)
    async def publish_question(self, form: dict[str, Any]) -> AsyncIterator[None]:
        """Publish the looked-over copy."""
        async def act() -> None:
            copy = validated(PublicCopy, form)
            await service.publish_question(current_actor(), self.number, self.version, copy.title, copy.body, copy.place)

        async for _ in self._act("publish", act):
            yield

    @rx.event
    @needs(Action.PETITION_HANDLE)
    async def withhold_question(self, form: dict[str, Any]) -> AsyncIterator[None]:
        """Keep the question from being public, or take it back."""
        async def act() -> None:
            reason = validated(Reason, {"reason": form.get("withhold_reason", "")}).reason
            await service.withhold_question(current_actor(), self.number, self.version, reason)

        async for _ in self._act("withhold", act):
            yield

    @rx.event
    @needs(Action.PETITION_HANDLE)
    async def submit_answer(self, form: dict[str, Any]) -> AsyncIterator[None]:
        """Hand the answer in for approval, with the files that are ticked."""
        async def act() -> None:
            answer = validated(Answer, form)
            chosen = [UUID(str(file["id"])) for file in self.attachments if f"{FILE_FIELD}{file['id']}" in form]
            await service.submit_answer(current_actor(), self.number, self.version, answer.outcome, answer.body, chosen)

        async for _ in self._act("submit", act):
            yield

    @rx.event
    @needs(Action.PETITION_HANDLE)
    async def look_at_files(self) -> None:
        """Read the attachments again after one was uploaded; what is being written stays."""
        try:
            row = await service.get_for_officer(current_actor(), self.number)
        except DomainError as error:
            self.act_problem = error.text
            return
        self.attachments = _attachments(row)

    @rx.event
    @needs(Action.PETITION_HANDLE)
    async def remove_file(self, file_id: str) -> None:
        """Remove a file that no handed-in answer has."""
        self.act_problem, self.act_done = "", ""
        try:
            await service.remove_evidence(current_actor(), self.number, _uuid(file_id))
        except DomainError as error:
            self.act_problem = error.text
            return
        self.attachments = [file for file in self.attachments if file["id"] != file_id]
        self.act_done = text.DONE["detach"]

    @rx.event
    @needs(Action.PETITION_APPROVE)
    async def approve(self) -> AsyncIterator[None]:
        """Approve the answer that waits."""
        if self.can_approve:
            async for _ in self._act("approve", lambda: service.approve_answer(current_actor(), self.number, self.version)):
                yield

    @rx.event
    @needs(Action.PETITION_APPROVE)
    async def return_answer(self, form: dict[str, Any]) -> AsyncIterator[None]:
        """Give the answer back with a reason."""
        async def act() -> None:
            reason = validated(Reason, {"reason": form.get("return_reason", "")}).reason
            await service.return_answer(current_actor(), self.number, self.version, reason)

        async for _ in self._act("return", act):
            yield

    @rx.event
    @needs(Action.PETITION_READ_CONTACT)
    async def read_contact(self, form: dict[str, Any]) -> None:
        """Show the sender's contact; audited with the reason."""
        self.act_problem, self.act_done = "", ""
        try:
            reason = validated(Reason, {"reason": form.get("contact_reason", "")}).reason
            found = await service.read_contact(current_actor(), self.number, reason)
        except DomainError as error:
            self.act_problem = next(iter(error.fields.values()), error.text)
            return
        self.contact = " · ".join(value for value in found.values() if value)

    async def _act(self, name: str, verb: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
        """Run one verb; say at once that it is done, then show the petition as it now stands.

        The queue follows as on every other open desk: the unit's live topic has it refreshed.
        """
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
        yield
        async with _REDRAWS.turn():
            await self._show(self.number)

    def _close(self) -> None:
        self.number, self.version, self.contact, self.changed_elsewhere = "", 0, "", False

    async def _show(self, number: str) -> None:
        await self._fill(await service.get_for_officer(current_actor(), number))

    async def _fill(self, row: OfficerPetition) -> None:
        actor = current_actor()
        if row.number != self.number:
            self.contact = ""
        self.number, self.version, self.changed_elsewhere = row.number, row.version, False
        self.title = row.title
        self.parts, self.place_parts = [
            desk_words.original_parts(written, await find_personal_data_apart(written)) for written in (row.body, row.place)
        ]
        self.has_personal_data = any(kind for _, kind in (*self.parts, *self.place_parts))
        about = [row.number, text.KINDS[row.kind], f"{text.SENT_AT} {words.moment(row.created_at)}"]
        if row.unit.code != self.unit_code:
            about.append(words.unit_words(row.unit))
        if row.is_sample:
            about.append(text.SAMPLE)
        self.about, self.state_words = " · ".join(about), text.STATES[row.state]
        self.due, self.due_basis = words.day_of(row.deadline.due_at), row.deadline.basis
        self.due_left, self.due_kind = words.due_left(row.deadline.due_at, row.answered_at)
        self.due_rule = words.rule_words(row.deadline)
        self.contact_hint = row.contact_hint
        self.photos = [str(file.id) for file in row.photos]
        self.publication, self.withheld_reason = row.publication, row.withheld_reason
        self.public_copy = {"title": row.public_title, "body": row.public_body, "place": row.public_place}
        self.on_publishing, self.on_approving = desk_words.on_publishing(row), desk_words.on_approving(row)
        self.events = [
            {"name": text.TIMELINE[event.step], "at": words.short_moment(event.at),
             "note": " · ".join(part for part in (event.unit, event.public_note, event.internal_note) if part)}
            for event in row.events
        ]
        await self._fill_answer(row)
        may_handle = may(actor, Action.PETITION_HANDLE, row.unit_path, row.organisation)
        is_pending = row.publication == Publication.PENDING
        self.can_take_up = may_handle and Step.TAKE_UP in row.steps
        self.can_decide_publication = may_handle and is_pending and Step.PUBLISH_QUESTION in row.steps
        self.can_withdraw = may_handle and row.publication == Publication.PUBLISHED and Step.WITHHOLD_QUESTION in row.steps
        self.can_answer = may_handle and not is_pending and Step.SUBMIT_ANSWER in row.steps
        may_approve = may(actor, Action.PETITION_APPROVE, row.unit_path, row.organisation)
        self.can_approve = may_approve and Step.APPROVE_ANSWER in row.steps
        self.can_read_contact = may(actor, Action.PETITION_READ_CONTACT, row.unit_path, row.organisation)

    async def _fill_answer(self, row: OfficerPetition) -> None:
        latest = row.answers[-1] if row.answers else None
        self.author = latest.author_name if latest else ""
        self.is_own_answer = latest is not None and latest.author_id == current_actor().person_id
        self.outcome_words = text.OUTCOMES[latest.outcome] if latest else ""
        self.answer_parts = desk_words.masked_parts(latest.public_body) if latest else []
        self.answer_files = [{"id": str(file.id), "name": file.name} for file in latest.files] if latest else []
        returned = latest if latest and latest.decision == "returned" and row.state == State.IN_PROGRESS else None
        self.returned_reason = returned.reason if returned else ""
        self.attachments = _attachments(row)
        kept = row.draft or returned
        self.draft = {"outcome": kept.outcome, "body": kept.body} if kept else {}
        self.draft_masked = desk_words.masked_words(await find_personal_data_apart(kept.body)) if kept else []
        self.draft_is_stale = row.draft is not None and row.draft.is_stale
        self.saved_words = text.SAVED.format(time=words.short_moment(row.draft.saved_at)) if row.draft else ""


def _attachments(row: OfficerPetition) -> list[dict[str, str | bool]]:
    """Return the files of the petition's answers; those of an answer that was handed in cannot be removed any more."""
    handed_in = {file.id for answer in row.answers for file in answer.files}
    return [
        {"id": str(file.id), "name": file.name, "is_picture": file.thumbnail_path is not None, "removable": file.id not in handed_in}
        for file in row.attachments
    ]


def _uuid(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError as error:
        raise NotFound(text.FILE_GONE) from error
