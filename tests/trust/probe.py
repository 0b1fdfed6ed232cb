"""Handlers of the kinds the platform may get one day: one in the background, and one that sends the tab on to another."""

from __future__ import annotations

import reflex as rx

from mattranso_app.core.access import Action, current_actor, needs, public


class ProbeState(rx.State):
    """Imported before the app is made, so that the guard learns its handlers like all others."""

    seen: str = ""
    later: str = ""

    @rx.event
    @public
    async def chain(self):
        """Go on to a guarded handler, as a handler of ours might by mistake."""
        return ProbeState.guarded

    @rx.event
    @needs(Action.PETITION_READ)
    async def guarded(self) -> None:
        """Say who came."""
        self.seen = current_actor().name

    @rx.event(background=True)
    @needs(Action.PETITION_READ)
    async def in_background(self) -> None:
        """Say who came, from a task of its own."""
        async with self:
            self.later = current_actor().name
