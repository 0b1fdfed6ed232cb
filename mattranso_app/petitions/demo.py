"""Demonstration petitions: invented, marked as such, all over the country and a desk's worth in one commune."""

from __future__ import annotations

import asyncio
import random

from mattranso_app.core.access import SYSTEM
from mattranso_app.core.db import reading
from mattranso_app.core.secrets import new_token
from mattranso_app.core.sql import sql
from mattranso_app.petitions import load
from mattranso_app.petitions.models import Channel
from mattranso_app.petitions.samples import make_sample
from mattranso_app.petitions.service import submit_petition
from mattranso_app.petitions.submission import Submission
from mattranso_app.units import service as units

COMMUNE = "phường phú xuân huế"
"""The commune of the demonstration accounts, as a person would look it up."""
EVERYWHERE = 400
AT_THE_DESK = 14


async def seed_demo(owner_url: str) -> bool:
    """Fill an empty table of petitions; return whether anything was made.

    Args:
        owner_url: the database as its owner, for the invented history.
    """
    async with reading() as session:
        if (await session.execute(sql("SELECT EXISTS (SELECT FROM petition)"))).scalar_one():
            return False
    await asyncio.to_thread(load.seed_petitions, owner_url, EVERYWHERE, seed=1)
    commune = (await units.lookup(COMMUNE, limit=1))[0]
    chance = random.Random(2)  # noqa: S311 - nothing secret is drawn
    for _ in range(AT_THE_DESK):
        sample = make_sample(chance)
        submission = Submission(
            kind=sample.kind, title=sample.title, body=sample.body, place=sample.place, unit=commune.unit.code, channel=Channel.DEMO
        )
        await submit_petition(SYSTEM, new_token(128), submission, is_sample=True)
    return True
