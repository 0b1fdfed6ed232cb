"""Following by receipt: the receipt comes in an event's payload and is not kept."""

from __future__ import annotations

from typing import Any

import reflex as rx
from pydantic import BaseModel, Field

from mattranso_app.core.access import current_actor, public
from mattranso_app.core.errors import DomainError
from mattranso_app.core.http import validated
from mattranso_app.petitions import service, words


class FollowForm(BaseModel):
    """The form as it is sent."""

    receipt: str = Field(max_length=100)


class FollowState(rx.State):
    """What a receipt has opened in this tab."""

    number: str = ""
    status: str = ""
    title: str = ""
    body: str = ""
    unit: str = ""
    sent: str = ""
    due: str = ""
    answer: str = ""
    problem: str = ""

    @rx.event
    @public
    async def follow(self, form: dict[str, Any]) -> None:
        """Open the petition of the receipt in `form`."""
        self.problem, self.number = "", ""
        try:
            found = await service.follow(current_actor(), validated(FollowForm, form).receipt)
        except DomainError as error:
            self.problem = error.text
            return
        seen = found.public
        self.status = words.status(seen.state, seen.outcome)[0]
        self.title, self.body, self.unit = found.title, found.body, words.unit_words(seen.unit)
        self.sent = words.moment(seen.created_at)
        self.due = words.day_of(seen.deadline.due_at) if seen.answered_at is None else ""
        self.answer = found.answer.body if found.answer else ""
        self.number = seen.number
