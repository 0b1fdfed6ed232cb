"""The port to the population register: one question, one reply, bounded in time. The settings say which register it is.

Who connects a real register writes a module with an async `answer(question) -> Reply`, and names it in `_REGISTERS`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from importlib import import_module
from typing import Literal

from mattranso_app.settings import settings

Field = Literal["name", "birth_year"]
Fields = frozenset[Field]
ASKED: Fields = frozenset(("name", "birth_year"))

_REGISTERS = {"simulator": "mattranso_app.identity.population.simulator"}


class Unreachable(Exception):
    """The register is down, slow, or answers what it cannot mean; the message is for our log, without personal data."""


@dataclass(frozen=True, slots=True)
class Question:
    """Whether these data are one person's. Never printed: the identity number must not reach a log.

    Attributes:
        number: the twelve digits of the identity number.
        name: full name.
        birth_year: e.g. 1990.
        purpose: why it is asked, as the register wants to know.
    """

    number: str = field(repr=False)
    name: str = field(repr=False)
    birth_year: int = field(repr=False)
    purpose: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What the register says.

    Attributes:
        matched: the fields that are as the register has them.
        reference: its own number of this question, at most 100 characters.
    """

    matched: Fields
    reference: str


def is_there() -> bool:
    """Return whether there is a register to ask."""
    return settings().population_register in _REGISTERS


async def confirm(question: Question) -> Reply:
    """Ask the register.

    Raises:
        Unreachable: there is none, or it does not answer in time or not sensibly.
    """
    name = _REGISTERS.get(settings().population_register)
    if name is None:
        raise Unreachable("no register")
    try:
        async with asyncio.timeout(settings().population_patience):
            reply = await import_module(name).answer(question)
    except TimeoutError as error:
        raise Unreachable("too slow") from error
    except Exception as error:  # whatever a register's own code trips over, to us it has not answered
        raise Unreachable(type(error).__name__) from error
    if not isinstance(reply, Reply) or not reply.matched <= ASKED or len(reply.reference) > 100:
        raise Unreachable("no sensible answer")
    return reply
