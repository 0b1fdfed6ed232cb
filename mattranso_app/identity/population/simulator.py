"""A stand-in for the population register on a demonstration machine and in tests. By setting it is right, slow, wrong or down."""

from __future__ import annotations

import asyncio
from typing import Any

from mattranso_app.core import secrets
from mattranso_app.core.text.folding import fold
from mattranso_app.identity.population.port import Question, Reply
from mattranso_app.settings import settings

PEOPLE = {
    "999190000001": ("Nguyễn Thị Minh", 1990),
    "999085000002": ("Trần Văn Bình", 1985),
    "999201000003": ("Lê Thu Hà", 2001),
}
"""Identity number → name and year of birth; numbers of no province's form, so that they are nobody's."""
SLOW_SECONDS = 60.0


async def answer(question: Question) -> Reply:
    """Answer as the register would, or as one that has a bad day.

    Raises:
        ConnectionRefusedError: it is down.
    """
    mood = settings().population_simulator
    if mood == "down":
        raise ConnectionRefusedError
    if mood == "slow":
        await asyncio.sleep(SLOW_SECONDS)
    if mood == "wrong":
        nonsense: Any = {"name", "birth_year", "số khác"}
        return Reply(frozenset(nonsense), "x" * 1_000)
    name, birth_year = PEOPLE.get(question.number, ("", 0))
    matched: set[Any] = set()
    if name and fold(question.name) == fold(name) and question.name.casefold() == name.casefold():
        matched.add("name")
    if birth_year == question.birth_year:
        matched.add("birth_year")
    return Reply(frozenset(matched), f"MP-{secrets.new_token(64)}")
