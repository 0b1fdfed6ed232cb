"""State of the staff screen: one page of officers and the one being looked at. Codes are shown once and never kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import reflex as rx
from pydantic import BaseModel, Field

from mattranso_app.core.access import Action, current_actor, needs
from mattranso_app.core.errors import DomainError, NotFound, ProofRequired
from mattranso_app.core.http import validated
from mattranso_app.identity import service, text
from mattranso_app.identity.officers.lending_state import lent_words
from mattranso_app.identity.officers.store import Delegation
from mattranso_app.identity.store import PAGE, Officer
from mattranso_app.units import service as units

ORGANISATION = "mttq"


class NewStaff(BaseModel):
    """A new officer as an administrator enters one."""

    user_name: str = Field(default="", max_length=100)
    name: str = Field(default="", max_length=300)
    role: str = Field(default="", max_length=20)
    unit: str = Field(default="", max_length=20)
    organisation: str = Field(default=ORGANISATION, max_length=20)


class NewRole(BaseModel):
    """A role to be given; without a unit, on the officer's own one."""

    person: str = Field(default="", max_length=40)
    role: str = Field(default="", max_length=20)
    unit: str = Field(default="", max_length=20)


class StaffState(rx.State):
    """Officers of the units somebody administers."""

    organisation: str = ORGANISATION
    organisations: list[tuple[str, str]] = []
    unit_name: str = ""
    items: list[dict[str, Any]] = []
    query: str = ""
    next_after: str = ""
    is_first_page: bool = True
    _after: str = ""
    loaded: bool = False
    problem: str = ""
    errors: list[tuple[str, str]] = []
    done: str = ""
    needs_proof: bool = False
    code: str = ""
    code_for: str = ""

    @rx.event
    @needs(Action.STAFF_MANAGE)
    async def load(self) -> None:
        """Read the page of officers the address asks for; safe to run again."""
        asked = dict(self.router.url.query_parameters)
        actor = current_actor()
        held = {grant.organisation for grant in actor.grants if grant.role == "administrator"}
        self.organisations = [(code, name) for code, name in text.ORGANISATIONS.items() if code in held]
        wanted = asked.get("to-chuc", "")
        self.organisation = wanted if wanted in held else next(iter(sorted(held)), ORGANISATION)
        self.query = asked.get("tim", "")[:60]
        self.unit_name = (await units.get_unit(actor.unit_id)).name if actor.unit_id else ""
        self.code, self.code_for, self.done, self.errors = "", "", "", []
        await self._fill(asked.get("sau", "")[:60])
        self.loaded = True

    @rx.event
    @needs(Action.STAFF_MANAGE)
    async def look_again(self) -> None:
        """Read the page again after an import."""
        await self._fill(self._after)

    @rx.event
    @needs(Action.STAFF_MANAGE)
    async def add(self, form: dict[str, Any]) -> None:
        """Create an officer with a first role; the one-time code is shown once."""
        async def act() -> None:
            wanted = validated(NewStaff, form)
            unit = await units.get_unit_by_code(wanted.unit) if wanted.unit else None
            made = await service.create_officer(
                current_actor(), user_name=wanted.user_name, name=wanted.name, role=wanted.role, organisation=self.organisation,
                unit_id=unit.id if unit else current_actor().unit_id or 0,
            )
            self.code, self.code_for = made.code, made.user_name

        await self._act(act, text.STAFF_ADDED)

    @rx.event
    @needs(Action.STAFF_MANAGE)
    async def give_code(self, person_id: str) -> None:
        """Make a new one-time code; shown once, the old password ends with its use."""
        async def act() -> None:
            self.code = await service.issue_password_code(current_actor(), _uuid(person_id))
            self.code_for = next((str(item["user_name"]) for item in self.items if item["id"] == person_id), "")

        await self._act(act, text.CODE_MADE)

    @rx.event
    @needs(Action.STAFF_MANAGE)
    async def reset_factors(self, person_id: str) -> None:
        """Remove the second factors of an officer who has come in person; his sessions end."""
        await self._act(lambda: service.reset_factors(current_actor(), _uuid(person_id)), text.FACTORS_RESET)

    @rx.event
    @needs(Action.STAFF_MANAGE)
    async def disable(self, person_id: str) -> None:
        """Disable an account: its sessions and sockets end at once."""
        await self._act(lambda: service.disable_person(current_actor(), _uuid(person_id)), text.STAFF_DISABLED)

    @rx.event
    @needs(Action.STAFF_MANAGE)
    async def enable(self, person_id: str) -> None:
        """Enable a disabled account."""
        await self._act(lambda: service.enable_person(current_actor(), _uuid(person_id)), text.STAFF_ENABLED)

    @rx.event
    @needs(Action.STAFF_MANAGE)
    async def grant(self, form: dict[str, Any]) -> None:
        """Give a role on a unit and all below it."""
        async def act() -> None:
            wanted = validated(NewRole, form)
            person = _uuid(wanted.person)
            home = next((item["unit_code"] for item in self.items if item["id"] == wanted.person), "")
            unit = await units.get_unit_by_code(wanted.unit or str(home))
            await service.grant_role(current_actor(), person, role=wanted.role, unit_id=unit.id, organisation=self.organisation)

        await self._act(act, text.ROLE_GIVEN)

    @rx.event
    @needs(Action.STAFF_MANAGE)
    async def revoke(self, grant_id: int) -> None:
        """Take a role away."""
        async def act() -> None:
            await service.revoke_role(current_actor(), grant_id)

        await self._act(act, text.ROLE_TAKEN)

    async def _act(self, verb: Any, done: str) -> None:
        self.problem, self.done, self.errors, self.code, self.code_for, self.needs_proof = "", "", [], "", "", False
        try:
            await verb()
        except ProofRequired:
            self.needs_proof = True
            return
        except DomainError as error:
            self.errors = list(error.fields.items())
            self.problem = "" if self.errors else error.text
            return
        self.done = done
        await self._fill(self._after)

    async def _fill(self, after: str) -> None:
        try:
            rows = await service.list_officers(current_actor(), organisation=self.organisation, after=after, query=self.query)
            people = [row.person_id for row in rows]
            loans = await service.list_delegations(current_actor(), people, self.organisation)
        except DomainError as error:
            self.problem = error.text
            return
        self._after, self.is_first_page = after, not after
        me = str(current_actor().person_id)
        self.items = [_line(row, me, loans) for row in rows]
        self.next_after = rows[-1].user_name if len(rows) == PAGE else ""


def _line(row: Officer, me: str, loans: Sequence[Delegation] = ()) -> dict[str, Any]:
    """Return an officer for the screen, with what of `loans` he lends or is lent."""
    if row.disabled:
        status, kind = text.STATUS_DISABLED, "late"
    elif row.has_password and not row.grants:
        status, kind = text.STATUS_NO_ROLE, "wait"
    elif row.has_password:
        status, kind = text.STATUS_ACTIVE, "ok"
    else:
        status, kind = text.STATUS_WAITING, "wait"
    return {
        "id": str(row.person_id), "name": row.display_name, "user_name": row.user_name, "unit": row.unit_name,
        "unit_code": row.unit_path.split("/")[-2], "status": status, "status_kind": kind, "disabled": row.disabled,
        "is_me": str(row.person_id) == me,
        "loans": [lent_words(loan) for loan in loans if row.person_id in (loan.delegator_id, loan.person_id)],
        "roles": [
            {"id": grant.id, "words": f"{text.ROLES[grant.role]} · {grant.unit_name}"} for grant in row.grants
        ],
    }


def _uuid(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError as error:
        raise NotFound(text.UNKNOWN_PERSON) from error
