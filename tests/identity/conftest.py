"""Fixtures of the room."""

from __future__ import annotations

import pytest

from tests.identity.factories import make_units


@pytest.fixture
async def units(db: str) -> dict[str, int]:
    """Ids of a small country's units by code."""
    return await make_units()

