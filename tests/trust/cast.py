"""Everyone who may knock at a door: nobody, a citizen, and officers of the own, a neighbour, a parent and a foreign unit."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import text

from mattranso_app.core import db
from mattranso_app.core.access import ANONYMOUS, SYSTEM, Actor
from mattranso_app.core.clock import now
from mattranso_app.identity import service
from mattranso_app.identity.cookies import SESSION, cookie_name
from mattranso_app.identity.service import sessions
from mattranso_app.units import history
from tests.identity.factories import make_units

OFFICERS = {
    "own reader": ("19774", "reader", "mttq"),
    "own handler": ("19774", "handler", "mttq"),
    "own approver": ("19774", "approver", "mttq"),
    "own administrator": ("19774", "administrator", "mttq"),
    "own handler of the union": ("19774", "handler", "cong_doan"),
    "own administrator of the union": ("19774", "administrator", "cong_doan"),
    "neighbour handler": ("19789", "handler", "mttq"),
    "neighbour approver": ("19789", "approver", "mttq"),
    "parent reader": ("46", "reader", "mttq"),
    "parent handler": ("46", "handler", "mttq"),
    "parent approver": ("46", "approver", "mttq"),
    "parent administrator": ("46", "administrator", "mttq"),
    "central handler": ("vn", "handler", "mttq"),
    "central administrator": ("vn", "administrator", "mttq"),
    "stranger handler": ("48", "handler", "mttq"),
    "stranger approver": ("20194", "approver", "mttq"),
    "stranger administrator": ("48", "administrator", "mttq"),
}
"""Name → unit, role, organisation. "Own" is the ward the petitions of these tests go to."""

EVERYONE = ("nobody", "citizen", *OFFICERS)


@dataclass
class Cast:
    """The people of these tests with a session each."""

    units: dict[str, int]
    people: dict[str, UUID] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def cookies(self, name: str) -> dict[str, str]:
        """Return the cookies of somebody's browser."""
        return {cookie_name(SESSION): self.tokens[name]} if name in self.tokens else {}

    async def actor(self, name: str) -> Actor:
        """Return the actor the platform sees behind somebody's session."""
        if name == "nobody":
            return ANONYMOUS
        found = await service.authenticate(self.tokens[name], "10.0.0.1")
        assert found is not None, f"the session of {name} has ended"
        return found.actor

    async def sign_in(self, name: str) -> str:
        """Open another session for somebody; return its token. The one in `tokens` lives on."""
        kind = "citizen" if name == "citizen" else "officer"
        async with db.transaction() as session:
            _, token = await sessions.open_session(session, self.people[name], kind, "10.0.0.1", "thử", None, ["pwd"])
        return token

    async def sign_everyone_in(self) -> None:
        """Give everyone a fresh session."""
        for name in self.people:
            self.tokens[name] = await self.sign_in(name)


async def make_cast() -> Cast:
    """Make the units and everyone in them."""
    cast = Cast(await make_units())
    async with db.transaction() as session:
        await history.write(session, list(cast.units.values()), date(2025, 7, 1), "thử")
    for number, (name, (unit, role, organisation)) in enumerate(OFFICERS.items()):
        made = await service.create_officer(
            SYSTEM, user_name=f"dien.vien{number}", name=name, unit_id=cast.units[unit], role=role, organisation=organisation
        )
        cast.people[name] = made.person_id
    cast.people["citizen"] = uuid4()
    async with db.transaction() as session:
        await session.execute(
            text("INSERT INTO person (id, kind, phone_cipher, phone_hash, created_at) VALUES (:id, 'citizen', '', '', :at)"),
            {"id": cast.people["citizen"], "at": now()},
        )
    await cast.sign_everyone_in()
    return cast
