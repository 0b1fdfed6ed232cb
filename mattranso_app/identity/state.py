"""States of the sign-in and account pages: thin, and nothing secret in them."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

import reflex as rx

from mattranso_app.core import notify
from mattranso_app.core.access import Action, Actor, current_actor, may, may_somewhere, needs, public
from mattranso_app.core.clock import VN
from mattranso_app.core.errors import NotFound
from mattranso_app.identity import population, service, text
from mattranso_app.identity.agents import agent_words
from mattranso_app.identity.outside.providers import providers
from mattranso_app.identity.outside.remote import is_resting
from mattranso_app.identity.outside.text import RESTING, SIGN_IN_WITH
from mattranso_app.identity.population import text as population_text
from mattranso_app.identity.population.service import own_standing
from mattranso_app.identity.visit import safe_next
from mattranso_app.settings import settings
from mattranso_app.units import service as units


class SignInState(rx.State):
    """What went wrong with the form that led back to this page."""

    fault: str = ""
    is_demo: bool = False
    outside: list[dict[str, str]] = []

    @rx.event
    @public
    async def load(self) -> None:
        """Put the fault's code of the address into words; its fragment says which form it was."""
        code = str(dict(self.router.url.query_parameters).get("loi", ""))
        place = str(self.router.url.fragment)
        self.fault = (text.FAULTS.get(place) or text.FAULTS.get(code, "")) if code else ""
        self.is_demo = settings().is_demo
        following = safe_next(dict(self.router.url.query_parameters).get("tiep", ""))
        query = f"?{urlencode({'tiep': following})}" if following else ""
        self.outside = [
            {
                "address": "" if is_resting(provider) else f"/dang-nhap/{provider.name}{query}",
                "words": (RESTING if is_resting(provider) else SIGN_IN_WITH).format(label=provider.label),
            }
            for provider in providers()
        ]


class AccountState(rx.State):
    """Who is signed in, with the own sessions."""

    loaded: bool = False
    name: str = ""
    unit: str = ""
    is_officer: bool = False
    can_handle: bool = False
    is_administrator: bool = False
    manages_applications: bool = False
    answers_requests: bool = False
    without_roles: str = ""
    confirmed_words: str = ""
    done: str = ""
    sessions: list[dict[str, str]] = []

    @rx.event
    @needs(Action.ACCOUNT_OWN)
    async def load(self) -> None:
        """Read the account and its sessions."""
        actor = current_actor()
        self.name = actor.name or text.CITIZEN
        self.is_officer, self.done = actor.kind == "officer", ""
        self.can_handle = may(actor, Action.PETITION_READ)
        self.is_administrator = may_somewhere(actor, Action.STAFF_MANAGE)
        self.answers_requests = may(actor, Action.DATA_REQUESTS)
        self.manages_applications = may_somewhere(actor, Action.APPLICATION_MANAGE)
        self.unit = (await units.get_unit(actor.unit_id)).name if actor.unit_id else ""
        self.confirmed_words = await _confirmed_words(actor)
        self.without_roles = await service.why_without_roles(actor)
        rows = await service.list_sessions(actor)
        self.sessions = [
            {
                "id": str(row.id), "agent": agent_words(row.agent or ""), "current": "1" if row.id == actor.session_id else "",
                "about": f"{row.address} · {row.last_seen_at.astimezone(VN):%d/%m/%Y, %H:%M}",
            }
            for row in rows[:50]
        ]
        self.loaded = True

    @rx.event
    @needs(Action.ACCOUNT_OWN)
    async def end(self, session_id: str) -> None:
        """End one of the own sessions."""
        try:
            wanted = UUID(session_id)
        except ValueError as error:
            raise NotFound(text.UNKNOWN_SESSION) from error
        await service.end_session(current_actor(), wanted)
        self.sessions = [item for item in self.sessions if item["id"] != session_id]
        self.done = text.SESSION_ENDED

    @rx.event
    @needs(Action.ACCOUNT_OWN)
    async def end_others(self) -> None:
        """End every own session but this one."""
        await service.end_all_others(current_actor())
        self.sessions = [item for item in self.sessions if item["current"]]
        self.done = text.OTHERS_ENDED


async def _confirmed_words(actor: Actor) -> str:
    """Return how a citizen's data stand with the population register; empty where that does not apply."""
    if actor.kind != "citizen" or not population.is_there():
        return ""
    at = (await own_standing(actor)).confirmed_at
    return population_text.CONFIRMED.format(day=f"{at.astimezone(VN):{population_text.DAY}}") if at else population_text.TITLE


class MessagesState(rx.State):
    """Messages of the demonstration's gateway; in production there are none and nobody may ask."""

    messages: list[dict[str, str]] = []

    @rx.event
    @public
    async def load(self) -> None:
        """Read the latest messages.

        Raises:
            NotFound: this is no demonstration.
        """
        if not settings().is_demo:
            raise NotFound()
        self.messages = [
            {"to": item.to, "at": f"{item.at.astimezone(VN):%H:%M:%S}", "text": item.text} for item in await notify.demo_messages(20)
        ]
