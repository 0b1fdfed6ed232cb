"""Somebody's authenticator app in the tests: sets itself up, and shows the code of any moment."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyotp

from mattranso_app.core import clock
from mattranso_app.core.access import Actor
from mattranso_app.identity import service
from mattranso_app.identity.service import SecondStep, SignedIn, Visit
from tests.identity.factories import PASSWORD


class App:
    """An app with one secret."""

    def __init__(self, secret: str) -> None:
        self.made = pyotp.TOTP(secret)

    def code(self, off: float = 0) -> str:
        """Return the code a telephone shows whose clock is `off` seconds ahead."""
        return self.made.at(clock.now() + timedelta(seconds=off))


def wait(seconds: float) -> datetime:
    """Let the (held) clock go on."""
    moment = clock.now() + timedelta(seconds=seconds)
    clock.freeze(moment)
    return moment


async def enrol(actor: Actor) -> tuple[App, str, tuple[str, ...]]:
    """Set an app up for who is signed in; return it, the session's new token and the recovery codes. A minute passes."""
    app = App((await service.begin_totp(actor)).secret)
    made = await service.confirm_totp(actor, app.code())
    wait(60)
    return app, made.token, made.codes


async def first_step(user_name: str, visit: Visit | None = None) -> str:
    """Give the password; return the half-open sign-in's token."""
    waiting = await service.sign_in_with_password(user_name, PASSWORD, visit or Visit(address="10.0.0.1"))
    assert isinstance(waiting, SecondStep)
    return waiting.token


async def actor_of(signed: SignedIn | str) -> Actor:
    """Return who is behind a session."""
    found = await service.authenticate(signed if isinstance(signed, str) else signed.token, "10.0.0.1")
    assert found is not None
    return found.actor
