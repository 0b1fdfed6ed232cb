"""What the screens about officers share: an act is one verb, and its outcome is said on top of the page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from uuid import UUID

import reflex as rx

from mattranso_app.core.clock import VN
from mattranso_app.core.errors import DomainError, NotFound, ProofRequired
from mattranso_app.identity import text


class Acting(rx.State, mixin=True):
    """The outcome of the last act. A state that is mixed with it says in `_refresh` how it reads its rows again."""

    problem: str = ""
    errors: list[tuple[str, str]] = []
    done: str = ""
    needs_proof: bool = False
    loaded: bool = False

    def _clear(self) -> None:
        self.problem, self.errors, self.done, self.needs_proof = "", [], "", False

    async def _refresh(self) -> None:
        raise NotImplementedError

    async def _act(self, verb: Callable[[], Awaitable[object]], done: str) -> None:
        """Do one act; a refusal is told and nothing is drawn anew."""
        self._clear()
        try:
            await verb()
            await self._refresh()
        except ProofRequired:
            self.needs_proof = True
            return
        except DomainError as error:
            self.errors = list(error.fields.items())
            self.problem = "" if self.errors else error.text
            return
        self.done = done

    async def _show(self) -> None:
        """Read the page for the first time."""
        self._clear()
        try:
            await self._refresh()
        except DomainError as error:
            self.problem = error.text
        self.loaded = True


def person_id(value: str) -> UUID:
    """Return the id of a person as an address or a form holds it.

    Raises:
        NotFound: it is none.
    """
    try:
        return UUID(value)
    except ValueError as error:
        raise NotFound(text.UNKNOWN_PERSON) from error


def day_words(moment: datetime) -> str:
    """Return the day of a moment as people in Viet Nam write it."""
    return f"{moment.astimezone(VN):%d/%m/%Y}"


def last_day_words(end: datetime) -> str:
    """Return the last whole or begun day before a moment at which something is over."""
    return day_words(end - timedelta(seconds=1))


def typed_day(value: str) -> date | None:
    """Return the day a date field sends, None when it is none."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
