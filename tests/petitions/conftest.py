"""Fixtures of the room."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mattranso_app import rooms
from mattranso_app.core import live
from tests.petitions.factories import People, make_country, make_people


@pytest.fixture(scope="session", autouse=True)
def _rooms() -> None:
    """Routes, topics, readers of files and followers are registered, as in the running house."""
    rooms.register()


@pytest.fixture
async def country(db: str) -> AsyncIterator[dict[str, int]]:
    """Ids of a small country's units by code."""
    yield await make_country()
    await live.stop()


@pytest.fixture
def people(country: dict[str, int]) -> People:
    """Officers and a citizen of that country."""
    return make_people(country)
