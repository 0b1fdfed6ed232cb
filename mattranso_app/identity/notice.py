"""One plain sentence for the person, on whatever page is open: what an event was refused for, and what to do."""

from __future__ import annotations

import reflex as rx

from mattranso_app.core.access import public


class NoticeState(rx.State):
    """The notice of this tab. The page's shell shows `text` in a live region; `serial` tells two equal ones apart."""

    text: str = ""
    serial: int = 0

    @rx.event
    @public
    async def show(self, text: str) -> None:
        """Show a sentence; the guard queues this."""
        self.text = text[:500]
        self.serial += 1

    @rx.event
    @public
    async def dismiss(self) -> None:
        """Put the notice away."""
        self.text = ""
